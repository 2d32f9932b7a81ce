/* file.c - files that are written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "command/command.h"

struct draft {
	char path[PATH_MAX]; /* of the file beside the one that is meant */
	int fd;
};

/* A name that the user has from elsewhere may hold anything. */
static bool fail_because(struct scl_error *err, const char *path, int number, const char *why)
{
	struct scl_buffer safe = {0};

	scl_text_puts(&safe, path);
	scl_error_set(err, SCL_EIO, number, 0, "cannot write %s: %s", scl_buffer_str(&safe), why);
	scl_buffer_destroy(&safe);
	return false;
}

static bool fail_path(struct scl_error *err, const char *path, int number)
{
	return fail_because(err, path, number, strerror(number));
}

/* mkostemp() gives mode 0600; a file of the user's has what the umask leaves. The umask of a process with threads
 * can only be read from /proc without changing it (proc(5), Linux 4.7). */
static mode_t wanted_mode(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned mask = 022;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "Umask:", 6) == 0)
			mask = (unsigned)strtoul(line + 6, NULL, 8);
	if (status)
		fclose(status);
	return 0666 & ~mask;
}

/* A symbolic link stays one: what it names is replaced. */
static bool open_draft(struct draft *draft, char *resolved, const char *path, struct scl_error *err)
{
	struct stat st;

	if (!realpath(path, resolved)) {
		if (errno != ENOENT)
			return fail_path(err, path, errno);
		if (snprintf(resolved, PATH_MAX, "%s", path) >= PATH_MAX)
			return fail_path(err, path, ENAMETOOLONG);
	}
	bool exists = stat(resolved, &st) == 0;
	if (exists && S_ISDIR(st.st_mode))
		return fail_path(err, path, EISDIR);
	if (exists && !S_ISREG(st.st_mode))
		return fail_because(err, path, EINVAL, "it is not a regular file");
	if (snprintf(draft->path, sizeof(draft->path), "%s.XXXXXX", resolved) >= (int)sizeof(draft->path))
		return fail_path(err, path, ENAMETOOLONG);
	draft->fd = mkostemp(draft->path, O_CLOEXEC);
	if (draft->fd < 0)
		return fail_path(err, path, errno);
	if (fchmod(draft->fd, exists ? st.st_mode & 0777 : wanted_mode()) != 0) {
		/* File systems without modes refuse; the file is as good there. */
		errno = 0;
	}
	return true;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/*
 * A write beyond RLIMIT_FSIZE fails with EFBIG, and sends the thread SIGXFSZ, which would end the debugger that we live
 * in. Blocked, it is pending for this thread and can be taken back; one that was pending before is not ours to take.
 */
static bool write_within_limit(int fd, const char *text, size_t len)
{
	sigset_t excess, before, pending;

	sigemptyset(&excess);
	sigaddset(&excess, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &excess, &before);
	bool foreign = sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
	bool written = write_all(fd, text, len);
	int number = errno;
	if (!written && number == EFBIG && !foreign)
		sigtimedwait(&excess, NULL, &(struct timespec){0});
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return written;
}

bool scl_write_file(const char *path, const char *text, size_t len, struct scl_error *err)
{
	char resolved[PATH_MAX];
	struct draft draft;

	if (!open_draft(&draft, resolved, path, err))
		return false;
	bool written = write_within_limit(draft.fd, text, len);
	int number = errno;
	/* close() may be the first to say that a quota or a network file system refused the bytes. */
	if (close(draft.fd) != 0 && written) {
		written = false;
		number = errno;
	}
	if (written && rename(draft.path, resolved) == 0)
		return true;
	if (written)
		number = errno;
	unlink(draft.path);
	return fail_path(err, path, number);
}

bool scl_write_file_check(const char *path, struct scl_error *err)
{
	char resolved[PATH_MAX];
	struct draft draft;

	if (!open_draft(&draft, resolved, path, err))
		return false;
	close(draft.fd);
	unlink(draft.path);
	return true;
}
