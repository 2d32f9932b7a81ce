/* live.c - opening, pinning and closing a running process; see live.h. */
#include "target/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/live_process.h"
#include "target/proc_status.h"
#include "target/refusal.h"

uint64_t scl_live_coarse_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * SCL_NS_PER_S + (uint64_t)now.tv_nsec;
}

bool scl_live_slurp(int dir, const char *name, struct scl_buffer *b)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char chunk[4096];
	ssize_t got = -1;

	scl_buffer_clear(b);
	if (fd < 0)
		return false;
	while ((got = read(fd, chunk, sizeof chunk)) > 0 && b->len < SCL_LIVE_PROC_MAX)
		scl_buffer_append(b, chunk, (size_t)got);
	int number = b->failed ? ENOMEM : errno;
	close(fd);
	errno = number;
	return got >= 0 && !b->failed;
}

bool scl_live_fail_gone(const struct scl_live *live, struct scl_error *err)
{
	return scl_fail_errno(err, SCL_EGONE, ESRCH, "process %d has ended", live->base.pid);
}

bool scl_live_fail_proc(struct scl_live *live, const char *name, int number, struct scl_error *err)
{
	if (number == ESRCH || number == ENOENT || !scl_live_alive(&live->base))
		return scl_live_fail_gone(live, err);
	if (number == EACCES || number == EPERM) {
		struct scl_refusal why;
		scl_refusal_collect(live->base.pid, live->proc, &why);
		return scl_refusal_fail(&why, number, err);
	}
	return scl_fail_errno(err, SCL_EIO, number, "/proc/%d/%s: %s", live->base.pid, name, strerror(number));
}

bool scl_live_alive(const struct scl_target *t)
{
	const struct scl_live *live = (const struct scl_live *)t;
	struct scl_buffer text = {0};
	struct scl_proc_stat stat;

	if (live->gone)
		return false;
	if (live->pidfd >= 0) {
		struct pollfd poll_fd = {.fd = live->pidfd, .events = POLLIN};
		return poll(&poll_fd, 1, 0) == 0 || !(poll_fd.revents & POLLIN);
	}
	bool alive = scl_live_slurp(live->proc, "stat", &text) && scl_proc_stat_parse(scl_buffer_str(&text), &stat) &&
		     ((stat.state != 'Z' && stat.state != 'X') || stat.threads > 1);
	scl_buffer_destroy(&text);
	return alive;
}

