/*
 * snapshot.h - pieces of the target copied by one system call, and reads that are served from them.
 *
 * The reader of a thread's stack asks for the same addresses again and again. A snapshot keeps the list of what the last
 * round needed, fetches all of it in one vectored read, twice: thread state, pieces, thread state, the same pieces,
 * thread state; and serves the decoder from the copies. What was not foreseen is read singly (counted as a miss) and
 * foreseen the next time.
 *
 * A running thread calls and returns many times in the microsecond that such a read takes. That its innermost frame is
 * the same before and after proves little then. A chain of frames that is the same in both copies is strong evidence, not
 * proof: a loop whose period fits the distance of the copies still passes now and then.
 */
#ifndef SCL_PYTHON_SNAPSHOT_H
#define SCL_PYTHON_SNAPSHOT_H

#include "python/runtime.h"

struct scl_snapshot;

/* One for each thread; NULL when memory ran out. */
struct scl_snapshot *scl_snapshot_create(const struct scl_runtime *rt, scl_addr thread);
void scl_snapshot_destroy(struct scl_snapshot *snap);
/*
 * Begin a round: one vectored read of everything foreseen. When that fails because something foreseen has been
 * unmapped, everything is forgotten and the thread state is read alone. SCL_EGONE when the thread state is no
 * longer that of the thread that the first round saw.
 */
SCL_CHECKED bool scl_snapshot_take(struct scl_snapshot *snap, struct scl_error *err);
/* Bytes of the target, from the copy or, as a miss, from the target. */
SCL_CHECKED bool scl_snapshot_read(struct scl_snapshot *snap, scl_addr addr, void *to, size_t size,
				   struct scl_error *err);
/*
 * End a round: was the thread state the same before and after? With misses in this round the thread state is
 * read once more. *torn says that what was decoded in between must not be believed.
 */
SCL_CHECKED bool scl_snapshot_finish(struct scl_snapshot *snap, bool *torn, struct scl_error *err);
/* The same, but the thread state is read once more in any case. */
SCL_CHECKED bool scl_snapshot_recheck(struct scl_snapshot *snap, bool *torn, struct scl_error *err);
/* The same bytes as they were a little later; false when they were not foreseen. */
bool scl_snapshot_read_again(struct scl_snapshot *snap, scl_addr addr, void *to, size_t size);
/* The thread's innermost frame when this round began, and at its end; 0 when it runs no Python. */
scl_addr scl_snapshot_innermost(const struct scl_snapshot *snap);
scl_addr scl_snapshot_innermost_again(const struct scl_snapshot *snap);
/* Misses of this round. */
unsigned scl_snapshot_misses(const struct scl_snapshot *snap);

#endif
