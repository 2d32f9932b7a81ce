/*
 * graph.h - who waits for whom: tasks as nodes, what each one's wait needs as edges; and what can never end.
 *
 * Edges come from the waits themselves, downwards: the task that is awaited, the children of a gather, the set of a
 * wait() or a TaskGroup, the holder of a lock where a frame proves one. So they are there in every version of CPython,
 * and the edges backwards are awaited-by. Time and memory are linear in tasks and edges.
 */
#ifndef SCL_ASYNC_GRAPH_H
#define SCL_ASYNC_GRAPH_H

#include "async/wait.h"

/* A list of task indices. */
struct scl_links {
	const uint32_t *to;
	size_t n;
};

/* Tasks that wait for each other in a ring: each for the next, the last for the first. */
struct scl_cycle {
	uint32_t *tasks;
	size_t n;
	size_t members; /* tasks that are knotted together with it, itself included */
};

struct scl_graph {
	const struct scl_tasks *tasks;
	struct scl_wait *waits;		      /* one for each task */
	uint32_t *starts, *targets;	      /* edges of task i: targets[starts[i] .. starts[i + 1]) */
	uint32_t *back_starts, *back_targets; /* the same backwards: who awaits task i */
	bool *stuck; /* nothing that we know of can end its wait: it is in a cycle, waits for one, or for an orphan */
	struct scl_cycle *cycles;
	size_t ncycles;
};

/*
 * Read the waits of all tasks and what they make. Everything is in the arena. `workers`: scl_workers_find. False only
 * when memory ran out.
 */
SCL_CHECKED bool scl_graph_read(struct scl_asyncio *a, struct scl_arena *arena, const struct scl_tasks *tasks,
				const struct scl_worker *workers, size_t nworkers, struct scl_graph *ret,
				struct scl_error *err);
struct scl_links scl_graph_awaits(const struct scl_graph *graph, size_t task);
struct scl_links scl_graph_awaited_by(const struct scl_graph *graph, size_t task);

#endif
