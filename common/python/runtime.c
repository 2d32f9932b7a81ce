/* runtime.c - the search for the module that holds the interpreter. */
#include "python/runtime.h"

#include <stdio.h>
#include <string.h>

#include "python/object.h"
#include "python/scan.h"
#include "python/threads.h"
#include "python/version.h"
#include "target/path.h"

enum { SHOWN = 256 };

struct search {
	struct scl_runtime *rt;
	bool likely;   /* this pass looks at the likely modules, the next one at the rest */
	bool scanning; /* and the last one into the data of the likely ones */
	bool found;
	unsigned looked;       /* files */
	struct scl_error why;  /* the first interpreter that was found and could not be used */
	struct scl_error file; /* the first file that could not be read */
	char first[SCL_PATH_MAX];
	char old[SCL_PATH_MAX]; /* a module of a CPython before _PyRuntime, which came in 3.7 */
};

/* The program itself, libpython*, python*: opening every library of a large process takes long. */
static bool is_likely(const struct scl_module *module)
{
	const char *name = strrchr(module->path, '/');
	name = name ? name + 1 : module->path;
	return module->main || strncmp(name, "python", 6) == 0 || strncmp(name, "libpython", 9) == 0;
}

static scl_addr symbol_address(struct scl_target *t, const struct scl_module *module, const char *name)
{
	struct scl_symbol symbol;
	return scl_find_symbol(t, module, name, &symbol, NULL) ? symbol.addr : 0;
}

/* types.CodeType, where no symbol table tells: its name is in a page that only the missing file has. */
static scl_addr code_type_of_types(struct scl_runtime *rt)
{
	struct scl_interpreter interp = {0};
	scl_addr dict = 0, type = 0;
	if (!scl_interpreter_next(rt, &interp, NULL) || !interp.modules ||
	    !scl_module_dict(rt, interp.modules, "types", &dict, NULL) || !dict ||
	    !scl_dict_get(rt, dict, "CodeType", &type, NULL))
		return 0;
	return type;
}

static bool use(struct scl_runtime *rt, const struct scl_module *module, const struct scl_symbol *symbol,
		struct scl_error *err)
{
	struct scl_candidate c = {
		.path = module->path,
		.size = symbol->size,
		.py_version = symbol_address(rt->target, module, "Py_Version"),
		.type_type = symbol_address(rt->target, module, "PyType_Type"),
	};
	rt->address = symbol->addr;
	if (!scl_version_probe(rt, &c, err))
		return false;
	rt->code_type = symbol_address(rt->target, module, "PyCode_Type");
	if (rt->code_type == 0 && (rt->found == SCL_FOUND_COOKIE || rt->found == SCL_FOUND_INTERPRETERS))
		rt->code_type = code_type_of_types(rt);
	snprintf(rt->module, sizeof rt->module, "%s", module->path);
	return true;
}

/* _PyRuntime of this module, if it defines one. */
static bool find_runtime(struct search *s, const struct scl_module *module, struct scl_symbol *symbol)
{
	struct scl_target *t = s->rt->target;
	struct scl_error err = {0};
	s->rt->found = SCL_FOUND_SYMBOL;
	if (scl_find_symbol(t, module, "_PyRuntime", symbol, &err))
		return true;
	if (err.code != SCL_ENOTFOUND && s->file.code == SCL_OK)
		s->file = err;
	s->rt->found = SCL_FOUND_SECTION;
	if (scl_find_section(t, module, ".PyRuntime", symbol, NULL))
		return true;
	s->rt->found = SCL_FOUND_COOKIE;
	*symbol = (struct scl_symbol){0};
	return s->likely && scl_scan_cookie(t, module, &symbol->addr);
}

struct scan {
	struct search *search;
	const struct scl_module *module;
};

static bool try_place(scl_addr runtime, void *arg)
{
	const struct scan *scan = arg;
	struct search *s = scan->search;
	const struct scl_symbol symbol = {.addr = runtime};
	s->rt->found = SCL_FOUND_INTERPRETERS;
	s->found = use(s->rt, scan->module, &symbol, NULL);
	return s->found;
}

static bool scan(const struct scl_module *module, void *arg)
{
	struct search *s = arg;
	struct scan scan = {.search = s, .module = module};
	return !module->executable || !is_likely(module) ||
	       !scl_scan_interpreters(s->rt->target, module, try_place, &scan);
}

/* Is the first thread of the process its main thread, too? That of a second interpreter is the one that has started it. */
static bool has_first_thread(const struct scl_runtime *rt)
{
	struct scl_threads cursor;
	struct scl_thread thread;
	scl_threads_init(&cursor, rt);
	while (scl_threads_next(&cursor, &thread, NULL))
		if (thread.main)
			return thread.lwp == (uint64_t)scl_target_pid(rt->target);
	return false;
}

