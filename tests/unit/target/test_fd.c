/* test_fd.c - what the descriptors of a process are: of this one, of one in namespaces of its own, of none at all. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "base/buffer.h"
#include "check.h"
#include "child.h"
#include "in_fork.h"
#include "target/fd.h"
#include "target/image.h"
#include "target/live.h"

static struct scl_error err;
static struct scl_target *target; /* this process */
static struct scl_fd fd;

/* In words, or what went wrong; the whole answer is in `fd`. */
static const char *described(struct scl_target *t, int number)
{
	static char text[SCL_PATH_MAX];
	struct scl_buffer out = {0};

	if (!scl_target_fd(t, NULL, number, &fd, &err))
		return err.text;
	scl_fd_describe(&fd, &out);
	snprintf(text, sizeof text, "%s", scl_buffer_str(&out));
	scl_buffer_destroy(&out);
	return text;
}

/* Describe it, close it. */
static const char *closed(int number)
{
	CHECK(number >= 0);
	const char *text = described(target, number);
	close(number);
	return text;
}

/* A socket on a port of the loopback that the kernel chooses, and its name as it should be written. */
static int bound_socket(int family, int type, char *name, size_t cap)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
	int number = socket(family, type | SOCK_CLOEXEC, 0);

	if (number < 0 || bind(number, address, size) != 0 || getsockname(number, address, &size) != 0) {
		close(number);
		return -1;
	}
	if (family == AF_INET)
		snprintf(name, cap, "127.0.0.1:%d", ntohs(v4.sin_port));
	else
		snprintf(name, cap, "[::1]:%d", ntohs(v6.sin6_port));
	return number;
}

static bool connect_to(int from, int to)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	return getsockname(to, (struct sockaddr *)&address, &size) == 0 &&
	       connect(from, (struct sockaddr *)&address, size) == 0;
}

static void knows_connections(int family)
{
	char here[64], there[64], want[192];
	int server = bound_socket(family, SOCK_STREAM, there, sizeof there);
	int client = bound_socket(family, SOCK_STREAM, here, sizeof here);

	if (server < 0 && family == AF_INET6) {
		check_skipped++; /* no IPv6 here */
		return;
	}
	CHECK_INT(listen(server, 1), 0);
	CHECK(connect_to(client, server));
	int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	snprintf(want, sizeof want, "tcp listening on %s", there);
	CHECK_STR(described(target, server), want);
	CHECK_STR(fd.peer, "");
	CHECK_STR(fd.state, "LISTEN");
	snprintf(want, sizeof want, "tcp %s ESTABLISHED", there);
	CHECK_STR(described(target, client), want);
	CHECK_STR(fd.local, here);
	CHECK(fd.inode != 0);
	snprintf(want, sizeof want, "tcp %s ESTABLISHED", here);
	CHECK_STR(described(target, accepted), want);
	CHECK_STR(fd.local, there);
	CHECK_INT(fd.kind, SCL_FD_TCP);
	close(client);
	snprintf(want, sizeof want, "tcp %s CLOSE_WAIT", here);
	CHECK_STR(described(target, accepted), want);
	close(accepted);
	close(server);
}

static void knows_tcp(void)
{
	knows_connections(AF_INET);
	knows_connections(AF_INET6);
}

static void knows_udp(void)
{
	char here[64], there[64], want[96];
	int server = bound_socket(AF_INET, SOCK_DGRAM, there, sizeof there);
	int client = bound_socket(AF_INET, SOCK_DGRAM, here, sizeof here);

	snprintf(want, sizeof want, "udp on %s", there);
	CHECK_STR(described(target, server), want);
	CHECK_STR(fd.state, "");
	CHECK(connect_to(client, server));
	snprintf(want, sizeof want, "udp %s", there);
	CHECK_STR(closed(client), want);
	CHECK_STR(fd.local, here);
	close(server);
	server = bound_socket(AF_INET6, SOCK_DGRAM, there, sizeof there);
	snprintf(want, sizeof want, "udp on %s", there);
	if (server >= 0)
		CHECK_STR(closed(server), want);
}

static int unix_server(const char *name, size_t len)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, len);
	CHECK(bind(number, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) ==
		      0 &&
	      listen(number, 1) == 0);
	return number;
}

