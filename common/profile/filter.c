#include "profile/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/intern.h"
#include "profile/source.h"
#include "profile/words.h"
#include "target/path.h"

enum {
	NAMES_MAX = 65536, /* file names whose rule is kept */
	PATHS_MAX = 32,
};

struct paths {
	const char *path[PATHS_MAX];
	size_t n;
};

struct scl_filter {
	struct scl_arena arena;
	struct scl_target *target;
	struct scl_filter_options options;
	struct paths system;  /* resolved; rule SYSTEM_PATH: anywhere in the name */
	struct paths library; /* not resolved; rule LIBRARY: at the beginning */
	const char *scalene;  /* directory of the package; NULL: not there */
	const char *cwd, *program, *directory, *parent;
	bool module;
	const char **args;
	size_t nargs;
	struct scl_intern *names;
	uint32_t last;	/* name that was asked for: the next one is often the same */
	uint8_t *rules; /* by id in names; 0: not asked yet, else the rule + 1 */
	size_t rules_cap;
};

bool scl_filter_rule_accepts(enum scl_filter_rule rule)
{
	return rule == SCL_RULE_JUPYTER_CELL || rule == SCL_RULE_PROFILE_ALL || rule == SCL_RULE_EXEC ||
	       rule == SCL_RULE_PROGRAM || rule == SCL_RULE_SIBLING;
}

const char *scl_filter_rule_text(enum scl_filter_rule rule)
{
	static const char *const text[SCL_NRULES] = {
		[SCL_RULE_NO_NAME] = "the code has no file name",
		[SCL_RULE_SCALENE] = "a file of Scalene",
		[SCL_RULE_SYSTEM_PATH] = "the path contains a directory of this Python",
		[SCL_RULE_EXCLUDED] = "excluded by --profile-exclude",
		[SCL_RULE_JUPYTER_CELL] = "a Jupyter cell",
		[SCL_RULE_NOT_SELECTED] = "not selected by --profile-only",
		[SCL_RULE_PSEUDO_FILE] = "not a file",
		[SCL_RULE_PROFILE_ALL] = "--profile-all",
		[SCL_RULE_EXEC] = "code given to exec or eval",
		[SCL_RULE_LIBRARY] = "standard library or installed package",
		[SCL_RULE_PROGRAM] = "in the program's directory",
		[SCL_RULE_SIBLING] = "beside the program's directory",
		[SCL_RULE_ELSEWHERE] = "outside the program's directory",
	};
	return (unsigned)rule < SCL_NRULES ? text[rule] : "?";
}

/* -- paths ---------------------------------------------------------------------------------------------- */

/* Absolute by the working directory, with or without symbolic links resolved; NULL when memory ran out. "<stdin>" and
 * its like are no paths: they stay what they are. */
static const char *absolute(const struct scl_filter *f, struct scl_arena *arena, const char *path, bool resolve)
{
	struct scl_buffer joined = {0};
	char clean[SCL_PATH_MAX];
	if (scl_source_is_pseudo(path))
		return scl_arena_strndup(arena, path, strlen(path));
	if (*path != '/') {
		scl_buffer_puts(&joined, f->cwd);
		scl_buffer_putc(&joined, '/');
	}
	scl_buffer_puts(&joined, path);
	if (resolve && f->target)
		scl_target_realpath(f->target, scl_buffer_str(&joined), clean, sizeof(clean));
	else
		scl_path_clean(scl_buffer_str(&joined), clean, sizeof(clean));
	bool failed = joined.failed;
	scl_buffer_destroy(&joined);
	return failed ? NULL : scl_arena_strndup(arena, clean, strlen(clean));
}

/* The directory of a clean absolute path. */
static const char *directory_of(struct scl_filter *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return "";
	return slash == path ? "/" : scl_arena_strndup(&f->arena, path, (size_t)(slash - path));
}

/* Is the path in the directory or below it? */
static bool inside(const char *path, const char *directory)
{
	size_t n = strlen(directory);
	while (n > 0 && directory[n - 1] == '/')
		n--;
	return strncmp(path, directory, n) == 0 && (path[n] == '/' || !path[n]);
}

