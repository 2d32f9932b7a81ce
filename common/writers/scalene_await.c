/* scalene_await.c - what suspended tasks waited for, in Scalene's keys and in ours. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "writers/scalene.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static cJSON *new_names(struct scl_json *j, const struct scl_profile *profile, const struct scl_profile_await *await)
{
	const char *names[SCL_PROFILE_NAMES_PER_LINE];
	cJSON *list = cJSON_CreateArray();
	size_t n = 0;
	for (uint32_t i = 0; i < await->nnames && n < SCL_PROFILE_NAMES_PER_LINE; i++)
		names[n++] = scl_intern_str(profile->task_names, await->names[i]);
	if (n)
		qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		scl_json_push(j, list, cJSON_CreateString(names[i]));
	return list;
}

/* Scalene's percentages are of all await time; that of the time that was sampled is ours. An instant has no time. */
static void add_share_of_time(struct scl_json *j, cJSON *record, const struct scl_profile *profile,
			      const struct scl_profile_await *await)
{
	double elapsed = (double)profile->summary.elapsed_ns;
	if (await->ns > 0 && elapsed > 0 && profile->summary.taken > 1)
		scl_json_number(j, record, "scalene_dbg_await_percent_of_time",
				scl_scalene_round(100 * await->ns / elapsed));
}

void scl_scalene_await(struct scl_json *j, cJSON *record, const struct scl_profile *profile,
		       const struct scl_profile_await *await)
{
	static const struct scl_profile_await nothing;
	if (!await)
		await = &nothing;
	scl_json_number(j, record, "n_async_await_percent", scl_scalene_percent(scl_await_share(profile, await->ns)));
	scl_json_number(j, record, "n_async_concurrency_mean", scl_scalene_round(await->concurrency.mean));
	scl_json_number(j, record, "n_async_concurrency_peak", scl_scalene_round(await->concurrency.max));
	scl_json_item(j, record, "async_task_names", new_names(j, profile, await));
	scl_json_bool(j, record, "is_coroutine", await->coroutine);
	add_share_of_time(j, record, profile, await);
}

/* Of lines that "files" cannot hold: their file has no source, or not that line any more. */
static double without_source(const struct scl_files *files)
{
	double ns = 0;
	for (size_t i = 0; i < files->n; i++) {
		const struct scl_file *file = &files->items[i];
		int64_t last = file->source ? file->source->nlines : 0;
		for (size_t k = 0; k < file->nlines; k++)
			if (file->lines[k]->line < 1 || file->lines[k]->line > last)
				ns += file->lines[k]->await.ns;
	}
	return ns;
}

static cJSON *new_seconds(struct scl_json *j, const struct scl_profile_waiting *w)
{
	const struct {
		const char *key;
		double ns;
	} parts[] = {
		{"loop_idle", w->idle_ns},     {"credited", w->credited_ns}, {"library_only", w->library_ns},
		{"table_full", w->dropped_ns}, {"no_task", w->no_task_ns},   {"not_read", w->not_read_ns},
	};
	cJSON *seconds = cJSON_CreateObject();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		scl_json_number(j, seconds, parts[i].key, scl_scalene_round(parts[i].ns / SCL_NS_PER_S));
	return seconds;
}

static cJSON *new_samples(struct scl_json *j, const struct scl_profile_waiting *w)
{
	cJSON *samples = cJSON_CreateObject();
	scl_json_integer(j, samples, "loop_idle", (int64_t)w->idle);
	scl_json_integer(j, samples, "with_tasks", (int64_t)w->with_tasks);
	scl_json_integer(j, samples, "moved", (int64_t)w->moved);
	scl_json_integer(j, samples, "failed", (int64_t)w->failed);
	return samples;
}

void scl_scalene_own_await(struct scl_json *j, cJSON *own, const struct scl_profile *profile,
			   const struct scl_files *files)
{
	static const char *const credits[] = {"inner", "outer", "leaf"};
	const struct scl_profile_waiting *w = &profile->waiting;
	double suspended = w->credited_ns + w->library_ns + w->dropped_ns;
	cJSON *await = cJSON_CreateObject();
	scl_json_string(j, await, "credit", credits[w->credit]);
	/* The three links that it takes. */
	scl_json_bool(j, await, "loop_idle_seen", w->idle > 0);
	scl_json_bool(j, await, "tasks_found", w->tasks > 0);
	scl_json_bool(j, await, "frames_readable", w->tasks > w->frameless);
	scl_json_item(j, await, "samples", new_samples(j, w));
	scl_json_item(j, await, "seconds", new_seconds(j, w));
	scl_json_number(j, await, "library_only_percent",
			suspended > 0 ? scl_scalene_percent(100 * w->library_ns / suspended) : 0);
	scl_json_number(j, await, "percent_without_source",
			scl_scalene_percent(scl_await_share(profile, without_source(files))));
	scl_json_number(j, await, "tasks_mean", scl_scalene_round(w->n.mean));
	scl_json_number(j, await, "tasks_peak", scl_scalene_round(w->n.max));
	scl_json_integer(j, await, "tasks_unreadable", (int64_t)w->unreadable);
	scl_json_integer(j, await, "tasks_without_frame", (int64_t)w->frameless);
	scl_json_integer(j, await, "tasks_cut", (int64_t)w->cut);
	scl_json_integer(j, await, "timeline_tasks_left_out", (int64_t)w->runs_left_out);
	scl_json_string(j, await, "why", w->why);
	scl_json_item(j, own, "await", await);
}
