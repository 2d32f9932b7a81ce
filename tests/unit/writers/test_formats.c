/* test_formats.c - the formats that other tools read: collapsed, speedscope, pprof. */
#include <cjson/cJSON.h>
#include <zlib.h>

#include "writers/protobuf.h"
#include "writers/writer.h"
#include "example.h"

static struct scl_profile *example_waiting(void)
{
	struct scl_profile *p = example_profile();

	example_idle_loop(p);
	return p;
}

static void written(const struct scl_writer *writer, const struct scl_profile *p, struct scl_buffer *text)
{
	struct scl_error err = {0};

	*text = (struct scl_buffer){0};
	CHECK(writer->write(p, &(struct scl_writer_options){0}, text, &err));
	CHECK_STR(err.text, "");
}

static void collapsed_has_a_line_for_each_stack_of_a_thread(void)
{
	struct scl_profile *p = example_waiting();
	struct scl_buffer text;

	written(&scl_writer_collapsed, p, &text);
	const char *all = scl_buffer_str(&text);
	CHECK_CONTAINS(all, "MainThread (21397);<module> (" EXAMPLE_APP ":20);crunch (" EXAMPLE_APP ":9) 40\n");
	CHECK_CONTAINS(all, "recv (/usr/lib/python3/socket.py:5);recvfrom 24\n");
	CHECK_CONTAINS(all, "worker \\x1b[31m1 (21398);waiting for the GIL 50\n");
	CHECK_CONTAINS(all, "thread (21399) [await];[await] wait (Task-1) (/srv/app/waits.py:2) 70\n");
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void collapsed_keeps_its_separators(void)
{
	struct scl_profile *p = example_empty();
	struct scl_buffer text;

	example_thread(p, "a;b\nc 7", 1, 2);
	example_part(p, 0, SCL_ACTIVITY_PYTHON, example_stack(p, example_py(p, 0, "/a;b.py", "f;\n g", 3, 1), 5), 5, 0);
	written(&scl_writer_collapsed, p, &text);
	CHECK_STR(scl_buffer_str(&text), "a,b\\nc 7 (2);f,\\n g (/a,b.py:3) 5\n");
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static cJSON *at(cJSON *item, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(item, key);
}

static void speedscope_has_a_profile_for_each_thread_and_task(void)
{
	struct scl_profile *p = example_waiting();
	struct scl_buffer text;

	written(&scl_writer_speedscope, p, &text);
	cJSON *doc = cJSON_Parse(scl_buffer_str(&text)), *profiles = at(doc, "profiles");
	CHECK_STR(at(doc, "$schema")->valuestring, "https://www.speedscope.app/file-format-schema.json");
	CHECK_INT(cJSON_GetArraySize(at(at(doc, "shared"), "frames")), (int)p->nframes);
	CHECK_INT(cJSON_GetArraySize(profiles), 3);
	cJSON *main = cJSON_GetArrayItem(profiles, 1), *task = cJSON_GetArrayItem(profiles, 2);
	CHECK_STR(at(main, "name")->valuestring, "MainThread (21397)");
	CHECK_INT((int)(at(main, "endValue")->valuedouble / EXAMPLE_MS), 67);
	CHECK_INT(cJSON_GetArraySize(at(main, "samples")), 3);
	CHECK_INT(cJSON_GetArraySize(at(main, "weights")), 3);
	CHECK_STR(at(task, "name")->valuestring, "thread (21399) [await] Task-1");
	for (cJSON *profile = profiles->child; profile; profile = profile->next)
		for (cJSON *sample = at(profile, "samples")->child; sample; sample = sample->next)
			for (cJSON *frame = sample->child; frame; frame = frame->next)
				CHECK(frame->valuedouble < (double)p->nframes);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

/* Inflated, as its reader has it. */
static size_t inflated(const struct scl_buffer *text, unsigned char *to, size_t cap)
{
	z_stream z = {.next_in = (unsigned char *)text->data, .avail_in = (unsigned)text->len, .next_out = to};

	z.avail_out = (unsigned)cap;
	CHECK(inflateInit2(&z, MAX_WBITS + 16) == Z_OK);
	CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
	inflateEnd(&z);
	return cap - z.avail_out;
}

static uint64_t varint(const unsigned char **at, const unsigned char *end)
{
	uint64_t value = 0;

	for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
		unsigned char byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

/* How often each field of the outermost message is there; the values of all samples are added up. */
static void count_fields(const unsigned char *at, const unsigned char *end, int *counts, uint64_t *values, bool sample)
{
	while (at < end) {
		uint64_t tag = varint(&at, end), len = varint(&at, end);
		unsigned field = (unsigned)(tag >> 3);

		CHECK(field > 0 && field < 16);
		counts[field]++;
		if ((tag & 7) == 0)
			continue;
		CHECK_INT((int)(tag & 7), 2);
		CHECK(len <= (uint64_t)(end - at));
		if (sample && field == 2)
			for (const unsigned char *v = at; v < at + len; values++)
				*values += varint(&v, at + len);
		else if (!sample && field == 2)
			count_fields(at, at + len, (int[16]){0}, values, true);
		at += len;
	}
}

static void pprof_is_read_back(void)
{
	static unsigned char raw[65536];
	struct scl_profile *p = example_waiting();
	struct scl_buffer text;
	int counts[16] = {0};
	uint64_t values[3] = {0};

	written(&scl_writer_pprof, p, &text);
	size_t n = inflated(&text, raw, sizeof raw);
	count_fields(raw, raw + n, counts, values, false);
	CHECK_INT(counts[1], 3);	       /* sample types */
	CHECK_INT(counts[2], 6);	       /* samples: the part of no thread is none */
	CHECK_INT(counts[4], (int)p->nframes); /* locations */
	CHECK_INT((int)values[0], 40 + 3 + 24 + 50 + 1 + 70);
	CHECK_INT((int)(values[1] / EXAMPLE_MS), 43);
	CHECK_INT((int)(values[2] / EXAMPLE_MS), 24 + 50 + 1 + 70);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void integers_have_the_wire_format(void)
{
	struct scl_buffer text = {0};

	scl_protobuf_integer(&text, 1, 150); /* the example of the encoding's own page */
	scl_protobuf_integer(&text, 2, 0);
	scl_protobuf_bytes(&text, 2, "testing", 7);
	scl_protobuf_varint(&text, UINT64_MAX);
	CHECK(text.len == 3 + 9 + 10);
	CHECK(memcmp(text.data, "\x08\x96\x01\x12\x07testing\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", text.len) == 0);
	scl_buffer_destroy(&text);
}

static void an_empty_profile_is_a_document(void)
{
	static unsigned char raw[4096];
	struct scl_profile *p = example_empty();
	struct scl_buffer text;
	int counts[16] = {0};

	written(&scl_writer_collapsed, p, &text);
	CHECK_STR(scl_buffer_str(&text), "");
	scl_buffer_destroy(&text);
	written(&scl_writer_speedscope, p, &text);
	cJSON *doc = cJSON_Parse(scl_buffer_str(&text));
	CHECK_INT(cJSON_GetArraySize(at(doc, "profiles")), 1);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	written(&scl_writer_pprof, p, &text);
	count_fields(raw, raw + inflated(&text, raw, sizeof raw), counts, NULL, false);
	CHECK_INT(counts[2], 0);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

int main(void)
{
	RUN(collapsed_has_a_line_for_each_stack_of_a_thread);
	RUN(collapsed_keeps_its_separators);
	RUN(speedscope_has_a_profile_for_each_thread_and_task);
	RUN(pprof_is_read_back);
	RUN(integers_have_the_wire_format);
	RUN(an_empty_profile_is_a_document);
	return check_finish();
}
