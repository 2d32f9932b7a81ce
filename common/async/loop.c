#include "async/loop.h"

#include <string.h>

#include "python/items.h"

/* -- who runs which ------------------------------------------------------------------------------------------- */

/* The process forked, and the child inherits what only its parent runs: ignored as asyncio does. */
static bool of_this_process(struct scl_asyncio *a, int32_t pid)
{
	struct scl_target *target = a->decoder.rt->target;
	int ours = scl_target_pid(target);

	return ours <= 0 || pid == ours || scl_lwp_from_inside(target, (uint64_t)pid) == (uint64_t)ours;
}

static scl_addr from_holder(struct scl_asyncio *a, scl_addr holder)
{
	const struct scl_layout *layout = &a->decoder.rt->layout;
	scl_addr loop;
	int32_t pid;

	if (!holder || strcmp(scl_asyncio_class_name(a, holder), "_RunningLoopHolder") != 0 ||
	    !scl_read_ptr(a->decoder.rt->target, holder + (uint32_t)scl_off(layout, loopholder, loop), &loop, NULL) ||
	    !scl_read_i32(a->decoder.rt->target, holder + (uint32_t)scl_off(layout, loopholder, pid), &pid, NULL))
		return 0;
	return of_this_process(a, pid) ? loop : 0;
}

static scl_addr from_dict(struct scl_asyncio *a, scl_addr thread)
{
	const struct scl_layout *layout = &a->decoder.rt->layout;
	scl_addr dict, value;

	if (!scl_read_ptr(a->decoder.rt->target, thread + (uint32_t)scl_off(layout, thread, dict), &dict, NULL) ||
	    !dict || !scl_dict_get(a->decoder.rt, dict, "__asyncio_running_event_loop__", &value, NULL))
		return 0;
	return layout->running_loop == SCL_RUNNING_LOOP_HOLDER ? from_holder(a, value) : value;
}

scl_addr scl_loop_running(struct scl_asyncio *a, scl_addr thread)
{
	const struct scl_layout *layout = &a->decoder.rt->layout;
	scl_addr loop = 0;

	if (layout->running_loop != SCL_RUNNING_LOOP_THREAD)
		loop = from_dict(a, thread);
	else if (!scl_read_ptr(a->decoder.rt->target, thread + (uint32_t)scl_off(layout, thread, running_loop), &loop,
			       NULL))
		return 0;
	return scl_asyncio_not_none(a, loop);
}

/* -- what it has to do ---------------------------------------------------------------------------------------- */

static uint64_t count_of(struct scl_asyncio *a, enum scl_container container, scl_addr object)
{
	struct scl_items items;

	return object && scl_items_init(&items, a->decoder.rt, container, object, NULL) ? items.count : 0;
}

/* _fd_to_key of the selector; the loop's own self-pipe is in it. */
static uint64_t count_fds(struct scl_asyncio *a, scl_addr loop)
{
	scl_addr keys = scl_asyncio_attr(a, scl_asyncio_attr(a, loop, "_selector"), "_fd_to_key");
	uint64_t n = 0;
	int64_t own = 0;

	if (!keys || !scl_read(a->decoder.rt->target, keys + (uint32_t)scl_off(&a->decoder.rt->layout, dict, used), &n,
			       sizeof n, NULL))
		return 0;
	if (!scl_int_read(a->decoder.rt, scl_asyncio_attr(a, loop, "_internal_fds"), &own, NULL) || own < 0)
		own = 0;
	return n > (uint64_t)own ? n - (uint64_t)own : 0;
}

/* _scheduled is a heap: its first timer is the earliest, though it may be a cancelled one. */
static double next_timer(struct scl_asyncio *a, scl_addr scheduled)
{
	const struct scl_runtime *rt = a->decoder.rt;
	struct scl_items items;
	scl_addr timer, when;
	double seconds;

	if (!scheduled || !scl_items_init(&items, rt, SCL_CONTAINER_LIST, scheduled, NULL) ||
	    !scl_items_next(&items, &timer, NULL))
		return 0;
	when = scl_asyncio_attr(a, timer, "_when");
	return when && scl_types_float(a->decoder.types, when, &seconds, NULL) ? seconds : 0;
}

