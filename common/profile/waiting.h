/*
 * waiting.h - the suspended tasks of the loops that are idle in a sample; for the files of this room.
 */
#ifndef SCL_PROFILE_WAITING_H
#define SCL_PROFILE_WAITING_H

#include "profile/watched.h"

/* What is kept of one interpreter's asyncio. */
struct scl_waiting_reader {
	scl_addr interp;
	struct scl_suspended_reader *reader; /* NULL: it cannot be had, `set.why` */
	struct scl_suspended_set set;
	uint64_t tried_ns;	/* when that was */
	bool read;		/* in the sample at hand */
	uint64_t newest, known; /* serial numbers of tasks: the greatest so far, and so far before this sample */
};

/* Of all interpreters in which a loop has been idle. A zeroed one is valid and empty. */
struct scl_waiting_readers {
	struct scl_waiting_reader **list; /* each on its own: a sample refers to its set */
	size_t n, cap;
	const struct scl_suspended **tasks; /* by thread; slices of it are in the sample */
	size_t tasks_cap;
};

void scl_waiting_destroy(struct scl_waiting_readers *readers);
/* The code objects are about to be reset. */
void scl_waiting_forget(struct scl_waiting_readers *readers);
/* Fill `waiting` of the sample's threads that are idle in a loop. False when memory ran out. */
SCL_CHECKED bool scl_waiting_read(struct scl_waiting_readers *readers, struct scl_watch_list *list,
				  struct scl_codes *codes, struct scl_sample *sample, struct scl_error *err);

#endif
