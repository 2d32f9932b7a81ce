/*
 * graph_completed.c - what an asyncio.as_completed() waits for before 3.13.
 *
 * Its iterator waits at a queue, which the futures fill from a callback: as_completed.<locals>._on_completion, a closure
 * over that queue. So the futures lead to it, not the other way round.
 */
#include <string.h>

#include "async/graph_parts.h"
#include "async/wait_parts.h"

enum { CALLBACKS_MAX = 16 };

static bool queues_of_waits(struct scl_graph_builder *b, struct scl_map *queues)
{
	struct scl_graph *g = b->graph;

	for (size_t i = 0; i < g->tasks->n && !b->failed; i++)
		if (g->waits[i].kind == SCL_WAIT_AS_COMPLETED && g->waits[i].total == 0)
			b->failed = !scl_map_put(queues, g->waits[i].object, (uint32_t)i);
	return queues->count > 0 && !b->failed;
}

static void look_at_task(struct scl_graph_builder *b, const struct scl_map *queues, const struct scl_task *task)
{
	struct scl_wait_context context = {.a = b->a, .arena = b->arena};
	char name[SCL_KEY_MAX];
	uint32_t waiter;
	scl_addr callback;

	for (unsigned i = 0; i < CALLBACKS_MAX && (callback = scl_future_callback(b->a, &task->future, i)); i++) {
		struct scl_wait_reader r = {.context = &context, .a = b->a};

		scl_callback_name(b->a, callback, name, sizeof name);
		if (strcmp(name, "as_completed.<locals>._on_completion") != 0 ||
		    !scl_map_get(queues, scl_wait_closure(&r, callback, "done"), &waiter))
			continue;
		r.wait = &b->graph->waits[waiter];
		scl_wait_add(&r, task->future.address);
		scl_wait_set_timeout(&r, scl_asyncio_not_none(b->a, scl_wait_closure(&r, callback, "timeout_handle")));
		b->failed = b->failed || r.failed;
	}
}

void scl_graph_find_completed(struct scl_graph_builder *b)
{
	const struct scl_tasks *tasks = b->graph->tasks;
	struct scl_map queues = {0};

	if (queues_of_waits(b, &queues))
		for (size_t i = 0; i < tasks->n && !b->failed; i++)
			if (tasks->list[i].status != SCL_TASK_DONE)
				look_at_task(b, &queues, &tasks->list[i]);
	scl_map_destroy(&queues);
}
