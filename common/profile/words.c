#include "profile/words.h"

#include <string.h>

/* Options of one letter that take a value, in the same word or in the next one. -c and -m end the options. */
static const char with_value[] = "WX";

static struct scl_words program(enum scl_words_kind kind, const char *value, size_t at, const char *const *argv,
				size_t argc)
{
	if (!*value)
		value = ++at < argc ? argv[at] : NULL;
	if (!value)
		return (struct scl_words){.rest = argc};
	return (struct scl_words){.kind = kind, .what = value, .rest = at + 1};
}

/* One word of short options ("-uIW", "-c"). True when it names the program or ends the words; else *at is its last. */
static bool short_options(const char *const *argv, size_t argc, size_t *at, struct scl_words *ret)
{
	for (const char *s = argv[*at] + 1; *s; s++) {
		if (*s == 'c' || *s == 'm') {
			*ret = program(*s == 'c' ? SCL_WORDS_COMMAND : SCL_WORDS_MODULE, s + 1, *at, argv, argc);
			return true;
		}
		if (strchr(with_value, *s)) {
			if (!s[1])
				++*at;
			return false;
		}
	}
	return false;
}

struct scl_words scl_words_parse(const char *const *argv, size_t argc)
{
	struct scl_words ret = {.rest = argc};
	for (size_t i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (strcmp(word, "-") == 0)
			return ret;
		if (strcmp(word, "--") == 0) {
			i++;
		} else if (strcmp(word, "--check-hash-based-pycs") == 0) {
			i++;
			continue;
		} else if (word[0] == '-' && word[1] == '-') {
			continue;
		} else if (word[0] == '-') {
			if (short_options(argv, argc, &i, &ret))
				return ret;
			continue;
		}
		if (i < argc)
			return (struct scl_words){.kind = SCL_WORDS_SCRIPT, .what = argv[i], .rest = i + 1};
	}
	return ret;
}
