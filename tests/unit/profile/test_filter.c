#include "check.h"

#include "profile/filter.h"

/* A virtual environment, so that all five prefixes matter. */
static const struct scl_filter_facts venv = {
	.prefix = "/srv/venv",
	.base_prefix = "/opt/py",
	.exec_prefix = "/srv/venv",
	.base_exec_prefix = "/opt/py",
	.platlibdir = "lib",
	.major = 3,
	.minor = 11,
	.home = "/home/u",
	.cwd = "/srv/cwd",
	.main_file = "/home/u/proj/app/main.py",
	.scalene = "/home/u/scalene/scalene/__init__.py",
};

struct row {
	const char *name;
	enum scl_filter_rule want;
};

static void check_rows(const struct scl_filter_facts *facts, const struct scl_filter_options *options,
		       const struct row *rows, size_t n)
{
	struct scl_error err = {0};
	struct scl_filter *f = scl_filter_build(facts, options, NULL, &err);
	CHECK(f);
	/* Twice: the second answer comes from the cache. */
	for (size_t i = 0; f && i < 2 * n; i++) {
		check_case = rows[i % n].name;
		CHECK_STR(scl_filter_rule_text(scl_filter_rule_for(f, rows[i % n].name)),
			  scl_filter_rule_text(rows[i % n].want));
	}
	check_case = "";
	scl_filter_destroy(f);
}
#define CHECK_ROWS(facts, options, rows) check_rows(facts, &(options), rows, sizeof(rows) / sizeof((rows)[0]))

static void by_default(void)
{
	static const struct row rows[] = {
		{"", SCL_RULE_NO_NAME},
		{"/home/u/scalene/scalene/profiler.py", SCL_RULE_SCALENE},
		{"/home/u/scalene/x.py", SCL_RULE_ELSEWHERE},
		{"/srv/venv/lib/python3.11/site-packages/x.py", SCL_RULE_SYSTEM_PATH},
		{"/srv/venv/tools/x.py", SCL_RULE_SYSTEM_PATH}, /* `data` is the prefix itself */
		{"/data/srv/venv/x.py", SCL_RULE_SYSTEM_PATH},	/* anywhere in the path */
		{"/srv/venv2/x.py", SCL_RULE_SYSTEM_PATH},	/* a part of the text, not of the path */
		{"/opt/py/lib/python3.11/json/decoder.py", SCL_RULE_SYSTEM_PATH},
		{"/opt/py/lib/python3/dist-packages/x.py", SCL_RULE_SYSTEM_PATH}, /* posix_home: lib/python */
		{"/opt/py/share/x.py", SCL_RULE_LIBRARY}, /* only its base_prefix: not a path of sysconfig */
		{"/data/opt/py/share/x.py", SCL_RULE_ELSEWHERE},
		{"/home/u/.local/lib/python3.11/site-packages/x.py", SCL_RULE_SYSTEM_PATH},
		{"/home/u/.local/bin/x.py", SCL_RULE_SYSTEM_PATH},
		{"_ipython-input-12-abc", SCL_RULE_JUPYTER_CELL},
		{"_ipython-input--abc", SCL_RULE_ELSEWHERE},
		{"_ipython-input-12", SCL_RULE_ELSEWHERE},
		{"<string>", SCL_RULE_PSEUDO_FILE},
		{"<frozen importlib._bootstrap>", SCL_RULE_PSEUDO_FILE},
		{"<exec@12>", SCL_RULE_EXEC},
		{"<eval@12>", SCL_RULE_EXEC},
		{"/home/u/proj/app/main.py", SCL_RULE_PROGRAM},
		{"/home/u/proj/app/sub/deep/x.py", SCL_RULE_PROGRAM},
		{"/home/u/proj/app/../app/x.py", SCL_RULE_PROGRAM},
		{"/home/u/proj/app/.venv/lib/x.py", SCL_RULE_PROGRAM}, /* another virtual environment */
		{"/home/u/proj/x.py", SCL_RULE_SIBLING},
		{"/home/u/proj/apple/x.py", SCL_RULE_ELSEWHERE}, /* not below app */
		{"/home/u/proj/other/x.py", SCL_RULE_ELSEWHERE},
		{"/home/u/x.py", SCL_RULE_ELSEWHERE},
		{"x.py", SCL_RULE_ELSEWHERE}, /* below /work */
	};
	const struct scl_filter_options options = {0};
	CHECK_ROWS(&venv, options, rows);
}

