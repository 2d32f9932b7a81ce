/* wait_frame.c - waits inside asyncio's own functions: which one it is, and what its variables say. */
#include <string.h>

#include "async/wait_parts.h"
#include "python/items.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && memcmp(s + n - m, end, m) == 0;
}

/* The frame runs a function of that file, given by the end of its path. */
static bool is_in(const struct scl_await *at, const char *file)
{
	return at->frame.code && ends_with(at->frame.code->filename, file);
}

static bool is_named(const struct scl_await *at, const char *name)
{
	return strcmp(at->frame.code->name, name) == 0;
}

/* The frame that awaits this one; NULL: none. */
static const struct scl_await *outwards(struct scl_wait_reader *r, const struct scl_await *at)
{
	return at > r->task->chain.items ? at - 1 : NULL;
}

static scl_addr self_of(struct scl_wait_reader *r, const struct scl_await *at)
{
	return scl_wait_local(r, at, "self");
}

static void find_fd(struct scl_wait_reader *r, scl_addr object)
{
	if (object && r->context->handles && !r->wait->has_fd)
		r->wait->has_fd = scl_handles_fd(r->context->handles, object, &r->wait->fd);
}

/* -- tasks.py ------------------------------------------------------------------------------------------------- */

static void at_sleep(struct scl_wait_reader *r)
{
	scl_wait_set_object(r, SCL_WAIT_TIMER, r->future);
}

static void at_wait_many(struct scl_wait_reader *r)
{
	scl_addr when = scl_wait_local(r, r->leaf, "return_when");
	char text[32] = "";

	scl_wait_set_object(r, SCL_WAIT_WAIT, r->future);
	scl_wait_add_all(r, SCL_CONTAINER_SET, scl_wait_local(r, r->leaf, "fs"));
	r->wait->any = when && scl_str_read(r->a->decoder.rt, when, text, sizeof text, NULL) &&
		       strcmp(text, "FIRST_COMPLETED") == 0;
}

/* 3.11 and before: a future of its own, which the inner one or a timer completes. Since, a plain await in a timeout. */
static void at_wait_for(struct scl_wait_reader *r)
{
	scl_addr inner = scl_wait_local(r, r->leaf, "fut");

	if (!scl_await_is_future(scl_await_kind_of(r->a, inner, NULL)))
		return;
	scl_wait_set_object(r, SCL_WAIT_WAIT_FOR, inner);
	scl_wait_add(r, inner);
	if (r->wait->has_deadline && !r->wait->has_timeout) {
		r->wait->has_timeout = true;
		r->wait->timeout = r->wait->deadline;
	}
	r->wait->has_deadline = false;
}

/* -- locks.py ------------------------------------------------------------------------------------------------- */

static void at_acquire(struct scl_wait_reader *r)
{
	scl_addr self = self_of(r, r->leaf), value = scl_asyncio_attr(r->a, self, "_value");

	scl_wait_set_object(r, value ? SCL_WAIT_SEMAPHORE : SCL_WAIT_LOCK, self);
	r->wait->value = scl_wait_int(r, value, -1);
	r->wait->waiters = scl_wait_count(r, SCL_CONTAINER_DEQUE, scl_asyncio_attr(r->a, self, "_waiters"));
}

static void queue(struct scl_wait_reader *r, enum scl_wait_kind kind, scl_addr self);

/* Event.wait, Condition.wait, and what is built on them: Condition.wait_for, Barrier.wait, Queue.join. */
static void at_wait(struct scl_wait_reader *r)
{
	const struct scl_await *at = r->leaf, *out;
	const char *class;
	scl_addr self;

	while ((out = outwards(r, at)) && is_in(out, "/asyncio/locks.py"))
		at = out;
	if (out && is_in(out, "/asyncio/queues.py") && is_named(out, "join")) {
		queue(r, SCL_WAIT_QUEUE_JOIN, self_of(r, out));
		return;
	}
	self = self_of(r, at);
	class = scl_asyncio_class_name(r->a, self);
	scl_wait_set_object(r, SCL_WAIT_EVENT, self);
	if (scl_asyncio_attr(r->a, self, "_lock"))
		r->wait->kind = SCL_WAIT_CONDITION;
	else if (scl_asyncio_attr(r->a, self, "_parties") || strcmp(class, "Barrier") == 0)
		r->wait->kind = SCL_WAIT_BARRIER;
	r->wait->waiters = scl_wait_count(r, SCL_CONTAINER_DEQUE, scl_asyncio_attr(r->a, self, "_waiters"));
	if (r->wait->kind == SCL_WAIT_BARRIER) {
		r->wait->size = scl_wait_int(r, scl_asyncio_attr(r->a, self, "_count"), -1);
		r->wait->maxsize = scl_wait_int(r, scl_asyncio_attr(r->a, self, "_parties"), -1);
	}
}

