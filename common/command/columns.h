/* columns.h - a listing in aligned columns. */
#ifndef SCL_COMMAND_COLUMNS_H
#define SCL_COMMAND_COLUMNS_H

#include "base/arena.h"
#include "base/buffer.h"

enum { SCL_COLUMNS_MAX = 8 };

struct scl_column_row;

/* A zeroed one but for `arena` and `n` is valid; the arena frees the rows. */
struct scl_columns {
	struct scl_arena *arena;
	size_t n;
	size_t widths[SCL_COLUMNS_MAX];
	struct scl_column_row *first, *last;
	bool failed;
};

/* Add a row of `n` cells of safe text (base/text.h); they are copied. Out of memory is said by the output's
 * `failed` when the listing is printed. */
void scl_columns_add(struct scl_columns *columns, const char *const *cells);
/* Append all rows. Lines are cut at `width` columns; 0: never. */
void scl_columns_print(const struct scl_columns *columns, size_t width, struct scl_buffer *out);

#endif
