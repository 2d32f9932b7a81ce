/* help.c - help texts for a terminal. */
#include "command/help.h"

#include <ctype.h>
#include <string.h>

#include "command/args.h"

enum { WIDTH = 80, ARGUMENT_COLUMN = 28, SUMMARY_COLUMN = 18 };

/* -- the parts, which the documents use too ---------------------------------------------------------------------- */

static void put_metavar(const struct scl_arg_spec *spec, struct scl_buffer *out)
{
	if (spec->kind == SCL_ARG_FLAG)
		return;
	if (spec->kind == SCL_ARG_OPTIONAL_FILE) {
		scl_buffer_printf(out, " [%s]", spec->metavar);
		return;
	}
	scl_buffer_putc(out, ' ');
	if (spec->kind != SCL_ARG_CHOICE) {
		scl_buffer_puts(out, spec->metavar);
		return;
	}
	for (size_t i = 0; spec->choices[i]; i++)
		scl_buffer_printf(out, "%s%s", i ? "|" : "", spec->choices[i]);
}

void scl_help_argument(const struct scl_arg_spec *spec, struct scl_buffer *out)
{
	if (!scl_arg_is_option(spec)) {
		scl_buffer_puts(out, spec->name);
		return;
	}
	if (spec->letter)
		scl_buffer_printf(out, "-%c, ", spec->letter);
	scl_buffer_puts(out, spec->name);
	put_metavar(spec, out);
}

static void put_short(const struct scl_arg_spec *spec, struct scl_buffer *out)
{
	if (!scl_arg_is_option(spec)) {
		scl_buffer_printf(out, spec->required ? " %s" : " [%s]", spec->name);
		return;
	}
	scl_buffer_puts(out, " [");
	if (spec->letter)
		scl_buffer_printf(out, "-%c", spec->letter);
	else
		scl_buffer_puts(out, spec->name);
	put_metavar(spec, out);
	scl_buffer_putc(out, ']');
}

void scl_help_synopsis(const struct scl_command *command, struct scl_buffer *out)
{
	scl_buffer_puts(out, command->name);
	for (size_t i = 0; i < command->nargs; i++)
		put_short(&command->args[i], out);
}

void scl_help_meaning(const struct scl_arg_spec *spec, struct scl_buffer *out)
{
	struct scl_names names = scl_arg_names(spec);
	struct scl_buffer list = {0};

	scl_buffer_puts(out, spec->help);
	scl_names_list(&names, &list);
	if (list.len && spec->kind != SCL_ARG_CHOICE && spec->kind != SCL_ARG_COMMAND)
		scl_buffer_printf(out, "; one of %s", list.data);
	if (spec->kind == SCL_ARG_CHOICE && !scl_arg_is_option(spec))
		scl_buffer_printf(out, ": %s", scl_buffer_str(&list));
	if (spec->standard)
		scl_buffer_printf(out, " (default %s)", spec->standard);
	scl_buffer_destroy(&list);
}

/* -- layout ---------------------------------------------------------------------------------------------------- */

/* Words of one paragraph from `column` on, broken before WIDTH; following lines start at `indent`. */
static void put_wrapped(struct scl_buffer *out, const char *text, size_t len, size_t column, size_t indent)
{
	const char *end = text + len;
	bool first = true;

	while (text < end) {
		size_t word = strcspn(text, " \n");
		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (!first && column + 1 + word > WIDTH) {
			scl_buffer_putc(out, '\n');
			scl_buffer_fill(out, ' ', indent);
			column = indent;
			first = true;
		}
		if (!first)
			scl_buffer_putc(out, ' ');
		scl_buffer_append(out, text, word);
		column += word + (first ? 0 : 1);
		first = false;
		text += word;
		while (text < end && (*text == ' ' || *text == '\n'))
			text++;
	}
	scl_buffer_putc(out, '\n');
}

