/*
 * proc_net.h - the lines of /proc/PID/net/{tcp,tcp6,udp,udp6,unix}, proc_pid_net(5).
 *
 * Text in, value out. Any process of the network namespace chooses the names in `unix`, and the kernel prints a newline
 * in one as it is: what follows it may look like a line.
 */
#ifndef SCL_TARGET_PROC_NET_H
#define SCL_TARGET_PROC_NET_H

#include "target/fd.h"

enum scl_net_table { SCL_NET_TCP, SCL_NET_TCP6, SCL_NET_UDP, SCL_NET_UDP6, SCL_NET_UNIX, SCL_NET_TABLES };

struct scl_net_address {
	uint8_t bytes[16]; /* in network order; 4 of them for IPv4 */
	uint16_t port;
};

struct scl_net_socket {
	uint64_t inode; /* never 0 */
	struct scl_net_address local, peer;
	uint8_t state;	  /* include/net/tcp_states.h; 0 where the protocol has none */
	const char *path; /* of a unix socket, "" where it has none */
};

/* `line` is NUL-terminated and without its newline; `path` points into it. False when it is no line of a socket that a
 * process holds: a heading, a connection in TIME_WAIT, or anything else. */
bool scl_proc_net_parse(enum scl_net_table table, const char *line, struct scl_net_socket *ret);

/* Kind, addresses and state of a socket of that table. */
void scl_proc_net_fill(enum scl_net_table table, const struct scl_net_socket *socket, struct scl_fd *ret);
/* SCL_FD_TCP, SCL_FD_UDP or SCL_FD_UNIX. */
enum scl_fd_kind scl_proc_net_kind(enum scl_net_table table);

#endif