/* -- queues.py ------------------------------------------------------------------------------------------------ */

/* Queue and LifoQueue hold a deque or list, PriorityQueue a list. */
static int64_t queue_length(struct scl_wait_reader *r, scl_addr items)
{
	bool list;

	if (!items || !scl_object_is(r->a->decoder.rt, items, SCL_TYPE_LIST, &list, NULL))
		return -1;
	return scl_wait_count(r, list ? SCL_CONTAINER_LIST : SCL_CONTAINER_DEQUE, items);
}

static void queue(struct scl_wait_reader *r, enum scl_wait_kind kind, scl_addr self)
{
	scl_addr waiters = kind == SCL_WAIT_QUEUE_PUT ? scl_asyncio_attr(r->a, self, "_putters")
						      : scl_asyncio_attr(r->a, self, "_getters");

	scl_wait_set_object(r, kind, self);
	r->wait->size = queue_length(r, scl_asyncio_attr(r->a, self, "_queue"));
	r->wait->maxsize = scl_wait_int(r, scl_asyncio_attr(r->a, self, "_maxsize"), -1);
	if (kind == SCL_WAIT_QUEUE_JOIN)
		r->wait->value = scl_wait_int(r, scl_asyncio_attr(r->a, self, "_unfinished_tasks"), -1);
	else
		r->wait->waiters = scl_wait_count(r, SCL_CONTAINER_DEQUE, waiters);
}

/* asyncio.as_completed hands its futures over through a queue (an iterator that keeps them since 3.13). */
static void at_get(struct scl_wait_reader *r)
{
	const struct scl_await *out = outwards(r, r->leaf);
	scl_addr self = self_of(r, r->leaf);

	if (!out || !is_in(out, "/asyncio/tasks.py") || !is_named(out, "_wait_for_one")) {
		queue(r, SCL_WAIT_QUEUE_GET, self);
		return;
	}
	scl_wait_set_object(r, SCL_WAIT_AS_COMPLETED, self);
	scl_wait_add_all(r, SCL_CONTAINER_SET, scl_asyncio_attr(r->a, self_of(r, out), "_todo"));
	scl_wait_set_timeout(r, scl_asyncio_attr(r->a, self_of(r, out), "_timeout_handle"));
	r->wait->any = true;
}

static void at_put(struct scl_wait_reader *r)
{
	queue(r, SCL_WAIT_QUEUE_PUT, self_of(r, r->leaf));
}

/* -- sockets, streams, servers, subprocesses ------------------------------------------------------------------ */

/* The descriptor of a transport: of a socket, of a pipe, or of the one under TLS. */
static void find_transport(struct scl_wait_reader *r, scl_addr transport, bool writes)
{
	scl_addr fd, under = scl_asyncio_attr(r->a, transport, "_ssl_protocol");

	if (under)
		transport = scl_asyncio_attr(r->a, under, "_transport");
	find_fd(r, transport);
	if (r->wait->has_fd || !transport)
		return;
	fd = scl_asyncio_attr(r->a, transport, "_sock_fd");
	fd = fd ? fd : scl_asyncio_attr(r->a, transport, "_fileno");
	r->wait->fd = (struct scl_fd_wait){(int32_t)scl_wait_int(r, fd, -1), writes, transport};
	r->wait->has_fd = r->wait->fd.fd >= 0;
}

static void at_socket(struct scl_wait_reader *r)
{
	scl_wait_set_object(r, SCL_WAIT_SOCKET, scl_wait_local(r, r->leaf, "sock"));
	find_fd(r, r->future);
}

static void at_stream(struct scl_wait_reader *r)
{
	scl_addr self = self_of(r, r->leaf);

	scl_wait_set_object(r, SCL_WAIT_STREAM, self);
	find_transport(r, scl_asyncio_attr(r->a, self, "_transport"), false);
}

