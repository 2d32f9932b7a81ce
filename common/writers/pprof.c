/*
 * pprof.c - profile.proto of google/pprof, gzipped: samples, CPU time and wait time of each stack of each thread, with
 * labels for thread, task and state. Field numbers are those of proto/profile.proto.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/map.h"
#include "base/text.h"
#include "writers/path.h"
#include "writers/protobuf.h"
#include "writers/writer.h"

enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_LOCATION = 4, PROFILE_FUNCTION = 5, PROFILE_STRING = 6 };
enum { PROFILE_TIME = 9, PROFILE_DURATION = 10, PROFILE_PERIOD_TYPE = 11, PROFILE_PERIOD = 12 };
enum { PROFILE_DEFAULT_TYPE = 14 };
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STR = 2, LABEL_NUM = 3 };
enum { LOCATION_ID = 1, LOCATION_LINE = 4, LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_FILE = 4, FUNCTION_START_LINE = 5 };

enum { STRINGS_MAX = 1 << 20 };

struct document {
	const struct scl_profile *profile;
	struct scl_buffer *out;
	struct scl_intern *strings; /* ids 0 and 1 are "" and "(other)"; a document's string 0 is "", too */
	struct scl_map functions;   /* (file, name) -> function id */
	struct scl_path path;
};

/* Its strings are UTF-8: what a path of the target has of other bytes is shown as escapes. */
static uint64_t string_id(struct document *d, const char *text)
{
	struct scl_buffer safe = {0};
	uint32_t id;

	scl_text_puts(&safe, text);
	d->out->failed = d->out->failed || safe.failed;
	id = scl_intern_put(d->strings, scl_buffer_str(&safe), safe.len);
	scl_buffer_destroy(&safe);
	return id;
}

static void put_type(struct document *d, unsigned field, const char *type, const char *unit)
{
	struct scl_buffer message = {0};

	scl_protobuf_integer(&message, TYPE_TYPE, string_id(d, type));
	scl_protobuf_integer(&message, TYPE_UNIT, string_id(d, unit));
	scl_protobuf_message(d->out, field, &message);
	scl_buffer_destroy(&message);
}

/* -- functions and locations ------------------------------------------------------------------------------------ */

static void put_function(struct document *d, const struct scl_profile_frame *frame, uint32_t id)
{
	struct scl_buffer message = {0};

	scl_protobuf_integer(&message, FUNCTION_ID, id);
	scl_protobuf_integer(&message, FUNCTION_NAME, string_id(d, scl_profile_str(d->profile, frame->function)));
	scl_protobuf_integer(&message, FUNCTION_FILE, string_id(d, scl_profile_str(d->profile, frame->file)));
	scl_protobuf_integer(&message, FUNCTION_START_LINE, frame->firstlineno > 0 ? (uint64_t)frame->firstlineno : 0);
	scl_protobuf_message(d->out, PROFILE_FUNCTION, &message);
	scl_buffer_destroy(&message);
}

static uint32_t function_of(struct document *d, const struct scl_profile_frame *frame)
{
	uint64_t key = scl_map_pair(frame->file, frame->function);
	uint32_t id;

	if (scl_map_get(&d->functions, key, &id))
		return id;
	id = (uint32_t)d->functions.count + 1;
	d->out->failed = !scl_map_put(&d->functions, key, id) || d->out->failed;
	put_function(d, frame, id);
	return id;
}

/* A location for each frame of the profile: its id is the frame's and 1. */
static void put_location(struct document *d, uint32_t id)
{
	const struct scl_profile_frame *frame = &d->profile->frames[id];
	struct scl_buffer message = {0}, line = {0};

	scl_protobuf_integer(&line, LINE_FUNCTION, function_of(d, frame));
	scl_protobuf_integer(&line, LINE_LINE, !frame->native && frame->line > 0 ? (uint64_t)frame->line : 0);
	scl_protobuf_integer(&message, LOCATION_ID, (uint64_t)id + 1);
	scl_protobuf_message(&message, LOCATION_LINE, &line);
	scl_protobuf_message(d->out, PROFILE_LOCATION, &message);
	scl_buffer_destroy(&line);
	scl_buffer_destroy(&message);
}

/* -- samples ---------------------------------------------------------------------------------------------------- */

static void put_label(struct document *d, struct scl_buffer *sample, const char *key, const char *text, uint64_t number)
{
	struct scl_buffer label = {0};

	scl_protobuf_integer(&label, LABEL_KEY, string_id(d, key));
	if (text)
		scl_protobuf_integer(&label, LABEL_STR, string_id(d, text));
	else
		scl_protobuf_integer(&label, LABEL_NUM, number);
	scl_protobuf_message(sample, SAMPLE_LABEL, &label);
	scl_buffer_destroy(&label);
}

