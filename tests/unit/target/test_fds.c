/* test_fds.c - the socket tables of /proc/PID/net as values, and what lies in them; a descriptor in words. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "check.h"
#include "target/fds.h"

static const char tcp_heading[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

/* As read from a file: more than one read, whatever is in it. */
static struct scl_fds *read_bytes(enum scl_net_table table, const void *bytes, size_t size)
{
	struct scl_fds *fds = scl_fds_create();
	int file = memfd_create("table", MFD_CLOEXEC);

	CHECK(fds && file >= 0 && write(file, bytes, size) == (ssize_t)size && lseek(file, 0, SEEK_SET) == 0);
	if (fds)
		scl_fds_read(fds, table, file);
	close(file);
	return fds;
}

static struct scl_fds *read_text(enum scl_net_table table, const char *text)
{
	return read_bytes(table, text, strlen(text));
}

/* What is said of that inode: "local peer state", or "none". */
static const char *said(const struct scl_fds *fds, enum scl_net_table table, uint64_t inode)
{
	static char text[512];
	struct scl_fd fd = {.kind = SCL_FD_OTHER};
	const struct scl_net_socket *socket = scl_fds_find(fds, table, inode);

	if (!socket)
		return "none";
	scl_proc_net_fill(table, socket, &fd);
	CHECK_INT(fd.kind, scl_proc_net_kind(table));
	snprintf(text, sizeof text, "%s %s %s", fd.local, fd.peer, fd.state);
	return text;
}

static void parses_ipv4(void)
{
	char text[1024];

	snprintf(
		text, sizeof text, "%s%s", tcp_heading,
		"   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1533 1 0 "
		"100 0\n"
		"   1: 0500000A:CD14 0100007F:1538 01 00000000:00000000 02:000A7D5F 00000000  1000        0 4711 2 0 "
		"20 4\n"
		"   2: 0500000A:CD16 0100007F:1538 06 00000000:00000000 03:00000D2F 00000000     0        0 0 3 0\n"
		"1234: 0500000A:CD18 0100007F:1538 08 00000000:00000000 00:00000000 00000000  1000        -1 4712 1\n");
	struct scl_fds *fds = read_text(SCL_NET_TCP, text);
	CHECK(scl_fds_has(fds, SCL_NET_TCP) && !scl_fds_has(fds, SCL_NET_TCP6));
	CHECK_STR(said(fds, SCL_NET_TCP, 1533), "127.0.0.1:8000  LISTEN");
	CHECK_STR(said(fds, SCL_NET_TCP, 4711), "10.0.0.5:52500 127.0.0.1:5432 ESTABLISHED");
	CHECK_STR(said(fds, SCL_NET_TCP, 4712), "10.0.0.5:52504 127.0.0.1:5432 CLOSE_WAIT");
	CHECK_STR(said(fds, SCL_NET_TCP, 0), "none");
	CHECK_STR(said(fds, SCL_NET_TCP6, 4711), "none");
	scl_fds_destroy(fds);
	fds = read_text(
		SCL_NET_UDP,
		"  81: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   0        0 9 2 0 0\n"
		"  82: 0100007F:8000 0100007F:0035 01 00000000:00000000 00:00000000 00000000   0        0 10 2 0 0\n");
	CHECK_STR(said(fds, SCL_NET_UDP, 9), "0.0.0.0:53  ");
	CHECK_STR(said(fds, SCL_NET_UDP, 10), "127.0.0.1:32768 127.0.0.1:53 ESTABLISHED");
	scl_fds_destroy(fds);
}

static void parses_ipv6(void)
{
	struct scl_fds *fds = read_text(
		SCL_NET_TCP6,
		" 0: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7 1\n"
		" 1: 0000000000000000FFFF00000500000A:1F40 0000000000000000FFFF00000600000A:CD14 04 0:0 0:0 0 0 0 8 1\n"
		" 2: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 9 1\n");

	CHECK_STR(said(fds, SCL_NET_TCP6, 7), "[::1]:8000  LISTEN");
	CHECK_STR(said(fds, SCL_NET_TCP6, 8), "[::ffff:10.0.0.5]:8000 [::ffff:10.0.0.6]:52500 FIN_WAIT1");
	CHECK_STR(said(fds, SCL_NET_TCP6, 9), "none");
	scl_fds_destroy(fds);
}

static void parses_unix(void)
{
	char text[1024], path[109];

	memset(path, 'x', 108);
	path[108] = '\0';
	snprintf(text, sizeof text,
		 "Num       RefCount Protocol Flags    Type St Inode Path\n"
		 "00000000abb3569b: 00000002 00000000 00010000 0001 01  1529 /run/x.sock\n"
		 "0000000000000000: 00000003 00000000 00000000 0001 03  1530\n"
		 "0000000000000000: 00000003 00000000 00000000 0001 03 15310 @abstract name \n"
		 "0000000000000000: 00000002 00000000 00000000 0002 01 15320 %s\n",
		 path);
	struct scl_fds *fds = read_text(SCL_NET_UNIX, text);
	CHECK_STR(said(fds, SCL_NET_UNIX, 1529), "/run/x.sock  LISTEN");
	CHECK_STR(said(fds, SCL_NET_UNIX, 1530), "  ESTABLISHED");
	CHECK_STR(said(fds, SCL_NET_UNIX, 15310), "@abstract name   ESTABLISHED");
	CHECK(strncmp(said(fds, SCL_NET_UNIX, 15320), path, 108) == 0);
	scl_fds_destroy(fds);
}

