/* str.c - str objects of every kind (Include/cpython/unicodeobject.h, PEP 393) as UTF-8. */
#include "python/object.h"

#include <string.h>

enum {
	KIND_MASK = 7,
	REPLACEMENT = 0xfffd,
	ESCAPED_FIRST = 0xdc80, /* the byte 0x80 in what os.fsdecode makes of it */
	ESCAPED_LAST = 0xdcff,
	CHUNK = 1024, /* characters that are read at once */
	UTF8_MAX = 4,
};
/* A length beyond this is no length. */
#define LENGTH_PLAUSIBLE (INT64_C(1) << 40)

struct head {
	int64_t length;
	unsigned kind; /* bytes of a character */
	bool compact, ascii;
};

static bool read_head(const struct scl_runtime *rt, scl_addr str, struct head *ret, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	uint32_t state;
	struct scl_span spans[] = {
		{str + (scl_addr)scl_off(layout, unicode, length), &ret->length, sizeof ret->length},
		{str + (scl_addr)scl_off(layout, unicode, state), &state, sizeof state},
	};
	if (!scl_read_spans(rt->target, spans, 2, err))
		return false;
	ret->kind = state >> layout->str_kind_shift & KIND_MASK;
	ret->compact = state >> layout->str_compact_bit & 1;
	ret->ascii = state >> layout->str_ascii_bit & 1;
	if (ret->length < 0 || ret->length > LENGTH_PLAUSIBLE)
		return scl_fail_at(err, SCL_ECORRUPT, str, "length %" PRId64, ret->length);
	/* Kind 0 is a str that only has a wchar_t representation: 3.11 and before, made by old C extensions. */
	if ((ret->kind != 1 && ret->kind != 2 && ret->kind != 4) || (ret->ascii && ret->kind != 1))
		return scl_fail_at(err, SCL_ECORRUPT, str, "state 0x%" PRIx32 " is of no known kind", state);
	return true;
}

static bool find_data(const struct scl_runtime *rt, scl_addr str, const struct head *head, scl_addr *data,
		      struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	if (!head->compact)
		return scl_read_ptr(rt->target, str + (scl_addr)scl_off(layout, unicode, data), data, err);
	*data = str +
		(scl_addr)(head->ascii ? scl_off(layout, unicode, ascii_data) : scl_off(layout, unicode, compact_data));
	return true;
}

static uint32_t character(const uint8_t *data, unsigned kind, size_t i)
{
	uint16_t ucs2;
	uint32_t ucs4;
	switch (kind) {
	case 1:
		return data[i];
	case 2:
		memcpy(&ucs2, data + 2 * i, sizeof ucs2);
		return ucs2;
	default:
		memcpy(&ucs4, data + 4 * i, sizeof ucs4);
		return ucs4;
	}
}

/*
 * PEP 383: a byte of a file name that is no UTF-8 is a surrogate in the str. It becomes the byte again, so that the
 * text is the name that the kernel knows.
 */
static size_t encode(uint32_t c, char out[UTF8_MAX])
{
	if (c >= ESCAPED_FIRST && c <= ESCAPED_LAST) {
		out[0] = (char)(c & 0xff);
		return 1;
	}
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00 >> n & 0xff) | c);
	return n;
}

/* Append the n characters of a chunk; false when buf is full. */
static bool append(const uint8_t *chunk, unsigned kind, size_t n, char *buf, size_t cap, size_t *used)
{
	for (size_t i = 0; i < n; i++) {
		char utf8[UTF8_MAX];
		size_t bytes = encode(character(chunk, kind, i), utf8);
		if (*used + bytes >= cap)
			return false;
		memcpy(buf + *used, utf8, bytes);
		*used += bytes;
	}
	return true;
}

static bool is_ascii(const uint8_t *bytes, size_t n)
{
	uint8_t all = 0;
	for (size_t i = 0; i < n; i++)
		all |= bytes[i];
	return all < 0x80;
}

static bool copy(const struct scl_runtime *rt, scl_addr str, const struct head *head, char *buf, size_t cap,
		 struct scl_error *err)
{
	uint8_t chunk[CHUNK * UTF8_MAX];
	size_t used = 0, length = (size_t)(head->length < SCL_STR_MAX ? head->length : SCL_STR_MAX);
	scl_addr data;
	if (!find_data(rt, str, head, &data, err))
		return false;
	for (size_t done = 0; done < length && used + 1 < cap;) {
		size_t n = length - done < CHUNK ? length - done : CHUNK;
		n = n < cap ? n : cap; /* a character is at least one byte of UTF-8 */
		if (!scl_read(rt->target, data + done * head->kind, chunk, n * head->kind, err))
			return false;
		if (head->ascii && !is_ascii(chunk, n))
			return scl_fail_at(err, SCL_ECORRUPT, str, "marked as ASCII, and is not");
		if (!append(chunk, head->kind, n, buf, cap, &used))
			break;
		done += n;
	}
	buf[used] = '\0';
	return true;
}

bool scl_str_read(const struct scl_runtime *rt, scl_addr str, char *buf, size_t cap, struct scl_error *err)
{
	struct head head;
	if (cap == 0)
		return scl_fail(err, SCL_EUSAGE, "str into an empty buffer");
	buf[0] = '\0';
	if (!read_head(rt, str, &head, err) || !copy(rt, str, &head, buf, cap, err))
		return scl_wrap(err, "str at 0x%" PRIx64, str);
	return true;
}
