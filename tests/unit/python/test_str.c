/* str and bytes objects of every layout: valid of all kinds, torn, and lying. */
#include "objects.h"

static const char *read_str(scl_addr str, size_t cap)
{
	static char buf[SCL_STR_MAX * 4 + 1];
	memset(buf, 'X', sizeof buf);
	err = (struct scl_error){0};
	if (!scl_str_read(&rt, str, buf, cap ? cap : sizeof buf, &err))
		return NULL;
	return buf;
}

static void reads_every_kind(void)
{
	const uint16_t ucs2[] = {0x20ac, 'x', 0x4e2d};
	const uint32_t ucs4[] = {0x1f600, 'y', 0xe9};
	CHECK_STR(read_str(new_ascii("hello"), 0), "hello");
	CHECK_STR(read_str(new_ascii(""), 0), "");
	CHECK_STR(read_str(new_str(1, true, false, "caf\xe9", 4), 0), "caf\xc3\xa9");
	CHECK_STR(read_str(new_str(2, true, false, ucs2, 3), 0), "\xe2\x82\xacx\xe4\xb8\xad");
	CHECK_STR(read_str(new_str(4, true, false, ucs4, 3), 0), "\xf0\x9f\x98\x80y\xc3\xa9");
}

/* Instances of subclasses of str keep their characters elsewhere. */
static void reads_what_is_not_compact(void)
{
	const uint16_t ucs2[] = {0x20ac};
	CHECK_STR(read_str(new_str(1, false, true, "sub", 3), 0), "sub");
	CHECK_STR(read_str(new_str(2, false, false, ucs2, 1), 0), "\xe2\x82\xac");
}

static void replaces_what_is_no_character(void)
{
	const uint16_t surrogates[] = {'a', 0xd800, 0xdfff, 'b', 0};
	const uint32_t beyond[] = {0x110000, 0xffffffff, 'c'};
	CHECK_STR(read_str(new_str(2, true, false, surrogates, 5), 0), "a\xef\xbf\xbd\xef\xbf\xbd"
								       "b\xef\xbf\xbd");
	CHECK_STR(read_str(new_str(4, true, false, beyond, 3), 0), "\xef\xbf\xbd\xef\xbf\xbd"
								   "c");
}

/* os.fsdecode(b"l\xe9t\xe9"), and the two bytes of an e acute in a locale that knows ASCII only. */
static void gives_the_bytes_of_file_names_back(void)
{
	const uint16_t latin1[] = {'l', 0xdce9, 't', 0xdce9}, utf8[] = {0xdcc3, 0xdca9};
	const uint32_t edges[] = {0xdc7f, 0xdc80, 0xdcff, 0xdd00, 0x1f600};
	CHECK_STR(read_str(new_str(2, true, false, latin1, 4), 0), "l\xe9t\xe9");
	CHECK_STR(read_str(new_str(2, true, false, utf8, 2), 0), "\xc3\xa9");
	CHECK_STR(read_str(new_str(4, true, false, edges, 5), 0), "\xef\xbf\xbd\x80\xff\xef\xbf\xbd\xf0\x9f\x98\x80");
}

static void cuts_at_a_character(void)
{
	const uint16_t euros[] = {0x20ac, 0x20ac, 0x20ac};
	scl_addr str = new_str(2, true, false, euros, 3);
	CHECK_STR(read_str(str, 1), "");
	CHECK_STR(read_str(str, 3), "");
	CHECK_STR(read_str(str, 4), "\xe2\x82\xac");
	CHECK_STR(read_str(str, 6), "\xe2\x82\xac");
	CHECK_STR(read_str(str, 7), "\xe2\x82\xac\xe2\x82\xac");
	CHECK_STR(read_str(new_ascii("hello"), 4), "hel");
	char none = 'X';
	CHECK(!scl_str_read(&rt, str, &none, 0, &err));
	CHECK_INT(none, 'X');
}

static void reads_long_ones_in_pieces(void)
{
	enum { N = 5000 };
	uint32_t *chars = calloc(N, sizeof *chars);
	for (size_t i = 0; i < N; i++)
		chars[i] = i == N - 1 ? 0x1f600 : 'a' + (uint32_t)(i % 26);
	const char *text = read_str(new_str(4, true, false, chars, N), 0);
	CHECK(text && strlen(text) == N - 1 + 4);
	CHECK(text && text[1024] == 'a' + 1024 % 26 && text[N - 2] == 'a' + (N - 2) % 26);
	free(chars);
}

/* The length is as it should be and the characters are not there any more. */
static void torn_ones_fail(void)
{
	scl_addr end = HEAP + HEAP_SIZE, str = new_str(1, false, true, "sub", 3);
	put_u64(AT(str, unicode, data), NOWHERE);
	CHECK(!read_str(str, 0));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(!read_str(NOWHERE, 0));
	CHECK(!read_str(end - 8, 0));
	put_u64(AT(str, unicode, data), end - 2);
	CHECK(!read_str(str, 0));
	CHECK_INT(err.code, SCL_EFAULT);
}

