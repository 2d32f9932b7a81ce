#include "profile/sample.h"

#include <string.h>

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && memcmp(s + n - m, end, m) == 0;
}

/* The frame runs the function `name` of a file, given by the end of its path: a standard library may be anywhere, in
 * a zip file too. */
static bool is_function(const struct scl_frame *frame, const char *name, const char *file)
{
	return frame->code && strcmp(frame->code->name, name) == 0 && ends_with(frame->code->filename, file);
}

/* asyncio's BaseEventLoop._run_once has called its selector (Lib/selectors.py: select() of each of them). */
bool scl_stack_in_selector(const struct scl_stack *stack)
{
	return stack->count >= 2 && is_function(&stack->frames[0], "select", "/selectors.py") &&
	       is_function(&stack->frames[1], "_run_once", "/asyncio/base_events.py");
}

static bool waits_for_events(int64_t syscall)
{
	switch (syscall) {
	case SCL_SYS_epoll_wait:
	case SCL_SYS_epoll_pwait:
	case SCL_SYS_epoll_pwait2:
	case SCL_SYS_poll:
	case SCL_SYS_ppoll:
	case SCL_SYS_select:
	case SCL_SYS_pselect6:
	case SCL_SYS_restart_syscall: /* poll after a stop, with the rest of its timeout */
		return true;
	default:
		return false;
	}
}

/*
 * take_gil waits on a condition variable inside the GIL's struct (Python/ceval_gil.c), which glibc turns into
 * futex(2) on a word of it. A wait that a stop interrupted goes on as restart_syscall with the registers it had.
 */
static bool waits_for_gil(const struct scl_activity_facts *f)
{
	const struct scl_lwp_status *s = f->status;
	return f->gil && (s->syscall == SCL_SYS_futex || s->syscall == SCL_SYS_restart_syscall) &&
	       s->args[0] >= f->gil && s->args[0] < f->gil_end;
}

/*
 * By the current instruction, as far as the GIL allows: without it no bytecode runs. A thread that runs but has not
 * the GIL, and is not in a call, is in C code that gave it up (an operator of an array library) when the GIL is
 * free. When another thread has it, it was waiting for it and the kernel has just made it runnable: take_gil()
 * wakes up every 5 ms, and on a busy machine such a thread waits for a CPU longer than it did for the GIL.
 */
static enum scl_activity decide_running(const struct scl_activity_facts *f)
{
	if (f->gc_collecting && f->side == SCL_GIL_HELD)
		return SCL_ACTIVITY_GC;
	if (f->calling || f->side == SCL_GIL_FREE)
		return SCL_ACTIVITY_NATIVE;
	return f->side == SCL_GIL_TAKEN ? SCL_ACTIVITY_GIL : SCL_ACTIVITY_PYTHON;
}

/*
 * An event loop in C, uvloop's: Python code has called it and it has no frame of its own, so the system call decides. Libuv
 * waits in epoll_pwait(2) (src/unix/linux.c); what Python code itself waits in, select.epoll.poll, is epoll_wait(2).
 */
static bool in_native_loop(const struct scl_activity_facts *f)
{
	return f->status->syscall == SCL_SYS_epoll_pwait && f->calling && f->stack->count > 0;
}

static enum scl_activity decide_blocked(const struct scl_activity_facts *f)
{
	/* Which call it is in is not always told (a minidump); who has the GIL is on its way in or out of it. */
	if (!f->status->in_syscall)
		return f->status->state == 'S' && f->side != SCL_GIL_HELD && scl_stack_in_selector(f->stack)
			       ? SCL_ACTIVITY_LOOP_IDLE
			       : SCL_ACTIVITY_SYSCALL;
	if (waits_for_gil(f))
		return SCL_ACTIVITY_GIL;
	if ((waits_for_events(f->status->syscall) && scl_stack_in_selector(f->stack)) || in_native_loop(f))
		return SCL_ACTIVITY_LOOP_IDLE;
	return SCL_ACTIVITY_SYSCALL;
}

enum scl_activity scl_activity_decide(const struct scl_activity_facts *facts)
{
	switch (facts->status->state) {
	case 'R':
		return decide_running(facts);
	case 't':
		return facts->status->in_syscall ? decide_blocked(facts) : decide_running(facts);
	case 'S':
	case 'D':
		return decide_blocked(facts);
	case 'T':
		return SCL_ACTIVITY_STOPPED;
	default:
		return SCL_ACTIVITY_UNKNOWN;
	}
}
