/*
 * speedscope.c - https://www.speedscope.app/file-format-schema.json: a profile for each thread and for each task, the
 * stacks of each in the order in which they were first seen, weighed in nanoseconds.
 */
#include <stdlib.h>

#include "writers/json.h"
#include "writers/path.h"
#include "writers/writer.h"

/* A part of one of the document's profiles: of a thread, or of a task, or of a thread's tasks that have no name here. */
struct item {
	uint32_t thread, task; /* task: id in task_names; 0: none */
	bool await;
	uint32_t part; /* index */
};

static int compare(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->thread != b->thread)
		return a->thread < b->thread ? -1 : 1;
	if (a->await != b->await)
		return a->await ? 1 : -1;
	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	return a->part < b->part ? -1 : a->part > b->part;
}

static uint32_t task_of(const struct scl_profile *profile, uint32_t stack)
{
	uint32_t node = stack < profile->nstacks ? profile->stacks[stack].node : 0;
	uint32_t frame = node && node < profile->nnodes ? profile->nodes[node].frame : UINT32_MAX;

	return frame < profile->nframes ? profile->frames[frame].task : 0;
}

/* NULL when memory ran out. */
static struct item *sorted_items(const struct scl_profile *profile, size_t *n)
{
	struct item *items = calloc(profile->nparts + 1, sizeof *items);

	*n = 0;
	for (size_t i = 0; items && i < profile->nparts; i++) {
		const struct scl_profile_part *part = &profile->parts[i];

		if (part->thread < profile->nthreads && part->stack < profile->nstacks)
			items[(*n)++] = (struct item){.thread = part->thread,
						      .await = part->awaits > 0,
						      .task = part->awaits ? task_of(profile, part->stack) : 0,
						      .part = (uint32_t)i};
	}
	if (*n)
		qsort(items, *n, sizeof *items, compare);
	return items;
}

static void emit_frames(struct scl_json *j, const struct scl_profile *profile)
{
	scl_json_open(j, "shared", '{');
	scl_json_open(j, "frames", '[');
	for (size_t i = 0; i < profile->nframes && !j->failed; i++) {
		const struct scl_profile_frame *frame = &profile->frames[i];
		const char *file = scl_profile_str(profile, frame->file);
		cJSON *object = cJSON_CreateObject();

		scl_json_string(j, object, "name", scl_profile_str(profile, frame->function));
		if (*file)
			scl_json_string(j, object, "file", file);
		if (*file && frame->line > 0)
			scl_json_integer(j, object, "line", frame->line);
		scl_json_emit(j, NULL, object);
	}
	scl_json_close(j, ']');
	scl_json_close(j, '}');
}

static void put_title(const struct scl_profile *profile, const struct item *item, struct scl_buffer *out)
{
	if (item->thread >= profile->nthreads)
		return;
	scl_path_put_thread(profile, &profile->threads[item->thread], out);
	if (!item->await)
		return;
	if (item->task)
		scl_buffer_printf(out, " [await] %s", scl_intern_str(profile->task_names, item->task));
	else
		scl_buffer_puts(out, " [await] other tasks");
}

static cJSON *new_stack(struct scl_json *j, const struct scl_profile *profile, uint32_t stack, struct scl_path *path)
{
	cJSON *array = cJSON_CreateArray();

	scl_path_read(path, profile, stack);
	for (size_t i = 0; i < path->n; i++)
		scl_json_push(j, array, scl_json_new_integer(path->frames[i]));
	return array;
}

/* The items of one thread or task. */
static void emit_profile(struct scl_json *j, const struct scl_profile *profile, const struct item *items, size_t n,
			 struct scl_path *path)
{
	struct scl_buffer title = {0};
	cJSON *object = cJSON_CreateObject(), *samples = cJSON_CreateArray(), *weights = cJSON_CreateArray();
	double total = 0;

	put_title(profile, items, &title);
	for (size_t i = 0; i < n; i++) {
		const struct scl_profile_part *part = &profile->parts[items[i].part];
		double weight = (double)(int64_t)(part->cpu_ns + part->wait_ns);

		total += weight;
		scl_json_push(j, samples, new_stack(j, profile, part->stack, path));
		scl_json_push(j, weights, scl_json_new_integer((int64_t)weight));
	}
	scl_json_string(j, object, "type", "sampled");
	scl_json_string(j, object, "name", scl_buffer_str(&title));
	scl_json_string(j, object, "unit", "nanoseconds");
	scl_json_integer(j, object, "startValue", 0);
	scl_json_integer(j, object, "endValue", (int64_t)total);
	scl_json_item(j, object, "samples", samples);
	scl_json_item(j, object, "weights", weights);
	scl_json_emit(j, NULL, object);
	j->failed = j->failed || title.failed;
	scl_buffer_destroy(&title);
}

static bool same_profile(const struct item *a, const struct item *b)
{
	return a->thread == b->thread && a->await == b->await && a->task == b->task;
}

static void emit_profiles(struct scl_json *j, const struct scl_profile *profile, const struct item *items, size_t n)
{
	struct scl_path path;

	scl_json_open(j, "profiles", '[');
	for (size_t i = 0, end; i < n && !j->failed; i = end) {
		for (end = i + 1; end < n && same_profile(&items[i], &items[end]); end++)
			;
		emit_profile(j, profile, &items[i], end - i, &path);
	}
	/* A document without a profile is none. */
	if (!n)
		emit_profile(j, profile, &(struct item){0}, 0, &path);
	scl_json_close(j, ']');
}

static bool write_speedscope(const struct scl_profile *profile, const struct scl_writer_options *options,
			     struct scl_buffer *out, struct scl_error *err)
{
	struct scl_json j = {.out = out};
	cJSON *head = cJSON_CreateObject();
	struct item *items;
	size_t n;

	(void)options;
	items = sorted_items(profile, &n);
	scl_json_string(&j, head, "$schema", "https://www.speedscope.app/file-format-schema.json");
	scl_json_string(&j, head, "name", scl_profile_str(profile, profile->program));
	scl_json_string(&j, head, "exporter", "scalene-dbg");
	scl_json_open(&j, NULL, '{');
	scl_json_emit_members(&j, head);
	emit_frames(&j, profile);
	if (items)
		emit_profiles(&j, profile, items, n);
	scl_json_close(&j, '}');
	scl_buffer_putc(out, '\n');
	free(items);
	return (items && !j.failed && !out->failed) || scl_fail(err, SCL_ENOMEM, "out of memory");
}

const struct scl_writer scl_writer_speedscope = {
	.name = "speedscope",
	.summary = "speedscope's JSON, a profile for each thread and task",
	.extension = ".speedscope.json",
	.write = write_speedscope,
};