static bool describe(struct scl_asyncio *a, struct scl_arena *arena, struct scl_loop *loop)
{
	const char *name = scl_asyncio_class_name(a, loop->address);
	scl_addr ready = scl_asyncio_attr(a, loop->address, "_ready"), scheduled;

	loop->class_name = scl_arena_strndup(arena, name, strlen(name));
	if (!loop->class_name)
		return false;
	loop->readable = ready != 0;
	if (!ready)
		return true;
	loop->ready = count_of(a, SCL_CONTAINER_DEQUE, ready);
	scheduled = scl_asyncio_attr(a, loop->address, "_scheduled");
	loop->scheduled = count_of(a, SCL_CONTAINER_LIST, scheduled);
	loop->next = next_timer(a, scheduled);
	loop->closed = scl_asyncio_is_true(a, scl_asyncio_attr(a, loop->address, "_closed"));
	loop->fds = count_fds(a, loop->address);
	return true;
}

/* asyncio.tasks._current_tasks: loop -> task. From 3.14 on only where all of asyncio is Python code. */
static void find_current(struct scl_asyncio *a, struct scl_loop *loop)
{
	struct scl_error end = {.code = SCL_OK};
	struct scl_dict dict;
	scl_addr current, key, task;

	if (!scl_dict_get(a->decoder.rt, a->tasks, "_current_tasks", &current, NULL) || !current ||
	    !scl_dict_init(&dict, a->decoder.rt, current, NULL))
		return;
	while (scl_dict_next(&dict, &key, &task, &end))
		if (key == loop->address)
			loop->current = scl_asyncio_not_none(a, task);
}

static void find_current_of_thread(struct scl_asyncio *a, scl_addr thread, struct scl_loop *loop)
{
	const struct scl_layout *layout = &a->decoder.rt->layout;
	scl_addr task;

	if (scl_has(layout, thread, running_task) &&
	    scl_read_ptr(a->decoder.rt->target, thread + (uint32_t)scl_off(layout, thread, running_task), &task,
			 NULL) &&
	    scl_asyncio_not_none(a, task))
		loop->current = task;
}

static struct scl_loop *find(const struct scl_loops *loops, scl_addr address)
{
	for (size_t i = 0; i < loops->n; i++)
		if (loops->list[i].address == address)
			return &loops->list[i];
	return NULL;
}

struct scl_loop *scl_loops_get(struct scl_asyncio *a, struct scl_arena *arena, struct scl_loops *loops,
			       scl_addr address)
{
	struct scl_loop *loop = find(loops, address);

	if (loop)
		return loop;
	if (loops->n == SCL_LOOPS_MAX)
		return &loops->list[0];
	/* At powers of two it is full. */
	if ((loops->n & (loops->n - 1)) == 0) {
		struct scl_loop *bigger = scl_arena_calloc(arena, loops->n ? 2 * loops->n : 1, sizeof *bigger);

		if (!bigger)
			return NULL;
		if (loops->n)
			memcpy(bigger, loops->list, loops->n * sizeof *bigger);
		loops->list = bigger;
	}
	loop = &loops->list[loops->n];
	*loop = (struct scl_loop){.address = address};
	if (!describe(a, arena, loop))
		return NULL;
	find_current(a, loop);
	loops->n++;
	return loop;
}

bool scl_loops_read(struct scl_asyncio *a, struct scl_arena *arena, struct scl_loops *ret, struct scl_error *err)
{
	struct scl_threads cursor;
	struct scl_thread thread;

	*ret = (struct scl_loops){0};
	scl_threads_init(&cursor, a->decoder.rt);
	while (scl_threads_next(&cursor, &thread, NULL)) {
		scl_addr address = thread.interp == a->interp.address ? scl_loop_running(a, thread.address) : 0;
		struct scl_loop *loop = address ? scl_loops_get(a, arena, ret, address) : NULL;

		if (address && !loop)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		if (!loop)
			continue;
		loop->running = true;
		find_current_of_thread(a, thread.address, loop);
		loop->lwp = thread.lwp;
		loop->ident = thread.ident;
	}
	return true;
}
