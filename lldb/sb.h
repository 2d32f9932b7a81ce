/*
 * sb.h - the few of LLDB's SB functions that the plugin calls, as C functions over what a command is given.
 *
 * LLDB's plugin interface is C++; plugin.cc is the only file that knows it. Everything here is for the thread that
 * runs the command. LLDB may have changed its mind about a process between two calls: nothing is kept.
 */
#ifndef SCL_LLDB_SB_H
#define SCL_LLDB_SB_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

SCL_C_BEGIN

/* The debugger that runs a command, and where its output goes. Valid for one command. */
struct sb;

enum sb_state { SB_NO_PROCESS, SB_STOPPED, SB_RUNNING };

struct sb_process {
	enum sb_state state;
	int pid;	 /* 0: none */
	bool local;	 /* of LLDB's own platform, "host" */
	char plugin[32]; /* "gdb-remote" for live processes, local ones included; "elf-core", "minidump" */
};
void sb_process(struct sb *sb, struct sb_process *ret);

/* The program that LLDB has been given, or has found; "" where there is none. */
void sb_program(struct sb *sb, char *path, size_t cap);

/* What `platform select --sysroot` has been given; "" where nothing was. */
void sb_sysroot(struct sb *sb, char *path, size_t cap);

/* LWP of the selected thread, 0: none. */
int sb_selected_lwp(struct sb *sb);
void sb_select_lwp(struct sb *sb, int lwp);
/* Keep all threads but that one from running when the process is resumed, or let them again. Threads that the user had
 * suspended are left alone. */
void sb_suspend_others(struct sb *sb, int lwp, bool suspended);

/* Bytes of output of the command. */
void sb_write(struct sb *sb, const char *text, size_t len);
/* LLDB's own report of how the process stands, appended. */
void sb_report(struct sb *sb, struct scl_buffer *out);
/* Was a command interrupted past SIGINT: by an IDE. */
bool sb_interrupted(struct sb *sb);

struct sb_terminal {
	bool output, errors; /* descriptors 1 and 2 are where LLDB writes to, and are terminals */
	bool color;
	unsigned width;
};
void sb_terminal(struct sb *sb, struct sb_terminal *ret);

/* Let the process run until it stops, on this thread. */
SCL_CHECKED bool sb_continue(struct sb *sb, struct scl_error *err);

/* What LLDB does at a signal of the process: `process handle`. */
struct sb_signal {
	bool stop, notify, suppress;
};
void sb_signal_get(struct sb *sb, int number, struct sb_signal *ret);
void sb_signal_set(struct sb *sb, int number, const struct sb_signal *how);

enum sb_stop_kind {
	SB_STOP_NONE,
	SB_STOP_SIGNAL,
	SB_STOP_BREAKPOINT,
	SB_STOP_WATCHPOINT,
	SB_STOP_EXITED,
	SB_STOP_OTHER,
};

struct sb_stop {
	enum sb_stop_kind kind;
	int lwp;	/* 0: the process as a whole */
	long number;	/* of the signal, the breakpoint, the watchpoint; the exit status */
	char text[128]; /* the signal's name, or in LLDB's words */
};

/* Why thread `lwp` has stopped. SB_STOP_NONE: it was stopped because another one has, or is not there. */
void sb_stop_of(struct sb *sb, int lwp, struct sb_stop *ret);
/* Why the process has stopped or ended: the selected thread's reason or else any other thread's, but for `except`. */
void sb_stop(struct sb *sb, int except, struct sb_stop *ret);

SCL_C_END

#endif
