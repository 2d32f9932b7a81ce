/* test_clues.c - what hand-made stacks say by their files and functions. */
#include "check.h"
#include "command/clues.h"

enum { DEEP = 8 };

static struct scl_code codes[DEEP];
static struct scl_frame frames[DEEP];
static bool user[DEEP];
static struct scl_stack stack;

static void begin(void)
{
	memset(user, 0, sizeof user);
	stack = (struct scl_stack){.frames = frames};
}

/* The next frame outwards. */
static void add(const char *name, const char *file, bool is_user)
{
	size_t i = stack.count++;

	codes[i] = (struct scl_code){.name = name, .filename = file};
	frames[i] = (struct scl_frame){.code = file ? &codes[i] : NULL};
	user[i] = is_user;
}

static const char bootstrap[] = "<frozen importlib._bootstrap>";
static const char external[] = "<frozen importlib._bootstrap_external>";
static const char loop_file[] = "/usr/lib/python3.11/asyncio/base_events.py";

static void an_empty_stack_says_nothing(void)
{
	begin();
	struct scl_clues clues = scl_clues_find(&stack, user);
	CHECK(clues.frames == 0 && clues.user == 0 && !clues.importing && !clues.starting && !clues.exiting);
	add("f", NULL, false);
	clues = scl_clues_find(&stack, user);
	CHECK(clues.frames == 1 && clues.user == 1 && !clues.importing && !clues.loop);
}

static void finds_the_innermost_user_frame(void)
{
	begin();
	add("wait", "/usr/lib/python3.11/threading.py", false);
	add("work", "/home/u/app.py", true);
	add("<module>", "/home/u/app.py", true);
	CHECK_INT(scl_clues_find(&stack, user).user, 1);
}

static void an_import_counts_until_user_code(void)
{
	begin();
	add("<module>", "/home/u/slow.py", true);
	add("exec_module", external, false);
	add("_find_and_load", bootstrap, false);
	add("<module>", "/home/u/app.py", true);
	struct scl_clues clues = scl_clues_find(&stack, user);
	CHECK(clues.importing && !clues.starting);
	CHECK_INT(clues.module, 0);

	begin();
	add("work", "/home/u/slow.py", true); /* a function of the user's, though a module's body calls it */
	add("<module>", "/home/u/slow.py", true);
	add("_find_and_load", bootstrap, false);
	CHECK(!scl_clues_find(&stack, user).importing);

	begin();
	add("get_code", external, false);
	add("_find_and_load", bootstrap, false);
	add("work", "/home/u/app.py", true);
	clues = scl_clues_find(&stack, user);
	CHECK(clues.importing);
	CHECK_INT(clues.module, 3);
}

static void a_loop_is_not_an_import(void)
{
	begin();
	add("select", "/usr/lib/python3.11/selectors.py", false);
	add("_run_once", loop_file, false);
	add("<module>", "/home/u/app.py", true);
	add("_find_and_load", bootstrap, false);
	struct scl_clues clues = scl_clues_find(&stack, user);
	CHECK(clues.selector && !clues.importing && !clues.loop);
}

static void tells_starting_from_an_embedded_import(void)
{
	begin();
	add("<module>", "/home/u/sitecustomize.py", true);
	add("_find_and_load", bootstrap, false);
	add("execsitecustomize", "/usr/lib/python3.8/site.py", false);
	add("<module>", "/usr/lib/python3.8/site.py", false);
	add("_find_and_load", bootstrap, false);
	CHECK(scl_clues_find(&stack, user).starting);

	begin();
	add("<module>", "/home/u/app.py", true);
	add("_find_and_load", bootstrap, false);
	struct scl_clues clues = scl_clues_find(&stack, user);
	CHECK(clues.importing && !clues.starting);
}

static void knows_the_end_and_finalizers(void)
{
	begin();
	add("_shutdown", "/usr/lib/python3.11/threading.py", false);
	CHECK(scl_clues_find(&stack, user).exiting);
	add("<module>", "/home/u/app.py", true); /* somebody's own call of it */
	CHECK(!scl_clues_find(&stack, user).exiting);
	begin();
	add("__del__", "/home/u/app.py", true);
	CHECK(scl_clues_find(&stack, user).finalizer);
}

static void knows_foreign_loops_by_their_files(void)
{
	begin();
	add("get_events", "/v/lib/python3.11/site-packages/trio/_core/_io_epoll.py", false);
	add("<module>", "/home/u/app.py", true);
	CHECK_STR(scl_clues_find(&stack, user).loop, "trio");
	begin();
	add("run", "/v/lib/python3.11/site-packages/uvloop/__init__.py", false);
	CHECK_STR(scl_clues_find(&stack, user).loop, "uvloop");
	begin();
	add("run", "/home/u/trio.py", true);
	CHECK(!scl_clues_find(&stack, user).loop);
}

int main(void)
{
	RUN(an_empty_stack_says_nothing);
	RUN(finds_the_innermost_user_frame);
	RUN(an_import_counts_until_user_code);
	RUN(a_loop_is_not_an_import);
	RUN(tells_starting_from_an_embedded_import);
	RUN(knows_the_end_and_finalizers);
	RUN(knows_foreign_loops_by_their_files);
	return check_finish();
}
