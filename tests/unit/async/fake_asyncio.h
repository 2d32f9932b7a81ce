/* fake_asyncio.h - an interpreter in an image that has imported asyncio: its classes, a registry of tasks, futures. */
#ifndef SCL_TESTS_FAKE_ASYNCIO_H
#define SCL_TESTS_FAKE_ASYNCIO_H

#include "async/graph.h"
#include "python/gens.h"

enum { FAKE_TASKS = 64, FAKE_INSTANCE_DICT = 40 };

static struct {
	scl_addr type, coroutine, generator, wrapper, iterator, none, set, weakref, instance; /* types */
	scl_addr future, task, py_future, py_task, gathering;
	scl_addr loop, code, weakset, registry, interp;
	scl_addr tasks[FAKE_TASKS];
	size_t n;
} fake;

static struct scl_asyncio asyncio;
static struct scl_arena arena;
static struct scl_tasks tasks;
static struct scl_graph graph;

/* A class whose instances have a dict at FAKE_INSTANCE_DICT from their start. */
static inline scl_addr fake_class(const char *name, scl_addr base, size_t size)
{
	scl_addr type = new_type(UINT64_C(1) << SCL_TYPE_HEAP, (int64_t)size, name), mro[] = {type, base};
	put_u64(AT(type, object, type), fake.type);
	put_u64(AT(type, type, mro), new_tuple(mro, base ? 2 : 1));
	return type;
}

static inline scl_addr fake_class_with_dict(const char *name, scl_addr base, size_t size)
{
	scl_addr type = fake_class(name, base, size + 8);
	put_u64(AT(type, type, dictoffset), size);
	return type;
}

static inline scl_addr fake_dict(const char *const *name, const scl_addr *value, size_t n)
{
	scl_addr key[8];
	for (size_t i = 0; i < n; i++)
		key[i] = new_ascii(name[i]);
	return new_dict(GENERAL, key, value, n);
}

static inline scl_addr fake_instance(scl_addr type, const char *const *name, const scl_addr *value, size_t n)
{
	scl_addr object = new_object(type, 512);
	int64_t at = 0;
	if (!scl_read_i64(image, AT(type, type, dictoffset), &at, NULL))
		abort();
	put_u64(object + (scl_addr)at, fake_dict(name, value, n));
	return object;
}

static inline scl_addr fake_module(const char *const *name, const scl_addr *value, size_t n)
{
	scl_addr module = new_object(new_type(0, 64, "module"), 64);
	put_u64(AT(module, module, dict), fake_dict(name, value, n));
	return module;
}

static inline void fake_classes(void)
{
	size_t size = FAKE_SIZE(task, fut_waiter, name) + 64;
	fake.type = new_type(0, 64, "type");
	fake.coroutine = new_type(0, 64, "coroutine");
	fake.generator = new_type(0, 64, "generator");
	fake.wrapper = new_type(0, 64, "coroutine_wrapper");
	fake.iterator = new_type(0, 64, "_asyncio.FutureIter");
	fake.none = new_type(0, 64, "NoneType");
	fake.set = new_type(0, 256, "set");
	fake.weakref = new_type(0, 64, "weakref");
	fake.instance = fake_class_with_dict("Instance", 0, FAKE_INSTANCE_DICT);
	fake.future = fake_class("_asyncio.Future", 0, size);
	fake.task = fake_class("_asyncio.Task", fake.future, size);
	fake.gathering = fake_class_with_dict("_GatheringFuture", fake.future, size);
	fake.py_future = fake_class_with_dict("Future", 0, FAKE_INSTANCE_DICT);
	fake.py_task = fake_class_with_dict("Task", fake.py_future, FAKE_INSTANCE_DICT);
}

/* Everything but tasks. Call once after heap_open. */
static inline void fake_asyncio(void)
{
	fake_runtime();
	memset(&fake, 0, sizeof fake);
	snprintf(rt.module, sizeof rt.module, "/image/python");
	scl_addr interp = fake.interp = fake_interpreter(0);
	fake_classes();
	fake.code = new_function_code("app.py", "f", NULL, 0);
	fake.loop = new_object(fake.instance, 128);
	fake.registry = new_set(fake.set, NULL, 0);
	put_u64(AT(fake.registry, set, mask), FAKE_TASKS * 2 - 1);
	put_u64(AT(fake.registry, set, table), heap_alloc(16 * FAKE_TASKS * 2));
	fake.weakset = fake_instance(fake.instance, (const char *[]){"data"}, &fake.registry, 1);
	bool all = rt.layout.task_registry == SCL_TASK_REGISTRY_ALL;
	const char *in_tasks[] = {all ? "_all_tasks" : "_scheduled_tasks", "_CTask", "_PyTask", "_current_tasks"};
	const char *in_futures[] = {"_CFuture", "_PyFuture"};
	scl_addr modules[] = {
		fake_module(in_tasks,
			    (scl_addr[]){fake.weakset, fake.task, fake.py_task, new_dict(GENERAL, NULL, NULL, 0)}, 4),
		fake_module(in_futures, (scl_addr[]){fake.future, fake.py_future}, 2),
	};
	put_u64(AT(interp, interp, modules),
		fake_dict((const char *[]){"asyncio.tasks", "asyncio.futures"}, modules, 2));
}

