#include "python/snapshot.h"

#include <stdlib.h>

#include "python/pieces.h"
#include "python/window.h"

enum {
	GUARDS_MAX =
		SCL_SPANS_MAX - 2 * SCL_PIECES_MAX, /* spans around the copies: thread state and cframe, three times */
	CFRAME_TRIES = 3,
};

/* What must be the same before and after. */
struct state {
	scl_addr cframe, innermost, chunk, top;
	uint64_t ident;
};

struct guard {
	uint8_t thread[SCL_WINDOW_MAX];
	uint64_t current; /* cframe->current_frame */
};

struct scl_snapshot {
	const struct scl_runtime *rt;
	scl_addr thread, cframe;
	struct scl_window window;
	struct guard guard[3]; /* before, between the copies, after */
	struct state before, after;
	uint64_t ident;
	struct scl_pieces pieces;
	struct scl_span *spans;
	size_t nspans, capacity;
	bool stale; /* the guards among the spans are to be built anew */
	bool moved; /* seen to move while this round was taken */
	unsigned misses;
};

struct scl_snapshot *scl_snapshot_create(const struct scl_runtime *rt, scl_addr thread)
{
	static const enum scl_field fields[] = {
		SCL_FIELD_thread_frame,		  SCL_FIELD_thread_cframe,	  SCL_FIELD_thread_current_frame,
		SCL_FIELD_thread_datastack_chunk, SCL_FIELD_thread_datastack_top, SCL_FIELD_thread_thread_id,
	};
	struct scl_snapshot *snap = calloc(1, sizeof *snap);

	if (!snap)
		return NULL;
	snap->rt = rt;
	snap->thread = thread;
	snap->window = scl_window_over(&rt->layout, fields, sizeof fields / sizeof *fields);
	snap->stale = true;
	return snap;
}

void scl_snapshot_destroy(struct scl_snapshot *snap)
{
	if (!snap)
		return;
	scl_pieces_destroy(&snap->pieces);
	free(snap->spans);
	free(snap);
}

unsigned scl_snapshot_misses(const struct scl_snapshot *snap)
{
	return snap->misses;
}

scl_addr scl_snapshot_innermost(const struct scl_snapshot *snap)
{
	return snap->before.innermost;
}

scl_addr scl_snapshot_innermost_again(const struct scl_snapshot *snap)
{
	return snap->after.innermost;
}

/* Thread state, then cframe on the way in, the other way round on the way out. Returns the number of spans. */
static size_t add_guard(const struct scl_snapshot *snap, struct guard *guard, bool after, struct scl_span *spans)
{
	const struct scl_layout *layout = &snap->rt->layout;
	const struct scl_span thread = {snap->thread + (uint32_t)snap->window.low, guard->thread, snap->window.size};
	const struct scl_span cframe = {snap->cframe + (uint32_t)scl_off(layout, cframe, current_frame),
					&guard->current, sizeof guard->current};

	if (!snap->cframe) {
		spans[0] = thread;
		return 1;
	}
	spans[0] = after ? cframe : thread;
	spans[1] = after ? thread : cframe;
	return 2;
}

static bool build_spans(struct scl_snapshot *snap, struct scl_error *err)
{
	size_t n;

	if (!scl_pieces_arrange(&snap->pieces))
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (2 * snap->pieces.count + GUARDS_MAX > snap->capacity) {
		size_t capacity = 4 * snap->pieces.count + GUARDS_MAX;
		struct scl_span *bigger = realloc(snap->spans, capacity * sizeof *bigger);

		if (!bigger)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		snap->spans = bigger;
		snap->capacity = capacity;
	}
	n = add_guard(snap, &snap->guard[0], false, snap->spans);
	n += scl_pieces_spans(&snap->pieces, snap->spans + n, false);
	n += add_guard(snap, &snap->guard[1], false, snap->spans + n);
	n += scl_pieces_spans(&snap->pieces, snap->spans + n, true);
	snap->nspans = n + add_guard(snap, &snap->guard[2], true, snap->spans + n);
	snap->stale = false;
	return true;
}

/* -- a round -------------------------------------------------------------------------------------------- */

static struct state state_of(const struct scl_snapshot *snap, const struct guard *guard)
{
	const struct scl_layout *layout = &snap->rt->layout;
	struct scl_window window = snap->window;
	const uint8_t *bytes = guard->thread;
	struct state state = {
		.chunk = scl_window_get(layout, window, bytes, SCL_FIELD_thread_datastack_chunk),
		.top = scl_window_get(layout, window, bytes, SCL_FIELD_thread_datastack_top),
		.ident = scl_window_get(layout, window, bytes, SCL_FIELD_thread_thread_id),
	};

