#include "base/map.h"

#include "check.h"

static void an_empty_map_has_nothing(void)
{
	struct scl_map m = {0};
	uint32_t v = 7;
	CHECK(!scl_map_get(&m, 0, &v));
	CHECK_INT(v, 7);
	scl_map_clear(&m);
	scl_map_destroy(&m);
}

static void keys_that_look_like_addresses(void)
{
	struct scl_map m = {0};
	enum { N = 100000 };
	for (uint32_t i = 0; i < N; i++)
		CHECK(scl_map_put(&m, 0x7f0000000000u + (uint64_t)i * 4096, i));
	CHECK_INT(m.count, N);
	CHECK((double)m.count <= 0.7 * (double)m.capacity);
	CHECK((double)m.count > 0.3 * (double)m.capacity);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t v = 0;
		if (!scl_map_get(&m, 0x7f0000000000u + (uint64_t)i * 4096, &v) || v != i)
			CHECK_FAIL("key %u gives %u", i, v);
	}
	/* The mixing is what keeps the way to a slot short: multiples of 4096 would all meet in one. */
	size_t used = 0, longest = 0, run = 0;
	for (size_t i = 0; i < m.capacity; i++) {
		used += m.slots[i].used;
		run = m.slots[i].used ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	CHECK_INT(used, N);
	CHECK(longest < 200);
	uint32_t v = 0;
	CHECK(!scl_map_get(&m, 0x7f0000000001u, &v));
	scl_map_destroy(&m);
}

static void zero_and_extreme_keys(void)
{
	struct scl_map m = {0};
	uint32_t v = 1;
	CHECK(scl_map_put(&m, 0, 0));
	CHECK(scl_map_put(&m, UINT64_MAX, UINT32_MAX));
	CHECK(scl_map_get(&m, 0, &v) && v == 0);
	CHECK(scl_map_get(&m, UINT64_MAX, &v) && v == UINT32_MAX);
	CHECK(scl_map_put(&m, 0, 5));
	CHECK(scl_map_get(&m, 0, &v) && v == 5);
	CHECK_INT(m.count, 2);
	CHECK(scl_map_pair(1, 2) == UINT64_C(0x100000002));
	CHECK(scl_map_pair(-1, -1) == UINT64_MAX);
	scl_map_destroy(&m);
}

static void a_full_map_refuses_but_replaces(void)
{
	struct scl_map m = {.max = 20};
	uint32_t v = 0;
	for (uint32_t i = 0; i < 20; i++)
		CHECK(scl_map_put(&m, i, i));
	CHECK(!scl_map_put(&m, 20, 20));
	CHECK(!scl_map_get(&m, 20, &v));
	CHECK(scl_map_put(&m, 19, 99));
	CHECK(scl_map_get(&m, 19, &v) && v == 99);
	scl_map_clear(&m);
	CHECK(!scl_map_get(&m, 19, &v));
	CHECK(scl_map_put(&m, 20, 1));
	CHECK_INT(m.count, 1);
	scl_map_destroy(&m);
	CHECK(m.slots == NULL && m.max == 20);
}

int main(void)
{
	RUN(an_empty_map_has_nothing);
	RUN(keys_that_look_like_addresses);
	RUN(zero_and_extreme_keys);
	RUN(a_full_map_refuses_but_replaces);
	return check_finish();
}
