#include "writers/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { TAB = 8, HOT_PERCENT = 33, NUMBER_MIN = 4 };

enum column { LINE, PYTHON, NATIVE, SYSTEM, AWAIT, TEXT, NCOLUMNS };

/* One row of a table: a line with its source or a function with its name. */
struct row {
	int32_t line;
	struct scl_shares shares;
	double await;	  /* percent of all await time */
	const char *name; /* NULL: the source of the line */
};

struct rows {
	struct row *items;
	size_t n, all; /* shown; with 1 % or more */
};

struct table {
	size_t columns[NCOLUMNS]; /* widths; AWAIT: 0 where there is no await time */
	size_t indent;		  /* common to all shown source lines and left out */
};

static bool has_data(const struct row *row)
{
	const struct scl_shares *s = &row->shares;
	return s->python >= 1 || s->native >= 1 || s->system >= 1 || row->await >= 1;
}

static double rank(const struct row *row)
{
	return row->shares.sum > row->await ? row->shares.sum : row->await;
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (rank(x) < rank(y) || rank(x) > rank(y))
		return rank(x) < rank(y) ? 1 : -1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

static int by_line(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	return (x->line > y->line) - (x->line < y->line);
}

/* Cut to the busiest ones, which then stand first. */
static void keep_busiest(struct rows *rows, unsigned limit)
{
	if (rows->n)
		qsort(rows->items, rows->n, sizeof(*rows->items), by_time);
	rows->all = rows->n;
	if (limit && rows->n > limit)
		rows->n = limit;
}

static bool choose_lines(const struct scl_terminal *t, const struct scl_profile *profile, const struct scl_file *file,
			 struct rows *rows, struct scl_error *err)
{
	*rows = (struct rows){.items = calloc(file->nlines + 1, sizeof(*rows->items))};
	if (!rows->items)
		return scl_fail(err, SCL_ENOMEM, "no memory for a table of lines");
	for (size_t i = 0; i < file->nlines; i++) {
		const struct scl_profile_line *line = file->lines[i];
		struct row row = {.line = line->line,
				  .shares = scl_shares_of(&line->cost, file->scale),
				  .await = scl_await_share(profile, line->await.ns)};
		if (has_data(&row) || t->all_lines)
			rows->items[rows->n++] = row;
	}
	keep_busiest(rows, t->all_lines ? 0 : t->limit);
	if (rows->n)
		qsort(rows->items, rows->n, sizeof(*rows->items), by_line);
	return true;
}

static bool choose_functions(const struct scl_terminal *t, const struct scl_profile *profile,
			     const struct scl_file *file, struct rows *rows, struct scl_error *err)
{
	*rows = (struct rows){.items = calloc(file->nfunctions + 1, sizeof(*rows->items))};
	if (!rows->items)
		return scl_fail(err, SCL_ENOMEM, "no memory for a table of functions");
	for (size_t i = 0; i < file->nfunctions; i++) {
		const struct scl_profile_function *f = file->functions[i];
		struct row row = {.line = f->firstlineno,
				  .shares = scl_shares_of(&f->cost, file->scale),
				  .await = scl_await_share(profile, f->await.ns),
				  .name = scl_profile_str(profile, f->name)};
		if (has_data(&row))
			rows->items[rows->n++] = row;
	}
	keep_busiest(rows, t->limit);
	return true;
}

static size_t digits(uint64_t n)
{
	size_t count = 1;
	while (n /= 10)
		count++;
	return count;
}

static uint64_t last_line(const struct scl_file *file)
{
	uint64_t last = file->source ? file->source->nlines : 0;
	int32_t sampled = file->nlines ? file->lines[file->nlines - 1]->line : 0;
	return sampled > 0 && (uint64_t)sampled > last ? (uint64_t)sampled : last;
}

static struct table layout(const struct scl_terminal *t, const struct scl_profile *profile, const struct scl_file *file)
{
	size_t number = digits(last_line(file)), share = t->wide ? 6 : 4;
	bool await = profile->waiting.credited_ns > 0;
	struct table table = {
		.columns = {number > NUMBER_MIN ? number : NUMBER_MIN, share, share, share, await ? share : 0}};
	size_t used = 0;
	for (size_t i = 0; i < TEXT; i++)
		used += table.columns[i] ? table.columns[i] + scl_terminal_bar_columns(t) : 0;
	table.columns[TEXT] = t->width > used ? t->width - used : 0;
	return table;
}

static void put_rule(struct scl_terminal *t, const struct table *table)
{
	size_t shown[NCOLUMNS], n = 0;
	for (size_t i = 0; i < NCOLUMNS; i++)
		if (table->columns[i] || i == TEXT)
			shown[n++] = table->columns[i];
	scl_terminal_rule(t, shown, n);
}

static void put_head(struct scl_terminal *t, const struct table *table, const char *last)
{
	static const char *const wide[TEXT] = {"Line", "Python", "native", "system", "await"};
	static const char *const narrow[TEXT] = {"Line", "Py", "C", "sys", "wait"};
	if (t->wide) {
		for (size_t i = 0; i < TEXT; i++) {
			if (!table->columns[i])
				continue;
			scl_terminal_cell(t, SCL_STYLE_HEADING, table->columns[i], "%s", i == PYTHON ? "Time  " : "");
			scl_terminal_bar(t);
		}
		scl_terminal_newline(t);
	}
	for (size_t i = 0; i < TEXT; i++) {
		if (!table->columns[i])
			continue;
		scl_terminal_cell(t, SCL_STYLE_HEADING, table->columns[i], "%s", t->wide ? wide[i] : narrow[i]);
		scl_terminal_bar(t);
	}
	scl_terminal_style(t, SCL_STYLE_HEADING);
	scl_buffer_puts(t->out, last);
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	scl_terminal_newline(t);
	put_rule(t, table);
}

/* A source line as it is shown, in t->text: tabs as blanks, the rest escaped. */
static const char *prepare_source(struct scl_terminal *t, const struct scl_file *file, int32_t line)
{
	scl_buffer_clear(&t->text);
	if (!file->source)
		return "(source not found)";
	if (line < 1 || (uint32_t)line > file->source->nlines)
		return "(not in the source on disk)";
	size_t len;
	const char *s = scl_file_text(file, (uint64_t)line, &len);
	for (const char *end = s + len; s < end;) {
		const char *tab = memchr(s, '\t', (size_t)(end - s));
		scl_text_append(&t->text, s, (size_t)((tab ? tab : end) - s));
		if (!tab)
			break;
		scl_buffer_fill(&t->text, ' ', TAB - scl_text_columns(scl_buffer_str(&t->text), t->text.len) % TAB);
		s = tab + 1;
	}
	return scl_buffer_str(&t->text);
}

/* In a narrow window the indentation that all shown lines share would push them out of sight. */
static size_t common_indent(struct scl_terminal *t, const struct scl_file *file, const struct rows *rows)
{
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < rows->n; i++) {
		const char *text = prepare_source(t, file, rows->items[i].line);
		size_t blanks = strspn(text, " ");
		if (text[blanks] && blanks < least)
			least = blanks;
	}
	return least == SIZE_MAX ? 0 : least;
}

