/* profiler_json.c - Scalene's state as a JSON document. */
#include <cjson/cJSON.h>
#include <math.h>

#include "command/profiler_state.h"
#include "command/view.h"

static void add_name(cJSON *array, enum scl_prof_owner owner, const char *name)
{
	struct scl_buffer text = {0};

	scl_prof_put_name(owner, name, &text);
	cJSON_AddItemToArray(array, cJSON_CreateString(scl_buffer_str(&text)));
	scl_buffer_destroy(&text);
}

/* JSON has no infinity, which profile_interval is by default. */
static void add_number(cJSON *object, const char *key, double number)
{
	if (isfinite(number))
		cJSON_AddNumberToObject(object, key, number);
	else
		cJSON_AddStringToObject(object, key, isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
}

static void add_fact(cJSON *object, const char *key, const struct scl_prof_fact *fact)
{
	switch (fact->found == SCL_PROF_READ ? fact->value.kind : SCL_SCALAR_OTHER) {
	case SCL_SCALAR_BOOL:
		cJSON_AddBoolToObject(object, key, fact->value.integer != 0);
		break;
	case SCL_SCALAR_INT:
		add_number(object, key, (double)fact->value.integer);
		break;
	case SCL_SCALAR_FLOAT:
		add_number(object, key, fact->value.number);
		break;
	case SCL_SCALAR_STR:
		cJSON_AddStringToObject(object, key, fact->text ? fact->text : "");
		break;
	case SCL_SCALAR_NONE:
		cJSON_AddNullToObject(object, key);
		break;
	case SCL_SCALAR_OTHER:
		cJSON_AddStringToObject(object, key, "not readable");
		break;
	}
}

static void add_facts(const struct scl_prof_state *state, cJSON *document, cJSON *absent)
{
	static const char *const groups[] = {[SCL_PROF_GROUP_VERSION] = "scalene",
					     [SCL_PROF_GROUP_OPTION] = "options",
					     [SCL_PROF_GROUP_STATE] = "state"};

	for (unsigned group = 0; group < sizeof groups / sizeof *groups; group++) {
		cJSON *object = cJSON_AddObjectToObject(document, groups[group]);

		for (size_t i = 0; i < state->nfacts; i++) {
			const struct scl_prof_fact *fact = &state->facts[i];
			struct scl_buffer key = {0};

			if (fact->group != group)
				continue;
			scl_prof_put_name(fact->owner, fact->name, &key);
			if (fact->found == SCL_PROF_ABSENT)
				add_name(absent, fact->owner, fact->name);
			else
				add_fact(object, scl_buffer_str(&key), fact);
			scl_buffer_destroy(&key);
		}
	}
}

static cJSON *collection(const struct scl_prof_collection *c)
{
	cJSON *object = cJSON_CreateObject();
	struct scl_buffer name = {0};

	scl_prof_put_name(c->owner, c->name, &name);
	cJSON_AddStringToObject(object, "name", scl_buffer_str(&name));
	scl_buffer_destroy(&name);
	cJSON_AddStringToObject(object, "bounded_by", scl_prof_growth_name(c->growth));
	if (c->what)
		cJSON_AddStringToObject(object, "members", c->what);
	if (c->found == SCL_PROF_UNREADABLE) {
		cJSON_AddStringToObject(object, "error", c->why ? c->why : "");
		return object;
	}
	cJSON_AddNumberToObject(object, "size", (double)c->size);
	if (c->nested)
		cJSON_AddNumberToObject(object, "inside", (double)c->inside);
	if (c->leaves)
		cJSON_AddNumberToObject(object, "largest", (double)c->largest);
	if (c->largest_at)
		cJSON_AddStringToObject(object, "largest_at", c->largest_at);
	if (c->capped) {
		cJSON_AddNumberToObject(object, "cap", (double)c->cap);
		cJSON_AddStringToObject(object, "cap_from", c->cap_from ? c->cap_from : "Scalene's source");
		cJSON_AddBoolToObject(object, "full", scl_prof_is_full(c));
	}
	cJSON_AddBoolToObject(object, "moved", c->found == SCL_PROF_MOVED);
	cJSON_AddBoolToObject(object, "partial", c->partial);
	return object;
}

static void add_async(const struct scl_prof_state *state, cJSON *document)
{
	cJSON *object = cJSON_AddObjectToObject(document, "async");

	if (state->gate.known)
		cJSON_AddBoolToObject(object, "gate_open", state->gate.open);
	if (state->gate.open) {
		cJSON_AddNumberToObject(object, "gate_depth", state->gate.depth);
		cJSON_AddStringToObject(object, "gate_file", state->gate.file ? state->gate.file : "");
		cJSON_AddStringToObject(object, "gate_function", state->gate.name ? state->gate.name : "");
	}
	if (state->tasks_known) {
		cJSON_AddNumberToObject(object, "tasks", (double)state->tasks);
		cJSON_AddNumberToObject(object, "suspended", (double)state->suspended);
	}
}

struct cJSON *scl_prof_json(const struct scl_prof_state *state)
{
	cJSON *document = scl_view_json_begin(state->session), *absent = cJSON_CreateArray(), *array;

	add_facts(state, document, absent);
	add_async(state, document);
	array = cJSON_AddArrayToObject(document, "collections");
	for (size_t i = 0; i < state->ncollections; i++) {
		if (state->collections[i].found == SCL_PROF_ABSENT)
			add_name(absent, state->collections[i].owner, state->collections[i].name);
		else
			cJSON_AddItemToArray(array, collection(&state->collections[i]));
	}
	cJSON_AddItemToObject(document, "not_in_this_version", absent);
	array = cJSON_AddArrayToObject(document, "warnings");
	for (size_t i = 0; i < state->nwarnings; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(state->warnings[i]));
	return document;
}
