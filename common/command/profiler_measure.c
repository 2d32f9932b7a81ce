/* profiler_measure.c - how much is in one of Scalene's collections, whatever it is made of. */
#include <string.h>

#include "base/buffer.h"
#include "command/profiler_state.h"

enum {
	WALK_MAX = 262144, /* members of one collection that are looked at */
	PLACE_CAP = 512,
	TRIES = 10,
};

/* One try at one collection. */
struct measure {
	struct scl_prof_state *state;
	const struct scl_runtime *rt;
	struct scl_prof_collection *into;
	uint64_t looked_at;
	scl_addr file, line; /* keys on the way to the leaf at hand; 0: none */
	scl_addr at_file, at_line;
	bool moved;
};

/* -- leaves: what is kept for one line -------------------------------------------------------------------------------- */

static bool read_int(struct measure *m, scl_addr object, const char *name, uint64_t *ret)
{
	scl_addr value;
	int64_t number;

	if (!scl_types_attr(m->state->types, object, name, &value, NULL) || !value ||
	    !scl_int_read(m->rt, value, &number, NULL) || number < 0)
		return false;
	*ret = (uint64_t)number;
	return true;
}

static void keep_leaf(struct measure *m, uint64_t size)
{
	if (!m->into->leaves || size > m->into->largest) {
		m->into->largest = size;
		m->at_file = m->file;
		m->at_line = m->line;
	}
	m->into->leaves = true;
}

static void keep_cap(struct measure *m, uint64_t cap, const char *from)
{
	m->into->capped = true;
	m->into->cap = cap;
	m->into->cap_from = from;
}

/* A reservoir: sorted_reservoir has a list and its size k, Adaptive an array of max_samples. */
static bool is_reservoir(struct measure *m, scl_addr object, struct scl_error *err)
{
	const struct scl_type *type = scl_types_of(m->state->types, object, err);
	scl_addr list;
	uint64_t size, cap;

	if (!type || !(type->flags >> SCL_TYPE_HEAP & 1))
		return false;
	list = scl_types_attr_or_0(m->state->types, object, "reservoir_");
	if (list && read_int(m, object, "k", &cap) && scl_sized_read(m->rt, SCL_SIZED_LIST, list, &size, err)) {
		keep_leaf(m, size);
		keep_cap(m, cap, "k");
		return true;
	}
	if (!read_int(m, object, "max_samples", &cap) || !read_int(m, object, "current_index", &size))
		return false;
	keep_leaf(m, size);
	keep_cap(m, cap, "max_samples");
	return true;
}

/* ScaleneSigQueue, whose SimpleQueue it is. */
static scl_addr queue_of(struct measure *m, scl_addr object, enum scl_sized *kind)
{
	scl_addr queue = scl_types_attr_or_0(m->state->types, object, "queue");
	const struct scl_type *type = queue ? scl_types_of(m->state->types, queue, NULL) : NULL;

	*kind = type ? scl_sized_kind(type) : SCL_SIZED_NONE;
	return queue;
}

/* -- walking ------------------------------------------------------------------------------------------------------- */

static bool walk(struct measure *m, scl_addr dict, bool inner, struct scl_error *err);

/* True where the members are worth a walk: they are dicts, containers or reservoirs. */
static bool walk_member(struct measure *m, scl_addr member, bool inner, bool *more, struct scl_error *err)
{
	const struct scl_type *type = scl_types_of(m->state->types, member, err);
	enum scl_sized kind;
	uint64_t size;

	*more = true;
	if (!type)
		return false;
	kind = scl_sized_kind(type);
	if (kind == SCL_SIZED_DICT && !inner) {
		if (!scl_sized_read(m->rt, kind, member, &size, err))
			return false;
		m->into->nested = true;
		m->into->inside += size;
		return walk(m, member, true, err);
	}
	if (kind == SCL_SIZED_NONE || kind == SCL_SIZED_TUPLE) { /* a leak's score is a pair */
		*more = is_reservoir(m, member, err);
		return true;
	}
	if (!scl_sized_read(m->rt, kind, member, &size, err))
		return false;
	keep_leaf(m, size);
	return true;
}