static inline scl_addr fake_future(scl_addr type, enum scl_future_state state)
{
	scl_addr future = new_object(type, 512);
	fake_put_u32(AT(future, object, refcnt), 10);
	put_u64(AT(future, future, loop), fake.loop);
	fake_put_u32(AT(future, future, state), state);
	return future;
}

static inline scl_addr fake_wrapper(scl_addr type, scl_addr object)
{
	scl_addr wrapper = new_object(type, 64);
	put_u64(AT(wrapper, wrapper, object), object);
	return wrapper;
}

/* A coroutine that awaits a future, or any other object. */
static inline scl_addr fake_awaiting(scl_addr object)
{
	return new_gen(fake.coroutine, fake.code, SCL_GEN_AWAITING, object);
}

static inline void fake_register(scl_addr task)
{
	scl_addr reference = new_object(fake.weakref, 64), table = 0;
	put_u64(AT(reference, weakref, object), task);
	if (!scl_read_ptr(image, AT(fake.registry, set, table), &table, NULL) || fake.n == FAKE_TASKS)
		abort();
	put_u64(table + 32 * fake.n, reference);
	put_u64(table + 32 * fake.n + 8, fake.n + 1);
	fake.tasks[fake.n++] = task;
	put_u64(AT(fake.registry, set, used), fake.n);
}

/* Append a task to a list (3.14), whose head is zeros or a list already. */
static inline void fake_link(scl_addr head, scl_addr task)
{
	scl_addr node = AT(task, task, node), last = 0;
	if (!scl_read_ptr(image, AT(head, llist, prev), &last, NULL))
		abort();
	last = last ? last : head;
	put_u64(AT(last, llist, next), node);
	put_u64(AT(node, llist, prev), last);
	put_u64(AT(node, llist, next), head);
	put_u64(AT(head, llist, prev), node);
}

/* A task that is registered; fake_await makes it wait. */
static inline scl_addr fake_task(const char *name)
{
	scl_addr task = fake_future(fake.task, SCL_FUTURE_PENDING);
	put_u64(AT(task, task, name), new_ascii(name));
	put_u64(AT(task, task, coro), new_gen(fake.coroutine, fake.code, SCL_GEN_CREATED, 0));
	fake_register(task);
	return task;
}

static inline void fake_await(scl_addr task, scl_addr future)
{
	put_u64(AT(task, task, coro), fake_awaiting(fake_wrapper(fake.iterator, future)));
	put_u64(AT(task, task, fut_waiter), future);
}

/* A gather of n tasks. */
static inline scl_addr fake_gather(const scl_addr *child, size_t n)
{
	scl_addr children = new_list(child, n);
	scl_addr gather = fake_instance(fake.gathering, (const char *[]){"_children"}, &children, 1);
	put_u64(AT(gather, future, loop), fake.loop);
	fake_put_u32(AT(gather, object, refcnt), 10);
	return gather;
}

static inline bool fake_open(void)
{
	struct scl_interpreter interp = {0};
	err = (struct scl_error){0};
	asyncio = (struct scl_asyncio){0};
	return scl_interpreter_next(&rt, &interp, &err) && scl_asyncio_init(&asyncio, &rt, NULL, &interp, &err);
}

static inline void fake_close(void)
{
	scl_asyncio_destroy(&asyncio);
	scl_arena_destroy(&arena);
	memset(&arena, 0, sizeof arena);
}

/* All tasks and what they wait for. */
static inline bool fake_read(void)
{
	return fake_open() && scl_tasks_read(&asyncio, &arena, &tasks, &err) &&
	       scl_graph_read(&asyncio, &arena, &tasks, NULL, 0, &graph, &err);
}

static inline const struct scl_task *fake_find(scl_addr address)
{
	uint32_t index;
	return scl_tasks_find(&tasks, address, &index) ? &tasks.list[index] : NULL;
}

#endif
