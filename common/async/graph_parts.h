/* graph_parts.h - what the files of the graph share. */
#ifndef SCL_ASYNC_GRAPH_PARTS_H
#define SCL_ASYNC_GRAPH_PARTS_H

#include "async/graph.h"
#include "base/map.h"

/* In `to` and the graph's targets until it is finished: cancelling the one task does not cancel the other. */
static const uint32_t SCL_EDGE_SHIELDED = UINT32_C(1) << 31;

struct scl_graph_builder {
	struct scl_asyncio *a;
	struct scl_arena *arena;
	struct scl_graph *graph;
	uint32_t *from, *to; /* edges as they are found, memory of malloc(3) */
	size_t nedges, capacity;
	bool *outside; /* something beside its edges may end the task's wait */
	bool failed;   /* memory ran out */
};

/* Fill wait.holder of the tasks that wait for a lock. */
void scl_graph_find_holders(struct scl_graph_builder *b);
/* Fill wait.awaits of the tasks that wait in an as_completed() whose futures it does not know. */
void scl_graph_find_completed(struct scl_graph_builder *b);
/* Find the tasks whose wait a timeout around another one will end, from the finished edges. */
void scl_graph_find_cancelled(struct scl_graph_builder *b);
/* Find what is stuck, and the cycles in it, from the finished edges. */
void scl_graph_find_cycles(struct scl_graph_builder *b);

#endif
