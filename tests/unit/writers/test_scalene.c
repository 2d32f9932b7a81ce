/* test_scalene.c - with a directory as argument it also writes its documents there, for check-profile. */
#include <cjson/cJSON.h>
#include <math.h>

#include "writers/writer.h"
#include "example.h"

static const char *directory;

/* The document as text and parsed; also kept as a file where a directory was given. */
static cJSON *written(const struct scl_profile *p, const char *name, struct scl_buffer *text)
{
	struct scl_error err = {0};
	*text = (struct scl_buffer){0};
	CHECK(scl_writer_scalene.write(p, &(struct scl_writer_options){0}, text, &err));
	CHECK_STR(err.text, "");
	cJSON *doc = cJSON_Parse(scl_buffer_str(text));
	CHECK(doc != NULL);
	if (!directory)
		return doc;
	char path[512];
	snprintf(path, sizeof(path), "%s/%s.json", directory, name);
	FILE *file = fopen(path, "w");
	CHECK(file && fwrite(text->data, 1, text->len, file) == text->len);
	CHECK(file && fclose(file) == 0);
	return doc;
}

static cJSON *at(cJSON *item, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(item, key);
}

static double number(cJSON *item, const char *key)
{
	cJSON *value = at(item, key);
	return cJSON_IsNumber(value) ? value->valuedouble : -1;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-5;
}

static cJSON *line_of(cJSON *doc, const char *file, int lineno)
{
	return cJSON_GetArrayItem(at(at(at(doc, "files"), file), "lines"), lineno - 1);
}

