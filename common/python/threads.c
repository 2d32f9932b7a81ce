#include "python/threads.h"

#include "python/window.h"

enum {
	/* `tid` of struct pthread of glibc on x86-64, nptl/descr.h: unchanged from 2.4 to 2.43 */
	PTHREAD_TID = 0x2d0,
};

/* -- interpreters --------------------------------------------------------------------------------------- */

struct interp_spans {
	const struct scl_runtime *rt;
	scl_addr address;
	struct scl_span span[9];
	size_t n;
};

static void add_field(struct interp_spans *spans, enum scl_field field, void *to)
{
	int32_t at = spans->rt->layout.off[field];

	if (at != SCL_ABSENT)
		spans->span[spans->n++] = (struct scl_span){spans->address + (uint32_t)at, to, scl_field_size[field]};
}

/* The fields lie hundreds of kilobytes apart in some versions: one vectored read instead of one range. */
static bool read_interpreter(const struct scl_runtime *rt, scl_addr address, struct scl_interpreter *ret,
			     scl_addr *next, struct scl_error *err)
{
	struct interp_spans spans = {.rt = rt, .address = address};
	int32_t collecting = 0, finalizing = 0;

	*ret = (struct scl_interpreter){.address = address};
	*next = 0;
	add_field(&spans, SCL_FIELD_interp_next, next);
	add_field(&spans, SCL_FIELD_interp_id, &ret->id);
	add_field(&spans, SCL_FIELD_interp_threads_head, &ret->threads_head);
	add_field(&spans, SCL_FIELD_interp_modules, &ret->modules);
	add_field(&spans, SCL_FIELD_interp_sysdict, &ret->sysdict);
	add_field(&spans, SCL_FIELD_interp_gil, &ret->gil);
	add_field(&spans, SCL_FIELD_interp_gc_collecting, &collecting);
	add_field(&spans, SCL_FIELD_interp_finalizing, &finalizing);
	if (rt->layout.off[SCL_FIELD_runtime_gc_collecting] != SCL_ABSENT) {
		spans.address = rt->address;
		add_field(&spans, SCL_FIELD_runtime_gc_collecting, &collecting);
	}
	if (!spans.n || !scl_read_spans(rt->target, spans.span, spans.n, err))
		return scl_wrap(err, "interpreter at 0x%" PRIx64, address);
	ret->gc_collecting = collecting != 0;
	ret->finalizing = finalizing != 0;
	if (rt->layout.gil_home == SCL_GIL_RUNTIME && scl_has(&rt->layout, runtime, gil))
		ret->gil = rt->address + (uint32_t)scl_off(&rt->layout, runtime, gil);
	return true;
}

static bool end_of_list(struct scl_error *err)
{
	if (err)
		err->code = SCL_OK;
	return false;
}

static bool next_address(const struct scl_runtime *rt, const struct scl_interpreter *at, scl_addr *ret,
			 struct scl_error *err)
{
	scl_addr from = at->address ? at->address + (uint32_t)scl_off(&rt->layout, interp, next)
				    : rt->address + (uint32_t)scl_off(&rt->layout, runtime, interpreters_head);

	return scl_read_ptr(rt->target, from, ret, err);
}

bool scl_interpreter_next(const struct scl_runtime *rt, struct scl_interpreter *ret, struct scl_error *err)
{
	struct scl_interpreter found;
	scl_addr address, next;

	if (!next_address(rt, ret, &address, err))
		return scl_wrap(err, "list of interpreters");
	if (!address)
		return end_of_list(err);
	if (!read_interpreter(rt, address, &found, &next, err))
		return false;
	/* New interpreters get the next id and become the head, Python/pystate.c: ids fall, so the list ends. */
	if (found.id < 0 || (ret->address && found.id >= ret->id))
		return scl_fail_at(err, SCL_ECORRUPT, address, "interpreter at 0x%" PRIx64 ": id %" PRId64, address,
				   found.id);
	found.index = ret->address ? ret->index + 1 : 0;
	if (found.index >= SCL_INTERPRETERS_MAX)
		return scl_fail(err, SCL_ECORRUPT, "more than %d interpreters", SCL_INTERPRETERS_MAX);
	*ret = found;
	return true;
}

/* -- threads -------------------------------------------------------------------------------------------- */

struct thread_state {
	scl_addr next, interp;
	uint64_t ident, native_id, id;
	uint32_t status, initialized;
};