static void knows_unix_sockets(void)
{
	char name[64], want[96];
	int pair[2];

	snprintf(name, sizeof name, "/tmp/scl-test-%d.sock", getpid());
	int server = unix_server(name, strlen(name) + 1);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connect_to(client, server));
	int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	snprintf(want, sizeof want, "unix listening on %s", name);
	CHECK_STR(closed(server), want);
	snprintf(want, sizeof want, "unix %s", name);
	CHECK_STR(closed(accepted), want);
	CHECK_STR(fd.state, "ESTABLISHED");
	CHECK_CONTAINS(closed(client), "unix socket ");
	CHECK_STR(fd.state, "ESTABLISHED");
	CHECK_STR(fd.local, "");
	unlink(name);
	snprintf(want, sizeof want, "unix listening on @scl-test-%d", getpid());
	snprintf(name, sizeof name, "%cscl-test-%d", '\0', getpid());
	CHECK_STR(closed(unix_server(name, 1 + strlen(name + 1))), want);
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	CHECK_CONTAINS(closed(pair[0]), "unix socket ");
	close(pair[1]);
}

/* In no table: not bound, or of another protocol. */
static void knows_sockets_by_their_protocol(void)
{
	int plain = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	char path[64], protocol[16];

	snprintf(path, sizeof path, "/proc/self/fd/%d", plain);
	if (getxattr(path, "system.sockprotoname", protocol, sizeof protocol) < 0) {
		check_skipped++;
	} else {
		CHECK_CONTAINS(described(target, plain), "tcp socket ");
		CHECK_STR(fd.protocol, "TCP");
		CHECK_CONTAINS(described(target, netlink), " (NETLINK)");
		CHECK_INT(fd.kind, SCL_FD_SOCKET);
	}
	close(plain);
	close(netlink);
}

static void knows_what_has_no_path(void)
{
	sigset_t none;
	int ends[2];
	char want[64];

	sigemptyset(&none);
	CHECK_STR(closed(eventfd(0, EFD_CLOEXEC)), "eventfd");
	CHECK_STR(closed(epoll_create1(EPOLL_CLOEXEC)), "epoll");
	CHECK_STR(closed(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)), "timerfd");
	CHECK_STR(closed(signalfd(-1, &none, SFD_CLOEXEC)), "signalfd");
	CHECK_STR(closed(inotify_init1(IN_CLOEXEC)), "inotify");
	CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
	CHECK_CONTAINS(described(target, ends[0]), "pipe ");
	snprintf(want, sizeof want, "pipe:[%" PRIu64 "]", fd.inode);
	CHECK_STR(fd.path, want);
	close(ends[0]);
	close(ends[1]);
}

static void knows_pidfds(void)
{
	struct child child;
	char want[64];

	CHECK(child_start(&child));
	int number = (int)syscall(SYS_pidfd_open, child.pid, 0);
	if (number < 0) {
		check_skipped++; /* before Linux 5.3 */
		child_end(&child);
		return;
	}
	snprintf(want, sizeof want, "pidfd of %d", child.pid);
	CHECK_STR(described(target, number), want);
	CHECK_INT(fd.pid, child.pid);
	child_end(&child);
	CHECK_STR(closed(number), "pidfd of a process that has ended");
}

static void knows_files(void)
{
	char dir[] = "/tmp/scl-test-XXXXXX", path[64], want[96];
	struct stat st;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/a\nb", dir);
	int number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK_INT(fstat(number, &st), 0);
	snprintf(want, sizeof want, "file %s/a\\nb", dir);
	CHECK_STR(described(target, number), want);
	CHECK_STR(fd.path, path);
	CHECK_INT(fd.inode, st.st_ino);
	unlink(path);
	snprintf(want, sizeof want, "file %s/a\\nb (deleted)", dir);
	CHECK_STR(closed(number), want);
	CHECK_INT(mkfifo(path, 0600), 0);
	snprintf(want, sizeof want, "fifo %s/a\\nb", dir);
	CHECK_STR(closed(open(path, O_RDWR | O_CLOEXEC)), want);
	unlink(path);
	snprintf(want, sizeof want, "directory %s", dir);
	CHECK_STR(closed(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)), want);
	rmdir(dir);
	CHECK_STR(closed(open("/dev/null", O_RDONLY | O_CLOEXEC)), "device /dev/null");
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || unlockpt(master) != 0 || ptsname_r(master, path, sizeof path) != 0) {
		check_skipped++;
		return;
	}
	snprintf(want, sizeof want, "tty %s", path);
	CHECK_STR(closed(open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)), want);
	CHECK_CONTAINS(closed(master), "tty /dev/");
}

