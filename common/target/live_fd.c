/*
 * live_fd.c - descriptors of a running process, from /proc/PID/fd, fdinfo and net.
 *
 * Nothing is opened through a link of /proc/PID/fd: that would make a second open file of a FIFO, a terminal or a
 * device. Looking at the file behind a link does not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "target/fds.h"
#include "target/live.h"
#include "target/live_process.h"
#include "target/proc_status.h"

enum { RACES_MAX = 3 };

static const char *const table_files[SCL_NET_TABLES] = {
	[SCL_NET_TCP] = "net/tcp",   [SCL_NET_TCP6] = "net/tcp6", [SCL_NET_UDP] = "net/udp",
	[SCL_NET_UDP6] = "net/udp6", [SCL_NET_UNIX] = "net/unix",
};

/* What the kernel calls the protocols of those tables, /proc/net/protocols; the last since Linux 5.15. */
static const struct {
	const char *protocol;
	enum scl_net_table table;
} protocols[] = {
	{"TCP", SCL_NET_TCP},	 {"TCPv6", SCL_NET_TCP6}, {"UDP", SCL_NET_UDP},
	{"UDPv6", SCL_NET_UDP6}, {"UNIX", SCL_NET_UNIX},  {"UNIX-STREAM", SCL_NET_UNIX},
};

/* Names of files that have no path; a path begins with "/". See the callers of anon_inode_getfile() in the kernel. */
static const struct {
	const char *link;
	enum scl_fd_kind kind;
} anonymous[] = {
	{"pipe:[", SCL_FD_PIPE},
	{"socket:[", SCL_FD_SOCKET},
	{"anon_inode:[eventfd]", SCL_FD_EVENTFD},
	{"anon_inode:[eventpoll]", SCL_FD_EPOLL},
	{"anon_inode:[timerfd]", SCL_FD_TIMERFD},
	{"anon_inode:[signalfd]", SCL_FD_SIGNALFD},
	{"anon_inode:inotify", SCL_FD_INOTIFY},
	{"anon_inode:[inotify]", SCL_FD_INOTIFY},
	{"anon_inode:[pidfd]", SCL_FD_PIDFD},
	{"pidfd:[", SCL_FD_PIDFD},
};

static const struct scl_net_socket *find_in_table(const struct scl_live *live, struct scl_fds *fds,
						  enum scl_net_table table, uint64_t inode)
{
	if (!scl_fds_has(fds, table)) {
		/* A kernel without IPv6 has not all of these files. */
		int file = openat(live->proc, table_files[table], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		scl_fds_read(fds, table, file);
		if (file >= 0)
			close(file);
	}
	return scl_fds_find(fds, table, inode);
}

/*
 * The protocol of any socket, in the tables or not, is an attribute of its file: sockfs_xattr_get(), net/socket.c. There
 * is no getxattrat(2) before Linux 6.13; the way through our own descriptor stays with the process, not its number.
 */
static void read_protocol(const struct scl_live *live, int fd, char *buf, size_t cap)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d/fd/%d", live->proc, fd);
	ssize_t len = getxattr(path, "system.sockprotoname", buf, cap - 1);
	buf[len > 0 ? len : 0] = '\0';
}

static void look_at_socket(const struct scl_live *live, struct scl_fds *fds, int fd, struct scl_fd *ret)
{
	const struct scl_net_socket *socket = NULL;
	enum scl_net_table table = SCL_NET_TCP;

	read_protocol(live, fd, ret->protocol, sizeof ret->protocol);
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		if (strcmp(ret->protocol, protocols[i].protocol) != 0)
			continue;
		table = protocols[i].table;
		ret->kind = scl_proc_net_kind(table);
		socket = find_in_table(live, fds, table, ret->inode);
	}
	/* Where the attribute is not to be had. `unix` is the last, since its lines can be forged. */
	for (int i = 0; !ret->protocol[0] && !socket && i < SCL_NET_TABLES; i++) {
		table = (enum scl_net_table)i;
		socket = find_in_table(live, fds, table, ret->inode);
	}
	if (socket)
		scl_proc_net_fill(table, socket, ret);
}

