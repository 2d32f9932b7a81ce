/* cmd_threads.c - threads: what each thread is doing, and who holds the GIL. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "command/columns.h"
#include "command/table.h"
#include "command/view.h"

enum { COL_LWP, COL_NAME, COL_GIL, COL_STATE, COL_FRAME, NCOLUMNS };

struct lister {
	struct scl_session *session;
	struct scl_filter *filter;
	struct scl_columns columns;
	const char *inherited; /* the main thread's kernel name, which threads have that were given none */
	cJSON *threads;	       /* NULL: text */
	struct scl_map python; /* LWPs that Python knows */
};

/* The innermost frame of the user's; else the innermost one of all, and *user says so. NULL: no frame. */
static const struct scl_frame *top_frame(struct lister *l, const struct scl_stack *stack, bool *user)
{
	const struct scl_frame *innermost = NULL;

	*user = false;
	if (stack->end == SCL_STACK_TORN)
		return NULL;
	for (size_t i = 0; i < stack->count; i++) {
		const struct scl_frame *frame = &stack->frames[i];
		if (!frame->code)
			continue;
		*user = scl_filter_rule_accepts(scl_filter_rule_for(l->filter, frame->code->filename));
		if (*user)
			return frame;
		innermost = innermost ? innermost : frame;
	}
	return innermost;
}

static void put_top(struct lister *l, const struct scl_stack *stack, struct scl_buffer *out)
{
	bool user;
	const struct scl_frame *frame = top_frame(l, stack, &user);

	if (!frame && stack->end == SCL_STACK_BROKEN) {
		scl_buffer_puts(out, "(not readable: ");
		scl_view_put(l->session, stack->why.text, out);
		scl_buffer_putc(out, ')');
		return;
	}
	if (!frame) {
		scl_buffer_puts(out, "-");
		return;
	}
	scl_buffer_puts(out, user ? "" : "(library) ");
	scl_view_put(l->session, frame->code->name, out);
	scl_buffer_putc(out, ' ');
	scl_view_put(l->session, scl_view_shorten(l->filter, frame->code->filename), out);
	if (frame->line > 0)
		scl_buffer_printf(out, ":%" PRId32, frame->line);
}

static void add_row(struct lister *l, const char *lwp, const struct scl_buffer *name, const char *gil,
		    const struct scl_buffer *state, const struct scl_buffer *frame)
{
	const char *cells[NCOLUMNS] = {[COL_LWP] = lwp,
				       [COL_NAME] = scl_buffer_str(name),
				       [COL_GIL] = gil,
				       [COL_STATE] = scl_buffer_str(state),
				       [COL_FRAME] = scl_buffer_str(frame)};

	scl_columns_add(&l->columns, cells);
}

/* The kernel keeps 15 bytes of a name (prctl(2), PR_SET_NAME), less where that would cut a character of UTF-8. */
static bool is_cut_from(const char *kernel_name, const char *name)
{
	enum { KEPT = 15, CHARACTER = 4 };
	size_t n = strlen(kernel_name);

	return strncmp(kernel_name, name, n) == 0 && (!name[n] || n > KEPT - CHARACTER);
}

static void add_text(struct lister *l, const struct scl_thread_view *view)
{
	const struct scl_thread *thread = &view->sample->thread;
	struct scl_buffer name = {0}, state = {0}, frame = {0};
	char lwp[24] = "?";

	if (thread->lwp)
		snprintf(lwp, sizeof(lwp), "%" PRIu64, thread->lwp);
	scl_view_put(l->session, view->name, &name);
	if (thread->main)
		scl_buffer_puts(&name, " (main)");
	if (view->kernel_name[0] && !is_cut_from(view->kernel_name, view->name) &&
	    strcmp(view->kernel_name, l->inherited) != 0) {
		scl_buffer_puts(&name, " [");
		scl_view_put(l->session, view->kernel_name, &name);
		scl_buffer_puts(&name, "]");
	}
	if (thread->interp_id != 0)
		scl_buffer_printf(&name, " (interpreter %" PRId64 ")", thread->interp_id);
	scl_view_doing(view->sample, &state);
	put_top(l, &view->sample->stack, &frame);
	add_row(l, lwp, &name, view->sample->holds_gil ? "GIL" : "", &state, &frame);
	scl_buffer_destroy(&name);
	scl_buffer_destroy(&state);
	scl_buffer_destroy(&frame);
}

static void add_json(struct lister *l, const struct scl_thread_view *view)
{
	cJSON *object = scl_view_json_thread(view);
	bool user;
	const struct scl_stack *stack = &view->sample->stack;
	const struct scl_frame *frame = top_frame(l, stack, &user);

	cJSON_AddBoolToObject(object, "python", true);
	if (frame)
		cJSON_AddItemToObject(object, user ? "user_frame" : "library_frame", scl_view_json_frame(frame));
	else if (stack->end == SCL_STACK_BROKEN)
		cJSON_AddStringToObject(object, "why", stack->why.text);
	cJSON_AddItemToArray(l->threads, object);
}

/* -- threads that Python does not know ------------------------------------------------------------------------- */

static const char *kernel_state(char state)
{
	switch (state) {
	case 'R':
		return "on CPU";
	case 'S':
		return "sleeping";
	case 'D':
		return "in an uninterruptible wait";
	case 'T':
		return "stopped by a signal";
	case 't':
		return "stopped by a debugger";
	case 'Z':
	case 'X':
		return "ended";
	default:
		return "not known";
	}
}

