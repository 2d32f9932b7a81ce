/* profiler_find.c - where Scalene's objects are, and its plain values. */
#include <string.h>

#include "command/profiler_state.h"
#include "python/threads.h"

enum { MODULES_MAX = 65536, TEXT_CAP = 1024, NAME_CAP = 128, TRIES = 10 };

/* -- modules ------------------------------------------------------------------------------------------------------ */

static bool is_scalene(const char *module)
{
	return strcmp(module, "scalene") == 0 || strncmp(module, "scalene.", sizeof("scalene.") - 1) == 0;
}

/* How many modules there are, and how many of them are Scalene's: for the message. */
static void count_modules(const struct scl_runtime *rt, scl_addr modules, unsigned *all, unsigned *scalene)
{
	struct scl_dict dict;
	scl_addr key, value;
	char name[NAME_CAP];

	if (!scl_dict_init(&dict, rt, modules, NULL))
		return;
	for (unsigned i = 0; i < MODULES_MAX && scl_dict_next(&dict, &key, &value, NULL); i++) {
		++*all;
		*scalene += scl_str_read(rt, key, name, sizeof name, NULL) && is_scalene(name);
	}
}

static scl_addr in_module(struct scl_prof_state *state, const char *module, const char *name)
{
	const struct scl_runtime *rt = state->session->rt;
	scl_addr dict, value;

	if (!scl_module_dict(rt, state->modules, module, &dict, NULL) || !dict ||
	    !scl_dict_get(rt, dict, name, &value, NULL))
		return 0;
	return value;
}

static bool find_profiler(struct scl_prof_state *state, struct scl_error *err)
{
	const struct scl_runtime *rt = state->session->rt;
	struct scl_interpreter interp = {0};
	struct scl_error end = {.code = SCL_OK};
	unsigned all = 0, scalene = 0;

	while (scl_interpreter_next(rt, &interp, &end)) {
		if (!interp.modules)
			continue;
		state->modules = interp.modules;
		state->owners[SCL_PROF_PROFILER] = in_module(state, "scalene.scalene_profiler", "Scalene");
		if (state->owners[SCL_PROF_PROFILER])
			return true;
		count_modules(rt, interp.modules, &all, &scalene);
	}
	if (end.code != SCL_OK) {
		if (err)
			*err = end;
		return scl_wrap(err, "looking for Scalene");
	}
	return scl_fail(err, SCL_ENOTFOUND,
			"the process does not run under Scalene: none of its %u modules is scalene.scalene_profiler "
			"with a class Scalene (%u of them are Scalene's)",
			all, scalene);
}

/* -- owners ------------------------------------------------------------------------------------------------------- */

static bool is_class(enum scl_prof_owner owner)
{
	return owner == SCL_PROF_PROFILER || owner == SCL_PROF_TRACKER;
}

static bool is_module(enum scl_prof_owner owner)
{
	return owner == SCL_PROF_VERSION || owner == SCL_PROF_UTILITY;
}

enum scl_prof_found scl_prof_get(struct scl_prof_state *state, enum scl_prof_owner owner, const char *name,
				 scl_addr *value, struct scl_error *err)
{
	scl_addr object = state->owners[owner];
	bool done = true;

	*value = 0;
	if (!object)
		return SCL_PROF_ABSENT;
	if (is_class(owner)) {
		const struct scl_type *class = scl_types_get(state->types, object, err);

		done = class != NULL;
		*value = class ? scl_types_class_attr(state->types, class, name) : 0;
	} else if (is_module(owner)) {
		done = scl_dict_get(state->session->rt, object, name, value, err);
	} else {
		done = scl_types_attr(state->types, object, name, value, err);
	}
	if (!done)
		return SCL_PROF_UNREADABLE;
	return *value ? SCL_PROF_READ : SCL_PROF_ABSENT;
}

static scl_addr get_or_0(struct scl_prof_state *state, enum scl_prof_owner owner, const char *name)
{
	scl_addr value;

	return scl_prof_get(state, owner, name, &value, NULL) == SCL_PROF_READ ? value : 0;
}

static scl_addr module_dict(struct scl_prof_state *state, const char *name)
{
	scl_addr dict;

	return scl_module_dict(state->session->rt, state->modules, name, &dict, NULL) ? dict : 0;
}

