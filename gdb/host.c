/* host.c - GDB as a host: which process, which thread, how to write, whether Ctrl-C was pressed. */
#include "shim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "native", "core", "remote", ...; "" where GDB does not say. */
static void connection_type(struct shim *s, char *buf, size_t cap)
{
	PyObject *inferior = PyObject_CallMethod(s->gdb, "selected_inferior", NULL);
	PyObject *connection = inferior ? PyObject_GetAttrString(inferior, "connection") : NULL;

	buf[0] = '\0';
	if (connection && connection != Py_None)
		api_text(connection, "type", buf, cap);
	Py_XDECREF(connection);
	Py_XDECREF(inferior);
	PyErr_Clear();
}

static bool thread_is_running(struct shim *s)
{
	PyObject *thread = PyObject_CallMethod(s->gdb, "selected_thread", NULL);
	PyObject *running = thread && thread != Py_None ? PyObject_CallMethod(thread, "is_running", NULL) : NULL;
	bool is = running == Py_True;

	Py_XDECREF(running);
	Py_XDECREF(thread);
	PyErr_Clear();
	return is;
}

/* GDB hears of the end of a process when it lets it run the next time. */
static bool has_ended(int pid)
{
	struct scl_tracee_status status;

	return !scl_tracee_status(pid, pid, &status) || strchr("ZXx", status.state);
}

/* The process to look at, or an error that says what to do. */
static bool choose_process(struct shim *s, const char *type, int *pid, struct scl_error *err)
{
	*pid = api_pid(s);
	if (*pid <= 0)
		return scl_fail(
			err, SCL_ENOTFOUND,
			"no process: start one with `run`, attach to one with `attach PID`, or open a core dump "
			"with `core-file CORE`");
	if (type[0] && strcmp(type, "native") != 0)
		return scl_fail(err, SCL_EUNSUPPORTED,
				"process %d is on a %s target; run `scalene-dbg -p PID` on the machine where it runs",
				*pid, type);
	/* Without a type it may be a process of another machine. */
	if (type[0] && !halt_traced(*pid) && has_ended(*pid))
		return scl_fail(err, SCL_EGONE, "process %d has ended", *pid);
	if (!halt_traced(*pid))
		return scl_fail(err, SCL_EUNSUPPORTED,
				"process %d is not one that this GDB traces on this machine; run `scalene-dbg -p PID` "
				"where it runs",
				*pid);
	if (thread_is_running(s))
		return scl_fail(err, SCL_EUNSUPPORTED,
				"process %d is running in the background: stop it with `interrupt` first", *pid);
	return true;
}

/* The shared part may still know the one before: it is closed when the next one replaces this one. */
static struct scl_target *replace_target(struct shim *s, struct scl_target *opened)
{
	if (!opened || opened == s->target)
		return opened;
	scl_target_close(s->stale);
	s->stale = s->target;
	s->target = opened;
	return opened;
}

static struct scl_target *host_target(struct scl_host *host, struct scl_error *err)
{
	struct shim *s = host->arg;
	struct scl_program program;
	struct scl_target *opened;
	char type[64];
	int pid, lwp;

	run_begin(s);
	connection_type(s, type, sizeof type);
	if (strcmp(type, "core") == 0)
		return replace_target(s, core_target(s, err));
	if (!choose_process(s, type, &pid, err))
		return NULL;
	lwp = api_lwp(s);
	if (!scl_program_of(lwp ? lwp : pid, &program)) {
		scl_error_set(err, SCL_EGONE, 0, 0, "process %d has ended", pid);
		return NULL;
	}
	if (s->target && !scl_target_is_dead(s->target) && scl_target_pid(s->target) == pid &&
	    scl_live_alive(s->target) && scl_program_same(&program, &s->program))
		return s->target;
	opened = replace_target(s, scl_live_open(pid, err));
	if (opened)
		s->program = program;
	return opened;
}

static uint64_t host_selected_lwp(struct scl_host *host)
{
	int lwp = api_lwp(host->arg);

	return lwp > 0 ? (uint64_t)lwp : 0;
}

static bool host_write(struct scl_host *host, const char *text, size_t len)
{
	struct shim *s = host->arg;
	PyObject *string, *done;

	if (s->quit)
		return false;
	string = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
	done = string ? PyObject_CallMethod(s->gdb, "write", "O", string) : NULL;
	if (!done) {
		PyErr_Clear();
		s->quit = true;
	}
	Py_XDECREF(done);
	Py_XDECREF(string);
	return !s->quit;
}

static bool host_interrupted(struct scl_host *host)
{
	struct shim *s = host->arg;

	if (!s->quit && PyErr_CheckSignals() != 0) {
		PyErr_Clear();
		s->quit = true;
	}
	return s->quit;
}

/* From any thread, so past GDB. */
static void host_progress(struct scl_host *host, const char *text)
{
	struct shim *s = host->arg;
	struct scl_buffer line = {0};

	scl_buffer_puts(&line, "\r\033[K");
	if (text)
		scl_buffer_puts(&line, text);
	if (write(s->progress, scl_buffer_str(&line), line.len) < 0)
		scl_buffer_clear(&line); /* a status line that cannot be shown is no error */
	scl_buffer_destroy(&line);
}

/* One that understands escape sequences. */
static bool is_terminal(struct shim *s, int fd)
{
	const char *term = getenv("TERM");

	return s->cli && isatty(fd) && term && strcmp(term, "dumb") != 0;
}

static bool wants_color(struct shim *s)
{
	const char *no_color = getenv("NO_COLOR");
	char styled[16];

	api_parameter(s, "style enabled", styled, sizeof styled);
	return is_terminal(s, STDOUT_FILENO) && strcmp(styled, "on") == 0 && !(no_color && no_color[0]);
}

void host_begin(struct shim *s)
{
	char width[32];

	s->quit = false;
	s->host.color = wants_color(s);
	s->host.width = 0;
	/* Once for all: the sampler's thread may write to it at any time. */
	if (s->progress < 0)
		s->progress = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	s->host.progress = s->progress >= 0 && is_terminal(s, STDERR_FILENO) ? host_progress : NULL;
	if (s->cli && isatty(STDOUT_FILENO)) {
		api_parameter(s, "width", width, sizeof width);
		s->host.width = (unsigned)strtoul(width, NULL, 10);
	}
}

/* GDB/MI and DAP speak on standard output; -i and --interpreter choose them, gdb(1). */
static bool is_cli(void)
{
	char text[4096];
	const char *name = NULL;
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	for (const char *word = text; word < text + n; word += strlen(word) + 1) {
		const char *option = word + strspn(word, "-");
		size_t length = strcspn(option, "=");

		if (strcmp(option, "args") == 0)
			break;
		if (option > word && (strncmp(option, "interpreter", length) == 0) && length &&
		    strncmp(option, "ix", 2) != 0)
			name = option[length] ? option + length + 1 : word + strlen(word) + 1;
	}
	return !name || strcmp(name, "console") == 0 || strncmp(name, "tui", 3) == 0;
}

void host_init(struct shim *s)
{
	s->cli = is_cli();
	s->progress = -1;
	s->host = (struct scl_host){
		.name = "gdb",
		.prompt = "scalene ",
		.arg = s,
		.target = host_target,
		.selected_lwp = host_selected_lwp,
		.write = host_write,
		.interrupted = host_interrupted,
		.still = true,
		.run = run_run,
		.halt = run_halt,
		.hold = run_hold,
		.release = run_release,
	};
}