static bool read_thread(const struct scl_runtime *rt, scl_addr address, struct thread_state *ret, struct scl_error *err)
{
	static const enum scl_field fields[] = {
		SCL_FIELD_thread_next,	      SCL_FIELD_thread_interp,
		SCL_FIELD_thread_thread_id,   SCL_FIELD_thread_native_thread_id,
		SCL_FIELD_thread_id,	      SCL_FIELD_thread_status,
		SCL_FIELD_thread_initialized,
	};
	const struct scl_layout *layout = &rt->layout;
	struct scl_window window = scl_window_over(layout, fields, sizeof fields / sizeof *fields);
	uint8_t bytes[SCL_WINDOW_MAX];

	if (!window.size)
		return scl_fail(err, SCL_EUNSUPPORTED, "the layout has no usable thread state");
	if (!scl_read(rt->target, address + (uint32_t)window.low, bytes, window.size, err))
		return scl_wrap(err, "thread state at 0x%" PRIx64, address);
	*ret = (struct thread_state){
		.next = scl_window_get(layout, window, bytes, SCL_FIELD_thread_next),
		.interp = scl_window_get(layout, window, bytes, SCL_FIELD_thread_interp),
		.ident = scl_window_get(layout, window, bytes, SCL_FIELD_thread_thread_id),
		.native_id = scl_window_get(layout, window, bytes, SCL_FIELD_thread_native_thread_id),
		.id = scl_window_get(layout, window, bytes, SCL_FIELD_thread_id),
		.status = (uint32_t)scl_window_get(layout, window, bytes, SCL_FIELD_thread_status),
		.initialized = (uint32_t)scl_window_get(layout, window, bytes, SCL_FIELD_thread_initialized),
	};
	return true;
}

static bool alive(const struct scl_layout *layout, const struct thread_state *state)
{
	/* A thread state exists before its OS thread does, and may outlive it. */
	if (!state->ident)
		return false;
	if (scl_has(layout, thread, initialized) && !state->initialized)
		return false;
	if (!scl_has(layout, thread, status))
		return true;
	return state->status & layout->status_ready && !(state->status & layout->status_gone);
}

static uint64_t lwp_of(const struct scl_runtime *rt, const struct thread_state *state)
{
	struct scl_lwp_status status;
	uint32_t tid = 0;
	uint64_t lwp;

	if (scl_has(&rt->layout, thread, native_thread_id))
		return state->native_id ? scl_lwp_from_inside(rt->target, state->native_id) : 0;
	/* No other source before 3.11. The kernel is the proof that it was one. */
	if (!scl_read_u32(rt->target, state->ident + PTHREAD_TID, &tid, NULL) || !tid)
		return 0;
	lwp = scl_lwp_from_inside(rt->target, tid);
	return lwp && scl_lwp_status(rt->target, lwp, SCL_LWP_STAT, &status, NULL) ? lwp : 0;
}

void scl_threads_init(struct scl_threads *cursor, const struct scl_runtime *rt)
{
	*cursor = (struct scl_threads){.rt = rt};
}

static bool start(struct scl_threads *cursor, struct scl_error *err)
{
	const struct scl_runtime *rt = cursor->rt;

	if (!scl_has(&rt->layout, runtime, main_thread))
		return cursor->started = true;
	if (!scl_read_ptr(rt->target, rt->address + (uint32_t)scl_off(&rt->layout, runtime, main_thread),
			  &cursor->main_ident, err))
		return scl_wrap(err, "main thread");
	return cursor->started = true;
}

/* Go to the next thread state, of the next interpreter if need be, and read it. */
static bool advance(struct scl_threads *cursor, struct thread_state *state, scl_addr *address, struct scl_error *err)
{
	while (!cursor->next) {
		if (!scl_interpreter_next(cursor->rt, &cursor->interp, err))
			return false;
		cursor->next = cursor->interp.threads_head;
		cursor->last_id = UINT64_MAX;
	}
	*address = cursor->next;
	if (!read_thread(cursor->rt, *address, state, err))
		return false;
	if (state->interp != cursor->interp.address)
		return scl_fail_at(err, SCL_ECORRUPT, *address,
				   "thread state at 0x%" PRIx64 " does not belong to interpreter %" PRId64, *address,
				   cursor->interp.id);
	/* add_threadstate(), Python/pystate.c: the newest is the head, and ids only rise. */
	if (state->id >= cursor->last_id || ++cursor->threads_seen > SCL_THREADS_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, *address, "list of thread states does not end at 0x%" PRIx64,
				   *address);
	cursor->last_id = state->id;
	cursor->next = state->next;
	return true;
}

bool scl_threads_next(struct scl_threads *cursor, struct scl_thread *ret, struct scl_error *err)
{
	struct thread_state state;
	scl_addr address;

	if (!cursor->started && !start(cursor, err))
		return false;
	do {
		if (!advance(cursor, &state, &address, err))
			return false;
	} while (!alive(&cursor->rt->layout, &state));
	*ret = (struct scl_thread){
		.address = address,
		.interp = cursor->interp.address,
		.interp_id = cursor->interp.id,
		.ident = state.ident,
		.lwp = lwp_of(cursor->rt, &state),
		.id = state.id,
		.main = state.ident == cursor->main_ident,
	};
	return true;
}
