#include "base/text.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"

/* The range of the second byte narrows by the first: Unicode 15, table 3-7, "well-formed UTF-8 byte sequences". */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return second >= low && second <= high;
}

size_t scl_text_decode(const char *s, size_t len, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)s;
	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len < n || !second_byte_fits(p[0], p[1]))
		return 0;
	uint32_t value = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3fu);
	}
	*c = value;
	return n;
}

/* A surrogate in the three bytes that UTF-8 forbids for it, as os.fsdecode and json can leave behind (PEP 383). */
static bool decode_surrogate(const char *s, size_t len, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)s;
	if (len < 3 || p[0] != 0xed || p[1] < 0xa0 || p[1] > 0xbf || (p[2] & 0xc0) != 0x80)
		return false;
	*c = 0xd000u | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	return true;
}

/*
 * Marks that reorder, end lines or hide text: bidirectional controls (UAX #9), line separators, tags, and what has no
 * width and no meaning in a name, so that two names look alike. U+200C and U+200D, which have no width either, are left:
 * Persian, the Indic scripts and emoji are misspelt without them (Unicode 15, 23.2, "Cursive Connection and Ligatures").
 */
static bool is_deceptive(uint32_t c)
{
	return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

bool scl_text_is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || is_deceptive(c);
}

static void append_escaped(struct scl_buffer *b, uint32_t c)
{
	if (c == '\n')
		scl_buffer_puts(b, "\\n");
	else if (c == '\t')
		scl_buffer_puts(b, "\\t");
	else
		scl_buffer_printf(b, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
}

void scl_text_append(struct scl_buffer *b, const char *s, size_t len)
{
	size_t plain = 0; /* start of what is not written yet and needs no escape */
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = scl_text_decode(s + i, len - i, &c);
		if (n && !scl_text_is_harmful(c)) {
			i += n;
			continue;
		}
		scl_buffer_append(b, s + plain, i - plain);
		if (!n) {
			n = decode_surrogate(s + i, len - i, &c) ? 3 : 1;
			if (n == 1)
				c = (unsigned char)s[i];
		}
		append_escaped(b, c);
		i += n;
		plain = i;
	}
	scl_buffer_append(b, s + plain, len - plain);
}

void scl_text_puts(struct scl_buffer *b, const char *s)
{
	if (!s)
		s = "?";
	scl_text_append(b, s, strlen(s));
}

void scl_text_put_codepoint(struct scl_buffer *b, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		scl_buffer_putc(b, (char)c);
		return;
	}
	char bytes[4];
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)((0xf00u >> n & 0xffu) | c);
	scl_buffer_append(b, bytes, n);
}

static void append_json_escape(struct scl_buffer *b, uint32_t c)
{
	if (c >= 0x10000) {
		scl_buffer_printf(b, "\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	scl_buffer_printf(b, "\\u%04x", (unsigned)c);
}

void scl_text_put_json(struct scl_buffer *b, const char *json, bool (*escaped)(uint32_t c))
{
	size_t len = strlen(json), plain = 0; /* as in scl_text_append */
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = scl_text_decode(json + i, len - i, &c);
		if (n && !escaped(c)) {
			i += n;
			continue;
		}
		scl_buffer_append(b, json + plain, i - plain);
		if (n)
			append_json_escape(b, c);
		else
			scl_buffer_printf(b, "\\\\x%02x", (unsigned char)json[i]);
		i += n ? n : 1;
		plain = i;
	}
	scl_buffer_append(b, json + plain, len - plain);
}
