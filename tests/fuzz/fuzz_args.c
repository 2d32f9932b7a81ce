/* fuzz_args.c - any line as a command: splitting, parsing and completing it. */
#include <stdlib.h>
#include <string.h>

#include "command/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void parse(struct scl_arena *arena, const struct scl_command *command, const struct scl_words *words)
{
	struct scl_error err = {0};
	struct scl_args args;
	size_t skip = words->n ? 1 : 0;

	if (!scl_args_parse(arena, command, words->n - skip, words->words + skip, &args, &err)) {
		check(err.code == SCL_EUSAGE || err.code == SCL_ENOMEM);
		check(strlen(err.text) > 0 && strlen(err.text) < SCL_ERROR_TEXT);
		for (const char *c = err.text; *c; c++)
			check((unsigned char)*c >= 0x20 && *c != 0x7f);
		return;
	}
	for (size_t i = 0; i < args.n && !args.help; i++) {
		const struct scl_arg_spec *spec = &args.specs[i];
		const struct scl_arg_value *value = scl_arg(&args, spec->name);
		check(!spec->required || value->given);
		if (value->given && spec->max && spec->kind != SCL_ARG_NUMBER)
			check(value->count <= spec->max);
		if (value->given && spec->max && spec->kind == SCL_ARG_NUMBER)
			check(value->number >= 0 && value->number <= (double)spec->max);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scl_arena arena = {0};
	struct scl_buffer out = {0};
	struct scl_words words;
	bool files;

	char *line = malloc(size + 1);
	check(line != NULL);
	memcpy(line, data, size);
	line[size] = '\0';
	if (scl_words_split(&arena, line, false, &words, NULL)) {
		for (size_t i = 0; i < scl_ncommands; i++)
			parse(&arena, scl_commands[i], &words);
		parse(&arena, &scl_command_line, &words);
	}
	scl_session_complete(NULL, line, &out, &files);
	scl_buffer_destroy(&out);
	scl_arena_destroy(&arena);
	free(line);
	return 0;
}
