#include "profile/await.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "profile/tables.h"

enum { NOWHERE = INT32_MAX }; /* more than any table holds */

bool scl_await_is_coroutine(const struct scl_code *code)
{
	return code->flags & (SCL_CO_COROUTINE | SCL_CO_ITERABLE_COROUTINE | SCL_CO_ASYNC_GENERATOR);
}

static bool is_user(struct scl_filter *filter, const struct scl_frame *frame)
{
	return frame->code && scl_filter_rule_accepts(scl_filter_rule_for(filter, frame->code->filename));
}

/* -- where a task goes ---------------------------------------------------------------------------------- */

/* The frame that is credited; n where none is. */
static size_t credited(enum scl_await_credit credit, struct scl_filter *filter, const struct scl_suspended *task)
{
	size_t at = task->n;
	switch (credit) {
	case SCL_CREDIT_INNER:
		while (at > 0)
			if (is_user(filter, &task->frames[--at]))
				return at;
		return task->n;
	case SCL_CREDIT_OUTER:
		at = 0;
		break;
	case SCL_CREDIT_LEAF:
		at = task->n - 1;
		break;
	}
	return task->n && is_user(filter, &task->frames[at]) ? at : task->n;
}

/* Names are met in no order and looked up when a task comes to a line, not in every sample. */
static void add_name(struct scl_profile *p, struct scl_profile_await *await, const char *name)
{
	uint32_t id;
	if (await->nnames == SCL_PROFILE_NAMES_PER_LINE) {
		for (uint32_t i = 0; i < await->nnames; i++)
			if (strcmp(scl_intern_str(p->task_names, await->names[i]), name) == 0)
				return;
		p->dropped_task_names++;
		return;
	}
	id = scl_intern_put(p->task_names, name, strlen(name));
	for (uint32_t i = 0; i < await->nnames; i++)
		if (await->names[i] == id)
			return;
	if (id == SCL_INTERN_OTHER) {
		p->dropped_task_names++;
		return;
	}
	/* It is full whenever its length is a power of two: the capacity need not be stored. */
	if ((await->nnames & (await->nnames - 1)) == 0) {
		size_t wanted = await->nnames ? 2 * (size_t)await->nnames : 1;
		uint32_t *grown = realloc(await->names, wanted * sizeof(*grown));
		if (!grown) {
			p->failed = true;
			return;
		}
		await->names = grown;
	}
	await->names[await->nnames++] = id;
}

/* The function of the credited frame: as for CPU time, the nearest one outwards whose name has no '<'. */
static void find_function(struct scl_profile *p, struct scl_filter *filter, const struct scl_suspended *task, size_t at,
			  struct scl_profile_place *place)
{
	uint32_t id, function;
	bool coroutine;
	while (at > 0 && strchr(task->frames[at].code->name, '<'))
		at--;
	const struct scl_code *code = task->frames[at].code;
	coroutine = scl_await_is_coroutine(code);
	p->lines[place->line].await.coroutine |= coroutine;
	if (strchr(code->name, '<') || !is_user(filter, &task->frames[at]) ||
	    !scl_collect_frame(p, filter, &task->frames[at], &id) ||
	    !scl_table_function(p, p->frames[id].file, p->frames[id].function, code->firstlineno, &function))
		return;
	place->function = function;
	p->functions[function].await.coroutine |= coroutine;
	add_name(p, &p->functions[function].await, task->name);
}

/* "[await] function (task)". There is a task for each request of a server, so from some number on without the task. */
static bool label(struct scl_profile *p, const struct scl_suspended *task, uint32_t frame, uint32_t *id)
{
	struct scl_profile_frame await = p->frames[frame];
	const char *function = scl_profile_str(p, await.function);
	struct scl_buffer text = {0};
	size_t known = p->nframes;
	bool named = p->task_labels < SCL_PROFILE_TASK_LABELS;
	scl_buffer_printf(&text, "[await] %s", function);
	if (named)
		scl_buffer_printf(&text, " (%s)", task->name);
	else
		p->dropped_task_labels++;
	await.function = scl_intern_put(p->strings, scl_buffer_str(&text), text.len);
	await.task = named ? scl_intern_put(p->task_names, task->name, strlen(task->name)) : 0;
	p->failed = p->failed || text.failed;
	scl_buffer_destroy(&text);
	bool done = scl_table_frame(p, &await, id);
	p->task_labels += named && p->nframes > known;
	return done;
}