static void with_profile_all(void)
{
	static const struct row rows[] = {
		{"/opt/py/lib/python3.11/json/decoder.py", SCL_RULE_PROFILE_ALL},
		{"/elsewhere/x.py", SCL_RULE_PROFILE_ALL},
		{"<string>", SCL_RULE_PSEUDO_FILE},
		{"<exec@12>", SCL_RULE_PROFILE_ALL},
		{"", SCL_RULE_NO_NAME},
		{"/home/u/scalene/scalene/x.py", SCL_RULE_SCALENE},
		{"/home/u/proj/app/skip_me.py", SCL_RULE_EXCLUDED},
	};
	const struct scl_filter_options options = {.profile_all = true, .profile_exclude = ",skip_"};
	CHECK_ROWS(&venv, options, rows);
}

static void with_lists(void)
{
	static const struct row rows[] = {
		{"/home/u/proj/app/one.py", SCL_RULE_PROGRAM},
		{"/home/u/proj/app/two.py", SCL_RULE_PROGRAM},
		{"/home/u/proj/app/three.py", SCL_RULE_NOT_SELECTED},
		{"/home/u/proj/app/one_bad.py", SCL_RULE_EXCLUDED},
		{"/home/u/proj/app/worse/one.py", SCL_RULE_EXCLUDED},
		{"_ipython-input-1-x", SCL_RULE_JUPYTER_CELL}, /* before --profile-only */
		{"<exec@three>", SCL_RULE_NOT_SELECTED},
		{"<exec@one>", SCL_RULE_EXEC},
		{"/opt/py/lib/python3.11/one.py", SCL_RULE_SYSTEM_PATH},
	};
	static const struct row open[] = {{"/home/u/proj/app/three.py", SCL_RULE_PROGRAM}};
	const struct scl_filter_options options = {.profile_only = "one,two", .profile_exclude = "_bad,,worse"};
	/* An empty element is part of every name, as in Scalene. */
	const struct scl_filter_options empty = {.profile_only = "one,"};
	CHECK_ROWS(&venv, options, rows);
	CHECK_ROWS(&venv, empty, open);
}

static void with_system_libraries(void)
{
	static const struct row rows[] = {
		{"/opt/py/share/x.py", SCL_RULE_ELSEWHERE},
		{"/opt/py/lib/python3.11/x.py", SCL_RULE_SYSTEM_PATH}, /* the option comes too late, as in Scalene */
	};
	const struct scl_filter_options options = {.profile_system_libraries = true};
	CHECK_ROWS(&venv, options, rows);
}

static void with_program_path(void)
{
	static const struct row rows[] = {
		{"/srv/app/x.py", SCL_RULE_PROGRAM},
		{"/srv/x.py", SCL_RULE_SIBLING},
		{"/home/u/proj/app/main.py", SCL_RULE_ELSEWHERE},
	};
	const struct scl_filter_options options = {.program_path = "/srv/app/"};
	CHECK_ROWS(&venv, options, rows);
}

static void relative_names_are_below_the_cwd(void)
{
	static const struct row rows[] = {
		{"x.py", SCL_RULE_PROGRAM},
		{"./sub/../x.py", SCL_RULE_PROGRAM},
		{"../x.py", SCL_RULE_SIBLING},
		{"../other/x.py", SCL_RULE_ELSEWHERE},
	};
	struct scl_filter_facts facts = venv;
	const struct scl_filter_options options = {0};
	facts.main_file = "main.py";
	facts.cwd = "/home/u/rel";
	CHECK_ROWS(&facts, options, rows);
}

static void userbase_comes_before_home(void)
{
	static const struct row rows[] = {
		{"/ub/x.py", SCL_RULE_SYSTEM_PATH},
		{"/home/u/.local/x.py", SCL_RULE_ELSEWHERE},
	};
	struct scl_filter_facts facts = venv;
	const struct scl_filter_options options = {0};
	facts.userbase = "/ub";
	CHECK_ROWS(&facts, options, rows);
}

/* No path: a working directory that this Python is in says nothing of them. */
static void pseudo_names_are_not_below_the_cwd(void)
{
	static const struct row rows[] = {
		{"x.py", SCL_RULE_SYSTEM_PATH},
		{"<stdin>", SCL_RULE_PSEUDO_FILE},
		{"<exec@x.py:1>", SCL_RULE_EXEC},
	};
	struct scl_filter_facts facts = venv;
	const struct scl_filter_options options = {0};
	facts.cwd = "/srv/venv/tools";
	CHECK_ROWS(&facts, options, rows);
}

