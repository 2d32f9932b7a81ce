/*
 * buffer.h - a byte string that grows while output is written to it.
 *
 * Out of memory is sticky: appends do nothing from then on, and `failed` says so once at the end. A zeroed
 * buffer is a valid empty one. `data` is NUL-terminated whenever it is not NULL.
 */
#ifndef SCL_BASE_BUFFER_H
#define SCL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

SCL_C_BEGIN

struct scl_buffer {
	char *data;
	size_t len, cap;
	bool failed;
};

void scl_buffer_append(struct scl_buffer *b, const void *bytes, size_t n);
void scl_buffer_puts(struct scl_buffer *b, const char *s);
void scl_buffer_putc(struct scl_buffer *b, char c);
void scl_buffer_fill(struct scl_buffer *b, char c, size_t n);
void scl_buffer_printf(struct scl_buffer *b, const char *fmt, ...) SCL_PRINTF(2, 3);
/* The text so far, "" when empty; owned by the buffer. */
const char *scl_buffer_str(const struct scl_buffer *b);
/* Length back to 0, memory kept. */
void scl_buffer_clear(struct scl_buffer *b);
void scl_buffer_destroy(struct scl_buffer *b);

SCL_C_END

#endif
