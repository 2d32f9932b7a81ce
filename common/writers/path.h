/*
 * path.h - the stacks of a profile as paths of frames, for the formats that have a list of frames for each stack.
 */
#ifndef SCL_WRITERS_PATH_H
#define SCL_WRITERS_PATH_H

#include "base/buffer.h"
#include "profile/profile.h"

enum { SCL_PATH_FRAMES_MAX = 4096 }; /* of a deeper stack the innermost ones */

/* The frames of a stack, ids in the profile's table, the outermost first. */
struct scl_path {
	uint32_t frames[SCL_PATH_FRAMES_MAX];
	size_t n;
};

/* The parent of a node; 0 at the root, and for an index that would make a ring. */
uint32_t scl_path_parent(const struct scl_profile *profile, uint32_t node);
void scl_path_read(struct scl_path *path, const struct scl_profile *profile, uint32_t stack);
/* "MainThread (4711)", with the LWP; a thread without a name is "thread". Not escaped. */
void scl_path_put_thread(const struct scl_profile *profile, const struct scl_profile_thread *thread,
			 struct scl_buffer *out);
/* "handle (app.py:90)": with the line, where the frame has one; "handle" where it has no file. Not escaped. */
void scl_path_put_frame(const struct scl_profile *profile, const struct scl_profile_frame *frame,
			struct scl_buffer *out);

#endif
