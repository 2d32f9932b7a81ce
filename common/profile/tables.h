/*
 * tables.h - finding or making the entries of a profile's tables; for the files of this room.
 *
 * Each function gives the index of the entry that equals the key, a new one where there is none. False when the
 * table's bound is reached (counted in the profile) or memory ran out (profile->failed).
 */
#ifndef SCL_PROFILE_TABLES_H
#define SCL_PROFILE_TABLES_H

#include "profile/profile.h"

SCL_CHECKED bool scl_table_frame(struct scl_profile *p, const struct scl_profile_frame *frame, uint32_t *id);
/* The node of `frame` below `parent`; with `make` false only one that is there. */
SCL_CHECKED bool scl_table_node(struct scl_profile *p, uint32_t parent, uint32_t frame, bool make, uint32_t *id);
SCL_CHECKED bool scl_table_stack(struct scl_profile *p, uint32_t node, uint32_t *id);
/* By the indices of the thread and of the stack. */
SCL_CHECKED bool scl_table_part(struct scl_profile *p, uint32_t thread, enum scl_activity activity, uint32_t stack,
				uint32_t *id);
SCL_CHECKED bool scl_table_line(struct scl_profile *p, uint32_t file, int32_t line, uint32_t *id);
SCL_CHECKED bool scl_table_function(struct scl_profile *p, uint32_t file, uint32_t name, int32_t firstlineno,
				    uint32_t *id);
SCL_CHECKED bool scl_table_thread(struct scl_profile *p, uint64_t ident, uint32_t *id);

/* Room for n entries of `size` bytes in an array that grows by doubling; sets profile->failed. */
SCL_CHECKED bool scl_table_reserve(struct scl_profile *p, void *array, size_t *cap, size_t n, size_t size);
/* The next number of the profile's generator. */
uint64_t scl_profile_random(struct scl_profile *p);

#endif