bool scl_prof_find(struct scl_prof_state *state, struct scl_error *err)
{
	static const struct {
		enum scl_prof_owner owner;
		const char *name;
	} parts[] = {
		{SCL_PROF_CPU, "cpu_stats"},
		{SCL_PROF_MEMORY, "memory_stats"},
		{SCL_PROF_GPU, "gpu_stats"},
		{SCL_PROF_ASYNC, "async_stats"},
	};
	scl_addr *owners = state->owners;

	if (!find_profiler(state, err))
		return false;
	owners[SCL_PROF_ARGS] = get_or_0(state, SCL_PROF_PROFILER, "_Scalene__args");
	owners[SCL_PROF_STATS] = get_or_0(state, SCL_PROF_PROFILER, "_Scalene__stats");
	if (!owners[SCL_PROF_STATS])
		return scl_fail(
			err, SCL_EUNSUPPORTED,
			"scalene.scalene_profiler.Scalene has no __stats: not a Scalene that is known here, or one "
			"that is just being imported");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		scl_addr part = get_or_0(state, SCL_PROF_STATS, parts[i].name);

		owners[parts[i].owner] = part ? part : owners[SCL_PROF_STATS];
	}
	owners[SCL_PROF_TRACKER] = in_module(state, "scalene.scalene_async", "ScaleneAsync");
	owners[SCL_PROF_UTILITY] = module_dict(state, "scalene.scalene_utility");
	owners[SCL_PROF_VERSION] = module_dict(state, "scalene.scalene_config");
	if (!in_module(state, "scalene.scalene_config", "scalene_version"))
		owners[SCL_PROF_VERSION] = module_dict(state, "scalene.scalene_version");
	return true;
}

/* -- plain values ------------------------------------------------------------------------------------------------- */

static bool read_fact(struct scl_prof_state *state, struct scl_prof_fact *fact)
{
	const struct scl_runtime *rt = state->session->rt;
	char text[TEXT_CAP];
	scl_addr value;

	fact->found = scl_prof_get(state, fact->owner, fact->name, &value, NULL);
	if (fact->found != SCL_PROF_READ)
		return fact->found == SCL_PROF_ABSENT;
	if (!scl_scalar_read(rt, state->types, value, &fact->value, NULL) ||
	    (fact->value.kind == SCL_SCALAR_STR && !scl_str_read(rt, value, text, sizeof text, NULL))) {
		fact->found = SCL_PROF_UNREADABLE;
		return false;
	}
	if (fact->value.kind == SCL_SCALAR_STR)
		fact->text = scl_arena_strndup(&state->session->arena, text, strlen(text));
	return true;
}

bool scl_prof_read_facts(struct scl_prof_state *state, struct scl_error *err)
{
	static const struct scl_prof_fact known[] = {
#define FACT(group_, owner_, name_) {.group = SCL_PROF_GROUP_##group_, .owner = SCL_PROF_##owner_, .name = #name_},
#include "command/profiler_state.def"
	};

	state->nfacts = sizeof known / sizeof *known;
	state->facts = scl_arena_alloc(&state->session->arena, sizeof known);
	if (!state->facts)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	memcpy(state->facts, known, sizeof known);
	/* A value that is replaced between the read of its address and that of its bytes may be gone. */
	for (size_t i = 0; i < state->nfacts; i++)
		for (unsigned tries = 0; tries < TRIES && !read_fact(state, &state->facts[i]); tries++)
			;
	return true;
}

const struct scl_prof_fact *scl_prof_fact_get(const struct scl_prof_state *state, const char *name)
{
	static const struct scl_prof_fact absent = {.found = SCL_PROF_ABSENT};

	for (size_t i = 0; i < state->nfacts; i++)
		if (strcmp(state->facts[i].name, name) == 0)
			return &state->facts[i];
	return &absent;
}

double scl_prof_fact_number(const struct scl_prof_state *state, const char *name, double otherwise)
{
	const struct scl_prof_fact *fact = scl_prof_fact_get(state, name);

	if (fact->found != SCL_PROF_READ)
		return otherwise;
	if (fact->value.kind == SCL_SCALAR_FLOAT)
		return fact->value.number;
	return fact->value.kind == SCL_SCALAR_INT || fact->value.kind == SCL_SCALAR_BOOL ? (double)fact->value.integer
											 : otherwise;
}
