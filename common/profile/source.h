/*
 * source.h - the text of a source file of the target, as lines of valid UTF-8: what the report and bt show.
 */
#ifndef SCL_PROFILE_SOURCE_H
#define SCL_PROFILE_SOURCE_H

#include "profile/profile.h"
#include "target/target.h"

/* "<stdin>", "<string>", "<frozen importlib._bootstrap>": CPython's name for what is in no file. */
bool scl_source_is_pseudo(const char *name);
/*
 * Read the file through the target and decode it; *total is advanced by the bytes of memory that its text takes. Without
 * lines where there is no text to be had: no such file, an empty one, one of more than SCL_PROFILE_SOURCE_MAX bytes.
 * False only when memory ran out. Free with scl_source_unload; `file` of *source is the caller's.
 */
SCL_CHECKED bool scl_source_load(struct scl_profile_source *source, struct scl_target *target, const char *path,
				 size_t *total);
void scl_source_unload(struct scl_profile_source *source);

#endif