static bool add_path(struct scl_filter *f, struct paths *paths, const char *base, const char *below, bool resolve)
{
	struct scl_buffer b = {0};
	if (!base || !*base)
		return true;
	scl_buffer_printf(&b, "%s%s", base, below);
	const char *path = b.failed ? NULL : absolute(f, &f->arena, scl_buffer_str(&b), resolve);
	scl_buffer_destroy(&b);
	if (!path)
		return false;
	/* The root is part of every path: a Python installed there would leave no user code at all. */
	if (path[1] && paths->n < PATHS_MAX)
		paths->path[paths->n++] = path;
	return true;
}

static const char *or_else(const char *a, const char *b)
{
	return a && *a ? a : b;
}

/*
 * The directories that sysconfig gives for all its schemes, as far as one of them is not part of another. A path
 * below {base} (posix_prefix, posix_home, nt, venv and Debian's posix_local and deb_system schemes) contains {base},
 * which is itself the `data` path of these schemes; likewise {userbase} stands for the user schemes. What
 * remains are the paths below the other three variables, which differ from {base} in a virtual environment:
 * {installed_base} for stdlib and include, {platbase} for platstdlib and platlib (Lib/sysconfig.py:
 * _INSTALL_SCHEMES; a package since 3.13, Lib/sysconfig/__init__.py).
 */
static bool find_directories(struct scl_filter *f, const struct scl_filter_facts *x)
{
	char stdlib[128], include[64], site[128], home[SCL_PATH_MAX] = "";
	const char *platlibdir = or_else(x->platlibdir, "lib"), *base = x->prefix;
	const char *installed = or_else(x->base_prefix, base), *plat = or_else(x->exec_prefix, base);
	const char *installed_plat = or_else(x->base_exec_prefix, installed), *user = or_else(x->userbase, home);
	snprintf(stdlib, sizeof(stdlib), "/%.32s/python%u.%u", platlibdir, x->major, x->minor);
	snprintf(include, sizeof(include), "/include/python%u.%u", x->major, x->minor);
	snprintf(site, sizeof(site), "/lib/python%u.%u/site-packages", x->major, x->minor);
	if (x->home && *x->home)
		snprintf(home, sizeof(home), "%.4000s/.local", x->home);

	struct paths *s = &f->system, *l = &f->library;
	return add_path(f, s, base, "", true) && add_path(f, s, user, "", true) && add_path(f, s, plat, stdlib, true) &&
	       add_path(f, s, plat, site, true) && add_path(f, s, installed_plat, stdlib, true) &&
	       add_path(f, s, installed, stdlib, true) && add_path(f, s, installed, "/lib/python", true) &&
	       add_path(f, s, installed, "/Lib", true) && add_path(f, s, installed, include, true) &&
	       add_path(f, s, installed, "/include/python", true) && add_path(f, s, installed, "/Include", true) &&
	       /* All of site.getsitepackages() is below prefix or exec_prefix. */
	       add_path(f, l, base, "", false) && add_path(f, l, installed, "", false) &&
	       add_path(f, l, plat, "", false) && add_path(f, l, user, site, false);
}

/* -- rules ---------------------------------------------------------------------------------------------- */

/* Is an element of the comma-separated list part of the name? `empty`: what an empty element says. */
static bool list_matches(const char *list, const char *name, bool empty)
{
	for (const char *at = list, *end;; at = end + 1) {
		end = strchr(at, ',');
		size_t n = end ? (size_t)(end - at) : strlen(at);
		if (n == 0 ? empty : memmem(name, strlen(name), at, n) != NULL)
			return true;
		if (!end)
			return false;
	}
}

/* `_ipython-input-<number>-...`, as IPython named its cells before ipykernel 6. */
static bool is_jupyter_cell(const char *name)
{
	static const char head[] = "_ipython-input-";
	if (strncmp(name, head, sizeof(head) - 1) != 0)
		return false;
	const char *number = name + sizeof(head) - 1;
	size_t digits = strspn(number, "0123456789");
	return digits > 0 && number[digits] == '-';
}

static bool is_exec(const char *name)
{
	return strncmp(name, "<exec@", 6) == 0 || strncmp(name, "<eval@", 6) == 0;
}

