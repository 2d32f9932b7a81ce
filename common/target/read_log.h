/*
 * read_log.h - which bytes of a target something was decoded from.
 *
 * While a target has a log, every piece that is read is noted in it. What was decoded is still true as long as those
 * bytes are what they were: comparing them is much cheaper than decoding them again.
 */
#ifndef SCL_TARGET_READ_LOG_H
#define SCL_TARGET_READ_LOG_H

#include "target/target.h"

struct scl_read_piece {
	scl_addr addr;
	size_t size;
};

struct scl_read_log {
	struct scl_read_piece *pieces;
	size_t n, capacity;
	bool failed; /* a read failed, or memory ran out: it is not whole */
};

/* Keeps its memory. A zeroed log is a valid empty one. */
void scl_read_log_clear(struct scl_read_log *log);
void scl_read_log_destroy(struct scl_read_log *log);
void scl_read_log_add(struct scl_read_log *log, scl_addr addr, size_t size);
/* Sort the pieces and join those that overlap or lie close together; returns the bytes of all of them. */
size_t scl_read_log_join(struct scl_read_log *log);

#endif
