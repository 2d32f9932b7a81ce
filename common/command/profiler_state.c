/* profiler_state.c - Scalene's state as a whole: collections with their caps, and what is wrong with them. */
#include "command/profiler_state.h"

#include <stdlib.h>
#include <string.h>

enum { UNKNOWN_MAX = 256, NAME_CAP = 128 };

struct known {
	enum scl_prof_owner owner;
	const char *name;
	enum scl_prof_growth growth;
	const char *what;
	enum scl_prof_owner cap_owner;
	const char *cap_name;
};

static const struct known known[] = {
#define COLLECTION(owner_, name_, growth_, what_, cap_owner_, cap_name_)                                               \
	{SCL_PROF_##owner_, #name_, SCL_PROF_##growth_, what_, SCL_PROF_##cap_owner_, cap_name_},
#include "command/profiler_state.def"
};

enum { NKNOWN = sizeof known / sizeof *known };

/* -- names -------------------------------------------------------------------------------------------------------- */

void scl_prof_put_name(enum scl_prof_owner owner, const char *name, struct scl_buffer *out)
{
	static const char *const prefixes[SCL_PROF_NOWNERS] = {
		[SCL_PROF_PROFILER] = "Scalene.",	 [SCL_PROF_CPU] = "cpu_stats.",
		[SCL_PROF_MEMORY] = "memory_stats.",	 [SCL_PROF_GPU] = "gpu_stats.",
		[SCL_PROF_ASYNC] = "async_stats.",	 [SCL_PROF_TRACKER] = "ScaleneAsync.",
		[SCL_PROF_UTILITY] = "scalene_utility.",
	};
	static const char mangled[] = "_Scalene__";

	if (prefixes[owner])
		scl_buffer_puts(out, prefixes[owner]);
	scl_buffer_puts(out, strncmp(name, mangled, sizeof mangled - 1) == 0 ? name + sizeof "_Scalene" - 1 : name);
}

const char *scl_prof_growth_name(enum scl_prof_growth growth)
{
	static const char *const names[] = {
		[SCL_PROF_CAPPED] = "capped",	  [SCL_PROF_EACH] = "capped for each line",
		[SCL_PROF_SOURCE] = "the source", [SCL_PROF_PASSING] = "queue",
		[SCL_PROF_RUN] = "the run",	  [SCL_PROF_UNKNOWN] = "not known",
	};

	return names[growth];
}

uint64_t scl_prof_fill(const struct scl_prof_collection *c)
{
	return c->leaves ? c->largest : c->size;
}

bool scl_prof_is_full(const struct scl_prof_collection *c)
{
	return c->capped && scl_prof_fill(c) >= c->cap;
}

/* -- collections -------------------------------------------------------------------------------------------------- */

/* A cap that this version does not have bounds nothing: the collection grows with the run. */
static void find_cap(struct scl_prof_state *state, const struct known *k, struct scl_prof_collection *c)
{
	struct scl_scalar cap;
	scl_addr value;

	if (c->capped || (k->growth != SCL_PROF_CAPPED && k->growth != SCL_PROF_EACH))
		return;
	if (k->growth == SCL_PROF_EACH && k->cap_name) {
		c->cap = strtoull(k->cap_name, NULL, 10);
		c->capped = true;
		return;
	}
	if (k->growth == SCL_PROF_EACH) {
		/* An empty one does not show what its lines would be kept in. */
		if (c->leaves || (c->size > 0 && !c->nested))
			c->growth = SCL_PROF_RUN;
		return;
	}
	if (scl_prof_get(state, k->cap_owner, k->cap_name, &value, NULL) == SCL_PROF_READ &&
	    scl_scalar_read(state->session->rt, state->types, value, &cap, NULL) && cap.kind == SCL_SCALAR_INT &&
	    cap.integer >= 0) {
		c->capped = true;
		c->cap = (uint64_t)cap.integer;
		c->cap_from = k->cap_name;
	} else {
		c->growth = SCL_PROF_RUN;
	}
}

static void read_known(struct scl_prof_state *state, const struct known *k, struct scl_prof_collection *c)
{
	struct scl_error err = {.code = SCL_OK};
	scl_addr object;

	*c = (struct scl_prof_collection){.owner = k->owner, .name = k->name, .what = k->what, .growth = k->growth};
	c->found = scl_prof_get(state, k->owner, k->name, &object, &err);
	if (c->found == SCL_PROF_UNREADABLE)
		c->why = scl_arena_strndup(&state->session->arena, err.text, strlen(err.text));
	if (c->found != SCL_PROF_READ)
		return;
	scl_prof_measure(state, object, c);
	find_cap(state, k, c);
}

static bool is_known(enum scl_prof_owner owner, const char *name)
{
	for (size_t i = 0; i < NKNOWN; i++)
		if (strcmp(known[i].name, name) == 0 && (known[i].owner == owner || owner == SCL_PROF_STATS))
			return true;
	return false;
}

static void add_unknown(struct scl_prof_state *state, enum scl_prof_owner owner, scl_addr key, scl_addr object)
{
	struct scl_prof_collection *c = &state->collections[state->ncollections];
	const struct scl_type *type = scl_types_of(state->types, object, NULL);
	enum scl_sized kind = type ? scl_sized_kind(type) : SCL_SIZED_NONE;
	char name[NAME_CAP];
	const char *kept;

	if (kind == SCL_SIZED_NONE || kind == SCL_SIZED_TUPLE || state->ncollections >= NKNOWN + UNKNOWN_MAX ||
	    !scl_str_read(state->session->rt, key, name, sizeof name, NULL) || is_known(owner, name))
		return;
	kept = scl_arena_strndup(&state->session->arena, name, strlen(name));
	if (!kept)
		return;
	*c = (struct scl_prof_collection){.owner = owner, .name = kept, .growth = SCL_PROF_UNKNOWN};
	scl_prof_measure(state, object, c);
	state->ncollections++;
}

/* What the statistics of a version hold that was made after profiler_state.def. */
static void read_unknown(struct scl_prof_state *state, enum scl_prof_owner owner)
{
	scl_addr object = state->owners[owner], key, value;
	const struct scl_type *type = object ? scl_types_of(state->types, object, NULL) : NULL;
	struct scl_dict dict;

	if (!type || (owner != SCL_PROF_STATS && object == state->owners[SCL_PROF_STATS]) ||
	    !scl_instance_init(&dict, state->session->rt, object, type, NULL))
		return;
	while (scl_dict_next(&dict, &key, &value, NULL))
		add_unknown(state, owner, key, value);
}

bool scl_prof_read_collections(struct scl_prof_state *state, struct scl_error *err)
{
	state->collections =
		scl_arena_calloc(&state->session->arena, NKNOWN + UNKNOWN_MAX + 1, sizeof *state->collections);
	if (!state->collections)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (size_t i = 0; i < NKNOWN; i++) {
		if (!scl_session_go_on(state->session, err))
			return false;
		read_known(state, &known[i], &state->collections[i]);
	}
	state->ncollections = NKNOWN;
	for (enum scl_prof_owner owner = SCL_PROF_STATS; owner <= SCL_PROF_ASYNC; owner++)
		read_unknown(state, owner);
	return true;
}

/* -- all of it ---------------------------------------------------------------------------------------------------- */

bool scl_prof_state_take(struct scl_session *session, struct scl_prof_state *state, struct scl_error *err)
{
	*state = (struct scl_prof_state){.session = session, .types = scl_types_create(session->rt)};
	if (!state->types)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (scl_prof_find(state, err) && scl_prof_read_facts(state, err) && scl_prof_read_collections(state, err) &&
	    scl_prof_read_async(state, err) && scl_prof_warn(state, err))
		return true;
	scl_prof_state_close(state);
	return false;
}

void scl_prof_state_close(struct scl_prof_state *state)
{
	scl_types_destroy(state->types);
	*state = (struct scl_prof_state){0};
}
