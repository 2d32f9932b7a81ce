#include "writers/path.h"

#include <inttypes.h>

uint32_t scl_path_parent(const struct scl_profile *profile, uint32_t node)
{
	uint32_t parent = profile->nodes[node].parent;

	return parent < node ? parent : 0; /* a parent precedes its children */
}

void scl_path_read(struct scl_path *path, const struct scl_profile *profile, uint32_t stack)
{
	uint32_t node = stack < profile->nstacks ? profile->stacks[stack].node : 0;

	path->n = 0;
	for (; node && node < profile->nnodes && path->n < SCL_PATH_FRAMES_MAX; node = scl_path_parent(profile, node))
		if (profile->nodes[node].frame < profile->nframes)
			path->frames[path->n++] = profile->nodes[node].frame;
	for (size_t i = 0; i < path->n / 2; i++) {
		uint32_t frame = path->frames[i];

		path->frames[i] = path->frames[path->n - 1 - i];
		path->frames[path->n - 1 - i] = frame;
	}
}

void scl_path_put_thread(const struct scl_profile *profile, const struct scl_profile_thread *thread,
			 struct scl_buffer *out)
{
	const char *name = scl_profile_str(profile, thread->name);

	scl_buffer_printf(out, "%s (%" PRIu64 ")", *name ? name : "thread", thread->lwp);
}

void scl_path_put_frame(const struct scl_profile *profile, const struct scl_profile_frame *frame,
			struct scl_buffer *out)
{
	const char *file = scl_profile_str(profile, frame->file);

	scl_buffer_puts(out, scl_profile_str(profile, frame->function));
	if (*file && frame->line > 0)
		scl_buffer_printf(out, " (%s:%" PRId32 ")", file, frame->line);
	else if (*file)
		scl_buffer_printf(out, " (%s)", file);
}
