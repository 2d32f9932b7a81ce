#include "async/task.h"

#include <stdlib.h>
#include <string.h>

#include "async/registry.h"
#include "base/map.h"

struct collect {
	struct scl_asyncio *a;
	struct scl_arena *arena;
	struct scl_tasks *ret;
	struct scl_map seen;
	scl_addr *addresses;
	size_t n, capacity;
	bool failed; /* memory ran out */
};

const char *scl_task_status_name(enum scl_task_status status)
{
	static const char *const names[] = {"waiting", "ready", "running", "not started", "done"};

	return names[status];
}

static void complain(struct collect *c, const struct scl_error *why)
{
	if (c->ret->why)
		return;
	c->ret->why = scl_arena_alloc(c->arena, sizeof *why);
	if (c->ret->why)
		*c->ret->why = *why;
}

/* -- addresses ------------------------------------------------------------------------------------------------ */

static void add(struct collect *c, scl_addr task)
{
	uint32_t index;

	if (c->failed || c->n == SCL_TASKS_MAX || scl_map_get(&c->seen, task, &index))
		return;
	if (c->n == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 256;
		scl_addr *bigger = realloc(c->addresses, capacity * sizeof *bigger);

		c->failed = !bigger;
		if (!bigger)
			return;
		c->addresses = bigger;
		c->capacity = capacity;
	}
	c->failed = !scl_map_put(&c->seen, task, (uint32_t)c->n);
	if (!c->failed)
		c->addresses[c->n++] = task;
}

static void add_if_task(scl_addr object, void *arg)
{
	struct collect *c = arg;

	if (scl_await_is_task(scl_await_kind_of(c->a, object, NULL)))
		add(c, object);
}

static void walk_registries(struct collect *c)
{
	struct scl_error why = {.code = SCL_OK};

	scl_registry_walk(c->a, add_if_task, c, &why);
	if (why.code != SCL_OK)
		complain(c, &why);
}

/* -- tasks ---------------------------------------------------------------------------------------------------- */

static const char *keep(struct collect *c, const char *text)
{
	const char *kept = scl_arena_strndup(c->arena, text, strlen(text));

	c->failed = c->failed || !kept;
	return kept ? kept : "?";
}

/* gi_qualname and cr_qualname, for a coroutine that has no frame any more, too. */
static const char *coro_name(struct collect *c, const struct scl_task *task)
{
	const struct scl_runtime *rt = c->a->decoder.rt;
	char text[SCL_KEY_MAX];
	scl_addr str;

	if (!task->future.coro || !scl_await_is_gen(scl_await_kind_of(c->a, task->future.coro, NULL)))
		return "?";
	if (!scl_read_ptr(rt->target, task->future.coro + (uint32_t)scl_off(&rt->layout, gen, qualname), &str, NULL) ||
	    !scl_str_read(rt, str, text, sizeof text, NULL))
		return task->chain.n ? task->chain.items[0].frame.code->qualname : "?";
	return keep(c, text);
}

/* What it waited for is done: its wakeup is in the ready queue, until which it keeps its fut_waiter. */
static bool is_woken(struct scl_asyncio *a, const struct scl_task *task)
{
	struct scl_future waiter;

	return !task->future.fut_waiter ||
	       (scl_future_read(a, task->future.fut_waiter, &waiter, NULL) && waiter.state != SCL_FUTURE_PENDING);
}

enum scl_task_status scl_task_status_of(struct scl_asyncio *a, const struct scl_task *task, const struct scl_loop *loop)
{
	if (task->future.state != SCL_FUTURE_PENDING)
		return SCL_TASK_DONE;
	if (task->chain.end == SCL_CHAIN_RUNNING || (loop && loop->current == task->future.address))
		return SCL_TASK_RUNNING;
	if (task->chain.end == SCL_CHAIN_NOT_STARTED && task->chain.n <= 1)
		return SCL_TASK_NOT_STARTED;
	return is_woken(a, task) ? SCL_TASK_READY : SCL_TASK_WAITING;
}

