/*
 * shim.h - what the files of the GDB plugin share: the one struct shim, and the little of GDB's Python API that it
 * uses.
 *
 * Everything here runs on GDB's main thread with the GIL held, but for run_halt(), run_hold(), run_release() and
 * host->progress, which belong to the sampler's thread. The lock of struct run is never held while the GIL is
 * waited for; so it may be taken with the GIL held.
 */
#ifndef SCL_GDB_SHIM_H
#define SCL_GDB_SHIM_H

#define Py_LIMITED_API 0x03060000
#include <Python.h>

#include <pthread.h>

#include "base/buffer.h"
#include "command/host.h"
#include "command/running.h"
#include "target/live.h"

/* How the debuggee stopped last, from GDB's events. */
enum stop_kind { STOP_UNKNOWN, STOP_SIGNAL, STOP_BREAKPOINT, STOP_OTHER, STOP_EXITED, STOP_KILLED };

struct stop {
	enum stop_kind kind;
	char signal[32];  /* "SIGSEGV" */
	const char *what; /* "breakpoint", "watchpoint", "catchpoint" */
	long number;	  /* of the breakpoint, the exit code or the signal that killed */
};

struct run {
	struct scl_running running;
	int pid, lwp;	    /* whom to stop */
	bool by_user;	    /* halted because of a Ctrl-C that GDB cannot see */
	bool use_sigint;    /* GDB stops at SIGINT and does not pass it on */
	bool follows_child; /* after a fork GDB keeps the child: whom to stop is seen when it is time */
};

/* What a core dump's target was made from. */
struct core_identity {
	long connection; /* GDB's number for it */
	uint64_t inode, size;
	char path[SCL_PATH_MAX], exe[SCL_PATH_MAX], sysroot[SCL_PATH_MAX]; /* "" where there is none */
};

struct shim {
	struct scl_host host;
	struct scl_session *session;
	PyObject *gdb; /* the module */
	int progress;  /* standard error, also while it is kept aside */
	bool quit;     /* the user left the pager or pressed Ctrl-C: say and ask no more */
	bool cli;      /* fd 1 is GDB's command line alone: not MI, not DAP */
	struct scl_target *target;
	struct scl_target *stale; /* the one before, until the core has seen the new one */
	struct scl_program program;
	struct core_identity core;
	struct run run;
	struct stop stop;
};

/* The plugin's only state; GDB's classes and events find it here. */
struct shim *shim_get(void);

/* -- api.c: GDB's Python API ---------------------------------------------------------------------------- */

/* Text of the current exception into `err`, and clear it. Yields false. */
bool api_fail(struct shim *s, struct scl_error *err);
/* Run a GDB command without output of its own; what it prints goes to `out`, if not NULL. */
SCL_CHECKED bool api_execute(struct shim *s, const char *command, struct scl_buffer *out, struct scl_error *err);
/* Run a GDB command whose output goes where GDB's goes: what it prints before it fails is not lost. */
SCL_CHECKED bool api_execute_shown(struct shim *s, const char *command, struct scl_error *err);
/* The same as api_execute for commands whose failure changes nothing for us. */
void api_try(struct shim *s, const char *command);
/* `set NAME` as text: "on", "off" for a boolean; "" where GDB has no such parameter or no value. */
void api_parameter(struct shim *s, const char *name, char *buf, size_t cap);
/* A number attribute of the object; `otherwise` where it has none. Never leaves an exception. */
long api_long(PyObject *object, const char *attribute, long otherwise);
/* A text attribute, "" where it has none. Never leaves an exception. */
void api_text(PyObject *object, const char *attribute, char *buf, size_t cap);
/* str(object) in UTF-8, unencodable characters replaced. */
void api_str(PyObject *object, char *buf, size_t cap);
/* A class of ours with these methods under a class of the module gdb; NAME and METHODS outlive it. NULL: an exception. */
PyObject *api_subclass(struct shim *s, const char *parent, const char *name, PyMethodDef *methods);
/* Process of the selected inferior, 0: none. */
int api_pid(struct shim *s);
/* LWP of the selected thread, 0: none. */
int api_lwp(struct shim *s);
/* Select the thread with that LWP of the selected inferior; false where it has none. */
bool api_select_lwp(struct shim *s, int lwp);

/* -- host.c, commands.c, complete.c, settings.c, stop.c -------------------------------------------------------------- */

void host_init(struct shim *s);
/* Once per command: terminal, colour, Ctrl-C. */
void host_begin(struct shim *s);
bool commands_register(struct shim *s);
/* What the user typed after the prefix: the name of the command `self`, then `words`, which may be NULL. */
bool command_line(PyObject *self, const char *words, struct scl_buffer *line);
/* The method `complete` of all commands. */
PyObject *complete_invoke(PyObject *self, PyObject *args);
bool settings_register(struct shim *s);
/* Follow GDB's stop and exit events. */
bool stop_register(struct shim *s);
void stop_forget(struct shim *s);
void stop_reason(struct shim *s, char *reason, size_t cap);

/* -- core.c ---------------------------------------------------------------------------------------------- */

/* The core dump that the selected inferior is: s->target itself where that is it, or a new one. */
struct scl_target *core_target(struct shim *s, struct scl_error *err);

/* -- run.c, halt.c, drain.c, watch.c, capture.c ------------------------------------------------------------------ */

void run_init(struct shim *s);
/* A new command: the debuggee stands, nothing is asked of it yet. */
void run_begin(struct shim *s);
bool run_run(struct scl_host *host, char *reason, size_t cap, struct scl_error *err);
void run_halt(struct scl_host *host);
bool run_hold(struct scl_host *host, struct scl_error *err);
void run_release(struct scl_host *host);

/* True when a thread of process `pid` is traced by this GDB. Any thread. */
bool halt_traced(int pid);
/* Does a thread of the process take SIGINT? */
bool halt_takes_sigint(int pid);
/* The youngest process that this GDB traces and lets run, 0: none. Any thread. */
int halt_find_running(void);
/*
 * Send the signal that makes GDB stop process `pid`, to thread `lwp` if it can take it. False when no thread of
 * the process is ours to stop. Any thread.
 */
bool halt_send(int pid, int lwp, bool use_sigint, struct scl_shot *sent);
/* Is the last stop the one that `sent` caused? */
bool halt_is_ours(struct shim *s, const struct scl_shot *sent);
/* Can SIGINT (or else SIGSTOP) be used under the user's `handle` settings? */
SCL_CHECKED bool halt_check_signals(struct shim *s, bool *use_sigint, struct scl_error *err);

/* Take back a signal of ours that GDB has not reported, the debuggee having stopped for another reason. */
void drain_shot(struct shim *s, const struct scl_shot *sent);

/* A thread that sees a Ctrl-C which the debuggee blocks. It ends with the run. */
struct watch {
	pthread_t thread;
	bool started;
};
void watch_begin(struct shim *s, struct watch *w);
void watch_end(struct watch *w);

/* Standard output and error kept aside while GDB reports stops that are none for the user. */
struct capture {
	int saved[2], file; /* descriptors; file -1: not capturing */
	pthread_t trimmer;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool over, trimmed;
};
void capture_begin(struct shim *s, struct capture *c);
/* Drop what was kept so far: it was about a stop of ours. */
void capture_forget(struct shim *s, struct capture *c);
/* Give fd 1 and 2 back; append the end of what was kept to `out`, if not NULL. */
void capture_end(struct shim *s, struct capture *c, struct scl_buffer *out);

#endif
