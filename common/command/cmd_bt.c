/* cmd_bt.c - bt: Python stacks, written as Python's traceback module writes them. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "command/source.h"
#include "command/table.h"
#include "command/view.h"

/* As traceback.py: a frame is shown three times in a row, then counted (_RECURSIVE_CUTOFF, CPython 3.8 - 3.13). */
enum { REPEATS_SHOWN = 3 };

struct printer {
	struct scl_session *session;
	struct scl_source_cache source;
	uint64_t limit; /* frames of one stack; 0: all */
	bool color;
};

static void put_header(struct printer *p, const struct scl_thread_view *view)
{
	const struct scl_thread_sample *sample = view->sample;
	struct scl_buffer *out = &p->session->out;

	scl_buffer_puts(out, p->color ? "\033[1m" : "");
	if (sample->thread.lwp)
		scl_buffer_printf(out, "Thread %" PRIu64, sample->thread.lwp);
	else
		scl_buffer_printf(out, "Thread with ident 0x%" PRIx64, sample->thread.ident);
	if (view->name[0]) {
		scl_buffer_puts(out, " \"");
		scl_view_put(p->session, view->name, out);
		scl_buffer_putc(out, '"');
	}
	scl_buffer_puts(out, sample->thread.main ? " (main, " : " (");
	if (sample->thread.interp_id != 0)
		scl_buffer_printf(out, "interpreter %" PRId64 ", ", sample->thread.interp_id);
	if (sample->holds_gil)
		scl_buffer_puts(out, "holds the GIL, ");
	scl_view_doing(sample, out);
	scl_buffer_puts(out, p->color ? ")\033[m\n" : ")\n");
}

static void put_frame(struct printer *p, const struct scl_frame *frame)
{
	struct scl_buffer *out = &p->session->out;
	const struct scl_code *code = frame->code;
	size_t len = 0;

	if (!code) {
		scl_buffer_printf(out, "  File \"?\", in a frame at 0x%" PRIx64 " whose code object is not readable\n",
				  frame->address);
		return;
	}
	scl_buffer_puts(out, "  File \"");
	scl_view_put(p->session, code->filename, out);
	if (frame->line > 0)
		scl_buffer_printf(out, "\", line %" PRId32 ", in ", frame->line);
	else
		scl_buffer_puts(out, "\", in ");
	scl_buffer_puts(out, p->color ? "\033[36m" : "");
	scl_view_put(p->session, code->name, out);
	scl_buffer_puts(out, p->color ? "\033[m\n" : "\n");
	const char *line =
		p->session->settings.source ? scl_source_line(&p->source, code->filename, frame->line, &len) : NULL;
	if (line) {
		struct scl_buffer safe = {0};
		scl_text_append(&safe, line, len);
		scl_buffer_puts(out, "    ");
		scl_text_put_cut(out, scl_buffer_str(&safe), p->session->settings.max_string);
		scl_buffer_putc(out, '\n');
		scl_buffer_destroy(&safe);
	}
}

static bool same_place(const struct scl_frame *a, const struct scl_frame *b)
{
	return a->code && b->code && a->line == b->line && strcmp(a->code->filename, b->code->filename) == 0 &&
	       strcmp(a->code->name, b->code->name) == 0;
}

static void put_repeats(struct printer *p, size_t run)
{
	if (run <= REPEATS_SHOWN)
		return;
	size_t more = run - REPEATS_SHOWN;
	scl_buffer_printf(&p->session->out, "  [Previous line repeated %zu more time%s]\n", more, more > 1 ? "s" : "");
}

/* Outermost first: a traceback reads downwards to where the thread is now. */
static void put_frames(struct printer *p, const struct scl_stack *stack)
{
	size_t shown = p->limit && p->limit < stack->count ? (size_t)p->limit : stack->count;
	size_t run = 0;

	if (shown < stack->count)
		scl_buffer_printf(&p->session->out, "  [%zu outer frames not shown]\n", stack->count - shown);
	for (size_t i = shown; i-- > 0;) {
		bool again = i + 1 < shown && same_place(&stack->frames[i], &stack->frames[i + 1]);
		if (!again)
			put_repeats(p, run);
		run = again ? run + 1 : 1;
		if (run <= REPEATS_SHOWN)
			put_frame(p, &stack->frames[i]);
	}
	put_repeats(p, run);
}

static const char *end_text(enum scl_stack_end end)
{
	switch (end) {
	case SCL_STACK_COMPLETE:
		return "complete";
	case SCL_STACK_CUT:
		return "cut";
	case SCL_STACK_BROKEN:
		return "broken";
	case SCL_STACK_TORN:
		return "torn";
	}
	return "unknown";
}

