/* diagnosis_print.c - a diagnosis on a terminal: the verdict, the evidence, the next command. */
#include "base/text.h"
#include "command/columns.h"
#include "command/diagnosis.h"

enum { COL_FUNCTION, COL_PLACE, COL_USER, COL_RULE, NCOLUMNS };

/* Begin a line of evidence; "" goes on with the one before. */
static struct scl_buffer *line(struct scl_diagnosis *d, const char *key)
{
	scl_buffer_printf(&d->session->out, "%-11s ", key);
	return &d->session->out;
}

static void print_thread(struct scl_diagnosis *d)
{
	struct scl_buffer *out;

	if (!d->subject)
		return;
	out = line(d, "thread");
	scl_buffer_printf(out, "%" PRIu64 " \"", d->subject_lwp);
	scl_view_put(d->session, d->subject->name, out);
	scl_buffer_puts(out, d->subject->sample->thread.main ? "\" (main): " : "\": ");
	scl_view_doing(d->subject->sample, out);
	scl_buffer_puts(out, d->subject->sample->holds_gil ? ", holds the GIL\n" : "\n");
	/* The line of source names the call that nothing else does. */
	const struct scl_frame *frame = d->stack.count ? &d->stack.frames[0] : NULL;
	size_t len = 0;
	const char *text = frame && frame->code && d->session->settings.source
				   ? scl_source_line(&d->source, frame->code->filename, frame->line, &len)
				   : NULL;
	if (!text)
		return;
	struct scl_buffer safe = {0};
	scl_text_append(&safe, text, len);
	out = line(d, "source");
	scl_async_put_place(&d->view, frame, out);
	scl_buffer_puts(out, "  ");
	scl_text_put_cut(out, scl_buffer_str(&safe), d->session->settings.max_string);
	scl_buffer_putc(out, '\n');
	scl_buffer_destroy(&safe);
}

static void print_process(struct scl_diagnosis *d)
{
	const struct scl_evidence *e = &d->evidence;
	struct scl_buffer *out = line(d, "process");

	scl_buffer_printf(out, "%d, %" PRIu64 " thread%s", scl_target_pid(d->session->target), e->lwps,
			  e->lwps == 1 ? "" : "s");
	if (e->python)
		scl_buffer_printf(out, ", %" PRIu64 " of Python", e->python_threads);
	if (e->dead_threads)
		scl_buffer_printf(out, " of which %" PRIu64 " %s not there", e->dead_threads,
				  e->dead_threads == 1 ? "is" : "are");
	if (e->forked)
		scl_buffer_printf(out, "; a fork of %" PRIu64 " that has not executed another program",
				  d->process.parent);
	scl_buffer_putc(out, '\n');
	if (d->why.code == SCL_OK)
		return;
	out = line(d, e->python ? "threads" : "looked");
	scl_view_put(d->session, d->why.text, out);
	scl_buffer_putc(out, '\n');
}

static void print_native(struct scl_diagnosis *d)
{
	for (size_t i = 0; i < d->nnative; i++) {
		const struct scl_lwp_status *status = &d->native[i].status;
		const char *call = status->in_syscall ? scl_syscall_name(status->syscall) : NULL;
		struct scl_buffer *out = line(d, "native");

		scl_buffer_printf(out, "thread %" PRIu64 " [", d->native[i].lwp);
		scl_view_put(d->session, status->name, out);
		if (call)
			scl_buffer_printf(out, "]: blocked in %s", call);
		else
			scl_buffer_puts(out, scl_diagnosis_on_cpu(status) ? "]: on CPU" : "]: sleeping");
		scl_buffer_puts(out,
				d->evidence.python && !d->evidence.dead_threads ? ", not known to Python\n" : "\n");
	}
}

static void print_other(struct scl_diagnosis *d, const char *key, const struct scl_thread_view *thread)
{
	struct scl_buffer *out;
	const struct scl_frame *frame;

	if (!thread)
		return;
	out = line(d, key);
	if (thread->sample->thread.interp_id)
		scl_buffer_printf(out, "interpreter %" PRId64 ", ", thread->sample->thread.interp_id);
	scl_buffer_printf(out, "thread %" PRIu64 " \"", thread->sample->thread.lwp);
	scl_view_put(d->session, thread->name, out);
	scl_buffer_puts(out, "\": ");
	scl_view_doing(thread->sample, out);
	frame = scl_async_worker_frame(&d->view, &thread->sample->stack);
	if (frame) {
		scl_buffer_puts(out, " at ");
		scl_async_put_place(&d->view, frame, out);
	}
	scl_buffer_putc(out, '\n');
}

/* -- loops -------------------------------------------------------------------------------------------------------- */

static void print_fds(struct scl_diagnosis *d, const struct scl_loop_state *state)
{
	for (size_t i = 0; i < state->nfds && i < SCL_DIAGNOSIS_FDS; i++) {
		const struct scl_loop_fd *fd = &state->fds[i];
		struct scl_buffer *out = line(d, "waits for");

		scl_buffer_printf(out, "fd %" PRId32 ", %s: ", fd->wait.fd, fd->wait.writes ? "writable" : "readable");
		if (fd->known)
			scl_fd_describe(&fd->fd, out);
		else
			scl_buffer_puts(out, "not known");
		scl_buffer_putc(out, '\n');
	}
	if (state->nfds > SCL_DIAGNOSIS_FDS)
		scl_buffer_printf(line(d, ""), "and %zu more descriptors\n", state->nfds - SCL_DIAGNOSIS_FDS);
}