static void nothing_known_rejects_nothing_known(void)
{
	static const struct row rows[] = {{"/usr/lib/python3.11/json/x.py", SCL_RULE_ELSEWHERE},
					  {"", SCL_RULE_NO_NAME},
					  {"<string>", SCL_RULE_PSEUDO_FILE}};
	/* The root is part of every path, but a Python there must not hide the user's code. */
	static const struct row root[] = {{"/home/u/proj/app/main.py", SCL_RULE_PROGRAM}};
	struct scl_filter_facts facts = {.cwd = "/nowhere"};
	const struct scl_filter_options options = {0};
	CHECK_ROWS(&facts, options, rows);
	facts = venv;
	facts.prefix = facts.base_prefix = facts.exec_prefix = facts.base_exec_prefix = "/";
	CHECK_ROWS(&facts, options, root);
}

static void check_program(struct scl_filter_facts facts, const char *program, const char *directory)
{
	const struct scl_filter_options options = {0};
	struct scl_filter *f = scl_filter_build(&facts, &options, NULL, NULL);
	CHECK(f);
	if (f) {
		CHECK_STR(scl_filter_program(f), program);
		CHECK_STR(scl_filter_directory(f), directory);
	}
	scl_filter_destroy(f);
}

static void finds_program_and_directory(void)
{
	static const char *const script[] = {"python3", "-u", "run.py", "x"};
	static const char *const command[] = {"python3", "-c", "pass"};
	struct scl_filter_facts facts = venv;
	check_program(facts, "/home/u/proj/app/main.py", "/home/u/proj/app");
	facts.argv = script;
	facts.argc = 4;
	facts.main_file = NULL;
	check_program(facts, "/srv/cwd/run.py", "/srv/cwd");
	facts.argv = command;
	facts.argc = 3;
	check_program(facts, "", "/srv/cwd");
	facts.main_file = "<stdin>";
	check_program(facts, "<stdin>", "/srv/cwd");
	/* An installed launcher says nothing about the user's code. */
	facts.main_file = "/srv/venv/bin/gunicorn";
	check_program(facts, "/srv/venv/bin/gunicorn", "/srv/cwd");
	facts.main_file = "/opt/py/lib/python3.11/http/server.py";
	check_program(facts, "/opt/py/lib/python3.11/http/server.py", "/srv/cwd");
}

static void keeps_the_arguments(void)
{
	static const char *const argv[] = {"python3", "-Impkg", "a", "b"};
	struct scl_filter_facts facts = venv;
	const struct scl_filter_options options = {0};
	facts.argv = argv;
	facts.argc = 4;
	struct scl_filter *f = scl_filter_build(&facts, &options, NULL, NULL);
	size_t n = 0;
	const char *const *args = f ? scl_filter_args(f, &n) : NULL;
	CHECK(f && scl_filter_is_module(f));
	CHECK_INT(n, 4);
	if (n == 4) {
		CHECK_STR(args[0], "-m");
		CHECK_STR(args[1], "pkg");
		CHECK_STR(args[3], "b");
	}
	scl_filter_destroy(f);
}

static void verdicts_follow_the_rules(void)
{
	static const bool accepts[SCL_NRULES] = {
		[SCL_RULE_JUPYTER_CELL] = true, [SCL_RULE_PROFILE_ALL] = true, [SCL_RULE_EXEC] = true,
		[SCL_RULE_PROGRAM] = true,	[SCL_RULE_SIBLING] = true,
	};
	for (int i = 0; i < SCL_NRULES; i++)
		CHECK_INT(scl_filter_rule_accepts((enum scl_filter_rule)i), accepts[i]);
}

/* More names than the cache keeps. */
static void bounded_cache(void)
{
	const struct scl_filter_options options = {0};
	struct scl_filter *f = scl_filter_build(&venv, &options, NULL, NULL);
	char name[64];
	for (int i = 0; f && i < 70000; i++) {
		snprintf(name, sizeof(name), "/home/u/proj/app/%d.py", i);
		if (scl_filter_rule_for(f, name) != SCL_RULE_PROGRAM)
			CHECK_FAIL("%s is not the user's", name);
	}
	CHECK(f);
	scl_filter_destroy(f);
}

int main(void)
{
	RUN(by_default);
	RUN(with_profile_all);
	RUN(with_lists);
	RUN(with_system_libraries);
	RUN(with_program_path);
	RUN(relative_names_are_below_the_cwd);
	RUN(userbase_comes_before_home);
	RUN(pseudo_names_are_not_below_the_cwd);
	RUN(nothing_known_rejects_nothing_known);
	RUN(finds_program_and_directory);
	RUN(keeps_the_arguments);
	RUN(verdicts_follow_the_rules);
	RUN(bounded_cache);
	return check_finish();
}
