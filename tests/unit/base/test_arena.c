#include "base/arena.h"

#include <stdint.h>

#include "check.h"

static void memory_is_zeroed_and_aligned(void)
{
	struct scl_arena a = {0};
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 300; size += 7) {
			unsigned char *p = scl_arena_alloc(&a, size);
			CHECK(p != NULL);
			CHECK((uintptr_t)p % _Alignof(max_align_t) == 0);
			for (size_t i = 0; i < size; i++)
				if (p[i])
					CHECK_FAIL("byte %zu of %zu is not zero", i, size);
			memset(p, 0xa5, size);
		}
		scl_arena_reset(&a);
	}
	scl_arena_destroy(&a);
}

static void allocations_do_not_overlap(void)
{
	struct scl_arena a = {0};
	enum { N = 2000 };
	unsigned char *p[N];
	for (int i = 0; i < N; i++) {
		p[i] = scl_arena_alloc(&a, 100);
		memset(p[i], i & 0xff, 100);
	}
	for (int i = 0; i < N; i++)
		CHECK(p[i][0] == (i & 0xff) && p[i][99] == (i & 0xff));
	scl_arena_destroy(&a);
}

static void overflow_is_refused(void)
{
	struct scl_arena a = {0};
	CHECK(scl_arena_calloc(&a, SIZE_MAX / 4, 8) == NULL);
	CHECK(scl_arena_alloc(&a, SIZE_MAX) == NULL);
	CHECK(scl_arena_alloc(&a, SIZE_MAX - 20) == NULL);
	CHECK(scl_arena_strndup(&a, "x", SIZE_MAX) == NULL);
	CHECK(scl_arena_calloc(&a, 0, 8) != NULL);
	CHECK(scl_arena_calloc(&a, 8, 0) != NULL);
	CHECK(scl_arena_alloc(&a, 8) != NULL);
	scl_arena_destroy(&a);
}

static void reset_keeps_the_largest_block(void)
{
	struct scl_arena a = {0};
	const size_t big = 8 * 1024 * 1024;
	CHECK(scl_arena_alloc(&a, 10) != NULL);
	char *before = scl_arena_alloc(&a, big);
	CHECK(before != NULL);
	CHECK(scl_arena_alloc(&a, 10) != NULL);
	scl_arena_reset(&a);
	CHECK(scl_arena_alloc(&a, big) == before);
	scl_arena_destroy(&a);
	CHECK(a.head == NULL);
	scl_arena_reset(&a);
	scl_arena_destroy(&a);
}

static void strndup_ends_with_nul(void)
{
	struct scl_arena a = {0};
	CHECK_STR(scl_arena_strndup(&a, "abcdef", 3), "abc");
	CHECK_STR(scl_arena_strndup(&a, "abcdef", 0), "");
	CHECK_STR(scl_arena_strndup(&a, NULL, 0), "");
	scl_arena_destroy(&a);
}

int main(void)
{
	RUN(memory_is_zeroed_and_aligned);
	RUN(allocations_do_not_overlap);
	RUN(overflow_is_refused);
	RUN(reset_keeps_the_largest_block);
	RUN(strndup_ends_with_nul);
	return check_finish();
}
