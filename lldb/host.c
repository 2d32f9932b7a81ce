/* host.c - LLDB as a host: which process, which thread, how to write, whether Ctrl-C was pressed. */
#include "shim.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/live.h"

/* -- Ctrl-C ----------------------------------------------------------------------------------------------- */

enum { SAME_MS = 500 };

/* What a signal handler can reach. */
static volatile sig_atomic_t interrupts;
static volatile uint64_t interrupted_ns;
static struct sigaction lldbs;

/*
 * While a process runs under SBProcess::Continue nobody looks at the mark that LLDB's own handler makes
 * (Debugger::DispatchInputInterrupt). The first Ctrl-C asks the command to end, and a second one is LLDB's again.
 */
static void on_sigint(int number)
{
	uint64_t now = scl_clock_monotonic();
	bool plain = !(lldbs.sa_flags & SA_SIGINFO) && lldbs.sa_handler != SIG_IGN && lldbs.sa_handler != SIG_DFL;

	if (!interrupts) {
		interrupted_ns = now;
		interrupts = 1;
	} else if (plain && now - interrupted_ns >= SAME_MS * (uint64_t)SCL_NS_PER_MS) {
		lldbs.sa_handler(number);
	}
}

bool host_ctrl_c(void)
{
	return interrupts != 0;
}

static void catch_sigint(void)
{
	struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	interrupts = 0;
	sigaction(SIGINT, &action, &lldbs);
}

void host_end(void)
{
	sigaction(SIGINT, &lldbs, NULL);
}

/* -- the process ------------------------------------------------------------------------------------------ */

/* LLDB traces through a child, lldb-server; one that was started by somebody else may be on another machine. */
bool host_is_tracer(int tracer)
{
	return scl_tracee_stat(tracer, SCL_STAT_PPID) == (uint64_t)getpid();
}

/* LLDB may hear of the end of a process only when it lets it run the next time. */
static bool has_ended(int pid)
{
	struct scl_tracee_status status;

	return !scl_tracee_status(pid, pid, &status) || strchr("ZXx", status.state);
}

/* The process to look at, or an error that says what to do. */
static bool check_process(const struct sb_process *process, struct scl_error *err)
{
	int pid = process->pid;

	if (process->state == SB_NO_PROCESS || pid <= 0)
		return scl_fail(err, SCL_ENOTFOUND,
				"no process: start one with `process launch`, attach to one with `process attach --pid "
				"PID`, or open a core dump with `target create --core CORE`");
	if (process->state == SB_RUNNING)
		return scl_fail(err, SCL_EUNSUPPORTED, "process %d is running: stop it with `process interrupt` first",
				pid);
	if (scl_tracee_is_traced(pid, host_is_tracer))
		return true;
	if (process->local && has_ended(pid))
		return scl_fail(err, SCL_EGONE, "process %d has ended", pid);
	return scl_fail(err, SCL_EUNSUPPORTED,
			"process %d is not one that this LLDB traces on this machine; run `scalene-dbg -p PID` where "
			"it runs",
			pid);
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
	struct sb_process process;
	struct scl_program program;
	struct scl_target *opened;
	int lwp;

	run_begin(s);
	sb_process(s->sb, &process);
	if (strcmp(process.plugin, "elf-core") == 0 || strcmp(process.plugin, "minidump") == 0)
		return replace_target(s, core_target(s, process.pid, err));
	if (!check_process(&process, err))
		return NULL;
	lwp = sb_selected_lwp(s->sb);
	if (!scl_program_of(lwp ? lwp : process.pid, &program)) {
		scl_error_set(err, SCL_EGONE, 0, 0, "process %d has ended", process.pid);
		return NULL;
	}
	if (s->target && !scl_target_is_dead(s->target) && scl_target_pid(s->target) == process.pid &&
	    scl_live_alive(s->target) && scl_program_same(&program, &s->program))
		return s->target;
	opened = replace_target(s, scl_live_open(process.pid, err));
	if (opened)
		s->program = program;
	return opened;
}

static uint64_t host_selected_lwp(struct scl_host *host)
{
	int lwp = sb_selected_lwp(((struct shim *)host->arg)->sb);

	return lwp > 0 ? (uint64_t)lwp : 0;
}

/* -- the user --------------------------------------------------------------------------------------------- */

static bool host_write(struct scl_host *host, const char *text, size_t len)
{
	sb_write(((struct shim *)host->arg)->sb, text, len);
	return true;
}

static bool host_interrupted(struct scl_host *host)
{
	return host_ctrl_c() || sb_interrupted(((struct shim *)host->arg)->sb);
}

/* From any thread, so past LLDB. */
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

void host_begin(struct shim *s)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool capable = term && strcmp(term, "dumb") != 0;
	struct sb_terminal terminal;

	catch_sigint();
	sb_terminal(s->sb, &terminal);
	s->host.color = terminal.output && terminal.color && capable && !(no_color && no_color[0]);
	s->host.width = terminal.output ? terminal.width : 0;
	/* Once for all: the sampler's thread may write to it at any time. */
	if (s->progress < 0)
		s->progress = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	s->host.progress = s->progress >= 0 && terminal.errors && capable ? host_progress : NULL;
}

void host_init(struct shim *s)
{
	s->progress = -1;
	s->host = (struct scl_host){
		.name = "lldb",
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

/* -- a command -------------------------------------------------------------------------------------------- */

struct shim *shim_create(void)
{
	struct shim *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	host_init(s);
	run_init(s);
	pthread_mutex_init(&s->busy, NULL);
	s->session = scl_session_create(&s->host);
	if (s->session)
		return s;
	free(s);
	return NULL;
}

bool shim_execute(struct shim *s, struct sb *sb, size_t argc, const char *const *argv, struct scl_error *err)
{
	bool done;

	/* A stop hook of the user's runs while a command of ours lets the process run. */
	if (pthread_mutex_trylock(&s->busy) != 0)
		return scl_fail(err, SCL_EUNSUPPORTED, "another scalene command is still at work");
	s->sb = sb;
	host_begin(s);
	done = scl_session_run(s->session, argc, argv, err);
	host_end();
	s->sb = NULL;
	pthread_mutex_unlock(&s->busy);
	return done;
}
