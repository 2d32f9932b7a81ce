/*
 * writer.h - a profile as bytes: one file for each format. Writers read the profile's tables and nothing else.
 */
#ifndef SCL_WRITERS_WRITER_H
#define SCL_WRITERS_WRITER_H

#include "base/buffer.h"
#include "profile/profile.h"

struct scl_writer_options {
	unsigned width; /* terminal columns; 0: 80 */
	bool color;	/* SGR sequences allowed */
	unsigned limit; /* lines per file and functions that the terminal report shows; 0: no limit */
	bool all_lines; /* also lines without data */
};

struct scl_writer {
	const char *name;      /* what --format takes */
	const char *summary;   /* one line for help */
	const char *extension; /* of the file when the user named none */
	/* Append the whole document to `out`. */
	bool (*write)(const struct scl_profile *profile, const struct scl_writer_options *options,
		      struct scl_buffer *out, struct scl_error *err);
};

/* Every format, the default one first; *n gets their number. */
const struct scl_writer *const *scl_writers(size_t *n);
/* By name; on failure the error lists the known ones. */
const struct scl_writer *scl_writer_find(const char *name, struct scl_error *err);

extern const struct scl_writer scl_writer_scalene;  /* Scalene's JSON */
extern const struct scl_writer scl_writer_terminal; /* "cli": Scalene's terminal table */
extern const struct scl_writer scl_writer_collapsed, scl_writer_speedscope, scl_writer_pprof;

#endif
