/*
 * live_process.h - the struct of the live back end, shared by the files live*.c and by nothing else.
 */
#ifndef SCL_TARGET_LIVE_PROCESS_H
#define SCL_TARGET_LIVE_PROCESS_H

#include <sys/types.h>
#include <sys/uio.h>

#include "base/buffer.h"
#include "base/map.h"
#include "target/backend.h"

enum {
	SCL_LIVE_LWPS_KEPT = 96,      /* threads at most whose files stay open: two descriptors each */
	SCL_LIVE_PROC_MAX = 16 << 20, /* bytes of one file of /proc */
	SCL_LIVE_PID_LEVELS = 33,     /* MAX_PID_NS_LEVEL and our own, include/linux/pid_namespace.h */
};

struct scl_live_lwp {
	uint64_t lwp;
	int stat, syscall; /* -1 where not open */
};

struct scl_live {
	struct scl_target base;
	/*
	 * A descriptor of the directory /proc/PID belongs to the process and not to the number: files are opened below
	 * it, and that fails once the process is gone, also when another one has its pid by then.
	 */
	int proc;
	/*
	 * Memory and what belongs to it (exe, maps, cwd, ...) are a thread's: the main one, or another one once that has
	 * ended by itself (pthread_exit(3) in main()).
	 */
	int own;    /* /proc/PID, or /proc/PID/task/READER */
	int reader; /* id of the thread */
	int root;   /* O_PATH; the process's root directory outlives it, and so do its source files */
	int pidfd;  /* pidfd_open(2); -1 before Linux 5.3 */
	int mem;    /* /proc/PID/mem; -1 where it could not be opened */
	bool use_mem;
	bool gone;
	uint64_t checked_ns; /* when the pid was last seen to be the same process, CLOCK_MONOTONIC_COARSE */
	uint64_t tick_ns;
	char last_cwd[SCL_PATH_MAX]; /* working directory when it was last asked for */
	struct scl_live_lwp kept[SCL_LIVE_LWPS_KEPT];
	size_t n_kept, kept_max;
	bool other_pid_namespace;
	uint64_t pid_inside;   /* 0 where that is ours */
	struct scl_map inside; /* innermost thread id -> index in `outside` */
	uint64_t inside_ns;    /* when `inside` was filled */
	struct iovec local[SCL_SPANS_MAX], remote[SCL_SPANS_MAX];
};

static inline struct scl_live *scl_live_of(struct scl_target *t)
{
	return (struct scl_live *)t;
}

/* CLOCK_MONOTONIC_COARSE in ns: no system call, a few ns, a tick's precision. */
uint64_t scl_live_coarse_ns(void);

/* The whole of /proc/PID/`name` in b, which is cleared first. errno is set on failure. */
bool scl_live_slurp(int dir, const char *name, struct scl_buffer *b);

/* SCL_EGONE, "process N has ended". */
bool scl_live_fail_gone(const struct scl_live *live, struct scl_error *err);
/* The verdict on a failed open or read of a file of /proc: gone, not permitted, or an I/O error. */
bool scl_live_fail_proc(struct scl_live *live, const char *name, int number, struct scl_error *err);

/* Take another thread of the process for its memory. False when there is none that lives. */
bool scl_live_change_reader(struct scl_live *live);

/* live_memory.c */
bool scl_live_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err);
/* 0 where reading is allowed, else the errno of the refusal. Decides between process_vm_readv and /proc/PID/mem. */
int scl_live_probe(struct scl_live *live);

/* live_modules.c */
bool scl_live_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err);
int scl_live_open_module(struct scl_target *t, const struct scl_module *m);

/* live_files.c */
int scl_live_open_file(struct scl_target *t, const char *path);
bool scl_live_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			   struct scl_error *err);
bool scl_live_cwd(struct scl_target *t, char *buf, size_t cap, struct scl_error *err);
bool scl_live_getenv(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err);
void scl_live_realpath(struct scl_target *t, const char *path, char *buf, size_t cap);
/* A link of /proc/PID ("exe", "cwd") as the target sees it: without the root of its chroot. */
bool scl_live_link(const struct scl_live *live, const char *name, char *buf, size_t cap);
/* The target's root directory as we see it: "/" where it has no chroot, and in another mount namespace. */
void scl_live_root(const struct scl_live *live, char *buf, size_t cap);
/* `path` as the target sees it, within a path that the kernel told us. */
const char *scl_live_seen(const char *path, const char *root);

/* live_lwps.c */
bool scl_live_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err);
bool scl_live_lwp_status(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
			 struct scl_error *err);
uint64_t scl_live_lwp_from_inside(struct scl_target *t, uint64_t lwp);
/* Before the first of the above: how many files may stay open, by the limit on descriptors. */
void scl_live_limit_lwps(struct scl_live *live);
void scl_live_close_lwps(struct scl_live *live);

/* live_fd.c */
bool scl_live_fd(struct scl_target *t, struct scl_fds *fds, int fd, struct scl_fd *ret, struct scl_error *err);

#endif