static void put_row(struct scl_terminal *t, const struct table *table, const struct scl_file *file,
		    const struct row *row)
{
	bool hot = row->shares.sum >= HOT_PERCENT;
	const struct {
		double percent;
		enum scl_style style;
	} cells[TEXT] = {[PYTHON] = {row->shares.python, SCL_STYLE_PYTHON},
			 [NATIVE] = {row->shares.native, SCL_STYLE_NATIVE},
			 [SYSTEM] = {row->shares.system, SCL_STYLE_SYSTEM},
			 [AWAIT] = {row->await, SCL_STYLE_AWAIT}};
	if (row->line > 0)
		scl_terminal_cell(t, hot ? SCL_STYLE_HOT : SCL_STYLE_DIM, table->columns[0], "%d", (int)row->line);
	else
		scl_terminal_cell(t, SCL_STYLE_DIM, table->columns[0], "?");
	for (size_t i = PYTHON; i < TEXT; i++) {
		if (!table->columns[i])
			continue;
		scl_terminal_bar(t);
		scl_terminal_share(t, hot ? SCL_STYLE_HOT : cells[i].style, table->columns[i], cells[i].percent);
	}
	scl_terminal_bar(t);
	if (hot)
		scl_terminal_style(t, SCL_STYLE_HOT);
	if (row->name) {
		scl_terminal_put(t, row->name, table->columns[TEXT]);
	} else {
		const char *text = prepare_source(t, file, row->line);
		scl_text_put_cut(t->out, text + (strspn(text, " ") < table->indent ? 0 : table->indent),
				 table->columns[TEXT]);
	}
	if (hot)
		scl_terminal_style(t, SCL_STYLE_PLAIN);
	scl_terminal_newline(t);
}

