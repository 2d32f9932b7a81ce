/* Await chains: through wrappers, to futures, and such that have no end. */
#include "async/fake_asyncio.h"

static struct scl_chain chain;

static void open_chain(void)
{
	fake_asyncio();
	if (!fake_open())
		CHECK_FAIL("%s", err.text);
}

static int end_of(scl_addr coroutine)
{
	return scl_chain_read(&asyncio, &arena, coroutine, &chain, &err) ? (int)chain.end : -1;
}

static void through_wrappers_to_a_future(void)
{
	open_chain();
	scl_addr future = fake_future(fake.future, SCL_FUTURE_PENDING), at = fake_wrapper(fake.iterator, future);
	for (int i = 0; i < 40; i++)
		at = fake_awaiting(i % 2 ? at : fake_wrapper(fake.wrapper, fake_awaiting(at)));
	CHECK_INT(end_of(at), SCL_CHAIN_FUTURE);
	CHECK_INT(chain.object, future);
	CHECK_INT(chain.n, 60);
	CHECK_INT(chain.items[0].object, at);
	CHECK_INT(chain.items[59].kind, SCL_AWAIT_COROUTINE);
	fake_close();
}

static void other_ends(void)
{
	open_chain();
	scl_addr foreign = new_object(fake.instance, 64);
	CHECK_INT(end_of(fake_awaiting(foreign)), SCL_CHAIN_OBJECT);
	CHECK_INT(chain.object, foreign);
	CHECK_INT(end_of(fake_awaiting(new_gen(fake.generator, fake.code, SCL_GEN_SUSPENDED, 0))), SCL_CHAIN_YIELD);
	CHECK_INT(end_of(new_gen(fake.coroutine, fake.code, SCL_GEN_CREATED, 0)), SCL_CHAIN_NOT_STARTED);
	CHECK_INT(end_of(new_gen(fake.coroutine, fake.code, SCL_GEN_RUNNING, 0)), SCL_CHAIN_RUNNING);
	CHECK_INT(end_of(new_gen(fake.coroutine, fake.code, SCL_GEN_DONE, 0)), SCL_CHAIN_DONE);
	CHECK_INT(chain.n, 0);
	for (enum scl_chain_end end = SCL_CHAIN_FUTURE; end <= SCL_CHAIN_BROKEN; end++)
		CHECK(strlen(scl_chain_end_text(end)) > 0);
	fake_close();
}

/* A future in Python is a generator whose own variable it is. */
static void a_future_in_python(void)
{
	open_chain();
	scl_addr code = new_function_code("/lib/asyncio/futures.py", "__await__", (const char *[]){"self"}, 1);
	scl_addr iterator = new_gen(fake.generator, code, SCL_GEN_SUSPENDED, 0);
	scl_addr future = new_object(fake.py_future, 128);
	put_u64(gen_locals(iterator), future);
	gen_set_stack(iterator, 1, NULL, 0);
	CHECK_INT(end_of(fake_awaiting(iterator)), SCL_CHAIN_FUTURE);
	CHECK_INT(chain.object, future);
	CHECK(chain.iterates);
	CHECK_INT(chain.n, 2);
	put_u64(gen_locals(iterator), NOWHERE);
	CHECK_INT(end_of(fake_awaiting(iterator)), SCL_CHAIN_YIELD);
	CHECK(!chain.iterates);
	fake_close();
}

static void cycles_are_broken(void)
{
	open_chain();
	for (size_t length = 1; length <= 9; length += 4) {
		scl_addr first = fake_awaiting(NOWHERE), at = first;
		for (size_t i = 1; i < length; i++)
			at = fake_awaiting(at);
		gen_set_awaited(first, at);
		CHECK_INT(end_of(fake_awaiting(at)), SCL_CHAIN_BROKEN);
		CHECK_CONTAINS(chain.why->text, "awaits itself");
	}
	/* A wrapper of itself. */
	scl_addr wrapper = fake_wrapper(fake.wrapper, 0);
	put_u64(AT(wrapper, wrapper, object), wrapper);
	CHECK_INT(end_of(fake_awaiting(wrapper)), SCL_CHAIN_BROKEN);
	fake_close();
}

static void freed_ones_are_broken_or_foreign(void)
{
	open_chain();
	CHECK_INT(end_of(fake_awaiting(NOWHERE)), SCL_CHAIN_OBJECT);
	CHECK_INT(end_of(fake_awaiting(fake_wrapper(fake.iterator, 0))), SCL_CHAIN_OBJECT);
	scl_addr freed = fake_awaiting(NOWHERE);
	fake_set_code(gen_frame(freed), 0xdddddddddddddddd);
	CHECK_INT(end_of(fake_awaiting(freed)), SCL_CHAIN_BROKEN);
	CHECK(chain.why != NULL);
	CHECK_INT(chain.n, 1);
	put_u64(AT(freed, object, type), 0xdddddddddddddddd);
	CHECK_INT(end_of(fake_awaiting(freed)), SCL_CHAIN_OBJECT);
	fake_close();
}

int main(void)
{
	RUN_LAYOUTS(through_wrappers_to_a_future);
	RUN_LAYOUTS(other_ends);
	RUN_LAYOUTS(a_future_in_python);
	RUN_LAYOUTS(cycles_are_broken);
	RUN_LAYOUTS(freed_ones_are_broken_or_foreign);
	return check_finish();
}
