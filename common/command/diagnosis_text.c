/* diagnosis_text.c - a diagnosis in words: the verdict, the checks. */
#include <string.h>

#include "base/text.h"
#include "command/diagnosis.h"

enum scl_filter_rule scl_diagnosis_rule(const struct scl_diagnosis *d, const struct scl_frame *frame)
{
	return scl_filter_rule_for(d->view.filter, frame->code ? frame->code->filename : "");
}

const char *scl_diagnosis_option(enum scl_filter_rule rule)
{
	switch (rule) {
	case SCL_RULE_SYSTEM_PATH:
	case SCL_RULE_LIBRARY:
	case SCL_RULE_ELSEWHERE:
		return "--profile-all";
	case SCL_RULE_EXCLUDED:
		return "without --profile-exclude";
	case SCL_RULE_NOT_SELECTED:
		return "without --profile-only";
	case SCL_RULE_NO_NAME:
	case SCL_RULE_SCALENE:
	case SCL_RULE_JUPYTER_CELL:
	case SCL_RULE_PSEUDO_FILE:
	case SCL_RULE_PROFILE_ALL:
	case SCL_RULE_EXEC:
	case SCL_RULE_PROGRAM:
	case SCL_RULE_SIBLING:
	case SCL_NRULES:
		break;
	}
	return NULL;
}

/* -- pieces ------------------------------------------------------------------------------------------------------- */

static void put_subject(const struct scl_diagnosis *d, bool capital, struct scl_buffer *out)
{
	if (d->subject && d->subject->sample->thread.main)
		scl_buffer_puts(out, capital ? "The main thread" : "the main thread");
	else
		scl_buffer_printf(out, "%shread %" PRIu64, capital ? "T" : "t", d->subject_lwp);
}

/* "select selectors.py:468". */
static void put_frame(const struct scl_diagnosis *d, const struct scl_frame *frame, struct scl_buffer *out)
{
	scl_view_put(d->session, frame->code ? frame->code->name : "?", out);
	scl_buffer_putc(out, ' ');
	scl_async_put_place(&d->view, frame, out);
}

/* Where the subject is: at its innermost frame. */
static void put_place(const struct scl_diagnosis *d, const char *before, struct scl_buffer *out)
{
	if (!d->stack.count)
		return;
	scl_buffer_puts(out, before);
	put_frame(d, &d->stack.frames[0], out);
}

static void put_doing(const struct scl_diagnosis *d, struct scl_buffer *out)
{
	if (d->subject)
		scl_view_doing(d->subject->sample, out);
	else
		scl_buffer_puts(out, scl_activity_name(SCL_ACTIVITY_UNKNOWN));
}

static void put_thread(const struct scl_diagnosis *d, const struct scl_thread_view *thread, struct scl_buffer *out)
{
	scl_buffer_printf(out, "thread %" PRIu64 " \"", thread->sample->thread.lwp);
	scl_view_put(d->session, thread->name, out);
	scl_buffer_putc(out, '"');
}

/* "running native code at work app.py:5". */
static void put_thread_doing(const struct scl_diagnosis *d, const struct scl_thread_view *thread,
			     struct scl_buffer *out)
{
	const struct scl_frame *frame = scl_async_worker_frame(&d->view, &thread->sample->stack);

	scl_view_doing(thread->sample, out);
	if (!frame)
		return;
	scl_buffer_puts(out, " at ");
	put_frame(d, frame, out);
}

static const char *syscall_of(const struct scl_diagnosis *d)
{
	const struct scl_lwp_status *status = d->subject ? &d->subject->sample->status : NULL;

	return status && status->in_syscall ? scl_syscall_name(status->syscall) : NULL;
}

