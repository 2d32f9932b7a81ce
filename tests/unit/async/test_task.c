/* The registry of tasks: every state, and one that changes or lies while it is read. */
#include "async/fake_asyncio.h"

static int status_of(scl_addr task)
{
	return fake_find(task) ? (int)fake_find(task)->status : -1;
}

static void every_status(void)
{
	fake_asyncio();
	scl_addr created = fake_task("Task-2"), ready = fake_task("Task-10"), waiting = fake_task("named");
	scl_addr running = fake_task("Task-1"), done = fake_task("done"), woken = fake_task("woken");
	fake_await(waiting, fake_future(fake.future, SCL_FUTURE_PENDING));
	fake_await(woken, fake_future(fake.future, SCL_FUTURE_FINISHED));
	put_u64(AT(ready, task, coro), new_gen(fake.coroutine, fake.code, SCL_GEN_SUSPENDED, 0));
	put_u64(AT(running, task, coro), new_gen(fake.coroutine, fake.code, SCL_GEN_RUNNING, 0));
	fake_put_u32(AT(done, future, state), SCL_FUTURE_FINISHED);
	CHECK(fake_read());
	CHECK_INT(tasks.n, 6);
	CHECK_INT(status_of(created), SCL_TASK_NOT_STARTED);
	CHECK_INT(status_of(ready), SCL_TASK_READY);
	CHECK_INT(status_of(waiting), SCL_TASK_WAITING);
	CHECK_INT(status_of(woken), SCL_TASK_READY);
	CHECK_INT(status_of(running), SCL_TASK_RUNNING);
	CHECK_INT(status_of(done), SCL_TASK_DONE);
	CHECK_STR(tasks.list[0].name, "Task-1");
	CHECK_STR(tasks.list[2].name, "Task-10");
	CHECK_STR(tasks.list[0].coro_name, "Class.f");
	CHECK(!tasks.why);
	fake_close();
}

/* A dead reference, one that was freed, and one task twice. */
static void what_a_resize_leaves(void)
{
	fake_asyncio();
	scl_addr task = fake_task("task"), table = 0;
	fake_register(task);
	fake_register(new_object(fake.none, 64));
	fake_register(NOWHERE);
	CHECK(scl_read_ptr(image, AT(fake.registry, set, table), &table, &err));
	put_u64(table + 32 * fake.n, NOWHERE);
	put_u64(table + 32 * fake.n + 8, 77);
	CHECK(fake_read());
	CHECK_INT(tasks.n, 1);
	fake_close();
	put_u64(AT(fake.registry, set, table), NOWHERE);
	CHECK(fake_read());
	CHECK_INT(tasks.n, 0);
	CHECK(tasks.why != NULL);
	fake_close();
	put_u64(AT(fake.registry, set, mask), 12345);
	CHECK(fake_read());
	CHECK(tasks.why != NULL);
	fake_close();
}

static scl_addr unregistered(const char *name)
{
	scl_addr task = fake_future(fake.task, SCL_FUTURE_PENDING);
	put_u64(AT(task, task, name), new_ascii(name));
	put_u64(AT(task, task, coro), new_gen(fake.coroutine, fake.code, SCL_GEN_CREATED, 0));
	return task;
}

/* Lists of a thread, of a second one, and of those whose thread is gone; the first thread runs one of them. */
static void lists_of_tasks(void)
{
	fake_asyncio();
	if (!FAKE_HAS(interp, tasks_head))
		return;
	scl_addr thread = fake_thread(fake.interp, 1, 0x7000, 1), other = fake_thread(fake.interp, 2, 0x8000, 2);
	scl_addr a = unregistered("a"), b = unregistered("b"), c = unregistered("c"), d = unregistered("d");
	fake_link(AT(thread, thread, tasks_head), a);
	fake_link(AT(thread, thread, tasks_head), b);
	fake_link(AT(other, thread, tasks_head), c);
	fake_link(AT(fake.interp, interp, tasks_head), d);
	scl_addr python = fake_task("in Python");
	put_u64(AT(thread, thread, running_loop), fake.loop);
	put_u64(AT(thread, thread, running_task), b);
	CHECK(fake_read());
	CHECK(!tasks.why);
	CHECK_INT(tasks.n, 5);
	CHECK(fake_find(a) && fake_find(b) && fake_find(c) && fake_find(d) && fake_find(python));
	CHECK_INT(status_of(a), SCL_TASK_NOT_STARTED);
	CHECK_INT(status_of(b), SCL_TASK_RUNNING);
	fake_close();
}

/* A list that changes or lies: what came before is kept, and the reason. */
static void lists_that_break_off(void)
{
	fake_asyncio();
	if (!FAKE_HAS(interp, tasks_head))
		return;
	scl_addr thread = fake_thread(fake.interp, 1, 0x7000, 1), a = unregistered("a"), b = unregistered("b");
	scl_addr head = AT(thread, thread, tasks_head), node = AT(b, task, node);
	fake_link(head, a);
	fake_link(head, b);
	const scl_addr next[] = {node, AT(a, task, node), NOWHERE, 0x10};
	for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
		put_u64(AT(node, llist, next), next[i]); /* itself, the one before it, nothing */
		CHECK(fake_read());
		CHECK_INT(tasks.n, 2);
		CHECK(tasks.why && strstr(tasks.why->text, "list of tasks"));
		fake_close();
	}
	put_u64(AT(head, llist, next), NOWHERE);
	CHECK(fake_read());
	CHECK_INT(tasks.n, 0);
	CHECK(tasks.why != NULL);
	fake_close();
}

static void tasks_that_lie_are_counted(void)
{
	fake_asyncio();
	scl_addr good = fake_task("good"), state = fake_task("state"), type = fake_task("type"),
		 coro = fake_task("coro");
	fake_put_u32(AT(state, future, state), 99);
	put_u64(AT(type, object, type), 0xdddddddddddddddd);
	put_u64(AT(coro, task, coro), 0xdddddddddddddddd);
	put_u64(AT(coro, future, loop), 0xdddddddddddddddd);
	put_u64(AT(coro, task, name), 0xdddddddddddddddd);
	CHECK(fake_read());
	CHECK_INT(tasks.n, 2);
	CHECK_INT(tasks.unreadable, 1);
	CHECK(fake_find(good) != NULL);
	CHECK_STR(fake_find(coro)->name, "?");
	CHECK_STR(fake_find(coro)->coro_name, "?");
	fake_close();
}

static void without_asyncio(void)
{
	struct scl_interpreter interp = {0};
	fake_runtime();
	snprintf(rt.module, sizeof rt.module, "/image/python");
	scl_addr address = fake_interpreter(0);
	put_u64(AT(address, interp, modules), new_dict(GENERAL, NULL, NULL, 0));
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK(!scl_asyncio_init(&asyncio, &rt, NULL, &interp, &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	interp.modules = 0;
	CHECK(!scl_asyncio_init(&asyncio, &rt, NULL, &interp, &err));
	interp.modules = NOWHERE;
	CHECK(!scl_asyncio_init(&asyncio, &rt, NULL, &interp, &err));
}

int main(void)
{
	RUN_LAYOUTS(every_status);
	RUN_LAYOUTS(what_a_resize_leaves);
	RUN_LAYOUTS(lists_of_tasks);
	RUN_LAYOUTS(lists_that_break_off);
	RUN_LAYOUTS(tasks_that_lie_are_counted);
	RUN_LAYOUTS(without_asyncio);
	return check_finish();
}
