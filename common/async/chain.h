/*
 * chain.h - what a coroutine awaits, what that awaits, and so on, to the object that everything waits for.
 *
 * Follows coroutines, generators, asynchronous generators, types.coroutine, __await__ of any kind and the wrappers of
 * the C accelerator. Bounded, safe from cycles, and partial where something cannot be read: that is in `end`.
 */
#ifndef SCL_ASYNC_CHAIN_H
#define SCL_ASYNC_CHAIN_H

#include "async/asyncio.h"
#include "base/arena.h"
#include "python/gen.h"

enum { SCL_CHAIN_MAX = 10000 }; /* frames of one chain; longer ones are cut and say so */

enum scl_chain_end {
	SCL_CHAIN_FUTURE,      /* `object` is a future or task */
	SCL_CHAIN_OBJECT,      /* `object` is an iterator that we cannot look into (Cython, C): a foreign awaitable */
	SCL_CHAIN_YIELD,       /* the last frame stands at a bare yield: asyncio.sleep(0), or another loop's trap */
	SCL_CHAIN_NOT_STARTED, /* the last coroutine has not begun */
	SCL_CHAIN_RUNNING,     /* the last one executes just now */
	SCL_CHAIN_DONE,	       /* the first one has returned */
	SCL_CHAIN_CUT,	       /* SCL_CHAIN_MAX */
	SCL_CHAIN_BROKEN,      /* unreadable, nonsense, or a cycle: `why` */
};

struct scl_await {
	scl_addr object; /* the coroutine or generator */
	enum scl_await_kind kind;
	struct scl_frame frame;
};

struct scl_chain {
	struct scl_await *items; /* outermost first; in the arena */
	size_t n;
	enum scl_chain_end end;
	scl_addr object;
	bool iterates;	       /* the last frame is that future's own __await__, in Python: _PyFuture */
	struct scl_error *why; /* SCL_CHAIN_BROKEN; else NULL */
};

/* Follow the chain from `coroutine`, which may be any object that a task can hold. False only when memory ran out. */
SCL_CHECKED bool scl_chain_read(struct scl_asyncio *a, struct scl_arena *arena, scl_addr coroutine,
				struct scl_chain *ret, struct scl_error *err);
/* "future", "bare yield", ... */
const char *scl_chain_end_text(enum scl_chain_end end);

#endif
