/*
 * loop.h - event loops: which thread runs which, and what each has to do.
 *
 * Sources: Lib/asyncio/base_events.py, events.py (_get_running_loop), Modules/_asynciomodule.c.
 */
#ifndef SCL_ASYNC_LOOP_H
#define SCL_ASYNC_LOOP_H

#include "async/asyncio.h"
#include "base/arena.h"

enum { SCL_LOOPS_MAX = 4096 };

struct scl_loop {
	scl_addr address;
	const char *class_name; /* "_UnixSelectorEventLoop"; in the arena */
	uint64_t lwp, ident;	/* of the thread that runs it; 0: none does, or not known */
	scl_addr current;	/* the task that it executes just now; 0: none */
	bool running, closed;
	bool readable;	    /* it is asyncio's own kind: what follows is known */
	uint64_t ready;	    /* callbacks that wait for their turn */
	uint64_t scheduled; /* timers, cancelled ones included */
	double next;	    /* when the earliest is due, seconds of CLOCK_MONOTONIC; 0: none, or not known */
	uint64_t fds;	    /* registered with the selector, without its self-pipe */
};

struct scl_loops {
	struct scl_loop *list; /* in the arena */
	size_t n;
};

/* The loop that a thread runs, by the address of its state; 0: none. */
scl_addr scl_loop_running(struct scl_asyncio *a, scl_addr thread);
/* The loops that threads of the interpreter run. False only when memory ran out. */
SCL_CHECKED bool scl_loops_read(struct scl_asyncio *a, struct scl_arena *arena, struct scl_loops *ret,
				struct scl_error *err);
/* The loop at an address; added when it is not there (a loop that nobody runs, known from a task). NULL: no memory. */
struct scl_loop *scl_loops_get(struct scl_asyncio *a, struct scl_arena *arena, struct scl_loops *loops,
			       scl_addr address);

#endif
