#include "base/intern.h"

#include "check.h"

static void equal_strings_get_one_id(void)
{
	struct scl_intern *t = scl_intern_create(100);
	uint32_t a = scl_intern_put(t, "alpha", 5), b = scl_intern_put(t, "beta", 4);
	CHECK(a != b);
	CHECK_INT(scl_intern_put(t, "alphabet", 5), a);
	CHECK_STR(scl_intern_str(t, a), "alpha");
	CHECK_STR(scl_intern_str(t, b), "beta");
	CHECK_INT(scl_intern_count(t), 4);
	scl_intern_destroy(t);
}

static void empty_is_zero_and_unknown_ids_are_empty(void)
{
	struct scl_intern *t = scl_intern_create(100);
	CHECK_INT(scl_intern_put(t, "", 0), SCL_INTERN_EMPTY);
	CHECK_INT(scl_intern_put(t, NULL, 0), SCL_INTERN_EMPTY);
	CHECK_INT(scl_intern_put(t, "\0x", 2), SCL_INTERN_EMPTY);
	CHECK_INT(scl_intern_put(t, "ab\0cd", 5), scl_intern_put(t, "ab", 2));
	CHECK_STR(scl_intern_str(t, 0), "");
	CHECK_STR(scl_intern_str(t, 12345), "");
	CHECK_STR(scl_intern_str(t, SCL_INTERN_OTHER), "(other)");
	scl_intern_destroy(t);
	scl_intern_destroy(NULL);
}

static void a_full_table_refuses_and_counts(void)
{
	struct scl_intern *t = scl_intern_create(1000);
	char text[16];
	uint32_t first = scl_intern_put(t, "0", 1);
	const char *kept = scl_intern_str(t, first);
	for (int i = 0; i < 3000; i++)
		scl_intern_put(t, text, (size_t)snprintf(text, sizeof(text), "%d", i));
	CHECK_INT(scl_intern_count(t), 1000);
	CHECK_INT(scl_intern_refused(t), 3000 - 998);
	CHECK_INT(scl_intern_put(t, "2999", 4), SCL_INTERN_OTHER);
	CHECK_INT(scl_intern_put(t, "0", 1), first);
	CHECK(scl_intern_str(t, first) == kept);
	CHECK_STR(scl_intern_str(t, first + 997), "997");
	scl_intern_destroy(t);
}

int main(void)
{
	RUN(equal_strings_get_one_id);
	RUN(empty_is_zero_and_unknown_ids_are_empty);
	RUN(a_full_table_refuses_and_counts);
	return check_finish();
}
