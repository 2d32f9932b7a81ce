/* live_lwps.c - the threads of a running process, from /proc/PID/task. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/live.h"
#include "target/live_process.h"
#include "target/proc_status.h"

enum {
	STAT_TEXT = 1024,
	PATH_TEXT = 64,
	KEPT_SHARE = 8, /* of the descriptors that we may have: a quarter, two for each thread */
	INSIDE_MAX_AGE_NS = 100 * SCL_NS_PER_MS, /* an unknown id is looked for again after that */
};

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The ids of all threads, ascending, in a malloc'ed array. errno is set on failure. */
static uint64_t *list_lwps(struct scl_live *live, size_t *n)
{
	int fd = openat(live->proc, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint64_t *ids = NULL;
	size_t cap = 0;

	*n = 0;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		uint64_t id = strtoull(entry->d_name, NULL, 10);
		if (id == 0)
			continue;
		if (*n == cap) {
			cap = cap ? 2 * cap : 64;
			uint64_t *more = realloc(ids, cap * sizeof *ids);
			if (!more) {
				free(ids);
				closedir(dir);
				errno = ENOMEM;
				return NULL;
			}
			ids = more;
		}
		ids[(*n)++] = id;
	}
	closedir(dir);
	if (*n == 0) {
		errno = ESRCH;
		return NULL;
	}
	qsort(ids, *n, sizeof *ids, by_number);
	return ids;
}

void scl_live_limit_lwps(struct scl_live *live)
{
	struct rlimit files;

	live->kept_max = SCL_LIVE_LWPS_KEPT;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur / KEPT_SHARE < live->kept_max)
		live->kept_max = (size_t)(files.rlim_cur / KEPT_SHARE);
}

static void close_files(struct scl_live_lwp *kept)
{
	if (kept->stat >= 0)
		close(kept->stat);
	if (kept->syscall >= 0)
		close(kept->syscall);
	kept->stat = kept->syscall = -1;
}

static void close_kept(struct scl_live *live, size_t i)
{
	close_files(&live->kept[i]);
	live->kept[i] = live->kept[--live->n_kept];
}

/* The program that we live in has used up its descriptors: do without from now on. The entries stay where they are. */
static bool give_up_kept(struct scl_live *live)
{
	bool had = live->kept_max > 0;

	live->kept_max = 0;
	for (size_t i = 0; i < live->n_kept; i++)
		close_files(&live->kept[i]);
	return had;
}

void scl_live_close_lwps(struct scl_live *live)
{
	while (live->n_kept > 0)
		close_kept(live, live->n_kept - 1);
	scl_map_destroy(&live->inside);
}

static void close_ended(struct scl_live *live, const uint64_t *ids, size_t n)
{
	for (size_t i = live->n_kept; i-- > 0;)
		if (!bsearch(&live->kept[i].lwp, ids, n, sizeof *ids, by_number))
			close_kept(live, i);
}

bool scl_live_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	uint64_t main_lwp = (uint64_t)t->pid;
	size_t n;
	uint64_t *ids = list_lwps(live, &n);

	if (!ids)
		return scl_live_fail_proc(live, "task", errno, err);
	close_ended(live, ids, n);
	bool more = !bsearch(&main_lwp, ids, n, sizeof *ids, by_number) || fn(main_lwp, arg);
	for (size_t i = 0; more && i < n; i++)
		more = ids[i] == main_lwp || fn(ids[i], arg);
	free(ids);
	return true;
}

static int open_lwp_file(struct scl_live *live, uint64_t lwp, const char *name)
{
	char path[PATH_TEXT];

	snprintf(path, sizeof path, "task/%" PRIu64 "/%s", lwp, name);
	int fd = openat(live->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == EMFILE && give_up_kept(live))
		fd = openat(live->proc, path, O_RDONLY | O_CLOEXEC);
	return fd;
}

/* The thread's entry, a new one while there is room; NULL when it has to do without. */
static struct scl_live_lwp *keep(struct scl_live *live, uint64_t lwp)
{
	for (size_t i = 0; i < live->n_kept && live->kept_max > 0; i++)
		if (live->kept[i].lwp == lwp)
			return &live->kept[i];
	if (live->n_kept >= live->kept_max)
		return NULL;
	live->kept[live->n_kept] = (struct scl_live_lwp){.lwp = lwp, .stat = -1, .syscall = -1};
	return &live->kept[live->n_kept++];
}

/* The whole text of one file of a thread: one pread when its descriptor is kept. False with errno. */
static bool read_lwp_file(struct scl_live *live, uint64_t lwp, const char *name, int *kept, char *buf, size_t cap)
{
	int fd = kept ? *kept : -1;

	if (fd < 0)
		fd = open_lwp_file(live, lwp, name);
	if (fd < 0)
		return false;
	ssize_t got = pread(fd, buf, cap - 1, 0);
	int number = got == 0 ? ESRCH : errno;
	if (kept && live->kept_max > 0)
		*kept = fd;
	else
		close(fd);
	errno = number;
	if (got <= 0)
		return false;
	buf[got] = '\0';
	return true;
}