/* One has been found: is there another interpreter, which has been started, in this likely module? */
static void note_other(struct search *s, const struct scl_module *module)
{
	struct scl_runtime *rt = s->rt, other = {.target = rt->target};
	struct scl_symbol symbol;
	if (rt->other[0] || !module->executable || !is_likely(module) ||
	    !scl_find_symbol(rt->target, module, "_PyRuntime", &symbol, NULL) || symbol.addr == rt->address ||
	    !use(&other, module, &symbol, NULL))
		return;
	if (!has_first_thread(rt) && has_first_thread(&other)) {
		struct scl_runtime first = *rt;
		memcpy(other.program, rt->program, sizeof other.program);
		*rt = other;
		other = first;
	}
	snprintf(rt->other, sizeof rt->other, "CPython %s in %s", other.version, other.module);
}

static bool visit(const struct scl_module *module, void *arg)
{
	struct search *s = arg;
	struct scl_symbol symbol;
	struct scl_error err = {0};
	if (s->scanning)
		return scan(module, s);
	if (s->found) {
		note_other(s, module);
		return true;
	}
	if (module->main && s->likely)
		snprintf(s->rt->program, sizeof s->rt->program, "%s", module->path);
	if (!module->executable || is_likely(module) != s->likely)
		return true;
	if (s->looked++ == 0)
		snprintf(s->first, sizeof s->first, "%s", module->path);
	if (find_runtime(s, module, &symbol)) {
		s->found = use(s->rt, module, &symbol, &err);
		if (!s->found && s->why.code == SCL_OK)
			s->why = err;
		return s->likely || !s->found;
	}
	if (!s->old[0] && symbol_address(s->rt->target, module, "Py_GetVersion") != 0)
		snprintf(s->old, sizeof s->old, "%s", module->path);
	return true;
}

/* A CPython, by a function that it exports, whose _PyRuntime is nowhere: it has none before 3.7. */
static bool without_runtime(const struct search *s, struct scl_error *err)
{
	char path[SHOWN], what[64] = "before 3.7, or without the symbol _PyRuntime,", known[32];
	unsigned major, minor;
	bool named = scl_version_hint(s->old, &major, &minor);
	scl_path_show(s->old, path, sizeof path);
	if (named && major == 3 && minor >= 7)
		return scl_fail(
			err, SCL_EUNSUPPORTED,
			"CPython %u.%u in %s: its file names neither _PyRuntime nor .PyRuntime, and in its data "
			"there is no list of interpreters",
			major, minor, path);
	if (named)
		snprintf(what, sizeof what, "%u.%u", major, minor);
	scl_version_supported(known, sizeof known);
	return scl_fail(err, SCL_EUNSUPPORTED, "CPython %s in %s is not supported: there are layouts for %s", what,
			path, known);
}

static bool not_found(const struct search *s, struct scl_error *err)
{
	int pid = scl_target_pid(s->rt->target);
	char where[32] = "", path[SHOWN], more[32] = "";
	if (s->why.code != SCL_OK)
		return scl_fail_errno(err, s->why.code, s->why.sys_errno, "%s", s->why.text);
	if (s->old[0])
		return without_runtime(s, err);
	if (pid != 0)
		snprintf(where, sizeof where, " in process %d", pid);
	if (s->looked > 1)
		snprintf(more, sizeof more, " and %u more files", s->looked - 1);
	bool unread = s->file.code != SCL_OK;
	return scl_fail(err, SCL_ENOTFOUND, "no Python found%s (looked at %s%s)%s%s", where,
			s->looked ? scl_path_show(s->first, path, sizeof path) : "no file", more, unread ? "; " : "",
			unread ? s->file.text : "");
}

bool scl_runtime_init(struct scl_runtime *rt, struct scl_target *target, struct scl_error *err)
{
	*rt = (struct scl_runtime){.target = target};
	struct search search = {.rt = rt};
	for (int pass = 0; pass < 3 && !search.found; pass++) {
		search.likely = pass == 0;
		search.scanning = pass == 2;
		/* A likely module that holds an unusable interpreter is the answer; a plugin's library is not. */
		if (search.why.code != SCL_OK)
			break;
		if (!scl_for_each_module(target, visit, &search, err))
			return scl_wrap(err, "modules");
	}
	return search.found || not_found(&search, err);
}

const char *scl_runtime_found_text(enum scl_runtime_found found)
{
	switch (found) {
	case SCL_FOUND_SYMBOL:
		return "exported symbol _PyRuntime";
	case SCL_FOUND_SECTION:
		return "ELF section .PyRuntime";
	case SCL_FOUND_COOKIE:
		return "cookie of _Py_DebugOffsets in memory";
	case SCL_FOUND_INTERPRETERS:
		return "list of interpreters in its data";
	}
	return "?";
}

const char *scl_version_source_text(enum scl_version_source source)
{
	switch (source) {
	case SCL_VERSION_DEBUG_OFFSETS:
		return "_Py_DebugOffsets";
	case SCL_VERSION_PY_VERSION:
		return "exported constant Py_Version";
	case SCL_VERSION_HEXVERSION:
		return "sys.hexversion";
	}
	return "?";
}
