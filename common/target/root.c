/* root.c - see root.h. */
#include "target/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "target/path.h"
#include "target/target.h"

enum { RACES_MAX = 8, LINKS_MAX = 40 /* MAXSYMLINKS, include/linux/namei.h */ };

bool scl_root_read_link(int dir, const char *name, char *buf, size_t cap)
{
	ssize_t len = readlinkat(dir, name, buf, cap - 1);

	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/*
 * Resolve every link of the absolute path below `root` by hand: what openat2(2) does better, for kernels before 5.6 and
 * filters that forbid it. Returns false where something is missing; `buf` then has the rest as it was.
 */
static bool walk_links(int root, const char *path, char *buf, size_t cap)
{
	char rest[SCL_PATH_MAX], link[SCL_PATH_MAX], joined[2 * SCL_PATH_MAX];
	bool there = true;
	int links = 0;

	if (snprintf(rest, sizeof rest, "%s", path) >= (int)sizeof rest || cap < 2)
		return false;
	memcpy(buf, "/", 2);
	for (const char *at = rest; *at;) {
		char parent[SCL_PATH_MAX];
		size_t len = strcspn(at, "/");
		const char *next = at + len + (at[len] == '/');
		snprintf(parent, sizeof parent, "%s", buf);
		if (!scl_path_push(buf, cap, at, len))
			return false;
		struct stat st;
		if (buf[1] && fstatat(root, buf + 1, &st, AT_SYMLINK_NOFOLLOW) != 0)
			there = false;
		if (there && buf[1] && S_ISLNK(st.st_mode) && scl_root_read_link(root, buf + 1, link, sizeof link)) {
			if (++links > LINKS_MAX)
				return false;
			snprintf(joined, sizeof joined, "%s/%s", link, next);
			if (snprintf(rest, sizeof rest, "%s", joined) >= (int)sizeof rest)
				return false;
			snprintf(buf, cap, "%s", link[0] == '/' ? "/" : parent);
			next = rest;
		}
		at = next;
	}
	return there;
}

int scl_root_find(int root, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	char plain[SCL_PATH_MAX];
	long fd = -1;

	if (root < 0) {
		errno = ENOENT;
		return -1;
	}
	/* EAGAIN: a rename came in between, openat2(2). */
	for (int i = 0; i < RACES_MAX; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		errno = ENOENT;
		if (walk_links(root, path, plain, sizeof plain))
			fd = openat(root, plain[1] ? plain + 1 : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	return (int)fd;
}

/* A second open of an O_PATH descriptor: what it is has been looked at by then, and a FIFO is never opened. */
static int reopen_regular(int path_fd)
{
	struct stat st;
	char name[32];

	if (fstat(path_fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int scl_root_open(int root, const char *path)
{
	int path_fd = scl_root_find(root, path);
	if (path_fd < 0)
		return -1;
	int fd = reopen_regular(path_fd);
	int number = errno;
	close(path_fd);
	errno = number;
	return fd;
}
