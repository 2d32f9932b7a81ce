/* activity.h - what a thread is doing, in a word. */
#ifndef SCL_PROFILE_ACTIVITY_H
#define SCL_PROFILE_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

/* What a thread is doing, decided on its raw frames and on what the kernel says. */
enum scl_activity {
	SCL_ACTIVITY_PYTHON,	/* on CPU, executing bytecode */
	SCL_ACTIVITY_NATIVE,	/* on CPU, in C code called from Python */
	SCL_ACTIVITY_GIL,	/* waiting for the GIL */
	SCL_ACTIVITY_GC,	/* it runs the garbage collector */
	SCL_ACTIVITY_LOOP_IDLE, /* idle in an event loop: the selector waits under asyncio's _run_once, or libuv does */
	SCL_ACTIVITY_SYSCALL,	/* blocked in a system call */
	SCL_ACTIVITY_STOPPED,	/* stopped by a signal (not by the debugger that asks) */
	SCL_ACTIVITY_UNKNOWN,	/* the kernel says nothing */
	SCL_NACTIVITIES
};
const char *scl_activity_name(enum scl_activity activity); /* "waiting for the GIL" */
/* The C function that a thread with this activity is in, by the name that Scalene's timeline knows; NULL where the
 * activity does not say. */
const char *scl_activity_symbol(enum scl_activity activity);
/* On a CPU, by all that is known: its time is Python's or native. */
bool scl_activity_runs(enum scl_activity activity);

/* System calls by their x86-64 numbers. */
enum scl_syscall {
#define SYSCALL(number, name) SCL_SYS_##name = (number),
#include "profile/syscalls.def"
#undef SYSCALL
	SCL_NSYSCALLS
};
/* The name of a system call by its x86-64 number; NULL where it is not known. */
const char *scl_syscall_name(int64_t number);

#endif
