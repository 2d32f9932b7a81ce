#include "async/graph.h"

#include <stdlib.h>
#include <string.h>

#include "async/graph_parts.h"
#include "async/wait_parts.h"
#include "python/items.h"

enum { RESOLVE_DEPTH = 8, EDGES_MAX = 64 * 1024 * 1024 };

struct scl_links scl_graph_awaits(const struct scl_graph *g, size_t i)
{
	return (struct scl_links){g->targets + g->starts[i], g->starts[i + 1] - g->starts[i]};
}

struct scl_links scl_graph_awaited_by(const struct scl_graph *g, size_t i)
{
	return (struct scl_links){g->back_targets + g->back_starts[i], g->back_starts[i + 1] - g->back_starts[i]};
}

/* -- waits ---------------------------------------------------------------------------------------------------- */

/* The handles of one loop after the other: tasks are sorted by loop. */
static bool read_waits(struct scl_graph_builder *b, const struct scl_worker *workers, size_t nworkers,
		       struct scl_error *err)
{
	const struct scl_tasks *tasks = b->graph->tasks;
	struct scl_handles handles = {0};
	struct scl_wait_context context = {b->a, b->arena, &handles, workers, nworkers};
	bool done = true;

	for (size_t i = 0; i < tasks->n && done; i++) {
		scl_addr loop = tasks->list[i].future.loop;

		if (loop != handles.loop) {
			scl_handles_destroy(&handles);
			done = loop == 0 || scl_handles_read(b->a, loop, &handles, err);
		}
		done = done && scl_wait_read(&context, &tasks->list[i], &b->graph->waits[i], err);
	}
	scl_handles_destroy(&handles);
	return done;
}

/* -- edges ---------------------------------------------------------------------------------------------------- */

static void add_edge(struct scl_graph_builder *b, uint32_t from, uint32_t to, bool shielded)
{
	if (b->nedges == b->capacity) {
		size_t capacity = b->capacity ? 2 * b->capacity : 1024;
		uint32_t *more_from = capacity <= EDGES_MAX ? realloc(b->from, capacity * sizeof *more_from) : NULL;

		if (more_from)
			b->from = more_from;
		uint32_t *more_to = more_from ? realloc(b->to, capacity * sizeof *more_to) : NULL;

		b->failed = b->failed || !more_to;
		if (!more_to)
			return;
		b->to = more_to;
		b->capacity = capacity;
	}
	b->from[b->nedges] = from;
	b->to[b->nedges++] = to | (shielded ? SCL_EDGE_SHIELDED : 0);
}

/* How `from` comes to a future: through how many others, and whether an asyncio.shield() is one of them. */
struct way {
	uint32_t from;
	unsigned depth;
	bool shielded;
};

static void resolve(struct scl_graph_builder *b, struct way way, scl_addr future);

static void resolve_children(struct scl_graph_builder *b, struct way way, scl_addr gather)
{
	scl_addr children = scl_asyncio_attr(b->a, gather, "_children"), child;
	struct scl_items items;
	struct scl_future future;

	if (!children || !scl_items_init(&items, b->a->decoder.rt, SCL_CONTAINER_LIST, children, NULL))
		return;
	for (size_t n = 0; n < SCL_TASKS_MAX && !b->failed && scl_items_next(&items, &child, NULL); n++)
		if (scl_future_read(b->a, child, &future, NULL) && future.state == SCL_FUTURE_PENDING)
			resolve(b, way, child);
}

static scl_addr shielded(struct scl_graph_builder *b, scl_addr address)
{
	struct scl_wait_context context = {.a = b->a, .arena = b->arena};
	struct scl_wait_reader r = {.context = &context, .a = b->a};
	struct scl_future future;

	return scl_future_read(b->a, address, &future, NULL) ? scl_wait_shielded(&r, &future) : 0;
}

/* Edges to the tasks that a future of another kind stands for. */
static void resolve_future(struct scl_graph_builder *b, struct way way, scl_addr future)
{
	scl_addr inner;

	if (strcmp(scl_asyncio_class_name(b->a, future), "_GatheringFuture") == 0)
		resolve_children(b, way, future);
	else if ((inner = shielded(b, future)))
		resolve(b, (struct way){way.from, way.depth, true}, inner);
	else if (b->graph->waits[way.from].any)
		b->outside[way.from] = true; /* where all are needed, a part that may end is no end */
}

