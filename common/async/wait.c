#include "async/wait.h"

#include <string.h>

#include "python/items.h"
#include "async/wait_parts.h"

const char *scl_wait_name(enum scl_wait_kind kind)
{
	static const char *const names[] = {
#define WAIT(id, name, ends) name,
#include "async/waits.def"
#undef WAIT
	};

	return names[kind];
}

enum scl_wait_end scl_wait_ends_by(enum scl_wait_kind kind)
{
	static const enum scl_wait_end ends_by[] = {
#define WAIT(id, name, ends) SCL_WAIT_ENDS_BY_##ends,
#include "async/waits.def"
#undef WAIT
	};

	return ends_by[kind];
}

/* -- parts ---------------------------------------------------------------------------------------------------- */

void scl_wait_set_object(struct scl_wait_reader *r, enum scl_wait_kind kind, scl_addr object)
{
	const char *name = object ? scl_asyncio_class_name(r->a, object) : "";

	r->wait->kind = kind;
	r->wait->object = object;
	r->wait->class_name = scl_arena_strndup(r->context->arena, name, strlen(name));
	r->failed = r->failed || !r->wait->class_name;
}

scl_addr scl_wait_local(struct scl_wait_reader *r, const struct scl_await *at, const char *name)
{
	return scl_asyncio_not_none(r->a, scl_local(r->a->decoder.locals, &at->frame, name));
}

void scl_wait_add(struct scl_wait_reader *r, scl_addr future)
{
	struct scl_wait *wait = r->wait;

	/* At powers of two it is full. */
	if ((wait->nawaits & (wait->nawaits - 1)) == 0) {
		size_t capacity = wait->nawaits ? 2 * wait->nawaits : 1;
		scl_addr *bigger = scl_arena_calloc(r->context->arena, capacity, sizeof *bigger);

		r->failed = r->failed || !bigger;
		if (!bigger)
			return;
		if (wait->nawaits)
			memcpy(bigger, wait->awaits, wait->nawaits * sizeof *bigger);
		wait->awaits = bigger;
	}
	wait->awaits[wait->nawaits++] = future;
}

void scl_wait_add_all(struct scl_wait_reader *r, enum scl_container container, scl_addr object)
{
	struct scl_items items;
	scl_addr item;

	if (!object || !scl_items_init(&items, r->a->decoder.rt, container, object, NULL))
		return;
	while (!r->failed && r->wait->total < SCL_TASKS_MAX && scl_items_next(&items, &item, NULL)) {
		struct scl_future future;

		r->wait->total++;
		if (scl_future_read(r->a, item, &future, NULL) && future.state != SCL_FUTURE_PENDING)
			r->wait->done++;
		else
			scl_wait_add(r, item);
	}
}

int64_t scl_wait_count(struct scl_wait_reader *r, enum scl_container container, scl_addr object)
{
	struct scl_items items;

	return object && scl_items_init(&items, r->a->decoder.rt, container, object, NULL) ? (int64_t)items.count : -1;
}

int64_t scl_wait_int(struct scl_wait_reader *r, scl_addr object, int64_t otherwise)
{
	int64_t value;

	return object && scl_int_read(r->a->decoder.rt, object, &value, NULL) ? value : otherwise;
}

void scl_wait_set_timeout(struct scl_wait_reader *r, scl_addr handle)
{
	double when;

	if (!handle || !scl_handle_when(r->a, handle, &when))
		return;
	if (!r->wait->has_timeout || when < r->wait->timeout)
		r->wait->timeout = when;
	r->wait->has_timeout = true;
}

scl_addr scl_wait_closure(struct scl_wait_reader *r, scl_addr callback, const char *name)
{
	const struct scl_runtime *rt = r->a->decoder.rt;
	struct scl_frame frame = {.offset = -1};
	scl_addr closure, cell;

	if (!scl_read_ptr(rt->target, callback + (uint32_t)scl_off(&rt->layout, function, code), &frame.code_address,
			  NULL) ||
	    !scl_read_ptr(rt->target, callback + (uint32_t)scl_off(&rt->layout, function, closure), &closure, NULL) ||
	    !closure || !scl_codes_get(r->a->decoder.codes, frame.code_address, &frame.code, NULL))
		return 0;
	int place = scl_free_variable(r->a->decoder.locals, &frame, name);
	if (place < 0)
		return 0;
	cell = scl_tuple_item(rt, closure, (unsigned)place);
	if (!cell || !scl_read_ptr(rt->target, cell + (uint32_t)scl_off(&rt->layout, cell, ref), &cell, NULL))
		return 0;
	return cell;
}

/* -- the wait ------------------------------------------------------------------------------------------------- */

static void find_timers(struct scl_wait_reader *r)
{
	const struct scl_handles *handles = r->context->handles;
	struct scl_wait *wait = r->wait;

	if (!handles)
		return;
	wait->has_timeout = scl_handles_timeout(handles, r->task->future.address, &wait->timeout);
	if (r->future && !wait->has_deadline)
		wait->has_deadline = scl_handles_timer(handles, r->future, &wait->deadline);
	if (r->future && !wait->has_fd)
		wait->has_fd = scl_handles_fd(handles, r->future, &wait->fd);
}

static void decide(struct scl_wait_reader *r)
{
	if (r->leaf)
		scl_wait_by_frame(r);
	if (r->wait->kind == SCL_WAIT_NONE && r->future)
		scl_wait_by_future(r);
	if (r->wait->kind != SCL_WAIT_NONE)
		return;
	if (r->task->chain.end == SCL_CHAIN_OBJECT)
		scl_wait_set_object(r, SCL_WAIT_FOREIGN, r->task->chain.object);
	else
		r->wait->kind = r->task->chain.end == SCL_CHAIN_YIELD ? SCL_WAIT_YIELD : SCL_WAIT_NOT_KNOWN;
}

bool scl_wait_read(const struct scl_wait_context *context, const struct scl_task *task, struct scl_wait *ret,
		   struct scl_error *err)
{
	const struct scl_chain *chain = &task->chain;
	struct scl_wait_reader r = {.context = context, .a = context->a, .task = task, .wait = ret};

	*ret = (struct scl_wait){
		.class_name = "", .leaf = chain->n, .waiters = -1, .size = -1, .maxsize = -1, .value = -1};
	if (task->status != SCL_TASK_WAITING)
		return true;
	if (chain->n > chain->iterates) {
		ret->leaf = chain->n - 1 - chain->iterates;
		r.leaf = &chain->items[ret->leaf];
	}
	/* Where the chain is not whole, the task itself says what it waits for. */
	r.future = chain->end == SCL_CHAIN_FUTURE ? chain->object : task->future.fut_waiter;
	find_timers(&r);
	decide(&r);
	return !r.failed || scl_fail(err, SCL_ENOMEM, "out of memory");
}