/* The table and its fill before and after tell whether a dict has changed meanwhile. */
static bool same(const struct measure *m, scl_addr object, const struct scl_dict *before, uint64_t size)
{
	struct scl_dict now;
	uint64_t size_now;

	return scl_dict_init(&now, m->rt, object, NULL) && now.entries == before->entries &&
	       now.count == before->count && scl_sized_read(m->rt, SCL_SIZED_DICT, object, &size_now, NULL) &&
	       size_now == size;
}

static bool walk(struct measure *m, scl_addr object, bool inner, struct scl_error *err)
{
	struct scl_error end = {.code = SCL_OK};
	struct scl_dict dict;
	scl_addr key, member;
	uint64_t size;
	bool more = true;

	if (!scl_sized_read(m->rt, SCL_SIZED_DICT, object, &size, err) || !scl_dict_init(&dict, m->rt, object, err))
		return false;
	const struct scl_dict before = dict;
	while (more && scl_dict_next(&dict, &key, &member, &end)) {
		if (m->looked_at++ >= WALK_MAX) {
			m->into->partial = true;
			return true;
		}
		*(inner ? &m->line : &m->file) = key;
		if (!walk_member(m, member, inner, &more, err))
			return false;
	}
	if (end.code != SCL_OK && err)
		*err = end;
	m->moved |= !same(m, object, &before, size);
	*(inner ? &m->line : &m->file) = 0;
	return end.code == SCL_OK;
}

/* -- one collection --------------------------------------------------------------------------------------------------- */

static bool measure_once(struct measure *m, scl_addr object, struct scl_error *err)
{
	const struct scl_type *type = scl_types_of(m->state->types, object, err);
	enum scl_sized kind;

	if (!type)
		return false;
	kind = scl_sized_kind(type);
	if (kind == SCL_SIZED_NONE && is_reservoir(m, object, err)) {
		m->into->size = m->into->largest;
		return true;
	}
	if (kind == SCL_SIZED_NONE)
		object = queue_of(m, object, &kind);
	if (kind == SCL_SIZED_NONE)
		return scl_fail(err, SCL_EUNSUPPORTED, "%s is not a collection that is known here", type->name);
	if (kind == SCL_SIZED_LIST && m->into->growth == SCL_PROF_EACH)
		m->into->growth = SCL_PROF_RUN; /* a list where later versions have a reservoir */
	return scl_sized_read(m->rt, kind, object, &m->into->size, err) &&
	       (kind != SCL_SIZED_DICT || walk(m, object, false, err));
}

/* "app.py:12" from the keys of the dicts on the way. */
static const char *place(struct measure *m)
{
	char text[PLACE_CAP];
	struct scl_buffer out = {0};
	int64_t line;
	const char *kept = NULL;

	if (!m->at_file || !scl_str_read(m->rt, m->at_file, text, sizeof text, NULL))
		return NULL;
	scl_buffer_puts(&out, text);
	if (m->at_line && scl_int_read(m->rt, m->at_line, &line, NULL))
		scl_buffer_printf(&out, ":%" PRId64, line);
	kept = scl_arena_strndup(&m->state->session->arena, scl_buffer_str(&out), out.len);
	scl_buffer_destroy(&out);
	return kept;
}

void scl_prof_measure(struct scl_prof_state *state, scl_addr object, struct scl_prof_collection *collection)
{
	const struct scl_prof_collection clean = *collection;
	struct scl_error err = {.code = SCL_OK};

	for (unsigned tries = 0; tries < TRIES; tries++) {
		struct measure m = {.state = state, .rt = state->session->rt, .into = collection};

		*collection = clean;
		if (measure_once(&m, object, &err)) {
			collection->found = m.moved ? SCL_PROF_MOVED : SCL_PROF_READ;
			collection->largest_at = place(&m);
			if (!m.moved)
				return;
		} else {
			collection->found = SCL_PROF_UNREADABLE;
			collection->why = scl_arena_strndup(&state->session->arena, err.text, strlen(err.text));
			if (err.code != SCL_EFAULT && err.code != SCL_ECORRUPT)
				return;
		}
	}
}