static bool in_system_path(const struct scl_filter *f, const char *resolved)
{
	for (size_t i = 0; i < f->system.n; i++)
		if (strstr(resolved, f->system.path[i]))
			return true;
	return false;
}

/* `normal`: the name without "." and "..", but not made absolute, so a relative one never matches. */
static bool in_library(const struct scl_filter *f, const char *normal)
{
	for (size_t i = 0; i < f->library.n; i++)
		if (strncmp(normal, f->library.path[i], strlen(f->library.path[i])) == 0)
			return true;
	return false;
}

static enum scl_filter_rule by_location(const struct scl_filter *f, const char *name, const char *resolved)
{
	char normal[SCL_PATH_MAX];
	scl_path_clean(name, normal, sizeof(normal));
	if (!f->options.profile_system_libraries && in_library(f, normal))
		return SCL_RULE_LIBRARY;
	if (inside(resolved, f->directory))
		return SCL_RULE_PROGRAM;
	const char *slash = strrchr(resolved, '/');
	size_t n = slash ? (size_t)(slash - resolved) : 0;
	if (slash && *f->parent && strlen(f->parent) == (n ? n : 1) && strncmp(resolved, f->parent, n ? n : 1) == 0)
		return SCL_RULE_SIBLING;
	return SCL_RULE_ELSEWHERE;
}

static enum scl_filter_rule decide(const struct scl_filter *f, const char *name, const char *resolved)
{
	if (!*name)
		return SCL_RULE_NO_NAME;
	if (f->scalene && inside(resolved, f->scalene))
		return SCL_RULE_SCALENE;
	if (!f->options.profile_all && in_system_path(f, resolved))
		return SCL_RULE_SYSTEM_PATH;
	if (list_matches(f->options.profile_exclude, name, false))
		return SCL_RULE_EXCLUDED;
	if (is_jupyter_cell(name))
		return SCL_RULE_JUPYTER_CELL;
	if (!list_matches(f->options.profile_only, name, true))
		return SCL_RULE_NOT_SELECTED;
	if (name[0] == '<' && name[strlen(name) - 1] == '>' && !is_exec(name))
		return SCL_RULE_PSEUDO_FILE;
	if (f->options.profile_all)
		return SCL_RULE_PROFILE_ALL;
	if (is_exec(name))
		return SCL_RULE_EXEC;
	return by_location(f, name, resolved);
}

static enum scl_filter_rule decide_name(const struct scl_filter *f, const char *name)
{
	struct scl_arena arena = {0};
	const char *resolved = absolute(f, &arena, name, true);
	enum scl_filter_rule rule = resolved ? decide(f, name, resolved) : SCL_RULE_ELSEWHERE;
	scl_arena_destroy(&arena);
	return rule;
}

enum scl_filter_rule scl_filter_rule_for(struct scl_filter *f, const char *name)
{
	bool again = strcmp(name, scl_intern_str(f->names, f->last)) == 0;
	uint32_t id = again ? f->last : scl_intern_put(f->names, name, strlen(name));
	f->last = id;
	if (id == SCL_INTERN_OTHER)
		return decide_name(f, name);
	if (id >= f->rules_cap) {
		size_t cap = 2 * (size_t)id + 64;
		uint8_t *grown = realloc(f->rules, cap);
		if (!grown)
			return decide_name(f, name);
		memset(grown + f->rules_cap, 0, cap - f->rules_cap);
		f->rules = grown;
		f->rules_cap = cap;
	}
	if (!f->rules[id])
		f->rules[id] = (uint8_t)(decide_name(f, name) + 1);
	return (enum scl_filter_rule)(f->rules[id] - 1);
}

/* -- the program ---------------------------------------------------------------------------------------- */

static bool copy_args(struct scl_filter *f, const struct scl_filter_facts *x, const struct scl_words *words)
{
	static const char *const option[] = {[SCL_WORDS_MODULE] = "-m", [SCL_WORDS_COMMAND] = "-c"};
	const char *before[2];
	size_t nbefore = 0, rest = words->rest < x->argc ? x->argc - words->rest : 0;
	if (words->kind == SCL_WORDS_MODULE || words->kind == SCL_WORDS_COMMAND)
		before[nbefore++] = option[words->kind];
	if (words->what)
		before[nbefore++] = words->what;
	f->args = scl_arena_calloc(&f->arena, nbefore + rest + 1, sizeof(*f->args));
	for (size_t i = 0; f->args && i < nbefore + rest; i++) {
		const char *word = i < nbefore ? before[i] : x->argv[words->rest + i - nbefore];
		f->args[i] = scl_arena_strndup(&f->arena, word, strlen(word));
		if (!f->args[i])
			return false;
		f->nargs++;
	}
	return f->args != NULL;
}

