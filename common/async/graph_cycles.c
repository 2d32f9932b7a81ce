/*
 * graph_cycles.c - what can never go on, and the rings of tasks that are the reason.
 *
 * A task is stuck when nothing but tasks can end its wait, and those are stuck: one of them where it needs all, all of
 * them where one is enough. That is the greatest set of that kind, found by taking out what can go on until nothing
 * changes. Each strongly connected part of it (Tarjan 1972) holds a ring.
 */
#include <stdlib.h>

#include "async/graph_parts.h"

enum { NONE = INT32_MAX }; /* more than there can be tasks */

/* -- stuck ---------------------------------------------------------------------------------------------------- */

static void let_go(struct scl_graph *g, uint32_t task, uint32_t *queue, size_t *end)
{
	g->stuck[task] = false;
	queue[(*end)++] = task;
}

static void find_stuck(struct scl_graph_builder *b, uint32_t *needs, uint32_t *queue)
{
	struct scl_graph *g = b->graph;
	size_t n = g->tasks->n, end = 0;

	for (size_t i = 0; i < n; i++) {
		needs[i] = (uint32_t)scl_graph_awaits(g, i).n;
		g->stuck[i] = !b->outside[i] && (needs[i] > 0 || g->waits[i].orphan);
		if (!g->stuck[i])
			queue[end++] = (uint32_t)i;
	}
	for (size_t at = 0; at < end; at++) {
		struct scl_links back = scl_graph_awaited_by(g, queue[at]);

		for (size_t k = 0; k < back.n; k++) {
			uint32_t i = back.to[k];

			needs[i]--;
			if (g->stuck[i] && !g->waits[i].orphan && (g->waits[i].any || needs[i] == 0))
				let_go(g, i, queue, &end);
		}
	}
}

/* -- strongly connected parts --------------------------------------------------------------------------------- */

struct tarjan {
	const struct scl_graph *g;
	uint32_t *order, *low, *part;  /* NONE: not visited, in no part yet */
	uint32_t *stack, *path, *next; /* path: the way to the task at hand; next: its edge that is due */
	size_t nstack, npath;
	uint32_t count, parts;
};

static void visit(struct tarjan *t, uint32_t task)
{
	t->order[task] = t->low[task] = t->count++;
	t->stack[t->nstack++] = task;
	t->path[t->npath++] = task;
	t->next[task] = 0;
}

static void close_part(struct tarjan *t, uint32_t task)
{
	uint32_t member;

	do {
		member = t->stack[--t->nstack];
		t->part[member] = t->parts;
	} while (member != task);
	t->parts++;
}

/* Follow the next edge of the task at the path's end; leave it when it has none. */
static void advance(struct tarjan *t)
{
	uint32_t task = t->path[t->npath - 1];
	struct scl_links links = scl_graph_awaits(t->g, task);

	while (t->next[task] < links.n) {
		uint32_t to = links.to[t->next[task]++];

		if (!t->g->stuck[to])
			continue;
		if (t->order[to] == NONE) {
			visit(t, to);
			return;
		}
		if (t->part[to] == NONE && t->order[to] < t->low[task])
			t->low[task] = t->order[to];
	}
	t->npath--;
	if (t->npath && t->low[task] < t->low[t->path[t->npath - 1]])
		t->low[t->path[t->npath - 1]] = t->low[task];
	if (t->low[task] == t->order[task])
		close_part(t, task);
}

static void find_parts(struct tarjan *t)
{
	for (uint32_t i = 0; i < t->g->tasks->n; i++) {
		t->order[i] = t->part[i] = NONE;
	}
	for (uint32_t i = 0; i < t->g->tasks->n; i++) {
		if (!t->g->stuck[i] || t->order[i] != NONE)
			continue;
		visit(t, i);
		while (t->npath)
			advance(t);
	}
}

/* -- rings ---------------------------------------------------------------------------------------------------- */

/* The next task of a ring: the first stuck one of the same part that this one awaits. NONE: it awaits none. */
static uint32_t along(const struct tarjan *t, uint32_t task)
{
	struct scl_links links = scl_graph_awaits(t->g, task);

	for (size_t k = 0; k < links.n; k++)
		if (t->g->stuck[links.to[k]] && t->part[links.to[k]] == t->part[task])
			return links.to[k];
	return NONE;
}

/* A ring that the walk from `task` runs into; `order` serves as the mark of where it has been. */
static bool add_ring(struct scl_graph_builder *b, struct tarjan *t, uint32_t task, uint32_t members)
{
	struct scl_graph *g = b->graph;
	struct scl_cycle *cycle = &g->cycles[g->ncycles];
	size_t n = 0, first;

	for (uint32_t at = task; at != NONE && t->next[at] != NONE; at = along(t, at)) {
		t->next[at] = NONE;
		t->path[n++] = at;
	}
	uint32_t closing = n ? along(t, t->path[n - 1]) : NONE;
	for (first = 0; first < n && t->path[first] != closing; first++)
		;
	if (first == n)
		return true;
	cycle->n = n - first;
	cycle->members = members;
	cycle->tasks = scl_arena_calloc(b->arena, cycle->n, sizeof *cycle->tasks);
	if (!cycle->tasks)
		return false;
	for (size_t i = 0; i < cycle->n; i++)
		cycle->tasks[i] = t->path[first + i];
	g->ncycles++;
	return true;
}

static bool find_rings(struct scl_graph_builder *b, struct tarjan *t, uint32_t *members)
{
	struct scl_graph *g = b->graph;
	size_t n = g->tasks->n;

	for (size_t i = 0; i < n; i++)
		if (t->part[i] != NONE)
			members[t->part[i]]++;
	g->cycles = scl_arena_calloc(b->arena, t->parts, sizeof *g->cycles);
	if (!g->cycles)
		return false;
	for (size_t i = 0; i < n; i++)
		t->next[i] = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t part = t->part[i];

		/* A part of one task is a ring only when that task awaits itself. */
		if (part == NONE || members[part] == 0 || along(t, i) == NONE)
			continue;
		if (!add_ring(b, t, i, members[part]))
			return false;
		members[part] = 0;
	}
	return true;
}

void scl_graph_find_cycles(struct scl_graph_builder *b)
{
	size_t n = b->graph->tasks->n;
	uint32_t *memory = calloc(7 * n + 1, sizeof *memory);
	struct tarjan t = {.g = b->graph};

	b->failed = b->failed || !memory;
	if (!memory)
		return;
	t.order = memory;
	t.low = memory + n;
	t.part = memory + 2 * n;
	t.stack = memory + 3 * n;
	t.path = memory + 4 * n;
	t.next = memory + 5 * n;
	find_stuck(b, t.low, t.stack);
	find_parts(&t);
	b->failed = !find_rings(b, &t, memory + 6 * n);
	free(memory);
}
