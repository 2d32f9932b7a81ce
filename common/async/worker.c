#include "async/worker.h"

#include <string.h>

/* A function that runs what a thread was given to do, and where it has the future of that. */
static const struct place {
	const char *file;	    /* the end of its path */
	const char *of, *attribute; /* variable; its attribute, NULL: the future itself */
} places[] = {
	{"/concurrent/futures/thread.py", "self", "future"}, /* _WorkItem.run */
	{"/anyio/_backends/_asyncio.py", "future", NULL},    /* WorkerThread.run; anyio 3 and 4 */
};

static const struct place *place_of(const struct scl_frame *frame)
{
	size_t n = frame->code ? strlen(frame->code->filename) : 0;

	if (!n || strcmp(frame->code->name, "run") != 0)
		return NULL;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		size_t m = strlen(places[i].file);

		if (n >= m && strcmp(frame->code->filename + n - m, places[i].file) == 0)
			return &places[i];
	}
	return NULL;
}

bool scl_worker_find(struct scl_asyncio *a, const struct scl_stack *stack, scl_addr *source)
{
	/* From the outermost frame: it is near the thread's beginning. */
	for (size_t i = stack->count; i-- > 0;) {
		const struct place *place = place_of(&stack->frames[i]);

		if (!place)
			continue;
		*source = scl_local(a->decoder.locals, &stack->frames[i], place->of);
		if (*source && place->attribute)
			*source = scl_asyncio_attr(a, *source, place->attribute);
		if (*source)
			return true;
	}
	return false;
}
