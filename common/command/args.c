/* args.c - what the words of a command mean, by its table of arguments. */
#include "command/args.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct parser {
	struct scl_arena *arena;
	const struct scl_command *command;
	const char *const *argv;
	size_t argc, at;
	size_t position; /* index of the next positional specification to be filled */
	bool plain;	 /* "--" was there */
	struct scl_args *args;
	struct scl_error *err;
};

bool scl_arg_is_option(const struct scl_arg_spec *spec)
{
	return spec->name[0] == '-';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool scl_arg_looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && !is_digit(word[1]) && word[1] != '.';
}

const struct scl_arg_value *scl_arg(const struct scl_args *args, const char *name)
{
	static const struct scl_arg_value none;

	for (size_t i = 0; i < args->n; i++)
		if (strcmp(args->specs[i].name, name) == 0)
			return &args->values[i];
	return &none;
}

static const char *choice_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

struct scl_names scl_arg_names(const struct scl_arg_spec *spec)
{
	struct scl_names names = {0};

	if (spec->kind == SCL_ARG_COMMAND)
		return scl_names_commands();
	if (spec->kind == SCL_ARG_SETTING)
		return scl_names_settings();
	if (spec->kind == SCL_ARG_FORMAT)
		return scl_names_formats();
	if (spec->kind != SCL_ARG_CHOICE)
		return names;
	names.at = choice_at;
	names.list = spec->choices;
	while (spec->choices[names.n])
		names.n++;
	return names;
}

static const char *help_name = "--help";

/* Options are the specifications that begin with '-'; "--help" comes after them in every command. */
static const char *option_at(const void *list, size_t i)
{
	const struct scl_command *command = list;
	size_t seen = 0;

	for (size_t k = 0; k < command->nargs; k++)
		if (scl_arg_is_option(&command->args[k]) && seen++ == i)
			return command->args[k].name;
	return help_name;
}

struct scl_names scl_arg_options(const struct scl_command *command)
{
	struct scl_names names = {.at = option_at, .list = command, .n = 1};

	for (size_t k = 0; k < command->nargs; k++)
		names.n += scl_arg_is_option(&command->args[k]);
	return names;
}

/* -- values ----------------------------------------------------------------------------------------------- */

/* A user's word in a message: escaped and cut. */
static bool fail_value(const struct scl_arg_spec *spec, const char *wanted, const char *text, struct scl_error *err)
{
	struct scl_buffer shown = {0};

	scl_text_append(&shown, text, strnlen(text, 40));
	if (strnlen(text, 41) > 40)
		scl_buffer_puts(&shown, "...");
	scl_error_set(err, SCL_EUSAGE, 0, 0, "%s must be %s, not \"%s\"", spec->name, wanted, scl_buffer_str(&shown));
	scl_buffer_destroy(&shown);
	return false;
}

/* strtoull() accepts signs, blanks and other bases; strtod() obeys a locale that a debugger may have set. */
static bool read_whole(const char *text, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!is_digit(*text))
			return false;
		uint64_t digit = (uint64_t)(*text - '0');
		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
	}
	*ret = value;
	return true;
}

