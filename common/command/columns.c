/* columns.c - aligned columns: widths are known when all rows are there. */
#include "command/columns.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

struct scl_column_row {
	struct scl_column_row *next;
	const char *cells[SCL_COLUMNS_MAX];
};

void scl_columns_add(struct scl_columns *columns, const char *const *cells)
{
	struct scl_column_row *row = scl_arena_alloc(columns->arena, sizeof(*row));

	for (size_t i = 0; row && i < columns->n; i++) {
		row->cells[i] = scl_arena_strndup(columns->arena, cells[i], strlen(cells[i]));
		if (!row->cells[i]) {
			row = NULL;
			break;
		}
		size_t wide = scl_text_columns(cells[i], strlen(cells[i]));
		if (wide > columns->widths[i])
			columns->widths[i] = wide;
	}
	if (!row) {
		columns->failed = true;
		return;
	}
	if (columns->last)
		columns->last->next = row;
	else
		columns->first = row;
	columns->last = row;
}

static void print_row(const struct scl_columns *columns, const struct scl_column_row *row, struct scl_buffer *line)
{
	for (size_t i = 0; i < columns->n; i++) {
		const char *cell = row->cells[i];
		scl_buffer_puts(line, cell);
		if (i + 1 < columns->n)
			scl_buffer_fill(line, ' ', columns->widths[i] - scl_text_columns(cell, strlen(cell)) + 2);
	}
	while (line->len && line->data[line->len - 1] == ' ')
		line->data[--line->len] = '\0';
}

void scl_columns_print(const struct scl_columns *columns, size_t width, struct scl_buffer *out)
{
	struct scl_buffer line = {0};

	for (const struct scl_column_row *row = columns->first; row; row = row->next) {
		scl_buffer_clear(&line);
		print_row(columns, row, &line);
		scl_text_put_cut(out, scl_buffer_str(&line), width ? width : SIZE_MAX);
		scl_buffer_putc(out, '\n');
	}
	out->failed = out->failed || line.failed || columns->failed;
	scl_buffer_destroy(&line);
}
