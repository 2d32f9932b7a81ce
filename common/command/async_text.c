/* async_text.c - tasks and their waits in words. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "command/async_view.h"

void scl_async_put_place(const struct scl_async_view *view, const struct scl_frame *frame, struct scl_buffer *out)
{
	if (!frame || !frame->code) {
		scl_buffer_puts(out, "?");
		return;
	}
	scl_view_put(view->session, scl_view_shorten(view->filter, frame->code->filename), out);
	if (frame->line > 0)
		scl_buffer_printf(out, ":%" PRId32, frame->line);
}

/* Names as asyncio gives them stand bare: Task-1. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (!(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') &&
		    !(*name >= '0' && *name <= '9') && !strchr("-_.:/", *name))
			return false;
	return true;
}

void scl_async_put_name(const struct scl_async_view *view, const struct scl_task *task, struct scl_buffer *out)
{
	const char *quote = is_plain(task->name) && task->name[0] ? "" : "\"";

	scl_buffer_puts(out, quote);
	scl_view_put(view->session, task->name, out);
	scl_buffer_puts(out, quote);
}

/* -- waits ---------------------------------------------------------------------------------------------------- */

struct words {
	const struct scl_async_view *view;
	const struct scl_async_interp *interp;
	const struct scl_task *task;
	const struct scl_wait *wait;
	struct scl_buffer *out;
	bool all; /* with what differs from task to task */
};

static void put_left(struct words *w, const char *what, double when)
{
	if (!w->all)
		return;
	if (w->view->now <= 0)
		scl_buffer_printf(w->out, ", %s%sat %.1f s of the loop's clock", what, *what ? " " : "", when);
	else if (when <= w->view->now)
		scl_buffer_printf(w->out, ", %s%sdue", what, *what ? " " : "");
	else if (*what)
		scl_buffer_printf(w->out, ", %s in %s%.1f s", what, w->view->at_most, when - w->view->now);
	else
		scl_buffer_printf(w->out, ", %s%.1f s left", w->view->at_most, when - w->view->now);
}

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* "Lock 0x7f..": the object by its class, and which one. */
static void put_object(struct words *w)
{
	scl_view_put(w->view->session, w->wait->class_name[0] ? w->wait->class_name : "object", w->out);
	if (w->all)
		scl_buffer_printf(w->out, " 0x%" PRIx64, w->wait->object);
}

static void put_waiters(struct words *w, const char *one, const char *many)
{
	const char *word = w->wait->waiters == 1 ? one : many;

	if (w->wait->waiters >= 0)
		scl_buffer_printf(w->out, ", %" PRId64 " %s", w->wait->waiters, word);
}

static const struct scl_task *find_task(const struct words *w, scl_addr address)
{
	uint32_t index;

	return scl_tasks_find(&w->interp->tasks, address, &index) ? &w->interp->tasks.list[index] : NULL;
}

static void put_lock(struct words *w)
{
	const struct scl_task *holder = w->wait->holder ? find_task(w, w->wait->holder) : NULL;

	put_object(w);
	if (!w->all)
		return;
	if (w->wait->kind == SCL_WAIT_SEMAPHORE)
		scl_buffer_printf(w->out, ", value %" PRId64, w->wait->value);
	if (w->wait->kind == SCL_WAIT_BARRIER && w->wait->maxsize >= 0)
		scl_buffer_printf(w->out, ", %" PRId64 " of %" PRId64 " there", w->wait->size, w->wait->maxsize);
	else
		put_waiters(w, "waiting", "waiting");
	if (w->wait->kind != SCL_WAIT_LOCK)
		return;
	if (!holder) {
		scl_buffer_puts(w->out, ", holder unknown");
		return;
	}
	scl_buffer_puts(w->out, ", held by ");
	scl_async_put_name(w->view, holder, w->out);
	scl_buffer_puts(w->out, " (");
	scl_view_put(w->view->session, holder->coro_name, w->out);
	scl_buffer_putc(w->out, ' ');
	scl_async_put_place(w->view, scl_async_user_frame(w->view, holder), w->out);
	scl_buffer_putc(w->out, ')');
}

