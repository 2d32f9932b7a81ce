#include "writers/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NAME_MIN = 10, SHARE = 4, OTHER = SCL_NACTIVITIES };

static const char main_mark[] = " (main)";

/* Heads of the columns; the words of scl_activity_name are too long for them. */
static const struct {
	const char *wide, *narrow;
} heads[SCL_NACTIVITIES + 1] = {
	[SCL_ACTIVITY_PYTHON] = {"Python", "Py"},
	[SCL_ACTIVITY_NATIVE] = {"native", "C"},
	[SCL_ACTIVITY_GIL] = {"GIL", "GIL"},
	[SCL_ACTIVITY_GC] = {"GC", "GC"},
	[SCL_ACTIVITY_LOOP_IDLE] = {"idle", "idle"},
	[SCL_ACTIVITY_SYSCALL] = {"blocked", "sys"},
	[SCL_ACTIVITY_STOPPED] = {"stopped", "stop"},
	[SCL_ACTIVITY_UNKNOWN] = {"unknown", "?"},
	[OTHER] = {"other", "rest"},
};

static const char *head(const struct scl_terminal *t, unsigned activity)
{
	return t->wide ? heads[activity].wide : heads[activity].narrow;
}

static enum scl_style style_of(unsigned activity)
{
	if (activity == SCL_ACTIVITY_PYTHON)
		return SCL_STYLE_PYTHON;
	return activity == SCL_ACTIVITY_NATIVE || activity == SCL_ACTIVITY_GC ? SCL_STYLE_NATIVE : SCL_STYLE_SYSTEM;
}

/* By time; by samples where no time was measured, as in a snapshot. */
static double share(const struct scl_profile_thread *thread, unsigned activity)
{
	double ns = 0, part = thread->activity_ns[activity];
	for (unsigned a = 0; a < SCL_NACTIVITIES; a++)
		ns += thread->activity_ns[a];
	if (ns > 0)
		return 100 * part / ns;
	return thread->samples ? 100 * (double)thread->activity[activity] / (double)thread->samples : 0;
}

static double busy(const struct scl_profile_thread *thread)
{
	return share(thread, SCL_ACTIVITY_PYTHON) + share(thread, SCL_ACTIVITY_NATIVE) + share(thread, SCL_ACTIVITY_GC);
}

/* The main thread, then the busiest; those alike as the profile has them, in the same array. */
static int by_rank(const void *a, const void *b)
{
	const struct scl_profile_thread *x = *(const struct scl_profile_thread *const *)a;
	const struct scl_profile_thread *y = *(const struct scl_profile_thread *const *)b;
	if (x->main != y->main)
		return x->main ? -1 : 1;
	double p = busy(x), q = busy(y);
	if (p < q || p > q)
		return p < q ? 1 : -1;
	return (x > y) - (x < y);
}

struct table {
	size_t name, lwp, samples;	     /* lwp and samples: 0 where there is no room for them */
	size_t columns[SCL_NACTIVITIES + 1]; /* 0: not shown */
};

static size_t head_columns(const struct scl_terminal *t, unsigned activity)
{
	size_t n = strlen(head(t, activity));
	return n > SHARE ? n : SHARE;
}

/* What all columns but the name take. */
static size_t table_columns(const struct scl_terminal *t, const struct table *table)
{
	size_t bar = scl_terminal_bar_columns(t), used = 0;
	used += table->lwp ? table->lwp + bar : 0;
	used += table->samples ? table->samples + bar : 0;
	for (unsigned a = 0; a <= OTHER; a++)
		used += table->columns[a] ? table->columns[a] + bar : 0;
	return used;
}

static bool fits(const struct scl_terminal *t, const struct table *table)
{
	return table_columns(t, table) + NAME_MIN <= t->width;
}

/* Where there is no room, the numbers of a thread go first, then the rarest activities share a column. */
static void make_room(const struct scl_terminal *t, struct table *table, const uint64_t *counts)
{
	if (!t->wide && !fits(t, table))
		table->samples = 0;
	if (!t->wide && !fits(t, table))
		table->lwp = 0;
	while (!fits(t, table)) {
		unsigned rarest = OTHER;
		for (unsigned a = 0; a < SCL_NACTIVITIES; a++)
			if (table->columns[a] && (rarest == OTHER || counts[a] < counts[rarest]))
				rarest = a;
		if (rarest == OTHER)
			break;
		table->columns[rarest] = 0;
		table->columns[OTHER] = head_columns(t, OTHER);
	}
}

