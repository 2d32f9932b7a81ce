/* complete.c - completion of the word at the end of a line, from the same tables as parsing. */
#include <string.h>

#include "command/args.h"
#include "command/async_view.h"

/* The option that `word` names alone, the way the parser would take it; NULL: none. */
static const struct scl_arg_spec *option_of(const struct scl_command *command, const char *word, size_t len)
{
	struct scl_names options = scl_arg_options(command);
	const char *name = NULL;
	size_t index;

	if (word[0] == '-' && word[1] == '-' && scl_names_find(&options, "", word, len, &index, NULL))
		name = options.at(options.list, index);
	for (size_t i = 0; i < command->nargs; i++) {
		const struct scl_arg_spec *spec = &command->args[i];
		if ((name && strcmp(spec->name, name) == 0) ||
		    (!name && len == 2 && word[0] == '-' && spec->letter && spec->letter == word[1]))
			return spec;
	}
	return NULL;
}

static bool takes_value(const struct scl_arg_spec *spec)
{
	return spec && spec->kind != SCL_ARG_FLAG;
}

static void complete_value(struct scl_session *session, const struct scl_arg_spec *spec, const char *before,
			   const char *word, struct scl_buffer *out, bool *files)
{
	struct scl_names names = scl_arg_names(spec);

	if (spec->kind == SCL_ARG_FILE || spec->kind == SCL_ARG_OPTIONAL_FILE)
		*files = true;
	if (spec->kind == SCL_ARG_TASK && session)
		scl_async_complete(session, before, word, out);
	scl_names_complete(&names, before, word, out);
}

/* "--format=sca": the value after the equals sign. */
static bool complete_attached(struct scl_session *session, const struct scl_command *command, const char *word,
			      struct scl_buffer *out, bool *files)
{
	const char *equals = strchr(word, '=');
	const struct scl_arg_spec *spec = equals ? option_of(command, word, (size_t)(equals - word)) : NULL;

	if (!spec)
		return equals != NULL;
	struct scl_buffer before = {0};
	scl_buffer_append(&before, word, (size_t)(equals - word) + 1);
	complete_value(session, spec, scl_buffer_str(&before), equals + 1, out, files);
	scl_buffer_destroy(&before);
	return true;
}

/* How many positional words come before the last one. */
static size_t count_positional(const struct scl_command *command, const char *const *words, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!scl_arg_looks_like_option(words[i]))
			count++;
		else if (takes_value(option_of(command, words[i], strlen(words[i]))))
			i++;
	}
	return count;
}

static const struct scl_arg_spec *positional(const struct scl_command *command, size_t index)
{
	for (size_t i = 0; i < command->nargs; i++)
		if (!scl_arg_is_option(&command->args[i]) && index-- == 0)
			return &command->args[i];
	return NULL;
}

/* words[0 .. n-1] are whole and come after the command, `last` is what is completed. */
static void complete_argument(struct scl_session *session, const struct scl_command *command, const char *const *words,
			      size_t n, const char *last, struct scl_buffer *out, bool *files)
{
	const char *previous = n ? words[n - 1] : "";
	const struct scl_arg_spec *spec = option_of(command, previous, strlen(previous));

	if (last[0] == '-') {
		struct scl_names options = scl_arg_options(command);
		if (!complete_attached(session, command, last, out, files))
			scl_names_complete(&options, "", last, out);
		return;
	}
	if (!takes_value(spec))
		spec = positional(command, count_positional(command, words, n));
	if (spec)
		complete_value(session, spec, "", last, out, files);
}

void scl_session_complete(struct scl_session *session, const char *line, struct scl_buffer *out, bool *files)
{
	struct scl_names names = scl_names_commands();
	struct scl_arena arena = {0};
	struct scl_words words;
	bool unused;
	size_t index;

	files = files ? files : &unused;
	*files = false;
	if (scl_words_split(&arena, line, true, &words, NULL)) {
		size_t whole = words.n - (words.open ? 1 : 0);
		const char *last = words.open ? words.words[whole] : "";
		if (whole == 0)
			scl_names_complete(&names, "", last, out);
		else if (scl_names_find(&names, "", words.words[0], strlen(words.words[0]), &index, NULL))
			complete_argument(session, scl_commands[index], words.words + 1, whole - 1, last, out, files);
	}
	scl_arena_destroy(&arena);
}
