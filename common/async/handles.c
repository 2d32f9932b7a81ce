#include "async/handles.h"

#include <stdlib.h>
#include <string.h>

#include "python/items.h"

/* -- callbacks ------------------------------------------------------------------------------------------------ */

static scl_addr pointer(struct scl_asyncio *a, scl_addr object, enum scl_field field)
{
	int32_t offset = a->decoder.rt->layout.off[field];
	scl_addr value;

	if (offset == SCL_ABSENT || !scl_read_ptr(a->decoder.rt->target, object + (uint32_t)offset, &value, NULL))
		return 0;
	return value;
}

scl_addr scl_callback_self(struct scl_asyncio *a, scl_addr callback)
{
	const struct scl_type *type = callback ? scl_types_of(a->decoder.types, callback, NULL) : NULL;
	const char *name = type ? type->name : "";

	if (strcmp(name, "method") == 0)
		return pointer(a, callback, SCL_FIELD_method_self);
	if (strcmp(name, "builtin_function_or_method") == 0)
		return pointer(a, callback, SCL_FIELD_cfunction_self);
	if (strstr(name, "TaskStepMethWrapper") || strstr(name, "TaskWakeupMethWrapper"))
		return pointer(a, callback, SCL_FIELD_wrapper_object);
	return 0;
}

void scl_callback_name(struct scl_asyncio *a, scl_addr callback, char *buf, size_t cap)
{
	const struct scl_runtime *rt = a->decoder.rt;
	scl_addr name;

	buf[0] = '\0';
	for (int i = 0; i < 4 && callback; i++) {
		const struct scl_type *type = scl_types_of(a->decoder.types, callback, NULL);

		if (!type)
			return;
		if (strcmp(type->name, "method") == 0) {
			callback = pointer(a, callback, SCL_FIELD_method_func);
		} else if (strcmp(type->name, "functools.partial") == 0) {
			callback = pointer(a, callback, SCL_FIELD_partial_func);
		} else {
			if (strcmp(type->name, "function") == 0 &&
			    (name = pointer(a, callback, SCL_FIELD_function_qualname)) &&
			    !scl_str_read(rt, name, buf, cap, NULL))
				buf[0] = '\0';
			return;
		}
	}
}

/* -- collecting ----------------------------------------------------------------------------------------------- */

/* The objects that a handle is for, into `who`: what its callback is bound to, and its arguments. */
static size_t objects_of(struct scl_asyncio *a, scl_addr handle, scl_addr who[SCL_HANDLE_ARGS_MAX + 1])
{
	scl_addr callback = scl_types_attr_or_0(a->decoder.types, handle, "_callback");
	scl_addr args = scl_types_attr_or_0(a->decoder.types, handle, "_args"), self;
	struct scl_items items;
	size_t n = 0;

	self = scl_callback_self(a, callback);
	if (self)
		who[n++] = self;
	if (!args || !scl_items_init(&items, a->decoder.rt, SCL_CONTAINER_TUPLE, args, NULL) ||
	    items.count > SCL_HANDLE_ARGS_MAX)
		return n;
	while (n <= SCL_HANDLE_ARGS_MAX && scl_items_next(&items, &who[n], NULL))
		n++;
	return n;
}

static void *grow(struct scl_handles *h, void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	size_t wanted = *cap ? 2 * *cap : 64;
	void *bigger = realloc(array, wanted * size);

	h->failed = h->failed || !bigger;
	if (bigger)
		*cap = wanted;
	return bigger ? bigger : array;
}

static void put(struct scl_handles *h, struct scl_map *map, scl_addr object, size_t index)
{
	uint32_t there;

	/* The first one counts: a heap of timers has the earliest first. */
	if (!scl_map_get(map, object, &there) && !scl_map_put(map, object, (uint32_t)index))
		h->failed = true;
}

/* A timer's object: a future that it completes, or a Timeout that it ends and whose task then is cancelled. */
static void put_timer(struct scl_asyncio *a, struct scl_handles *h, scl_addr object, size_t index)
{
	const struct scl_type *type;
	enum scl_await_kind kind = scl_await_kind_of(a, object, &type);
	scl_addr task;

	put(h, &h->by_timer, object, index);
	if (scl_await_is_task(kind))
		put(h, &h->timeouts, object, index);
	if (!type || strstr(type->name, "imeout") == NULL) /* asyncio.Timeout, async_timeout.Timeout */
		return;
	task = scl_asyncio_attr(a, object, "_task");
	if (task)
		put(h, &h->timeouts, task, index);
}

bool scl_handle_when(struct scl_asyncio *a, scl_addr handle, double *when)
{
	scl_addr at = scl_types_attr_or_0(a->decoder.types, handle, "_when");

	return at && !scl_asyncio_is_true(a, scl_types_attr_or_0(a->decoder.types, handle, "_cancelled")) &&
	       scl_types_float(a->decoder.types, at, when, NULL);
}