static void leaves_out_lines_that_are_none(void)
{
	static const char *const inet[] = {
		"",
		":",
		"0:",
		"0: ",
		"0: 0100007F",
		"0: 0100007F:1F40",
		"0: 0100007F:1F40 00000000:0000",
		"0: 0100007F:1F40 00000000:0000 0A",
		"0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0",
		"0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 0 1",
		"0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 -7 1",
		"0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 7x 1",
		"0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 99999999999999999999 1",
		"0: 0100007F:1F40 00000000:0000 00A 0:0 0:0 0 0 0 7 1",
		"0: 0100007G:1F40 00000000:0000 0A 0:0 0:0 0 0 0 7 1",
		"0: 0100007F:11F40 00000000:0000 0A 0:0 0:0 0 0 0 7 1",
		"0: 0100007F0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 7 1",
		"0:  0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 7 1",
		"x: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 7 1",
	};
	static const char *const local[] = {
		"",
		"0: ",
		"0: 00000002 00000000 00010000 0001 01",
		"0: 00000002 00000000 00010000 0001 01 x",
		"0: 00000002 00000000 00010000 0001 01 0 /x",
		"0: 00000002 00000000 00010000 0001 01 -1 /x",
		"0: 00000002 00000000 00010000 0001 01 7/x",
		"0: 00000002 00000000 0010000 0001 01 7 /x",
		"0: 00000002 00000000 00010000 0001 001 7 /x",
	};
	struct scl_net_socket socket;

	for (size_t i = 0; i < sizeof inet / sizeof inet[0]; i++)
		for (int table = SCL_NET_TCP; table < SCL_NET_UNIX; table++)
			if (scl_proc_net_parse((enum scl_net_table)table, inet[i], &socket))
				CHECK_FAIL("taken for %d: %s", table, inet[i]);
	for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
		if (scl_proc_net_parse(SCL_NET_UNIX, local[i], &socket))
			CHECK_FAIL("taken: %s", local[i]);
	/* A state that no kernel has yet. */
	CHECK(scl_proc_net_parse(SCL_NET_TCP, "0: 0100007F:1F40 00000000:0000 FF 0:0 0:0 0 0 0 7 1", &socket));
	struct scl_fd fd = {.kind = SCL_FD_OTHER};
	scl_proc_net_fill(SCL_NET_TCP, &socket, &fd);
	CHECK_STR(fd.state, "");
}

#define OTHER "0: 00000002 00000000 00010000 0001 01 8 /other\n"
#define GOOD  "0: 00000002 00000000 00010000 0001 01 7 /good\n"

static void survives_hostile_files(void)
{
	static char bytes[100000];
	struct scl_fds *fds;

	/* A line that is longer than any and ends in what would be one; the next one is good. */
	memset(bytes, ' ', sizeof bytes);
	memcpy(bytes + 50000, OTHER GOOD, strlen(OTHER GOOD));
	fds = read_bytes(SCL_NET_UNIX, bytes, sizeof bytes);
	CHECK_STR(said(fds, SCL_NET_UNIX, 7), "/good  LISTEN");
	CHECK_STR(said(fds, SCL_NET_UNIX, 8), "none");
	scl_fds_destroy(fds);
	/* A NUL within a line; no newline at the end. */
	fds = read_bytes(SCL_NET_UNIX, "0: 000\0" GOOD GOOD, 7 + 2 * strlen(GOOD));
	CHECK_STR(said(fds, SCL_NET_UNIX, 7), "/good  LISTEN");
	scl_fds_destroy(fds);
	fds = read_bytes(SCL_NET_UNIX, GOOD, strlen(GOOD) - 1);
	CHECK_STR(said(fds, SCL_NET_UNIX, 7), "none");
	scl_fds_destroy(fds);
	/* Any bytes, and a lot of them. */
	srand(1);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = "0123456789ABCDEF :\n\0\377/"[rand() % 22];
	for (int table = 0; table < SCL_NET_TABLES; table++)
		scl_fds_destroy(read_bytes((enum scl_net_table)table, bytes, sizeof bytes));
	fds = scl_fds_create();
	scl_fds_read(fds, SCL_NET_UNIX, -1);
	CHECK(scl_fds_has(fds, SCL_NET_UNIX));
	scl_fds_destroy(fds);
	scl_fds_destroy(NULL);
}

