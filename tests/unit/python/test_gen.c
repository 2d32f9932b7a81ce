/* Coroutines in every state, and such that lie about it. */
#include "python/gens.h"

static struct scl_decoder decoder;
static struct scl_gen gen;
static scl_addr type, code;

static void open_decoder(void)
{
	fake_runtime();
	type = new_type(0, 64, "coroutine");
	code = new_function_code("app.py", "f", NULL, 0);
	if (!scl_decoder_init(&decoder, &rt, NULL, &err))
		abort();
}

static int status_of(scl_addr address)
{
	err = (struct scl_error){0};
	return scl_gen_read(&decoder, address, &gen, &err) ? (int)gen.status : -1;
}

static void every_state(void)
{
	open_decoder();
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_CREATED, 0)), SCL_GEN_CREATED);
	CHECK_STR(gen.frame.code->name, "f");
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_SUSPENDED, 0)), SCL_GEN_SUSPENDED);
	CHECK_INT(gen.frame.line, 10 + GEN_UNIT + 1);
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_AWAITING, 0x4440)), SCL_GEN_AWAITING);
	CHECK_INT(gen.awaited, 0x4440);
	CHECK_INT(gen.frame.line, 10 + GEN_UNIT);
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_RUNNING, 0)), SCL_GEN_RUNNING);
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_DONE, 0)), SCL_GEN_DONE);
	CHECK(!gen.frame.code);
	scl_decoder_destroy(&decoder);
}

/* What it awaits has been popped already, or its stack is nonsense. */
static void an_await_of_nothing_is_an_error(void)
{
	open_decoder();
	CHECK_INT(status_of(new_gen(type, code, SCL_GEN_AWAITING, 0)), -1);
	CHECK_CONTAINS(err.text, "nothing is on its stack");
	scl_addr torn = new_gen(type, code, SCL_GEN_AWAITING, 0x4440);
	if (FAKE_HAS(frame, stacktop))
		put_u64(AT(gen_frame(torn), frame, stacktop), 0);
	else if (FAKE_HAS(frame, stackdepth))
		fake_put_u32(AT(gen_frame(torn), frame, stackdepth), (uint32_t)-1);
	else if (FAKE_HAS(iframe, stacktop))
		fake_put_u32(AT(gen_frame(torn), iframe, stacktop), (uint32_t)-5);
	else
		put_u64(AT(gen_frame(torn), iframe, stackpointer), NOWHERE);
	CHECK_INT(status_of(torn), -1);
	/* Deeper than its code can be. */
	scl_addr deep = new_gen(type, code, SCL_GEN_AWAITING, 0);
	gen_set_stack(deep, 0, (scl_addr[GEN_STACK + 1]){0}, GEN_STACK + 1);
	CHECK_INT(status_of(deep), -1);
	scl_decoder_destroy(&decoder);
}

static void freed_ones_are_errors_or_done(void)
{
	open_decoder();
	CHECK_INT(status_of(NOWHERE), -1);
	scl_addr freed = new_gen(type, code, SCL_GEN_AWAITING, 0x4440);
	fake_set_code(gen_frame(freed), NOWHERE);
	CHECK_INT(status_of(freed), -1);
	/* Of a state that no version has. */
	scl_addr odd = new_gen(type, code, SCL_GEN_AWAITING, 0x4440);
	if (rt.layout.gen_state != SCL_GEN_STATE_NONE) {
		gen_set_state(odd, 0x55);
		CHECK_INT(status_of(odd), SCL_GEN_DONE);
	}
	fake_set_unit(gen_frame(odd), code, 200);
	gen_set_state(odd, rt.layout.gen_executing);
	CHECK_INT(status_of(odd), -1);
	scl_decoder_destroy(&decoder);
}

int main(void)
{
	RUN_LAYOUTS(every_state);
	RUN_LAYOUTS(an_await_of_nothing_is_an_error);
	RUN_LAYOUTS(freed_ones_are_errors_or_done);
	return check_finish();
}
