#include "python/threads.h"

static scl_addr gil_address(const struct scl_runtime *rt, const struct scl_interpreter *interp)
{
	switch (rt->layout.gil_home) {
	case SCL_GIL_RUNTIME:
		return scl_has(&rt->layout, runtime, gil) ? rt->address + (uint32_t)scl_off(&rt->layout, runtime, gil)
							  : 0;
	case SCL_GIL_INTERPRETER:
		return interp->gil;
	}
	return 0;
}

/*
 * Before the GIL moved into the interpreter, _PyRuntime kept the thread state that holds it; it is the better
 * witness, for last_holder stays what it was after the GIL was given up. It is NULL for an instant in take_gil().
 */
static bool current_thread(const struct scl_runtime *rt, scl_addr *ret, struct scl_error *err)
{
	*ret = 0;
	if (rt->layout.gil_home != SCL_GIL_RUNTIME || !scl_has(&rt->layout, runtime, tstate_current))
		return true;
	return scl_read_ptr(rt->target, rt->address + (uint32_t)scl_off(&rt->layout, runtime, tstate_current), ret,
			    err);
}

bool scl_gil_read(const struct scl_runtime *rt, const struct scl_interpreter *interp, struct scl_gil *ret,
		  struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	scl_addr address = gil_address(rt, interp), last_holder = 0, current;
	int32_t locked = 0;

	*ret = (struct scl_gil){.disabled = rt->free_threaded};
	if (!address || !scl_has(layout, gil, locked) || !scl_has(layout, gil, last_holder))
		return scl_fail(err, SCL_ENOTFOUND, "the GIL of interpreter %" PRId64 " is not known", interp->id);
	ret->address = address;
	ret->end = address + (uint32_t)(scl_has(layout, gil, sizeof) ? scl_off(layout, gil, sizeof) : 0);
	const struct scl_span spans[] = {
		{address + (uint32_t)scl_off(layout, gil, locked), &locked, sizeof locked},
		{address + (uint32_t)scl_off(layout, gil, last_holder), &last_holder, sizeof last_holder},
	};
	if (!scl_read_spans(rt->target, spans, 2, err) || !current_thread(rt, &current, err))
		return scl_wrap(err, "GIL at 0x%" PRIx64, address);
	/* -1 until create_gil(), Python/ceval_gil.h */
	ret->locked = locked == 1;
	if (ret->locked)
		ret->holder = current ? current : last_holder;
	return true;
}