/* "Pid:" is in the pid namespace of the /proc that is read, which is ours: pidfd_show_fdinfo(), proc_pid_fdinfo(5). */
static void look_at_pidfd(const struct scl_live *live, int fd, struct scl_fd *ret)
{
	struct scl_buffer text = {0};
	uint64_t pid = 0;
	char name[32];

	snprintf(name, sizeof name, "fdinfo/%d", fd);
	/* strtoull(3) takes the -1 of a process that has ended, and yields its two's complement. */
	if (scl_live_slurp(live->proc, name, &text) &&
	    scl_proc_status_numbers(scl_buffer_str(&text), "Pid", 10, &pid, 1) == 1)
		ret->pid = pid == UINT64_MAX ? -1 : pid <= INT32_MAX ? (int64_t)pid : 0;
	scl_buffer_destroy(&text);
}

/* Majors of terminals, Documentation/admin-guide/devices.txt. */
static bool is_terminal(uint32_t device_major)
{
	/* The consoles and serial lines, /dev/tty and /dev/ptmx, USB modems, USB serial, the serial lines of ARM,
	 * consoles of hypervisors. */
	static const uint32_t single[] = {4, 5, 166, 188, 204, 229};

	for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
		if (device_major == single[i])
			return true;
	return device_major >= 136 && device_major <= 143; /* /dev/pts/N */
}

static enum scl_fd_kind kind_of_file(const struct statx *st)
{
	switch (st->stx_mode & S_IFMT) {
	case S_IFREG:
		return SCL_FD_FILE;
	case S_IFDIR:
		return SCL_FD_DIRECTORY;
	case S_IFIFO:
		return SCL_FD_FIFO;
	case S_IFBLK:
		return SCL_FD_DEVICE;
	case S_IFCHR:
		return is_terminal(st->stx_rdev_major) ? SCL_FD_TTY : SCL_FD_DEVICE;
	default:
		return SCL_FD_OTHER;
	}
}

/* A file server that does not answer must not make us wait, so attributes that are known are good enough. */
static void look_at_file(const struct scl_live *live, const char *name, struct scl_fd *ret)
{
	struct statx st;

	if (statx(live->proc, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO, &st) != 0)
		return;
	ret->kind = kind_of_file(&st);
	ret->inode = st.stx_ino;
}

static void look(const struct scl_live *live, struct scl_fds *fds, int fd, const char *name, struct scl_fd *ret)
{
	const char *bracket = strchr(ret->path, '[');

	if (ret->path[0] == '/' || !ret->path[0]) {
		look_at_file(live, name, ret);
		return;
	}
	for (size_t i = 0; i < sizeof anonymous / sizeof anonymous[0]; i++)
		if (strncmp(ret->path, anonymous[i].link, strlen(anonymous[i].link)) == 0)
			ret->kind = anonymous[i].kind;
	/* 0 where there is a word in the brackets. */
	ret->inode = bracket ? strtoull(bracket + 1, NULL, 10) : 0;
	if (ret->kind == SCL_FD_SOCKET)
		look_at_socket(live, fds, fd, ret);
	else if (ret->kind == SCL_FD_PIDFD)
		look_at_pidfd(live, fd, ret);
}

/* A path that is longer than a page is not to be had (ENAMETOOLONG), and "" then. */
static bool read_fd_link(const struct scl_live *live, const char *name, char *buf, size_t cap)
{
	buf[0] = '\0';
	return scl_live_link(live, name, buf, cap) || errno == ENAMETOOLONG;
}

bool scl_live_fd(struct scl_target *t, struct scl_fds *fds, int fd, struct scl_fd *ret, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	char name[32], again[SCL_PATH_MAX];

	snprintf(name, sizeof name, "fd/%d", fd);
	/* The process runs: the number may be another file's by the time that the rest is read. */
	for (int i = 0; i < RACES_MAX; i++) {
		*ret = (struct scl_fd){.kind = SCL_FD_OTHER};
		if (!read_fd_link(live, name, ret->path, sizeof ret->path)) {
			int number = errno;
			if (number != ENOENT || !scl_live_alive(t))
				return scl_live_fail_proc(live, name, number, err);
			return scl_fail_errno(err, SCL_ENOTFOUND, EBADF, "process %d has no file descriptor %d", t->pid,
					      fd);
		}
		look(live, fds, fd, name, ret);
		if (read_fd_link(live, name, again, sizeof again) && strcmp(again, ret->path) == 0)
			break;
	}
	return true;
}