/* Paragraphs are separated by an empty line; one that begins with a blank keeps its lines. */
static void put_paragraphs(struct scl_buffer *out, const char *text)
{
	while (*text) {
		const char *gap = strstr(text, "\n\n");
		size_t len = gap ? (size_t)(gap - text) : strlen(text);
		scl_buffer_putc(out, '\n');
		if (*text == ' ') {
			scl_buffer_append(out, text, len);
			scl_buffer_putc(out, '\n');
		} else {
			put_wrapped(out, text, len, 0, 0);
		}
		text += len + (gap ? 2 : 0);
	}
}

static void put_row(struct scl_buffer *out, const char *left, const char *right, size_t column)
{
	size_t used = 2 + strlen(left);

	scl_buffer_printf(out, "  %s", left);
	if (used + 2 > column) {
		scl_buffer_putc(out, '\n');
		used = 0;
	}
	scl_buffer_fill(out, ' ', column - used);
	put_wrapped(out, right, strlen(right), column, column);
}

static void put_argument_row(struct scl_buffer *out, const struct scl_arg_spec *spec)
{
	struct scl_buffer left = {0}, right = {0};

	scl_help_argument(spec, &left);
	scl_help_meaning(spec, &right);
	put_row(out, scl_buffer_str(&left), scl_buffer_str(&right), ARGUMENT_COLUMN);
	scl_buffer_destroy(&left);
	scl_buffer_destroy(&right);
}

/* -- texts ----------------------------------------------------------------------------------------------------- */

/* A summary as a line of its own, which a debugger shows in its lists. */
static void put_sentence(struct scl_buffer *out, const char *summary)
{
	scl_buffer_putc(out, (char)toupper((unsigned char)summary[0]));
	scl_buffer_printf(out, "%s.\n", summary + 1);
}

void scl_help_command(const struct scl_command *command, struct scl_buffer *out)
{
	struct scl_buffer line = {0};

	put_sentence(out, command->summary);
	scl_buffer_puts(&line, "usage: ");
	scl_help_synopsis(command, &line);
	scl_buffer_putc(out, '\n');
	put_wrapped(out, scl_buffer_str(&line), line.len, 0, 7);
	scl_buffer_destroy(&line);
	scl_buffer_putc(out, '\n');
	for (size_t i = 0; i < command->nargs; i++)
		put_argument_row(out, &command->args[i]);
	put_row(out, "-h, --help", "this text", ARGUMENT_COLUMN);
	if (command->details)
		put_paragraphs(out, command->details);
}

size_t scl_command_count(void)
{
	return scl_ncommands;
}

const char *scl_command_name(size_t i)
{
	return i < scl_ncommands ? scl_commands[i]->name : "";
}

const char *scl_command_summary(size_t i)
{
	return i < scl_ncommands ? scl_commands[i]->summary : "";
}

void scl_command_help(size_t i, struct scl_buffer *out)
{
	if (i < scl_ncommands)
		scl_help_command(scl_commands[i], out);
}

void scl_command_about(struct scl_buffer *out)
{
	put_sentence(out, scl_command_line.summary);
	scl_buffer_putc(out, '\n');
	put_wrapped(out, scl_command_line.details, strlen(scl_command_line.details), 0, 0);
}

void scl_command_overview(const struct scl_host *host, struct scl_buffer *out)
{
	scl_command_about(out);
	scl_buffer_printf(out, "\nusage: %sCOMMAND [ARGUMENTS]\n\n", host->prompt);
	for (size_t i = 0; i < scl_ncommands; i++)
		put_row(out, scl_commands[i]->name, scl_commands[i]->summary, SUMMARY_COLUMN);
	scl_buffer_printf(out,
			  "\nCommands and long options may be abbreviated. \"%shelp COMMAND\" says more about one.\n",
			  scl_help_prompt(host));
}

const char *scl_help_prompt(const struct scl_host *host)
{
	return host->help_prompt ? host->help_prompt : host->prompt;
}