static void add_timer(struct scl_asyncio *a, struct scl_handles *h, scl_addr handle)
{
	scl_addr who[SCL_HANDLE_ARGS_MAX + 1];
	double at;

	if (!scl_handle_when(a, handle, &at))
		return;
	h->when = grow(h, h->when, h->ntimers, &h->timers_cap, sizeof *h->when);
	if (h->failed)
		return;
	h->when[h->ntimers++] = at;
	if (h->next == 0 || at < h->next)
		h->next = at;
	for (size_t i = 0, n = objects_of(a, handle, who); i < n; i++)
		put_timer(a, h, who[i], h->ntimers - 1);
}

static void add_ready(struct scl_asyncio *a, struct scl_handles *h, scl_addr handle)
{
	scl_addr who[SCL_HANDLE_ARGS_MAX + 1];

	for (size_t i = 0, n = objects_of(a, handle, who); i < n; i++)
		put(h, &h->ready, who[i], 1);
}

static void add_fd(struct scl_asyncio *a, struct scl_handles *h, scl_addr handle, int32_t fd, bool writes)
{
	scl_addr who[SCL_HANDLE_ARGS_MAX + 1];

	if (!handle)
		return;
	h->fds = grow(h, h->fds, h->nfds, &h->fds_cap, sizeof *h->fds);
	if (h->failed)
		return;
	size_t n = objects_of(a, handle, who);
	h->fds[h->nfds++] = (struct scl_fd_wait){fd, writes, n ? who[0] : 0};
	for (size_t i = 0; i < n; i++)
		put(h, &h->by_fd, who[i], h->nfds - 1);
}

static void walk(struct scl_asyncio *a, struct scl_handles *h, enum scl_container container, scl_addr object,
		 void (*add)(struct scl_asyncio *, struct scl_handles *, scl_addr))
{
	struct scl_items items;
	scl_addr item;

	if (!object || !scl_items_init(&items, a->decoder.rt, container, object, NULL))
		return;
	for (unsigned i = 0; i < SCL_HANDLES_MAX && !h->failed && scl_items_next(&items, &item, NULL); i++)
		add(a, h, item);
}

/* fd -> SelectorKey(fileobj, fd, events, data), data: (reader, writer), each a Handle or None. */
static void walk_selector(struct scl_asyncio *a, struct scl_handles *h)
{
	scl_addr selector = scl_asyncio_attr(a, h->loop, "_selector"), key, value, data;
	scl_addr keys = scl_asyncio_attr(a, selector, "_fd_to_key");
	struct scl_dict dict;
	int64_t fd;

	if (!keys || !scl_dict_init(&dict, a->decoder.rt, keys, NULL))
		return;
	while (!h->failed && scl_dict_next(&dict, &key, &value, NULL)) {
		if (!scl_int_read(a->decoder.rt, key, &fd, NULL) || fd < 0 || fd > INT32_MAX)
			continue;
		data = scl_tuple_item(a->decoder.rt, value, 3);
		add_fd(a, h, scl_asyncio_not_none(a, scl_tuple_item(a->decoder.rt, data, 0)), (int32_t)fd, false);
		add_fd(a, h, scl_asyncio_not_none(a, scl_tuple_item(a->decoder.rt, data, 1)), (int32_t)fd, true);
	}
}

bool scl_handles_read(struct scl_asyncio *a, scl_addr loop, struct scl_handles *ret, struct scl_error *err)
{
	*ret = (struct scl_handles){.loop = loop};
	walk(a, ret, SCL_CONTAINER_LIST, scl_asyncio_attr(a, loop, "_scheduled"), add_timer);
	walk(a, ret, SCL_CONTAINER_DEQUE, scl_asyncio_attr(a, loop, "_ready"), add_ready);
	walk_selector(a, ret);
	if (!ret->failed)
		return true;
	scl_handles_destroy(ret);
	return scl_fail(err, SCL_ENOMEM, "out of memory");
}

void scl_handles_destroy(struct scl_handles *h)
{
	free(h->when);
	free(h->fds);
	scl_map_destroy(&h->by_timer);
	scl_map_destroy(&h->by_fd);
	scl_map_destroy(&h->ready);
	scl_map_destroy(&h->timeouts);
	*h = (struct scl_handles){0};
}

bool scl_handles_timer(const struct scl_handles *h, scl_addr object, double *when)
{
	uint32_t index;

	if (!scl_map_get(&h->by_timer, object, &index))
		return false;
	*when = h->when[index];
	return true;
}

bool scl_handles_timeout(const struct scl_handles *h, scl_addr task, double *when)
{
	uint32_t index;

	if (!scl_map_get(&h->timeouts, task, &index))
		return false;
	*when = h->when[index];
	return true;
}

bool scl_handles_fd(const struct scl_handles *h, scl_addr object, struct scl_fd_wait *ret)
{
	uint32_t index;

	if (!scl_map_get(&h->by_fd, object, &index))
		return false;
	*ret = h->fds[index];
	return true;
}

bool scl_handles_is_ready(const struct scl_handles *h, scl_addr object)
{
	uint32_t index;

	return scl_map_get(&h->ready, object, &index);
}
