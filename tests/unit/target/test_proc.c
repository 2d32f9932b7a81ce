/* test_proc.c - the texts of /proc as values: maps, stat, syscall, status; and paths as text. */
#include <stdlib.h>

#include "check.h"
#include "target/path.h"
#include "target/proc_maps.h"
#include "target/proc_status.h"

static bool parse_map(const char *text, struct scl_mapping *ret)
{
	static char line[512];

	snprintf(line, sizeof line, "%s", text);
	return scl_proc_maps_line(line, ret);
}

static void parses_a_mapping(void)
{
	struct scl_mapping map;

	CHECK(parse_map("7f11de000000-7f11de021000 r-xp 00026000 08:01 5912                       /usr/lib/libc.so.6\n",
			&map));
	CHECK(map.start == 0x7f11de000000 && map.end == 0x7f11de021000 && map.offset == 0x26000);
	CHECK(map.dev_major == 8 && map.dev_minor == 1 && map.inode == 5912);
	CHECK(map.readable && map.executable);
	CHECK_STR(map.path, "/usr/lib/libc.so.6");
	CHECK(parse_map("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n", &map));
	CHECK(!map.readable);
	CHECK_STR(map.path, "[vsyscall]");
	CHECK(parse_map("1000-2000 rw-p 00000000 00:00 0 \n", &map));
	CHECK_STR(map.path, "");
	CHECK(parse_map("1000-2000 rw-p 00000000 00:00 0", &map));
	CHECK_STR(map.path, "");
}

static void parses_odd_paths(void)
{
	struct scl_mapping map;

	CHECK(parse_map("1000-2000 r--p 00000000 fe:00 7    /a b/ c  d.so (deleted)\n", &map));
	CHECK_STR(map.path, "/a b/ c  d.so (deleted)");
	CHECK(parse_map("1000-2000 r--p 00000000 fe:00 7    /new\\012line\\012\n", &map));
	CHECK_STR(map.path, "/new\nline\n");
	CHECK(parse_map("1000-2000 r--p 00000000 fe:00 7    /back\\01slash\\\n", &map));
	CHECK_STR(map.path, "/back\\01slash\\");
	CHECK(parse_map("1000-2000 r--p 00000000 fe:00 7    /1000-2000 r-xp 0 00:00 0 /x\n", &map));
	CHECK_STR(map.path, "/1000-2000 r-xp 0 00:00 0 /x");
}

static void refuses_lines_that_are_none(void)
{
	const char *const bad[] = {"",
				   "\n",
				   "1000-2000",
				   "1000-2000 rw-p 0 00:00\n",
				   "2000-1000 rw-p 0 00:00 0\n",
				   "1000-1000 rw-p 0 00:00 0\n",
				   "x-y rw-p 0 00:00 0\n",
				   "1000-2000 rw 0 00:00 0\n"};
	struct scl_mapping map;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (parse_map(bad[i], &map))
			CHECK_FAIL("taken: %s", bad[i]);
}

static void parses_a_whole_maps_file(void)
{
	char text[] = "1000-2000 r--p 00000000 fe:00 7 /a\nnonsense\n\n3000-4000 r-xp 00001000 fe:00 7 /a\n"
		      "5000-6000 rw-p 00000000 00:00 0 [heap]";
	struct scl_mapping *maps;
	struct scl_error err;
	size_t n;

	CHECK(scl_proc_maps_parse(text, &maps, &n, &err));
	CHECK_INT(n, 3);
	CHECK_STR(maps[1].path, "/a");
	CHECK_STR(maps[2].path, "[heap]");
	free(maps);
}

static const char stat_tail[] = " R 1 2 3 0 -1 4194304 5 0 6 0 1234 567 0 0 20 0 9 0 88 99 100 18446744073709551615\n";

static void parses_stat_with_hostile_names(void)
{
	const char *const names[] = {"python3", "",	     ")",    "(",      "a) S 1 (",
				     "x\ny",	") R 1 2 3", "))))", "a b  c", "\377\033[2J"};
	struct scl_proc_stat stat;
	char text[256];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(text, sizeof text, "42 (%s)%s", names[i], stat_tail);
		CHECK(scl_proc_stat_parse(text, &stat));
		CHECK_STR(stat.name, names[i]);
		CHECK_INT(stat.state, 'R');
		CHECK_INT(stat.user_ticks, 1234);
		CHECK_INT(stat.system_ticks, 567);
		CHECK_INT(stat.threads, 9);
		CHECK(!stat.kernel_thread);
		CHECK_INT(stat.parent, 1);
		CHECK(!stat.forked);
	}
	CHECK(scl_proc_stat_parse("9 (x) S 8 0 0 0 -1 4194368 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0", &stat));
	CHECK(stat.forked && !stat.kernel_thread);
	CHECK_INT(stat.parent, 8);
	CHECK(scl_proc_stat_parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0", &stat));
	CHECK(stat.kernel_thread);
}