static void at_drain(struct scl_wait_reader *r)
{
	const struct scl_await *out = outwards(r, r->leaf);
	scl_addr self = self_of(r, r->leaf), transport = scl_asyncio_attr(r->a, self, "_transport");

	/* Before 3.11 the protocol does not know its transport; the StreamWriter whose drain() this is does. */
	if (!transport && out && is_in(out, "/asyncio/streams.py"))
		transport = scl_asyncio_attr(r->a, self_of(r, out), "_transport");
	scl_wait_set_object(r, SCL_WAIT_DRAIN, transport ? transport : self);
	find_transport(r, transport, true);
	r->wait->fd.writes = true;
}

static void at_close(struct scl_wait_reader *r)
{
	scl_addr self = self_of(r, r->leaf);

	scl_wait_set_object(r, SCL_WAIT_CLOSE, self);
	find_transport(r, scl_asyncio_attr(r->a, self, "_transport"), true);
}

/* The first of its listening sockets stands for the server. */
static void at_server(struct scl_wait_reader *r)
{
	const struct scl_runtime *rt = r->a->decoder.rt;
	scl_addr self = self_of(r, r->leaf), sockets = scl_asyncio_attr(r->a, self, "_sockets"), socket;
	struct scl_items items;

	scl_wait_set_object(r, SCL_WAIT_SERVER, self);
	if (!sockets || !scl_items_init(&items, rt, SCL_CONTAINER_LIST, sockets, NULL) ||
	    !scl_items_next(&items, &socket, NULL))
		return;
	r->wait->has_fd =
		scl_read_i32(rt->target, socket + (uint32_t)scl_off(&rt->layout, socket, fd), &r->wait->fd.fd, NULL) &&
		r->wait->fd.fd >= 0;
}

static void at_subprocess(struct scl_wait_reader *r)
{
	scl_addr self = self_of(r, r->leaf);

	scl_wait_set_object(r, SCL_WAIT_SUBPROCESS, self);
	r->wait->pid = scl_wait_int(r, scl_asyncio_attr(r->a, self, "_pid"), 0);
}

static void at_task_group(struct scl_wait_reader *r)
{
	scl_addr self = self_of(r, r->leaf);

	scl_wait_set_object(r, SCL_WAIT_TASK_GROUP, self);
	/* Tasks leave the set when they are done: there is no total. */
	scl_wait_add_all(r, SCL_CONTAINER_SET, scl_asyncio_attr(r->a, self, "_tasks"));
	r->wait->total = r->wait->done = 0;
}

/* -- anyio's _backends/_asyncio.py ------------------------------------------------------------------------------ */

static void at_worker_thread(struct scl_wait_reader *r)
{
	if (r->future)
		scl_wait_executor(r, r->future);
}

/* -- the table ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *file, *function; /* a function ending in '*': any that begins so */
	void (*read)(struct scl_wait_reader *r);
} places[] = {
	{"/asyncio/tasks.py", "sleep", at_sleep},
	{"/asyncio/tasks.py", "_wait", at_wait_many},
	{"/asyncio/tasks.py", "wait_for", at_wait_for},
	{"/asyncio/tasks.py", "_cancel_and_wait", at_wait_for},
	{"/asyncio/locks.py", "acquire", at_acquire},
	{"/asyncio/locks.py", "wait", at_wait},
	{"/asyncio/queues.py", "get", at_get},
	{"/asyncio/queues.py", "put", at_put},
	{"/asyncio/selector_events.py", "sock_*", at_socket},
	{"/asyncio/streams.py", "_wait_for_data", at_stream},
	{"/asyncio/streams.py", "_drain_helper", at_drain},
	{"/asyncio/streams.py", "wait_closed", at_close},
	{"/asyncio/base_events.py", "serve_forever", at_server},
	{"/asyncio/base_events.py", "wait_closed", at_server},
	{"/asyncio/base_subprocess.py", "_wait", at_subprocess},
	{"/asyncio/taskgroups.py", "__aexit__", at_task_group},
	{"/asyncio/taskgroups.py", "_aexit", at_task_group},
	{"/anyio/_backends/_asyncio.py", "run_sync_in_worker_thread", at_worker_thread},
};

static bool matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	return n && pattern[n - 1] == '*' ? strncmp(pattern, name, n - 1) == 0 : strcmp(pattern, name) == 0;
}

void scl_wait_by_frame(struct scl_wait_reader *r)
{
	if (!r->leaf->frame.code)
		return;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (matches(places[i].function, r->leaf->frame.code->name) && is_in(r->leaf, places[i].file)) {
			places[i].read(r);
			return;
		}
}
