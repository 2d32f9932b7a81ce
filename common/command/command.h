/*
 * command.h - a command is data: its name, arguments and help are one table entry.
 *
 * Parsing, `help`, completion, docs/commands.md and the debuggers' registration all come from that entry.
 */
#ifndef SCL_COMMAND_COMMAND_H
#define SCL_COMMAND_COMMAND_H

#include "base/arena.h"
#include "command/host.h"
#include "profile/sampler.h"
#include "writers/writer.h"

enum scl_arg_kind {
	SCL_ARG_FLAG,	/* --all */
	SCL_ARG_COUNT,	/* a whole number > 0 */
	SCL_ARG_WHOLE,	/* a whole number >= 0 */
	SCL_ARG_NUMBER, /* a number >= 0, may have a fraction */
	SCL_ARG_CHOICE, /* one of `choices` */
	SCL_ARG_TEXT,
	SCL_ARG_FILE,	       /* completed as a file name */
	SCL_ARG_OPTIONAL_FILE, /* --json [FILE]: the value may be missing */
	SCL_ARG_COMMAND,       /* the name of a command (help) */
	SCL_ARG_SETTING,
	SCL_ARG_FORMAT, /* the name of a writer */
	SCL_ARG_TASK,	/* the name or address of an asyncio task, completed from the target */
	SCL_ARG_REST,	/* positional: this word and all after it are left alone, options included */
};

struct scl_arg_spec {
	const char *name; /* "--interval", or "N" for a positional argument */
	char letter;	  /* 'o' for -o; 0: none */
	enum scl_arg_kind kind;
	bool required;		    /* positional ones only */
	const char *metavar;	    /* "USEC" */
	const char *standard;	    /* default value as text; NULL: none */
	const char *const *choices; /* CHOICE: NULL-terminated */
	const char *help;
	uint64_t max; /* COUNT, WHOLE and NUMBER: largest accepted value; 0: none */
};

struct scl_arg_value {
	bool given;
	const char *text; /* as typed, or the default; NULL */
	uint64_t count;
	double number;
};

/* Values in the order of the specs, in the command's arena. */
struct scl_args {
	const struct scl_arg_spec *specs;
	size_t n;
	struct scl_arg_value *values;
	size_t rest; /* index in argv of the word that SCL_ARG_REST took; argc when there is none */
	bool help;   /* -h or --help was there: nothing else was checked */
};

/* The value of the argument of that name; a value that was not given for a name that the command has not. */
const struct scl_arg_value *scl_arg(const struct scl_args *args, const char *name);

enum scl_needs {
	SCL_NEEDS_NOTHING = 0,
	SCL_NEEDS_TARGET = 1,  /* host->target() works */
	SCL_NEEDS_RUNTIME = 2, /* and it is a CPython that we read */
	SCL_NEEDS_PROFILE = 4, /* a profile was taken in this session */
};

struct scl_command {
	const char *name, *summary, *details; /* details: paragraphs for help; may be NULL */
	const struct scl_arg_spec *args;
	size_t nargs;
	unsigned needs;
	bool (*run)(struct scl_session *session, const struct scl_args *args, struct scl_error *err);
	const char *example; /* what it prints, for the documentation: "$ words" begins a command; may be NULL */
};

extern const struct scl_command *const scl_commands[];
extern const size_t scl_ncommands;
/* The stand-alone program's own command line: its options, then a command and its words. It has no run(). */
extern const struct scl_command scl_command_line;
extern const char *const scl_version; /* "0.1.0" */

struct scl_settings {
	unsigned limit;	     /* lines per file in the report */
	const char *color;   /* "auto", "on", "off": a literal */
	bool source;	     /* print source lines in bt */
	unsigned max_string; /* characters of one name that are printed */
};

struct scl_session {
	struct scl_host *host;
	struct scl_settings settings;
	struct scl_profile *profile; /* the last one; NULL: none yet */
	/* valid while a command runs */
	struct scl_arena arena;
	struct scl_target *target;
	struct scl_runtime *rt; /* kept across commands while the target, its pid and its interpreter stay the same */
	struct scl_buffer out;	/* collected output, flushed by scl_out_flush and at the end */
	bool quit;		/* the user has quit the pager: nothing more is printed */
	/* what `rt` was made from, to see whether it still holds */
	int rt_pid;
	scl_addr rt_start, rt_end; /* where the interpreter's module is mapped */
};

/*
 * Open what the command needs: session->target, session->rt. The runtime is looked for once and kept while the
 * same file is mapped at the same place in the same process; exec(2) changes one of them or changes nothing that
 * matters.
 */
SCL_CHECKED bool scl_session_prepare(struct scl_session *session, unsigned needs, struct scl_error *err);
/* The runtime of the target that is there: for a command that needs none, but looks whether there is one. */
SCL_CHECKED bool scl_session_prepare_runtime(struct scl_session *session, struct scl_error *err);
/* A new profile takes the place of the last one; the session owns it. */
void scl_session_keep_profile(struct scl_session *session, struct scl_profile *profile);
/* Write the session's profile to a file in the named format, and say so. */
SCL_CHECKED bool scl_profile_save(struct scl_session *session, const char *path, const char *format,
				  struct scl_error *err);
/* SCL_EINTERRUPTED when the user has pressed Ctrl-C or has quit the pager. */
SCL_CHECKED bool scl_session_go_on(struct scl_session *session, struct scl_error *err);

/* Output of a command: this, or appending to session->out. Nothing else may print. */
void scl_out(struct scl_session *session, const char *fmt, ...) SCL_PRINTF(2, 3);
/* Hand over what was collected. False when the user has quit the pager. */
bool scl_out_flush(struct scl_session *session);
bool scl_session_color(const struct scl_session *session);
/* Write `text` to `path` whole or not at all: into a file beside it that is renamed ("-" is not special here). */
SCL_CHECKED bool scl_write_file(const char *path, const char *text, size_t len, struct scl_error *err);
/* Say before long work whether scl_write_file could make that file. */
SCL_CHECKED bool scl_write_file_check(const char *path, struct scl_error *err);
/* "-": a document that is meant for the output, not for a file. */
bool scl_is_output(const char *path);
/* Deliver a document to a file as scl_write_file does, or to the output. */
SCL_CHECKED bool scl_out_document(struct scl_session *session, const char *path, const char *text, size_t len,
				  struct scl_error *err);
/* Deliver a --json document: to the argument's file, or to the output when the option had no value. Its strings may be
 * text of the target as it is. */
struct cJSON;
SCL_CHECKED bool scl_out_json(struct scl_session *session, const struct scl_arg_value *json, struct cJSON *document,
			      struct scl_error *err);

#endif