/*
 * The program is the __file__ of __main__, which knows what -m and a directory or a zip file as a script mean, or
 * else what the command line says. Its directory decides what the user's code is. A program that is itself an
 * installed one (python -m pytest, gunicorn) says nothing about that; there the working directory stands in, as
 * it does for `python -c`, standard input and an interactive interpreter.
 */
static bool find_program(struct scl_filter *f, const struct scl_filter_facts *x)
{
	struct scl_words words = scl_words_parse(x->argv, x->argc);
	const char *file = or_else(x->main_file, words.kind == SCL_WORDS_SCRIPT ? words.what : NULL);
	const char *given = or_else(f->options.program_path, NULL), *resolved = NULL;
	f->module = words.kind == SCL_WORDS_MODULE;
	f->program = file ? absolute(f, &f->arena, file, false) : "";
	bool on_disk = file && !scl_source_is_pseudo(file); /* `python < x.py` has the __file__ "<stdin>" */
	if (on_disk)
		resolved = absolute(f, &f->arena, file, true);
	if (!f->program || (on_disk && !resolved) || !copy_args(f, x, &words))
		return false;
	bool installed = resolved && (in_system_path(f, resolved) || in_library(f, resolved));
	if (given)
		f->directory = absolute(f, &f->arena, given, true);
	else if (resolved && !installed)
		f->directory = directory_of(f, resolved);
	else
		f->directory = *f->cwd ? absolute(f, &f->arena, f->cwd, true) : "";
	if (!f->directory)
		return false;
	f->parent = f->directory[0] && f->directory[1] ? directory_of(f, f->directory) : "";
	return f->parent != NULL;
}

static bool copy(struct scl_filter *f, const char *from, const char **to)
{
	*to = from ? scl_arena_strndup(&f->arena, from, strlen(from)) : "";
	return *to != NULL;
}

static bool build(struct scl_filter *f, const struct scl_filter_facts *x, const struct scl_filter_options *options)
{
	f->options = *options;
	f->names = scl_intern_create(NAMES_MAX);
	if (!f->names || !copy(f, options->profile_only, &f->options.profile_only) ||
	    !copy(f, options->profile_exclude, &f->options.profile_exclude) || !copy(f, x->cwd, &f->cwd) ||
	    !find_directories(f, x))
		return false;
	if (x->scalene && *x->scalene) {
		const char *init = absolute(f, &f->arena, x->scalene, true);
		f->scalene = init ? directory_of(f, init) : NULL;
		if (!f->scalene)
			return false;
	}
	bool done = find_program(f, x);
	f->options.program_path = NULL; /* the caller's */
	return done;
}

struct scl_filter *scl_filter_build(const struct scl_filter_facts *facts, const struct scl_filter_options *options,
				    struct scl_target *target, struct scl_error *err)
{
	struct scl_filter *f = calloc(1, sizeof(*f));
	if (f) {
		f->target = target;
		if (build(f, facts, options))
			return f;
	}
	scl_filter_destroy(f);
	scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory for the filter of user frames");
	return NULL;
}

void scl_filter_destroy(struct scl_filter *f)
{
	if (!f)
		return;
	scl_intern_destroy(f->names);
	free(f->rules);
	scl_arena_destroy(&f->arena);
	free(f);
}

const char *scl_filter_program(const struct scl_filter *f)
{
	return f->program;
}

const char *scl_filter_directory(const struct scl_filter *f)
{
	return f->directory;
}

bool scl_filter_is_module(const struct scl_filter *f)
{
	return f->module;
}

const char *const *scl_filter_args(const struct scl_filter *f, size_t *n)
{
	*n = f->nargs;
	return f->args;
}
