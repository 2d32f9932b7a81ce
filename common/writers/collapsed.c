/*
 * collapsed.c - one line for each stack of a thread, "thread;outer;inner samples": what flamegraph.pl, inferno and
 * speedscope read (Gregg, stackcollapse.pl). The await chains of suspended tasks stand below "thread [await]", since a
 * task that waits is counted in the same sample as its thread.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "writers/path.h"
#include "writers/writer.h"

/* Text without what separates frames and lines, and without control characters. */
static void put_name(struct scl_buffer *out, const struct scl_buffer *name)
{
	size_t from = out->len;

	scl_text_append(out, scl_buffer_str(name), name->len);
	for (size_t i = from; i < out->len; i++)
		if (out->data[i] == ';')
			out->data[i] = ',';
}

static void put_line(const struct scl_profile *profile, const struct scl_profile_part *part, const char *kind,
		     uint64_t n, struct scl_path *path, struct scl_buffer *out)
{
	struct scl_buffer name = {0};

	if (!n)
		return;
	scl_path_put_thread(profile, &profile->threads[part->thread], &name);
	scl_buffer_puts(&name, kind);
	put_name(out, &name);
	scl_path_read(path, profile, part->stack);
	for (size_t i = 0; i < path->n; i++) {
		scl_buffer_clear(&name);
		scl_path_put_frame(profile, &profile->frames[path->frames[i]], &name);
		scl_buffer_putc(out, ';');
		put_name(out, &name);
	}
	scl_buffer_printf(out, " %" PRIu64 "\n", n);
	out->failed = out->failed || name.failed;
	scl_buffer_destroy(&name);
}

static bool write_collapsed(const struct scl_profile *profile, const struct scl_writer_options *options,
			    struct scl_buffer *out, struct scl_error *err)
{
	struct scl_path path;

	(void)options;
	for (size_t i = 0; i < profile->nparts; i++) {
		const struct scl_profile_part *part = &profile->parts[i];

		if (part->thread >= profile->nthreads)
			continue;
		put_line(profile, part, "", part->hits, &path, out);
		put_line(profile, part, " [await]", part->awaits, &path, out);
	}
	return !out->failed || scl_fail(err, SCL_ENOMEM, "out of memory");
}

const struct scl_writer scl_writer_collapsed = {
	.name = "collapsed",
	.summary = "collapsed stacks, for flame graphs",
	.extension = ".txt",
	.write = write_collapsed,
};
