/* Members of tuples, lists, sets and deques, torn and lying ones too. */
#include "python/containers.h"

enum { MANY = 200 };

static scl_addr item[MANY];

static void make_items(void)
{
	for (size_t i = 0; i < MANY; i++)
		item[i] = 0x1000 * (i + 1);
}

/* How many members come, in order; -1 when it ends with an error, -2 where one is not what was put in. */
static int walk(enum scl_container container, scl_addr object)
{
	struct scl_items items;
	scl_addr got;
	int n = 0;
	err = (struct scl_error){0};
	if (!scl_items_init(&items, &rt, container, object, &err))
		return -1;
	while (scl_items_next(&items, &got, &err)) {
		if (n < MANY && got != item[n])
			return -2;
		if (++n > 4 * MANY)
			return -3;
	}
	return err.code == SCL_OK ? n : -1;
}

static void members_in_order(void)
{
	scl_addr set_type = new_type(0, 64, "set"), deque_type = new_type(0, 64, "deque"), block;
	make_items();
	for (size_t n = 0; n <= MANY; n += n < 3 ? 1 : 61) {
		CHECK_INT(walk(SCL_CONTAINER_TUPLE, new_tuple(item, n)), n);
		CHECK_INT(walk(SCL_CONTAINER_LIST, new_list(item, n)), n);
		CHECK_INT(walk(SCL_CONTAINER_SET, new_set(set_type, item, n)), n);
		for (size_t first = 0; first <= 63; first += 21)
			CHECK_INT(walk(SCL_CONTAINER_DEQUE, new_deque(deque_type, item, n, first, &block)), n);
	}
}

static void one_item_of_a_tuple(void)
{
	make_items();
	scl_addr tuple = new_tuple(item, 2);
	CHECK_INT(scl_tuple_item(&rt, tuple, 1), item[1]);
	CHECK_INT(scl_tuple_item(&rt, tuple, 2), 0);
	CHECK_INT(scl_tuple_item(&rt, 0, 0), 0);
	CHECK_INT(scl_tuple_item(&rt, NOWHERE, 0), 0);
}

static void absurd_sizes_are_refused(void)
{
	const uint64_t sizes[] = {(uint64_t)-1, UINT64_C(1) << 63, UINT64_C(1) << 40, SCL_ITEMS_MAX + 1};
	scl_addr block, tuple = new_tuple(item, 1), list = new_list(item, 1);
	scl_addr deque = new_deque(new_type(0, 64, "deque"), item, 1, 0, &block);
	scl_addr set = new_set(new_type(0, 64, "set"), item, 1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		put_u64(AT(tuple, tuple, size), sizes[i]);
		put_u64(AT(list, list, size), sizes[i]);
		put_u64(AT(deque, deque, size), sizes[i]);
		put_u64(AT(set, set, mask), sizes[i]);
		CHECK_INT(walk(SCL_CONTAINER_TUPLE, tuple), -1);
		CHECK_INT(walk(SCL_CONTAINER_LIST, list), -1);
		CHECK_INT(walk(SCL_CONTAINER_DEQUE, deque), -1);
		CHECK_INT(walk(SCL_CONTAINER_SET, set), -1);
	}
	put_u64(AT(set, set, mask), 6);
	CHECK_INT(walk(SCL_CONTAINER_SET, set), -1);
	put_u64(AT(set, set, mask), 7);
	put_u64(AT(set, set, used), 9);
	CHECK_INT(walk(SCL_CONTAINER_SET, set), -1);
}

/* What a resize leaves behind while it is read: a size that is ahead of the memory. */
static void torn_ones_end_with_an_error(void)
{
	scl_addr list = new_list(item, 3);
	put_u64(AT(list, list, items), NOWHERE);
	CHECK_INT(walk(SCL_CONTAINER_LIST, list), -1);
	CHECK_INT(walk(SCL_CONTAINER_LIST, NOWHERE), -1);
	put_u64(AT(list, list, size), 0);
	CHECK_INT(walk(SCL_CONTAINER_LIST, list), 0);
}

static void deques_that_lie_end(void)
{
	scl_addr block, deque = new_deque(new_type(0, 64, "deque"), item, MANY, 5, &block);
	put_u64(AT(deque, deque, leftindex), 65);
	CHECK_INT(walk(SCL_CONTAINER_DEQUE, deque), -1);
	/* An empty rest of a block is skipped, a chain of them is not followed. */
	put_u64(AT(deque, deque, leftindex), 64);
	CHECK(walk(SCL_CONTAINER_DEQUE, deque) < 0);
	/* A block that is its own successor gives no more than the size. */
	put_u64(AT(deque, deque, leftindex), 0);
	put_u64(AT(block, dequeblock, rightlink), block);
	struct scl_items items;
	scl_addr got;
	size_t n = 0;
	CHECK(scl_items_init(&items, &rt, SCL_CONTAINER_DEQUE, deque, &err));
	while (scl_items_next(&items, &got, &err) && n <= MANY)
		n++;
	CHECK(n <= MANY);
	put_u64(AT(block, dequeblock, rightlink), NOWHERE);
	CHECK(walk(SCL_CONTAINER_DEQUE, deque) < 0);
}

int main(void)
{
	RUN_LAYOUTS(members_in_order);
	RUN_LAYOUTS(one_item_of_a_tuple);
	RUN_LAYOUTS(absurd_sizes_are_refused);
	RUN_LAYOUTS(torn_ones_end_with_an_error);
	RUN_LAYOUTS(deques_that_lie_end);
	return check_finish();
}