static void put_count(struct scl_buffer *out, uint64_t n, const char *one, const char *many)
{
	scl_buffer_printf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

/* -- sentences ---------------------------------------------------------------------------------------------------- */

static void say_no_python(struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_printf(out, "There is no Python in process %d", scl_target_pid(d->session->target));
}

static void say_starting(struct scl_diagnosis *d, struct scl_buffer *out)
{
	if (d->evidence.clues.starting)
		put_place(d, "Python is starting up: site and what it imports run before the program does, now ", out);
	else if (d->evidence.initialized)
		scl_buffer_puts(out, "Python is starting up or ending: it has no thread just now");
	else
		scl_buffer_puts(out, "Python is starting up: its runtime is not initialized yet, or not any more");
}

static void say_importing(struct scl_diagnosis *d, struct scl_buffer *out)
{
	size_t module = d->evidence.clues.module;

	put_subject(d, true, out);
	scl_buffer_puts(out, " is importing a module");
	if (module < d->stack.count) {
		scl_buffer_puts(out, ", now at ");
		scl_async_put_place(&d->view, &d->stack.frames[module], out);
	} else {
		put_place(d, ", now in ", out);
	}
	scl_buffer_puts(out, ": ");
	put_doing(d, out);
}

static void say_finalizing(struct scl_diagnosis *d, struct scl_buffer *out)
{
	size_t others = 0;

	if (d->evidence.finalizing) {
		scl_buffer_puts(out, "Python is finalizing: the program has ended, and what it left is torn down");
		put_place(d, ", now in ", out);
		return;
	}
	for (size_t i = 0; i < d->view.threads.n; i++)
		others += &d->view.threads.threads[i] != d->subject;
	scl_buffer_puts(out, "Python is about to finalize: the program has ended, and the main thread waits for ");
	put_count(out, others, "other thread", "other threads");
}

static void say_fork(struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_printf(out,
			  "The process is a fork of %" PRIu64 " that has not executed another program: of %" PRIu64
			  " threads that Python lists, %" PRIu64 " exist in the parent only",
			  d->process.parent, d->evidence.python_threads, d->evidence.dead_threads);
	put_place(d, "; its stack is at ", out);
}

static void say_stopped(struct scl_diagnosis *d, struct scl_buffer *out)
{
	put_subject(d, true, out);
	scl_buffer_puts(out, " is stopped by a signal (SIGSTOP or job control) and goes on after SIGCONT");
	put_place(d, ", in ", out);
}

static void say_native_thread(struct scl_diagnosis *d, struct scl_buffer *out)
{
	if (d->evidence.foreign) {
		scl_buffer_printf(out, "Thread %" PRIu64 " is one that Python does not know: it has no Python frames",
				  d->subject_lwp);
		return;
	}
	scl_buffer_printf(out, "What runs is thread %" PRIu64 ", native code that Python does not know, while ",
			  d->native[0].lwp);
	put_subject(d, false, out);
	scl_buffer_puts(out, " is ");
	put_doing(d, out);
	put_place(d, " at ", out);
}

static void say_interpreter(struct scl_diagnosis *d, struct scl_buffer *out)
{
	int64_t id = d->other->sample->thread.interp_id;

	put_subject(d, true, out);
	if (d->evidence.elsewhere) {
		scl_buffer_printf(out, " works for interpreter %" PRId64 " of the process: ", id);
		put_thread_doing(d, d->other, out);
		return;
	}
	scl_buffer_puts(out, " is ");
	put_doing(d, out);
	scl_buffer_printf(out, ", while interpreter %" PRId64 " of the process is at work in ", id);
	put_thread(d, d->other, out);
	scl_buffer_puts(out, ": ");
	put_thread_doing(d, d->other, out);
}

static void say_gc(struct scl_diagnosis *d, struct scl_buffer *out)
{
	put_subject(d, true, out);
	scl_buffer_puts(out, " is collecting garbage");
	if (d->evidence.activity == SCL_ACTIVITY_GC) {
		put_place(d, ", called or triggered at ", out);
		return;
	}
	scl_buffer_puts(out, ", and a finalizer that this calls is ");
	put_doing(d, out);
	put_place(d, " at ", out);
}

static void say_gil(struct scl_diagnosis *d, struct scl_buffer *out)
{
	put_subject(d, true, out);
	scl_buffer_puts(out, " is waiting for the GIL");
	if (!d->holder) {
		scl_buffer_puts(out, ", which changed hands while this was looked at");
		return;
	}
	scl_buffer_puts(out, ", which ");
	put_thread(d, d->holder, out);
	scl_buffer_puts(out, " holds: ");
	put_thread_doing(d, d->holder, out);
}

static void say_foreign_loop(struct scl_diagnosis *d, struct scl_buffer *out)
{
	put_subject(d, true, out);
	scl_buffer_puts(out, " runs an event loop that is not asyncio's own, ");
	scl_view_put(d->session, d->loop_module ? d->loop_module : "?", out);
	scl_buffer_puts(out, ": ");
	put_doing(d, out);
	put_place(d, " at ", out);
}

static void say_loop_idle(struct scl_diagnosis *d, struct scl_buffer *out)
{
	const char *call = syscall_of(d);

	scl_buffer_puts(out, "The event loop is idle");
	if (d->verdict == SCL_VERDICT_LOOP_IDLE) {
		scl_buffer_puts(out, ": ");
		put_count(out, d->evidence.suspended, "task is suspended", "tasks are suspended");
	} else {
		scl_buffer_puts(out, " and has no task");
	}
	scl_buffer_printf(out, "; it waits in %s for ", call ? call : "its selector");
	put_count(out, d->own_loop ? d->loops[0].nfds : 0, "descriptor", "descriptors");
	if (d->own_loop && d->loops[0].listeners)
		scl_buffer_printf(out, " (%zu listening)", d->loops[0].listeners);
	scl_buffer_puts(out, " and ");
	put_count(out, d->own_loop ? d->loops[0].timers : 0, "timer", "timers");
}

/* What a callback does, and the line of Python under it. */
static void put_callback(struct scl_diagnosis *d, struct scl_buffer *out)
{
	const char *call = syscall_of(d);

	if (d->evidence.activity == SCL_ACTIVITY_PYTHON)
		scl_buffer_puts(out, "Python code");
	else if (d->evidence.activity == SCL_ACTIVITY_NATIVE)
		scl_buffer_puts(out, "native code");
	else
		scl_buffer_puts(out, call ? call : scl_activity_name(d->evidence.activity));
	put_place(d, d->evidence.activity == SCL_ACTIVITY_PYTHON ? " at " : ", called by ", out);
}

static void say_loop_starving(struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_puts(out, "The event loop is starving: ");
	put_count(out, d->evidence.ready, "callback waits", "callbacks wait");
	scl_buffer_puts(out, " for their turn while it runs one: ");
	put_callback(d, out);
}

static void say_loop_blocked(struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_puts(out, "The event loop is blocked by a callback in ");
	put_callback(d, out);
}

static void say_loop_busy(struct scl_diagnosis *d, struct scl_buffer *out)
{
	if (d->evidence.clues.selector) {
		scl_buffer_puts(out, "The event loop is turning: it polls its selector and does not wait in it");
		return;
	}
	scl_buffer_puts(out, "The event loop is busy: it runs ");
	put_callback(d, out);
}

static void say_no_frame(struct scl_diagnosis *d, struct scl_buffer *out)
{
	put_subject(d, true, out);
	scl_buffer_puts(out, " has no Python frame: it is in C code that has called no Python, ");
	put_doing(d, out);
}

static void say_library(struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_printf(out, "None of the %zu frame%s of ", d->stack.count, d->stack.count == 1 ? "" : "s");
	put_subject(d, false, out);
	scl_buffer_puts(out, " is the user's own, they are library frames only: it is ");
	put_doing(d, out);
	put_place(d, " at ", out);
}

static void say_plain(struct scl_diagnosis *d, struct scl_buffer *out)
{
	size_t user = d->evidence.clues.user;

	put_subject(d, true, out);
	scl_buffer_puts(out, " is ");
	put_doing(d, out);
	put_place(d, " at ", out);
	if (user > 0 && user < d->stack.count) {
		scl_buffer_puts(out, ", called by user code at ");
		put_frame(d, &d->stack.frames[user], out);
	}
}

void scl_diagnosis_sentence(struct scl_diagnosis *d, struct scl_buffer *out)
{
	static void (*const say[SCL_NVERDICTS])(struct scl_diagnosis *, struct scl_buffer *) = {
		[SCL_VERDICT_NO_PYTHON] = say_no_python,
		[SCL_VERDICT_STARTING] = say_starting,
		[SCL_VERDICT_IMPORTING] = say_importing,
		[SCL_VERDICT_FINALIZING] = say_finalizing,
		[SCL_VERDICT_FORK] = say_fork,
		[SCL_VERDICT_STOPPED] = say_stopped,
		[SCL_VERDICT_NATIVE_THREAD] = say_native_thread,
		[SCL_VERDICT_INTERPRETER] = say_interpreter,
		[SCL_VERDICT_GC] = say_gc,
		[SCL_VERDICT_GIL] = say_gil,
		[SCL_VERDICT_FOREIGN_LOOP] = say_foreign_loop,
		[SCL_VERDICT_LOOP_IDLE] = say_loop_idle,
		[SCL_VERDICT_LOOP_IDLE_EMPTY] = say_loop_idle,
		[SCL_VERDICT_LOOP_STARVING] = say_loop_starving,
		[SCL_VERDICT_LOOP_BLOCKED] = say_loop_blocked,
		[SCL_VERDICT_LOOP_BUSY] = say_loop_busy,
		[SCL_VERDICT_NO_FRAME] = say_no_frame,
		[SCL_VERDICT_LIBRARY] = say_library,
		[SCL_VERDICT_BLOCKED] = say_plain,
		[SCL_VERDICT_RUNNING] = say_plain,
		[SCL_VERDICT_UNKNOWN] = say_plain,
	};

	say[d->verdict](d, out);
	scl_buffer_putc(out, '.');
}
