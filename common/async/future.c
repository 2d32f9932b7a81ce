#include "async/future.h"

#include <stdio.h>
#include <string.h>

#include "python/items.h"
#include "python/window.h"

const char *scl_future_state_name(enum scl_future_state state)
{
	static const char *const names[] = {"pending", "cancelled", "finished"};

	return names[state];
}

/* -- C -------------------------------------------------------------------------------------------------------- */

static bool read_c(struct scl_asyncio *a, struct scl_future *f, struct scl_error *err)
{
	static const enum scl_field fields[] = {
		SCL_FIELD_future_loop,	    SCL_FIELD_future_callback0, SCL_FIELD_future_callbacks,
		SCL_FIELD_future_exception, SCL_FIELD_future_result,	SCL_FIELD_future_source_traceback,
		SCL_FIELD_future_state,	    SCL_FIELD_task_fut_waiter,	SCL_FIELD_task_coro,
		SCL_FIELD_task_name,
	};
	enum { OF_FUTURE = 7, OF_TASK = 10 };
	const struct scl_layout *layout = &a->decoder.rt->layout;
	size_t n = f->kind == SCL_AWAIT_C_TASK ? OF_TASK : OF_FUTURE;
	struct scl_window window = scl_window_over(layout, fields, n);
	uint8_t bytes[SCL_WINDOW_MAX];
	uint64_t state;

	if (!window.size ||
	    !scl_read(a->decoder.rt->target, f->address + (uint32_t)window.low, bytes, window.size, err))
		return false;
	state = scl_window_get(layout, window, bytes, SCL_FIELD_future_state);
	f->loop = scl_window_get(layout, window, bytes, SCL_FIELD_future_loop);
	f->callback0 = scl_window_get(layout, window, bytes, SCL_FIELD_future_callback0);
	f->callbacks = scl_window_get(layout, window, bytes, SCL_FIELD_future_callbacks);
	f->exception = scl_window_get(layout, window, bytes, SCL_FIELD_future_exception);
	f->result = scl_window_get(layout, window, bytes, SCL_FIELD_future_result);
	f->source_traceback = scl_window_get(layout, window, bytes, SCL_FIELD_future_source_traceback);
	if (n == OF_TASK) {
		f->fut_waiter = scl_window_get(layout, window, bytes, SCL_FIELD_task_fut_waiter);
		f->coro = scl_window_get(layout, window, bytes, SCL_FIELD_task_coro);
		f->name = scl_window_get(layout, window, bytes, SCL_FIELD_task_name);
	}
	if (state > SCL_FUTURE_FINISHED)
		return scl_fail_at(err, SCL_ECORRUPT, f->address, "state %" PRIu64, state);
	f->state = (enum scl_future_state)state;
	return true;
}

/* -- Python --------------------------------------------------------------------------------------------------- */

/* _state is the class's 'PENDING' until it is another one. */
static bool read_py_state(struct scl_asyncio *a, struct scl_future *f, struct scl_error *err)
{
	static const char *const names[] = {"PENDING", "CANCELLED", "FINISHED"};
	scl_addr value;
	char text[16];

	if (!scl_types_attr(a->decoder.types, f->address, "_state", &value, err))
		return false;
	if (!value)
		return true;
	if (!scl_str_read(a->decoder.rt, value, text, sizeof text, err))
		return scl_wrap(err, "_state");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			f->state = (enum scl_future_state)i;
			return true;
		}
	return scl_fail_at(err, SCL_ECORRUPT, f->address, "a _state of no known name");
}

static bool read_py(struct scl_asyncio *a, struct scl_future *f, struct scl_error *err)
{
	if (!read_py_state(a, f, err))
		return false;
	f->loop = scl_asyncio_attr(a, f->address, "_loop");
	f->callbacks = scl_asyncio_attr(a, f->address, "_callbacks");
	f->exception = scl_asyncio_attr(a, f->address, "_exception");
	f->result = scl_types_attr_or_0(a->decoder.types, f->address, "_result");
	f->source_traceback = scl_asyncio_attr(a, f->address, "_source_traceback");
	if (f->kind == SCL_AWAIT_PY_TASK) {
		f->fut_waiter = scl_asyncio_attr(a, f->address, "_fut_waiter");
		f->coro = scl_asyncio_attr(a, f->address, "_coro");
		f->name = scl_asyncio_attr(a, f->address, "_name");
	}
	return true;
}

bool scl_future_read(struct scl_asyncio *a, scl_addr address, struct scl_future *ret, struct scl_error *err)
{
	bool done;

	*ret = (struct scl_future){.address = address, .kind = scl_await_kind_of(a, address, NULL)};
	if (!scl_await_is_future(ret->kind))
		return scl_fail_at(err, SCL_ECORRUPT, address, "the object at 0x%" PRIx64 " is no future", address);
	done = ret->kind == SCL_AWAIT_C_FUTURE || ret->kind == SCL_AWAIT_C_TASK ? read_c(a, ret, err)
										: read_py(a, ret, err);
	return done || scl_wrap(err, "%s at 0x%" PRIx64, scl_await_is_task(ret->kind) ? "task" : "future", address);
}

void scl_task_name(struct scl_asyncio *a, const struct scl_future *task, char *buf, size_t cap)
{
	const struct scl_type *type = task->name ? scl_types_of(a->decoder.types, task->name, NULL) : NULL;
	int64_t number;

	snprintf(buf, cap, "?");
	if (!type)
		return;
	if (type->flags >> SCL_TYPE_LONG & 1 && scl_int_read(a->decoder.rt, task->name, &number, NULL))
		snprintf(buf, cap, "Task-%" PRId64, number);
	else if (type->flags >> SCL_TYPE_STR & 1 && !scl_str_read(a->decoder.rt, task->name, buf, cap, NULL))
		snprintf(buf, cap, "?");
}

scl_addr scl_future_callback(struct scl_asyncio *a, const struct scl_future *future, unsigned i)
{
	const struct scl_runtime *rt = a->decoder.rt;
	struct scl_items list;
	scl_addr pair;

	if (future->callback0 && i-- == 0)
		return future->callback0;
	if (!future->callbacks || !scl_items_init(&list, rt, SCL_CONTAINER_LIST, future->callbacks, NULL) ||
	    i >= list.count || !scl_read_ptr(rt->target, list.base + i * sizeof(scl_addr), &pair, NULL))
		return 0;
	return scl_tuple_item(rt, pair, 0);
}
