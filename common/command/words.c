/* words.c - splitting a line into words, with GDB's quotes. */
#include <string.h>

#include "command/args.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One pass over the line; the words are written one after the other into `to`, which is as long as the line. */
struct splitter {
	const char *at;
	char *to;
	char quote; /* ', " or 0 */
};

/* The backslash quotes everywhere but inside '…', as gdb_buildargv() of GDB has it. */
static void copy_word(struct splitter *s)
{
	for (; *s->at && (s->quote || !is_space(*s->at)); s->at++) {
		char c = *s->at;
		if (c == '\\' && s->quote != '\'' && s->at[1])
			*s->to++ = *++s->at;
		else if (s->quote && c == s->quote)
			s->quote = 0;
		else if (!s->quote && (c == '\'' || c == '"'))
			s->quote = c;
		else
			*s->to++ = c;
	}
	*s->to++ = '\0';
}

bool scl_words_split(struct scl_arena *arena, const char *line, bool partial, struct scl_words *ret,
		     struct scl_error *err)
{
	size_t len = strnlen(line, SCL_LINE_MAX + 1);

	*ret = (struct scl_words){0};
	if (len > SCL_LINE_MAX)
		return scl_fail(err, SCL_EUSAGE, "the line is longer than %d bytes", SCL_LINE_MAX);
	/* A word and its NUL take at most the bytes of the word and one more. */
	struct splitter s = {.at = line, .to = scl_arena_alloc(arena, 2 * len + 2)};
	size_t room = len / 2 + 1;
	ret->words = scl_arena_calloc(arena, room < SCL_WORDS_MAX ? room : SCL_WORDS_MAX, sizeof(*ret->words));
	if (!s.to || !ret->words)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (;;) {
		for (; is_space(*s.at); s.at++)
			ret->open = false;
		if (!*s.at)
			break;
		if (ret->n == SCL_WORDS_MAX)
			return scl_fail(err, SCL_EUSAGE, "more than %d words", SCL_WORDS_MAX);
		ret->words[ret->n++] = s.to;
		copy_word(&s);
		ret->open = true;
	}
	if (s.quote && !partial)
		return scl_fail(err, SCL_EUSAGE, "a quotation that begins with %c does not end", s.quote);
	return true;
}
