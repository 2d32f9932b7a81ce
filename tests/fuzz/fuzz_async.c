/*
 * fuzz_async.c - the asyncio of an interpreter that lies.
 *
 * Input: the layout, then mutations. A valid image of tasks in every relation is built and then mutated where its objects
 * are; everything that a listing of tasks reads is read.
 */
#include <stdint.h>

#include "async/fake_asyncio.h"

enum { MUTATIONS = 64, CALLS = 400000 };

struct input {
	const uint8_t *data;
	size_t size;
};

static uint32_t take(struct input *input, unsigned bytes)
{
	uint32_t value = 0;
	while (bytes-- && input->size) {
		value = value << 8 | *input->data++;
		input->size--;
	}
	return value;
}

/* A coroutine inside a function of asyncio's, whose variables are an object with attributes of every kind. */
static scl_addr inside(const char *file, const char *function, scl_addr object, scl_addr future)
{
	scl_addr code = new_function_code(file, function, (const char *[]){"self", "fs", "fut"}, 3);
	scl_addr coroutine = fake_awaiting(fake_wrapper(fake.iterator, future));
	fake_set_code(gen_frame(coroutine), code);
	gen_set_status(coroutine, code, SCL_GEN_AWAITING);
	put_u64(gen_locals(coroutine), object);
	put_u64(gen_locals(coroutine) + 8, new_set(fake.set, (scl_addr[]){future, fake.tasks[0]}, 2));
	put_u64(gen_locals(coroutine) + 16, future);
	gen_set_stack(coroutine, 3, (scl_addr[]){object, fake_wrapper(fake.iterator, future)}, 2);
	return coroutine;
}

static void build_loop(scl_addr future)
{
	static const char *const names[] = {"_ready", "_scheduled", "_selector", "_fd_to_key"};
	static const char *const of_handle[] = {"_callback", "_args", "_when", "_cancelled"};
	scl_addr values[4], block, args = new_tuple(&future, 1), method = new_object(new_type(0, 64, "method"), 64);
	put_u64(AT(method, method, self), fake.tasks[0]);
	scl_addr handle =
		fake_instance(fake.instance, of_handle, (scl_addr[]){method, args, new_int(7), new_int(0)}, 4);
	scl_addr key = new_int(5), data = new_tuple((scl_addr[]){handle, handle}, 2);
	scl_addr entry = new_tuple((scl_addr[]){0, key, key, data}, 4);
	values[0] = new_deque(new_type(0, 64, "deque"), &handle, 1, 60, &block);
	values[1] = new_list(&handle, 1);
	values[3] = new_dict(GENERAL, &key, &entry, 1);
	values[2] = fake_instance(fake.instance, names + 3, values + 3, 1);
	put_u64(fake.loop + FAKE_INSTANCE_DICT, fake_dict(names, values, 3));
}

static void build(void)
{
	static const char *const places[][2] = {
		{"/asyncio/tasks.py", "sleep"},
		{"/asyncio/tasks.py", "_wait"},
		{"/asyncio/tasks.py", "wait_for"},
		{"/asyncio/locks.py", "acquire"},
		{"/asyncio/locks.py", "wait"},
		{"/asyncio/queues.py", "get"},
		{"/asyncio/queues.py", "join"},
		{"/asyncio/streams.py", "_wait_for_data"},
		{"/asyncio/streams.py", "_drain_helper"},
		{"/asyncio/base_events.py", "serve_forever"},
		{"/asyncio/taskgroups.py", "__aexit__"},
		{"/asyncio/base_subprocess.py", "_wait"},
	};
	static const char *const attributes[] = {"_waiters", "_value", "_queue", "_tasks", "_transport", "_sockets"};
	fake_asyncio();
	scl_addr a = fake_task("a"), b = fake_task("b"), future = fake_future(fake.future, SCL_FUTURE_PENDING), block;
	fake_await(a, b);
	fake_await(b, fake_gather((scl_addr[]){a, future}, 2));
	scl_addr list = new_list((scl_addr[]){a, b}, 2), deque = new_deque(fake.none, &future, 1, 63, &block);
	scl_addr object = fake_instance(fake.instance, attributes,
					(scl_addr[]){deque, new_int(1), list, new_set(fake.set, &a, 1), list, list}, 6);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		scl_addr task = fake_task("Task-1");
		put_u64(AT(task, task, coro), inside(places[i][0], places[i][1], object, future));
		put_u64(AT(task, task, fut_waiter), future);
	}
	build_loop(future);
}

static scl_addr place(uint32_t selector)
{
	return HEAP + selector % ((heap_next - HEAP) / 8 + 1) * 8;
}

static void mutate(struct input *input)
{
	for (unsigned i = 0; i < MUTATIONS && input->size >= 4; i++) {
		uint32_t kind = take(input, 1);
		scl_addr where = place(take(input, 2));
		switch (kind % 6) {
		case 0: /* a pointer to some structure */
			put_u64(where, place(take(input, 2)));
			break;
		case 1: /* one to a whole object, a likely one */
			put_u64(where, fake.tasks[take(input, 1) % fake.n]);
			break;
		case 2:
			put_u64(where, take(input, 2));
			break;
		case 3:
			put_u64(where, 0 - (uint64_t)take(input, 2));
			break;
		case 4:
			scl_image_put_u8(image, where + kind / 6 % 8, (uint8_t)take(input, 1));
			break;
		default:
			put_u64(where, UINT64_C(1) << take(input, 1) % 64);
		}
	}
}

static void check_graph(void)
{
	for (size_t i = 0; i < tasks.n; i++) {
		struct scl_links links = scl_graph_awaits(&graph, i);
		for (size_t k = 0; k < links.n; k++)
			if (links.to[k] >= tasks.n)
				abort();
		if (tasks.list[i].chain.n > SCL_CHAIN_MAX || !scl_wait_name(graph.waits[i].kind))
			abort();
	}
	for (size_t i = 0; i < graph.ncycles; i++)
		if (graph.cycles[i].n == 0 || graph.cycles[i].members < graph.cycles[i].n)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t layouts;
	const struct scl_layout *const *table = scl_layouts(&layouts);
	struct input input = {data, size};
	heap_open(table[take(&input, 1) % layouts]);
	build();
	mutate(&input);
	scl_target_set_budget(image, (struct scl_read_budget){.calls = CALLS, .bytes = 1u << 30});
	if (fake_read())
		check_graph();
	fake_close();
	heap_close();
	return 0;
}