/* Somebody binds a socket to a path that has a newline in it, and then a line about another process's socket. */
static void does_not_believe_forged_lines(void)
{
	static const char truth[] = "0: 00000002 00000000 00010000 0001 01 7 /run/postgres\n";
	static const char forged[] = "0: 00000002 00000000 00000000 0002 01 9 \n"
				     "0: 00000002 00000000 00000000 0001 03 7 /tmp/mine\n";
	char text[512];

	for (int order = 0; order < 2; order++) {
		snprintf(text, sizeof text, "%s%s", order ? truth : forged, order ? forged : truth);
		struct scl_fds *fds = read_text(SCL_NET_UNIX, text);
		CHECK_STR(said(fds, SCL_NET_UNIX, 7), "  ");
		scl_fds_destroy(fds);
	}
	/* The same twice is no contradiction. */
	snprintf(text, sizeof text, "%s%s", truth, truth);
	struct scl_fds *fds = read_text(SCL_NET_UNIX, text);
	CHECK_STR(said(fds, SCL_NET_UNIX, 7), "/run/postgres  LISTEN");
	scl_fds_destroy(fds);
}

static void keeps_no_more_than_its_limit(void)
{
	size_t size = 0, lines = SCL_FDS_SOCKETS_MAX + 100;
	char *text = malloc(lines * 80);

	CHECK(text != NULL);
	for (size_t i = 0; text && i < lines; i++)
		size += (size_t)sprintf(text + size, "0: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 0 0 %zu 1\n", i + 1);
	struct scl_fds *fds = read_bytes(SCL_NET_TCP, text, size);
	CHECK(scl_fds_find(fds, SCL_NET_TCP, 1) && scl_fds_find(fds, SCL_NET_TCP, SCL_FDS_SOCKETS_MAX));
	CHECK(!scl_fds_find(fds, SCL_NET_TCP, SCL_FDS_SOCKETS_MAX + 1));
	scl_fds_destroy(fds);
	free(text);
}

static void describes_in_words(void)
{
	static const struct {
		struct scl_fd fd;
		const char *words;
	} cases[] = {
		{{.kind = SCL_FD_TCP, .local = "10.0.0.1:4", .peer = "10.0.0.5:5432", .state = "ESTABLISHED"},
		 "tcp 10.0.0.5:5432 ESTABLISHED"},
		{{.kind = SCL_FD_TCP, .local = "127.0.0.1:8000", .state = "LISTEN"}, "tcp listening on 127.0.0.1:8000"},
		{{.kind = SCL_FD_TCP, .inode = 17, .protocol = "TCP"}, "tcp socket 17"},
		{{.kind = SCL_FD_UDP, .local = "0.0.0.0:53"}, "udp on 0.0.0.0:53"},
		{{.kind = SCL_FD_UDP, .local = "0.0.0.0:53", .peer = "[::1]:5", .state = "ESTABLISHED"}, "udp [::1]:5"},
		{{.kind = SCL_FD_UNIX, .local = "/run/x", .state = "ESTABLISHED"}, "unix /run/x"},
		{{.kind = SCL_FD_UNIX, .local = "@x\n\033[2J", .state = "LISTEN"}, "unix listening on @x\\n\\x1b[2J"},
		{{.kind = SCL_FD_UNIX, .inode = 17}, "unix socket 17"},
		{{.kind = SCL_FD_SOCKET, .inode = 17, .protocol = "NETLINK"}, "socket 17 (NETLINK)"},
		{{.kind = SCL_FD_SOCKET, .inode = 17}, "socket 17"},
		{{.kind = SCL_FD_PIPE, .path = "pipe:[8123]", .inode = 8123}, "pipe 8123"},
		{{.kind = SCL_FD_PIDFD, .pid = 4711}, "pidfd of 4711"},
		{{.kind = SCL_FD_PIDFD, .pid = -1}, "pidfd of a process that has ended"},
		{{.kind = SCL_FD_PIDFD}, "pidfd"},
		{{.kind = SCL_FD_FILE, .path = "/a\tb\302\233"}, "file /a\\tb\\x9b"},
		{{.kind = SCL_FD_FILE}, "file"},
		{{.kind = SCL_FD_TTY, .path = "/dev/pts/3"}, "tty /dev/pts/3"},
		{{.kind = SCL_FD_EPOLL, .path = "anon_inode:[eventpoll]"}, "epoll"},
		{{.kind = SCL_FD_OTHER, .path = "anon_inode:[io_uring]"}, "anon_inode:[io_uring]"},
		{{.kind = SCL_FD_OTHER}, "other"},
	};
	struct scl_buffer out = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		scl_buffer_clear(&out);
		scl_fd_describe(&cases[i].fd, &out);
		CHECK_STR(scl_buffer_str(&out), cases[i].words);
	}
	scl_buffer_destroy(&out);
}

int main(void)
{
	RUN(parses_ipv4);
	RUN(parses_ipv6);
	RUN(parses_unix);
	RUN(leaves_out_lines_that_are_none);
	RUN(survives_hostile_files);
	RUN(does_not_believe_forged_lines);
	RUN(keeps_no_more_than_its_limit);
	RUN(describes_in_words);
	return check_finish();
}
