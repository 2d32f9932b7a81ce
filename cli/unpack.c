/* unpack.c - see unpack.h. */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target/path.h"

enum { MAGIC = 6, SHOWN = 256, STATUS_NOT_FOUND = 127 };

struct format {
	const char *magic;
	size_t size;
	const char *program;
};

/* RFC 8878, the LZ4 frame format, the .xz file format, RFC 1952. */
static const struct format formats[] = {
	{"\x28\xb5\x2f\xfd", 4, "zstd"},
	{"\x04\x22\x4d\x18", 4, "lz4"},
	{"\xfd"
	 "7zXZ",
	 6, "xz"},
	{"\x1f\x8b", 2, "gzip"},
};

static const struct format *format_of(int fd)
{
	char magic[MAGIC];
	ssize_t got = pread(fd, magic, sizeof magic, 0);

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (got >= (ssize_t)formats[i].size && memcmp(magic, formats[i].magic, formats[i].size) == 0)
			return &formats[i];
	return NULL;
}

static int make_temporary(struct scl_error *err)
{
	const char *directory = getenv("TMPDIR");
	char path[4096], shown[SHOWN];
	int fd = -1;

	if (!directory || !directory[0])
		directory = "/var/tmp";
	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof path, "%s/scalene-core-XXXXXX", directory) < (int)sizeof path)
		fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	else
		scl_error_set(err, SCL_EIO, errno, 0, "cannot make a file in %s: %s; TMPDIR names another directory",
			      scl_path_show(directory, shown, sizeof shown), strerror(errno));
	return fd;
}

/* Exit status of the program, which reads one descriptor and writes the other; -1 when it could not be started. */
static int run_program(const char *program, int from, int to)
{
	char name[16], option[] = "-dc"; /* posix_spawn(3) does not change them, but wants to be able to */
	char *const argv[] = {name, option, NULL};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	snprintf(name, sizeof name, "%s", program);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
	int failed = posix_spawnp(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed) {
		errno = failed;
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int unpack(int packed, const char *program, const char *path, struct scl_error *err)
{
	char shown[SHOWN];
	int fd = make_temporary(err);
	struct stat st;

	if (fd < 0)
		return -1;
	scl_path_show(path, shown, sizeof shown);
	int status = run_program(program, packed, fd);
	bool some = fstat(fd, &st) == 0 && st.st_size > 0;
	if (status == 0 || (status > 0 && status != STATUS_NOT_FOUND && some)) {
		if (status != 0)
			fprintf(stderr,
				"scalene-dbg: %s is damaged: %s ended with status %d; what there is before that is "
				"read\n",
				shown, program, status);
		return fd;
	}
	if (status < 0)
		scl_error_set(err, SCL_EIO, errno, 0,
			      "%s is compressed, and the program %s cannot be started (%s): install "
			      "it, or unpack the core yourself",
			      shown, program, strerror(errno));
	else
		scl_error_set(err, SCL_EIO, 0, 0, "%s cannot be unpacked: %s ended with status %d", shown, program,
			      status);
	close(fd);
	return -1;
}

int unpack_open(const char *path, struct scl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char shown[SHOWN];

	if (fd < 0) {
		scl_error_set(err, SCL_EIO, errno, 0, "cannot open %s: %s", scl_path_show(path, shown, sizeof shown),
			      strerror(errno));
		return -1;
	}
	const struct format *format = format_of(fd);
	if (!format)
		return fd;
	int unpacked = unpack(fd, format->program, path, err);
	close(fd);
	return unpacked;
}
