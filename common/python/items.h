/*
 * items.h - the members of tuples, lists, sets and deques, in blocks, through a cursor that is a plain value.
 *
 * Sources: Objects/tupleobject.c, listobject.c, setobject.c, Modules/_collectionsmodule.c.
 */
#ifndef SCL_PYTHON_ITEMS_H
#define SCL_PYTHON_ITEMS_H

#include "python/runtime.h"

enum scl_container { SCL_CONTAINER_TUPLE, SCL_CONTAINER_LIST, SCL_CONTAINER_SET, SCL_CONTAINER_DEQUE };

enum {
	SCL_ITEMS_BLOCK = 64,
	SCL_ITEMS_MAX = 16 * 1024 * 1024, /* members, and places of a set's table, that are visited */
};

struct scl_items {
	const struct scl_runtime *rt;
	enum scl_container container;
	uint64_t count;	 /* members that it says it has; a dict's or set's may be wrong while it changes */
	uint64_t places; /* where members may be: those of a set's table, else count */
	uint64_t at;
	scl_addr base;	/* of the items, the table or the deque's block at hand */
	unsigned first; /* in the deque's block */
	unsigned block_n, block_at;
	scl_addr block[SCL_ITEMS_BLOCK];
};

/* The object's type is not checked. */
SCL_CHECKED bool scl_items_init(struct scl_items *items, const struct scl_runtime *rt, enum scl_container container,
				scl_addr object, struct scl_error *err);
/* False at the end (err->code == SCL_OK) or where it cannot be read. */
SCL_CHECKED bool scl_items_next(struct scl_items *items, scl_addr *item, struct scl_error *err);
/* Item i of a tuple, 0 where it has fewer or cannot be read. */
scl_addr scl_tuple_item(const struct scl_runtime *rt, scl_addr tuple, unsigned i);

#endif
