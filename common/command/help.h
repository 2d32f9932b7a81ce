/* help.h - everything that is written about a command, made from its entry in the table. */
#ifndef SCL_COMMAND_HELP_H
#define SCL_COMMAND_HELP_H

#include "command/command.h"

/* "sample N [--interval USEC] …", without a prompt. */
void scl_help_synopsis(const struct scl_command *command, struct scl_buffer *out);
/* "-o, --output FILE": how an argument is written. */
void scl_help_argument(const struct scl_arg_spec *spec, struct scl_buffer *out);
/* Its help with the default and the choices. */
void scl_help_meaning(const struct scl_arg_spec *spec, struct scl_buffer *out);
/* The whole help of a command; the same in every host. */
void scl_help_command(const struct scl_command *command, struct scl_buffer *out);

/* What a user types before "help". */
const char *scl_help_prompt(const struct scl_host *host);

/* docs/commands.md and the manual page, whole. */
void scl_docs_markdown(struct scl_buffer *out);
void scl_docs_man(struct scl_buffer *out);

#endif
