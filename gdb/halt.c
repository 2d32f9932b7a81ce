/*
 * halt.c - which signal, sent to which thread, makes GDB stop the debuggee.
 *
 * GDB's own `interrupt` sends SIGINT, at which it stops and which it does not pass on. SIGINT for one thread is the
 * same but for leaving the selection alone: that thread is the one reported. A thread that blocks SIGINT never
 * reports it; SIGSTOP cannot be blocked, but GDB would pass it on, so `queue-signal 0` follows it.
 */
#include "shim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of one that GDB's own process traces. */
static bool is_gdb(int tracer)
{
	return tracer == getpid();
}

bool halt_takes_sigint(int pid)
{
	return scl_tracee_takes_sigint(pid, is_gdb);
}

bool halt_traced(int pid)
{
	return scl_tracee_is_traced(pid, is_gdb);
}

int halt_find_running(void)
{
	return scl_tracee_find_running(is_gdb);
}

bool halt_send(int pid, int lwp, bool use_sigint, struct scl_shot *sent)
{
	return scl_tracee_send(pid, lwp, use_sigint, is_gdb, sent);
}

/* A Ctrl-C at the same moment stops it with the same signal, and then ours is still to come. */
bool halt_is_ours(struct shim *s, const struct scl_shot *sent)
{
	const char *name = sent->number == SIGINT ? "SIGINT" : "SIGSTOP";
	struct scl_tracee_status status;

	return sent->number && s->stop.kind == STOP_SIGNAL && strcmp(s->stop.signal, name) == 0 &&
	       api_pid(s) == sent->pid && api_lwp(s) == sent->lwp && !scl_shot_is_pending(sent) &&
	       scl_tracee_status(sent->pid, sent->lwp, &status);
}

/* Yes and No in the columns Stop, Print, Pass of `info signals NAME`. */
static bool signal_setting(struct shim *s, const char *name, bool *stop, bool *pass, struct scl_error *err)
{
	struct scl_buffer out = {0};
	char command[64], word[3][8] = {{0}};
	const char *line;
	bool done;

	snprintf(command, sizeof command, "info signals %s", name);
	done = api_execute(s, command, &out, err);
	line = strstr(scl_buffer_str(&out), "\nSIG");
	if (done && (!line || sscanf(line + 1, "%*s %7s %7s %7s", word[0], word[1], word[2]) != 3))
		done = scl_fail(err, SCL_EUNSUPPORTED, "cannot read GDB's answer to `%s`", command);
	*stop = strcmp(word[0], "Yes") == 0;
	*pass = strcmp(word[2], "No") != 0;
	scl_buffer_destroy(&out);
	return done;
}

bool halt_check_signals(struct shim *s, bool *use_sigint, struct scl_error *err)
{
	bool stop, pass;

	if (!signal_setting(s, "SIGINT", &stop, &pass, err))
		return false;
	*use_sigint = stop && !pass;
	if (!signal_setting(s, "SIGSTOP", &stop, &pass, err))
		return false;
	if (!stop && !*use_sigint)
		return scl_fail(err, SCL_EUNSUPPORTED,
				"GDB is told not to stop at SIGINT (or to pass it on) and not at SIGSTOP, so the "
				"process could not be stopped again: `handle SIGINT stop nopass`");
	return true;
}
