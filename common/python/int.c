/* int.c - int objects: a sign, a count and digits of 30 bits (Include/cpython/longintrepr.h). */
#include "python/object.h"

enum {
	DIGIT_BITS = 30,   /* PyLong_SHIFT of every 64-bit build */
	DIGITS_MAX = 3,	   /* 64 bits */
	TAG_SIGN_MASK = 3, /* lv_tag: 0 positive, 1 zero, 2 negative (3.12, gh-101291) */
	TAG_SHIFT = 3,
};

struct head {
	bool negative;
	uint64_t digits;
};

static bool decode_head(const struct scl_layout *layout, uint64_t tag, struct head *ret)
{
	switch (layout->int_repr) {
	case SCL_INT_OB_SIZE:
		ret->negative = (int64_t)tag < 0;
		ret->digits = ret->negative ? 0 - tag : tag;
		return true;
	case SCL_INT_LV_TAG:
		ret->negative = (tag & TAG_SIGN_MASK) == 2;
		ret->digits = tag >> TAG_SHIFT;
		return (tag & TAG_SIGN_MASK) != TAG_SIGN_MASK && ((tag & TAG_SIGN_MASK) == 1) == (ret->digits == 0);
	}
	return false;
}

static bool add_up(const uint32_t *digits, uint64_t n, uint64_t *magnitude)
{
	*magnitude = 0;
	for (uint64_t i = n; i-- > 0;) {
		if (digits[i] >> DIGIT_BITS != 0 || *magnitude >> (64 - DIGIT_BITS) != 0)
			return false;
		*magnitude = *magnitude << DIGIT_BITS | digits[i];
	}
	return true;
}

/* The value, from the tag and as many digits as it says; false where that is none of 64 bits. */
static bool decode(const struct scl_layout *layout, uint64_t tag, const uint32_t *digits, int64_t *ret)
{
	uint64_t magnitude;
	struct head head;

	if (!decode_head(layout, tag, &head) || head.digits > DIGITS_MAX || !add_up(digits, head.digits, &magnitude) ||
	    magnitude > (uint64_t)INT64_MAX + head.negative)
		return false;
	*ret = head.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

bool scl_int_read(const struct scl_runtime *rt, scl_addr object, int64_t *ret, struct scl_error *err)
{
	uint32_t digits[DIGITS_MAX] = {0};
	struct head head;
	uint64_t tag;
	scl_addr tag_at = object + (scl_addr)scl_off(&rt->layout, long, tag);
	scl_addr digits_at = object + (scl_addr)scl_off(&rt->layout, long, digits);
	/* The first digit is always allocated, and most ints have one. */
	struct scl_span spans[] = {{tag_at, &tag, sizeof tag}, {digits_at, digits, sizeof digits[0]}};

	if (!scl_read_spans(rt->target, spans, 2, err))
		return scl_wrap(err, "int at 0x%" PRIx64, object);
	if (!decode_head(&rt->layout, tag, &head))
		return scl_fail_at(err, SCL_ECORRUPT, object, "int at 0x%" PRIx64 ": tag 0x%" PRIx64, object, tag);
	if (head.digits > DIGITS_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, object,
				   "int at 0x%" PRIx64 ": %" PRIu64 " digits are more than 64 bits", object,
				   head.digits);
	if (head.digits > 1 && !scl_read(rt->target, digits_at, digits, head.digits * sizeof digits[0], err))
		return scl_wrap(err, "int at 0x%" PRIx64, object);
	return decode(&rt->layout, tag, digits, ret) ||
	       scl_fail_at(err, SCL_ECORRUPT, object, "int at 0x%" PRIx64 ": not an int of 64 bits", object);
}

void scl_ints_read(const struct scl_runtime *rt, const scl_addr *objects, size_t n, int64_t *values, bool *known)
{
	uint32_t digits[SCL_INTS_MAX][DIGITS_MAX];
	uint64_t tags[SCL_INTS_MAX];
	struct scl_span spans[2 * SCL_INTS_MAX];

	n = n < SCL_INTS_MAX ? n : SCL_INTS_MAX;
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		spans[2 * i] = (struct scl_span){objects[i] + (scl_addr)scl_off(&rt->layout, long, tag), &tags[i],
						 sizeof tags[i]};
		spans[2 * i + 1] = (struct scl_span){objects[i] + (scl_addr)scl_off(&rt->layout, long, digits),
						     digits[i], sizeof digits[i]};
	}
	/* One that is nowhere, or ends where its memory does, must not cost the others theirs. */
	bool together = scl_read_spans(rt->target, spans, 2 * n, NULL);
	for (size_t i = 0; i < n; i++)
		known[i] = together ? decode(&rt->layout, tags[i], digits[i], &values[i])
				    : scl_int_read(rt, objects[i], &values[i], NULL);
}