static void print_loop(struct scl_diagnosis *d, const struct scl_loop_state *state)
{
	struct scl_buffer *out = line(d, "loop");

	scl_view_put(d->session, state->loop->class_name, out);
	scl_buffer_printf(out, " 0x%" PRIx64, state->loop->address);
	if (state->thread)
		scl_buffer_printf(out, " on thread %" PRIu64, state->thread->sample->thread.lwp);
	if (!state->loop->readable) {
		scl_buffer_puts(out, ", not one of asyncio's own: its queues are not known\n");
		return;
	}
	scl_buffer_printf(out, ": %s, ready %" PRIu64 ", descriptors %zu, timers %zu",
			  state->tasks.idle ? "idle" : "not idle", state->loop->ready, state->nfds, state->timers);
	if (state->next_timer > 0 && d->view.now > 0 && state->next_timer > d->view.now)
		scl_buffer_printf(out, ", next in %s%.1f s", d->view.at_most, state->next_timer - d->view.now);
	else if (state->next_timer > 0 && d->view.now > 0)
		scl_buffer_puts(out, ", next is due");
	if (state->task) {
		scl_buffer_puts(out, "; runs task ");
		scl_async_put_name(&d->view, state->task, out);
	}
	scl_buffer_putc(out, '\n');
	print_fds(d, state);
}

/* -- frames ------------------------------------------------------------------------------------------------------- */

static void add_frame(struct scl_diagnosis *d, struct scl_columns *columns, size_t i)
{
	const struct scl_frame *frame = &d->stack.frames[i];
	enum scl_filter_rule rule = scl_diagnosis_rule(d, frame);
	const char *option = scl_diagnosis_option(rule);
	struct scl_buffer name = {0}, place = {0}, why = {0};
	const char *cells[NCOLUMNS];

	scl_view_put(d->session, frame->code ? frame->code->name : "?", &name);
	scl_async_put_place(&d->view, frame, &place);
	scl_buffer_puts(&why, frame->code ? scl_filter_rule_text(rule) : "its code object cannot be read");
	if (frame->code && !d->user[i] && option)
		scl_buffer_printf(&why, "; %s shows it", option);
	cells[COL_FUNCTION] = scl_buffer_str(&name);
	cells[COL_PLACE] = scl_buffer_str(&place);
	cells[COL_USER] = d->user[i] ? "yes" : "no";
	cells[COL_RULE] = scl_buffer_str(&why);
	scl_columns_add(columns, cells);
	scl_buffer_destroy(&name);
	scl_buffer_destroy(&place);
	scl_buffer_destroy(&why);
}

static void print_frames(struct scl_diagnosis *d)
{
	static const char *const heads[NCOLUMNS] = {"RAW FRAME", "AT", "USER", "RULE"};
	struct scl_columns columns = {.arena = &d->session->arena, .n = NCOLUMNS};
	struct scl_buffer *out = &d->session->out;
	size_t shown = d->stack.count < SCL_DIAGNOSIS_FRAMES ? d->stack.count : SCL_DIAGNOSIS_FRAMES, user = 0;

	if (!d->stack.count)
		return;
	scl_columns_add(&columns, heads);
	for (size_t i = 0; i < d->stack.count; i++) {
		user += d->user[i];
		if (i < shown)
			add_frame(d, &columns, i);
	}
	scl_buffer_printf(out, "\nframes, innermost first: %zu raw, %zu of the user's own\n", d->stack.count, user);
	scl_columns_print(&columns, d->session->host->width, out);
	if (shown < d->stack.count)
		scl_buffer_printf(out, "%zu outer frames are not shown\n", d->stack.count - shown);
}

/* -- checks ------------------------------------------------------------------------------------------------------- */

static void print_checks(struct scl_diagnosis *d)
{
	enum scl_await_check failed = scl_await_check_failed(&d->awaits);
	struct scl_buffer *out = &d->session->out;

	scl_buffer_puts(out, "\ndata about awaits\n");
	for (int i = 0; i < SCL_NCHECKS; i++) {
		enum scl_await_check check = (enum scl_await_check)i;

		scl_buffer_printf(out, "%-3s  %s: ", scl_await_check_passes(&d->awaits, check) ? "yes" : "no",
				  scl_diagnosis_check_name(check));
		scl_diagnosis_check(d, check, out);
		scl_buffer_putc(out, '\n');
	}
	if (failed == SCL_NCHECKS)
		scl_buffer_puts(out, "all three hold: a sample counts every suspended task\n");
	else
		scl_buffer_printf(out, "fails at: %s\n", scl_diagnosis_check_name(failed));
}

void scl_diagnosis_print(struct scl_diagnosis *d)
{
	struct scl_buffer *out = &d->session->out;

	scl_diagnosis_sentence(d, out);
	scl_buffer_puts(out, "\n\n");
	print_thread(d);
	print_process(d);
	print_native(d);
	print_other(d, "GIL", d->holder);
	print_other(d, "interpreter", d->other == d->holder ? NULL : d->other);
	for (size_t i = 0; i < d->nloops; i++)
		print_loop(d, &d->loops[i]);
	print_frames(d);
	if (d->evidence.python)
		print_checks(d);
	scl_buffer_printf(out, "\nnext: %s%s\n",
			  d->verdict == SCL_VERDICT_NO_PYTHON && d->session->host->help_prompt
				  ? d->session->host->help_prompt
				  : d->session->host->prompt,
			  scl_verdict_next(d->verdict));
}