static void put_queue(struct words *w)
{
	const struct scl_wait *wait = w->wait;

	put_object(w);
	if (!w->all) {
		scl_buffer_puts(w->out, wait->kind == SCL_WAIT_QUEUE_GET   ? ", get"
					: wait->kind == SCL_WAIT_QUEUE_PUT ? ", put"
									   : ", join");
		return;
	}
	if (wait->size == 0)
		scl_buffer_puts(w->out, " empty");
	else if (wait->maxsize > 0 && wait->size >= wait->maxsize)
		scl_buffer_puts(w->out, " full");
	else if (wait->size > 0)
		scl_buffer_printf(w->out, ", %" PRId64 " item%s", wait->size, plural(wait->size));
	if (wait->maxsize > 0)
		scl_buffer_printf(w->out, ", maxsize %" PRId64, wait->maxsize);
	if (wait->kind == SCL_WAIT_QUEUE_JOIN)
		scl_buffer_printf(w->out, ", %" PRId64 " unfinished", wait->value);
	else
		put_waiters(w, wait->kind == SCL_WAIT_QUEUE_GET ? "getter" : "putter",
			    wait->kind == SCL_WAIT_QUEUE_GET ? "getters" : "putters");
}

static void put_fd(struct words *w)
{
	struct scl_fd fd;

	if (!w->wait->has_fd || !w->all)
		return;
	scl_buffer_printf(w->out, " fd %" PRId32 ", until it is %s", w->wait->fd.fd,
			  w->wait->fd.writes ? "writable" : "readable");
	if (!scl_async_fd(w->view, w->interp, &w->wait->fd, &fd))
		return;
	scl_buffer_puts(w->out, ", ");
	scl_fd_describe(&fd, w->out);
}

static void put_server(struct words *w)
{
	struct scl_fd fd;

	put_object(w);
	if (!w->wait->has_fd || !w->all)
		return;
	scl_buffer_printf(w->out, ", fd %" PRId32, w->wait->fd.fd);
	if (!scl_async_fd(w->view, w->interp, &w->wait->fd, &fd))
		return;
	scl_buffer_puts(w->out, ", ");
	scl_fd_describe(&fd, w->out);
}

/* "executor thread 21415 "asyncio_0": sleep at jobs.py:40". */
static void put_executor(struct words *w)
{
	const struct scl_thread_view *thread;
	const struct scl_frame *frame;

	scl_buffer_puts(w->out, "executor");
	if (!w->all)
		return;
	if (!w->wait->worker) {
		scl_buffer_puts(w->out, ", queued: no thread works for it yet");
		return;
	}
	thread = &w->view->threads.threads[w->wait->worker->thread];
	frame = scl_async_worker_frame(w->view, &thread->sample->stack);
	scl_buffer_printf(w->out, " thread %" PRIu64 " \"", thread->sample->thread.lwp);
	scl_view_put(w->view->session, thread->name, w->out);
	scl_buffer_puts(w->out, "\": ");
	if (frame) {
		scl_view_put(w->view->session, frame->code->name, w->out);
		scl_buffer_puts(w->out, " at ");
		scl_async_put_place(w->view, frame, w->out);
		scl_buffer_puts(w->out, ", ");
	}
	scl_view_doing(thread->sample, w->out);
}

static void put_many(struct words *w, const char *name)
{
	const struct scl_wait *wait = w->wait;

	scl_buffer_puts(w->out, name);
	if (!w->all)
		return;
	if (wait->total)
		scl_buffer_printf(w->out, ", %zu of %zu done", wait->done, wait->total);
	else if (wait->nawaits)
		scl_buffer_printf(w->out, ", %zu left", wait->nawaits);
	if (wait->any)
		scl_buffer_puts(w->out, ", the first one is enough");
}

static void put_one(struct words *w, const char *before)
{
	const struct scl_task *task = w->wait->nawaits ? find_task(w, w->wait->awaits[0]) : NULL;

	scl_buffer_puts(w->out, before);
	if (!w->all)
		return;
	scl_buffer_putc(w->out, ' ');
	if (task)
		scl_async_put_name(w->view, task, w->out);
	else
		put_object(w);
}