/* The walk goes outwards, so what is missing is missing at the top of what is printed. */
static void put_stack(struct printer *p, const struct scl_stack *stack)
{
	struct scl_buffer *out = &p->session->out;

	if (stack->end == SCL_STACK_TORN) {
		scl_buffer_puts(out, "  [the thread moved whenever its stack was read]\n");
		return;
	}
	if (stack->end == SCL_STACK_CUT)
		scl_buffer_puts(out, "  [deeper than can be read: outer frames are missing]\n");
	if (stack->end == SCL_STACK_BROKEN) {
		scl_buffer_puts(out, stack->count ? "  [outer frames are missing: " : "  [not readable: ");
		scl_text_puts(out, stack->why.text);
		scl_buffer_puts(out, "]\n");
	}
	if (stack->count == 0 && stack->end == SCL_STACK_COMPLETE)
		scl_buffer_puts(out, "  [no Python frame]\n");
	put_frames(p, stack);
}

static cJSON *json_stack(struct printer *p, const struct scl_thread_view *view)
{
	const struct scl_stack *stack = &view->sample->stack;
	size_t shown = p->limit && p->limit < stack->count ? (size_t)p->limit : stack->count;
	cJSON *object = scl_view_json_thread(view);

	cJSON_AddStringToObject(object, "stack", end_text(stack->end));
	if (stack->end == SCL_STACK_BROKEN)
		cJSON_AddStringToObject(object, "why", stack->why.text);
	cJSON *frames = cJSON_AddArrayToObject(object, "frames");
	if (stack->end == SCL_STACK_TORN)
		return object;
	for (size_t i = shown; i-- > 0;)
		cJSON_AddItemToArray(frames, scl_view_json_frame(&stack->frames[i]));
	return object;
}

/* Which threads: all, or the one that the user has selected, or the main one where nobody can select. */
static bool choose(struct scl_session *session, const struct scl_args *args, struct scl_view *view,
		   struct scl_error *err)
{
	struct scl_host *host = session->host;
	uint64_t lwp = host->selected_lwp ? host->selected_lwp(host) : 0;

	if (scl_arg(args, "--all")->given)
		return true;
	for (size_t i = 0; i < view->n; i++) {
		const struct scl_thread *thread = &view->threads[i].sample->thread;
		if (lwp ? thread->lwp == lwp : thread->main) {
			view->threads += i;
			view->n = 1;
			return true;
		}
	}
	if (lwp)
		return scl_fail(err, SCL_ENOTFOUND,
				"the selected thread (LWP %" PRIu64
				") runs no Python; \"%sbt --all\" shows those that do",
				lwp, host->prompt);
	return scl_fail(err, SCL_ENOTFOUND, "the main thread runs no Python; \"%sbt --all\" shows those that do",
			host->prompt);
}

static bool print_json(struct printer *p, const struct scl_args *args, const struct scl_view *view,
		       struct scl_error *err)
{
	cJSON *document = scl_view_json_begin(p->session);
	cJSON *threads = cJSON_AddArrayToObject(document, "threads");

	bool done = true;
	for (size_t i = 0; done && i < view->n; i++) {
		cJSON_AddItemToArray(threads, json_stack(p, &view->threads[i]));
		done = scl_session_go_on(p->session, err);
	}
	done = done && scl_out_json(p->session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool print_text(struct printer *p, const struct scl_view *view, struct scl_error *err)
{
	for (size_t i = 0; i < view->n; i++) {
		if (!scl_session_go_on(p->session, err))
			return false;
		scl_buffer_puts(&p->session->out, i ? "\n" : "");
		put_header(p, &view->threads[i]);
		put_stack(p, &view->threads[i].sample->stack);
		scl_out_flush(p->session);
	}
	return true;
}

static bool run_bt(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct printer p = {.session = session,
			    .source = {.arena = &session->arena, .target = session->target},
			    .limit = scl_arg(args, "--limit")->count,
			    .color = scl_session_color(session)};
	struct scl_view view;

	if (!scl_view_take(session, &view, err))
		return false;
	bool done = choose(session, args, &view, err);
	if (done)
		done = scl_arg(args, "--json")->given ? print_json(&p, args, &view, err) : print_text(&p, &view, err);
	scl_view_close(&view);
	scl_source_cache_close(&p.source);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--all", .letter = 'a', .kind = SCL_ARG_FLAG, .help = "every thread, not only the selected one"},
	{.name = "--limit",
	 .letter = 'n',
	 .kind = SCL_ARG_COUNT,
	 .metavar = "N",
	 .help = "only the N innermost frames of each stack"},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON"},
};

const struct scl_command scl_cmd_bt = {
	.name = "bt",
	.summary = "Python stacks like a traceback, with source lines",
	.details =
		"As in Python's own traceback the most recent call comes last. Without --all the stack is that of "
		"the debugger's selected thread, or of the main thread where no thread is selected. Source lines are "
		"read from the files as they are now.\n\n"
		"A stack that cannot be read to its outermost frame says why and shows the frames that were read.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_bt,
	.example = "$ scalene bt --limit 2\n"
		   "Thread 16024 \"MainThread\" (main, idle in event loop: epoll_wait)\n"
		   "  [5 outer frames not shown]\n"
		   "  File \"/usr/lib/python3.11/asyncio/base_events.py\", line 1884, in _run_once\n"
		   "    event_list = self._selector.select(timeout)\n"
		   "  File \"/usr/lib/python3.11/selectors.py\", line 468, in select\n"
		   "    fd_event_list = self._selector.poll(timeout, max_ev)",
};
