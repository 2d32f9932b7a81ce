/* containers.h - tuples, lists, sets and deques in an image, written as the layout under test says. */
#ifndef SCL_TESTS_CONTAINERS_H
#define SCL_TESTS_CONTAINERS_H

#include "python/items.h"
#include "python/objects.h"

enum { DEQUE_BLOCK_ITEMS = 64 };

static inline scl_addr new_tuple(const scl_addr *item, size_t n)
{
	scl_addr tuple = new_object(builtin_type(SCL_TYPE_TUPLE, "tuple"), 64 + 8 * n);
	put_u64(AT(tuple, tuple, size), n);
	for (size_t i = 0; i < n; i++)
		put_u64(AT(tuple, tuple, items) + 8 * i, item[i]);
	return tuple;
}

static inline scl_addr new_list(const scl_addr *item, size_t n)
{
	scl_addr list = new_object(builtin_type(SCL_TYPE_LIST, "list"), 64), items = heap_alloc(8 * n + 8);
	put_u64(AT(list, list, size), n);
	put_u64(AT(list, list, items), items);
	for (size_t i = 0; i < n; i++)
		put_u64(items + 8 * i, item[i]);
	return list;
}

/* A table with a dummy in front of every member, as removed members leave them. */
static inline scl_addr new_set(scl_addr type, const scl_addr *item, size_t n)
{
	scl_addr set = new_object(type, 256), table;
	size_t places = 8;
	while (places < 2 * n + 1)
		places *= 2;
	table = heap_alloc(16 * places);
	put_u64(AT(set, set, used), n);
	put_u64(AT(set, set, mask), places - 1);
	put_u64(AT(set, set, table), table);
	for (size_t i = 0; i < n; i++) {
		put_u64(table + 32 * i, NOWHERE);
		put_u64(table + 32 * i + 8, (uint64_t)-1);
		put_u64(table + 32 * i + 16, item[i]);
		put_u64(table + 32 * i + 24, i + 1);
	}
	return set;
}

/* Its items begin at place `first` of its first block; returns the deque, and its first block in *block. */
static inline scl_addr new_deque(scl_addr type, const scl_addr *item, size_t n, size_t first, scl_addr *block)
{
	scl_addr deque = new_object(type, 128), at = heap_alloc(600), next;
	*block = at;
	put_u64(AT(deque, deque, size), n);
	put_u64(AT(deque, deque, leftblock), at);
	put_u64(AT(deque, deque, leftindex), first);
	for (size_t i = 0; i < n; i++) {
		size_t place = (first + i) % DEQUE_BLOCK_ITEMS;
		if (i && place == 0) {
			next = heap_alloc(600);
			put_u64(AT(at, dequeblock, rightlink), next);
			at = next;
		}
		put_u64(AT(at, dequeblock, data) + 8 * place, item[i]);
	}
	return deque;
}

#endif
