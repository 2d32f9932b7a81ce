/* test_files.c - files, paths, arguments and environment of a process as it sees them, in a chroot too. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "check.h"
#include "child.h"
#include "target/live.h"

static struct scl_error err;
static char dir[64]; /* the directory of this test; the child's root when it could be made one */
static bool in_chroot;
static struct scl_target *target;

static void write_file(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0);
	if (file)
		fclose(file);
}

static void make_link(const char *to, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	CHECK_INT(symlink(to, path), 0);
}

static void make_tree(void)
{
	char path[256];

	snprintf(dir, sizeof dir, "/tmp/scl-test-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	const char *const dirs[] = {"a", "a/b", "srv"};
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, dirs[i]);
		CHECK_INT(mkdir(path, 0755), 0);
	}
	write_file("a/b/real.py", "inside\n");
	write_file("here.py", "top\n");
	write_file("name with\nnewline", "odd\n");
	make_link("/a/b/real.py", "absolute.py");
	make_link("a/../a/b/real.py", "relative.py");
	make_link("/a", "srv/up");
	make_link("../../../../../../../../../here.py", "srv/climb.py");
	make_link("loop", "loop");
	snprintf(path, sizeof path, "%s/fifo", dir);
	CHECK_INT(mkfifo(path, 0644), 0);
}

static void remove_tree(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	CHECK_INT(system(command), 0);
}

/* A child that lives in the tree: as its root, or else as its working directory. */
static int start_child(int *hold)
{
	int pipe_fds[2], ready[2], pid;
	char ok = 'n';

	if (pipe2(pipe_fds, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pipe_fds[1]);
		if (chdir(dir) == 0)
			ok = chroot(".") == 0 ? 'r' : 'd';
		if (ok == 'n' || write(ready[1], &ok, 1) != 1 || read(pipe_fds[0], &ok, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(pipe_fds[0]);
	close(ready[1]);
	*hold = pipe_fds[1];
	CHECK(read(ready[0], &ok, 1) == 1);
	close(ready[0]);
	in_chroot = ok == 'r';
	return pid;
}

static const char *content(const char *path)
{
	static char buf[64];
	int fd = scl_target_open_file(target, path);

	if (fd < 0)
		return strerrorname_np(errno);
	ssize_t got = read(fd, buf, sizeof buf - 1);
	buf[got > 0 ? got : 0] = '\0';
	close(fd);
	return buf;
}

static const char *resolved(const char *path)
{
	static char buf[SCL_PATH_MAX];

	scl_target_realpath(target, path, buf, sizeof buf);
	return buf;
}

static void opens_files_below_its_root(void)
{
	CHECK_STR(content("/a/b/real.py"), "inside\n");
	CHECK_STR(content("/absolute.py"), "inside\n");
	CHECK_STR(content("/relative.py"), "inside\n");
	CHECK_STR(content("/srv/up/b/real.py"), "inside\n");
	CHECK_STR(content("/srv/climb.py"), "top\n");
	CHECK_STR(content("/../../here.py"), "top\n");
	CHECK_STR(content("/name with\nnewline"), "odd\n");
	CHECK_STR(content("/etc/passwd"), "ENOENT");
	CHECK_STR(content("/nothing"), "ENOENT");
}

static void opens_relative_paths_from_its_cwd(void)
{
	CHECK_STR(content("here.py"), "top\n");
	CHECK_STR(content("a/b/real.py"), "inside\n");
}

static void opens_regular_files_only(void)
{
	CHECK_STR(content(in_chroot ? "/fifo" : "fifo"), "EINVAL");
	CHECK_STR(content(in_chroot ? "/a" : "a"), "EISDIR");
	CHECK(scl_target_open_file(target, "loop") < 0);
	CHECK(scl_target_open_file(target, "") < 0);
}

static void resolves_paths_as_it_would(void)
{
	char cwd[SCL_PATH_MAX];

	CHECK_STR(resolved("/absolute.py"), "/a/b/real.py");
	CHECK_STR(resolved("/relative.py"), "/a/b/real.py");
	CHECK_STR(resolved("/srv/up/b/../b/real.py"), "/a/b/real.py");
	CHECK_STR(resolved("/srv/climb.py"), "/here.py");
	CHECK_STR(resolved("here.py"), "/here.py");
	CHECK_STR(resolved("/not/../there/./x"), "/there/x");
	CHECK_STR(resolved("/loop/x"), "/loop/x");
	CHECK(scl_target_cwd(target, cwd, sizeof cwd, &err));
	CHECK_STR(cwd, "/");
}

static void run_files(const char *name)
{
	check_case = name;
	RUN(opens_regular_files_only);
	RUN(opens_relative_paths_from_its_cwd);
	if (in_chroot) {
		RUN(opens_files_below_its_root);
		RUN(resolves_paths_as_it_would);
	} else {
		check_skipped += 2;
	}
}

static bool is_argument(const char *const *argv, size_t argc, size_t i, const char *want)
{
	return i < argc && strcmp(argv[i], want) == 0;
}

/* Started with arguments and an environment of its own; says "r" when it is there. */
static void reads_arguments_and_environment(void)
{
	struct scl_arena arena = {0};
	const char *const *argv;
	char buf[64] = "", small[4], byte;
	size_t argc = 0;
	int ready[2];

	CHECK_INT(pipe(ready), 0);
	int pid = fork();
	if (pid == 0) {
		char *const args[] = {"wait", "", "two words", "new\nline", NULL};
		char *const env[] = {"A=1", "AB=", "ABC=x=y", "NOEQUALS", NULL};
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		execve("/proc/self/exe", args, env);
		_exit(1);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	struct scl_target *t = scl_live_open(pid, &err);
	CHECK(t != NULL);
	if (t) {
		CHECK(scl_target_command_line(t, &arena, &argv, &argc, &err));
		CHECK_INT(argc, 4);
		CHECK(is_argument(argv, argc, 0, "wait") && is_argument(argv, argc, 1, ""));
		CHECK(is_argument(argv, argc, 2, "two words") && is_argument(argv, argc, 3, "new\nline"));
		CHECK(scl_target_getenv(t, "A", buf, sizeof buf, &err));
		CHECK_STR(buf, "1");
		CHECK(scl_target_getenv(t, "AB", buf, sizeof buf, &err));
		CHECK_STR(buf, "");
		CHECK(scl_target_getenv(t, "ABC", small, sizeof small, &err));
		CHECK_STR(small, "x=y");
		CHECK(!scl_target_getenv(t, "NOEQUALS", buf, sizeof buf, &err));
		CHECK_INT(err.code, SCL_ENOTFOUND);
		CHECK(!scl_target_getenv(t, "B", buf, sizeof buf, &err));
	}
	scl_target_close(t);
	scl_arena_destroy(&arena);
	end_process(pid);
	close(ready[0]);
	close(ready[1]);
}

int main(int argc, char **argv)
{
	int hold = -1;

	if (argc == 4 && strcmp(argv[0], "wait") == 0) {
		if (write(STDOUT_FILENO, "r", 1) == 1)
			pause();
		return 1;
	}
	RUN(reads_arguments_and_environment);
	make_tree();
	int pid = start_child(&hold);
	target = scl_live_open(pid, &err);
	if (target) {
		run_files("openat2");
		/* Kernels before 5.6, and filters that do not know it. */
		if (forbid_syscall(SYS_openat2, ENOSYS))
			run_files("by hand");
	} else {
		check_failed++;
	}
	scl_target_close(target);
	end_process(pid);
	close(hold);
	remove_tree();
	return check_finish();
}
