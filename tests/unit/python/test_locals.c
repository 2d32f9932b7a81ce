/* Variables by name, cells, and the values on the stack of a suspended frame. */
#include "python/gens.h"

static const char *const names[] = {"a", "b", "a"};
static struct scl_decoder decoder;
static struct scl_gen gen;
static scl_addr coroutine, cell, inside;

static void open_frame(void)
{
	fake_runtime();
	if (!scl_decoder_init(&decoder, &rt, NULL, &err))
		abort();
	scl_addr code = new_function_code("app.py", "f", names, 3);
	coroutine = new_gen(new_type(0, 64, "coroutine"), code, SCL_GEN_SUSPENDED, 0);
	cell = new_object(new_type(0, 64, "cell"), 64);
	inside = new_int(5);
	put_u64(AT(cell, cell, ref), inside);
	put_u64(gen_locals(coroutine), 0);
	put_u64(gen_locals(coroutine) + 8, inside);
	put_u64(gen_locals(coroutine) + 16, cell);
	gen_set_stack(coroutine, 3, (scl_addr[]){0x7770, inside}, 2);
	if (!scl_gen_read(&decoder, coroutine, &gen, &err))
		CHECK_FAIL("%s", err.text);
}

static void variables_by_name(void)
{
	const char *name;
	scl_addr value;
	open_frame();
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "b"), inside);
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "a"), inside); /* the second one, through its cell */
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "c"), 0);
	CHECK(scl_local_at(decoder.locals, &gen.frame, 0, &name, &value));
	CHECK_STR(name, "a");
	CHECK_INT(value, 0);
	CHECK(!scl_local_at(decoder.locals, &gen.frame, 3, &name, &value));
	scl_decoder_destroy(&decoder);
}

/* Not through cells: whoever shares one has what is in it, too. */
static void references_of_a_frame(void)
{
	open_frame();
	CHECK_INT(scl_frame_references(decoder.locals, &gen.frame, inside), 2);
	CHECK_INT(scl_frame_references(decoder.locals, &gen.frame, cell), 1);
	CHECK_INT(scl_frame_references(decoder.locals, &gen.frame, 0x7778), 0);
	scl_decoder_destroy(&decoder);
}

static void the_stack(void)
{
	scl_addr values[8] = {0};
	open_frame();
	CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 8), 2);
	CHECK_INT(values[0], 0x7770);
	CHECK_INT(values[1], inside);
	CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 1), 0);
	gen_set_stack(coroutine, 3, NULL, 0);
	CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 8), 0);
	/* Below its own base, as a depth that is negative says. */
	gen_set_stack(coroutine, 1, NULL, 0);
	if (!FAKE_HAS(frame, stackdepth))
		CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 8), 0);
	scl_decoder_destroy(&decoder);
}

/* _PyStackRef, 3.14: a NULL that is no 0, references that are not counted, and ints that are in the slot itself. */
static void tags_are_no_part_of_a_value(void)
{
	scl_addr values[8] = {0}, mask = rt.layout.pointer_tag_mask;
	open_frame();
	if (!mask) {
		scl_decoder_destroy(&decoder);
		return;
	}
	put_u64(gen_locals(coroutine), 1);
	put_u64(gen_locals(coroutine) + 8, inside | 1);
	put_u64(gen_locals(coroutine) + 16, inside | mask);
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "b"), inside);
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "a"), 0);
	gen_set_stack(coroutine, 3, (scl_addr[]){1, inside | 1, inside | mask}, 3);
	CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 8), 3);
	CHECK_INT(values[0], 0);
	CHECK_INT(values[1], inside);
	CHECK_INT(values[2], 0);
	CHECK_INT(scl_frame_references(decoder.locals, &gen.frame, inside), 2);
	scl_decoder_destroy(&decoder);
}

static void code_without_names_has_no_variables(void)
{
	scl_addr values[8];
	open_frame();
	scl_decoder_refresh(&decoder);
	enum scl_field field =
		FAKE_HAS(code, localsplusnames) ? SCL_FIELD_code_localsplusnames : SCL_FIELD_code_varnames;
	put_u64(gen.frame.code->address + (uint32_t)rt.layout.off[field], NOWHERE);
	CHECK_INT(scl_local(decoder.locals, &gen.frame, "b"), 0);
	CHECK_INT(scl_frame_stack(decoder.locals, &gen.frame, values, 8), 0);
	scl_decoder_destroy(&decoder);
}

int main(void)
{
	RUN_LAYOUTS(variables_by_name);
	RUN_LAYOUTS(references_of_a_frame);
	RUN_LAYOUTS(the_stack);
	RUN_LAYOUTS(tags_are_no_part_of_a_value);
	RUN_LAYOUTS(code_without_names_has_no_variables);
	return check_finish();
}
