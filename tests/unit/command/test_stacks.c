/* test_stacks.c - bt, threads and info on an interpreter in an image, for every layout. */
#include "check.h"

#include <cjson/cJSON.h>

#include "python_session.h"

static void bt_reads_like_a_traceback(void)
{
	open_python();
	make_stack("app.py", 1);
	CHECK(run("bt"));
	CHECK_CONTAINS(printed(), "Thread 77 \"py\\x1bthon\" (main, ");
	CHECK_CONTAINS(printed(), "  File \"app.py\", line 3, in <module>\n"
				  "  File \"app.py\", line 21, in recurse\n"
				  "  File \"app.py\", line 13, in work\n");
	close_python();
}

static void equal_frames_are_counted(void)
{
	open_python();
	make_stack("app.py", 10);
	CHECK(run("bt"));
	CHECK_CONTAINS(printed(), "line 21, in recurse\n  [Previous line repeated 7 more times]\n");
	CHECK(run("bt --limit 2"));
	CHECK_CONTAINS(printed(), "\n  [10 outer frames not shown]\n"
				  "  File \"app.py\", line 21, in recurse\n"
				  "  File \"app.py\", line 13, in work\n");
	CHECK(!run("bt --limit 0"));
	close_python();
}

static void text_of_the_target_is_escaped_and_cut(void)
{
	open_python();
	make_stack("\x1b[31m/tmp\nx", 0);
	CHECK(run("bt") && run("settings set max-string 6") && run("bt --all"));
	CHECK_CONTAINS(printed(), "  File \"\\x1b[\xe2\x80\xa6\", line 13");
	CHECK(!strchr(printed(), '\x1b'));
	CHECK(run("threads") && !strchr(printed(), '\x1b'));
	close_python();
}

static void a_broken_stack_says_why_and_goes_on(void)
{
	open_python();
	fake_set_innermost(thread, fake_frame(NOWHERE, fake_code("app.py", "work", 10, 4), 3));
	adopt_runtime();
	CHECK(run("bt"));
	CHECK_CONTAINS(printed(), "[outer frames are missing: ");
	CHECK_CONTAINS(printed(), "  File \"app.py\", line 13, in work\n");
	CHECK(run("bt --json"));
	cJSON *document = cJSON_Parse(printed());
	const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "threads"), 0);
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(first, "stack")), "broken");
	CHECK(cJSON_GetStringValue(cJSON_GetObjectItem(first, "why")) != NULL);
	cJSON_Delete(document);
	close_python();
}

/* The thread state ends behind what the list of threads needs of it: where its data stack should be is nothing. */
static void a_stack_that_is_not_readable_says_why(void)
{
	enum { ELSEWHERE = 0x60000000 };
	size_t size = FAKE_HAS(thread, datastack_chunk) ? (size_t)scl_off(&rt.layout, thread, datastack_chunk) : 0;

	if (!size || (size_t)scl_off(&rt.layout, thread, id) >= size)
		return;
	open_python();
	void *copy = scl_image_map(image, ELSEWHERE, size);
	make_stack("app.py", 1);
	struct scl_interpreter interp = {0};
	if (!copy || !scl_read(image, thread, copy, size, NULL) || !scl_interpreter_next(&rt, &interp, NULL))
		abort();
	put_u64(AT(interp.address, interp, threads_head), ELSEWHERE);
	CHECK(run("bt --all"));
	CHECK_CONTAINS(printed(), "Thread 77 ");
	CHECK_CONTAINS(printed(), "  [not readable: thread state at 0x60000000: cannot read ");
	CHECK(run("threads"));
	CHECK_CONTAINS(printed(), "\n77   py\\x1bthon (main)");
	CHECK_CONTAINS(printed(), "(not readable: thread state at 0x60000000: cannot read ");
	CHECK(run("threads --json"));
	CHECK_CONTAINS(printed(), "\"why\":");
	close_python();
}

static void a_thread_without_frames_says_so(void)
{
	open_python();
	adopt_runtime();
	CHECK(run("bt"));
	CHECK_CONTAINS(printed(), "[no Python frame]");
	close_python();
}

static void the_selected_thread_is_meant(void)
{
	open_python();
	make_stack("app.py", 0);
	selected = LWP;
	CHECK(run("bt"));
	CHECK_CONTAINS(printed(), "Thread 77 ");
	selected = FOREIGN_LWP;
	CHECK(!run("bt"));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	CHECK_CONTAINS(err.text, "LWP 78");
	CHECK_CONTAINS(err.text, "fake bt --all");
	CHECK(run("bt --all"));
	close_python();
}

