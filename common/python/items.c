#include "python/items.h"

enum {
	SET_ENTRY = 16,	  /* setentry: key, hash */
	DEQUE_BLOCK = 64, /* BLOCKLEN */
};

static scl_addr at(scl_addr base, int32_t offset)
{
	return base + (scl_addr)(int64_t)offset;
}

/* Entries of a set that was emptied stay in its table with a hash of -1 (dummies). */
static bool init_set(struct scl_items *items, scl_addr set, struct scl_error *err)
{
	const struct scl_layout *layout = &items->rt->layout;
	uint64_t mask;
	struct scl_span spans[] = {
		{at(set, scl_off(layout, set, used)), &items->count, 8},
		{at(set, scl_off(layout, set, mask)), &mask, 8},
		{at(set, scl_off(layout, set, table)), &items->base, 8},
	};

	if (!scl_read_spans(items->rt->target, spans, 3, err))
		return false;
	if ((mask & (mask + 1)) != 0 || mask >= SCL_ITEMS_MAX || items->count > mask + 1)
		return scl_fail_at(err, SCL_ECORRUPT, set, "%" PRIu64 " members in a table of %" PRIu64, items->count,
				   mask + 1);
	items->places = mask + 1;
	return true;
}

static bool init_deque(struct scl_items *items, scl_addr deque, struct scl_error *err)
{
	const struct scl_layout *layout = &items->rt->layout;
	uint64_t first;
	struct scl_span spans[] = {
		{at(deque, scl_off(layout, deque, size)), &items->count, 8},
		{at(deque, scl_off(layout, deque, leftblock)), &items->base, 8},
		{at(deque, scl_off(layout, deque, leftindex)), &first, 8},
	};

	if (!scl_read_spans(items->rt->target, spans, 3, err))
		return false;
	if (items->count > SCL_ITEMS_MAX || first > DEQUE_BLOCK)
		return scl_fail_at(err, SCL_ECORRUPT, deque, "%" PRIu64 " items from %" PRIu64 " on", items->count,
				   first);
	items->first = (unsigned)first;
	items->places = items->count;
	return true;
}

static bool init_array(struct scl_items *items, scl_addr object, struct scl_error *err)
{
	const struct scl_layout *layout = &items->rt->layout;
	bool list = items->container == SCL_CONTAINER_LIST;
	struct scl_span spans[] = {
		{at(object, list ? scl_off(layout, list, size) : scl_off(layout, tuple, size)), &items->count, 8},
		{at(object, list ? scl_off(layout, list, items) : scl_off(layout, object, type)), &items->base, 8},
	};

	if (!scl_read_spans(items->rt->target, spans, 2, err))
		return false;
	if (items->count > SCL_ITEMS_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, object, "%" PRIu64 " items", items->count);
	if (!list)
		items->base = at(object, scl_off(layout, tuple, items));
	items->places = items->count;
	return true;
}

bool scl_items_init(struct scl_items *items, const struct scl_runtime *rt, enum scl_container container,
		    scl_addr object, struct scl_error *err)
{
	static const char *const names[] = {"tuple", "list", "set", "deque"};
	bool done = false;

	*items = (struct scl_items){.rt = rt, .container = container};
	switch (container) {
	case SCL_CONTAINER_TUPLE:
	case SCL_CONTAINER_LIST:
		done = init_array(items, object, err);
		break;
	case SCL_CONTAINER_SET:
		done = init_set(items, object, err);
		break;
	case SCL_CONTAINER_DEQUE:
		done = init_deque(items, object, err);
		break;
	}
	return done || scl_wrap(err, "%s at 0x%" PRIx64, names[container], object);
}

static unsigned left(const struct scl_items *items, unsigned most)
{
	uint64_t n = items->places - items->at;

	return n < most ? (unsigned)n : most;
}

static bool fetch_array(struct scl_items *items, struct scl_error *err)
{
	items->block_n = left(items, SCL_ITEMS_BLOCK);
	return scl_read(items->rt->target, items->base + items->at * sizeof(scl_addr), items->block,
			items->block_n * sizeof(scl_addr), err);
}

static bool fetch_set(struct scl_items *items, struct scl_error *err)
{
	struct {
		scl_addr key;
		int64_t hash;
	} entries[SCL_ITEMS_BLOCK];

	items->block_n = left(items, SCL_ITEMS_BLOCK);
	if (!scl_read(items->rt->target, items->base + items->at * SET_ENTRY, entries,
		      (size_t)items->block_n * SET_ENTRY, err))
		return false;
	for (unsigned i = 0; i < items->block_n; i++)
		items->block[i] = entries[i].hash == -1 ? 0 : entries[i].key;
	return true;
}

static bool fetch_deque(struct scl_items *items, struct scl_error *err)
{
	const struct scl_layout *layout = &items->rt->layout;
	scl_addr data = at(items->base, scl_off(layout, dequeblock, data)), next;
	struct scl_span spans[] = {
		{data + items->first * sizeof(scl_addr), items->block, 0},
		{at(items->base, scl_off(layout, dequeblock, rightlink)), &next, sizeof next},
	};

	items->block_n = left(items, DEQUE_BLOCK - items->first);
	spans[0].size = items->block_n * sizeof(scl_addr);
	if (!scl_read_spans(items->rt->target, spans, 2, err))
		return false;
	items->base = next;
	items->first = 0;
	return true;
}

static bool fetch(struct scl_items *items, struct scl_error *err)
{
	bool done = false;

	items->block_at = 0;
	switch (items->container) {
	case SCL_CONTAINER_TUPLE:
	case SCL_CONTAINER_LIST:
		done = fetch_array(items, err);
		break;
	case SCL_CONTAINER_SET:
		done = fetch_set(items, err);
		break;
	case SCL_CONTAINER_DEQUE:
		/* A block that begins at its end holds nothing; no deque of CPython has two of those in a row. */
		done = fetch_deque(items, err) && (items->block_n || fetch_deque(items, err));
		break;
	}
	if (!done) {
		items->block_n = 0;
		return scl_wrap(err, "items from %" PRIu64 " on", items->at);
	}
	items->at += items->block_n;
	return items->block_n || scl_fail(err, SCL_ECORRUPT, "a block of no items");
}

bool scl_items_next(struct scl_items *items, scl_addr *item, struct scl_error *err)
{
	for (;;) {
		if (items->block_at < items->block_n) {
			*item = items->block[items->block_at++];
			if (*item)
				return true;
			continue;
		}
		if (items->at >= items->places) {
			if (err)
				err->code = SCL_OK;
			return false;
		}
		if (!fetch(items, err))
			return false;
	}
}

scl_addr scl_tuple_item(const struct scl_runtime *rt, scl_addr tuple, unsigned i)
{
	struct scl_items items;
	scl_addr item;

	if (!tuple || !scl_items_init(&items, rt, SCL_CONTAINER_TUPLE, tuple, NULL) || i >= items.count ||
	    !scl_read_ptr(rt->target, items.base + i * sizeof(scl_addr), &item, NULL))
		return 0;
	return item;
}
