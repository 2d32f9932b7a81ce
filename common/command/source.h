/*
 * source.h - lines of the target's source files, for stacks. Files are read once, through the target.
 */
#ifndef SCL_COMMAND_SOURCE_H
#define SCL_COMMAND_SOURCE_H

#include "base/arena.h"
#include "profile/source.h"

enum { SCL_SOURCE_FILES_MAX = 1024 };

struct scl_source_file;

/* A zeroed one but for `arena` and `target` is valid. */
struct scl_source_cache {
	struct scl_arena *arena;
	struct scl_target *target;
	struct scl_source_file *files;
	size_t n, bytes;
};

/* Line `line` (from 1) without the white space around it; NULL where there is none. UTF-8, not escaped; the cache's. */
const char *scl_source_line(struct scl_source_cache *cache, const char *filename, int32_t line, size_t *len);
void scl_source_cache_close(struct scl_source_cache *cache);

#endif
