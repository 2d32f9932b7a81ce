/*
 * watched.h - the threads that an observer watches: what it keeps of each between samples, and the list of them
 * brought up to date; for the files of this room.
 */
#ifndef SCL_PROFILE_WATCHED_H
#define SCL_PROFILE_WATCHED_H

#include "base/map.h"
#include "profile/sample.h"

enum { SCL_THREAD_NAME_MAX = 64 };

/* An interpreter as far as samples need it. */
struct scl_watched_interp {
	struct scl_interpreter interp;
	struct scl_gil gil; /* where it is; address 0: not known */
	scl_addr holder;    /* of the GIL at holder_ns */
	uint64_t holder_ns;
	bool seen;
};

struct scl_watched {
	struct scl_thread thread;
	struct scl_snapshot *snap;
	struct scl_frame *frames;
	size_t capacity;
	char name[SCL_THREAD_NAME_MAX]; /* Python's; "" where not known */
	char comm[SCL_THREAD_NAME_MAX]; /* the kernel's */
	unsigned name_tries;
	bool seen;
	int64_t inner; /* the interpreter that this thread has entered from here, and has not left yet; 0: none */
	/* At the last sample of this thread; sampled_ns 0: there was none. */
	uint64_t sampled_ns, user_ns, system_ns;
};

struct scl_watch_list {
	const struct scl_runtime *rt;
	struct scl_watched *threads; /* the main thread first, then as they were made */
	size_t n, cap;
	struct scl_map by_address;
	struct scl_watched_interp *interps;
	size_t ninterps, interps_cap;
	uint64_t main_ident, guard; /* what identifies the program image, see watched.c */
	bool guard_known;
};

void scl_watch_list_destroy(struct scl_watch_list *list);
/* Read the thread list again. *whole says that nothing of it was missed. */
SCL_CHECKED bool scl_watch_list_update(struct scl_watch_list *list, bool *whole, struct scl_error *err);
/* The interpreter of a thread; NULL when it is gone. */
struct scl_watched_interp *scl_watch_list_interp(struct scl_watch_list *list, scl_addr interp);

#endif