static size_t digits(uint64_t n)
{
	return (size_t)snprintf(NULL, 0, "%" PRIu64, n);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* A column for each activity that occurred; the name as wide as the longest, if there is room. */
static struct table layout(const struct scl_terminal *t, const struct scl_profile *profile)
{
	uint64_t counts[SCL_NACTIVITIES] = {0};
	struct table table = {.lwp = strlen("LWP"), .samples = strlen("samples")};
	size_t longest = strlen("Thread");
	for (size_t i = 0; i < profile->nthreads; i++) {
		const struct scl_profile_thread *thread = &profile->threads[i];
		longest = larger(longest, strlen(scl_profile_str(profile, thread->name)));
		table.lwp = larger(table.lwp, digits(thread->lwp));
		table.samples = larger(table.samples, digits(thread->samples));
		for (unsigned a = 0; a < SCL_NACTIVITIES; a++)
			counts[a] += thread->activity[a];
	}
	for (unsigned a = 0; a < SCL_NACTIVITIES; a++)
		table.columns[a] = counts[a] ? head_columns(t, a) : 0;
	make_room(t, &table, counts);
	size_t used = table_columns(t, &table), room = t->width > used ? t->width - used : 0;
	longest += strlen(main_mark);
	table.name = longest < room ? longest : room;
	return table;
}

/* Left-aligned in the first column, with the mark where all of both fits. */
static void put_name(struct scl_terminal *t, const char *name, const char *mark, size_t columns)
{
	size_t before = t->out->len;
	scl_terminal_put(t, name, columns);
	size_t used = scl_text_columns(scl_buffer_str(t->out) + before, t->out->len - before);
	if (used + strlen(mark) <= columns) {
		scl_buffer_puts(t->out, mark);
		used += strlen(mark);
	}
	scl_buffer_fill(t->out, ' ', used < columns ? columns - used : 0);
}

static void put_head(struct scl_terminal *t, const struct table *table)
{
	size_t widths[SCL_NACTIVITIES + 4] = {table->name}, n = 1;
	scl_terminal_style(t, SCL_STYLE_HEADING);
	put_name(t, "Thread", "", table->name);
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	for (unsigned a = 0; a < OTHER + 3; a++) {
		size_t columns = a == 0 ? table->lwp : a == 1 ? table->samples : table->columns[a - 2];
		if (!columns)
			continue;
		scl_terminal_bar(t);
		scl_terminal_cell(t, SCL_STYLE_HEADING, columns, "%s",
				  a == 0   ? "LWP"
				  : a == 1 ? "samples"
					   : head(t, a - 2));
		widths[n++] = columns;
	}
	scl_terminal_newline(t);
	scl_terminal_rule(t, widths, n);
}

static void put_count(struct scl_terminal *t, size_t columns, uint64_t n)
{
	if (!columns)
		return;
	scl_terminal_bar(t);
	scl_terminal_cell(t, SCL_STYLE_PLAIN, columns, "%" PRIu64, n);
}

static void put_thread(struct scl_terminal *t, const struct table *table, const struct scl_profile *profile,
		       const struct scl_profile_thread *thread)
{
	const char *name = scl_profile_str(profile, thread->name);
	put_name(t, *name ? name : "?", thread->main ? main_mark : "", table->name);
	put_count(t, table->lwp, thread->lwp);
	put_count(t, table->samples, thread->samples);
	double other = 0;
	for (unsigned a = 0; a <= OTHER; a++) {
		double percent = a == OTHER ? other : share(thread, a);
		if (!table->columns[a]) {
			other += percent;
			continue;
		}
		scl_terminal_bar(t);
		scl_terminal_share(t, style_of(a), table->columns[a], percent);
	}
	scl_terminal_newline(t);
}

static bool put_threads(struct scl_terminal *t, const struct scl_profile *profile, struct scl_error *err)
{
	const struct scl_profile_thread **order = calloc(profile->nthreads + 1, sizeof(void *));
	if (!order)
		return scl_fail(err, SCL_ENOMEM, "no memory for the table of threads");
	for (size_t i = 0; i < profile->nthreads; i++)
		order[i] = &profile->threads[i];
	qsort(order, profile->nthreads, sizeof(void *), by_rank);
	struct table table = layout(t, profile);
	put_head(t, &table);
	size_t shown = t->limit && profile->nthreads > t->limit ? t->limit : profile->nthreads;
	for (size_t i = 0; i < shown; i++)
		put_thread(t, &table, profile, order[i]);
	free(order);
	if (profile->nthreads > shown)
		scl_terminal_wrapf(t, 2, "and %zu more thread%s", profile->nthreads - shown,
				   profile->nthreads - shown == 1 ? "" : "s");
	return true;
}

/* Nothing is invented for a sample without a user frame: it is told here, by what its thread was doing. */
static void put_without_user_frame(struct scl_terminal *t, const struct scl_profile *profile)
{
	uint64_t counts[SCL_NACTIVITIES] = {0}, sum = 0;
	for (size_t i = 0; i < profile->nthreads; i++) {
		for (unsigned a = 0; a < SCL_NACTIVITIES; a++) {
			counts[a] += profile->threads[i].without_user_frame[a];
			sum += profile->threads[i].without_user_frame[a];
		}
	}
	if (!sum)
		return;
	uint64_t all = profile->samples_with_user_frame + profile->samples_without_user_frame;
	scl_terminal_newline(t);
	scl_terminal_style(t, SCL_STYLE_HEADING);
	scl_terminal_wrapf(t, 2, "Without a user frame: %" PRIu64 " of %" PRIu64 " thread samples", sum,
			   all > sum ? all : sum);
	scl_terminal_style(t, SCL_STYLE_PLAIN);
	while (true) {
		unsigned most = 0;
		for (unsigned a = 1; a < SCL_NACTIVITIES; a++)
			if (counts[a] > counts[most])
				most = a;
		if (!counts[most])
			break;
		scl_terminal_cell(t, SCL_STYLE_PLAIN, 9, "%" PRIu64, counts[most]);
		scl_terminal_bar(t);
		scl_terminal_share(t, style_of(most), 4, 100 * (double)counts[most] / (double)sum);
		scl_terminal_bar(t);
		scl_terminal_put(t, scl_activity_name((enum scl_activity)most),
				 t->width - 13 - 2 * scl_terminal_bar_columns(t));
		scl_terminal_newline(t);
		counts[most] = 0;
	}
}

bool scl_terminal_threads(struct scl_terminal *t, const struct scl_profile *profile, struct scl_error *err)
{
	if (!profile->nthreads)
		return true;
	if (!put_threads(t, profile, err))
		return false;
	put_without_user_frame(t, profile);
	scl_terminal_newline(t);
	return true;
}
