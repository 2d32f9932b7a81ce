/* diagnosis_checks.c - what data about awaits hangs on, with the evidence for and against it. */
#include "base/text.h"
#include "command/diagnosis.h"

const char *scl_diagnosis_check_name(enum scl_await_check check)
{
	static const char *const names[SCL_NCHECKS] = {
		[SCL_CHECK_IDLE] = "raw frames say the loop is idle",
		[SCL_CHECK_TASKS] = "suspended tasks are found",
		[SCL_CHECK_FRAMES] = "their frames are readable",
	};

	return (unsigned)check < SCL_NCHECKS ? names[check] : "?";
}

/* The innermost frames of the thread that runs the loop. */
static void put_idle(const struct scl_diagnosis *d, struct scl_buffer *out)
{
	enum { SHOWN = 2 };
	const struct scl_thread_view *thread = d->nloops ? d->loops[0].thread : NULL;
	const struct scl_stack *stack = thread ? &thread->sample->stack : &d->stack;

	if (!d->nloops)
		scl_buffer_puts(out, "no thread runs a loop of asyncio; ");
	for (size_t i = 0; i < stack->count && i < SHOWN; i++) {
		const struct scl_code *code = stack->frames[i].code;

		scl_buffer_puts(out, i ? " < " : "");
		scl_view_put(d->session, code ? code->name : "?", out);
		scl_buffer_putc(out, ' ');
		scl_async_put_place(&d->view, &stack->frames[i], out);
	}
	scl_buffer_puts(out, stack->count ? ", " : "no frame, ");
	thread = thread ? thread : d->subject;
	if (thread)
		scl_view_doing(thread->sample, out);
	else
		scl_buffer_puts(out, scl_activity_name(SCL_ACTIVITY_UNKNOWN));
}

static void put_tasks(const struct scl_diagnosis *d, struct scl_buffer *out)
{
	scl_buffer_printf(out, "%" PRIu64 " task%s, %" PRIu64 " suspended", d->awaits.tasks,
			  d->awaits.tasks == 1 ? "" : "s", d->awaits.suspended);
	if (!d->viewed || (!d->view.n && d->view.why.code == SCL_OK))
		scl_buffer_puts(out, "; asyncio is not imported");
	for (size_t i = 0; i < d->view.n; i++) {
		const struct scl_tasks *tasks = &d->view.interps[i].tasks;

		if (!tasks->why)
			continue;
		scl_buffer_puts(out, tasks->unreadable ? "; not all could be read: " : "; not all could be found: ");
		scl_view_put(d->session, tasks->why->text, out);
	}
	if (d->view.why.code != SCL_OK) {
		scl_buffer_puts(out, "; ");
		scl_view_put(d->session, d->view.why.text, out);
	}
}

void scl_diagnosis_check(struct scl_diagnosis *d, enum scl_await_check check, struct scl_buffer *out)
{
	switch (check) {
	case SCL_CHECK_IDLE:
		put_idle(d, out);
		break;
	case SCL_CHECK_TASKS:
		put_tasks(d, out);
		break;
	case SCL_CHECK_FRAMES:
		scl_buffer_printf(out, "%" PRIu64 " of %" PRIu64 " chains are complete", d->awaits.complete,
				  d->awaits.suspended);
		if (d->broken) {
			scl_buffer_puts(out, "; ");
			scl_view_put(d->session, d->broken, out);
		}
		break;
	case SCL_NCHECKS:
		break;
	}
}
