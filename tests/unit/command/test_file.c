/* test_file.c - files are written whole or not at all. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"

static char dir[] = "/tmp/scl-test-file-XXXXXX";
static char path[256];
static struct scl_error err;

static const char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *content(const char *name)
{
	static char text[256];
	FILE *f = fopen(name, "r");

	if (!f)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static int count_files(void)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_mode & 0777 : 0;
}

static void writes_a_new_file(void)
{
	umask(027);
	CHECK(scl_write_file(in_dir("new"), "hello", 5, &err));
	CHECK_STR(content(path), "hello");
	CHECK_INT(mode_of(path), 0640);
	CHECK_INT(count_files(), 1);
}

static void replaces_a_file_and_keeps_its_mode(void)
{
	CHECK(scl_write_file(in_dir("new"), "old", 3, &err));
	chmod(path, 0604);
	CHECK(scl_write_file(path, "newer", 5, &err));
	CHECK_STR(content(path), "newer");
	CHECK_INT(mode_of(path), 0604);
	CHECK_INT(count_files(), 1);
}

static void writes_through_a_link(void)
{
	char name[300];

	CHECK(scl_write_file(in_dir("new"), "old", 3, &err));
	snprintf(name, sizeof(name), "%s/link", dir);
	CHECK_INT(symlink("new", name), 0);
	CHECK(scl_write_file(name, "through", 7, &err));
	CHECK_STR(content(in_dir("new")), "through");
	struct stat st;
	CHECK(lstat(name, &st) == 0 && S_ISLNK(st.st_mode));
	unlink(name);
}

static void refuses(const char *name, int number)
{
	int before = count_files();

	err = (struct scl_error){0};
	CHECK(!scl_write_file(name, "x", 1, &err));
	CHECK_INT(err.code, SCL_EIO);
	CHECK_INT(err.sys_errno, number);
	CHECK_CONTAINS(err.text, name);
	err = (struct scl_error){0};
	CHECK(!scl_write_file_check(name, &err));
	CHECK_INT(err.sys_errno, number);
	CHECK_INT(count_files(), before);
}

static void says_why_it_cannot(void)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/none/file", dir);
	refuses(name, ENOENT);
	refuses(dir, EISDIR);
	CHECK(scl_write_file(in_dir("new"), "x", 1, &err));
	snprintf(name, sizeof(name), "%s/new/file", dir);
	refuses(name, ENOTDIR);
	refuses("/proc/self/nosuch", ENOENT);
}

static void a_name_never_steers_a_terminal(void)
{
	CHECK(!scl_write_file("/none/\x1b[31m\xe2\x80\xae", "x", 1, &err));
	CHECK_CONTAINS(err.text, "cannot write /none/\\x1b[31m\\u202e: ");
	CHECK(!scl_write_file_check("/none/\x1b[31m\xff", &err));
	CHECK_CONTAINS(err.text, "cannot write /none/\\x1b[31m\\xff: ");
}

static void a_check_leaves_nothing(void)
{
	int before = count_files();

	CHECK(scl_write_file_check(in_dir("later"), &err));
	CHECK_INT(count_files(), before);
	CHECK(!content(path));
}

static void a_device_is_refused(void)
{
	refuses("/dev/null", EINVAL);
	CHECK_CONTAINS(err.text, "not a regular file");
}

/* A limit on the size of files stands for a disk that is full. Its signal would end this program. */
static void a_write_that_fails_keeps_the_old_file(void)
{
	struct rlimit before, small = {.rlim_cur = 4, .rlim_max = RLIM_INFINITY};
	sigset_t pending, blocked;

	CHECK(scl_write_file(in_dir("new"), "old", 3, &err));
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	bool written = scl_write_file(path, "longer than four", 16, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	CHECK(!written);
	CHECK_INT(err.sys_errno, EFBIG);
	CHECK_STR(content(path), "old");
	CHECK_INT(count_files(), 1);
	CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGXFSZ));
	CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGXFSZ));
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	RUN(writes_a_new_file);
	RUN(replaces_a_file_and_keeps_its_mode);
	RUN(writes_through_a_link);
	RUN(says_why_it_cannot);
	RUN(a_name_never_steers_a_terminal);
	RUN(a_check_leaves_nothing);
	RUN(a_device_is_refused);
	RUN(a_write_that_fails_keeps_the_old_file);
	unlink(in_dir("new"));
	rmdir(dir);
	return check_finish();
}
