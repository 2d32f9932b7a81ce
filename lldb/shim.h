/*
 * shim.h - what the files of the LLDB plugin share: the one struct shim.
 *
 * Everything runs on the thread that executes the command, but for run_halt(), run_hold(), run_release() and
 * host->progress, which belong to the sampler's thread, and the watch for Ctrl-C.
 */
#ifndef SCL_LLDB_SHIM_H
#define SCL_LLDB_SHIM_H

#include <pthread.h>

#include "command/host.h"
#include "command/running.h"
#include "sb.h"

SCL_C_BEGIN

/* What a core dump's target was made from. */
struct core_identity {
	char path[SCL_PATH_MAX], exe[SCL_PATH_MAX], sysroot[SCL_PATH_MAX]; /* "" where there is none */
	uint64_t inode, size;
};

struct run {
	struct scl_running running;
	int pid, lwp;	 /* whom to stop */
	bool use_sigint; /* LLDB stops at SIGINT and does not pass it on */
	bool by_user;	 /* halted because of a Ctrl-C */
};

struct shim {
	struct scl_host host;
	struct scl_session *session;
	struct sb *sb;	      /* while a command runs */
	pthread_mutex_t busy; /* held by the command that runs */
	int progress;	      /* standard error */
	struct scl_target *target;
	struct scl_target *stale; /* the one before, until the core has seen the new one */
	struct scl_program program;
	struct core_identity core;
	struct run run;
};

/* NULL: out of memory. It lives as long as LLDB, which never unloads a plugin. */
struct shim *shim_create(void);
/* Run command `argv[0]` of the core. */
SCL_CHECKED bool shim_execute(struct shim *s, struct sb *sb, size_t argc, const char *const *argv,
			      struct scl_error *err);

/* -- host.c ----------------------------------------------------------------------------------------------- */

void host_init(struct shim *s);
/* Once per command: terminal, colour, Ctrl-C. */
void host_begin(struct shim *s);
void host_end(void);
/* Was Ctrl-C pressed since the command began? Any thread. */
bool host_ctrl_c(void);
/* Is the process one that this LLDB traces by its lldb-server? */
bool host_is_tracer(int tracer);

/* -- core.c ----------------------------------------------------------------------------------------------- */

/* The core dump that the selected process is: s->target itself where that is it, or a new one. */
struct scl_target *core_target(struct shim *s, int pid, struct scl_error *err);

/* -- run.c ------------------------------------------------------------------------------------------------ */

void run_init(struct shim *s);
void run_begin(struct shim *s);
bool run_run(struct scl_host *host, char *reason, size_t cap, struct scl_error *err);
void run_halt(struct scl_host *host);
bool run_hold(struct scl_host *host, struct scl_error *err);
void run_release(struct scl_host *host);

SCL_C_END

#endif