static void put_gap(struct scl_terminal *t, const struct table *table)
{
	scl_terminal_cell(t, SCL_STYLE_DIM, table->columns[0], "...");
	for (size_t i = PYTHON; i < TEXT; i++) {
		if (!table->columns[i])
			continue;
		scl_terminal_bar(t);
		scl_buffer_fill(t->out, ' ', table->columns[i]);
	}
	scl_terminal_bar(t);
	scl_terminal_newline(t);
}

/* The chosen rows in order; what lies between them as "...", or as rows of their own with all_lines. */
static void put_lines(struct scl_terminal *t, const struct table *table, const struct scl_file *file,
		      const struct rows *rows)
{
	uint64_t next = 1, last = last_line(file);
	for (size_t i = 0; i <= rows->n; i++) {
		uint64_t line = last + 1;
		if (i < rows->n)
			line = rows->items[i].line > 0 ? (uint64_t)rows->items[i].line : 0;
		if (next < line && !t->all_lines)
			put_gap(t, table);
		for (; next < line && t->all_lines; next++)
			put_row(t, table, file, &(struct row){.line = (int32_t)next});
		if (i < rows->n)
			put_row(t, table, file, &rows->items[i]);
		next = line + 1;
	}
}

static void put_more(struct scl_terminal *t, const struct rows *rows, const char *what)
{
	if (rows->all > rows->n)
		scl_terminal_wrapf(t, 2, "and %zu more %s%s with 1%% or more", rows->all - rows->n, what,
				   rows->all - rows->n == 1 ? "" : "s");
}

/* "path: % of time = 83.21% (4.160s) out of 5.000s", the path cut at its beginning or on a line of its own. */
static void put_heading(struct scl_terminal *t, const struct scl_profile *profile, const struct scl_file *file)
{
	double percent = file->ns * file->scale, elapsed = (double)profile->summary.elapsed_ns / SCL_NS_PER_S;
	char rest[128];
	int n = snprintf(rest, sizeof(rest), ": %% of time = %.2f%% (%.3fs) out of %.3fs", percent,
			 percent / 100 * elapsed, elapsed);
	size_t columns = n > 0 ? strlen(rest) : 0;
	bool together = t->width >= columns + 20;
	scl_terminal_style(t, SCL_STYLE_HEADING);
	scl_terminal_put_tail(t, file->path, together ? t->width - columns : t->width - 1);
	if (together) {
		scl_buffer_puts(t->out, rest);
		scl_terminal_style(t, SCL_STYLE_PLAIN);
		scl_terminal_newline(t);
		return;
	}
	scl_buffer_putc(t->out, ':');
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	scl_terminal_newline(t);
	scl_terminal_wrap(t, rest + 2, 2);
}

bool scl_terminal_file(struct scl_terminal *t, const struct scl_profile *profile, const struct scl_file *file,
		       struct scl_error *err)
{
	struct rows lines, functions;
	if (!choose_lines(t, profile, file, &lines, err))
		return false;
	if (!choose_functions(t, profile, file, &functions, err)) {
		free(lines.items);
		return false;
	}
	struct table table = layout(t, profile, file);
	put_heading(t, profile, file);
	if (lines.n) {
		table.indent = t->wide ? 0 : common_indent(t, file, &lines);
		put_head(t, &table, "source");
		put_lines(t, &table, file, &lines);
		put_more(t, &lines, "line");
	} else {
		scl_terminal_wrapf(t, 2, "no line has 1%% or more; %zu with less", file->nlines);
	}
	if (functions.n) {
		scl_terminal_newline(t);
		put_head(t, &table, "function");
		for (size_t i = 0; i < functions.n; i++)
			put_row(t, &table, file, &functions.items[i]);
		put_more(t, &functions, "function");
	}
	free(lines.items);
	free(functions.items);
	return true;
}
