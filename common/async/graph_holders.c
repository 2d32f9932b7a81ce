/*
 * graph_holders.c - which task holds a lock, where a frame proves it.
 *
 * asyncio.Lock records no owner. But a task inside `async with lock:` has the lock's bound __aexit__ on the value stack
 * of that frame (BEFORE_ASYNC_WITH, Python/bytecodes.c; ceval.c before 3.12), or the function and the lock above it
 * (LOAD_SPECIAL, 3.14), from before it acquires it until it has released it: it holds the lock unless it stands in the
 * __aenter__ of that very lock. With a Condition it is the same of the lock in it, which Condition.wait() gives back until
 * it is over (locks.py).
 */
#include <string.h>

#include "async/graph_parts.h"

enum { STACK_LOOKED_AT = 64 };

static bool any_lock(const struct scl_graph *g)
{
	for (size_t i = 0; i < g->tasks->n; i++)
		if (g->waits[i].kind == SCL_WAIT_LOCK)
			return true;
	return false;
}

/* The Lock or Condition whose __aexit__ that is. `above`: what lies above it on the stack, 0 for nothing. */
static bool is_exit_of(struct scl_graph_builder *b, scl_addr callable, scl_addr above, scl_addr *object)
{
	const struct scl_type *type = callable ? scl_types_of(b->a->decoder.types, callable, NULL) : NULL;
	bool bound = type && strcmp(type->name, "method") == 0;
	char name[SCL_KEY_MAX];
	const char *dot;

	if (!bound && (!type || strcmp(type->name, "function") != 0))
		return false;
	scl_callback_name(b->a, callable, name, sizeof name);
	dot = strrchr(name, '.');
	if (!dot || strcmp(dot, ".__aexit__") != 0)
		return false;
	*object = bound ? scl_callback_self(b->a, callable) : above;
	return *object != 0;
}

/* The frame awaits a method of that name, or whose name begins with it, of the object. */
static bool awaits_method(struct scl_graph_builder *b, const struct scl_chain *chain, size_t i, const char *name,
			  scl_addr object)
{
	const struct scl_frame *inner = i + 1 < chain->n ? &chain->items[i + 1].frame : NULL;

	return inner && inner->code && strncmp(inner->code->name, name, strlen(name)) == 0 &&
	       scl_local(b->a->decoder.locals, inner, "self") == object;
}

/*
 * The lock that a frame holds by an __aexit__ on its stack; 0: none. `innermost`: it is that of the innermost
 * `async with`, the only one that the frame can be about to enter.
 */
static scl_addr held_lock(struct scl_graph_builder *b, const struct scl_chain *chain, size_t i, scl_addr object,
			  bool innermost)
{
	scl_addr inside = scl_asyncio_attr(b->a, object, "_lock");

	if (innermost && awaits_method(b, chain, i, "__aenter__", object))
		return 0;
	if (inside && awaits_method(b, chain, i, "wait", object)) /* wait_for, too */
		return 0;
	return inside ? inside : object;
}

static void look_at_task(struct scl_graph_builder *b, struct scl_map *holders, uint32_t task)
{
	const struct scl_chain *chain = &b->graph->tasks->list[task].chain;
	scl_addr values[STACK_LOOKED_AT], object, lock;

	for (size_t i = 0; i < chain->n; i++) {
		size_t n = scl_frame_stack(b->a->decoder.locals, &chain->items[i].frame, values, STACK_LOOKED_AT);

		for (size_t k = n, seen = 0; k-- > 0 && !b->failed;)
			if (is_exit_of(b, values[k], k + 1 < n ? values[k + 1] : 0, &object) &&
			    (lock = held_lock(b, chain, i, object, seen++ == 0)))
				b->failed = !scl_map_put(holders, lock, task);
	}
}

void scl_graph_find_holders(struct scl_graph_builder *b)
{
	struct scl_graph *g = b->graph;
	struct scl_map holders = {0};
	uint32_t task;

	if (b->failed || !any_lock(g))
		return;
	for (uint32_t i = 0; i < g->tasks->n && !b->failed; i++)
		if (g->tasks->list[i].status != SCL_TASK_DONE)
			look_at_task(b, &holders, i);
	for (size_t i = 0; i < g->tasks->n; i++)
		if (g->waits[i].kind == SCL_WAIT_LOCK && scl_map_get(&holders, g->waits[i].object, &task))
			g->waits[i].holder = g->tasks->list[task].future.address;
	scl_map_destroy(&holders);
}