static void put_labels(struct document *d, struct scl_buffer *sample, const struct scl_profile_part *part)
{
	const struct scl_profile_thread *thread = &d->profile->threads[part->thread];
	const struct scl_path *path = &d->path;
	uint32_t task = path->n ? d->profile->frames[path->frames[path->n - 1]].task : 0;

	put_label(d, sample, "thread", scl_profile_str(d->profile, thread->name), 0);
	put_label(d, sample, "lwp", NULL, thread->lwp);
	put_label(d, sample, "process", NULL, (uint64_t)d->profile->pid);
	if (part->awaits && task)
		put_label(d, sample, "task", scl_intern_str(d->profile->task_names, task), 0);
	put_label(d, sample, "state", part->awaits ? "suspended task" : scl_activity_name(part->activity), 0);
}

static void put_sample(struct document *d, const struct scl_profile_part *part)
{
	struct scl_buffer sample = {0}, list = {0};

	scl_path_read(&d->path, d->profile, part->stack);
	for (size_t i = d->path.n; i-- > 0;) /* the leaf is first */
		scl_protobuf_varint(&list, (uint64_t)d->path.frames[i] + 1);
	scl_protobuf_message(&sample, SAMPLE_LOCATION, &list);
	scl_buffer_clear(&list);
	scl_protobuf_varint(&list, part->hits + part->awaits);
	scl_protobuf_varint(&list, (uint64_t)part->cpu_ns);
	scl_protobuf_varint(&list, (uint64_t)part->wait_ns);
	scl_protobuf_message(&sample, SAMPLE_VALUE, &list);
	put_labels(d, &sample, part);
	scl_protobuf_message(d->out, PROFILE_SAMPLE, &sample);
	scl_buffer_destroy(&list);
	scl_buffer_destroy(&sample);
}

/* -- the document ----------------------------------------------------------------------------------------------- */

static void put_all(struct document *d)
{
	const struct scl_profile *profile = d->profile;
	const struct scl_profile_summary *s = &profile->summary;

	put_type(d, PROFILE_SAMPLE_TYPE, "samples", "count");
	put_type(d, PROFILE_SAMPLE_TYPE, "cpu", "nanoseconds");
	put_type(d, PROFILE_SAMPLE_TYPE, "wait", "nanoseconds");
	for (size_t i = 0; i < profile->nparts; i++)
		if (profile->parts[i].thread < profile->nthreads)
			put_sample(d, &profile->parts[i]);
	for (size_t i = 0; i < profile->nframes; i++)
		put_location(d, (uint32_t)i);
	scl_protobuf_integer(d->out, PROFILE_TIME, s->started_realtime_ns);
	scl_protobuf_integer(d->out, PROFILE_DURATION, s->elapsed_ns);
	put_type(d, PROFILE_PERIOD_TYPE, "wall", "nanoseconds");
	scl_protobuf_integer(d->out, PROFILE_PERIOD, s->interval_ns);
	scl_protobuf_integer(d->out, PROFILE_DEFAULT_TYPE, string_id(d, "cpu"));
	for (uint32_t i = 0; i < scl_intern_count(d->strings); i++) {
		const char *text = scl_intern_str(d->strings, i);

		scl_protobuf_bytes(d->out, PROFILE_STRING, text, strlen(text));
	}
}

static bool compress_into(const struct scl_buffer *raw, struct scl_buffer *out)
{
	enum { GZIP = 16 };
	z_stream z = {0};
	unsigned char chunk[16384];
	int status;

	if (raw->len > UINT32_MAX ||
	    deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	z.next_in = (unsigned char *)raw->data;
	z.avail_in = (unsigned)raw->len;
	do {
		z.next_out = chunk;
		z.avail_out = sizeof chunk;
		status = deflate(&z, Z_FINISH);
		scl_buffer_append(out, chunk, sizeof chunk - z.avail_out);
	} while (status == Z_OK);
	deflateEnd(&z);
	return status == Z_STREAM_END && !out->failed;
}

static bool write_pprof(const struct scl_profile *profile, const struct scl_writer_options *options,
			struct scl_buffer *out, struct scl_error *err)
{
	struct scl_buffer raw = {0};
	struct document d = {.profile = profile, .out = &raw, .strings = scl_intern_create(STRINGS_MAX)};
	bool done = d.strings != NULL;

	(void)options;
	if (done)
		put_all(&d);
	done = done && !raw.failed && compress_into(&raw, out);
	scl_intern_destroy(d.strings);
	scl_map_destroy(&d.functions);
	scl_buffer_destroy(&raw);
	return done || scl_fail(err, SCL_ENOMEM, "no memory for the profile's text");
}

const struct scl_writer scl_writer_pprof = {
	.name = "pprof",
	.summary = "pprof's profile, gzipped",
	.extension = ".pb.gz",
	.write = write_pprof,
};