	switch (layout->frame_link) {
	case SCL_FRAME_LINK_OBJECT:
		state.innermost = scl_window_get(layout, window, bytes, SCL_FIELD_thread_frame);
		break;
	case SCL_FRAME_LINK_CFRAME:
		state.cframe = scl_window_get(layout, window, bytes, SCL_FIELD_thread_cframe);
		state.innermost = state.cframe && state.cframe == snap->cframe ? guard->current : 0;
		break;
	case SCL_FRAME_LINK_THREAD:
		state.innermost = scl_window_get(layout, window, bytes, SCL_FIELD_thread_current_frame);
		break;
	}
	return state;
}

static bool same_state(const struct state *a, const struct state *b)
{
	return a->cframe == b->cframe && a->innermost == b->innermost && a->chunk == b->chunk && a->top == b->top &&
	       a->ident == b->ident;
}

static bool read_foreseen(struct scl_snapshot *snap, struct scl_error *err)
{
	if ((snap->stale || snap->pieces.changed) && !build_spans(snap, err))
		return false;
	if (!snap->pieces.count && !snap->cframe)
		return scl_read_spans(snap->rt->target, snap->spans, snap->nspans, err);
	if (scl_read_spans(snap->rt->target, snap->spans, snap->nspans, NULL))
		return true;
	scl_pieces_forget(&snap->pieces);
	snap->cframe = 0;
	return build_spans(snap, err) && scl_read_spans(snap->rt->target, snap->spans, snap->nspans, err);
}

bool scl_snapshot_take(struct scl_snapshot *snap, struct scl_error *err)
{
	struct state between;

	if (!snap->window.size)
		return scl_fail(err, SCL_EUNSUPPORTED, "the layout has no usable thread state");
	scl_pieces_age(&snap->pieces);
	snap->misses = 0;
	snap->moved = false;
	for (unsigned i = 0; i < CFRAME_TRIES; i++) {
		if (!read_foreseen(snap, err))
			return scl_wrap(err, "thread state at 0x%" PRIx64, snap->thread);
		snap->before = state_of(snap, &snap->guard[0]);
		if (snap->before.cframe == snap->cframe)
			break;
		/* C code has called into Python, or returned, since the last round: the cframe is another one. */
		snap->moved = i + 1 == CFRAME_TRIES;
		snap->cframe = snap->before.cframe;
		snap->stale = true;
	}
	snap->after = state_of(snap, &snap->guard[2]);
	between = state_of(snap, &snap->guard[1]);
	snap->moved = snap->moved || between.innermost != snap->before.innermost;
	if (!snap->ident)
		snap->ident = snap->before.ident;
	if (snap->before.ident != snap->ident)
		return scl_fail_at(err, SCL_EGONE, snap->thread,
				   "thread state at 0x%" PRIx64 " is another thread's now", snap->thread);
	return true;
}

bool scl_snapshot_read(struct scl_snapshot *snap, scl_addr addr, void *to, size_t size, struct scl_error *err)
{
	if (scl_pieces_read(&snap->pieces, addr, to, size))
		return true;
	snap->misses++;
	if (scl_pieces_fetch(&snap->pieces, snap->rt->target, addr, size) &&
	    scl_pieces_read(&snap->pieces, addr, to, size))
		return true;
	return scl_read(snap->rt->target, addr, to, size, err);
}

bool scl_snapshot_read_again(struct scl_snapshot *snap, scl_addr addr, void *to, size_t size)
{
	return scl_pieces_read_again(&snap->pieces, addr, to, size);
}

bool scl_snapshot_recheck(struct scl_snapshot *snap, bool *torn, struct scl_error *err)
{
	struct scl_span spans[GUARDS_MAX];
	size_t n = add_guard(snap, &snap->guard[2], true, spans);

	if (!scl_read_spans(snap->rt->target, spans, n, err))
		return scl_wrap(err, "thread state at 0x%" PRIx64, snap->thread);
	snap->after = state_of(snap, &snap->guard[2]);
	*torn = snap->moved || !same_state(&snap->before, &snap->after);
	return true;
}

bool scl_snapshot_finish(struct scl_snapshot *snap, bool *torn, struct scl_error *err)
{
	if (snap->misses)
		return scl_snapshot_recheck(snap, torn, err);
	*torn = snap->moved || !same_state(&snap->before, &snap->after);
	return true;
}
