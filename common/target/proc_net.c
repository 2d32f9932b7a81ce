/* proc_net.c - see proc_net.h. */
#include "target/proc_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* include/net/tcp_states.h */
	TCP_ESTABLISHED = 1,
	TCP_LISTEN = 10,
	/* include/uapi/linux/net.h: __SO_ACCEPTCON, and SS_CONNECTED of socket_state */
	SO_ACCEPTCON_FLAG = 1 << 16,
	SS_CONNECTED_STATE = 3,
	/* Columns between the state and the inode in get_tcp4_sock(), net/ipv4/tcp_ipv4.c, and all of its kind. */
	COLUMNS_BEFORE_INODE = 5,
};

static const char *const state_names[] = {
	[1] = "ESTABLISHED", [2] = "SYN_SENT",	[3] = "SYN_RECV", [4] = "FIN_WAIT1",
	[5] = "FIN_WAIT2",   [6] = "TIME_WAIT", [7] = "CLOSE",	  [8] = "CLOSE_WAIT",
	[9] = "LAST_ACK",    [10] = "LISTEN",	[11] = "CLOSING", [12] = "NEW_SYN_RECV",
};

/* A hexadecimal number of exactly `digits` digits, at most 8. */
static bool take_hex(const char **at, size_t digits, uint32_t *ret)
{
	char copy[9];

	if (strspn(*at, "0123456789abcdefABCDEF") != digits || digits >= sizeof copy)
		return false;
	memcpy(copy, *at, digits);
	copy[digits] = '\0';
	*ret = (uint32_t)strtoul(copy, NULL, 16);
	*at += digits;
	return true;
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* Blanks and a decimal number that ends there or before a blank. */
static bool take_inode(const char **at, uint64_t *ret)
{
	char *end;

	*at += strspn(*at, " ");
	if (strspn(*at, "0123456789") == 0)
		return false;
	errno = 0;
	*ret = strtoull(*at, &end, 10);
	*at = end;
	return errno == 0 && *ret != 0 && (*end == '\0' || *end == ' ');
}

/* The kernel prints each 32 bits of an address as a number of its own byte order, %08X without blanks between. */
static bool take_address(const char **at, size_t words, struct scl_net_address *ret)
{
	uint32_t word, port;

	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < words; i++) {
		char copy[9];
		const char *digits = copy;
		snprintf(copy, sizeof copy, "%.8s", *at);
		if (!take_hex(&digits, 8, &word))
			return false;
		memcpy(ret->bytes + 4 * i, &word, 4);
		*at += 8;
	}
	if (!take_char(at, ':') || !take_hex(at, 4, &port))
		return false;
	ret->port = (uint16_t)port;
	return true;
}

/* "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000   0 4711 1 ..." */
static bool parse_inet(const char *line, size_t words, struct scl_net_socket *ret)
{
	const char *at = line + strspn(line, " ");
	uint32_t state;

	at += strspn(at, "0123456789");
	if (!take_char(&at, ':') || !take_char(&at, ' ') || !take_address(&at, words, &ret->local) ||
	    !take_char(&at, ' ') || !take_address(&at, words, &ret->peer) || !take_char(&at, ' ') ||
	    !take_hex(&at, 2, &state))
		return false;
	for (int i = 0; i < COLUMNS_BEFORE_INODE; i++) {
		at += strspn(at, " ");
		at += strcspn(at, " ");
	}
	ret->state = (uint8_t)state;
	ret->path = "";
	return take_inode(&at, &ret->inode);
}

/* "00000000abb3569b: 00000003 00000000 00010000 0001 01  1529 /run/x.sock", unix_seq_show(), net/unix/af_unix.c. */
static bool parse_unix(const char *line, struct scl_net_socket *ret)
{
	const char *at = line + strspn(line, "0123456789abcdefABCDEF");
	uint32_t references, protocol, flags, type, state;

	if (!take_char(&at, ':') || !take_char(&at, ' ') || !take_hex(&at, 8, &references) || !take_char(&at, ' ') ||
	    !take_hex(&at, 8, &protocol) || !take_char(&at, ' ') || !take_hex(&at, 8, &flags) || !take_char(&at, ' ') ||
	    !take_hex(&at, 4, &type) || !take_char(&at, ' ') || !take_hex(&at, 2, &state) || !take_char(&at, ' ') ||
	    !take_inode(&at, &ret->inode))
		return false;
	ret->path = *at ? at + 1 : at;
	if (flags & SO_ACCEPTCON_FLAG)
		ret->state = TCP_LISTEN;
	else if (state == SS_CONNECTED_STATE)
		ret->state = TCP_ESTABLISHED;
	return true;
}

bool scl_proc_net_parse(enum scl_net_table table, const char *line, struct scl_net_socket *ret)
{
	*ret = (struct scl_net_socket){.path = ""};
	if (table == SCL_NET_UNIX)
		return parse_unix(line, ret);
	if (!parse_inet(line, table == SCL_NET_TCP6 || table == SCL_NET_UDP6 ? 4 : 1, ret))
		return false;
	/* A datagram socket borrows the number of CLOSE where it is not connected. */
	if ((table == SCL_NET_UDP || table == SCL_NET_UDP6) && ret->state != TCP_ESTABLISHED)
		ret->state = 0;
	return true;
}

enum scl_fd_kind scl_proc_net_kind(enum scl_net_table table)
{
	static const enum scl_fd_kind kinds[SCL_NET_TABLES] = {
		[SCL_NET_TCP] = SCL_FD_TCP,  [SCL_NET_TCP6] = SCL_FD_TCP,  [SCL_NET_UDP] = SCL_FD_UDP,
		[SCL_NET_UDP6] = SCL_FD_UDP, [SCL_NET_UNIX] = SCL_FD_UNIX,
	};

	return kinds[table];
}

/* "" for no address at all: port 0 is no port. */
static void show_address(const struct scl_net_address *address, bool v6, char *buf, size_t cap)
{
	char text[INET6_ADDRSTRLEN];

	buf[0] = '\0';
	if (address->port == 0 || !inet_ntop(v6 ? AF_INET6 : AF_INET, address->bytes, text, sizeof text))
		return;
	snprintf(buf, cap, v6 ? "[%s]:%u" : "%s:%u", text, (unsigned)address->port);
}

void scl_proc_net_fill(enum scl_net_table table, const struct scl_net_socket *socket, struct scl_fd *ret)
{
	bool v6 = table == SCL_NET_TCP6 || table == SCL_NET_UDP6;
	const char *state =
		socket->state < sizeof state_names / sizeof state_names[0] ? state_names[socket->state] : NULL;

	ret->kind = scl_proc_net_kind(table);
	snprintf(ret->state, sizeof ret->state, "%s", state ? state : "");
	if (table == SCL_NET_UNIX) {
		snprintf(ret->local, sizeof ret->local, "%s", socket->path);
		return;
	}
	show_address(&socket->local, v6, ret->local, sizeof ret->local);
	show_address(&socket->peer, v6, ret->peer, sizeof ret->peer);
}
