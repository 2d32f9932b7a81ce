/* wait_future.c - waits for a future: whose it is, and what will complete it. */
#include <string.h>

#include "async/wait_parts.h"
#include "python/items.h"

enum { CALLBACKS_MAX = 16 };

scl_addr scl_wait_callback(struct scl_asyncio *a, const struct scl_future *future, const char *name)
{
	char text[SCL_KEY_MAX];
	scl_addr callback;

	for (unsigned i = 0; i < CALLBACKS_MAX && (callback = scl_future_callback(a, future, i)); i++) {
		scl_callback_name(a, callback, text, sizeof text);
		if (strcmp(text, name) == 0)
			return callback;
	}
	return 0;
}

scl_addr scl_wait_shielded(struct scl_wait_reader *r, const struct scl_future *future)
{
	scl_addr callback = scl_wait_callback(r->a, future, "shield.<locals>._outer_done_callback");

	return callback ? scl_wait_closure(r, callback, "inner") : 0;
}

/* -- run_in_executor, to_thread ------------------------------------------------------------------------------- */

void scl_wait_executor(struct scl_wait_reader *r, scl_addr source)
{
	scl_wait_set_object(r, SCL_WAIT_EXECUTOR, source);
	for (size_t i = 0; i < r->context->nworkers; i++)
		if (r->context->workers[i].source == source)
			r->wait->worker = &r->context->workers[i];
}

/* -- an orphan ------------------------------------------------------------------------------------------------ */

/* How often the frames of the chain refer to the object. */
static unsigned references_of_frames(struct scl_wait_reader *r, scl_addr object)
{
	unsigned found = 0;

	for (size_t i = 0; i < r->task->chain.n; i++)
		found += scl_frame_references(r->a->decoder.locals, &r->task->chain.items[i].frame, object);
	return found;
}

/*
 * Nobody can complete a future that nobody refers to but those who wait for it: the iterator of its await, the waiting
 * task, and variables of their frames. Its reference count says whether there is anybody else.
 */
static bool is_orphan(struct scl_wait_reader *r, const struct scl_future *future)
{
	const struct scl_runtime *rt = r->a->decoder.rt;
	const struct scl_handles *handles = r->context->handles;
	/* The waiting task's fut_waiter, and the iterator; one in Python is a generator, whose frame is in the chain. */
	unsigned own = r->task->chain.iterates ? 1 : 2;
	uint32_t references;

	if (r->task->chain.end != SCL_CHAIN_FUTURE || r->wait->has_deadline || r->wait->has_fd ||
	    future->state != SCL_FUTURE_PENDING || rt->free_threaded ||
	    (handles && scl_handles_is_ready(handles, future->address)))
		return false;
	if (!scl_read_u32(rt->target, future->address + (uint32_t)scl_off(&rt->layout, object, refcnt), &references,
			  NULL))
		return false;
	return references <= own + references_of_frames(r, future->address);
}

/* -- all of them ---------------------------------------------------------------------------------------------- */

static void plain(struct scl_wait_reader *r, const struct scl_future *future)
{
	scl_addr inner = scl_wait_shielded(r, future), callback, source;

	if (inner) {
		scl_wait_set_object(r, SCL_WAIT_SHIELD, inner);
		scl_wait_add(r, inner);
		return;
	}
	callback = scl_wait_callback(r->a, future, "_chain_future.<locals>._call_check_cancel");
	source = callback ? scl_wait_closure(r, callback, "source") : 0;
	if (source) {
		scl_wait_executor(r, source);
		return;
	}
	scl_wait_set_object(r, SCL_WAIT_FUTURE, future->address);
	if (r->wait->has_deadline)
		r->wait->kind = SCL_WAIT_TIMER;
	else if (r->wait->has_fd)
		r->wait->kind = SCL_WAIT_SOCKET;
	r->wait->orphan = is_orphan(r, future);
}

void scl_wait_by_future(struct scl_wait_reader *r)
{
	struct scl_future future;

	if (!scl_future_read(r->a, r->future, &future, NULL)) {
		/* A future of another kind: uvloop's and the like say by their class what they are for. */
		scl_wait_set_object(r, SCL_WAIT_FOREIGN, r->future);
		return;
	}
	if (scl_await_is_task(future.kind)) {
		scl_wait_set_object(r, SCL_WAIT_TASK, r->future);
		scl_wait_add(r, r->future);
	} else if (strcmp(scl_asyncio_class_name(r->a, r->future), "_GatheringFuture") == 0) {
		scl_wait_set_object(r, SCL_WAIT_GATHER, r->future);
		scl_wait_add_all(r, SCL_CONTAINER_LIST, scl_asyncio_attr(r->a, r->future, "_children"));
	} else {
		plain(r, &future);
	}
}
