/* async_view.c - reading the asyncio of a process for a listing. */
#include "command/async_view.h"

#include <stdio.h>
#include <string.h>

#include "async/transport.h"
#include "async/worker.h"
#include "base/clock.h"
#include "base/text.h"
#include "command/async_clock.h"
#include "python/items.h"

enum { TRACEBACK_MAX = 256 };

/* -- threads -------------------------------------------------------------------------------------------------- */

static bool find_workers(struct scl_async_view *view, struct scl_asyncio *a)
{
	if (!view->workers)
		view->workers = scl_arena_calloc(&view->session->arena, view->threads.n, sizeof *view->workers);
	if (!view->workers)
		return false;
	for (size_t i = 0; i < view->threads.n; i++) {
		const struct scl_thread_sample *sample = view->threads.threads[i].sample;
		scl_addr source;

		if (sample->thread.interp == a->interp.address && scl_worker_find(a, &sample->stack, &source))
			view->workers[view->nworkers++] = (struct scl_worker){source, sample->thread.lwp, (unsigned)i};
	}
	return true;
}

const struct scl_thread_view *scl_async_loop_thread(const struct scl_async_view *view, const struct scl_loop *loop)
{
	for (size_t i = 0; loop->running && i < view->threads.n; i++)
		if (view->threads.threads[i].sample->thread.ident == loop->ident)
			return &view->threads.threads[i];
	return NULL;
}

bool scl_async_loop_is_idle(const struct scl_async_view *view, const struct scl_loop *loop)
{
	const struct scl_thread_view *thread = scl_async_loop_thread(view, loop);

	return thread && thread->sample->activity == SCL_ACTIVITY_LOOP_IDLE;
}

/* -- interpreters --------------------------------------------------------------------------------------------- */

static bool read_interp(struct scl_async_view *view, const struct scl_interpreter *interp, struct scl_error *err)
{
	struct scl_session *session = view->session;
	struct scl_async_interp *into = &view->interps[view->n];
	struct scl_error why = {.code = SCL_OK};

	into->asyncio = scl_arena_alloc(&session->arena, sizeof *into->asyncio);
	if (!into->asyncio)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (!scl_asyncio_init(into->asyncio, session->rt, NULL, interp, &why)) {
		if (why.code == SCL_ENOMEM)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		if (why.code != SCL_ENOTFOUND && view->why.code == SCL_OK)
			view->why = why;
		return true;
	}
	view->n++;
	size_t first = view->nworkers;
	return (find_workers(view, into->asyncio) || scl_fail(err, SCL_ENOMEM, "out of memory")) &&
	       scl_tasks_read(into->asyncio, &session->arena, &into->tasks, err) &&
	       scl_graph_read(into->asyncio, &session->arena, &into->tasks, view->workers + first,
			      view->nworkers - first, &into->graph, err);
}

static bool read_interps(struct scl_async_view *view, struct scl_error *err)
{
	struct scl_interpreter interp = {0};
	struct scl_error end;
	size_t n = 0;

	while (scl_interpreter_next(view->session->rt, &interp, &end))
		n++;
	view->interps = scl_arena_calloc(&view->session->arena, n, sizeof *view->interps);
	if (!view->interps)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	interp = (struct scl_interpreter){0};
	for (size_t i = 0; i < n && scl_interpreter_next(view->session->rt, &interp, &end); i++)
		if (!read_interp(view, &interp, err))
			return false;
	if (end.code != SCL_OK && view->why.code == SCL_OK)
		view->why = end;
	return true;
}

/*
 * Tasks refer to each other: their memory is read once and kept, as near to one instant as can be, also where the
 * process runs on meanwhile.
 */
static bool read_still(struct scl_async_view *view, struct scl_error *err)
{
	struct scl_session *session = view->session;
	bool done;

	if (!session->host->still)
		scl_target_set_still(session->target, true);
	done = read_interps(view, err);
	if (!session->host->still)
		scl_target_set_still(session->target, false);
	return done;
}

/* Its clock is ours. */
static bool lives(const struct scl_target *target)
{
	return scl_target_pid(target) > 0 && !scl_target_is_dead(target);
}

bool scl_async_view_take(struct scl_session *session, struct scl_async_view *view, struct scl_error *err)
{
	struct scl_filter_options options = {0};

	*view = (struct scl_async_view){.session = session};
	if (!scl_view_take(session, &view->threads, err))
		return false;
	view->filter = scl_filter_create(session->rt, &options, err);
	view->fds = scl_fds_create();
	view->now = lives(session->target) ? (double)scl_clock_monotonic() / SCL_NS_PER_S : 0;
	view->at_most = "";
	if (view->filter && read_still(view, err)) {
		if (scl_target_is_dead(session->target)) {
			view->now = scl_async_clock_last(view);
			view->at_most = "at most ";
		}
		return true;
	}
	scl_async_view_close(view);
	return false;
}

