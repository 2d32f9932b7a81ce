/* profiler_async.c - what Scalene's asynchronous part would find now: is its gate open, which tasks are there. */
#include <string.h>

#include "command/async_view.h"
#include "command/profiler_state.h"

/* ScaleneAsync.is_in_event_loop: any frame of these modules opens the gate, and of other ones of asyncio these functions.
 * Scalene asks for the module's name; a module of the standard library shows by its file as well. */
static const char *const gate_files[] = {
	"/asyncio/base_events.py",     "/asyncio/events.py",
	"/asyncio/runners.py",	       "/asyncio/selector_events.py",
	"/asyncio/proactor_events.py", "/asyncio/unix_events.py",
	"/asyncio/windows_events.py",  "/selectors.py",
};
static const char *const gate_names[] = {"_run_once", "select", "_poll", "run_forever", "run_until_complete"};

enum { GATE_DEPTH = 20 };

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static bool opens_gate(const struct scl_code *code)
{
	for (size_t i = 0; i < sizeof gate_files / sizeof *gate_files; i++)
		if (ends_with(code->filename, gate_files[i]))
			return true;
	for (size_t i = 0; i < sizeof gate_names / sizeof *gate_names; i++)
		if (strstr(code->filename, "/asyncio/") && strcmp(code->name, gate_names[i]) == 0)
			return true;
	return false;
}

static const char *keep(struct scl_prof_state *state, const char *text)
{
	return scl_arena_strndup(&state->session->arena, text, strlen(text));
}

/* "asyncio/base_events.py" */
static const char *module_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] != '/')
		slash--;
	return slash ? slash : path;
}

/* Scalene begins at the frame that its signal interrupted; while its handler runs, that is not the innermost one. */
static unsigned first_frame(const struct scl_stack *stack)
{
	unsigned first = 0;

	for (unsigned i = 0; i < stack->count; i++) {
		const struct scl_code *code = stack->frames[i].code;

		if (code && strcmp(code->name, "cpu_signal_handler") == 0 &&
		    ends_with(code->filename, "/scalene_profiler.py"))
			first = i + 1;
	}
	return first;
}

static void read_gate(struct scl_prof_state *state, const struct scl_thread_view *thread)
{
	const struct scl_stack *stack = &thread->sample->stack;
	struct scl_prof_gate *gate = &state->gate;

	/* The inner frames are what matters, and a torn stack lacks those. */
	if (!thread->sample->thread.main || stack->end == SCL_STACK_TORN || stack->end == SCL_STACK_BROKEN)
		return;
	gate->known = true;
	unsigned first = first_frame(stack);
	for (unsigned i = 0; i < GATE_DEPTH && first + i < stack->count; i++) {
		const struct scl_code *code = stack->frames[first + i].code;

		if (!code || !opens_gate(code))
			continue;
		gate->open = true;
		gate->depth = i;
		gate->file = keep(state, module_part(code->filename));
		gate->name = keep(state, code->name);
		return;
	}
}

static void count_tasks(struct scl_prof_state *state, const struct scl_async_view *view)
{
	state->tasks_known = view->why.code == SCL_OK;
	for (size_t i = 0; i < view->n; i++)
		for (size_t k = 0; k < view->interps[i].tasks.n; k++) {
			enum scl_task_status status = view->interps[i].tasks.list[k].status;

			state->tasks += status != SCL_TASK_DONE;
			state->suspended += status == SCL_TASK_WAITING || status == SCL_TASK_READY;
		}
}

bool scl_prof_read_async(struct scl_prof_state *state, struct scl_error *err)
{
	struct scl_async_view view;

	if (!scl_async_view_take(state->session, &view, err))
		return false;
	for (size_t i = 0; i < view.threads.n; i++)
		read_gate(state, &view.threads.threads[i]);
	count_tasks(state, &view);
	scl_async_view_close(&view);
	return true;
}
