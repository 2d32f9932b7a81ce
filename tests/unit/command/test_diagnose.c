/* test_diagnose.c - diagnose over an image of an interpreter: what it prints, and what it never prints. */
#include "check.h"
#include "python_session.h"

/* An interpreter that has started. */
static void open_started(void)
{
	open_python();
	scl_image_put_u32(image, AT(FAKE_RUNTIME, runtime, initialized), 1);
}

static void says_the_verdict_first(void)
{
	open_started();
	make_stack("/home/u/app.py", 2);
	CHECK(run("diagnose"));
	CHECK(strncmp(printed(), "The main thread is blocked in read at work ", 43) == 0);
	CHECK_CONTAINS(printed(), "thread 78 [helper]: blocked in read, not known to Python");
	CHECK_CONTAINS(printed(), "frames, innermost first: 4 raw");
	CHECK_CONTAINS(printed(), "no   suspended tasks are found: 0 tasks, 0 suspended; asyncio is not imported");
	CHECK_CONTAINS(printed(), "next: fake bt\n");
	close_python();
}

static void escapes_what_the_target_chose(void)
{
	open_started();
	make_stack("/home/u/a\x1b[2Jpp.py", 1);
	CHECK(run("diagnose"));
	CHECK(!strchr(printed(), '\x1b'));
	CHECK_CONTAINS(printed(), "\\x1b[2Jpp.py");
	CHECK(run("diagnose --json"));
	CHECK(!strchr(printed(), '\x1b'));
	CHECK_CONTAINS(printed(), "\"failed_check\":");
	close_python();
}

static void shows_the_innermost_frames_only(void)
{
	open_started();
	make_stack("/home/u/app.py", 100);
	CHECK(run("diagnose"));
	CHECK_CONTAINS(printed(), "frames, innermost first: 102 raw");
	CHECK_CONTAINS(printed(), "82 outer frames are not shown");
	close_python();
}

static void knows_the_selected_thread(void)
{
	open_started();
	make_stack("/home/u/app.py", 1);
	selected = FOREIGN_LWP;
	CHECK(run("diagnose"));
	CHECK_CONTAINS(printed(), "Thread 78 is one that Python does not know");
	close_python();
}

static void needs_no_python(void)
{
	open_started();
	make_stack("/home/u/app.py", 1);
	free(session->rt);
	session->rt = NULL; /* and the image has no module that holds one */
	CHECK(run("diagnose"));
	CHECK_CONTAINS(printed(), "There is no Python in process");
	CHECK_CONTAINS(printed(), "next: fake help\n");
	CHECK(run("diagnose --json"));
	CHECK_CONTAINS(printed(), "\"verdict\":\t\"no-python\"");
	close_python();
}

int main(void)
{
	RUN_LAYOUTS(says_the_verdict_first);
	RUN_LAYOUTS(escapes_what_the_target_chose);
	RUN_LAYOUTS(shows_the_innermost_frames_only);
	RUN_LAYOUTS(knows_the_selected_thread);
	RUN_LAYOUTS(needs_no_python);
	return check_finish();
}
