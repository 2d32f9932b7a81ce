/*
 * tracee.h - a process that a debugger traces: what /proc says of its threads, proc(5), and the signal that stops it.
 *
 * Debuggers stop a process by a signal for one of its threads, at which they stop and which they do not pass on. All
 * functions may be called on any thread.
 */
#ifndef SCL_TARGET_TRACEE_H
#define SCL_TARGET_TRACEE_H

#include "base/error.h"

struct scl_tracee_status {
	char state;		   /* the kernel's letter */
	int tracer;		   /* pid of who traces it, 0: nobody */
	uint64_t blocked, pending; /* signal sets, bit n - 1 is signal n; pending for the thread or the process */
};

/* False when there is no such thread. */
bool scl_tracee_status(int pid, int lwp, struct scl_tracee_status *ret);

enum scl_tracee_stat { SCL_STAT_PPID = 4, SCL_STAT_STARTTIME = 22, SCL_STAT_STARTCODE = 26, SCL_STAT_STARTSTACK = 28 };

/* A field of /proc/PID/stat; 0 when the process is gone. */
uint64_t scl_tracee_stat(int pid, enum scl_tracee_stat field);

/* What tells one program in a process from the next one after execve(2). */
struct scl_program {
	uint64_t device, inode;
	uint64_t code, stack; /* startcode and startstack */
};

/*
 * False when the thread is gone. A thread's id serves as well as the process's: a main thread that has ended while
 * others go on has no program any more.
 */
bool scl_program_of(int lwp, struct scl_program *ret);
bool scl_program_same(const struct scl_program *a, const struct scl_program *b);

/* Is the process that traces the debugger's own? GDB traces by itself, LLDB by a child. */
typedef bool scl_tracer_fn(int tracer);

/* A signal of ours on its way to a thread of the debuggee; number 0: none. */
struct scl_shot {
	int pid, lwp, number;
};

/* Can the thread be stopped: it is there, has not ended, and is traced by `ours`. *status is filled where it is there. */
bool scl_tracee_can_stop(int pid, int lwp, scl_tracer_fn *ours, struct scl_tracee_status *status);
/* Is a thread of the process traced by `ours`? */
bool scl_tracee_is_traced(int pid, scl_tracer_fn *ours);
/* Does one of those threads take SIGINT? */
bool scl_tracee_takes_sigint(int pid, scl_tracer_fn *ours);
/* The youngest process that `ours` traces and lets run, 0: none. */
int scl_tracee_find_running(scl_tracer_fn *ours);
/*
 * Send SIGINT, if `use_sigint` and a thread takes it, or else SIGSTOP: to thread `lwp` if it is there, or else to one
 * that takes SIGINT, or else to any. False when no thread of the process can be stopped.
 */
bool scl_tracee_send(int pid, int lwp, bool use_sigint, scl_tracer_fn *ours, struct scl_shot *sent);
/* Has a thread not yet reported what was sent to it? */
bool scl_shot_is_pending(const struct scl_shot *sent);

#endif