/* The thread's directory, if it lives. */
static int open_living(const struct scl_live *live, uint64_t lwp)
{
	struct scl_buffer text = {0};
	struct scl_proc_stat stat;
	char path[64];

	snprintf(path, sizeof path, "task/%" PRIu64, lwp);
	int fd = openat(live->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	bool lives = scl_live_slurp(fd, "stat", &text) && scl_proc_stat_parse(scl_buffer_str(&text), &stat) &&
		     stat.state != 'Z' && stat.state != 'X';
	scl_buffer_destroy(&text);
	if (lives)
		return fd;
	close(fd);
	return -1;
}

static bool take_reader(uint64_t lwp, void *arg)
{
	struct scl_live *live = arg;
	int own = (int)lwp == live->reader ? -1 : open_living(live, lwp);

	if (own < 0)
		return true;
	if (live->own != live->proc)
		close(live->own);
	live->own = own;
	live->reader = (int)lwp;
	/* It is the same memory, but the new thread's file is the one that can be opened again. */
	if (live->mem >= 0)
		close(live->mem);
	live->mem = openat(own, "mem", O_RDONLY | O_CLOEXEC);
	return false;
}

bool scl_live_change_reader(struct scl_live *live)
{
	int before = live->reader;

	return scl_live_for_each_lwp(&live->base, take_reader, live, NULL) && live->reader != before;
}

static bool live_process(struct scl_target *t, struct scl_process *ret, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	struct scl_buffer text = {0};
	struct scl_proc_stat stat;
	bool done = scl_live_slurp(live->proc, "stat", &text) && scl_proc_stat_parse(scl_buffer_str(&text), &stat);
	int number = errno;

	scl_buffer_destroy(&text);
	if (!done)
		return scl_live_fail_proc(live, "stat", number, err);
	*ret = (struct scl_process){.parent = stat.parent, .inside = live->pid_inside, .forked = stat.forked};
	return true;
}

static void live_close(struct scl_target *t)
{
	struct scl_live *live = scl_live_of(t);
	const int fds[] = {live->proc, live->root, live->pidfd, live->mem, live->own != live->proc ? live->own : -1};

	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	scl_live_close_lwps(live);
	free(live);
}

static const struct scl_target_ops live_ops = {
	.name = "live",
	.read = scl_live_read,
	.for_each_module = scl_live_for_each_module,
	.open_file = scl_live_open_file,
	.open_module = scl_live_open_module,
	.command_line = scl_live_command_line,
	.cwd = scl_live_cwd,
	.getenv = scl_live_getenv,
	.realpath = scl_live_realpath,
	.process = live_process,
	.for_each_lwp = scl_live_for_each_lwp,
	.lwp_status = scl_live_lwp_status,
	.lwp_from_inside = scl_live_lwp_from_inside,
	.fd = scl_live_fd,
	.close = live_close,
};

static bool open_proc(struct scl_live *live, struct scl_error *err)
{
	int pid = live->base.pid;
	char path[32];

	if (pid <= 0)
		return scl_fail(err, SCL_ENOTFOUND, "there is no process %d", pid);
	snprintf(path, sizeof path, "/proc/%d", pid);
	live->proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	live->own = live->proc;
	live->reader = pid;
	if (live->proc >= 0)
		return true;
	int number = errno;
	if (number != ENOENT)
		return scl_fail_errno(err, SCL_EIO, number, "cannot open %s: %s", path, strerror(number));
	if (kill(pid, 0) != 0 && errno == ESRCH)
		return scl_fail_errno(err, SCL_ENOTFOUND, ESRCH, "there is no process %d", pid);
	return scl_fail_errno(err, SCL_EPERM, EPERM,
			      "process %d exists, but %s does not show it: /proc is mounted with hidepid, or not at "
			      "all; run this as root (sudo), or: sudo mount -o remount,hidepid=0 /proc",
			      pid, path);
}

/* What is no process that has memory of its own. */
static bool check_kind(struct scl_live *live, struct scl_buffer *text, struct scl_error *err)
{
	struct scl_proc_stat stat;
	uint64_t process = 0;
	int pid = live->base.pid;

	if (!scl_live_slurp(live->proc, "stat", text) || !scl_proc_stat_parse(scl_buffer_str(text), &stat))
		return scl_fail_errno(err, SCL_ENOTFOUND, ESRCH, "there is no process %d any more", pid);
	if (stat.kernel_thread)
		return scl_fail(err, SCL_EUNSUPPORTED, "process %d is a thread of the kernel: it runs no program", pid);
	if (!scl_live_slurp(live->proc, "status", text))
		return scl_live_fail_proc(live, "status", errno, err);
	if (scl_proc_status_numbers(scl_buffer_str(text), "Tgid", 10, &process, 1) == 1 && process != (uint64_t)pid)
		return scl_fail(err, SCL_ENOTFOUND, "%d is a thread of process %" PRIu64 ": give %" PRIu64 " instead",
				pid, process, process);
	/* Its other threads may go on without the main one. */
	if ((stat.state == 'Z' || stat.state == 'X') && !scl_live_change_reader(live))
		return scl_fail(err, SCL_EGONE,
				"process %d is a zombie: it has ended, and its parent has not collected it yet", pid);
	/* NSpid has one id for each pid namespace from the one of /proc, which is ours, down to the process's own. */
	uint64_t ids[SCL_LIVE_PID_LEVELS];
	size_t levels = scl_proc_status_numbers(scl_buffer_str(text), "NSpid", 10, ids, SCL_LIVE_PID_LEVELS);
	live->other_pid_namespace = levels > 1;
	live->pid_inside = levels > 1 ? ids[levels - 1] : 0;
	return true;
}

static bool attach(struct scl_live *live, struct scl_error *err)
{
	struct scl_buffer text = {0};

	if (!open_proc(live, err))
		return false;
	/* From the directory first, then the pidfd, then a look into the directory: both are the same process. */
	live->pidfd = (int)syscall(SYS_pidfd_open, live->base.pid, 0);
	bool ok = check_kind(live, &text, err);
	scl_buffer_destroy(&text);
	if (!ok)
		return false;
	int refused = scl_live_probe(live);
	if (refused != 0)
		return scl_live_fail_proc(live, "mem", refused, err);
	live->root = openat(live->own, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	live->checked_ns = scl_live_coarse_ns();
	return true;
}

struct scl_target *scl_live_open(int pid, struct scl_error *err)
{
	struct scl_live *live = calloc(1, sizeof *live);

	if (!live) {
		scl_error_set(err, SCL_ENOMEM, ENOMEM, 0, "out of memory");
		return NULL;
	}
	scl_target_init(&live->base, &live_ops, pid);
	live->proc = live->own = live->root = live->pidfd = live->mem = -1;
	scl_live_limit_lwps(live);
	long ticks = sysconf(_SC_CLK_TCK);
	live->tick_ns = SCL_NS_PER_S / (uint64_t)(ticks > 0 ? ticks : 100);
	if (!attach(live, err)) {
		live_close(&live->base);
		return NULL;
	}
	return &live->base;
}
