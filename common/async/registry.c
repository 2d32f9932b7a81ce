#include "async/registry.h"

#include "python/items.h"

enum { LIST_MAX = 16 * 1024 * 1024 }; /* tasks of one list */

struct walk {
	struct scl_asyncio *a;
	scl_registry_fn *fn;
	void *arg;
	struct scl_error *why;
};

static void complain(const struct walk *w, const struct scl_error *why)
{
	if (why->code != SCL_OK && w->why->code == SCL_OK)
		*w->why = *why;
}

/* `weak`: its items are references of a WeakSet; dead ones refer to None. */
static void walk_set(const struct walk *w, scl_addr set, bool weak)
{
	const struct scl_runtime *rt = w->a->decoder.rt;
	struct scl_error why = {.code = SCL_OK};
	struct scl_items items;
	scl_addr item;

	if (!set)
		return;
	if (!scl_items_init(&items, rt, SCL_CONTAINER_SET, set, &why)) {
		complain(w, &why);
		return;
	}
	while (scl_items_next(&items, &item, &why)) {
		if (weak &&
		    !scl_read_ptr(rt->target, item + (uint32_t)scl_off(&rt->layout, weakref, object), &item, NULL))
			continue;
		if (item)
			w->fn(item, w->arg);
	}
	complain(w, &why);
}

static scl_addr in_tasks(const struct walk *w, const char *name)
{
	scl_addr value;

	return scl_dict_get(w->a->decoder.rt, w->a->tasks, name, &value, NULL) ? scl_asyncio_not_none(w->a, value) : 0;
}

/* -- lists ---------------------------------------------------------------------------------------------------- */

struct node {
	scl_addr next, prev;
};

static bool read_node(const struct walk *w, scl_addr at, struct node *ret, struct scl_error *why)
{
	const struct scl_layout *layout = &w->a->decoder.rt->layout;
	const struct scl_span spans[] = {
		{at + (uint32_t)scl_off(layout, llist, next), &ret->next, sizeof ret->next},
		{at + (uint32_t)scl_off(layout, llist, prev), &ret->prev, sizeof ret->prev},
	};

	return scl_read_spans(w->a->decoder.rt->target, spans, 2, why);
}

/*
 * A circular list of tasks by their member task_node, whose head is no task's. Every node must point back to the one that led to
 * it, which no cycle without the head can do. A head of zeros has never been initialized.
 */
static bool walk_list(const struct walk *w, scl_addr head, struct scl_error *why)
{
	const int32_t offset = scl_off(&w->a->decoder.rt->layout, task, node);
	struct node node;
	scl_addr before = head;

	if (!read_node(w, head, &node, why))
		return scl_wrap(why, "list of tasks");
	for (unsigned n = 0; node.next && node.next != head && n < LIST_MAX; n++) {
		scl_addr at = node.next;

		if (!read_node(w, at, &node, why))
			return scl_wrap(why, "list of tasks");
		if (node.prev != before)
			return scl_fail_at(why, SCL_ECORRUPT, at,
					   "list of tasks: the node at 0x%" PRIx64 " does not lead back", at);
		w->fn(at - (uint32_t)offset, w->arg);
		before = at;
	}
	return true;
}

/* The list of each thread state of the interpreter, and that of the interpreter, of tasks whose thread state is gone. */
static void walk_lists(const struct walk *w)
{
	const struct scl_runtime *rt = w->a->decoder.rt;
	struct scl_error why = {.code = SCL_OK};
	struct scl_threads cursor;
	struct scl_thread thread;

	scl_threads_init(&cursor, rt);
	while (scl_threads_next(&cursor, &thread, &why)) {
		struct scl_error of_list = {.code = SCL_OK};

		if (thread.interp == w->a->interp.address &&
		    !walk_list(w, thread.address + (uint32_t)scl_off(&rt->layout, thread, tasks_head), &of_list))
			complain(w, &of_list);
	}
	if (why.code == SCL_OK)
		(void)walk_list(w, w->a->interp.address + (uint32_t)scl_off(&rt->layout, interp, tasks_head), &why);
	complain(w, &why);
}

/* Tasks of classes that are neither asyncio's nor Python code of it, in the state of the module _asyncio. */
static void walk_others(const struct walk *w)
{
	const struct scl_runtime *rt = w->a->decoder.rt;
	scl_addr module, state, set;

	if (!scl_dict_get(rt, w->a->interp.modules, "_asyncio", &module, NULL) || !module ||
	    !scl_read_ptr(rt->target, module + (uint32_t)scl_off(&rt->layout, module, state), &state, NULL) || !state)
		return;
	if (scl_read_ptr(rt->target, state + (uint32_t)scl_off(&rt->layout, asyncio, other_tasks), &set, NULL))
		walk_set(w, scl_asyncio_attr(w->a, set, "data"), true);
	if (scl_read_ptr(rt->target, state + (uint32_t)scl_off(&rt->layout, asyncio, other_eager_tasks), &set, NULL))
		walk_set(w, set, false);
}

static void walk_scheduled(const struct walk *w)
{
	walk_set(w, scl_asyncio_attr(w->a, in_tasks(w, "_scheduled_tasks"), "data"), true);
	walk_set(w, in_tasks(w, "_eager_tasks"), false);
}

void scl_registry_walk(struct scl_asyncio *a, scl_registry_fn *fn, void *arg, struct scl_error *why)
{
	const struct walk w = {a, fn, arg, why};

	*why = a->doubtful;
	switch (a->decoder.rt->layout.task_registry) {
	case SCL_TASK_REGISTRY_ALL:
		walk_set(&w, scl_asyncio_attr(a, in_tasks(&w, "_all_tasks"), "data"), true);
		break;
	case SCL_TASK_REGISTRY_SCHEDULED:
		walk_scheduled(&w);
		break;
	case SCL_TASK_REGISTRY_LISTS:
		walk_lists(&w);
		walk_scheduled(&w); /* those whose class is Python code */
		walk_others(&w);
		break;
	}
}
