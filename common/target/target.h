/*
 * target.h - the debuggee as bytes at addresses.
 *
 * A target is a live process, a core or an image built by a test; what is above this file cannot tell which.
 * All reads are copies into memory of the caller. Nothing is ever written to the target.
 *
 * Above the back ends, once for all of them: null and overflow checks, a cap on every length, typed reads,
 * string caps, a page cache for targets that stand still, and a read budget per command.
 */
#ifndef SCL_TARGET_TARGET_H
#define SCL_TARGET_TARGET_H

#include <stddef.h>

#include "base/error.h"

SCL_C_BEGIN

struct scl_target;
struct scl_arena;

/* One piece of a vectored read: `size` bytes at `addr` go to `to`. */
struct scl_span {
	scl_addr addr;
	void *to;
	size_t size;
};

enum {
	SCL_SPANS_MAX = 1024,		 /* spans in one vectored read: IOV_MAX, limits.h */
	SCL_READ_MAX = 16 * 1024 * 1024, /* bytes in one span */
	SCL_PATH_MAX = 4096,
};

/* Close and free; accepts NULL. */
void scl_target_close(struct scl_target *t);

/* "live", "image", ... for messages. */
const char *scl_target_kind(const struct scl_target *t);
/* Process id in our own pid namespace; 0 where there is none. */
int scl_target_pid(const struct scl_target *t);

/*
 * Read all spans, or fail and leave their contents undefined: in a live target one system call
 * (process_vm_readv(2)), so that what is read is as near to one instant as can be. A span of 0 bytes reads nothing.
 * SCL_EFAULT with the address where something is not mapped, SCL_EGONE where the process has ended.
 */
SCL_CHECKED bool scl_read_spans(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err);
SCL_CHECKED bool scl_read(struct scl_target *t, scl_addr addr, void *to, size_t size, struct scl_error *err);
SCL_CHECKED bool scl_read_ptr(struct scl_target *t, scl_addr addr, scl_addr *ret, struct scl_error *err);
SCL_CHECKED bool scl_read_u8(struct scl_target *t, scl_addr addr, uint8_t *ret, struct scl_error *err);
SCL_CHECKED bool scl_read_u32(struct scl_target *t, scl_addr addr, uint32_t *ret, struct scl_error *err);
SCL_CHECKED bool scl_read_i32(struct scl_target *t, scl_addr addr, int32_t *ret, struct scl_error *err);
SCL_CHECKED bool scl_read_i64(struct scl_target *t, scl_addr addr, int64_t *ret, struct scl_error *err);
/* A NUL-terminated C string of at most cap - 1 bytes into buf[cap], always terminated; longer ones are cut. */
SCL_CHECKED bool scl_read_cstr(struct scl_target *t, scl_addr addr, char *buf, size_t cap, struct scl_error *err);

/*
 * Say that the target stands still (true) or runs (false, the initial state). While it stands still, small
 * reads go through a page cache; calling it again with true, or with false, empties the cache.
 */
void scl_target_set_still(struct scl_target *t, bool still);
bool scl_target_is_still(const struct scl_target *t);
/* Right after set_still(true): fill the cache with the pages that were read when the target stood still before, as near
 * to one instant as can be. For who reads the same again and again. */
void scl_target_foresee(struct scl_target *t);
/* The bytes themselves in the page cache, which are good until the next read; NULL where they do not lie in one page of
 * it, cannot be had, or the target runs. */
const uint8_t *scl_target_peek(struct scl_target *t, scl_addr addr, size_t size);
/* Note what is read from now on in a log; NULL: no more. */
struct scl_read_log;
void scl_target_set_log(struct scl_target *t, struct scl_read_log *log);

/*
 * Calls and bytes that reads may still spend; a command sets it, 0 means no limit. A read that the page cache
 * answers costs as much as any other: the budget is what ends a walk over the debuggee's endless lists.
 */
struct scl_read_budget {
	uint64_t calls, bytes;
};
void scl_target_set_budget(struct scl_target *t, struct scl_read_budget budget);
/*
 * Asked every few reads, by whoever reads: true refuses that read and all that follow with SCL_EINTERRUPTED, until this
 * is called again. NULL, the initial state: reads are not interrupted.
 */
void scl_target_set_stop(struct scl_target *t, bool (*stop)(void *arg), void *arg);
/* Are reads refused whatever they read: SCL_EBUDGET, SCL_EINTERRUPTED? For one who bears the failures of single reads. */
SCL_CHECKED bool scl_target_may_read(const struct scl_target *t, struct scl_error *err);
/* What the back end was asked for since the target was opened; one vectored read is one call. */
struct scl_read_budget scl_target_spent(const struct scl_target *t);

/* -- modules: the ELF files that are mapped ------------------------------------------------------------- */

struct scl_module {
	const char *path;    /* as the target sees it; may end in " (deleted)" */
	scl_addr start, end; /* lowest and highest mapped address of the file */
	scl_addr bias;	     /* add to an ELF virtual address to get a run-time address */
	bool executable;     /* some mapping of it is executable */
	bool main;	     /* it is the program itself (/proc/PID/exe, AT_PHDR) */
};

/* Return false to end the walk; that is no error. `module` is valid during the call only. */
typedef bool scl_module_fn(const struct scl_module *module, void *arg);
SCL_CHECKED bool scl_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err);