/* Files of a thread that has ended are not there (ENOENT), or read as ESRCH when they were open. */
static bool fail_lwp(struct scl_live *live, uint64_t lwp, int number, struct scl_error *err)
{
	char path[PATH_TEXT];

	snprintf(path, sizeof path, "task/%" PRIu64, lwp);
	if (number != ESRCH && faccessat(live->proc, path, F_OK, 0) == 0)
		return scl_fail_errno(err, SCL_EIO, number, "/proc/%d/%s: %s", live->base.pid, path, strerror(number));
	for (size_t i = live->n_kept; i-- > 0;)
		if (live->kept[i].lwp == lwp)
			close_kept(live, i);
	/* Its id may be given to a new thread. */
	scl_map_clear(&live->inside);
	live->inside_ns = 0;
	return scl_fail_errno(err, SCL_EGONE, ESRCH, "thread %" PRIu64 " of process %d has ended", lwp, live->base.pid);
}

/* What is in the file `stat`, the name of the thread included. */
static bool read_stat(struct scl_live *live, uint64_t lwp, struct scl_live_lwp *kept, unsigned want,
		      struct scl_lwp_status *ret, struct scl_error *err)
{
	struct scl_proc_stat stat;
	char text[STAT_TEXT];

	if (!read_lwp_file(live, lwp, "stat", kept ? &kept->stat : NULL, text, sizeof text))
		return fail_lwp(live, lwp, errno, err);
	if (!scl_proc_stat_parse(text, &stat))
		return scl_fail(err, SCL_EUNSUPPORTED, "/proc/%d/task/%" PRIu64 "/stat is not as proc(5) says",
				live->base.pid, lwp);
	if (want & SCL_LWP_NAME)
		memcpy(ret->name, stat.name, sizeof ret->name);
	if (want & SCL_LWP_STAT) {
		ret->state = stat.state;
		ret->user_ns = stat.user_ticks * live->tick_ns;
		ret->system_ns = stat.system_ticks * live->tick_ns;
	}
	return true;
}

/* A kernel may be built without this file, or refuse it; then nothing is known, and that is no error. */
static bool read_syscall(struct scl_live *live, uint64_t lwp, struct scl_live_lwp *kept, struct scl_lwp_status *ret,
			 struct scl_error *err)
{
	char text[STAT_TEXT], path[PATH_TEXT];

	if (read_lwp_file(live, lwp, "syscall", kept ? &kept->syscall : NULL, text, sizeof text)) {
		if (!scl_proc_syscall_parse(text, ret))
			*ret = (struct scl_lwp_status){.state = '?', .syscall = -1};
		return true;
	}
	snprintf(path, sizeof path, "task/%" PRIu64, lwp);
	if (errno == ESRCH || faccessat(live->proc, path, F_OK, 0) != 0)
		return fail_lwp(live, lwp, ESRCH, err);
	return true;
}

/* Documentation/scheduler/sched-stats.rst: time on a CPU, time waiting for one, number of times. The count advances when
 * the thread comes onto a CPU. A kernel may be built without it. */
static void read_runs(struct scl_live *live, uint64_t lwp, struct scl_lwp_status *ret)
{
	char text[STAT_TEXT], *at = text;

	if (!read_lwp_file(live, lwp, "schedstat", NULL, text, sizeof text))
		return;
	for (int i = 0; i < 2; i++)
		(void)strtoull(at, &at, 10);
	ret->runs = strtoull(at, NULL, 10);
}

bool scl_live_lwp_status(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
			 struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	struct scl_live_lwp *kept = keep(live, lwp);

	if ((want & SCL_LWP_SYSCALL) && !read_syscall(live, lwp, kept, ret, err))
		return false;
	if (want & SCL_LWP_RUNS)
		read_runs(live, lwp, ret);
	if ((want & (SCL_LWP_STAT | SCL_LWP_NAME)) && !read_stat(live, lwp, kept, want, ret, err))
		return false;
	return true;
}

/* Fill the map from a thread's id in its innermost pid namespace to ours: the first and last number of NSpid. */
static void map_inside(struct scl_live *live)
{
	struct scl_buffer text = {0};
	size_t n;
	uint64_t *ids = list_lwps(live, &n);

	scl_map_clear(&live->inside);
	for (size_t i = 0; ids && i < n; i++) {
		uint64_t numbers[SCL_LIVE_PID_LEVELS];
		char path[PATH_TEXT];
		snprintf(path, sizeof path, "task/%" PRIu64 "/status", ids[i]);
		if (!scl_live_slurp(live->proc, path, &text))
			continue;
		size_t levels =
			scl_proc_status_numbers(scl_buffer_str(&text), "NSpid", 10, numbers, SCL_LIVE_PID_LEVELS);
		/* Without memory an id stays unknown. */
		if (levels > 0 && !scl_map_put(&live->inside, numbers[levels - 1], (uint32_t)ids[i]))
			break;
	}
	scl_buffer_destroy(&text);
	free(ids);
	live->inside_ns = scl_live_coarse_ns();
}

uint64_t scl_live_lwp_from_inside(struct scl_target *t, uint64_t lwp)
{
	struct scl_live *live = scl_live_of(t);
	uint32_t ours;

	if (!live->other_pid_namespace)
		return lwp;
	if (scl_map_get(&live->inside, lwp, &ours))
		return ours;
	if (live->inside_ns != 0 && scl_live_coarse_ns() - live->inside_ns < INSIDE_MAX_AGE_NS)
		return 0;
	map_inside(live);
	return scl_map_get(&live->inside, lwp, &ours) ? ours : 0;
}
