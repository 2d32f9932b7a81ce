#include "writers/terminal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_OF_WIDE = 60, WIDTH_MAX = 1000 };

/* As in Scalene, a file under 1 % gets no table; the sum of those says what is missing. */
static bool put_files(struct scl_terminal *t, const struct scl_profile *profile, const struct scl_files *files,
		      struct scl_error *err)
{
	size_t small = 0;
	double rest = 0;
	for (size_t i = 0; i < files->n; i++) {
		const struct scl_file *file = &files->items[i];
		double percent = file->ns * file->scale;
		if (percent < 1 && scl_await_share(profile, file->await_ns) < 1 && i > 0 && !t->all_lines) {
			small++;
			rest += percent;
			continue;
		}
		if (!scl_terminal_file(t, profile, file, err))
			return false;
		scl_terminal_newline(t);
	}
	if (small) {
		scl_terminal_wrapf(t, 2, "%zu more file%s with less than 1%% each, %.2f%% together", small,
				   small == 1 ? "" : "s", rest);
		scl_terminal_newline(t);
	}
	if (!files->n) {
		scl_terminal_wrap(t, "No sample has a frame of the program.", 2);
		scl_terminal_newline(t);
	}
	return true;
}

static void put_summary(struct scl_terminal *t, const struct scl_profile *profile)
{
	struct scl_buffer raw = {0}, safe = {0};
	scl_profile_summarize(profile, &raw);
	for (const char *line = scl_buffer_str(&raw); *line;) {
		size_t len = strcspn(line, "\n");
		scl_text_append(&safe, line, len);
		scl_buffer_putc(&safe, '\n');
		line += len + (line[len] == '\n');
	}
	scl_terminal_wrap(t, scl_buffer_str(&safe), 2);
	t->out->failed |= raw.failed || safe.failed;
	scl_buffer_destroy(&raw);
	scl_buffer_destroy(&safe);
}

static size_t clamp_width(unsigned width)
{
	if (!width)
		return WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

static bool write_terminal(const struct scl_profile *profile, const struct scl_writer_options *options,
			   struct scl_buffer *out, struct scl_error *err)
{
	struct scl_terminal t = {
		.out = out,
		.width = clamp_width(options->width),
		.color = options->color,
		.limit = options->limit,
		.all_lines = options->all_lines,
	};
	t.wide = t.width >= WIDTH_OF_WIDE;
	struct scl_files files;
	if (!scl_files_init(&files, profile, err))
		return false;
	bool done = put_files(&t, profile, &files, err) && scl_terminal_threads(&t, profile, err);
	scl_files_destroy(&files);
	if (done) {
		scl_terminal_await(&t, profile);
		put_summary(&t, profile);
	}
	scl_buffer_destroy(&t.text);
	if (done && out->failed)
		return scl_fail(err, SCL_ENOMEM, "no memory for the report");
	return done;
}

const struct scl_writer scl_writer_terminal = {
	.name = "cli",
	.summary = "a table for the terminal",
	.extension = ".txt",
	.write = write_terminal,
};
