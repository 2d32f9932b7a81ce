/*
 * future.h - asyncio futures and tasks of either kind, C-accelerated or pure Python, as one struct.
 *
 * Sources: Modules/_asynciomodule.c (FutureObj, TaskObj), Lib/asyncio/futures.py and tasks.py.
 */
#ifndef SCL_ASYNC_FUTURE_H
#define SCL_ASYNC_FUTURE_H

#include "async/asyncio.h"

/* fut_state. */
enum scl_future_state { SCL_FUTURE_PENDING, SCL_FUTURE_CANCELLED, SCL_FUTURE_FINISHED };

struct scl_future {
	scl_addr address;
	enum scl_await_kind kind;
	enum scl_future_state state;
	scl_addr loop;
	scl_addr callback0, callbacks; /* the first one, and a list of (callback, context); 0: none */
	scl_addr exception, result;    /* 0: none */
	scl_addr source_traceback;     /* a StackSummary, in debug mode; 0: none */
	/* tasks only */
	scl_addr coro, fut_waiter, name;
};

/* SCL_ECORRUPT where the object is no future, or its state is none. */
SCL_CHECKED bool scl_future_read(struct scl_asyncio *a, scl_addr address, struct scl_future *ret,
				 struct scl_error *err);
/* The name of a task into buf[cap]; "?" where it cannot be read. From 3.12 on it may be a number still: "Task-7". */
void scl_task_name(struct scl_asyncio *a, const struct scl_future *task, char *buf, size_t cap);
/* "finished", "cancelled", "pending". */
const char *scl_future_state_name(enum scl_future_state state);

/* Callback i of a future, from 0; 0 when it has no more. */
scl_addr scl_future_callback(struct scl_asyncio *a, const struct scl_future *future, unsigned i);

#endif
