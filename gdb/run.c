/*
 * run.c - let the debuggee run under GDB's event loop while the sampler's thread reads it, and stop it again.
 *
 * The main thread sits in `continue`; command/running.h orders what the two want.
 */
#include "shim.h"

#include <stdio.h>
#include <string.h>

void run_begin(struct shim *s)
{
	scl_running_begin(&s->run.running);
}

/* -- asked for by the sampler's thread ------------------------------------------------------------------ */

/* When there is nobody to stop any more, GDB sees that by itself. */
static void send(struct scl_running *running)
{
	struct run *r = &((struct shim *)running->arg)->run;
	int pid = r->follows_child || !halt_traced(r->pid) ? halt_find_running() : r->pid;

	if (pid)
		halt_send(pid, pid == r->pid ? r->lwp : pid, r->use_sigint, &running->sent);
}

void run_halt(struct scl_host *host)
{
	struct shim *s = host->arg;

	scl_running_halt(&s->run.running);
}

bool run_hold(struct scl_host *host, struct scl_error *err)
{
	struct shim *s = host->arg;

	return scl_running_hold(&s->run.running, err);
}

void run_release(struct scl_host *host)
{
	struct shim *s = host->arg;

	scl_running_release(&s->run.running);
}

/* -- on GDB's main thread ------------------------------------------------------------------------------- */

/* After a stop of ours: is it over, or go on? Waits while a sample is taken. */
static bool wait_released(struct run *r)
{
	bool more;

	Py_BEGIN_ALLOW_THREADS;
	more = scl_running_stopped(&r->running);
	Py_END_ALLOW_THREADS;
	return more;
}

/* Ctrl-C while the debuggee stood for a sample: GDB's next command has failed. */
static void end_by_quit(struct shim *s)
{
	pthread_mutex_lock(&s->run.running.lock);
	s->run.running.sent.number = 0;
	pthread_mutex_unlock(&s->run.running.lock);
	s->stop = (struct stop){.kind = STOP_SIGNAL, .signal = "SIGINT"};
}

/* With the output kept aside, what `continue` prints goes there, too: an exception would lose the string with it. */
static bool let_run(struct shim *s, const struct capture *capture, struct scl_buffer *output, struct scl_error *err)
{
	scl_buffer_clear(output);
	return capture->file >= 0 ? api_execute_shown(s, "continue", err) : api_execute(s, "continue", output, err);
}

/* `continue` until a stop that is not one of ours for a sample. False: that stop was none of ours at all. */
static bool serve(struct shim *s, struct capture *capture, struct scl_buffer *output, struct scl_error *err,
		  bool *failed)
{
	struct run *r = &s->run;
	struct scl_shot sent;

	for (;;) {
		stop_forget(s);
		*failed = !let_run(s, capture, output, err);
		sent = scl_running_sent(&r->running);
		if (!halt_is_ours(s, &sent))
			break;
		api_try(s, "queue-signal 0");
		/* It ran and was stopped all the same, and a hook of the user's failed after that. */
		if (*failed)
			break;
		if (s->quit) {
			end_by_quit(s);
			break;
		}
		if (!wait_released(r))
			return true;
		capture_forget(s, capture);
	}
	/* From here on nobody sends one: `sent` is what may still be on its way. */
	sent = scl_running_over(&r->running);
	if (sent.number && !halt_is_ours(s, &sent))
		drain_shot(s, &sent);
	return false;
}

/* What GDB has to be for run(): all-stop, a standing thread, signals that we may use. */
static bool prepare(struct shim *s, struct scl_error *err)
{
	struct run *r = &s->run;
	char value[32];

	api_parameter(s, "non-stop", value, sizeof value);
	if (strcmp(value, "on") == 0)
		return scl_fail(err, SCL_EUNSUPPORTED,
				"sampling lets the process run and stops it again, which non-stop mode does not allow: "
				"start GDB without `set non-stop on`, or use --no-resume");
	r->pid = api_pid(s);
	r->lwp = api_lwp(s);
	api_parameter(s, "follow-fork-mode", value, sizeof value);
	r->follows_child = strcmp(value, "child") == 0;
	return halt_check_signals(s, &r->use_sigint, err);
}

/* Show what GDB said about a stop that the user has to know of. */
static void replay(struct shim *s, const struct scl_buffer *printed, const struct scl_buffer *output)
{
	if (printed->len)
		s->host.write(&s->host, scl_buffer_str(printed), printed->len);
	if (output->len)
		s->host.write(&s->host, scl_buffer_str(output), output->len);
}

/* With the settings made, `continue` and whatever follows from how it ended. */
static bool run_going(struct shim *s, char *reason, size_t cap, struct scl_error *err)
{
	struct scl_buffer output = {0}, printed = {0};
	struct capture capture;
	struct watch watch;
	bool ours, failed;

	watch_begin(s, &watch);
	capture_begin(s, &capture);
	ours = serve(s, &capture, &output, err, &failed);
	capture_end(s, &capture, &printed);
	watch_end(&watch);
	if (s->quit || (ours && s->run.by_user)) {
		/* The samples are there: they are reported, and then there is nothing left to quit. */
		s->quit = false;
		failed = false;
		snprintf(reason, cap, "interrupted (signal SIGINT)");
	} else if (!ours) {
		if (!failed)
			stop_reason(s, reason, cap);
		replay(s, &printed, &output);
	}
	scl_buffer_destroy(&output);
	scl_buffer_destroy(&printed);
	return !failed;
}

struct setting {
	const char *name, *wanted;
	char was[32]; /* "": unlimited */
};

/* Not api_try(): to_string=True puts the size of a page back at its end, set_batch_flag_and_restore_page_info. */
static void set(struct shim *s, const char *name, const char *value)
{
	char command[64];
	bool quit = s->quit;

	snprintf(command, sizeof command, "set %s %s", name, value);
	if (!api_execute_shown(s, command, NULL) && s->quit && !quit)
		(void)!api_execute_shown(s, command, NULL); /* a Ctrl-C makes one command fail */
}

static void change(struct shim *s, struct setting *settings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		api_parameter(s, settings[i].name, settings[i].was, sizeof settings[i].was);
		set(s, settings[i].name, settings[i].wanted);
	}
}

static void put_back(struct shim *s, const struct setting *settings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		set(s, settings[i].name, settings[i].was[0] ? settings[i].was : "unlimited");
}

bool run_run(struct scl_host *host, char *reason, size_t cap, struct scl_error *err)
{
	struct shim *s = host->arg;
	struct run *r = &s->run;
	/* The pager would count the lines that are kept aside, and ask a question that is, too. */
	struct setting page[] = {{.name = "height", .wanted = "unlimited"}, {.name = "width", .wanted = "unlimited"}};
	char locking[32];
	bool done;

	if (cap)
		reason[0] = '\0';
	if (!prepare(s, err)) {
		scl_running_over(&r->running);
		return false;
	}
	if (!scl_running_go(&r->running))
		return true;
	api_parameter(s, "scheduler-locking", locking, sizeof locking);
	if (strcmp(locking, "on") == 0)
		set(s, "scheduler-locking", "off");
	change(s, page, sizeof page / sizeof page[0]);
	done = run_going(s, reason, cap, err);
	put_back(s, page, sizeof page / sizeof page[0]);
	if (strcmp(locking, "on") == 0)
		set(s, "scheduler-locking", "on");
	return done;
}

void run_init(struct shim *s)
{
	scl_running_init(&s->run.running, send, s);
}