/* The user's frames of the chain, the last one labelled. */
static bool find_stack(struct scl_profile *p, struct scl_filter *filter, const struct scl_suspended *task,
		       uint32_t *stack)
{
	bool make = p->nstacks < SCL_PROFILE_STACKS_MAX;
	uint32_t node = 0, frame = 0;
	size_t last = credited(SCL_CREDIT_INNER, filter, task);
	*stack = NOWHERE;
	if (last == task->n)
		return true;
	for (size_t i = 0; i <= last; i++) {
		if (!is_user(filter, &task->frames[i]))
			continue;
		if (!scl_collect_frame(p, filter, &task->frames[i], &frame) ||
		    (i == last && !label(p, task, frame, &frame)) || !scl_table_node(p, node, frame, make, &node))
			return false;
	}
	return scl_table_stack(p, node, stack);
}

static void find_place(struct scl_profile *p, struct scl_filter *filter, const struct scl_suspended *task,
		       struct scl_profile_place *place)
{
	size_t at = credited(p->waiting.credit, filter, task);
	uint32_t id;
	*place = (struct scl_profile_place){NOWHERE, NOWHERE, NOWHERE};
	if (!find_stack(p, filter, task, &place->stack))
		place->stack = NOWHERE;
	if (at == task->n || !scl_collect_frame(p, filter, &task->frames[at], &id) ||
	    !scl_table_line(p, p->frames[id].file, p->frames[id].line > 0 ? p->frames[id].line : 1, &place->line))
		return;
	add_name(p, &p->lines[place->line].await, task->name);
	find_function(p, filter, task, at, place);
}

/* Everything of a task that its serial number stands for is looked up once. NULL: no memory. */
static const struct scl_profile_place *place_of(struct scl_profile *p, struct scl_filter *filter,
						const struct scl_suspended *task)
{
	struct scl_profile_place place;
	uint32_t id;
	if (scl_map_get(&p->place_ids, task->serial, &id))
		return &p->places[id];
	if (p->nplaces >= SCL_PROFILE_PLACES_MAX) {
		scl_map_clear(&p->place_ids);
		p->nplaces = 0;
	}
	find_place(p, filter, task, &place);
	if (p->failed || !scl_table_reserve(p, &p->places, &p->places_cap, p->nplaces + 1, sizeof(place)))
		return NULL;
	if (!scl_map_put(&p->place_ids, task->serial, (uint32_t)p->nplaces)) {
		p->failed = true;
		return NULL;
	}
	p->places[p->nplaces] = place;
	return &p->places[p->nplaces++];
}

/* -- charging ------------------------------------------------------------------------------------------- */

/* One more task here; true for the first one of this sample. */
static bool charge(struct scl_profile *p, struct scl_profile_await *await, double share)
{
	bool first = await->round != p->round;
	await->ns += share;
	await->round = p->round;
	await->now = first ? 1 : await->now + 1;
	return first;
}

static void charge_function(struct scl_profile *p, uint32_t function, double share)
{
	if (charge(p, &p->functions[function].await, share) &&
	    scl_table_reserve(p, &p->met_functions, &p->met_functions_cap, p->nmet_functions + 1, sizeof(uint32_t)))
		p->met_functions[p->nmet_functions++] = function;
}

static void charge_line(struct scl_profile *p, const struct scl_profile_place *place, double share)
{
	p->waiting.credited_ns += share;
	if (charge(p, &p->lines[place->line].await, share) &&
	    scl_table_reserve(p, &p->met_lines, &p->met_lines_cap, p->nmet_lines + 1, sizeof(uint32_t)))
		p->met_lines[p->nmet_lines++] = place->line;
	if (place->function != NOWHERE)
		charge_function(p, place->function, share);
}

