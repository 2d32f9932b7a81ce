/* terminal.h - a report for a terminal: escaped, cut to a width, coloured only where that was asked for. */
#ifndef SCL_WRITERS_TERMINAL_H
#define SCL_WRITERS_TERMINAL_H

#include "writers/files.h"
#include "writers/writer.h"

enum scl_style {
	SCL_STYLE_PLAIN,
	SCL_STYLE_HEADING,
	SCL_STYLE_DIM, /* rules, line numbers */
	SCL_STYLE_PYTHON,
	SCL_STYLE_NATIVE,
	SCL_STYLE_SYSTEM,
	SCL_STYLE_AWAIT,
	SCL_STYLE_HOT, /* a third of the time or more, as in Scalene */
	SCL_NSTYLES
};

struct scl_terminal {
	struct scl_buffer *out;
	struct scl_buffer text; /* of the cell at hand, escaped */
	size_t width;
	bool color, wide; /* wide: room for blanks around the bars */
	unsigned limit;
	bool all_lines;
};

void scl_terminal_style(struct scl_terminal *t, enum scl_style style);
/* End the line; blanks at its end are dropped. */
void scl_terminal_newline(struct scl_terminal *t);
/* "│", with blanks where there is room; columns it takes. */
void scl_terminal_bar(struct scl_terminal *t);
size_t scl_terminal_bar_columns(const struct scl_terminal *t);
/* A rule under columns of these widths. */
void scl_terminal_rule(struct scl_terminal *t, const size_t *columns, size_t n);
/* Printf, right-aligned in `columns`. */
void scl_terminal_cell(struct scl_terminal *t, enum scl_style style, size_t columns, const char *fmt, ...)
	SCL_PRINTF(4, 5);
/* A percentage without decimals, blank below 1. */
void scl_terminal_share(struct scl_terminal *t, enum scl_style style, size_t columns, double percent);
/* Text of the target, escaped, cut to `columns`: at its end, or at its beginning (paths). */
void scl_terminal_put(struct scl_terminal *t, const char *s, size_t columns);
void scl_terminal_put_tail(struct scl_terminal *t, const char *s, size_t columns);
/* Safe text in lines of the terminal's width; what does not fit goes on the next line, indented. */
void scl_terminal_wrap(struct scl_terminal *t, const char *s, size_t indent);
void scl_terminal_wrapf(struct scl_terminal *t, size_t indent, const char *fmt, ...) SCL_PRINTF(3, 4);

/* Per thread what it did; then what the samples without a user frame were. */
bool scl_terminal_threads(struct scl_terminal *t, const struct scl_profile *profile, struct scl_error *err);
/* What became of await time: that none could be seen, and why; or what of it is in no line. */
void scl_terminal_await(struct scl_terminal *t, const struct scl_profile *profile);
/* One file's table of lines, and of functions. */
bool scl_terminal_file(struct scl_terminal *t, const struct scl_profile *profile, const struct scl_file *file,
		       struct scl_error *err);

#endif
