/*
 * words.h - the command line of a Python interpreter as text: which of its words is the program.
 */
#ifndef SCL_PROFILE_WORDS_H
#define SCL_PROFILE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum scl_words_kind {
	SCL_WORDS_NONE,	   /* interactive, standard input, --version, or no Python command line */
	SCL_WORDS_SCRIPT,  /* python x.py */
	SCL_WORDS_MODULE,  /* python -m pkg */
	SCL_WORDS_COMMAND, /* python -c code */
};

struct scl_words {
	enum scl_words_kind kind;
	const char *what; /* script, module or code; points into argv; NULL for SCL_WORDS_NONE */
	size_t rest;	  /* the first word after it */
};

/* As CPython's own parser does it (Python/getopt.c, Python/initconfig.c: config_parse_cmdline). */
struct scl_words scl_words_parse(const char *const *argv, size_t argc);

#endif
