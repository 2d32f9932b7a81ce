/*
 * filter.h - which frames are the user's: Scalene's _should_trace (Scalene 2.3.0, scalene_profiler.py),
 * rule by rule.
 *
 * Scalene asks the running interpreter for its sysconfig paths; we read sys.prefix and its companions from the
 * target's memory and derive the same directories. Its third rule, @profile on functions, is left out: only Scalene
 * itself, running in the target, knows which functions are decorated.
 */
#ifndef SCL_PROFILE_FILTER_H
#define SCL_PROFILE_FILTER_H

#include "python/runtime.h"

/* Why a frame is or is not the user's; one value for each rule, in the order in which they are asked. */
enum scl_filter_rule {
	SCL_RULE_NO_NAME,      /* no: the code object has no file name */
	SCL_RULE_SCALENE,      /* no: Scalene's own files */
	SCL_RULE_SYSTEM_PATH,  /* no: a directory of sysconfig is part of the path */
	SCL_RULE_EXCLUDED,     /* no: --profile-exclude */
	SCL_RULE_JUPYTER_CELL, /* yes */
	SCL_RULE_NOT_SELECTED, /* no: --profile-only names others */
	SCL_RULE_PSEUDO_FILE,  /* no: "<string>", "<frozen importlib>" */
	SCL_RULE_PROFILE_ALL,  /* yes: --profile-all */
	SCL_RULE_EXEC,	       /* yes: <exec@...>, <eval@...> */
	SCL_RULE_LIBRARY,      /* no: standard library, site-packages or a prefix */
	SCL_RULE_PROGRAM,      /* yes: under the program's directory */
	SCL_RULE_SIBLING,      /* yes: in a directory beside the program's */
	SCL_RULE_ELSEWHERE,    /* no: none of the above */
	SCL_NRULES
};
bool scl_filter_rule_accepts(enum scl_filter_rule rule);
const char *scl_filter_rule_text(enum scl_filter_rule rule);

struct scl_filter_options {
	bool profile_all;
	bool profile_system_libraries;
	const char *profile_only;    /* comma-separated substrings; NULL or "": everything */
	const char *profile_exclude; /* comma-separated substrings */
	const char *program_path;    /* directory; NULL: the directory of the program */
};

struct scl_filter;

/* What the rules are made of; NULL where not known. scl_filter_create reads it from the target. */
struct scl_filter_facts {
	const char *prefix, *base_prefix, *exec_prefix, *base_exec_prefix; /* of sys */
	const char *platlibdir;						   /* of sys, "lib" before 3.9 */
	unsigned major, minor;						   /* of the interpreter */
	const char *home, *userbase;					   /* HOME, PYTHONUSERBASE of the environment */
	const char *cwd;
	const char *main_file; /* __file__ of __main__ */
	const char *scalene;   /* __file__ of the package scalene, where the target itself runs under Scalene */
	const char *const *argv;
	size_t argc;
};
/* `target` resolves symbolic links; NULL: none are. Everything is copied, but the target must outlive the filter. */
struct scl_filter *scl_filter_build(const struct scl_filter_facts *facts, const struct scl_filter_options *options,
				    struct scl_target *target, struct scl_error *err);

/* Reads the target's prefixes and paths once. Parts that cannot be read are left out, never fatal. */
struct scl_filter *scl_filter_create(const struct scl_runtime *rt, const struct scl_filter_options *options,
				     struct scl_error *err);
void scl_filter_destroy(struct scl_filter *filter);
/* The rule that decides about a file name of a code object; cached per name. */
enum scl_filter_rule scl_filter_rule_for(struct scl_filter *filter, const char *filename);
/* Absolute path of the program (first *.py or -m module of the command line), "<stdin>" for what standard input gave, ""
 * where not known; its directory. */
const char *scl_filter_program(const struct scl_filter *filter);
const char *scl_filter_directory(const struct scl_filter *filter);
/* The program was started by `python -m`: it has no directory of its own as its entry point. */
bool scl_filter_is_module(const struct scl_filter *filter);
/* The command line after the interpreter and its options: the program as typed ("-m", "pkg" for a module) and its
 * arguments. */
const char *const *scl_filter_args(const struct scl_filter *filter, size_t *n);

#endif
