#include "writers/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* SGR parameters (ECMA-48 8.3.117). */
static const char *const styles[SCL_NSTYLES] = {
	[SCL_STYLE_PLAIN] = "0",   [SCL_STYLE_HEADING] = "1", [SCL_STYLE_DIM] = "2",	[SCL_STYLE_PYTHON] = "36",
	[SCL_STYLE_NATIVE] = "32", [SCL_STYLE_SYSTEM] = "33", [SCL_STYLE_AWAIT] = "35", [SCL_STYLE_HOT] = "1;31",
};

void scl_terminal_style(struct scl_terminal *t, enum scl_style style)
{
	if (t->color)
		scl_buffer_printf(t->out, "\x1b[%sm", styles[style]);
}

void scl_terminal_newline(struct scl_terminal *t)
{
	while (t->out->len && t->out->data[t->out->len - 1] == ' ')
		t->out->len--;
	scl_buffer_putc(t->out, '\n');
}

size_t scl_terminal_bar_columns(const struct scl_terminal *t)
{
	return t->wide ? 3 : 1;
}

void scl_terminal_bar(struct scl_terminal *t)
{
	scl_buffer_puts(t->out, t->wide ? " " : "");
	scl_terminal_style(t, SCL_STYLE_DIM);
	scl_buffer_puts(t->out, "\u2502");
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	scl_buffer_puts(t->out, t->wide ? " " : "");
}

static void put_dashes(struct scl_terminal *t, size_t n)
{
	while (n--)
		scl_buffer_puts(t->out, "\u2500");
}

void scl_terminal_rule(struct scl_terminal *t, const size_t *columns, size_t n)
{
	size_t margin = t->wide ? 1 : 0;
	scl_terminal_style(t, SCL_STYLE_DIM);
	for (size_t i = 0; i < n; i++) {
		if (i)
			scl_buffer_puts(t->out, "\u253c");
		put_dashes(t, columns[i] + (i ? margin : 0) + (i + 1 < n ? margin : 0));
	}
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	scl_terminal_newline(t);
}

void scl_terminal_cell(struct scl_terminal *t, enum scl_style style, size_t columns, const char *fmt, ...)
{
	char text[64];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	size_t len = n < 0 ? 0 : strlen(text);
	scl_buffer_fill(t->out, ' ', len < columns ? columns - len : 0);
	if (len && style != SCL_STYLE_PLAIN)
		scl_terminal_style(t, style);
	scl_text_put_cut(t->out, text, columns);
	if (len && style != SCL_STYLE_PLAIN)
		scl_terminal_style(t, SCL_STYLE_PLAIN);
}

void scl_terminal_share(struct scl_terminal *t, enum scl_style style, size_t columns, double percent)
{
	if (percent >= 1)
		scl_terminal_cell(t, style, columns, "%.0f%%", percent);
	else
		scl_buffer_fill(t->out, ' ', columns);
}

void scl_terminal_put(struct scl_terminal *t, const char *s, size_t columns)
{
	scl_buffer_clear(&t->text);
	scl_text_puts(&t->text, s);
	scl_text_put_cut(t->out, scl_buffer_str(&t->text), columns);
	t->out->failed |= t->text.failed;
}

void scl_terminal_put_tail(struct scl_terminal *t, const char *s, size_t columns)
{
	scl_buffer_clear(&t->text);
	scl_text_puts(&t->text, s);
	t->out->failed |= t->text.failed;
	const char *text = scl_buffer_str(&t->text);
	size_t len = t->text.len, start = 0;
	if (scl_text_columns(text, len) > columns) {
		if (!columns)
			return;
		scl_buffer_puts(t->out, "\u2026");
		while (start < len && scl_text_columns(text + start, len - start) > columns - 1) {
			uint32_t c;
			size_t n = scl_text_decode(text + start, len - start, &c);
			start += n ? n : 1;
		}
	}
	scl_buffer_append(t->out, text + start, len - start);
}

/* One word, on the next line where this one has no room; the column after it. */
static size_t put_word(struct scl_terminal *t, const char *word, size_t len, size_t blanks, size_t column,
		       size_t indent)
{
	size_t columns = scl_text_columns(word, len);
	if (column > indent && column + blanks + columns > t->width) {
		scl_terminal_newline(t);
		blanks = 0;
		scl_buffer_fill(t->out, ' ', indent);
		column = indent;
	}
	scl_buffer_fill(t->out, ' ', blanks);
	column += blanks;
	if (column + columns <= t->width) {
		scl_buffer_append(t->out, word, len);
		return column + columns;
	}
	scl_buffer_clear(&t->text);
	scl_buffer_append(&t->text, word, len);
	scl_text_put_cut(t->out, scl_buffer_str(&t->text), t->width > column ? t->width - column : 0);
	return t->width;
}

void scl_terminal_wrap(struct scl_terminal *t, const char *s, size_t indent)
{
	while (*s) {
		size_t column = 0;
		while (*s && *s != '\n') {
			size_t blanks = strspn(s, " "), len = strcspn(s + blanks, " \n");
			if (len)
				column = put_word(t, s + blanks, len, blanks, column, indent);
			s += blanks + len;
		}
		scl_terminal_newline(t);
		s += *s == '\n';
	}
}

void scl_terminal_wrapf(struct scl_terminal *t, size_t indent, const char *fmt, ...)
{
	char text[256];
	va_list args;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) > 0)
		scl_terminal_wrap(t, text, indent);
	va_end(args);
}