static void bt_as_json_has_the_same_facts(void)
{
	open_python();
	make_stack("app.py", 1);
	CHECK(run("bt --json --all"));
	cJSON *document = cJSON_Parse(printed());
	const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "threads"), 0);
	const cJSON *frames = cJSON_GetObjectItem(first, "frames"), *last = cJSON_GetArrayItem(frames, 2);
	CHECK_INT(cJSON_GetArraySize(frames), 3);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(first, "lwp")), LWP);
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(first, "stack")), "complete");
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(first, "kernel_name")), "py\x1bthon");
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(last, "name")), "work");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(last, "line")), 13);
	cJSON_Delete(document);
	close_python();
}

static void threads_lists_those_that_python_does_not_know(void)
{
	open_python();
	make_stack("app.py", 0);
	CHECK(run("threads"));
	CHECK_CONTAINS(printed(), "LWP  NAME");
	CHECK_CONTAINS(printed(), "\n77   py\\x1bthon (main)");
	CHECK_CONTAINS(printed(), "work app.py:13\n");
	CHECK_CONTAINS(printed(), "\n78   [helper]");
	CHECK_CONTAINS(printed(), "blocked in read  (no Python thread)\n");
	CHECK(run("threads --json"));
	cJSON *document = cJSON_Parse(printed());
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(document, "threads")), 2);
	cJSON_Delete(document);
	close_python();
}

static void info_counts(void)
{
	char wanted[64];

	open_python();
	make_stack("app.py", 0);
	CHECK(run("info"));
	snprintf(wanted, sizeof(wanted), "Python        %s.0, release build with a GIL\n", rt.layout.name);
	CHECK_CONTAINS(printed(), wanted);
	CHECK_CONTAINS(printed(), "interpreters  1\n");
	CHECK_CONTAINS(printed(), "threads       1 of Python, 2 of the process\n");
	CHECK_CONTAINS(printed(), "GIL           free\n");
	CHECK(run("info --json"));
	cJSON *document = cJSON_Parse(printed());
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(document, "lwps")), 2);
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(document, "gil_free")));
	cJSON_Delete(document);
	close_python();
}

static void info_says_where_a_list_breaks_off(void)
{
	open_python();
	make_stack("app.py", 0);
	put_u64(AT(thread, thread, next), NOWHERE);
	CHECK(run("info"));
	CHECK_CONTAINS(printed(), "incomplete    ");
	close_python();
}

/* Another process at the same address: what is known of the runtime is looked for again. */
static void a_runtime_of_another_process_is_forgotten(void)
{
	open_python();
	make_stack("app.py", 0);
	session->rt_start++;
	CHECK(!run("bt"));
	CHECK(session->rt == NULL);
	close_python();
}

static void ctrl_c_ends_a_listing(void)
{
	open_python();
	make_stack("app.py", 0);
	fake.interrupted = true;
	CHECK(!run("bt"));
	CHECK_INT(err.code, SCL_EINTERRUPTED);
	close_python();
}

/* Whenever it comes, the command ends as interrupted or had nothing left to do. */
static void ctrl_c_ends_a_listing_at_any_time(void)
{
	static const char *const lines[] = {"bt --all", "bt --json", "threads", "threads --json", "info"};

	open_python();
	make_stack("app.py", 100);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool done = false;
		for (unsigned after = 1; after < 100 && !done; after++) {
			fake.interrupted = false;
			fake.interrupt_after = after;
			done = run(lines[i]);
			if (!done)
				CHECK_STR(err.text, "interrupted");
		}
		CHECK(done);
	}
	close_python();
}

int main(void)
{
	RUN_LAYOUTS(bt_reads_like_a_traceback);
	RUN_LAYOUTS(equal_frames_are_counted);
	RUN_LAYOUTS(text_of_the_target_is_escaped_and_cut);
	RUN_LAYOUTS(a_broken_stack_says_why_and_goes_on);
	RUN_LAYOUTS(a_stack_that_is_not_readable_says_why);
	RUN_LAYOUTS(a_thread_without_frames_says_so);
	RUN_LAYOUTS(the_selected_thread_is_meant);
	RUN_LAYOUTS(bt_as_json_has_the_same_facts);
	RUN_LAYOUTS(threads_lists_those_that_python_does_not_know);
	RUN_LAYOUTS(info_counts);
	RUN_LAYOUTS(info_says_where_a_list_breaks_off);
	RUN_LAYOUTS(a_runtime_of_another_process_is_forgotten);
	RUN_LAYOUTS(ctrl_c_ends_a_listing);
	RUN_LAYOUTS(ctrl_c_ends_a_listing_at_any_time);
	return check_finish();
}
