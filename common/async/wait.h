/*
 * wait.h - why a task waits: the reason, the object that it waits for, and what will end the wait.
 *
 * Decided on the innermost frame of the await chain (which function of asyncio it is, and its local variables), on the
 * future at the chain's end and on what the event loop has for it. What nothing proves is said to be not known.
 */
#ifndef SCL_ASYNC_WAIT_H
#define SCL_ASYNC_WAIT_H

#include "async/handles.h"
#include "async/task.h"

enum scl_wait_kind {
#define WAIT(id, name, ends) SCL_WAIT_##id,
#include "async/waits.def"
#undef WAIT
	SCL_NWAITS
};

/* What ends a wait. */
enum scl_wait_end {
	SCL_WAIT_ENDS_BY_TASKS,	 /* the futures and tasks that it awaits, nothing else */
	SCL_WAIT_ENDS_BY_HOLDER, /* whoever holds the lock */
	SCL_WAIT_ENDS_BY_EVENTS, /* timers, descriptors, threads, any callback */
};

/* A thread of an executor that is at work: which concurrent.futures.Future it works for. */
struct scl_worker {
	scl_addr source;
	uint64_t lwp;
	unsigned thread; /* index into the caller's threads */
};

struct scl_wait {
	enum scl_wait_kind kind;
	scl_addr object;	/* the Lock, Queue, StreamReader, future, ...; 0 where there is none */
	const char *class_name; /* of the object; in the arena; "" */
	size_t leaf;	   /* the frame of the chain, from 0, that stands at the wait; chain.n when there is none */
	bool has_deadline; /* `deadline`: when a timer ends this very wait, in seconds of CLOCK_MONOTONIC */
	bool has_timeout;  /* `timeout`: when an asyncio.timeout() or wait_for() around it ends it */
	double deadline, timeout;
	bool has_fd;
	struct scl_fd_wait fd;
	int64_t waiters, size, maxsize, value; /* of locks and queues; -1: not known or none */
	int64_t pid;			       /* of a subprocess; 0: not known */
	scl_addr *awaits;		       /* in the arena: futures and tasks that it waits for, pending ones */
	size_t nawaits;
	size_t done, total; /* of those futures; total 0: it does not count them */
	bool any;	    /* one of them is enough (FIRST_COMPLETED, as_completed) */
	scl_addr holder;    /* the task that holds the lock, where a frame proves it; 0: not known */
	const struct scl_worker
		*worker; /* SCL_WAIT_EXECUTOR: who works for it; NULL: none, it is queued, or not known */
	bool orphan;	 /* nothing that we know of can complete it: no timer, descriptor, callback, thread, task */
};

/* "timer", "lock", ... */
const char *scl_wait_name(enum scl_wait_kind kind);
enum scl_wait_end scl_wait_ends_by(enum scl_wait_kind kind);

struct scl_wait_context {
	struct scl_asyncio *a;
	struct scl_arena *arena;
	const struct scl_handles *handles; /* of the task's loop; NULL: not readable */
	const struct scl_worker *workers;
	size_t nworkers;
};

/* The reason of a waiting task; SCL_WAIT_NONE for any other. False only when memory ran out. */
SCL_CHECKED bool scl_wait_read(const struct scl_wait_context *context, const struct scl_task *task,
			       struct scl_wait *ret, struct scl_error *err);

#endif