static bool read_number(const char *text, double *ret)
{
	double value = 0, unit = 1;
	bool digits = false, fraction = false;

	for (; *text; text++) {
		if (*text == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (!is_digit(*text))
			return false;
		digits = true;
		if (fraction)
			value += (unit /= 10) * (*text - '0');
		else
			value = value * 10 + (*text - '0');
	}
	*ret = value;
	return digits;
}

static bool read_count(const struct scl_arg_spec *spec, const char *text, struct scl_arg_value *value,
		       struct scl_error *err)
{
	uint64_t least = spec->kind == SCL_ARG_COUNT ? 1 : 0;
	char wanted[80];

	if (spec->max)
		snprintf(wanted, sizeof(wanted), "a whole number from %" PRIu64 " to %" PRIu64, least, spec->max);
	else
		snprintf(wanted, sizeof(wanted), "a whole number, %" PRIu64 " or more", least);
	if (!read_whole(text, &value->count) || value->count < least || (spec->max && value->count > spec->max))
		return fail_value(spec, wanted, text, err);
	return true;
}

static bool read_decimal(const struct scl_arg_spec *spec, const char *text, struct scl_arg_value *value,
			 struct scl_error *err)
{
	char wanted[80] = "a number, 0 or more";

	if (spec->max)
		snprintf(wanted, sizeof(wanted), "a number from 0 to %" PRIu64, spec->max);
	if (!read_number(text, &value->number) || (spec->max && value->number > (double)spec->max))
		return fail_value(spec, wanted, text, err);
	return true;
}

static bool read_name(const struct scl_arg_spec *spec, const char *text, struct scl_arg_value *value,
		      struct scl_error *err)
{
	struct scl_names names = scl_arg_names(spec);
	size_t index;

	if (!scl_names_find(&names, spec->metavar ? spec->metavar : spec->name, text, strlen(text), &index, err))
		return scl_arg_is_option(spec) ? scl_wrap(err, "%s", spec->name) : false;
	value->text = names.at(names.list, index);
	value->count = index;
	return true;
}

bool scl_arg_read(const struct scl_arg_spec *spec, const char *text, struct scl_arg_value *value, struct scl_error *err)
{
	value->text = text;
	switch (spec->kind) {
	case SCL_ARG_COUNT:
	case SCL_ARG_WHOLE:
		return read_count(spec, text, value, err);
	case SCL_ARG_NUMBER:
		return read_decimal(spec, text, value, err);
	case SCL_ARG_CHOICE:
	case SCL_ARG_COMMAND:
	case SCL_ARG_SETTING:
	case SCL_ARG_FORMAT:
		return read_name(spec, text, value, err);
	case SCL_ARG_FILE:
	case SCL_ARG_OPTIONAL_FILE:
		return *text ? true : scl_fail(err, SCL_EUSAGE, "%s: the file name is empty", spec->name);
	case SCL_ARG_FLAG:
	case SCL_ARG_TEXT:
	case SCL_ARG_TASK:
	case SCL_ARG_REST:
		break;
	}
	return true;
}

/* -- words ------------------------------------------------------------------------------------------------ */

static bool give(struct parser *p, const struct scl_arg_spec *spec, const char *text)
{
	struct scl_arg_value value = {.given = true};

	if (text && !scl_arg_read(spec, text, &value, p->err))
		return false;
	p->args->values[spec - p->command->args] = value;
	return true;
}

/* `attached` is what came with the option itself ("--name=value", "-oVALUE"); NULL: nothing. */
static bool take_option(struct parser *p, const struct scl_arg_spec *spec, const char *attached)
{
	bool follows = p->at < p->argc;

	if (spec->kind == SCL_ARG_FLAG) {
		if (attached)
			return scl_fail(p->err, SCL_EUSAGE, "%s takes no value", spec->name);
		return give(p, spec, NULL);
	}
	if (attached)
		return give(p, spec, attached);
	if (spec->kind == SCL_ARG_OPTIONAL_FILE)
		return give(p, spec, follows && !scl_arg_looks_like_option(p->argv[p->at]) ? p->argv[p->at++] : NULL);
	if (!follows || scl_arg_looks_like_option(p->argv[p->at]))
		return scl_fail(p->err, SCL_EUSAGE, "%s needs a value: %s", spec->name, spec->metavar);
	return give(p, spec, p->argv[p->at++]);
}

static const struct scl_arg_spec *spec_named(const struct scl_command *command, const char *name)
{
	for (size_t i = 0; i < command->nargs; i++)
		if (strcmp(command->args[i].name, name) == 0)
			return &command->args[i];
	return NULL;
}

static bool parse_long(struct parser *p, const char *word)
{
	struct scl_names options = scl_arg_options(p->command);
	const char *equals = strchr(word, '=');
	size_t index;

	if (!scl_names_find(&options, "option", word, equals ? (size_t)(equals - word) : strlen(word), &index, p->err))
		return false;
	const char *name = options.at(options.list, index);
	if (strcmp(name, help_name) != 0)
		return take_option(p, spec_named(p->command, name), equals ? equals + 1 : NULL);
	p->args->help = true;
	return true;
}

static bool parse_letter(struct parser *p, const char *word)
{
	struct scl_names options = scl_arg_options(p->command);
	size_t none;

	if (strcmp(word, "-h") == 0) {
		p->args->help = true;
		return true;
	}
	for (size_t i = 0; i < p->command->nargs; i++) {
		const struct scl_arg_spec *spec = &p->command->args[i];
		if (spec->letter == word[1] && scl_arg_is_option(spec))
			return take_option(p, spec, word[2] ? word + 2 : NULL);
	}
	/* No name begins with one dash and a letter: this lists the options there are. */
	return scl_names_find(&options, "option", word, strlen(word), &none, p->err);
}

static bool parse_positional(struct parser *p, const char *word)
{
	while (p->position < p->command->nargs && scl_arg_is_option(&p->command->args[p->position]))
		p->position++;
	if (p->position == p->command->nargs) {
		struct scl_buffer shown = {0};
		scl_text_append(&shown, word, strnlen(word, 40));
		scl_error_set(p->err, SCL_EUSAGE, 0, 0, "%s: one word too many: \"%s\"", p->command->name,
			      scl_buffer_str(&shown));
		scl_buffer_destroy(&shown);
		return false;
	}
	const struct scl_arg_spec *spec = &p->command->args[p->position++];
	if (spec->kind == SCL_ARG_REST) {
		p->args->rest = p->at - 1;
		p->at = p->argc;
	}
	return give(p, spec, word);
}

static bool parse_word(struct parser *p, const char *word)
{
	if (!p->plain && strcmp(word, "--") == 0) {
		p->plain = true;
		return true;
	}
	if (p->plain || !scl_arg_looks_like_option(word))
		return parse_positional(p, word);
	return word[1] == '-' ? parse_long(p, word) : parse_letter(p, word);
}

/* Defaults are texts of the table, so that help shows what is used. */
static bool finish(struct parser *p)
{
	for (size_t i = 0; i < p->command->nargs; i++) {
		const struct scl_arg_spec *spec = &p->command->args[i];
		struct scl_arg_value *value = &p->args->values[i];
		if (value->given)
			continue;
		if (spec->required)
			return scl_fail(p->err, SCL_EUSAGE, "%s needs %s: %s", p->command->name, spec->name,
					spec->help);
		if (spec->standard && !scl_arg_read(spec, spec->standard, value, p->err))
			return scl_wrap(p->err, "default");
	}
	return true;
}

bool scl_args_parse(struct scl_arena *arena, const struct scl_command *command, size_t argc, const char *const *argv,
		    struct scl_args *args, struct scl_error *err)
{
	struct parser p = {.arena = arena, .command = command, .argv = argv, .argc = argc, .args = args, .err = err};

	*args = (struct scl_args){.specs = command->args, .n = command->nargs, .rest = argc};
	args->values = scl_arena_calloc(arena, command->nargs, sizeof(*args->values));
	if (!args->values)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	while (p.at < argc && !args->help)
		if (!parse_word(&p, argv[p.at++]))
			return false;
	return args->help || finish(&p);
}
