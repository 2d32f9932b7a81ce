/*
 * proc_maps.h - the lines of /proc/PID/maps, proc_pid_maps(5).
 */
#ifndef SCL_TARGET_PROC_MAPS_H
#define SCL_TARGET_PROC_MAPS_H

#include <stddef.h>

#include "base/error.h"

struct scl_mapping {
	scl_addr start, end;
	uint64_t offset; /* in the file */
	uint64_t dev_major, dev_minor;
	uint64_t inode; /* 0 for anonymous memory */
	bool readable, writable, executable;
	char *path; /* "" for anonymous memory, "[heap]", or a path, perhaps with " (deleted)" */
};

/*
 * Parse one line, which is changed: its newline goes, "\012" in the path becomes a newline again, which is all that
 * the kernel escapes there. `path` points into the line. False when the line is no such line.
 */
bool scl_proc_maps_line(char *line, struct scl_mapping *ret);

/* Parse a whole file, which is changed, into a malloc'ed array; lines that are none are left out. */
SCL_CHECKED bool scl_proc_maps_parse(char *text, struct scl_mapping **ret, size_t *n, struct scl_error *err);

#endif
