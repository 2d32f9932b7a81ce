/* diagnosis_loops.c - the event loops of a process, what they wait for, and whether their tasks can be read. */
#include <stdlib.h>
#include <string.h>

#include "command/diagnosis.h"

static bool no_memory(struct scl_error *err)
{
	return scl_fail(err, SCL_ENOMEM, "out of memory");
}

/* -- tasks -------------------------------------------------------------------------------------------------------- */

static void count_task(const struct scl_task *task, struct scl_await_facts *facts, const char **why)
{
	bool broken = task->chain.end == SCL_CHAIN_BROKEN || task->chain.end == SCL_CHAIN_CUT;

	if (task->status == SCL_TASK_DONE)
		return;
	facts->tasks++;
	if (task->status == SCL_TASK_RUNNING)
		return;
	facts->suspended++;
	facts->complete += !broken && task->chain.n > 0;
	if ((broken || !task->chain.n) && !*why)
		*why = task->chain.why ? task->chain.why->text : scl_chain_end_text(task->chain.end);
}

/* Of one loop; of all where it is 0. */
static void count_tasks(const struct scl_diagnosis *d, scl_addr loop, struct scl_await_facts *facts, const char **why)
{
	for (size_t i = 0; i < d->view.n; i++) {
		const struct scl_tasks *tasks = &d->view.interps[i].tasks;

		for (size_t k = 0; k < tasks->n; k++)
			if (!loop || tasks->list[k].future.loop == loop)
				count_task(&tasks->list[k], facts, why);
	}
}

/* -- what a loop waits for ---------------------------------------------------------------------------------------- */

/* The descriptor of the socket that other threads wake the loop with (BaseSelectorEventLoop._make_self_pipe). */
static int32_t own_fd(const struct scl_loop_state *state)
{
	struct scl_asyncio *a = state->interp->asyncio;
	const struct scl_runtime *rt = a->decoder.rt;
	scl_addr socket = scl_asyncio_attr(a, state->loop->address, "_ssock");
	int32_t fd = -1;

	if (!socket || !scl_has(&rt->layout, socket, fd) ||
	    !scl_read_i32(rt->target, socket + (uint32_t)scl_off(&rt->layout, socket, fd), &fd, NULL))
		return -1;
	return fd;
}

static int by_fd(const void *a, const void *b)
{
	const struct scl_fd_wait *x = &((const struct scl_loop_fd *)a)->wait;
	const struct scl_fd_wait *y = &((const struct scl_loop_fd *)b)->wait;

	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return (int)x->writes - (int)y->writes;
}

static bool read_fds(struct scl_diagnosis *d, struct scl_loop_state *state, const struct scl_handles *handles)
{
	int32_t own = own_fd(state);

	state->fds = scl_arena_calloc(&d->session->arena, handles->nfds, sizeof *state->fds);
	if (!state->fds)
		return false;
	for (size_t i = 0; i < handles->nfds; i++)
		if (handles->fds[i].fd != own)
			state->fds[state->nfds++].wait = handles->fds[i];
	if (state->nfds)
		qsort(state->fds, state->nfds, sizeof *state->fds, by_fd);
	/* More of them are counted, not asked for. */
	for (size_t i = 0; i < state->nfds && i < SCL_DIAGNOSIS_FDS; i++) {
		struct scl_loop_fd *fd = &state->fds[i];

		fd->known = scl_async_fd(&d->view, state->interp, &fd->wait, &fd->fd);
		state->listeners += fd->known && strcmp(fd->fd.state, "LISTEN") == 0;
	}
	return true;
}

static void find_running(const struct scl_diagnosis *d, struct scl_loop_state *state)
{
	for (size_t i = 0; i < d->view.n; i++) {
		const struct scl_tasks *tasks = &d->view.interps[i].tasks;

		for (size_t k = 0; k < tasks->n; k++)
			if (tasks->list[k].future.loop == state->loop->address &&
			    tasks->list[k].status == SCL_TASK_RUNNING)
				state->task = &tasks->list[k];
	}
}

static bool read_state(struct scl_diagnosis *d, struct scl_loop_state *state, struct scl_error *err)
{
	struct scl_handles handles;

	count_tasks(d, state->loop->address, &state->tasks, &state->why);
	find_running(d, state);
	state->tasks.idle = scl_async_loop_is_idle(&d->view, state->loop);
	if (!state->loop->readable)
		return true;
	if (!scl_handles_read(state->interp->asyncio, state->loop->address, &handles, err))
		return false;
	state->timers = handles.ntimers;
	state->next_timer = handles.next;
	bool done = read_fds(d, state, &handles) || no_memory(err);
	scl_handles_destroy(&handles);
	return done;
}

/* -- which loops -------------------------------------------------------------------------------------------------- */

static void add_loop(struct scl_diagnosis *d, struct scl_async_interp *interp, const struct scl_loop *loop)
{
	const struct scl_thread_view *thread = scl_async_loop_thread(&d->view, loop);
	bool own = thread && d->subject && thread->sample->thread.ident == d->subject->sample->thread.ident;
	size_t at = own ? 0 : d->nloops;

	if (!loop->running || (d->nloops == SCL_DIAGNOSIS_LOOPS && !own))
		return;
	d->nloops += d->nloops < SCL_DIAGNOSIS_LOOPS;
	if (own) {
		memmove(&d->loops[1], &d->loops[0], (d->nloops - 1) * sizeof *d->loops);
		d->own_loop = true;
	}
	d->loops[at] = (struct scl_loop_state){.loop = loop, .interp = interp, .thread = thread};
}

/* A module of that name is imported: the class of a loop may say no more than "Loop". */
static bool is_imported(const struct scl_loop_state *state, const char *name)
{
	const struct scl_async_interp *interp = state->interp;
	scl_addr dict;

	return scl_module_dict(interp->asyncio->decoder.rt, interp->asyncio->interp.modules, name, &dict, NULL) && dict;
}

static void judge_loop(struct scl_diagnosis *d)
{
	const struct scl_loop_state *state = &d->loops[0];

	d->loop_module = d->evidence.clues.loop;
	if (!d->own_loop)
		return;
	d->evidence.loop = state->loop->readable;
	d->evidence.loop_foreign = !state->loop->readable;
	d->evidence.ready = state->loop->ready;
	d->evidence.suspended = state->tasks.suspended;
	if (!state->loop->readable && !d->loop_module)
		d->loop_module = is_imported(state, "uvloop") ? "uvloop" : state->loop->class_name;
}

bool scl_diagnosis_read_loops(struct scl_diagnosis *d, struct scl_error *err)
{
	d->loops = scl_arena_calloc(&d->session->arena, SCL_DIAGNOSIS_LOOPS, sizeof *d->loops);
	if (!d->loops)
		return no_memory(err);
	for (size_t i = 0; i < d->view.n; i++)
		for (size_t k = 0; k < d->view.interps[i].tasks.loops.n; k++)
			add_loop(d, &d->view.interps[i], &d->view.interps[i].tasks.loops.list[k]);
	for (size_t i = 0; i < d->nloops; i++)
		if (!scl_session_go_on(d->session, err) || !read_state(d, &d->loops[i], err))
			return false;
	judge_loop(d);
	if (d->nloops) {
		d->awaits = d->loops[0].tasks;
		d->broken = d->loops[0].why;
	} else {
		count_tasks(d, 0, &d->awaits, &d->broken);
	}
	return true;
}
