#include "async/suspended.h"

#include <stdlib.h>
#include <string.h>

#include "async/registry.h"
#include "async/suspended_parts.h"
#include "base/clock.h"
#include "base/map.h"

enum {
	REFRESH_NS = SCL_NS_PER_S, /* classes and modules of asyncio are looked up that often */
	DEAD_MIN = 256,		   /* memos of tasks that are gone, before they are thrown out */
};

struct scl_suspended_reader {
	struct scl_asyncio asyncio;
	struct scl_arena arena; /* of the task at hand */
	struct scl_read_log log;
	struct scl_memo *memos;
	size_t n, capacity;
	struct scl_map by_address; /* task -> index of its memo */
	const struct scl_suspended **tasks;
	size_t tasks_cap;
	struct scl_suspended_set *set; /* of the reading at hand */
	size_t seen;		       /* memos that this round has met */
	uint64_t round, serial, refreshed_ns;
	bool failed; /* memory ran out */
};

struct scl_suspended_reader *scl_suspended_create(const struct scl_runtime *rt, struct scl_codes *codes,
						  const struct scl_interpreter *interp, struct scl_error *err)
{
	struct scl_suspended_reader *r = calloc(1, sizeof *r);

	if (!r) {
		scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
		return NULL;
	}
	if (!scl_asyncio_init(&r->asyncio, rt, codes, interp, err)) {
		free(r);
		return NULL;
	}
	r->serial = 1;
	r->refreshed_ns = scl_clock_monotonic();
	return r;
}

void scl_suspended_forget(struct scl_suspended_reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		scl_memo_clear(&r->memos[i]);
	scl_map_clear(&r->by_address);
	r->n = 0;
}

void scl_suspended_destroy(struct scl_suspended_reader *r)
{
	if (!r)
		return;
	scl_suspended_forget(r);
	scl_map_destroy(&r->by_address);
	scl_read_log_destroy(&r->log);
	scl_arena_destroy(&r->arena);
	scl_asyncio_destroy(&r->asyncio);
	free(r->memos);
	free(r->tasks);
	free(r);
}

/* -- one task ------------------------------------------------------------------------------------------------- */

/* False: it cannot be read; `why` says it, or memory ran out. */
static bool decode(struct scl_suspended_reader *r, scl_addr address, struct scl_task *task, struct scl_error *why)
{
	char name[SCL_SUSPENDED_NAME_MAX];

	*task = (struct scl_task){.name = "?", .coro_name = "?", .future = {.address = address}};
	if (!scl_future_read(&r->asyncio, address, &task->future, why))
		return false;
	if (task->future.state == SCL_FUTURE_PENDING && task->future.coro) {
		scl_task_name(&r->asyncio, &task->future, name, sizeof name);
		task->name = scl_arena_strndup(&r->arena, name, strlen(name));
		if (!task->name || !scl_chain_read(&r->asyncio, &r->arena, task->future.coro, &task->chain, why)) {
			r->failed = true;
			return false;
		}
	}
	task->status = scl_task_status_of(&r->asyncio, task, NULL);
	if (task->chain.end == SCL_CHAIN_BROKEN)
		*why = *task->chain.why;
	return task->chain.end != SCL_CHAIN_BROKEN;
}

static void complain(struct scl_suspended_set *set, const struct scl_error *why)
{
	if (set->why.code == SCL_OK)
		set->why = *why;
}

static bool renew(struct scl_suspended_reader *r, struct scl_memo *memo, scl_addr address)
{
	struct scl_target *target = r->asyncio.decoder.rt->target;
	struct scl_error why = {.code = SCL_OK};
	struct scl_task task;

	scl_arena_reset(&r->arena);
	scl_read_log_clear(&r->log);
	scl_target_set_log(target, &r->log);
	bool readable = decode(r, address, &task, &why);
	scl_target_set_log(target, NULL);
	if (r->failed)
		return false;
	if (!readable)
		complain(r->set, &why);
	r->failed = !scl_memo_keep(memo, &r->asyncio, &task, readable, &r->log, &r->serial);
	return !r->failed;
}

static void put(struct scl_suspended_reader *r, const struct scl_memo *memo)
{
	bool suspended = (memo->status == SCL_TASK_WAITING || memo->status == SCL_TASK_READY) &&
			 memo->task.end != SCL_CHAIN_DONE;

	/* Of a chain that breaks off, the outer part is known to be right. */
	if (!memo->readable)
		r->set->unreadable++;
	if (!suspended || (!memo->readable && !memo->task.n))
		return;
	r->tasks[r->set->n++] = &memo->task;
}