struct scl_symbol {
	scl_addr addr; /* at run time */
	uint64_t size; /* from the symbol table; 0 where not recorded */
};

/*
 * A defined symbol of the module at `module_path`, from .symtab or else .dynsym of its file, read through the
 * target's own mount namespace. SCL_ENOTFOUND when it has none of that name.
 */
SCL_CHECKED bool scl_find_symbol(struct scl_target *t, const struct scl_module *module, const char *name,
				 struct scl_symbol *ret, struct scl_error *err);
/* An ELF section (".PyRuntime") of the module, as run-time address and size. SCL_ENOTFOUND when absent. */
SCL_CHECKED bool scl_find_section(struct scl_target *t, const struct scl_module *module, const char *name,
				  struct scl_symbol *ret, struct scl_error *err);

/* The GNU build id of the module's file in hexadecimal. SCL_ENOTFOUND when it has none. */
SCL_CHECKED bool scl_module_build_id(struct scl_target *t, const struct scl_module *module, char *buf, size_t cap,
				     struct scl_error *err);

/* -- files of the target -------------------------------------------------------------------------------- */

/* Open for reading a file by the path that the target knows it by (mount namespace, chroot, relative paths
 * from its cwd); an fd or -1 with errno. Only regular files are opened, never a FIFO or a device. */
int scl_target_open_file(struct scl_target *t, const char *path);
/* The target's command line, as argc strings in the arena. An empty list where it is not known. */
SCL_CHECKED bool scl_target_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv,
					 size_t *argc, struct scl_error *err);
/* The target's working directory, "" where not known. */
SCL_CHECKED bool scl_target_cwd(struct scl_target *t, char *buf, size_t cap, struct scl_error *err);
/* One variable of the environment that the target was started with. SCL_ENOTFOUND when it has none. */
SCL_CHECKED bool scl_target_getenv(struct scl_target *t, const char *name, char *buf, size_t cap,
				   struct scl_error *err);
/* Resolve symbolic links and ".." of an absolute path as the target would; a path that does not exist is
 * cleaned textually. */
void scl_target_realpath(struct scl_target *t, const char *path, char *buf, size_t cap);

/* -- the process ---------------------------------------------------------------------------------------- */

struct scl_process {
	uint64_t parent; /* pid in our pid namespace; 0: none, or not visible there */
	uint64_t inside; /* its own pid in a pid namespace of its own, pid_namespaces(7); 0: it is in ours */
	bool forked;	 /* a copy of its parent: it has not called execve(2) since fork(2) */
};

/* SCL_EUNSUPPORTED where the target knows no kernel. */
SCL_CHECKED bool scl_target_process(struct scl_target *t, struct scl_process *ret, struct scl_error *err);

/* A core: nothing of the process runs any more, and its id may be another one's by now. */
bool scl_target_is_dead(const struct scl_target *t);

/* Why the core was written, core(5). */
struct scl_death {
	uint64_t lwp;	  /* the thread that it was written for */
	int signal;	  /* 0: none, so that somebody took a picture of a living process */
	int code;	  /* si_code, sigaction(2); 0 where not known */
	bool has_address; /* of a fault */
	scl_addr address;
	scl_addr stack_pointer; /* of that thread; 0 where not known */
	int64_t sender;		/* pid of who sent the signal; 0: the kernel, or not known */
};

/* SCL_EUNSUPPORTED where the target is no core, SCL_ENOTFOUND where the core does not say. */
SCL_CHECKED bool scl_target_death(struct scl_target *t, struct scl_death *ret, struct scl_error *err);

/* -- threads (LWPs) ------------------------------------------------------------------------------------- */

struct scl_lwp_status {
	char state;		     /* proc(5): R S D T t Z X I; '?' where not known */
	uint64_t user_ns, system_ns; /* CPU time since the thread began, at the kernel's tick granularity */
	bool in_syscall;	     /* blocked in system call `syscall` */
	int64_t syscall;	     /* its number; -1 where the thread is not blocked or nothing is known */
	uint64_t args[6];	     /* its arguments */
	uint64_t runs;		     /* how often it was given a CPU (schedstat); 0 where not known */
	char name[32];		     /* the kernel's name of the thread (comm), not escaped */
};

enum scl_lwp_want { SCL_LWP_STAT = 1, SCL_LWP_SYSCALL = 2, SCL_LWP_NAME = 4, SCL_LWP_RUNS = 8 };

typedef bool scl_lwp_fn(uint64_t lwp, void *arg);
/* Every LWP of the process, ascending, the main one first. Ids are of our pid namespace. */
SCL_CHECKED bool scl_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err);
/* What the kernel says of one LWP; `want` is a set of scl_lwp_want, the rest of `ret` gets its neutral value.
 * SCL_EGONE when the thread has ended; SCL_EUNSUPPORTED where the target knows no kernel. */
SCL_CHECKED bool scl_lwp_status(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
				struct scl_error *err);
/* Our id for the LWP that the target itself calls `lwp` (pid namespaces); `lwp` itself where there is no
 * difference. 0 when no LWP of the process has that id. */
uint64_t scl_lwp_from_inside(struct scl_target *t, uint64_t lwp);

SCL_C_END

#endif
