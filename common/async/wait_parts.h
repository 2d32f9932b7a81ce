/* wait_parts.h - what the files of the wait reader share: the wait at hand, and its two halves. */
#ifndef SCL_ASYNC_WAIT_PARTS_H
#define SCL_ASYNC_WAIT_PARTS_H

#include "async/wait.h"
#include "python/items.h"

struct scl_wait_reader {
	const struct scl_wait_context *context;
	struct scl_asyncio *a;
	const struct scl_task *task;
	struct scl_wait *wait;
	const struct scl_await *leaf; /* NULL: the chain has no frame */
	scl_addr future;	      /* that the chain ends at; 0: none */
	bool failed;		      /* memory ran out */
};

/* By the innermost frame, when it is a function of asyncio's; SCL_WAIT_NONE where it is none that decides. */
void scl_wait_by_frame(struct scl_wait_reader *r);
/* By the future at the end. */
void scl_wait_by_future(struct scl_wait_reader *r);

/* The timer that a function of asyncio set for its whole wait. */
void scl_wait_set_timeout(struct scl_wait_reader *r, scl_addr handle);
/* The first callback of the future whose function has that qualified name; 0: none. */
scl_addr scl_wait_callback(struct scl_asyncio *a, const struct scl_future *future, const char *name);
/* What a future that asyncio.shield() made protects; 0 when it is none of those. */
scl_addr scl_wait_shielded(struct scl_wait_reader *r, const struct scl_future *future);
/* Wait for what a thread was given to do, `source` being its future: with the thread, where one is at work for it. */
void scl_wait_executor(struct scl_wait_reader *r, scl_addr source);
/* The wait's object and its class. */
void scl_wait_set_object(struct scl_wait_reader *r, enum scl_wait_kind kind, scl_addr object);
/* A variable of a frame; 0 where it is unset, or None. */
scl_addr scl_wait_local(struct scl_wait_reader *r, const struct scl_await *at, const char *name);
/* Add the members of a container of futures: the pending ones are awaited, all are counted. `object` may be 0. */
void scl_wait_add_all(struct scl_wait_reader *r, enum scl_container container, scl_addr object);
/* Wait for one future or task more. */
void scl_wait_add(struct scl_wait_reader *r, scl_addr future);
/* Length of a deque, list or set; -1 where there is none. */
int64_t scl_wait_count(struct scl_wait_reader *r, enum scl_container container, scl_addr object);
int64_t scl_wait_int(struct scl_wait_reader *r, scl_addr object, int64_t otherwise);
/* A variable of the function `callback` closes over; 0 where it has none of that name. */
scl_addr scl_wait_closure(struct scl_wait_reader *r, scl_addr callback, const char *name);

#endif
