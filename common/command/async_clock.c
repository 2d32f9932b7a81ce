/*
 * async_clock.c - see async_clock.h.
 *
 * BaseEventLoop._run_once() in Lib/asyncio/base_events.py (3.8 to 3.14): it waits for `timeout` seconds, which is the time
 * from then to the earliest timer, and sets `end_time` to the time after the wait, plus the clock's resolution.
 */
#include "command/async_clock.h"

#include <string.h>

enum { TIMEOUT_MAX = 24 * 3600 /* MAXIMUM_SELECT_TIMEOUT */ };

static bool read_local(struct scl_asyncio *a, const struct scl_frame *frame, const char *name, double *ret)
{
	scl_addr object = scl_local(a->decoder.locals, frame, name);

	return object && scl_types_float(a->decoder.types, object, ret, NULL);
}

static double clock_of_frame(struct scl_asyncio *a, const struct scl_frame *frame, const struct scl_loop *loop)
{
	double value;

	if (read_local(a, frame, "end_time", &value))
		return value;
	if (!read_local(a, frame, "timeout", &value) || !(value > 0 && value < TIMEOUT_MAX) || loop->next <= 0)
		return 0;
	return loop->next > value ? loop->next - value : 0;
}

/* The loop's own frame is the innermost of that name: a loop runs no other in its thread. */
static double clock_of_loop(const struct scl_async_view *view, struct scl_asyncio *a, const struct scl_loop *loop)
{
	const struct scl_thread_view *thread = scl_async_loop_thread(view, loop);

	for (size_t i = 0; thread && i < thread->sample->stack.count; i++) {
		const struct scl_frame *frame = &thread->sample->stack.frames[i];
		if (frame->code && strcmp(frame->code->name, "_run_once") == 0)
			return clock_of_frame(a, frame, loop);
	}
	return 0;
}

double scl_async_clock_last(const struct scl_async_view *view)
{
	double last = 0;

	for (size_t i = 0; i < view->n; i++) {
		const struct scl_loops *loops = &view->interps[i].tasks.loops;
		for (size_t k = 0; k < loops->n; k++) {
			double clock = clock_of_loop(view, view->interps[i].asyncio, &loops->list[k]);
			if (clock > last)
				last = clock;
		}
	}
	return last;
}