static void resolve(struct scl_graph_builder *b, struct way way, scl_addr future)
{
	uint32_t to;

	if (scl_tasks_find(b->graph->tasks, future, &to))
		add_edge(b, way.from, to, way.shielded);
	else if (way.depth++ < RESOLVE_DEPTH && scl_await_is_future(scl_await_kind_of(b->a, future, NULL)))
		resolve_future(b, way, future);
	else
		b->outside[way.from] = true;
}

/* Only tasks can end the wait: those that it has edges to. */
static bool ends_by_tasks(const struct scl_wait *wait)
{
	if (wait->has_timeout || wait->has_deadline)
		return false;
	switch (scl_wait_ends_by(wait->kind)) {
	case SCL_WAIT_ENDS_BY_TASKS:
		return wait->nawaits > 0;
	case SCL_WAIT_ENDS_BY_HOLDER:
		return wait->holder != 0;
	case SCL_WAIT_ENDS_BY_EVENTS:
		break;
	}
	return wait->orphan;
}

static void find_edges(struct scl_graph_builder *b)
{
	struct scl_graph *g = b->graph;
	uint32_t holder;

	for (uint32_t i = 0; i < g->tasks->n && !b->failed; i++) {
		const struct scl_wait *wait = &g->waits[i];

		if (g->tasks->list[i].status != SCL_TASK_WAITING || !ends_by_tasks(wait))
			b->outside[i] = true;
		for (size_t k = 0; k < wait->nawaits; k++)
			resolve(b, (struct way){.from = i, .shielded = wait->kind == SCL_WAIT_SHIELD}, wait->awaits[k]);
		if (wait->holder && scl_tasks_find(g->tasks, wait->holder, &holder))
			add_edge(b, i, holder, true);
	}
}

/* Sort the edges by one end: a list of the other ends for each task. */
static bool index_edges(const struct scl_graph_builder *b, const uint32_t *by, const uint32_t *other, uint32_t **starts,
			uint32_t **list)
{
	size_t n = b->graph->tasks->n;
	uint32_t *at = scl_arena_calloc(b->arena, n + 2, sizeof *at);
	uint32_t *ends = scl_arena_calloc(b->arena, b->nedges, sizeof *ends);

	if (!at || !ends)
		return false;
	for (size_t i = 0; i < b->nedges; i++)
		at[by[i] + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		at[i] += at[i - 1];
	/* at[i + 1] runs from the start of task i to its end, which is the start of task i + 1. */
	for (size_t i = 0; i < b->nedges; i++)
		ends[at[by[i] + 1]++] = other[i];
	*starts = at;
	*list = ends;
	return true;
}

bool scl_graph_read(struct scl_asyncio *a, struct scl_arena *arena, const struct scl_tasks *tasks,
		    const struct scl_worker *workers, size_t nworkers, struct scl_graph *ret, struct scl_error *err)
{
	struct scl_graph_builder b = {.a = a, .arena = arena, .graph = ret};
	bool done;

	*ret = (struct scl_graph){.tasks = tasks};
	ret->waits = scl_arena_calloc(arena, tasks->n, sizeof *ret->waits);
	ret->stuck = scl_arena_calloc(arena, tasks->n, sizeof *ret->stuck);
	b.outside = scl_arena_calloc(arena, tasks->n, sizeof *b.outside);
	if (!ret->waits || !ret->stuck || !b.outside)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (!read_waits(&b, workers, nworkers, err))
		return false;
	scl_graph_find_holders(&b);
	scl_graph_find_completed(&b);
	find_edges(&b);
	done = !b.failed && index_edges(&b, b.from, b.to, &ret->starts, &ret->targets);
	if (done)
		scl_graph_find_cancelled(&b);
	for (size_t i = 0; done && i < b.nedges; i++) {
		ret->targets[i] &= ~SCL_EDGE_SHIELDED;
		b.to[i] &= ~SCL_EDGE_SHIELDED;
	}
	done = done && index_edges(&b, b.to, b.from, &ret->back_starts, &ret->back_targets);
	if (done)
		scl_graph_find_cycles(&b);
	done = done && !b.failed;
	free(b.from);
	free(b.to);
	return done || scl_fail(err, SCL_ENOMEM, "out of memory");
}
