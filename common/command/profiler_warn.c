/* profiler_warn.c - what in Scalene's state asks for attention. */
#include <string.h>

#include "base/text.h"
#include "command/profiler_state.h"

enum {
	WARNINGS_MAX = 64,
	BACKLOG = 100, /* of a queue that is served a hundred times a second */
};

static void add(struct scl_prof_state *state, struct scl_buffer *text)
{
	const char *kept = scl_arena_strndup(&state->session->arena, scl_buffer_str(text), text->len);

	if (kept && state->nwarnings < WARNINGS_MAX)
		state->warnings[state->nwarnings++] = kept;
	scl_buffer_clear(text);
}

static void put_name(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	struct scl_buffer name = {0};

	scl_prof_put_name(c->owner, c->name, &name);
	scl_text_puts(out, scl_buffer_str(&name));
	scl_buffer_destroy(&name);
}

/* -- collections -------------------------------------------------------------------------------------------------- */

/* What Scalene does with what has no room. A reservoir that is full is at work. */
static const char *when_full(const char *name)
{
	static const struct {
		const char *name, *effect;
	} effects[] = {
		{"_suspended_tasks", "it is emptied, and its tasks are lost"},
		{"async_task_names", "further names are dropped"},
		{"combined_stacks", "a rare stack makes room for each new one"},
		{"combined_stacks_timeline", "later runs are dropped"},
	};

	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
		if (strcmp(effects[i].name, name) == 0)
			return effects[i].effect;
	return NULL;
}

static void warn_of_cap(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	uint64_t fill = scl_prof_fill(c);
	const char *effect = when_full(c->name);

	if (!scl_prof_is_full(c) || (fill == c->cap && !effect))
		return;
	put_name(c, out);
	if (fill > c->cap)
		scl_buffer_printf(out, " holds %" PRIu64 ", more than its cap of %" PRIu64, fill, c->cap);
	else
		scl_buffer_printf(out, " is full with %" PRIu64 ": %s", fill, effect);
	if (c->largest_at) {
		scl_buffer_puts(out, "; at ");
		scl_text_puts(out, c->largest_at);
	}
}

static void warn_of_growth(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	uint64_t members = c->nested ? c->inside : c->size;

	if (c->growth != SCL_PROF_RUN && c->growth != SCL_PROF_UNKNOWN)
		return;
	if (members == 0 && !c->leaves)
		return;
	put_name(c, out);
	scl_buffer_puts(out,
			c->growth == SCL_PROF_UNKNOWN ? " is not known here, and may have no cap: " : " has no cap: ");
	if (c->nested && c->leaves)
		scl_buffer_printf(out, "up to %" PRIu64 " for one of %" PRIu64 " lines", c->largest, members);
	else
		scl_buffer_printf(out, "%" PRIu64 " now", members);
	if (c->what)
		scl_buffer_printf(out, " (%s)", c->what);
}

static void warn_of_reading(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	if (c->found == SCL_PROF_MOVED) {
		put_name(c, out);
		scl_buffer_puts(out, " changed in every try to read it: its numbers are of no one instant");
	} else if (c->found == SCL_PROF_UNREADABLE) {
		put_name(c, out);
		scl_buffer_puts(out, " could not be read: ");
		scl_text_puts(out, c->why);
	}
}

static void warn_of_backlog(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	if (c->growth != SCL_PROF_PASSING || c->size < BACKLOG)
		return;
	put_name(c, out);
	scl_buffer_printf(out, " has a backlog: %" PRIu64 " %s, and no cap", c->size, c->what);
}

/* -- asynchronous part ---------------------------------------------------------------------------------------------- */

static bool is_true(const struct scl_prof_state *state, const char *name)
{
	return scl_prof_fact_number(state, name, 0) != 0;
}

static void warn_of_async(struct scl_prof_state *state, struct scl_buffer *out)
{
	const struct scl_prof_fact *option = scl_prof_fact_get(state, "async_profile");
	double credited = scl_prof_fact_number(state, "total_async_await_samples", -1);

	if (option->found == SCL_PROF_ABSENT && state->suspended) {
		scl_buffer_printf(out, "this Scalene has no async profiling: %" PRIu64 " suspended tasks go unseen",
				  state->suspended);
	} else if (option->found == SCL_PROF_READ && !is_true(state, "async_profile") && state->suspended) {
		scl_buffer_printf(out, "async profiling is off: %" PRIu64 " suspended tasks go unseen",
				  state->suspended);
	} else if (is_true(state, "async_profile") && !is_true(state, "_enabled")) {
		scl_buffer_puts(out, "async profiling is asked for, but ScaleneAsync is not enabled");
	} else if (is_true(state, "_enabled") && state->suspended && credited == 0) {
		scl_buffer_printf(out,
				  "no suspended task was credited to any line yet, while %" PRIu64 " are suspended",
				  state->suspended);
	}
	if (out->len)
		add(state, out);
}

/* From 3.12 on sys.monitoring is to fill the table; while it is empty Scalene asks asyncio for its tasks. */
static void warn_of_table(struct scl_prof_state *state, struct scl_buffer *out)
{
	const struct scl_runtime *rt = state->session->rt;

	for (size_t i = 0; i < state->ncollections; i++) {
		const struct scl_prof_collection *c = &state->collections[i];

		if (strcmp(c->name, "_suspended_tasks") != 0 || c->found != SCL_PROF_READ || c->size > 0 ||
		    rt->layout.task_registry == SCL_TASK_REGISTRY_ALL || !state->suspended ||
		    !is_true(state, "_enabled"))
			continue;
		scl_buffer_printf(out,
				  "the table of suspended tasks is empty while %" PRIu64
				  " are suspended: its events do not reach it, and Scalene falls back to polling",
				  state->suspended);
		add(state, out);
	}
}

bool scl_prof_warn(struct scl_prof_state *state, struct scl_error *err)
{
	static void (*const checks[])(const struct scl_prof_collection *, struct scl_buffer *) = {
		warn_of_reading, warn_of_cap, warn_of_backlog, warn_of_growth};
	struct scl_buffer text = {0};

	state->warnings = scl_arena_calloc(&state->session->arena, WARNINGS_MAX, sizeof *state->warnings);
	if (!state->warnings)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	warn_of_async(state, &text);
	warn_of_table(state, &text);
	for (size_t k = 0; k < sizeof checks / sizeof *checks; k++)
		for (size_t i = 0; i < state->ncollections; i++) {
			if (state->collections[i].found == SCL_PROF_ABSENT)
				continue;
			checks[k](&state->collections[i], &text);
			if (text.len)
				add(state, &text);
		}
	scl_buffer_destroy(&text);
	return true;
}
