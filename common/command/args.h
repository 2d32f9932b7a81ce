/*
 * args.h - the words of a command line and their meaning by a table of arguments.
 *
 * Words are split as GDB's own commands split theirs: at white space, with '…', "…" and a backslash as quotes.
 */
#ifndef SCL_COMMAND_ARGS_H
#define SCL_COMMAND_ARGS_H

#include "command/command.h"
#include "command/names.h"

enum {
	SCL_LINE_MAX = 64 * 1024, /* bytes of one line */
	SCL_WORDS_MAX = 1024,	  /* words of one line */
};

/* In the caller's arena. */
struct scl_words {
	const char **words;
	size_t n;
	bool open; /* the line ends inside the last word: that is what completion completes */
};

/* An unfinished quotation is an error unless `partial`, for completion, says that it may be. */
SCL_CHECKED bool scl_words_split(struct scl_arena *arena, const char *line, bool partial, struct scl_words *ret,
				 struct scl_error *err);

/*
 * Give each of the command's arguments its value; argv is without the command's name. Long options may be
 * abbreviated, "--name=value", "-oVALUE" and "--" work, and the last one wins of options that are given twice.
 */
SCL_CHECKED bool scl_args_parse(struct scl_arena *arena, const struct scl_command *command, size_t argc,
				const char *const *argv, struct scl_args *args, struct scl_error *err);
/* One value by its specification; error texts name the specification. The text is kept, not copied. */
SCL_CHECKED bool scl_arg_read(const struct scl_arg_spec *spec, const char *text, struct scl_arg_value *value,
			      struct scl_error *err);
bool scl_arg_is_option(const struct scl_arg_spec *spec);
/* The word looks like an option and not like a negative number. */
bool scl_arg_looks_like_option(const char *word);
/* Names that the value may have; n is 0 where it is free. */
struct scl_names scl_arg_names(const struct scl_arg_spec *spec);
struct scl_names scl_arg_options(const struct scl_command *command);

#endif
