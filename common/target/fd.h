/*
 * fd.h - what a file descriptor of the debuggee is: which file, whose address at the other end.
 *
 * The kernel is asked (proc_pid_fd(5), proc_pid_fdinfo(5), proc_pid_net(5)), never the process: nothing is opened,
 * duplicated or read through the descriptor. Paths are the target's own, addresses those of its network namespace.
 */
#ifndef SCL_TARGET_FD_H
#define SCL_TARGET_FD_H

#include "target/target.h"

struct scl_buffer;

/* Each kind with the word for it. */
#define SCL_FD_KINDS(X)                                                                                                \
	X(OTHER, "other")                                                                                              \
	X(FILE, "file")                                                                                                \
	X(DIRECTORY, "directory")                                                                                      \
	X(DEVICE, "device")                                                                                            \
	X(TTY, "tty")                                                                                                  \
	X(PIPE, "pipe") /* pipe(2) */                                                                                  \
	X(FIFO, "fifo") /* with a path, fifo(7) */                                                                     \
	X(TCP, "tcp")                                                                                                  \
	X(UDP, "udp")                                                                                                  \
	X(UNIX, "unix")                                                                                                \
	X(SOCKET, "socket") /* of another protocol, or of one that the kernel does not tell */                         \
	X(EVENTFD, "eventfd")                                                                                          \
	X(EPOLL, "epoll")                                                                                              \
	X(TIMERFD, "timerfd")                                                                                          \
	X(SIGNALFD, "signalfd")                                                                                        \
	X(INOTIFY, "inotify")                                                                                          \
	X(PIDFD, "pidfd")

#define SCL_FD_KIND(name, word) SCL_FD_##name,
enum scl_fd_kind { SCL_FD_KINDS(SCL_FD_KIND) };
#undef SCL_FD_KIND

enum { SCL_FD_NAME = 128 };

/* A value; nothing in it is escaped, and the paths are whatever somebody called them. */
struct scl_fd {
	enum scl_fd_kind kind;
	char local[SCL_FD_NAME]; /* "10.0.0.1:80", "[::1]:80", "/run/x.sock", "@abstract"; "" where none or not known */
	char peer[SCL_FD_NAME];	 /* the same of the other end; the kernel tells none of a unix socket */
	char state[16];		 /* "ESTABLISHED", "LISTEN", ... of TCP; these two of unix and UDP, too; else "" */
	char protocol[16];	 /* the kernel's name of a socket's protocol: "TCPv6", "NETLINK"; "" where not known */
	char path[SCL_PATH_MAX]; /* what the link in /proc says: a path of the target's, "pipe:[8123]", ... */
	int64_t pid;		 /* of a pidfd: its process in our pid namespace, 0 not visible there, -1 ended */
	uint64_t inode;		 /* of a file, or the number in "pipe:[8123]"; 0 where not known */
};

/*
 * The socket tables of the target's network namespace, for the lookups of one command: each is read when a socket of
 * its kind is first asked for, and not again, so that all answers are of one time. A socket that is made later is known
 * by its protocol alone. For one target; at most some 100,000 sockets are kept.
 */
struct scl_fds;
/* NULL when memory ran out, which scl_target_fd takes. */
struct scl_fds *scl_fds_create(void);
void scl_fds_destroy(struct scl_fds *fds);

/*
 * What descriptor `fd` of the process is. `fds` may be NULL: then the tables are read for this one answer. What the
 * kernel does not tell stays empty, and is no error. SCL_ENOTFOUND when there is no such descriptor, SCL_EGONE when the
 * process has ended, SCL_EPERM, SCL_EUNSUPPORTED where the target knows no kernel.
 */
SCL_CHECKED bool scl_target_fd(struct scl_target *t, struct scl_fds *fds, int fd, struct scl_fd *ret,
			       struct scl_error *err);

/*
 * Append it as a few words, made fit for a terminal: "tcp 10.0.0.5:5432 ESTABLISHED", "tcp listening on
 * 127.0.0.1:8000", "unix /run/x.sock", "udp on 0.0.0.0:53", "pipe 8123", "pidfd of 4711", "tty /dev/pts/3", "epoll".
 */
void scl_fd_describe(const struct scl_fd *fd, struct scl_buffer *out);

#endif
