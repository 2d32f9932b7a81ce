#include "writers/scalene.h"

#include "base/clock.h"

static double seconds(double ns)
{
	return scl_scalene_round(ns / SCL_NS_PER_S);
}

static cJSON *new_counts(struct scl_json *j, const struct scl_profile_summary *s)
{
	cJSON *counts = cJSON_CreateObject();
	scl_json_integer(j, counts, "asked", (int64_t)s->asked);
	scl_json_integer(j, counts, "taken", (int64_t)s->taken);
	scl_json_integer(j, counts, "torn", (int64_t)s->torn);
	scl_json_integer(j, counts, "retried", (int64_t)s->retried);
	scl_json_integer(j, counts, "lost", (int64_t)s->lost);
	scl_json_integer(j, counts, "late", (int64_t)s->late);
	scl_json_integer(j, counts, "broken", (int64_t)s->broken);
	return counts;
}

static cJSON *new_dropped(struct scl_json *j, const struct scl_profile *profile)
{
	cJSON *dropped = cJSON_CreateObject();
	scl_json_integer(j, dropped, "strings", (int64_t)scl_intern_refused(profile->strings));
	scl_json_integer(j, dropped, "frames", (int64_t)profile->dropped_frames);
	scl_json_integer(j, dropped, "nodes", (int64_t)profile->dropped_nodes);
	scl_json_integer(j, dropped, "stacks", (int64_t)profile->dropped_stacks);
	scl_json_integer(j, dropped, "thread_stacks", (int64_t)profile->dropped_parts);
	scl_json_integer(j, dropped, "runs", (int64_t)profile->dropped_runs);
	scl_json_integer(j, dropped, "lines", (int64_t)profile->dropped_lines);
	scl_json_integer(j, dropped, "functions", (int64_t)profile->dropped_functions);
	scl_json_integer(j, dropped, "sources", (int64_t)profile->dropped_sources);
	scl_json_integer(j, dropped, "threads", (int64_t)profile->dropped_threads);
	scl_json_integer(j, dropped, "task_names", (int64_t)profile->dropped_task_names);
	scl_json_integer(j, dropped, "task_labels", (int64_t)profile->dropped_task_labels);
	return dropped;
}

static cJSON *new_activities(struct scl_json *j, const struct scl_profile_thread *thread)
{
	cJSON *activities = cJSON_CreateObject();
	for (unsigned a = 0; a < SCL_NACTIVITIES; a++) {
		if (!thread->activity[a])
			continue;
		cJSON *one = cJSON_CreateObject();
		scl_json_integer(j, one, "samples", (int64_t)thread->activity[a]);
		scl_json_number(j, one, "seconds", seconds(thread->activity_ns[a]));
		scl_json_integer(j, one, "without_user_frame", (int64_t)thread->without_user_frame[a]);
		scl_json_item(j, activities, scl_activity_name((enum scl_activity)a), one);
	}
	return activities;
}

static cJSON *new_threads(struct scl_json *j, const struct scl_profile *profile)
{
	cJSON *threads = cJSON_CreateArray();
	for (size_t i = 0; i < profile->nthreads && !j->failed; i++) {
		const struct scl_profile_thread *t = &profile->threads[i];
		cJSON *thread = cJSON_CreateObject();
		scl_json_string(j, thread, "name", scl_profile_str(profile, t->name));
		scl_scalene_thread(j, thread, "thread_id", t->ident);
		scl_json_integer(j, thread, "lwp", (int64_t)t->lwp);
		scl_json_bool(j, thread, "main", t->main);
		scl_json_integer(j, thread, "samples", (int64_t)t->samples);
		scl_json_item(j, thread, "activities", new_activities(j, t));
		scl_json_push(j, threads, thread);
	}
	return threads;
}

/* Files that "files" cannot hold: Scalene's lines carry their source text. */
static cJSON *new_sourceless(struct scl_json *j, const struct scl_files *files)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < files->n; i++) {
		const struct scl_file *file = &files->items[i];
		if (file->source && file->source->nlines)
			continue;
		cJSON *one = cJSON_CreateObject();
		scl_json_string(j, one, "file", file->path);
		scl_json_number(j, one, "percent", scl_scalene_round(file->ns * file->scale));
		scl_json_push(j, list, one);
	}
	return list;
}

/* Lines that the source on disk does not have: it was changed after the target had loaded it. */
static uint64_t lines_outside_source(const struct scl_files *files)
{
	uint64_t n = 0;
	for (size_t i = 0; i < files->n; i++) {
		const struct scl_file *file = &files->items[i];
		for (size_t k = 0; file->source && file->source->nlines && k < file->nlines; k++)
			n += file->lines[k]->line < 1 || (uint32_t)file->lines[k]->line > file->source->nlines;
	}
	return n;
}

static void add_timing(struct scl_json *j, cJSON *own, const struct scl_profile_summary *s)
{
	double elapsed = (double)s->elapsed_ns / SCL_NS_PER_S;
	scl_json_number(j, own, "interval_sec", seconds((double)s->interval_ns));
	scl_json_number(j, own, "samples_per_sec", elapsed > 0 ? scl_scalene_round((double)s->taken / elapsed) : 0);
	scl_json_number(j, own, "stopped_sec", seconds((double)s->stopped_ns));
	if (s->pauses.count) {
		scl_json_number(j, own, "pause_p50_sec", seconds((double)scl_histogram_quantile(&s->pauses, 0.5)));
		scl_json_number(j, own, "pause_p99_sec", seconds((double)scl_histogram_quantile(&s->pauses, 0.99)));
	}
	scl_json_integer(j, own, "reads", (int64_t)s->reads);
	scl_json_integer(j, own, "read_bytes", (int64_t)s->read_bytes);
	scl_json_string(j, own, "ended_early", s->ended);
	scl_json_string(j, own, "lost_because", s->loss);
}

void scl_scalene_own(struct scl_json *j, const struct scl_profile *profile, const struct scl_files *files)
{
	const struct scl_profile_summary *s = &profile->summary;
	cJSON *own = cJSON_CreateObject();
	scl_json_string(j, own, "python", profile->python);
	scl_json_integer(j, own, "pid", profile->pid);
	scl_json_integer(j, own, "cpus", profile->ncpu);
	scl_json_string(j, own, "mode", s->mode ? s->mode : "");
	scl_json_item(j, own, "samples", new_counts(j, s));
	add_timing(j, own, s);
	scl_json_integer(j, own, "samples_with_user_frame", (int64_t)profile->samples_with_user_frame);
	scl_json_integer(j, own, "samples_without_user_frame", (int64_t)profile->samples_without_user_frame);
	scl_json_number(j, own, "with_user_frame_sec", seconds(profile->total_ns));
	scl_json_number(j, own, "without_user_frame_sec", seconds(profile->without_user_frame_ns));
	scl_json_item(j, own, "threads", new_threads(j, profile));
	scl_json_item(j, own, "dropped", new_dropped(j, profile));
	scl_json_item(j, own, "files_without_source", new_sourceless(j, files));
	scl_json_integer(j, own, "lines_outside_source", (int64_t)lines_outside_source(files));
	scl_scalene_own_await(j, own, profile, files);
	scl_json_emit(j, "scalene_dbg", own);
}
