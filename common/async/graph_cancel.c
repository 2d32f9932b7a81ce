/*
 * graph_cancel.c - what a timeout will end: a cancelled task cancels what it awaits.
 *
 * Task.cancel() hands on to the future that the task waits for (tasks.py, _asynciomodule.c). When that is a task, or a
 * gather() of tasks, these are cancelled in its place, and so on, until a task waits for something else: that wait ends. So
 * a timeout around one task frees a lock that another one holds. A ring of tasks that await each other directly has no
 * such end, and cancelling it fails with a RecursionError.
 */
#include <stdlib.h>

#include "async/graph_parts.h"

/* Cancelling a task that waits so cancels the tasks that it awaits. */
static bool hands_on(const struct scl_wait *wait)
{
	return wait->kind == SCL_WAIT_TASK || wait->kind == SCL_WAIT_GATHER || wait->kind == SCL_WAIT_WAIT_FOR;
}

static size_t hand_on(struct scl_graph_builder *b, uint32_t task, bool *seen, uint32_t *queue, size_t end)
{
	struct scl_links links = scl_graph_awaits(b->graph, task);

	for (size_t k = 0; k < links.n; k++) {
		uint32_t to = links.to[k];

		if (to & SCL_EDGE_SHIELDED || seen[to])
			continue;
		seen[to] = true;
		if (hands_on(&b->graph->waits[to]))
			queue[end++] = to;
		else
			b->outside[to] = true;
	}
	return end;
}

void scl_graph_find_cancelled(struct scl_graph_builder *b)
{
	struct scl_graph *g = b->graph;
	uint32_t *queue = calloc(g->tasks->n + 1, sizeof *queue);
	bool *seen = calloc(g->tasks->n + 1, sizeof *seen);
	size_t end = 0;

	b->failed = b->failed || !queue || !seen;
	for (uint32_t i = 0; !b->failed && i < g->tasks->n; i++)
		if (g->waits[i].has_timeout && hands_on(&g->waits[i]) && !seen[i]) {
			seen[i] = true;
			queue[end++] = i;
		}
	for (size_t at = 0; at < end; at++)
		end = hand_on(b, queue[at], seen, queue, end);
	free(queue);
	free(seen);
}
