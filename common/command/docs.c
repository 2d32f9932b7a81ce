/* docs.c - the reference of the commands as Markdown and as a manual page. */
#include <string.h>

#include "command/help.h"

/* What is said once for all commands, by both documents. */
static const char *const common_rules[] = {
	"No code runs in the target, and no register and no byte of it is written.",
	"Commands and long options may be abbreviated. A value is the next word, or follows an equals sign.",
	"Words are split at white space; '…', \"…\" and a backslash quote.",
	"--json [FILE] gives the same facts as JSON, printed or written to FILE.",
	"Files are written beside their place and renamed: never half a file.",
	"Ctrl-C ends a long command and keeps what was gathered.",
	"Colour appears on a terminal only, and not when NO_COLOR is set.",
};
enum { NRULES = sizeof(common_rules) / sizeof(common_rules[0]) };

/* The next piece of `text` up to an empty line; NULL at the end. */
static const char *next_paragraph(const char **text, size_t *len)
{
	const char *start = *text;
	const char *gap = strstr(start, "\n\n");

	if (!*start)
		return NULL;
	*len = gap ? (size_t)(gap - start) : strlen(start);
	*text = start + *len + (gap ? 2 : 0);
	return start;
}

/* -- Markdown -------------------------------------------------------------------------------------------------- */

static void put_md(struct scl_buffer *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr("*_<>|[]", text[i]))
			scl_buffer_putc(out, '\\');
		scl_buffer_putc(out, text[i]);
	}
}

static void md_paragraphs(struct scl_buffer *out, const char *text)
{
	const char *paragraph;
	size_t len;

	while ((paragraph = next_paragraph(&text, &len))) {
		scl_buffer_putc(out, '\n');
		if (*paragraph == ' ') {
			scl_buffer_puts(out, "```\n");
			scl_buffer_append(out, paragraph, len);
			scl_buffer_puts(out, "\n```\n");
		} else {
			put_md(out, paragraph, len);
			scl_buffer_putc(out, '\n');
		}
	}
}

static void md_argument(struct scl_buffer *out, const struct scl_arg_spec *spec)
{
	struct scl_buffer meaning = {0};

	/* A bar would end the cell, even inside code. */
	struct scl_buffer name = {0};
	scl_help_argument(spec, &name);
	scl_buffer_puts(out, "| `");
	for (size_t i = 0; i < name.len; i++)
		scl_buffer_printf(out, name.data[i] == '|' ? "\\%c" : "%c", name.data[i]);
	scl_help_meaning(spec, &meaning);
	scl_buffer_puts(out, "` | ");
	put_md(out, scl_buffer_str(&meaning), meaning.len);
	scl_buffer_puts(out, " |\n");
	scl_buffer_destroy(&meaning);
	scl_buffer_destroy(&name);
}

static void md_arguments(struct scl_buffer *out, const struct scl_command *command)
{
	if (command->nargs == 0)
		return;
	scl_buffer_puts(out, "\n| argument | meaning |\n|---|---|\n");
	for (size_t i = 0; i < command->nargs; i++)
		md_argument(out, &command->args[i]);
}

static void md_command(struct scl_buffer *out, const struct scl_command *command)
{
	scl_buffer_printf(out, "\n## %s\n\n", command->name);
	put_md(out, command->summary, strlen(command->summary));
	scl_buffer_puts(out, "\n\n```\nscalene ");
	scl_help_synopsis(command, out);
	scl_buffer_puts(out, "\n```\n");
	md_arguments(out, command);
	if (command->details)
		md_paragraphs(out, command->details);
	if (command->example)
		scl_buffer_printf(out, "\n```\n%s\n```\n", command->example);
}

void scl_docs_markdown(struct scl_buffer *out)
{
	scl_buffer_puts(out, "<!-- Made by scripts/dev/gen-docs from the command table; do not edit. -->\n"
			     "# Commands\n\n");
	scl_buffer_puts(out, "`scalene COMMAND` in GDB and LLDB; without a debugger `scalene-dbg -p PID COMMAND`.\n");
	md_paragraphs(out, scl_command_line.details);
	scl_buffer_putc(out, '\n');
	for (size_t i = 0; i < NRULES; i++) {
		scl_buffer_puts(out, "- ");
		put_md(out, common_rules[i], strlen(common_rules[i]));
		scl_buffer_putc(out, '\n');
	}
	scl_buffer_puts(out, "\n| command | answers |\n|---|---|\n");
	for (size_t i = 0; i < scl_ncommands; i++)
		scl_buffer_printf(out, "| [`%s`](#%s) | %s |\n", scl_commands[i]->name, scl_commands[i]->name,
				  scl_commands[i]->summary);
	for (size_t i = 0; i < scl_ncommands; i++)
		md_command(out, scl_commands[i]);
	scl_buffer_puts(out, "\n## The program scalene-dbg\n\n```\n");
	scl_help_synopsis(&scl_command_line, out);
	scl_buffer_puts(out, "\n```\n");
	md_arguments(out, &scl_command_line);
	scl_buffer_puts(out, "\nExit status: 0 done, 1 failed, 2 wrong usage.\n");
}

