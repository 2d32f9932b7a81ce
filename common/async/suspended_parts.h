/* suspended_parts.h - one task as it is kept from sample to sample. */
#ifndef SCL_ASYNC_SUSPENDED_PARTS_H
#define SCL_ASYNC_SUSPENDED_PARTS_H

#include "async/suspended.h"
#include "async/task.h"
#include "target/read_log.h"

struct scl_memo {
	struct scl_suspended task;
	enum scl_task_status status;
	bool readable;
	bool fresh;	/* the bytes are those that it was decoded from, and types have not been forgotten since */
	uint64_t round; /* in which it was in the registry last */
	struct scl_read_piece *pieces; /* with `bytes`, `task.name` and `task.frames` in one allocation */
	size_t npieces;
	uint8_t *bytes; /* of all pieces, one behind the other */
};

/* Everything that the memo refers to. */
void scl_memo_clear(struct scl_memo *memo);
/* The memory that it was decoded from is what it was, and its code objects are. */
bool scl_memo_holds(const struct scl_memo *memo, struct scl_asyncio *a);
/*
 * Take over a task that was read while `log` noted it. The serial stays when nothing of it is new, and is `*serial`, which
 * is counted up, when something is. `why`: it could not be read, so `task` says nothing. False when memory ran out.
 */
SCL_CHECKED bool scl_memo_keep(struct scl_memo *memo, struct scl_asyncio *a, const struct scl_task *task, bool readable,
			       struct scl_read_log *log, uint64_t *serial);

#endif
