/*
 * handles.h - what an event loop will do for whom: its timers, descriptors and ready callbacks, by the objects that
 * they were made for.
 *
 * A callback names who waits for it: in its arguments (a future, a transport, a task) or as the object that its method is
 * bound to. Sources: Lib/asyncio/events.py (Handle, TimerHandle), base_events.py (_ready, _scheduled), selectors.py
 * (_fd_to_key), timeouts.py, Modules/_asynciomodule.c (TaskStepMethWrapper, task_wakeup).
 */
#ifndef SCL_ASYNC_HANDLES_H
#define SCL_ASYNC_HANDLES_H

#include "async/asyncio.h"
#include "base/map.h"

enum {
	SCL_HANDLES_MAX = 4 * 1024 * 1024, /* entries of a loop that are looked at */
	SCL_HANDLE_ARGS_MAX = 8,
};

struct scl_fd_wait {
	int32_t fd;
	bool writes;	    /* it waits until the descriptor can be written to; else until it can be read */
	scl_addr transport; /* what the loop's callback is bound to, a transport as a rule; 0: not known */
};

struct scl_handles {
	scl_addr loop;
	double *when; /* of timers */
	size_t ntimers, timers_cap;
	struct scl_fd_wait *fds;
	size_t nfds, fds_cap;
	struct scl_map by_timer, by_fd; /* object -> index */
	struct scl_map ready;		/* object -> 1 */
	struct scl_map timeouts;	/* task -> timer of an asyncio.timeout() around it */
	double next;			/* the earliest timer; 0: none */
	bool failed;			/* memory ran out */
};

/* What cannot be read is left out. False only when memory ran out. Free with scl_handles_destroy. */
SCL_CHECKED bool scl_handles_read(struct scl_asyncio *a, scl_addr loop, struct scl_handles *ret, struct scl_error *err);
void scl_handles_destroy(struct scl_handles *handles);
/* The timer for an object; false when there is none. */
bool scl_handles_timer(const struct scl_handles *handles, scl_addr object, double *when);
bool scl_handles_timeout(const struct scl_handles *handles, scl_addr task, double *when);
bool scl_handles_fd(const struct scl_handles *handles, scl_addr object, struct scl_fd_wait *ret);
bool scl_handles_is_ready(const struct scl_handles *handles, scl_addr object);
/* When a TimerHandle is due; false where it is cancelled, or none. */
bool scl_handle_when(struct scl_asyncio *a, scl_addr handle, double *when);
/* The object that a callback is bound to, or that it wakes or steps: im_self, m_self, sw_task; 0: none. */
scl_addr scl_callback_self(struct scl_asyncio *a, scl_addr callback);
/* The qualified name of a callback's function, "" where it has none. Reads through methods and partials. */
void scl_callback_name(struct scl_asyncio *a, scl_addr callback, char *buf, size_t cap);

#endif