bool scl_async_fd(const struct scl_async_view *view, const struct scl_async_interp *interp,
		  const struct scl_fd_wait *wait, struct scl_fd *ret)
{
	struct scl_target *target = view->session->target;

	if (scl_target_is_dead(target))
		return scl_transport_read(interp->asyncio, wait->transport, ret);
	return scl_target_fd(target, view->fds, wait->fd, ret, NULL);
}

void scl_async_view_close(struct scl_async_view *view)
{
	for (size_t i = 0; i < view->n; i++)
		scl_asyncio_destroy(view->interps[i].asyncio);
	scl_fds_destroy(view->fds);
	scl_filter_destroy(view->filter);
	scl_view_close(&view->threads);
	*view = (struct scl_async_view){0};
}

size_t scl_async_view_count(const struct scl_async_view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < view->n; i++)
		n += view->interps[i].tasks.n;
	return n;
}

bool scl_async_is_user(const struct scl_async_view *view, const struct scl_frame *frame)
{
	return frame->code && scl_filter_rule_accepts(scl_filter_rule_for(view->filter, frame->code->filename));
}

const struct scl_frame *scl_async_worker_frame(const struct scl_async_view *view, const struct scl_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (scl_async_is_user(view, &stack->frames[i]))
			return &stack->frames[i];
	return stack->count && stack->frames[0].code ? &stack->frames[0] : NULL;
}

const struct scl_frame *scl_async_user_frame(const struct scl_async_view *view, const struct scl_task *task)
{
	const struct scl_chain *chain = &task->chain;

	for (size_t i = chain->n; i-- > 0;)
		if (scl_async_is_user(view, &chain->items[i].frame))
			return &chain->items[i].frame;
	return chain->n ? &chain->items[chain->n - 1].frame : NULL;
}

/* Debug mode keeps a traceback.StackSummary, whose last entries are asyncio's own. */
bool scl_async_creation(const struct scl_async_interp *interp, const struct scl_future *future,
			struct scl_creation *ret)
{
	struct scl_asyncio *a = interp->asyncio;
	const struct scl_runtime *rt = a->decoder.rt;
	scl_addr entry, file, name, best = 0;
	struct scl_items items;

	if (!future->source_traceback ||
	    !scl_items_init(&items, rt, SCL_CONTAINER_LIST, future->source_traceback, NULL))
		return false;
	for (unsigned i = 0; i < TRACEBACK_MAX && scl_items_next(&items, &entry, NULL); i++) {
		file = scl_asyncio_attr(a, entry, "filename");
		if (file && scl_str_read(rt, file, ret->file, sizeof ret->file, NULL) &&
		    !strstr(ret->file, "/asyncio/"))
			best = entry;
	}
	file = scl_asyncio_attr(a, best, "filename");
	name = scl_asyncio_attr(a, best, "name");
	return file && name && scl_str_read(rt, file, ret->file, sizeof ret->file, NULL) &&
	       scl_str_read(rt, name, ret->name, sizeof ret->name, NULL) &&
	       scl_int_read(rt, scl_asyncio_attr(a, best, "lineno"), &ret->line, NULL);
}

/* -- completion ----------------------------------------------------------------------------------------------- */

/* A name that is one word on a command line as it stands, and fit for a terminal. */
static bool can_be_typed(const char *name)
{
	struct scl_buffer safe = {0};
	bool same;

	scl_text_puts(&safe, name);
	same = strcmp(scl_buffer_str(&safe), name) == 0;
	scl_buffer_destroy(&safe);
	return same && name[0] && !strpbrk(name, " \t\"'\\");
}

static void complete_task(const struct scl_task *task, const char *before, const char *word, struct scl_buffer *out)
{
	char address[24];

	snprintf(address, sizeof address, "0x%" PRIx64, task->future.address);
	if (word[0] && strncmp(address, word, strlen(word)) == 0)
		scl_buffer_printf(out, "%s%s\n", before, address);
	if (can_be_typed(task->name) && strncmp(task->name, word, strlen(word)) == 0)
		scl_buffer_printf(out, "%s%s\n", before, task->name);
}

void scl_async_complete(struct scl_session *session, const char *before, const char *word, struct scl_buffer *out)
{
	enum { OFFERED = 200 };
	struct scl_async_view view;
	size_t n = 0;

	if (!scl_session_prepare(session, SCL_NEEDS_RUNTIME, NULL))
		return;
	if (scl_async_view_take(session, &view, NULL)) {
		for (size_t i = 0; i < view.n; i++)
			for (size_t k = 0; k < view.interps[i].tasks.n && n < OFFERED; k++, n++)
				complete_task(&view.interps[i].tasks.list[k], before, word, out);
		scl_async_view_close(&view);
	}
	scl_target_set_still(session->target, false);
	session->target = NULL;
	scl_arena_reset(&session->arena);
}