static void count_concurrency(struct scl_profile *p)
{
	for (size_t i = 0; i < p->nmet_lines; i++) {
		struct scl_profile_await *await = &p->lines[p->met_lines[i]].await;
		scl_stats_add(&await->concurrency, await->now);
	}
	for (size_t i = 0; i < p->nmet_functions; i++) {
		struct scl_profile_await *await = &p->functions[p->met_functions[i]].await;
		scl_stats_add(&await->concurrency, await->now);
	}
	p->nmet_lines = p->nmet_functions = 0;
}

static void add_part(struct scl_profile *p, uint32_t stack, uint64_t ident)
{
	uint32_t thread, id;
	if (!scl_map_get(&p->thread_ids, ident, &thread) ||
	    !scl_table_part(p, thread, SCL_ACTIVITY_LOOP_IDLE, stack, &id))
		return;
	p->parts[id].awaits++;
	p->parts[id].wait_ns += p->waiting.share_ns;
}

/* A run for each stack, since runs of one instant with the same stack are one run; only so many tasks. */
static void add_run(struct scl_profile *p, uint32_t id, uint64_t thread, size_t first, size_t *nruns)
{
	struct scl_profile_stack *stack = &p->stacks[id];
	stack->awaits++;
	add_part(p, id, thread);
	if (stack->round == p->round) {
		p->instant[stack->run].count++;
		return;
	}
	if (*nruns - first >= SCL_PROFILE_TASK_RUNS) {
		p->waiting.left_out++;
		return;
	}
	if (!scl_table_reserve(p, &p->instant, &p->instant_cap, *nruns + 1, sizeof(*p->instant)))
		return;
	stack->round = p->round;
	stack->run = *nruns;
	p->instant[(*nruns)++] = (struct scl_profile_run){.stack = id, .count = 1, .thread = thread};
}

static void charge_task(struct scl_profile *p, struct scl_filter *filter, const struct scl_thread_sample *t,
			const struct scl_suspended *task, size_t first, size_t *nruns)
{
	double share = p->waiting.share_ns;
	const struct scl_profile_place *place = place_of(p, filter, task);
	if (!place)
		return;
	p->waiting.frameless += task->n == 0;
	if (place->line != NOWHERE)
		charge_line(p, place, share);
	else if (credited(p->waiting.credit, filter, task) < task->n)
		p->waiting.dropped_ns += share;
	else
		p->waiting.library_ns += share;
	if (place->stack != NOWHERE)
		add_run(p, place->stack, t->thread.ident, first, nruns);
}

static void charge_tasks(struct scl_profile *p, struct scl_filter *filter, const struct scl_thread_sample *t,
			 double weight, size_t *nruns)
{
	size_t first = *nruns, all = t->waiting.n + t->waiting.unknown;
	p->round++;
	p->waiting.with_tasks++;
	p->waiting.left_out = 0;
	p->waiting.tasks += t->waiting.n;
	p->waiting.share_ns = weight / (double)all;
	p->waiting.not_read_ns += p->waiting.share_ns * (double)t->waiting.unknown;
	scl_stats_add(&p->waiting.n, (double)all);
	for (size_t i = 0; i < t->waiting.n && !p->failed; i++)
		charge_task(p, filter, t, t->waiting.tasks[i], first, nruns);
	count_concurrency(p);
	if (p->waiting.left_out > p->waiting.runs_left_out)
		p->waiting.runs_left_out = p->waiting.left_out;
}

void scl_await_add(struct scl_profile *p, struct scl_filter *filter, const struct scl_thread_sample *t, double weight,
		   size_t *nruns)
{
	struct scl_profile_waiting *w = &p->waiting;
	const struct scl_waiting *waiting = &t->waiting;
	w->asyncio = true;
	w->idle++;
	w->idle_ns += weight;
	w->unreadable += waiting->unreadable;
	w->cut += waiting->cut;
	w->moved += waiting->state == SCL_WAITING_MOVED;
	w->failed += waiting->state == SCL_WAITING_FAILED;
	if (waiting->why && !w->why[0])
		snprintf(w->why, sizeof(w->why), "%.*s", (int)sizeof(w->why) - 1, waiting->why->text);
	if (waiting->n)
		charge_tasks(p, filter, t, weight, nruns);
	else if (waiting->state == SCL_WAITING_READ)
		w->no_task_ns += weight;
	else
		w->not_read_ns += weight;
}
