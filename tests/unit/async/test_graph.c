/* Who waits for whom: rings, what waits for them, and what can go on. */
#include "async/fake_asyncio.h"

static uint32_t index_of(scl_addr task)
{
	uint32_t index = UINT32_MAX;
	CHECK(scl_tasks_find(&tasks, task, &index));
	return index;
}

static bool is_stuck(scl_addr task)
{
	return graph.stuck[index_of(task)];
}

static void a_ring_and_what_waits_for_it(void)
{
	scl_addr ring[5];
	fake_asyncio();
	for (size_t i = 0; i < 5; i++)
		ring[i] = fake_task("ring");
	for (size_t i = 0; i < 5; i++)
		fake_await(ring[i], ring[(i + 1) % 5]);
	scl_addr behind = fake_task("behind"), healthy = fake_task("healthy"), on = fake_task("on healthy");
	fake_await(behind, ring[2]);
	fake_await(healthy, fake_future(fake.future, SCL_FUTURE_PENDING));
	fake_await(on, healthy);
	CHECK(fake_read());
	CHECK_INT(graph.ncycles, 1);
	CHECK_INT(graph.cycles[0].n, 5);
	CHECK_INT(graph.cycles[0].members, 5);
	CHECK(is_stuck(ring[0]) && is_stuck(behind));
	CHECK(!is_stuck(healthy) && !is_stuck(on));
	CHECK_INT(scl_graph_awaits(&graph, index_of(behind)).n, 1);
	CHECK_INT(scl_graph_awaited_by(&graph, index_of(ring[2])).n, 2);
	CHECK_INT(graph.waits[index_of(on)].kind, SCL_WAIT_TASK);
	fake_close();
}

static void gathers(void)
{
	fake_asyncio();
	scl_addr a = fake_task("a"), b = fake_task("b"), healthy = fake_task("healthy"), self = fake_task("self");
	scl_addr both[] = {b, healthy}, outer = fake_gather(both, 2);
	fake_await(a, fake_gather(&outer, 1));
	fake_await(b, a);
	fake_await(self, fake_gather(&self, 1));
	CHECK(fake_read());
	CHECK_INT(graph.ncycles, 2);
	CHECK(is_stuck(a) && is_stuck(b) && is_stuck(self) && !is_stuck(healthy));
	CHECK_INT(scl_graph_awaits(&graph, index_of(a)).n, 2);
	CHECK_INT(graph.waits[index_of(a)].kind, SCL_WAIT_GATHER);
	fake_close();
}

/* A gather that is a child of its own, and one whose children are no list. */
static void gathers_that_lie_end(void)
{
	fake_asyncio();
	scl_addr task = fake_task("task"), other = fake_task("other"), child = NOWHERE, gather = fake_gather(&child, 1);
	scl_addr bad = fake_gather(&child, 1), children;
	fake_await(task, gather);
	fake_await(other, bad);
	CHECK(fake_open());
	children = scl_asyncio_attr(&asyncio, gather, "_children");
	scl_addr items = 0;
	CHECK(scl_read_ptr(image, AT(children, list, items), &items, &err));
	put_u64(items, gather);
	children = scl_asyncio_attr(&asyncio, bad, "_children");
	put_u64(AT(children, list, size), (uint64_t)-1);
	fake_close();
	CHECK(fake_read());
	CHECK_INT(tasks.n, 2);
	CHECK_INT(graph.ncycles, 0);
	CHECK(!is_stuck(task) && !is_stuck(other));
	fake_close();
}

static void an_orphan_is_stuck(void)
{
	fake_asyncio();
	scl_addr task = fake_task("task"), future = fake_future(fake.future, SCL_FUTURE_PENDING);
	fake_put_u32(AT(future, object, refcnt), 2);
	fake_await(task, future);
	CHECK(fake_read());
	CHECK(graph.waits[index_of(task)].orphan);
	CHECK(is_stuck(task));
	CHECK_INT(graph.ncycles, 0);
	fake_put_u32(AT(future, object, refcnt), 3);
	fake_close();
	CHECK(fake_read());
	CHECK(!is_stuck(task));
	fake_close();
}

static void no_task_at_all(void)
{
	fake_asyncio();
	CHECK(fake_read());
	CHECK_INT(tasks.n, 0);
	CHECK_INT(graph.ncycles, 0);
	fake_close();
}

int main(void)
{
	RUN_LAYOUTS(a_ring_and_what_waits_for_it);
	RUN_LAYOUTS(gathers);
	RUN_LAYOUTS(gathers_that_lie_end);
	RUN_LAYOUTS(an_orphan_is_stuck);
	RUN_LAYOUTS(no_task_at_all);
	return check_finish();
}
