#include "base/text.h"

#include "base/buffer.h"
#include "check.h"

static void escapes_to(const char *bytes, size_t len, const char *want)
{
	struct scl_buffer b = {0};
	scl_text_append(&b, bytes, len);
	CHECK_STR(scl_buffer_str(&b), want);
	scl_buffer_destroy(&b);
}
#define ESCAPES(bytes, want) escapes_to(bytes, sizeof(bytes) - 1, want)

static void plain_text_is_left_alone(void)
{
	ESCAPES("", "");
	ESCAPES("def f(a, b): \\ ~", "def f(a, b): \\ ~");
	ESCAPES("gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\x8d e\xcc\x81",
		"gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\x8d e\xcc\x81");
}

static void controls_are_escaped(void)
{
	ESCAPES("\x1b[31mred\x07\r\n\t\x7f", "\\x1b[31mred\\x07\\x0d\\n\\t\\x7f");
	ESCAPES("a\0b", "a\\x00b");
	ESCAPES("\xc2\x9b"
		"0m",
		"\\x9b0m");
	ESCAPES("\xe2\x80\xae"
		"evil\xe2\x81\xa9",
		"\\u202eevil\\u2069");
}

static void marks_that_deceive_are_escaped(void)
{
	ESCAPES("\xd8\x9c", "\\u061c");
	ESCAPES("a\xe2\x80\x8b"
		"b",
		"a\\u200bb");
	ESCAPES("\xe2\x81\xa0\xe2\x81\xa1\xe2\x81\xa5", "\\u2060\\u2061\\u2065");
	ESCAPES("\xef\xbb\xbf", "\\ufeff");
	ESCAPES("\xf3\xa0\x80\x80\xf3\xa0\x81\x81\xf3\xa0\x81\xbf", "\\U000e0000\\U000e0041\\U000e007f");
	/* Persian "I want" is written with U+200C, the emoji of a woman at a computer with U+200D. */
	ESCAPES("\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae");
	ESCAPES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
}

static bool is_beyond_latin1(uint32_t c)
{
	return c > 0xff || c == '<';
}

static void json_is_escaped_as_told(void)
{
	struct scl_buffer b = {0};
	scl_text_put_json(&b, "{\"a\n<\": \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbb\xff\"}", is_beyond_latin1);
	CHECK_STR(scl_buffer_str(&b), "{\"a\n\\u003c\": \"\xc3\xa9\\u20ac\\ud83d\\udcbb\\\\xff\"}");
	scl_buffer_destroy(&b);
}

static void nothing_that_leaves_is_a_control(void)
{
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			char in[3] = {(char)first, (char)second, (char)0x80};
			struct scl_buffer b = {0};
			scl_text_append(&b, in, sizeof(in));
			uint32_t c = 0;
			for (size_t i = 0, n; i < b.len; i += n) {
				n = scl_text_decode(b.data + i, b.len - i, &c);
				if (!n || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
					CHECK_FAIL("%02x %02x 80 leaves a control", first, second);
					break;
				}
			}
			scl_buffer_destroy(&b);
		}
	}
}

static void bad_utf8_is_shown_byte_by_byte(void)
{
	ESCAPES("\xff\xfe", "\\xff\\xfe");
	ESCAPES("\xc0\xaf", "\\xc0\\xaf");	    /* overlong slash */
	ESCAPES("\xe0\x80\xaf", "\\xe0\\x80\\xaf"); /* overlong in three */
	ESCAPES("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	ESCAPES("x\xe6\x97", "x\\xe6\\x97"); /* torn at the end */
	ESCAPES("\xe6\x97x", "\\xe6\\x97x");
	ESCAPES("\xed\xb2\x80!", "\\udc80!"); /* a lone surrogate, as surrogateescape leaves it */
	ESCAPES("\xed\xa0", "\\xed\\xa0");
}

static void null_is_a_question_mark(void)
{
	struct scl_buffer b = {0};
	scl_text_puts(&b, NULL);
	scl_text_puts(&b, "a\x01");
	CHECK_STR(scl_buffer_str(&b), "?a\\x01");
	scl_buffer_destroy(&b);
}

static void every_codepoint_survives_the_round_trip(void)
{
	struct scl_buffer b = {0};
	for (uint32_t c = 1; c < 0x110400; c += c < 0x11000 ? 1 : 251) {
		scl_buffer_clear(&b);
		scl_text_put_codepoint(&b, c);
		uint32_t got = 0, want = c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
		if (scl_text_decode(b.data, b.len, &got) != b.len || got != want)
			CHECK_FAIL("U+%04X became U+%04X", c, got);
		/* Each of its prefixes is too short. */
		for (size_t n = 0; n < b.len; n++)
			if (scl_text_decode(b.data, n, &got))
				CHECK_FAIL("U+%04X is accepted in %zu bytes", c, n);
	}
	scl_buffer_destroy(&b);
}

static void columns_follow_unicode(void)
{
	static const struct {
		const char *text;
		size_t columns;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"e\xcc\x81", 1},		 /* e and a combining acute */
		{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two ideographs */
		{"\xef\xbc\xa1", 2},		 /* fullwidth A */
		{"\xed\x95\x9c", 2},		 /* a Hangul syllable */
		{"\xf0\x9f\x90\x8d", 2},	 /* snake */
		{"a\xe2\x80\x8d"
		 "b",
		 2}, /* zero width joiner */
		{"\xc3\xa9\xe2\x80\xa6", 2},
		{"\xf0\xa0\x80\x80", 2}, /* plane 2 */
		{"\xed\x9e\xb0", 0},	 /* a Hangul vowel that joins the syllable before it */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		check_case = cases[i].text;
		CHECK_INT(scl_text_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns);
	}
	check_case = "";
}

static void cuts_to(const char *s, size_t columns, const char *want)
{
	struct scl_buffer b = {0};
	scl_text_put_cut(&b, s, columns);
	CHECK_STR(scl_buffer_str(&b), want);
	scl_buffer_destroy(&b);
}

static void cut_text_ends_in_an_ellipsis(void)
{
	cuts_to("abcdef", 6, "abcdef");
	cuts_to("abcdef", 5, "abcd\xe2\x80\xa6");
	cuts_to("abcdef", 1, "\xe2\x80\xa6");
	cuts_to("abcdef", 0, "");
	cuts_to("", 0, "");
	cuts_to("\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac");
	cuts_to("\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6");
	cuts_to("\xe6\x97\xa5\xe6\x9c\xac", 2, "\xe2\x80\xa6"); /* a wide one is not halved */
	cuts_to("e\xcc\x81xyz", 2, "e\xcc\x81\xe2\x80\xa6");	/* marks stay with their letter */
}

int main(void)
{
	RUN(plain_text_is_left_alone);
	RUN(controls_are_escaped);
	RUN(marks_that_deceive_are_escaped);
	RUN(json_is_escaped_as_told);
	RUN(nothing_that_leaves_is_a_control);
	RUN(bad_utf8_is_shown_byte_by_byte);
	RUN(null_is_a_question_mark);
	RUN(every_codepoint_survives_the_round_trip);
	RUN(columns_follow_unicode);
	RUN(cut_text_ends_in_an_ellipsis);
	return check_finish();
}
