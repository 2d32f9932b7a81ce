/* test_words.c - lines into words. */
#include "check.h"

#include <stdlib.h>

#include "command/args.h"

static struct scl_arena arena;
static struct scl_words words;
static struct scl_error err;

static bool split(const char *line)
{
	scl_arena_reset(&arena);
	err = (struct scl_error){0};
	return scl_words_split(&arena, line, false, &words, &err);
}

static void splits_at_white_space(void)
{
	CHECK(split("  sample\t500  --quiet\n"));
	CHECK_INT(words.n, 3);
	CHECK_STR(words.words[0], "sample");
	CHECK_STR(words.words[1], "500");
	CHECK_STR(words.words[2], "--quiet");
	CHECK(!words.open);
}

static void empty_lines_have_no_words(void)
{
	CHECK(split(""));
	CHECK_INT(words.n, 0);
	CHECK(!words.open);
	CHECK(split(" \t "));
	CHECK_INT(words.n, 0);
}

static void quotes_as_gdb_does(void)
{
	CHECK(split("'a b' \"c d\" e\\ f g'h i'\"j k\""));
	CHECK_INT(words.n, 4);
	CHECK_STR(words.words[0], "a b");
	CHECK_STR(words.words[1], "c d");
	CHECK_STR(words.words[2], "e f");
	CHECK_STR(words.words[3], "gh ij k");
}

static void quotes_quote_each_other(void)
{
	CHECK(split("\"it's\" 'a\\b' \"a\\\"b\" ''"));
	CHECK_INT(words.n, 4);
	CHECK_STR(words.words[0], "it's");
	CHECK_STR(words.words[1], "a\\b");
	CHECK_STR(words.words[2], "a\"b");
	CHECK_STR(words.words[3], "");
}

static void an_open_quotation_is_an_error(void)
{
	CHECK(!split("dump 'my file"));
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_CONTAINS(err.text, "'");
	CHECK(scl_words_split(&arena, "dump 'my file", true, &words, &err));
	CHECK_INT(words.n, 2);
	CHECK_STR(words.words[1], "my file");
	CHECK(words.open);
}

static void a_backslash_at_the_end_is_itself(void)
{
	CHECK(split("a\\"));
	CHECK_INT(words.n, 1);
	CHECK_STR(words.words[0], "a\\");
}

static void knows_whether_the_last_word_goes_on(void)
{
	CHECK(split("bt --a") && words.open);
	CHECK(split("bt --a ") && !words.open);
	CHECK(split("bt a\\ ") && words.open);
	CHECK_STR(words.words[1], "a ");
}

static void hostile_lengths_are_refused(void)
{
	char *line = malloc(SCL_LINE_MAX + 2);

	memset(line, 'x', SCL_LINE_MAX + 1);
	line[SCL_LINE_MAX + 1] = '\0';
	CHECK(!split(line));
	CHECK_INT(err.code, SCL_EUSAGE);
	line[SCL_LINE_MAX] = '\0';
	CHECK(split(line));
	CHECK_INT(words.n, 1);
	CHECK_INT(strlen(words.words[0]), SCL_LINE_MAX);
	for (size_t i = 0; i < SCL_LINE_MAX; i += 2)
		line[i] = ' ';
	CHECK(!split(line));
	CHECK_INT(err.code, SCL_EUSAGE);
	line[(size_t)2 * SCL_WORDS_MAX] = '\0';
	CHECK(split(line));
	CHECK_INT(words.n, SCL_WORDS_MAX);
	free(line);
}

int main(void)
{
	RUN(splits_at_white_space);
	RUN(empty_lines_have_no_words);
	RUN(quotes_as_gdb_does);
	RUN(quotes_quote_each_other);
	RUN(an_open_quotation_is_an_error);
	RUN(a_backslash_at_the_end_is_itself);
	RUN(knows_whether_the_last_word_goes_on);
	RUN(hostile_lengths_are_refused);
	scl_arena_destroy(&arena);
	return check_finish();
}