/* A future of a library's own says nothing; the function that awaits it does. */
static void put_leaf(struct words *w)
{
	const struct scl_chain *chain = &w->task->chain;
	const struct scl_frame *leaf = w->wait->leaf < chain->n ? &chain->items[w->wait->leaf].frame : NULL;

	if (!leaf || !leaf->code || leaf == scl_async_user_frame(w->view, w->task))
		return;
	scl_buffer_puts(w->out, " in ");
	scl_view_put(w->view->session, leaf->code->qualname, w->out);
	scl_buffer_putc(w->out, ' ');
	scl_async_put_place(w->view, leaf, w->out);
}

static void put_future(struct words *w)
{
	scl_buffer_puts(w->out, w->wait->orphan ? "orphan " : "");
	put_object(w);
	put_leaf(w);
	if (w->wait->orphan)
		scl_buffer_puts(w->out, ": nothing refers to it that could complete it");
}

static void put_plain(struct words *w)
{
	scl_buffer_puts(w->out, scl_wait_name(w->wait->kind));
}

static void put_foreign(struct words *w)
{
	scl_buffer_puts(w->out, "foreign awaitable ");
	scl_view_put(w->view->session, w->wait->class_name, w->out);
	put_leaf(w);
}

static void put_timer(struct words *w)
{
	scl_buffer_puts(w->out, "timer");
}

static void put_socket(struct words *w)
{
	put_plain(w);
	put_fd(w);
}

static void put_subprocess(struct words *w)
{
	scl_buffer_puts(w->out, "subprocess");
	if (w->all && w->wait->pid > 0)
		scl_buffer_printf(w->out, " %" PRId64, w->wait->pid);
}

static void put_kind(struct words *w)
{
	switch (w->wait->kind) {
	case SCL_WAIT_TIMER:
		put_timer(w);
		break;
	case SCL_WAIT_LOCK:
	case SCL_WAIT_SEMAPHORE:
	case SCL_WAIT_EVENT:
	case SCL_WAIT_CONDITION:
	case SCL_WAIT_BARRIER:
		put_lock(w);
		break;
	case SCL_WAIT_QUEUE_GET:
	case SCL_WAIT_QUEUE_PUT:
	case SCL_WAIT_QUEUE_JOIN:
		put_queue(w);
		break;
	case SCL_WAIT_SOCKET:
	case SCL_WAIT_STREAM:
	case SCL_WAIT_DRAIN:
	case SCL_WAIT_CLOSE:
		put_socket(w);
		break;
	case SCL_WAIT_SERVER:
		put_server(w);
		break;
	case SCL_WAIT_SUBPROCESS:
		put_subprocess(w);
		break;
	case SCL_WAIT_EXECUTOR:
		put_executor(w);
		break;
	case SCL_WAIT_GATHER:
	case SCL_WAIT_WAIT:
	case SCL_WAIT_AS_COMPLETED:
		put_many(w, scl_wait_name(w->wait->kind));
		break;
	case SCL_WAIT_TASK_GROUP:
		put_many(w, "TaskGroup");
		break;
	case SCL_WAIT_WAIT_FOR:
	case SCL_WAIT_SHIELD:
	case SCL_WAIT_TASK:
		put_one(w, scl_wait_name(w->wait->kind));
		break;
	case SCL_WAIT_FUTURE:
		put_future(w);
		break;
	case SCL_WAIT_FOREIGN:
		put_foreign(w);
		break;
	case SCL_WAIT_NONE:
	case SCL_WAIT_YIELD:
	case SCL_WAIT_NOT_KNOWN:
	case SCL_NWAITS:
		put_plain(w);
		break;
	}
}

static void put_wait(struct words *w)
{
	if (w->wait->kind == SCL_WAIT_NONE) {
		scl_buffer_puts(w->out, scl_task_status_name(w->task->status));
		return;
	}
	put_kind(w);
	if (w->wait->has_deadline)
		put_left(w, "", w->wait->deadline);
	if (w->wait->has_timeout)
		put_left(w, "timeout", w->wait->timeout);
}

void scl_async_put_wait(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
			struct scl_buffer *out)
{
	put_wait(&(struct words){view, interp, &interp->tasks.list[task], &interp->graph.waits[task], out, true});
}

void scl_async_put_wait_kind(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
			     struct scl_buffer *out)
{
	put_wait(&(struct words){view, interp, &interp->tasks.list[task], &interp->graph.waits[task], out, false});
}
