/* host.c - standard output, a terminal's width, Ctrl-C: what a debugger would give. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "hold.h"
#include "target/live.h"
#include "unpack.h"

enum { SAME_MS = 500 };

/* What the signal handler can reach. One thread alone takes SIGINT: those of the sampler block it. */
static volatile sig_atomic_t interrupts;
static volatile uint64_t interrupted_ns;

/*
 * The first Ctrl-C asks, a second one ends the program. What comes right after the first is the same one: timeout(1)
 * signals the process and then its group, and so does a shell that passes a Ctrl-C of its terminal on.
 */
static void on_sigint(int number)
{
	uint64_t now = scl_clock_monotonic();

	if (!interrupts) {
		interrupted_ns = now;
		interrupts = 1;
	} else if (now - interrupted_ns >= SAME_MS * (uint64_t)SCL_NS_PER_MS) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

static void catch_sigint(void)
{
	struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	/* A reader that has gone is an error of write(), not the end of the program without a status. */
	signal(SIGPIPE, SIG_IGN);
}

static bool was_interrupted(void)
{
	return interrupts != 0;
}

static bool cli_interrupted(struct scl_host *host)
{
	(void)host;
	return was_interrupted();
}

/* A process that is stopped by a signal stands still; what is read of it can be cached. */
static bool stands_still(struct scl_target *target)
{
	struct scl_lwp_status status;

	return scl_lwp_status(target, (uint64_t)scl_target_pid(target), SCL_LWP_STAT, &status, NULL) &&
	       status.state == 'T';
}

static struct scl_target *open_core(struct cli_host *cli, struct scl_error *err)
{
	struct scl_target *target = NULL;
	int fd = unpack_open(cli->core, err);

	if (fd >= 0)
		target = scl_core_open_fd(fd, cli->core, &cli->files, err);
	cli->host.still = target != NULL;
	return target;
}

/* The thread that a core was written for is the one to look at. */
static uint64_t cli_selected_lwp(struct scl_host *host)
{
	struct cli_host *cli = (struct cli_host *)host;
	struct scl_death death;

	return cli->core && cli->target && scl_target_death(cli->target, &death, NULL) ? death.lwp : 0;
}

static struct scl_target *cli_target(struct scl_host *host, struct scl_error *err)
{
	struct cli_host *cli = (struct cli_host *)host;

	if (cli->target)
		return cli->target;
	if (cli->core) {
		cli->target = open_core(cli, err);
		return cli->target;
	}
	if (cli->pid == 0) {
		scl_error_set(err, SCL_EUSAGE, 0, 0,
			      "which process? name one with -p PID, or a core dump with -c CORE");
		return NULL;
	}
	cli->target = scl_live_open(cli->pid, err);
	if (cli->target)
		host->still = stands_still(cli->target);
	return cli->target;
}

static bool cli_write(struct scl_host *host, const char *text, size_t len)
{
	struct cli_host *cli = (struct cli_host *)host;

	if (host->progress)
		host->progress(host, NULL);
	if (fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0)
		return true;
	if (!cli->output_failed)
		cli->output_errno = errno;
	cli->output_failed = true;
	return false;
}

/* One line of standard error, replaced each time. */
static void cli_progress(struct scl_host *host, const char *text)
{
	struct cli_host *cli = (struct cli_host *)host;

	if (text)
		fprintf(stderr, "\r%s\033[K", text);
	else if (cli->progress_shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
	cli->progress_shown = text != NULL;
}

static bool cli_hold_fn(struct scl_host *host, struct scl_error *err)
{
	struct cli_host *cli = (struct cli_host *)host;

	if (!cli->hold)
		cli->hold = cli_hold_create(cli->pid, was_interrupted);
	return cli->hold ? cli_hold_stop(cli->hold, err) : scl_fail(err, SCL_ENOMEM, "out of memory");
}

static void cli_release_fn(struct scl_host *host)
{
	cli_hold_release(((struct cli_host *)host)->hold);
}

/* COLUMNS says what the user wants, the terminal what there is. */
static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long wanted = columns ? strtoul(columns, NULL, 10) : 0;
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (wanted > 0 && wanted < 10000)
		return (unsigned)wanted;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

void cli_host_init(struct cli_host *cli, int pid, const char *core, const struct scl_core_options *files)
{
	*cli = (struct cli_host){
		.host = {.name = "cli",
			 .prompt = core ? "scalene-dbg -c CORE " : "scalene-dbg -p PID ",
			 .help_prompt = "scalene-dbg ",
			 .target = cli_target,
			 .selected_lwp = cli_selected_lwp,
			 .write = cli_write,
			 .interrupted = cli_interrupted,
			 .progress = isatty(STDERR_FILENO) ? cli_progress : NULL,
			 .hold = core ? NULL : cli_hold_fn,
			 .release = core ? NULL : cli_release_fn,
			 .color = wants_color(),
			 .width = terminal_width()},
		.pid = pid,
		.core = core,
		.files = *files,
	};
	catch_sigint();
}

void cli_host_close(struct cli_host *cli)
{
	cli_hold_destroy(cli->hold);
	scl_target_close(cli->target);
}

bool cli_host_finish(struct cli_host *cli)
{
	if (!cli->output_failed && (fflush(stdout) != 0 || ferror(stdout))) {
		cli->output_failed = true;
		cli->output_errno = errno;
	}
	if (cli->output_failed && cli->output_errno != EPIPE)
		fprintf(stderr, "scalene-dbg: cannot write the output: %s\n", strerror(cli->output_errno));
	return !cli->output_failed;
}
