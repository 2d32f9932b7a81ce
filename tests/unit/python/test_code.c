/* Code objects and their cache, on images of every layout. */
#include "fake_python.h"

#include "python/code.h"

static const struct scl_code *code;

/* A cache that checks an entry again whenever it is asked for. */
static struct scl_codes *open_codes(void)
{
	struct scl_codes *codes = scl_codes_create(&rt, 0);
	if (!codes)
		abort();
	return codes;
}

static enum scl_status get(struct scl_codes *codes, scl_addr address)
{
	err = (struct scl_error){0};
	return scl_codes_get(codes, address, &code, &err) ? SCL_OK : err.code;
}

static void decodes_one(void)
{
	fake_runtime();
	scl_addr at = fake_code("/app/a.py", "run", 10, 6);
	fake_put_u32(AT(at, code, flags), SCL_CO_COROUTINE);
	struct scl_codes *codes = open_codes();
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK_STR(code->filename, "/app/a.py");
	CHECK_STR(code->name, "run");
	CHECK_STR(code->qualname, FAKE_HAS(code, qualname) ? "Class.run" : "run");
	CHECK_INT(code->firstlineno, 10);
	CHECK_INT(code->flags, SCL_CO_COROUTINE);
	CHECK_INT(code->bytecode, fake_bytecode(at));
	CHECK_INT(code->bytecode_size, 12);
	CHECK_INT(code->linetable_size, 12);
	for (int32_t unit = 0; unit < 6; unit++)
		for (int repeat = 0; repeat < 2; repeat++)
			CHECK_INT(scl_code_line(codes, code, 2 * unit), 10 + unit);
	CHECK_INT(scl_code_line(codes, code, -1), 10);
	scl_codes_destroy(codes);
}

static void more_lines_than_are_remembered(void)
{
	fake_runtime();
	struct scl_codes *codes = open_codes();
	CHECK_INT(get(codes, fake_code("a.py", "f", 100, 200)), SCL_OK);
	for (int repeat = 0; repeat < 2; repeat++)
		for (int32_t unit = 0; unit < 200; unit++)
			CHECK_INT(scl_code_line(codes, code, 2 * unit), 100 + unit);
	scl_codes_destroy(codes);
}

static void knows_calls(void)
{
	unsigned opcode = 0;
	fake_runtime();
	while (opcode < 255 && !scl_opcode_calls(&rt.layout, (uint8_t)opcode))
		opcode++;
	scl_addr at = fake_code("a.py", "f", 1, 4);
	scl_image_put_u8(image, fake_bytecode(at) + 4, (uint8_t)opcode);
	struct scl_codes *codes = open_codes();
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK(scl_code_calls_at(codes, code, 4));
	CHECK(!scl_code_calls_at(codes, code, 2));
	CHECK(!scl_code_calls_at(codes, code, -1));
	CHECK(!scl_code_calls_at(codes, code, 8));
	scl_codes_destroy(codes);
}

static void equal_names_share_memory(void)
{
	fake_runtime();
	struct scl_codes *codes = open_codes();
	CHECK_INT(get(codes, fake_code("a.py", "f", 1, 2)), SCL_OK);
	const struct scl_code *first = code;
	CHECK_INT(get(codes, fake_code("a.py", "g", 5, 2)), SCL_OK);
	CHECK(first->filename == code->filename);
	CHECK(first->serial != code->serial);
	scl_codes_destroy(codes);
}

static void an_entry_is_kept(void)
{
	fake_runtime();
	struct scl_codes *codes = open_codes();
	scl_addr at = fake_code("a.py", "f", 1, 2);
	CHECK_INT(get(codes, at), SCL_OK);
	const struct scl_code *first = code;
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK(first == code);
	scl_codes_destroy(codes);
}

static void another_code_object_at_the_same_address_is_seen(void)
{
	fake_runtime();
	struct scl_codes *codes = open_codes();
	scl_addr at = fake_code("a.py", "f", 1, 2);
	CHECK_INT(get(codes, at), SCL_OK);
	const struct scl_code *first = code;
	put_u64(AT(at, code, name), new_ascii("other"));
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK_STR(code->name, "other");
	CHECK_STR(first->name, "f");
	CHECK(first->serial != code->serial);
	/* Freed, and no longer a code object at all. */
	put_u64(AT(at, object, type), new_type(0, 0, "cell"));
	CHECK_INT(get(codes, at), SCL_ECORRUPT);
	scl_codes_destroy(codes);
}

static void a_young_entry_is_believed(void)
{
	fake_runtime();
	struct scl_codes *codes = scl_codes_create(&rt, UINT64_MAX);
	scl_addr at = fake_code("a.py", "f", 1, 2);
	CHECK_INT(get(codes, at), SCL_OK);
	put_u64(AT(at, code, name), new_ascii("other"));
	uint64_t calls = scl_target_spent(image).calls;
	scl_codes_tick(codes);
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK_STR(code->name, "f");
	CHECK_INT(scl_target_spent(image).calls, calls);
	scl_codes_destroy(codes);
}

