/*
 * names.h - lists of names that a user may abbreviate: commands, options, choices, settings, formats.
 *
 * Finding one and completing one go through the same list.
 */
#ifndef SCL_COMMAND_NAMES_H
#define SCL_COMMAND_NAMES_H

#include "base/buffer.h"
#include "base/error.h"

/* A list that knows how to name its i-th member; a plain value over static data. */
struct scl_names {
	const char *(*at)(const void *list, size_t i);
	const void *list;
	size_t n;
};

/* True when `name` begins with the first `len` bytes of `word`. */
bool scl_name_begins(const char *name, const char *word, size_t len);
/*
 * The name that equals the first `len` bytes of `word`, or the only one that begins with them. SCL_EUSAGE
 * otherwise; the text calls the thing `what` ("command") and lists the candidates or, for none, all names.
 */
SCL_CHECKED bool scl_names_find(const struct scl_names *names, const char *what, const char *word, size_t len,
				size_t *ret, struct scl_error *err);
/* Append `before` and each name that begins with `word`, one on each line. */
void scl_names_complete(const struct scl_names *names, const char *before, const char *word, struct scl_buffer *out);
/* Append "a, b, c". */
void scl_names_list(const struct scl_names *names, struct scl_buffer *out);

struct scl_names scl_names_commands(void);
struct scl_names scl_names_settings(void);
struct scl_names scl_names_formats(void);

#endif
