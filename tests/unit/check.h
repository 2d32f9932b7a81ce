/*
 * check.h - the unit tests' harness: one program per file, one line per failed check.
 *
 *	static void adds_a_span(void) { CHECK(x == 1); CHECK_STR(s, "abc"); }
 *	int main(void) { RUN(adds_a_span); return check_finish(); }
 *
 * Each RUN is one test; the last line is "N passed, N failed, N skipped".
 */
#ifndef SCL_TESTS_CHECK_H
#define SCL_TESTS_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int check_passed, check_failed, check_skipped;
static bool check_bad;
static const char *check_case = ""; /* the parameter of the test, e.g. a version */

#define CHECK_FAIL(...)                                                                                                \
	do {                                                                                                           \
		check_bad = true;                                                                                      \
		printf("%s:%d: [%s] ", __FILE__, __LINE__, check_case);                                                \
		printf(__VA_ARGS__);                                                                                   \
		putchar('\n');                                                                                         \
	} while (0)
#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			CHECK_FAIL("not true: %s", #condition);                                                        \
	} while (0)
#define CHECK_INT(got, want)                                                                                           \
	do {                                                                                                           \
		intmax_t check_g = (intmax_t)(got), check_w = (intmax_t)(want);                                        \
		if (check_g != check_w)                                                                                \
			CHECK_FAIL("%s is %" PRIdMAX ", not %" PRIdMAX, #got, check_g, check_w);                       \
	} while (0)
#define CHECK_STR(got, want)                                                                                           \
	do {                                                                                                           \
		const char *check_g = (got), *check_w = (want);                                                        \
		if (!check_g || strcmp(check_g, check_w) != 0)                                                         \
			CHECK_FAIL("%s is \"%s\", not \"%s\"", #got, check_g ? check_g : "(null)", check_w);           \
	} while (0)
#define CHECK_CONTAINS(got, part)                                                                                      \
	do {                                                                                                           \
		const char *check_g = (got);                                                                           \
		if (!check_g || !strstr(check_g, (part)))                                                              \
			CHECK_FAIL("%s is \"%s\", without \"%s\"", #got, check_g ? check_g : "(null)", (part));        \
	} while (0)
#define RUN(test)                                                                                                      \
	do {                                                                                                           \
		check_bad = false;                                                                                     \
		test();                                                                                                \
		if (check_bad) {                                                                                       \
			check_failed++;                                                                                \
			printf("FAIL %s [%s]\n", #test, check_case);                                                   \
		} else {                                                                                               \
			check_passed++;                                                                                \
		}                                                                                                      \
	} while (0)

static inline int check_finish(void)
{
	printf("%d passed, %d failed, %d skipped\n", check_passed, check_failed, check_skipped);
	return check_failed ? 1 : 0;
}

#endif
