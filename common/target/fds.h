/*
 * fds.h - the sockets of a network namespace by inode; the inside of struct scl_fds, for back ends.
 */
#ifndef SCL_TARGET_FDS_H
#define SCL_TARGET_FDS_H

#include "target/proc_net.h"

enum {
	SCL_FDS_SOCKETS_MAX = 1 << 17, /* kept, of all tables together */
	SCL_FDS_LINES_MAX = 1 << 20,   /* read of one table: most of a busy one may be in TIME_WAIT */
};

/* Whether that table has been read. */
bool scl_fds_has(const struct scl_fds *fds, enum scl_net_table table);
/*
 * Read a table from the open file, to its end or as far as the limits, memory and the kernel allow; what is missing then
 * is not known. Lines that are none are left out. Where two lines of `unix` claim one inode, one of them is the text of
 * somebody's name: what they disagree about is not believed. A -1 for the file is an empty table.
 */
void scl_fds_read(struct scl_fds *fds, enum scl_net_table table, int file);
/* NULL where there is none; valid until the next scl_fds_read. */
const struct scl_net_socket *scl_fds_find(const struct scl_fds *fds, enum scl_net_table table, uint64_t inode);

#endif