static void text_is_ascii_without_markup(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	cJSON *doc = written(p, "example", &text);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x7f || text.data[i] == '<')
			CHECK_FAIL("byte %02x at %zu", (unsigned char)text.data[i], i);
	CHECK_CONTAINS(scl_buffer_str(&text), "\\ud83d\\udc0d"); /* the snake as a surrogate pair */
	CHECK_CONTAINS(scl_buffer_str(&text), "if a \\\\u003c b \\\\u0026\\\\u0026");
	CHECK_STR(line_of(doc, EXAMPLE_APP, 4)->child->valuestring,
		  "if a \\u003c b \\u0026\\u0026 \"\\u003c/script\\u003e\":\n");
	CHECK_STR(cJSON_GetArrayItem(at(doc, "args"), 1)->valuestring, "--name=<!-- \\xff");
	/* Scalene's page takes a path for markup: no `<` begins an element there. */
	CHECK(at(at(doc, "files"), EXAMPLE_ODD) == NULL);
	CHECK(at(at(doc, "files"), EXAMPLE_ODD_SAFE) != NULL);
	CHECK_CONTAINS(scl_buffer_str(&text), "\"main_thread_id\": 139637976732212");
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void file_names_with_other_bad_bytes_are_others(void)
{
	struct scl_profile *p = example_empty();
	struct scl_buffer text;
	example_line(p, "/l\xe8.py", 1, 10, 0, 0);
	example_line(p, "/l\xe9.py", 1, 10, 0, 0);
	example_source(p, "/l\xe8.py", "a\n");
	example_source(p, "/l\xe9.py", "b\n");
	cJSON *doc = written(p, "bytes", &text);
	CHECK_STR(line_of(doc, "/l\\xe8.py", 1)->child->valuestring, "a\n");
	CHECK_STR(line_of(doc, "/l\\xe9.py", 1)->child->valuestring, "b\n");
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void lines_are_dense_and_charged(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	cJSON *doc = written(p, "example", &text), *files = at(doc, "files");
	CHECK_INT(cJSON_GetArraySize(files), 2); /* the deleted one has no source */
	cJSON *lines = at(at(files, EXAMPLE_APP), "lines");
	CHECK_INT(cJSON_GetArraySize(lines), 14);
	for (int i = 1; i <= 14; i++)
		CHECK_INT(number(line_of(doc, EXAMPLE_APP, i), "lineno"), i);
	/* total_ns is 980 ms */
	cJSON *nine = line_of(doc, EXAMPLE_APP, 9);
	CHECK(near(number(nine, "n_cpu_percent_python"), 100 * 310 / 980.0));
	CHECK(near(number(nine, "n_cpu_percent_c"), 100 * 20 / 980.0));
	CHECK(number(nine, "n_sys_percent") == 0);
	CHECK(number(nine, "n_core_utilization") == 0.25); /* half of one of two CPUs */
	cJSON *times = at(nine, "cpu_samples_list");
	CHECK_INT(cJSON_GetArraySize(times), 3);
	CHECK(cJSON_GetArrayItem(times, 0)->valuedouble == 10.25 && cJSON_GetArrayItem(times, 2)->valuedouble == 30.5);
	CHECK(near(number(line_of(doc, EXAMPLE_APP, 14), "n_sys_percent"), 100 * 240 / 980.0));
	CHECK(number(line_of(doc, EXAMPLE_APP, 1), "n_cpu_percent_python") == 0);
	CHECK(near(number(at(files, EXAMPLE_APP), "percent_cpu_time"), 100 * 700 / 980.0));
	cJSON *functions = at(at(files, EXAMPLE_APP), "functions");
	CHECK_INT(cJSON_GetArraySize(functions), 2);
	CHECK_STR(at(cJSON_GetArrayItem(functions, 1), "line")->valuestring, "Service.handle.<locals>.fetch");
	CHECK_INT(number(cJSON_GetArrayItem(functions, 0), "lineno"), 6);
	cJSON *own = at(doc, "scalene_dbg");
	CHECK_STR(at(cJSON_GetArrayItem(at(own, "files_without_source"), 0), "file")->valuestring, EXAMPLE_GONE);
	CHECK_INT(number(own, "lines_outside_source"), 1);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void stacks_that_look_alike_are_one(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	cJSON *doc = written(p, "example", &text), *stacks = at(doc, "combined_stacks");
	CHECK_INT(cJSON_GetArraySize(stacks), 3);
	cJSON *first = cJSON_GetArrayItem(stacks, 0), *path = cJSON_GetArrayItem(first, 0);
	CHECK_INT(cJSON_GetArrayItem(first, 1)->valuedouble, 43);
	CHECK_INT(cJSON_GetArraySize(path), 2);
	CHECK_STR(at(cJSON_GetArrayItem(path, 0), "display_name")->valuestring, "<module>");
	CHECK_STR(at(cJSON_GetArrayItem(path, 1), "display_name")->valuestring, "crunch");
	CHECK_INT(number(cJSON_GetArrayItem(path, 1), "line"), 9);
	cJSON *last = cJSON_GetArrayItem(cJSON_GetArrayItem(cJSON_GetArrayItem(stacks, 2), 0), 0);
	CHECK_STR(at(last, "kind")->valuestring, "native");
	CHECK_STR(at(last, "display_name")->valuestring, "waiting for the GIL");
	CHECK(cJSON_IsNull(at(last, "line")));

	/* Of the user's frames alone: <module> > crunch, and <module> under the blocked socket.recv. */
	cJSON *user = at(doc, "stacks");
	CHECK_INT(cJSON_GetArraySize(user), 2);
	path = cJSON_GetArrayItem(cJSON_GetArrayItem(user, 0), 0);
	CHECK_STR(cJSON_GetArrayItem(path, 1)->valuestring, EXAMPLE_APP " crunch:9;");
	cJSON *weights = cJSON_GetArrayItem(cJSON_GetArrayItem(user, 0), 1);
	CHECK_INT(number(weights, "count"), 43);
	CHECK(near(number(weights, "cpu_samples"), 43 / 980.0));
	CHECK_INT(cJSON_GetArraySize(cJSON_GetArrayItem(cJSON_GetArrayItem(user, 1), 0)), 1);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void timeline_runs_are_merged(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	cJSON *doc = written(p, "example", &text), *runs = at(doc, "combined_stacks_timeline");
	/* The twin of the first run joins it; the run of an unknown stack is left out. */
	CHECK_INT(cJSON_GetArraySize(runs), 4);
	CHECK_INT(number(cJSON_GetArrayItem(runs, 0), "count"), 23);
	CHECK(number(cJSON_GetArrayItem(runs, 0), "t_sec") == 0);
	CHECK(number(cJSON_GetArrayItem(runs, 1), "t_sec") == 0.2);
	CHECK(number(cJSON_GetArrayItem(runs, 1), "thread_id") == 140000000000001);
	CHECK_INT(number(cJSON_GetArrayItem(runs, 2), "stack_index"), 0);
	CHECK(number(cJSON_GetArrayItem(runs, 3), "t_sec") == 0.43);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void own_keys_tell_how_it_went(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	cJSON *doc = written(p, "example", &text), *own = at(doc, "scalene_dbg");
	CHECK_INT(number(at(own, "samples"), "taken"), 100);
	CHECK_INT(number(at(own, "samples"), "retried"), 7);
	CHECK_INT(number(at(own, "dropped"), "runs"), 2);
	CHECK_INT(number(own, "samples_without_user_frame"), 169);
	CHECK(number(own, "samples_per_sec") == 100);
	cJSON *thread = cJSON_GetArrayItem(at(own, "threads"), 0);
	CHECK_INT(number(at(at(thread, "activities"), "waiting for the GIL"), "without_user_frame"), 50);
	CHECK(cJSON_IsNull(at(cJSON_GetArrayItem(at(own, "threads"), 2), "thread_id"))); /* past 2^53 */
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void no_samples_make_a_document_too(void)
{
	struct scl_profile *p = example_empty();
	struct scl_buffer text;
	cJSON *doc = written(p, "empty", &text);
	CHECK_INT(cJSON_GetArraySize(at(doc, "files")), 0);
	CHECK_INT(cJSON_GetArraySize(at(doc, "combined_stacks")), 0);
	CHECK(cJSON_IsArray(at(doc, "stacks")) && cJSON_IsNull(at(doc, "args")));
	CHECK(cJSON_IsNull(at(doc, "main_thread_id")));
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

/* Sums past 100, NaN, infinities, negative times, rings in the stack tree: a document that is valid all the same. */
static void nonsense_is_clamped(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	p->total_ns = 100.0 * EXAMPLE_MS; /* less than the lines say */
	p->lines[1].cost.python_ns = NAN;
	p->lines[1].cost.native_ns = INFINITY;
	p->lines[2].cost.system_ns = -5e9;
	p->lines[3].cost.utilization.mean = 1e9;
	p->functions[0].cost.native_ns = 1e12;
	p->functions[0].firstlineno = -4;
	p->lines[0].times[0] = NAN;
	p->without_user_frame_ns = NAN;
	p->nodes[1].parent = 3; /* a ring */
	p->nodes[3].frame = 12345;
	p->frames[1].line = -1;
	p->runs[2].t_sec = -3;
	p->runs[3].count = 0;
	cJSON *doc = written(p, "nonsense", &text), *lines = at(at(at(doc, "files"), EXAMPLE_APP), "lines"), *line;
	double sum = 0;
	cJSON_ArrayForEach(line, lines) sum +=
		number(line, "n_cpu_percent_python") + number(line, "n_cpu_percent_c") + number(line, "n_sys_percent");
	CHECK(sum > 99 && sum <= 100 + 1e-9);
	CHECK(number(cJSON_GetArrayItem(lines, 7), "n_core_utilization") == 1);
	cJSON *f = cJSON_GetArrayItem(at(at(at(doc, "files"), EXAMPLE_APP), "functions"), 0);
	CHECK(number(f, "n_cpu_percent_c") + number(f, "n_cpu_percent_python") <= 100);
	CHECK_INT(number(f, "lineno"), 1);
	CHECK(strstr(scl_buffer_str(&text), "nan") == NULL && strstr(scl_buffer_str(&text), "inf") == NULL);
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

static void writers_are_found_by_name(void)
{
	struct scl_error err = {0};
	size_t n;
	CHECK(scl_writers(&n)[0] == &scl_writer_scalene);
	for (size_t i = 0; i < n; i++)
		CHECK(scl_writer_find(scl_writers(&n)[i]->name, &err) == scl_writers(&n)[i]);
	CHECK(scl_writer_find("Scalene", &err) == NULL);
	CHECK_STR(err.text, "unknown format \"Scalene\" (known: scalene, cli, collapsed, speedscope, pprof)");
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK(scl_writer_find(NULL, NULL) == NULL);
}

static void await_time_is_charged(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer text;
	example_idle_loop(p);
	cJSON *doc = written(p, "await", &text);
	CHECK(cJSON_IsTrue(at(doc, "async_profile")));
	cJSON *line = line_of(doc, EXAMPLE_APP, 14), *other = line_of(doc, "/srv/app/waits.py", 2);
	CHECK(near(number(line, "n_async_await_percent"), 200 / 3.0));
	CHECK(near(number(other, "n_async_await_percent"), 100 / 3.0));
	CHECK(near(number(line, "scalene_dbg_await_percent_of_time"), 40));
	CHECK(number(line, "n_async_concurrency_mean") == 2 && number(line, "n_async_concurrency_peak") == 3);
	CHECK(cJSON_IsTrue(at(line, "is_coroutine")));
	CHECK(cJSON_IsFalse(at(line_of(doc, EXAMPLE_APP, 9), "is_coroutine")));
	CHECK_STR(cJSON_GetArrayItem(at(line, "async_task_names"), 0)->valuestring, "Task-9");
	CHECK_STR(cJSON_GetArrayItem(at(line, "async_task_names"), 1)->valuestring, "a </script>");
	cJSON *file = at(at(doc, "files"), "/srv/app/waits.py");
	CHECK(number(file, "percent_cpu_time") == 0);
	CHECK_INT(cJSON_GetArraySize(at(file, "functions")), 1);
	cJSON *stacks = at(doc, "combined_stacks"), *last = cJSON_GetArrayItem(stacks, cJSON_GetArraySize(stacks) - 1);
	CHECK_STR(at(cJSON_GetArrayItem(cJSON_GetArrayItem(last, 0), 0), "display_name")->valuestring,
		  "[await] wait (Task-1)");
	CHECK_INT(cJSON_GetArrayItem(last, 1)->valueint, 70);
	char *stacks_of_cpu = cJSON_PrintUnformatted(at(doc, "stacks"));
	CHECK(stacks_of_cpu && strstr(stacks_of_cpu, "[await]") == NULL);
	cJSON_free(stacks_of_cpu);
	cJSON *await = at(at(doc, "scalene_dbg"), "await");
	CHECK(cJSON_IsTrue(at(await, "loop_idle_seen")) && cJSON_IsTrue(at(await, "tasks_found")) &&
	      cJSON_IsTrue(at(await, "frames_readable")));
	CHECK(near(number(await, "library_only_percent"), 100 / 7.0));
	cJSON_Delete(doc);
	scl_buffer_destroy(&text);
	scl_profile_destroy(p);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(text_is_ascii_without_markup);
	RUN(file_names_with_other_bad_bytes_are_others);
	RUN(lines_are_dense_and_charged);
	RUN(stacks_that_look_alike_are_one);
	RUN(timeline_runs_are_merged);
	RUN(own_keys_tell_how_it_went);
	RUN(no_samples_make_a_document_too);
	RUN(nonsense_is_clamped);
	RUN(await_time_is_charged);
	RUN(writers_are_found_by_name);
	return check_finish();
}