/* -- manual page (man(7)) -------------------------------------------------------------------------------------- */

/* A dash is an option's dash, a leading dot or quote is text. */
static void put_man(struct scl_buffer *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((text[i] == '.' || text[i] == '\'') && (i == 0 || text[i - 1] == '\n'))
			scl_buffer_puts(out, "\\&");
		if (text[i] == '\\')
			scl_buffer_puts(out, "\\e");
		else if (text[i] == '-')
			scl_buffer_puts(out, "\\-");
		else
			scl_buffer_putc(out, text[i]);
	}
}

static void man_line(struct scl_buffer *out, const char *before, const char *text)
{
	scl_buffer_puts(out, before);
	put_man(out, text, strlen(text));
	scl_buffer_putc(out, '\n');
}

static void man_block(struct scl_buffer *out, const char *text, size_t len)
{
	scl_buffer_puts(out, ".PP\n.nf\n.RS\n");
	put_man(out, text, len);
	scl_buffer_puts(out, "\n.RE\n.fi\n");
}

static void man_paragraphs(struct scl_buffer *out, const char *text)
{
	const char *paragraph;
	size_t len;

	while ((paragraph = next_paragraph(&text, &len))) {
		if (*paragraph == ' ') {
			man_block(out, paragraph, len);
			continue;
		}
		scl_buffer_puts(out, ".PP\n");
		put_man(out, paragraph, len);
		scl_buffer_putc(out, '\n');
	}
}

static void man_arguments(struct scl_buffer *out, const struct scl_command *command)
{
	struct scl_buffer text = {0};

	for (size_t i = 0; i < command->nargs; i++) {
		scl_buffer_clear(&text);
		scl_help_argument(&command->args[i], &text);
		man_line(out, ".TP\n.B ", scl_buffer_str(&text));
		scl_buffer_clear(&text);
		scl_help_meaning(&command->args[i], &text);
		man_line(out, "", scl_buffer_str(&text));
	}
	scl_buffer_destroy(&text);
}

static void man_synopsis(struct scl_buffer *out, const char *before, const struct scl_command *command)
{
	struct scl_buffer text = {0};

	scl_help_synopsis(command, &text);
	man_line(out, before, scl_buffer_str(&text));
	scl_buffer_destroy(&text);
}

static void man_command(struct scl_buffer *out, const struct scl_command *command)
{
	man_synopsis(out, ".SS ", command);
	man_line(out, "", command->summary);
	man_arguments(out, command);
	if (command->details)
		man_paragraphs(out, command->details);
	if (command->example)
		man_block(out, command->example, strlen(command->example));
}

void scl_docs_man(struct scl_buffer *out)
{
	scl_buffer_puts(out, ".\\\" Made by scripts/dev/gen-docs from the command table; do not edit.\n");
	scl_buffer_printf(out, ".TH SCALENE-DBG 1 \"\" \"scalene-dbg %s\" \"User Commands\"\n.SH NAME\n", scl_version);
	scl_buffer_printf(out, "scalene\\-dbg \\- ");
	man_line(out, "", scl_command_line.summary);
	man_synopsis(out, ".SH SYNOPSIS\n.B ", &scl_command_line);
	scl_buffer_puts(out, ".SH DESCRIPTION\n");
	man_paragraphs(out, scl_command_line.details);
	for (size_t i = 0; i < NRULES; i++)
		man_line(out, ".PP\n", common_rules[i]);
	scl_buffer_puts(out, ".SH OPTIONS\n");
	man_arguments(out, &scl_command_line);
	scl_buffer_puts(out, ".SH COMMANDS\n");
	for (size_t i = 0; i < scl_ncommands; i++)
		man_command(out, scl_commands[i]);
	scl_buffer_puts(out, ".SH EXIT STATUS\n0: done.  1: failed.  2: wrong usage.\n"
			     ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nset and not empty: no colour\n"
			     ".TP\n.B COLUMNS\nwidth of the output, where it is a terminal\n");
}