static void the_type_is_learnt(void)
{
	fake_runtime();
	scl_addr at = fake_code("a.py", "f", 1, 2), other = new_object(new_type(0, 0, "coder"), 400);
	rt.code_type = 0;
	struct scl_codes *codes = open_codes();
	CHECK_INT(get(codes, other), SCL_ECORRUPT);
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK_INT(get(codes, other), SCL_ECORRUPT);
	scl_codes_destroy(codes);
}

/* Each lie alone makes the code object none. */
static void lies_are_refused(void)
{
	fake_runtime();
	struct scl_codes *codes = open_codes();
	scl_addr none = new_object(new_type(0, 0, "object"), 64), at;
	const enum scl_field pointers[] = {SCL_FIELD_code_filename, SCL_FIELD_code_name, SCL_FIELD_code_linetable,
					   SCL_FIELD_code_qualname, SCL_FIELD_code_bytecode};

	CHECK_INT(get(codes, NOWHERE), SCL_EFAULT);
	CHECK_INT(get(codes, HEAP + 4), SCL_ECORRUPT);
	CHECK_INT(get(codes, none), SCL_ECORRUPT);
	for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
		int32_t off = rt.layout.off[pointers[i]];
		if (off == SCL_ABSENT)
			continue;
		at = fake_code("a.py", "f", 1, 2);
		put_u64(at + (scl_addr)off, none);
		CHECK_INT(get(codes, at), SCL_ECORRUPT);
		put_u64(at + (scl_addr)off, NOWHERE);
		CHECK_INT(get(codes, at), SCL_EFAULT);
		CHECK_CONTAINS(err.text, "code object at 0x");
	}
	scl_codes_destroy(codes);
}

static void absurd_sizes_are_refused(void)
{
	const uint64_t sizes[] = {0, UINT64_MAX, UINT64_C(1) << 63, SCL_BYTECODE_MAX + 2, UINT64_C(1) << 40};
	fake_runtime();
	struct scl_codes *codes = open_codes();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		scl_addr at = fake_code("a.py", "f", 1, 2), table, size_at = AT(at, code, size), bytes;
		if (!FAKE_HAS(code, adaptive)) {
			CHECK(scl_read_ptr(image, AT(at, code, bytecode), &bytes, &err));
			size_at = AT(bytes, bytes, size);
		}
		put_u64(size_at, sizes[i]);
		CHECK_INT(get(codes, at), SCL_ECORRUPT);
		at = fake_code("a.py", "f", 1, 2);
		CHECK(scl_read_ptr(image, AT(at, code, linetable), &table, &err));
		put_u64(AT(table, bytes, size), sizes[i]);
		CHECK_INT(get(codes, at), sizes[i] ? SCL_ECORRUPT : SCL_OK);
	}
	scl_codes_destroy(codes);
}

/* Code objects that are made for ever cost a bounded amount, and a reset makes room again. */
static void memory_is_bounded(void)
{
	enum { SIZE = 1 << 20 };
	fake_runtime();
	struct scl_codes *codes = open_codes();
	scl_addr at = fake_code("a.py", "f", 1, 2), table = heap_alloc(64 + SIZE / 2);
	unsigned n = 0;

	put_u64(AT(table, object, type), builtin_type(SCL_TYPE_BYTES, "bytes"));
	put_u64(AT(table, bytes, size), SIZE / 2);
	put_u64(AT(at, code, linetable), table);
	for (; n < 2000 && get(codes, at) == SCL_OK; n++)
		fake_put_u32(AT(at, code, firstlineno), n + 2);
	CHECK_INT(err.code, SCL_EBUDGET);
	CHECK(n > 400 && n <= 512);
	CHECK(scl_codes_full(codes));
	uint32_t serial = code->serial;
	scl_codes_reset(codes);
	CHECK(!scl_codes_full(codes));
	CHECK_INT(get(codes, at), SCL_OK);
	CHECK(code->serial > serial);
	scl_codes_destroy(codes);
}

int main(void)
{
	RUN_LAYOUTS(decodes_one);
	RUN_LAYOUTS(more_lines_than_are_remembered);
	RUN_LAYOUTS(knows_calls);
	RUN_LAYOUTS(equal_names_share_memory);
	RUN_LAYOUTS(an_entry_is_kept);
	RUN_LAYOUTS(another_code_object_at_the_same_address_is_seen);
	RUN_LAYOUTS(a_young_entry_is_believed);
	RUN_LAYOUTS(the_type_is_learnt);
	RUN_LAYOUTS(lies_are_refused);
	RUN_LAYOUTS(absurd_sizes_are_refused);
	/* The bound is the cache's, not the layout's: once is enough. */
	size_t n;
	heap_open(scl_layouts(&n)[0]);
	RUN(memory_is_bounded);
	heap_close();
	return check_finish();
}
