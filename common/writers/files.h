/*
 * files.h - a profile's lines and functions file by file, the busiest file first: what every report starts from.
 */
#ifndef SCL_WRITERS_FILES_H
#define SCL_WRITERS_FILES_H

#include "profile/profile.h"

struct scl_file {
	uint32_t id;				     /* string id of the path */
	const char *path;			     /* owned by the profile */
	const struct scl_profile_source *source;     /* NULL: not readable */
	const struct scl_profile_line *const *lines; /* ascending */
	size_t nlines;
	const struct scl_profile_function *const *functions; /* ascending by first line; "<module>" left out */
	size_t nfunctions;
	double ns; /* of all its lines */
	double await_ns;
	double scale; /* from nanoseconds to percent of the profile's total_ns; the file's sum stays within 100 */
};

struct scl_files {
	struct scl_file *items;
	size_t n;
	const struct scl_profile_line **lines;	       /* backing of items[].lines */
	const struct scl_profile_function **functions; /* backing of items[].functions */
};

/* Where a line's or function's time went, in percent of total_ns: each 0..100, and so is their sum. */
struct scl_shares {
	double python, native, system, sum;
};

/* The profile must outlive it; free with scl_files_destroy. */
SCL_CHECKED bool scl_files_init(struct scl_files *files, const struct scl_profile *profile, struct scl_error *err);
void scl_files_destroy(struct scl_files *files);
/* Nanoseconds of await time in percent of all that was credited, 0..100. */
double scl_await_share(const struct scl_profile *profile, double ns);
struct scl_shares scl_shares_of(const struct scl_profile_cost *cost, double scale);
/* Line `number` (from 1) without its line end; *len bytes, "" beyond the end or without a source. */
const char *scl_file_text(const struct scl_file *file, uint64_t number, size_t *len);

#endif
