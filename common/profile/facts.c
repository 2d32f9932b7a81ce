/* facts.c - what the user-frame filter wants to know of a target, read from its memory and its environment. */
#include <string.h>

#include "base/arena.h"
#include "profile/filter.h"
#include "python/object.h"
#include "python/threads.h"

/* The main interpreter, which is last in the list. */
static bool main_interpreter(const struct scl_runtime *rt, struct scl_interpreter *ret)
{
	struct scl_interpreter interp = {0};
	struct scl_error err;
	bool found = false;
	while (scl_interpreter_next(rt, &interp, &err)) {
		*ret = interp;
		found = true;
	}
	return found;
}

/* A copy of the str that the dict has under the key; NULL where it has none. */
static const char *dict_str(const struct scl_runtime *rt, struct scl_arena *arena, scl_addr dict, const char *key)
{
	char text[SCL_PATH_MAX];
	scl_addr value;
	bool is_str;
	if (!dict || !scl_dict_get(rt, dict, key, &value, NULL) || !value ||
	    !scl_object_is(rt, value, SCL_TYPE_STR, &is_str, NULL) || !is_str ||
	    !scl_str_read(rt, value, text, sizeof(text), NULL))
		return NULL;
	return scl_arena_strndup(arena, text, strlen(text));
}

static const char *module_file(const struct scl_runtime *rt, struct scl_arena *arena, scl_addr modules,
			       const char *module)
{
	scl_addr dict;
	if (!modules || !scl_module_dict(rt, modules, module, &dict, NULL))
		return NULL;
	return dict_str(rt, arena, dict, "__file__");
}

static const char *environment(const struct scl_runtime *rt, struct scl_arena *arena, const char *name)
{
	char text[SCL_PATH_MAX];
	if (!scl_target_getenv(rt->target, name, text, sizeof(text), NULL))
		return NULL;
	return scl_arena_strndup(arena, text, strlen(text));
}

static void read_facts(struct scl_filter_facts *x, const struct scl_runtime *rt, struct scl_arena *arena)
{
	struct scl_interpreter interp;
	char cwd[SCL_PATH_MAX];
	x->major = rt->hexversion >> 24;
	x->minor = rt->hexversion >> 16 & 0xff;
	/* A running target may change sys.__dict__ while it is searched. */
	for (int tries = 0; tries < 3 && !x->prefix && main_interpreter(rt, &interp); tries++) {
		x->prefix = dict_str(rt, arena, interp.sysdict, "prefix");
		x->base_prefix = dict_str(rt, arena, interp.sysdict, "base_prefix");
		x->exec_prefix = dict_str(rt, arena, interp.sysdict, "exec_prefix");
		x->base_exec_prefix = dict_str(rt, arena, interp.sysdict, "base_exec_prefix");
		x->platlibdir = dict_str(rt, arena, interp.sysdict, "platlibdir");
		x->main_file = module_file(rt, arena, interp.modules, "__main__");
		x->scalene = module_file(rt, arena, interp.modules, "scalene");
	}
	x->home = environment(rt, arena, "HOME");
	x->userbase = environment(rt, arena, "PYTHONUSERBASE");
	if (scl_target_cwd(rt->target, cwd, sizeof(cwd), NULL))
		x->cwd = scl_arena_strndup(arena, cwd, strlen(cwd));
	if (!scl_target_command_line(rt->target, arena, &x->argv, &x->argc, NULL))
		x->argc = 0;
}

struct scl_filter *scl_filter_create(const struct scl_runtime *rt, const struct scl_filter_options *options,
				     struct scl_error *err)
{
	struct scl_filter_facts facts = {0};
	struct scl_arena arena = {0};
	read_facts(&facts, rt, &arena);
	struct scl_filter *filter = scl_filter_build(&facts, options, rt->target, err);
	scl_arena_destroy(&arena);
	return filter;
}
