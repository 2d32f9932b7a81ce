/* Futures and tasks of both kinds, and such that are none. */
#include "async/fake_asyncio.h"

static struct scl_future future;

static void open_futures(void)
{
	fake_asyncio();
	if (!fake_open())
		CHECK_FAIL("%s", err.text);
}

static void of_c(void)
{
	open_futures();
	scl_addr address = fake_future(fake.future, SCL_FUTURE_CANCELLED), task = fake_task("a name");
	CHECK(scl_future_read(&asyncio, address, &future, &err));
	CHECK_INT(future.kind, SCL_AWAIT_C_FUTURE);
	CHECK_INT(future.state, SCL_FUTURE_CANCELLED);
	CHECK_INT(future.loop, fake.loop);
	CHECK_INT(future.coro, 0);
	fake_await(task, address);
	CHECK(scl_future_read(&asyncio, task, &future, &err));
	CHECK_INT(future.kind, SCL_AWAIT_C_TASK);
	CHECK_INT(future.fut_waiter, address);
	CHECK(future.coro != 0);
	fake_close();
}

static void of_python(void)
{
	open_futures();
	scl_addr values[] = {fake.loop, new_ascii("FINISHED"), 0, new_ascii("name"), 0x5550};
	const char *names[] = {"_loop", "_state", "_fut_waiter", "_name", "_coro"};
	values[2] = fake_future(fake.future, SCL_FUTURE_PENDING);
	values[4] = new_gen(fake.coroutine, fake.code, SCL_GEN_CREATED, 0);
	scl_addr task = fake_instance(fake.py_task, names, values, 5),
		 other = fake_instance(fake.py_future, names, values, 1);
	CHECK(scl_future_read(&asyncio, task, &future, &err));
	CHECK_INT(future.kind, SCL_AWAIT_PY_TASK);
	CHECK_INT(future.state, SCL_FUTURE_FINISHED);
	CHECK_INT(future.fut_waiter, values[2]);
	CHECK_INT(future.coro, values[4]);
	CHECK(scl_future_read(&asyncio, other, &future, &err));
	CHECK_INT(future.kind, SCL_AWAIT_PY_FUTURE);
	CHECK_INT(future.state, SCL_FUTURE_PENDING); /* of its class */
	values[1] = new_ascii("NONSENSE");
	task = fake_instance(fake.py_task, names, values, 5);
	CHECK(!scl_future_read(&asyncio, task, &future, &err));
	CHECK_CONTAINS(err.text, "no known name");
	fake_close();
}

static void names_of_tasks(void)
{
	char name[16];
	open_futures();
	scl_addr task = fake_task("short"), names[] = {new_int(7), new_ascii("longer than there is room"), NOWHERE, 0};
	const char *wanted[] = {"Task-7", "longer than the", "?", "?"};
	for (size_t i = 0; i < 4; i++) {
		put_u64(AT(task, task, name), names[i]);
		CHECK(scl_future_read(&asyncio, task, &future, &err));
		scl_task_name(&asyncio, &future, name, sizeof name);
		CHECK_STR(name, wanted[i]);
	}
	fake_close();
}

static void callbacks_in_order(void)
{
	open_futures();
	scl_addr address = fake_future(fake.future, SCL_FUTURE_PENDING), pairs[2];
	for (size_t i = 0; i < 2; i++)
		pairs[i] = new_tuple((scl_addr[]){0x1110 + 0x1110 * i, 0}, 2);
	put_u64(AT(address, future, callback0), 0x9990);
	put_u64(AT(address, future, callbacks), new_list(pairs, 2));
	CHECK(scl_future_read(&asyncio, address, &future, &err));
	CHECK_INT(scl_future_callback(&asyncio, &future, 0), 0x9990);
	CHECK_INT(scl_future_callback(&asyncio, &future, 2), 0x2220);
	CHECK_INT(scl_future_callback(&asyncio, &future, 3), 0);
	future.callbacks = NOWHERE;
	CHECK_INT(scl_future_callback(&asyncio, &future, 1), 0);
	fake_close();
}

static void what_is_none_is_refused(void)
{
	open_futures();
	scl_addr address = fake_future(fake.future, SCL_FUTURE_PENDING);
	fake_put_u32(AT(address, future, state), 3);
	CHECK(!scl_future_read(&asyncio, address, &future, &err));
	fake_put_u32(AT(address, future, state), (uint32_t)-1);
	CHECK(!scl_future_read(&asyncio, address, &future, &err));
	CHECK(!scl_future_read(&asyncio, new_object(fake.instance, 64), &future, &err));
	CHECK(!scl_future_read(&asyncio, NOWHERE, &future, &err));
	CHECK(!scl_future_read(&asyncio, 0, &future, &err));
	fake_close();
}

int main(void)
{
	RUN_LAYOUTS(of_c);
	RUN_LAYOUTS(of_python);
	RUN_LAYOUTS(names_of_tasks);
	RUN_LAYOUTS(callbacks_in_order);
	RUN_LAYOUTS(what_is_none_is_refused);
	return check_finish();
}