static void lying_ones_fail(void)
{
	scl_addr str = new_ascii("hello");
	const uint64_t lengths[] = {UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 62, UINT64_C(1) << 41};
	for (size_t i = 0; i < 4; i++) {
		put_u64(AT(str, unicode, length), lengths[i]);
		CHECK(!read_str(str, 0));
		CHECK_INT(err.code, SCL_ECORRUPT);
		CHECK_CONTAINS(err.text, "length");
	}
	put_u64(AT(str, unicode, length), 5);
	const unsigned kinds[] = {0, 3, 5, 6, 7};
	for (size_t i = 0; i < 5; i++) {
		scl_image_put_u32(image, AT(str, unicode, state), str_state(kinds[i], true, false));
		CHECK(!read_str(str, 0));
		CHECK_INT(err.code, SCL_ECORRUPT);
	}
	scl_image_put_u32(image, AT(str, unicode, state), str_state(2, true, true));
	CHECK(!read_str(str, 0));
	CHECK(!read_str(new_str(1, true, true, "caf\xe9", 4), 0));
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK_CONTAINS(err.text, "ASCII");
}

/* A length that could be, but ends outside of memory: the cap on characters bounds the work. */
static void a_long_lie_is_bounded(void)
{
	scl_addr str = new_ascii("hello");
	struct scl_read_budget before = scl_target_spent(image);
	put_u64(AT(str, unicode, length), UINT64_C(1) << 39);
	CHECK_STR(read_str(str, 6), "hello");
	struct scl_read_budget after = scl_target_spent(image);
	CHECK(after.bytes - before.bytes < 1000);
}

static scl_addr new_bytes(const void *data, size_t n)
{
	scl_addr object = new_object(builtin_type(SCL_TYPE_BYTES, "bytes"), 64 + n);
	put_u64(AT(object, bytes, size), n);
	if (n)
		scl_image_put(image, AT(object, bytes, data), data, n);
	return object;
}

static void reads_bytes(void)
{
	char buf[8] = "XXXXXXX";
	size_t size = 99;
	CHECK(scl_bytes_read(&rt, new_bytes("a\0b", 3), buf, sizeof buf, &size, &err));
	CHECK_INT(size, 3);
	CHECK(memcmp(buf, "a\0bX", 4) == 0);
	CHECK(scl_bytes_read(&rt, new_bytes("0123456789", 10), buf, 4, &size, &err));
	CHECK_INT(size, 10);
	CHECK(memcmp(buf, "0123XXX", 7) == 0);
	CHECK(scl_bytes_read(&rt, new_bytes("", 0), buf, sizeof buf, &size, &err));
	CHECK_INT(size, 0);
}

static void refuses_bytes_that_lie(void)
{
	char buf[8];
	size_t size = 99;
	scl_addr object = new_bytes("abc", 3);
	put_u64(AT(object, bytes, size), UINT64_MAX);
	CHECK(!scl_bytes_read(&rt, object, buf, sizeof buf, &size, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	put_u64(AT(object, bytes, size), UINT64_C(1) << 50);
	CHECK(!scl_bytes_read(&rt, object, buf, sizeof buf, &size, &err));
	CHECK(!scl_bytes_read(&rt, NOWHERE, buf, sizeof buf, &size, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_INT(size, 99);
}

static void knows_types(void)
{
	scl_addr str = new_ascii("x"), type;
	bool is = false;
	char name[8];
	CHECK(scl_object_is(&rt, str, SCL_TYPE_STR, &is, &err) && is);
	CHECK(scl_object_is(&rt, str, SCL_TYPE_DICT, &is, &err) && !is);
	CHECK(scl_object_type(&rt, str, &type, &err) && scl_type_name(&rt, type, name, sizeof name, &err));
	CHECK_STR(name, "str");
	put_u64(AT(str, object, type), 0);
	CHECK(!scl_object_type(&rt, str, &type, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	put_u64(AT(str, object, type), type + 3);
	CHECK(!scl_object_is(&rt, str, SCL_TYPE_STR, &is, &err));
	put_u64(AT(str, object, type), NOWHERE);
	CHECK(!scl_object_is(&rt, str, SCL_TYPE_STR, &is, &err));
	CHECK_INT(err.code, SCL_EFAULT);
}

int main(void)
{
	RUN_LAYOUTS(reads_every_kind);
	RUN_LAYOUTS(reads_what_is_not_compact);
	RUN_LAYOUTS(replaces_what_is_no_character);
	RUN_LAYOUTS(gives_the_bytes_of_file_names_back);
	RUN_LAYOUTS(cuts_at_a_character);
	RUN_LAYOUTS(reads_long_ones_in_pieces);
	RUN_LAYOUTS(torn_ones_fail);
	RUN_LAYOUTS(lying_ones_fail);
	RUN_LAYOUTS(a_long_lie_is_bounded);
	RUN_LAYOUTS(reads_bytes);
	RUN_LAYOUTS(refuses_bytes_that_lie);
	RUN_LAYOUTS(knows_types);
	return check_finish();
}