/* -- all of them ---------------------------------------------------------------------------------------------- */

static bool grow(struct scl_suspended_reader *r)
{
	size_t capacity = r->capacity ? 2 * r->capacity : 64;
	struct scl_memo *memos = realloc(r->memos, capacity * sizeof *memos);

	if (!memos)
		return false;
	r->memos = memos;
	r->capacity = capacity;
	return true;
}

/* The memo of an address, an empty one where it is new; NULL when memory ran out. */
static struct scl_memo *memo_at(struct scl_suspended_reader *r, scl_addr address)
{
	uint32_t index;

	if (scl_map_get(&r->by_address, address, &index))
		return &r->memos[index];
	if ((r->n == r->capacity && !grow(r)) || !scl_map_put(&r->by_address, address, (uint32_t)r->n)) {
		r->failed = true;
		return NULL;
	}
	r->memos[r->n] = (struct scl_memo){0};
	return &r->memos[r->n++];
}

/* The first walk over the registry: addresses only, since the memos may move. */
static void meet(scl_addr object, void *arg)
{
	struct scl_suspended_reader *r = arg;
	struct scl_memo *memo;

	if (r->failed)
		return;
	if (r->seen == SCL_SUSPENDED_MAX) {
		r->set->cut++;
		return;
	}
	memo = memo_at(r, object);
	if (!memo || memo->round == r->round)
		return;
	memo->round = r->round;
	memo->task.address = object;
	r->seen++;
}

static bool is_task(struct scl_suspended_reader *r, const struct scl_memo *memo)
{
	return scl_await_is_task(scl_await_kind_of(&r->asyncio, memo->task.address, NULL));
}

static void read_memo(struct scl_suspended_reader *r, struct scl_memo *memo)
{
	if (memo->round != r->round)
		return;
	if (!scl_memo_holds(memo, &r->asyncio)) {
		/* None, where a task has died: nothing that could not be read. */
		if (!is_task(r, memo) || !renew(r, memo, memo->task.address))
			return;
	}
	put(r, memo);
}

/* Memos of tasks that are gone, once they are many; the map knows no removal. */
static void throw_out(struct scl_suspended_reader *r)
{
	size_t kept = 0;

	if (r->n - r->seen < DEAD_MIN || r->n - r->seen < r->seen / 2)
		return;
	scl_map_clear(&r->by_address);
	for (size_t i = 0; i < r->n; i++) {
		if (r->memos[i].round != r->round) {
			scl_memo_clear(&r->memos[i]);
			continue;
		}
		r->failed = r->failed || !scl_map_put(&r->by_address, r->memos[i].task.address, (uint32_t)kept);
		r->memos[kept++] = r->memos[i];
	}
	r->n = kept;
}

static bool refresh(struct scl_suspended_reader *r)
{
	uint64_t now = scl_clock_monotonic();
	struct scl_error why;

	if (now - r->refreshed_ns < REFRESH_NS)
		return true;
	r->refreshed_ns = now;
	for (size_t i = 0; i < r->n; i++)
		r->memos[i].fresh = false;
	if (scl_asyncio_refresh(&r->asyncio, &why))
		return true;
	complain(r->set, &why);
	return false;
}

static bool reserve(struct scl_suspended_reader *r)
{
	const struct scl_suspended **bigger;

	if (r->seen <= r->tasks_cap)
		return true;
	bigger = realloc(r->tasks, 2 * r->seen * sizeof(const struct scl_suspended *));
	if (!bigger)
		return false;
	r->tasks = bigger;
	r->tasks_cap = 2 * r->seen;
	return true;
}

bool scl_suspended_read(struct scl_suspended_reader *r, struct scl_suspended_set *ret, struct scl_error *err)
{
	struct scl_error why;

	*ret = (struct scl_suspended_set){0};
	r->set = ret;
	r->failed = false;
	r->seen = 0;
	r->round++;
	if (refresh(r)) {
		scl_registry_walk(&r->asyncio, meet, r, &why);
		if (why.code != SCL_OK)
			complain(ret, &why);
	}
	if (!r->failed)
		throw_out(r);
	r->failed = r->failed || !reserve(r);
	for (size_t i = 0; i < r->n && !r->failed; i++)
		read_memo(r, &r->memos[i]);
	ret->tasks = r->tasks;
	return !r->failed || scl_fail(err, SCL_ENOMEM, "out of memory");
}

scl_addr scl_suspended_loop(struct scl_suspended_reader *r, scl_addr thread)
{
	return scl_loop_running(&r->asyncio, thread);
}
