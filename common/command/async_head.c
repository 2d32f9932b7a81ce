/* async_head.c - what a listing of tasks begins with: the process, its loops, counts of tasks, and what went wrong. */
#include <inttypes.h>

#include "base/text.h"
#include "command/async_view.h"

static struct scl_buffer *out_of(const struct scl_async_view *view)
{
	return &view->session->out;
}

static size_t count_loops(const struct scl_async_view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < view->n; i++)
		n += view->interps[i].tasks.loops.n;
	return n;
}

static void put_gil(const struct scl_async_view *view)
{
	struct scl_buffer *out = out_of(view);

	for (size_t i = 0; i < view->threads.n; i++) {
		const struct scl_thread_view *thread = &view->threads.threads[i];

		if (!thread->sample->holds_gil)
			continue;
		scl_buffer_printf(out, " · GIL held by %" PRIu64, thread->sample->thread.lwp);
		return;
	}
	scl_buffer_puts(out, " · GIL free");
}

static void put_loop(const struct scl_async_view *view, const struct scl_loop *loop)
{
	const struct scl_thread_view *thread = scl_async_loop_thread(view, loop);
	struct scl_buffer *out = out_of(view);

	scl_buffer_puts(out, "loop   ");
	scl_view_put(view->session, loop->class_name, out);
	if (thread) {
		scl_buffer_printf(out, " on thread %" PRIu64 " \"", loop->lwp);
		scl_view_put(view->session, thread->name, out);
		scl_buffer_puts(out, "\": ");
		scl_view_doing(thread->sample, out);
	} else {
		scl_buffer_puts(out, loop->closed ? ": closed" : ": no thread runs it");
	}
	if (loop->readable) {
		scl_buffer_printf(out, " · ready %" PRIu64 " · timers %" PRIu64, loop->ready, loop->scheduled);
		if (loop->next > 0 && view->now > 0)
			scl_buffer_printf(out, ", next in %s%.1f s", view->at_most,
					  loop->next > view->now ? loop->next - view->now : 0.0);
		scl_buffer_printf(out, " · fds %" PRIu64, loop->fds);
	}
	put_gil(view);
	scl_buffer_putc(out, '\n');
}

static void put_counts(const struct scl_async_view *view)
{
	size_t by_status[SCL_NTASK_STATUS] = {0}, stuck = 0, cycles = 0;
	struct scl_buffer *out = out_of(view);

	for (size_t i = 0; i < view->n; i++) {
		const struct scl_async_interp *interp = &view->interps[i];

		for (size_t k = 0; k < interp->tasks.n; k++) {
			by_status[interp->tasks.list[k].status]++;
			stuck += interp->graph.stuck[k];
		}
		cycles += interp->graph.ncycles;
	}
	scl_buffer_printf(out, "tasks  %zu", scl_async_view_count(view));
	for (size_t i = 0; i < SCL_NTASK_STATUS; i++)
		if (by_status[i])
			scl_buffer_printf(out, " · %zu %s", by_status[i],
					  scl_task_status_name((enum scl_task_status)i));
	if (stuck)
		scl_buffer_printf(out, " · %zu stuck", stuck);
	if (cycles)
		scl_buffer_printf(out, " · %zu cycle%s", cycles, cycles > 1 ? "s" : "");
	scl_buffer_putc(out, '\n');
}

void scl_async_put_trouble(const struct scl_async_view *view)
{
	struct scl_buffer *out = out_of(view);

	if (view->why.code != SCL_OK) {
		scl_buffer_puts(out, "not all could be read: ");
		scl_text_puts(out, view->why.text);
		scl_buffer_putc(out, '\n');
	}
	for (size_t i = 0; i < view->n; i++) {
		const struct scl_tasks *tasks = &view->interps[i].tasks;

		if (!tasks->why)
			continue;
		scl_buffer_printf(out, "%" PRIu64 " tasks not readable: ", tasks->unreadable);
		scl_text_puts(out, tasks->why->text);
		scl_buffer_putc(out, '\n');
	}
}

void scl_async_put_head(const struct scl_async_view *view)
{
	struct scl_buffer *out = out_of(view);
	size_t loops = count_loops(view);

	scl_buffer_printf(out, "Python %s, pid %d (%s), %zu loop%s\n", view->session->rt->version,
			  scl_target_pid(view->session->target), scl_target_kind(view->session->target), loops,
			  loops == 1 ? "" : "s");
	for (size_t i = 0; i < view->n; i++)
		for (size_t k = 0; k < view->interps[i].tasks.loops.n; k++)
			put_loop(view, &view->interps[i].tasks.loops.list[k]);
	put_counts(view);
	scl_async_put_trouble(view);
}