static uint64_t number_of(const char *name)
{
	static const char prefix[] = "Task-";
	const char *digits = name + sizeof prefix - 1;
	char *end;

	if (strncmp(name, prefix, sizeof prefix - 1) != 0 || *digits < '0' || *digits > '9')
		return UINT64_MAX;
	uint64_t number = strtoull(digits, &end, 10);
	return *end ? UINT64_MAX : number;
}

static bool read_task(struct collect *c, scl_addr address, struct scl_task *task, struct scl_error *why)
{
	char name[SCL_TASK_NAME_MAX];
	struct scl_loop *loop = NULL;

	*task = (struct scl_task){.name = "?", .number = UINT64_MAX, .coro_name = "?"};
	if (!scl_future_read(c->a, address, &task->future, why))
		return false;
	scl_task_name(c->a, &task->future, name, sizeof name);
	task->name = keep(c, name);
	task->number = number_of(name);
	if (task->future.loop) {
		loop = scl_loops_get(c->a, c->arena, &c->ret->loops, task->future.loop);
		c->failed = c->failed || !loop;
	}
	if (task->future.coro && !scl_chain_read(c->a, c->arena, task->future.coro, &task->chain, why)) {
		c->failed = true;
		return false;
	}
	task->coro_name = coro_name(c, task);
	task->status = scl_task_status_of(c->a, task, loop);
	return true;
}

/* In the order of creation as far as that shows; others keep the order of the registry, behind those. */
static int compare(const void *left, const void *right)
{
	const struct scl_task *a = left, *b = right;

	if (a->future.loop != b->future.loop)
		return a->future.loop < b->future.loop ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;

	int by_name = strcmp(a->name, b->name);
	if (by_name)
		return by_name;
	return a->future.address < b->future.address ? -1 : a->future.address > b->future.address;
}

static int compare_places(const void *left, const void *right)
{
	const struct scl_task_place *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static bool index_tasks(struct collect *c)
{
	struct scl_tasks *ret = c->ret;

	ret->places = scl_arena_calloc(c->arena, ret->n, sizeof *ret->places);
	if (!ret->places)
		return false;
	for (size_t i = 0; i < ret->n; i++)
		ret->places[i] = (struct scl_task_place){ret->list[i].future.address, (uint32_t)i};
	if (ret->n)
		qsort(ret->places, ret->n, sizeof *ret->places, compare_places);
	return true;
}

bool scl_tasks_find(const struct scl_tasks *tasks, scl_addr address, uint32_t *index)
{
	struct scl_task_place key = {.address = address};
	const struct scl_task_place *found =
		tasks->n ? bsearch(&key, tasks->places, tasks->n, sizeof key, compare_places) : NULL;

	if (found)
		*index = found->index;
	return found != NULL;
}

static bool read_all(struct collect *c)
{
	struct scl_tasks *ret = c->ret;
	struct scl_error why;

	ret->list = scl_arena_calloc(c->arena, c->n, sizeof *ret->list);
	if (!ret->list)
		return false;
	for (size_t i = 0; i < c->n && !c->failed; i++) {
		if (read_task(c, c->addresses[i], &ret->list[ret->n], &why)) {
			ret->n++;
			continue;
		}
		ret->unreadable++;
		/* When no read is allowed any more, every object looks like nothing: that is the reason to be told. */
		bool may_read = scl_target_may_read(c->a->decoder.rt->target, &why);
		complain(c, &why);
		if (!may_read) {
			ret->unreadable = c->n - ret->n;
			break;
		}
	}
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, compare);
	return !c->failed && index_tasks(c);
}

bool scl_tasks_read(struct scl_asyncio *a, struct scl_arena *arena, struct scl_tasks *ret, struct scl_error *err)
{
	struct collect c = {.a = a, .arena = arena, .ret = ret};
	bool done;

	*ret = (struct scl_tasks){0};
	done = scl_loops_read(a, arena, &ret->loops, err);
	if (done) {
		walk_registries(&c);
		/* A task in its eager first step may be in no registry yet. */
		for (size_t i = 0; i < ret->loops.n; i++)
			if (ret->loops.list[i].current)
				add(&c, ret->loops.list[i].current);
		done = (!c.failed && read_all(&c)) || scl_fail(err, SCL_ENOMEM, "out of memory");
	}
	scl_map_destroy(&c.seen);
	free(c.addresses);
	return done;
}
