/* int objects of every layout. */
#include "objects.h"

/* Read among others, by one call and, beside one that is nowhere, one by one: the same as alone. */
static bool same_among_others(scl_addr object, bool good, int64_t want)
{
	scl_addr other = new_int(-5);
	for (int nowhere = 0; nowhere < 2; nowhere++) {
		const scl_addr objects[] = {other, object, nowhere ? NOWHERE : other};
		int64_t got[] = {0, ~want, 0};
		bool known[3];
		scl_ints_read(&rt, objects, 3, got, known);
		if (!known[0] || got[0] != -5 || known[1] != good || (good && got[1] != want) || known[2] != !nowhere)
			return false;
	}
	return true;
}

static bool reads(scl_addr object, int64_t want)
{
	int64_t got = ~want;
	err = (struct scl_error){0};
	return scl_int_read(&rt, object, &got, &err) && got == want && same_among_others(object, true, want);
}

static bool refused(scl_addr object, enum scl_status code)
{
	int64_t got = 77;
	err = (struct scl_error){0};
	return !scl_int_read(&rt, object, &got, &err) && err.code == code && got == 77 &&
	       same_among_others(object, false, 0);
}

static void reads_all_sizes(void)
{
	const int64_t values[] = {0,
				  1,
				  -1,
				  256,
				  (1 << 30) - 1,
				  1 << 30,
				  -(1 << 30),
				  INT64_C(1) << 31,
				  INT64_C(1) << 40,
				  -(INT64_C(1) << 40),
				  (INT64_C(1) << 60) - 1,
				  INT64_C(1) << 60,
				  INT64_MAX,
				  INT64_MIN,
				  INT64_MIN + 1};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (!reads(new_int(values[i]), values[i]))
			CHECK_FAIL("not read: %" PRId64 ": %s", values[i], err.text);
}

static void refuses_more_than_64_bits(void)
{
	const uint32_t two_to_63[] = {0, 0, 8}, above[] = {1, 0, 8}, two_to_64[] = {0, 0, 16}, four[] = {0, 0, 0, 1};
	CHECK(refused(new_int_digits(false, two_to_63, 3), SCL_ECORRUPT));
	CHECK(reads(new_int_digits(true, two_to_63, 3), INT64_MIN));
	CHECK(refused(new_int_digits(true, above, 3), SCL_ECORRUPT));
	CHECK(refused(new_int_digits(false, two_to_64, 3), SCL_ECORRUPT));
	CHECK(refused(new_int_digits(false, four, 4), SCL_ECORRUPT));
}

static void refuses_lies(void)
{
	const uint32_t wide[] = {1, 0x40000000};
	CHECK(refused(new_int_digits(false, wide, 2), SCL_ECORRUPT));
	scl_addr object = new_int(5);
	put_u64(AT(object, long, tag), UINT64_C(1) << 63);
	CHECK(refused(object, SCL_ECORRUPT));
	put_u64(AT(object, long, tag), INT64_MAX);
	CHECK(refused(object, SCL_ECORRUPT));
}

/* Sign 3 does not exist, and only zero has no digits (3.12). */
static void refuses_tags_that_cannot_be(void)
{
	scl_addr object = new_int(5);
	const uint64_t tags[] = {8 | 3, 8 | 1, 0, 2};
	for (size_t i = 0; i < 4 && rt.layout.int_repr == SCL_INT_LV_TAG; i++) {
		put_u64(AT(object, long, tag), tags[i]);
		CHECK(refused(object, SCL_ECORRUPT));
	}
}

static void refuses_torn_ones(void)
{
	CHECK(refused(NOWHERE, SCL_EFAULT));
	/* Two digits, of which the second one is not mapped. */
	scl_addr object = HEAP + HEAP_SIZE - (scl_addr)scl_off(&rt.layout, long, digits) - 4;
	put_u64(AT(object, long, tag), rt.layout.int_repr == SCL_INT_LV_TAG ? 2 << 3 : 2);
	CHECK(refused(object, SCL_EFAULT));
}

int main(void)
{
	RUN_LAYOUTS(reads_all_sizes);
	RUN_LAYOUTS(refuses_more_than_64_bits);
	RUN_LAYOUTS(refuses_lies);
	RUN_LAYOUTS(refuses_tags_that_cannot_be);
	RUN_LAYOUTS(refuses_torn_ones);
	return check_finish();
}