static void cuts_long_names(void)
{
	struct scl_proc_stat stat;
	char text[256];

	snprintf(text, sizeof text, "42 (%064d)%s", 7, stat_tail);
	CHECK(scl_proc_stat_parse(text, &stat));
	CHECK_INT(strlen(stat.name), sizeof stat.name - 1);
}

static void refuses_torn_stat(void)
{
	char whole[256], text[256];
	struct scl_proc_stat stat;

	snprintf(whole, sizeof whole, "42 (python)%s", stat_tail);
	size_t enough = (size_t)(strstr(whole, " 9 0 88") - whole) + 2;
	for (size_t len = 0; len < enough; len++) {
		snprintf(text, sizeof text, "%.*s", (int)len, whole);
		if (scl_proc_stat_parse(text, &stat))
			CHECK_FAIL("taken at %zu bytes", len);
	}
	CHECK(!scl_proc_stat_parse("42 )python( R 1", &stat));
}

static void parses_syscall(void)
{
	struct scl_lwp_status status = {0};

	CHECK(scl_proc_syscall_parse("running\n", &status));
	CHECK(!status.in_syscall);
	CHECK_INT(status.syscall, -1);
	CHECK(scl_proc_syscall_parse("-1 0x7ffd1000 0x7f001000\n", &status));
	CHECK(!status.in_syscall);
	CHECK_INT(status.syscall, -1);
	CHECK(scl_proc_syscall_parse("232 0x3 0x7f10 0x2 0xffffffffffffffff 0x0 0x8 0x7ffe 0x7f11\n", &status));
	CHECK(status.in_syscall);
	CHECK_INT(status.syscall, 232);
	CHECK_INT(status.args[0], 3);
	CHECK(status.args[3] == UINT64_MAX);
	CHECK_INT(status.args[5], 8);
	CHECK(!scl_proc_syscall_parse("232 0x3 0x7f10", &status));
	CHECK(!status.in_syscall);
	CHECK_INT(status.syscall, -1);
	CHECK(!scl_proc_syscall_parse("", &status));
	CHECK(!scl_proc_syscall_parse("walking", &status));
}

static void finds_status_fields(void)
{
	const char text[] =
		"Name:\tUid:\\nUid:\nTgid:\t17\nNSpid:\t17\t4\t1\nUid:\t0\t1000\t0\t0\nCapEff:\t00000000a80425fb\n";
	uint64_t numbers[8];

	CHECK_INT(scl_proc_status_numbers(text, "NSpid", 10, numbers, 8), 3);
	CHECK_INT(numbers[2], 1);
	CHECK_INT(scl_proc_status_numbers(text, "NSpid", 10, numbers, 2), 2);
	CHECK_INT(scl_proc_status_numbers(text, "CapEff", 16, numbers, 1), 1);
	CHECK_INT(numbers[0], 0xa80425fb);
	CHECK_INT(scl_proc_status_numbers(text, "Seccomp", 10, numbers, 1), 0);
	CHECK(!scl_proc_status_field(text, "NSpi"));
	CHECK(!scl_proc_status_field("", "Uid"));
}

static void cleans_paths(void)
{
	static const struct {
		const char *path, *clean;
	} cases[] = {{"/", "/"},      {"//a//b/", "/a/b"}, {"/a/./b/../c", "/a/c"},
		     {"/..", "/"},    {"/../../a", "/a"},  {"/a/..", "/"},
		     {"a/../b", "b"}, {"..", ""},	   {"/a/...", "/a/..."},
		     {"", ""}};
	char buf[64];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		scl_path_clean(cases[i].path, buf, sizeof buf);
		CHECK_STR(buf, cases[i].clean);
	}
	scl_path_clean("/abc/defg/hij", buf, 9);
	CHECK_STR(buf, "/abc");
	scl_path_clean("/abc", buf, 1);
	CHECK_STR(buf, "");
}

static void tells_what_is_below(void)
{
	CHECK_STR(scl_path_below("/srv/root/usr/bin", "/srv/root"), "/usr/bin");
	CHECK_STR(scl_path_below("/srv/root", "/srv/root"), "/");
	CHECK(!scl_path_below("/srv/rootless/x", "/srv/root"));
	CHECK(!scl_path_below("/usr", "/srv/root"));
	CHECK_STR(scl_path_below("/usr", "/"), "/usr");
}

int main(void)
{
	RUN(parses_a_mapping);
	RUN(parses_odd_paths);
	RUN(refuses_lines_that_are_none);
	RUN(parses_a_whole_maps_file);
	RUN(parses_stat_with_hostile_names);
	RUN(cuts_long_names);
	RUN(refuses_torn_stat);
	RUN(parses_syscall);
	RUN(finds_status_fields);
	RUN(cleans_paths);
	RUN(tells_what_is_below);
	return check_finish();
}