static void add_foreign_text(struct lister *l, uint64_t lwp, const struct scl_lwp_status *status, const char *call)
{
	struct scl_buffer name = {0}, state = {0}, frame = {0};
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, lwp);
	scl_buffer_puts(&name, "[");
	scl_view_put(l->session, status->name, &name);
	scl_buffer_puts(&name, "]");
	if (call)
		scl_buffer_printf(&state, "blocked in %s", call);
	else
		scl_buffer_puts(&state, kernel_state(status->state));
	scl_buffer_puts(&frame, "(no Python thread)");
	add_row(l, number, &name, "", &state, &frame);
	scl_buffer_destroy(&name);
	scl_buffer_destroy(&state);
	scl_buffer_destroy(&frame);
}

static bool add_foreign(uint64_t lwp, void *arg)
{
	struct lister *l = arg;
	struct scl_lwp_status status = {0};
	uint32_t known;

	if (!scl_session_go_on(l->session, NULL))
		return false;
	if (scl_map_get(&l->python, lwp, &known))
		return true;
	/* A thread may have ended since it was listed. */
	if (!scl_lwp_status(l->session->target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL | SCL_LWP_NAME, &status, NULL))
		return true;
	status.name[sizeof(status.name) - 1] = '\0';
	const char *call = status.in_syscall ? scl_syscall_name(status.syscall) : NULL;
	if (!l->threads) {
		add_foreign_text(l, lwp, &status, call);
		return true;
	}
	cJSON *object = cJSON_CreateObject();
	cJSON_AddNumberToObject(object, "lwp", (double)lwp);
	cJSON_AddStringToObject(object, "kernel_name", status.name);
	cJSON_AddBoolToObject(object, "python", false);
	cJSON_AddStringToObject(object, "activity", kernel_state(status.state));
	if (call)
		cJSON_AddStringToObject(object, "syscall", call);
	cJSON_AddItemToArray(l->threads, object);
	return true;
}

/* -- the command ----------------------------------------------------------------------------------------------- */

static bool list(struct lister *l, const struct scl_view *view, struct scl_error *err)
{
	static const char *const heads[NCOLUMNS] = {[COL_LWP] = "LWP",
						    [COL_NAME] = "NAME",
						    [COL_GIL] = "GIL",
						    [COL_STATE] = "STATE",
						    [COL_FRAME] = "TOP USER FRAME"};

	scl_columns_add(&l->columns, heads);
	l->inherited = view->n ? view->threads[0].kernel_name : "";
	for (size_t i = 0; i < view->n; i++) {
		const struct scl_thread_view *thread = &view->threads[i];
		if (!scl_session_go_on(l->session, err))
			return false;
		if (thread->sample->thread.lwp && !scl_map_put(&l->python, thread->sample->thread.lwp, 1))
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		if (l->threads)
			add_json(l, thread);
		else
			add_text(l, thread);
	}
	struct scl_error why;
	if (!scl_for_each_lwp(l->session->target, add_foreign, l, &why) && why.code != SCL_EUNSUPPORTED)
		return scl_fail(err, why.code, "%s", why.text);
	return scl_session_go_on(l->session, err);
}

static bool print(struct lister *l, const struct scl_args *args, const struct scl_view *view, struct scl_error *err)
{
	if (!scl_arg(args, "--json")->given) {
		if (!list(l, view, err))
			return false;
		scl_columns_print(&l->columns, l->session->host->width, &l->session->out);
		return true;
	}
	cJSON *document = scl_view_json_begin(l->session);
	l->threads = cJSON_AddArrayToObject(document, "threads");
	bool done = l->threads ? list(l, view, err) && scl_out_json(l->session, scl_arg(args, "--json"), document, err)
			       : scl_fail(err, SCL_ENOMEM, "out of memory");
	cJSON_Delete(document);
	return done;
}

static bool run_threads(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct lister l = {.session = session, .columns = {.arena = &session->arena, .n = NCOLUMNS}};
	struct scl_filter_options options = {0};
	struct scl_view view;

	l.filter = scl_filter_create(session->rt, &options, err);
	if (!l.filter)
		return false;
	bool done = scl_view_take(session, &view, err);
	if (done) {
		done = print(&l, args, &view, err);
		scl_view_close(&view);
	}
	scl_filter_destroy(l.filter);
	scl_map_destroy(&l.python);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON"},
};

const struct scl_command scl_cmd_threads = {
	.name = "threads",
	.summary = "what each thread is doing, where, and who holds the GIL",
	.details =
		"The state is decided on the thread's whole stack and on what the kernel says of it. The frame is the "
		"innermost one of the user's own code by the rules of \"sample\"; where a stack has none, it is the "
		"innermost one of all, marked (library). Names are those of threading, with the kernel's in brackets "
		"where a thread has one of its own. Threads that Python does not know are listed last.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_threads,
	.example = "$ scalene threads\n"
		   "LWP    NAME               GIL  STATE                       TOP USER FRAME\n"
		   "16024  MainThread (main)       running native code         checksum app.py:5\n"
		   "16027  poller                  blocked in clock_nanosleep  poll app.py:15",
};
