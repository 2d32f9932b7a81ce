/*
 * host.h - what a debugger (or the stand-alone program) offers to a command, and what a session keeps.
 *
 * A shim registers the command table, fills a struct scl_host, and calls scl_session_run(). It holds no text.
 */
#ifndef SCL_COMMAND_HOST_H
#define SCL_COMMAND_HOST_H

#include "base/buffer.h"
#include "target/target.h"

SCL_C_BEGIN

struct scl_host {
	const char *name;   /* "gdb", "lldb", "cli" */
	const char *prompt; /* how a user names our commands here: "scalene " in a debugger, "scalene-dbg -p PID " */
	const char *help_prompt; /* the same where no debuggee is needed, "scalene-dbg "; NULL: prompt */
	void *arg;		 /* the shim's own */

	/*
	 * The debuggee; the host keeps owning it. NULL with an error that says what to do (no process, a core, a
	 * remote target). Called once per command.
	 */
	struct scl_target *(*target)(struct scl_host *host, struct scl_error *err);
	/* The LWP that the user has selected; 0: none. May be NULL. */
	uint64_t (*selected_lwp)(struct scl_host *host);
	/* Write to the user; false when the user has quit the pager: the command ends at once. */
	bool (*write)(struct scl_host *host, const char *text, size_t len);
	/* Ctrl-C was pressed. Polled between steps of long work. */
	bool (*interrupted)(struct scl_host *host);
	/* A short status line that replaces the one before; NULL text clears it. NULL where there is no terminal. */
	void (*progress)(struct scl_host *host, const char *text);

	/* The debuggee stands still while a command runs (a debugger's prompt). */
	bool still;
	/*
	 * Let the debuggee run and serve its events until it stops for whatever reason. NULL where it runs anyway.
	 * `reason` gets why it stopped when that was not halt(): "exited with code 0", "signal SIGSEGV",
	 * "breakpoint 2". False when it could not be resumed.
	 */
	bool (*run)(struct scl_host *host, char *reason, size_t cap, struct scl_error *err);
	/* Make run() return; called from another thread, at most once per run(). NULL iff run is. */
	void (*halt)(struct scl_host *host);
	/* Stop mode: hold and release the running debuggee for one sample, from the sampler's thread. May be NULL. */
	bool (*hold)(struct scl_host *host, struct scl_error *err);
	void (*release)(struct scl_host *host);

	bool color;	/* the user's terminal understands colour and NO_COLOR is not set */
	unsigned width; /* terminal columns; 0: not a terminal */
};

struct scl_session;

/* A session lives as long as the host's: it keeps the settings and the last profile. NULL: out of memory. */
struct scl_session *scl_session_create(struct scl_host *host);
void scl_session_destroy(struct scl_session *session);

/* Run one command, its words as the user typed them after the prefix ("sample 500 --interval 1000"). */
SCL_CHECKED bool scl_session_run_line(struct scl_session *session, const char *line, struct scl_error *err);
/* The same with the words already split. */
SCL_CHECKED bool scl_session_run(struct scl_session *session, size_t argc, const char *const *argv,
				 struct scl_error *err);
/*
 * Completions of the last word of `line` (words before it choose what is offered), each appended to `out` with a
 * newline. File names are not completed here: *files says that the host should do it. Names of tasks are those of the
 * target as it is now; `session` may be NULL, and then there are none.
 */
void scl_session_complete(struct scl_session *session, const char *line, struct scl_buffer *out, bool *files);

/* -- the tables, for shims that register commands and settings one by one ------------------------------- */

size_t scl_command_count(void);
const char *scl_command_name(size_t i);
const char *scl_command_summary(size_t i);
/* The whole help text of command i, generated from its table entry, appended to `out`. */
void scl_command_help(size_t i, struct scl_buffer *out);
/* What all of them are for: a line that stands alone, and a paragraph. For a host that lists the commands itself. */
void scl_command_about(struct scl_buffer *out);
/* The overview that `scalene help` prints. */
void scl_command_overview(const struct scl_host *host, struct scl_buffer *out);

size_t scl_setting_count(void);
/* What a value of setting i may be: kind, choices and limit, for a host that has settings of its own. */
struct scl_arg_spec;
const struct scl_arg_spec *scl_setting_spec(size_t i);
const char *scl_setting_name(size_t i);
const char *scl_setting_help(size_t i);
/* Current value as text, appended. */
void scl_setting_show(const struct scl_session *session, size_t i, struct scl_buffer *out);
SCL_CHECKED bool scl_setting_set(struct scl_session *session, size_t i, const char *value, struct scl_error *err);

SCL_C_END

#endif