static void refuses_what_is_not_there(void)
{
	int number = eventfd(0, EFD_CLOEXEC);
	const int missing[] = {number, -1, INT32_MAX, INT32_MIN};
	struct scl_target *image = scl_image_create();
	struct child child;

	close(number);
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
		CHECK_CONTAINS(described(target, missing[i]), "has no file descriptor");
		CHECK_INT(err.code, SCL_ENOTFOUND);
	}
	CHECK(!scl_target_fd(image, NULL, 0, &fd, &err));
	CHECK_INT(err.code, SCL_EUNSUPPORTED);
	scl_target_close(image);
	CHECK(child_start(&child));
	struct scl_target *t = scl_live_open(child.pid, &err);
	CHECK_CONTAINS(described(t, child.block), "pipe ");
	child_kill(&child);
	CHECK(!scl_target_fd(t, NULL, child.block, &fd, &err));
	CHECK_INT(err.code, SCL_EGONE);
	child_end(&child);
	scl_target_close(t);
}

/* Sockets that are made after the table was read are not in it; all of the answers are of one time. */
static void reads_each_table_once(void)
{
	struct scl_fds *fds = scl_fds_create();
	char name[64];
	int first = bound_socket(AF_INET, SOCK_STREAM, name, sizeof name), second;

	CHECK_INT(listen(first, 1), 0);
	CHECK(scl_target_fd(target, fds, first, &fd, &err));
	CHECK_STR(fd.local, name);
	second = bound_socket(AF_INET, SOCK_STREAM, name, sizeof name);
	CHECK_INT(listen(second, 1), 0);
	CHECK(scl_target_fd(target, fds, second, &fd, &err));
	CHECK_STR(fd.local, "");
	CHECK(scl_target_fd(target, NULL, second, &fd, &err));
	CHECK_STR(fd.local, name);
	close(first);
	close(second);
	scl_fds_destroy(fds);
}

enum { OTHER_PORT = 4711, OTHER_SOCKET = 50, OTHER_FILE = 51 };

/* Another network, and another root. */
static void be_elsewhere(const char *root, int ready)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(OTHER_PORT)};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int server = unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 ? socket(AF_INET, SOCK_STREAM, 0) : -1;
	if (server >= 0 && bind(server, (struct sockaddr *)&address, sizeof address) == 0 && listen(server, 1) == 0 &&
	    dup2(server, OTHER_SOCKET) >= 0 && chroot(root) == 0 && dup2(open("/here", O_RDONLY), OTHER_FILE) >= 0 &&
	    write(ready, "r", 1) == 1)
		pause();
	_exit(1);
}

static void knows_other_namespaces(void)
{
	char root[] = "/tmp/scl-test-XXXXXX", path[64], byte;
	int ready[2];

	CHECK(mkdtemp(root) != NULL && pipe2(ready, O_CLOEXEC) == 0);
	snprintf(path, sizeof path, "%s/here", root);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	int pid = fork();
	if (pid == 0)
		be_elsewhere(root, ready[1]);
	close(ready[1]);
	struct scl_target *t = read(ready[0], &byte, 1) == 1 ? scl_live_open(pid, &err) : NULL;
	if (t) {
		CHECK_STR(described(t, OTHER_SOCKET), "tcp listening on 0.0.0.0:4711");
		CHECK_STR(described(t, OTHER_FILE), "file /here");
	} else {
		check_skipped++;
	}
	scl_target_close(t);
	end_process(pid);
	close(ready[0]);
	unlink(path);
	rmdir(root);
}

/* All of the tables are looked at where the kernel does not tell the protocol. */
static int without_protocols(void)
{
	target = scl_live_open(getpid(), &err);
	if (!target || !forbid_syscall(SYS_getxattr, ENOTSUP))
		return 1;
	knows_connections(AF_INET);
	knows_udp();
	knows_unix_sockets();
	scl_target_close(target);
	return 0;
}

static void does_without_protocols(void)
{
	run_in_fork(without_protocols);
}

int main(void)
{
	target = scl_live_open(getpid(), &err);
	if (!target) {
		printf("%s\n", err.text);
		return 1;
	}
	RUN(knows_tcp);
	RUN(knows_udp);
	RUN(knows_unix_sockets);
	RUN(knows_sockets_by_their_protocol);
	RUN(knows_what_has_no_path);
	RUN(knows_pidfds);
	RUN(knows_files);
	RUN(refuses_what_is_not_there);
	RUN(reads_each_table_once);
	RUN(knows_other_namespaces);
	RUN(does_without_protocols);
	scl_target_close(target);
	return check_finish();
}
