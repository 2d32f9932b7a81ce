/* The names of threads, out of threading._active in images of every layout. */
#include "fake_python.h"

enum { IDENT = 0x70001000, CAP = 16, MANY = 100 };

static char names[MANY][CAP];
static struct scl_thread_name wanted[MANY];

/* A Thread instance with a dict of its own. */
static scl_addr new_thread_object(scl_addr name)
{
	scl_addr keys[] = {new_ascii("_target"), new_ascii("_name")}, values[] = {name, name};
	scl_addr type = new_type(0, 64, "Thread"), object = new_object(type, 64);
	put_u64(AT(type, type, dictoffset), 32);
	put_u64(object + 32, new_dict(GENERAL, keys, values, 2));
	return object;
}

/* sys.modules with a module threading whose dict has `_active`. */
static struct scl_interpreter with_active(scl_addr active)
{
	scl_addr keys[] = {new_ascii("get_ident"), new_ascii("_active")}, values[] = {active, active};
	scl_addr module = new_object(new_type(0, 64, "module"), 64), module_key = new_ascii("threading");
	put_u64(AT(module, module, dict), new_dict(GENERAL, keys, values, 2));
	return (struct scl_interpreter){.modules = new_dict(GENERAL, &module_key, &module, 1)};
}

static bool read_names(const struct scl_interpreter *interp, const uint64_t *idents, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], CAP, "old");
		wanted[i] = (struct scl_thread_name){idents[i], names[i], CAP};
	}
	err = (struct scl_error){.code = SCL_OK};
	return scl_thread_names_read(&rt, interp, wanted, n, &err);
}

/* The name of one thread, from a walk for it alone. */
static const char *name_of(const struct scl_interpreter *interp, uint64_t ident)
{
	return read_names(interp, &ident, 1) ? names[0] : "(failed)";
}

static void threads_have_the_names_that_python_gave_them(void)
{
	scl_addr keys[] = {new_ascii("no int"), new_int(7), new_int(IDENT)};
	scl_addr values[] = {new_thread_object(new_ascii("A")), new_thread_object(new_ascii("B")),
			     new_thread_object(new_str(1, true, false, "Z\xe9ro", 4))};
	struct scl_interpreter interp = with_active(new_dict(GENERAL, keys, values, 3));
	CHECK(read_names(&interp, (uint64_t[]){IDENT, 8, 7, IDENT}, 4));
	CHECK_STR(names[0], "Z\xc3\xa9ro");
	CHECK_STR(names[1], "");
	CHECK_STR(names[2], "B");
	CHECK_STR(names[3], "Z\xc3\xa9ro");
	CHECK(read_names(&interp, NULL, 0));
}

/* More than one block, and each of them read at once. */
static void many_threads_are_one_walk(void)
{
	scl_addr keys[10 * MANY], values[10 * MANY], other = new_thread_object(new_ascii("other"));
	uint64_t idents[MANY];
	for (size_t i = 0; i < 10 * MANY; i++) {
		char name[CAP];
		snprintf(name, sizeof name, "T-%zu", i / 10);
		keys[i] = new_int((int64_t)(IDENT + i * 4096));
		values[i] = i % 10 ? other : new_thread_object(new_ascii(name));
		if (i % 10 == 0)
			idents[MANY - 1 - i / 10] = IDENT + i * 4096;
	}
	struct scl_interpreter interp = with_active(new_dict(GENERAL, keys, values, 10 * (size_t)MANY));
	CHECK(read_names(&interp, idents, MANY));
	for (size_t i = 0; i < MANY; i++) {
		char name[CAP];
		snprintf(name, sizeof name, "T-%zu", MANY - 1 - i);
		CHECK_STR(names[i], name);
	}
	struct scl_read_budget before = scl_target_spent(image);
	CHECK_STR(name_of(&interp, idents[0]), "T-99");
	struct scl_read_budget after = scl_target_spent(image);
	CHECK(after.calls - before.calls < 2 * (10 * MANY / SCL_DICT_BLOCK + 1) + 60);
}

static void no_threading_means_no_name(void)
{
	struct scl_interpreter interp = {.modules = new_dict(GENERAL, NULL, NULL, 0)};
	CHECK_STR(name_of(&interp, IDENT), "");
	interp.modules = 0;
	CHECK_STR(name_of(&interp, IDENT), "");
	interp.modules = NOWHERE;
	CHECK_STR(name_of(&interp, IDENT), "(failed)");
	CHECK_INT(err.code, SCL_EFAULT);
	interp = with_active(NOWHERE);
	CHECK_STR(name_of(&interp, IDENT), "(failed)");
	CHECK_STR(names[0], "");
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_CONTAINS(err.text, "threading._active");
}

/* Keys, Threads and names that are nowhere cost their own names and no other. */
static void torn_entries_harm_nobody_else(void)
{
	scl_addr good = new_thread_object(new_ascii("good"));
	scl_addr keys[] = {NOWHERE, new_int(1), new_int(2), new_int(3)};
	scl_addr values[] = {good, NOWHERE, new_thread_object(NOWHERE), good};
	struct scl_interpreter interp = with_active(new_dict(GENERAL, keys, values, 4));
	CHECK(read_names(&interp, (uint64_t[]){1, 2, 3}, 3));
	CHECK_STR(names[0], "");
	CHECK_STR(names[1], "");
	CHECK_STR(names[2], "good");
}

/* The table ends after its first entries: the names before that are good. */
static void a_walk_that_breaks_off_keeps_what_it_has(void)
{
	enum { TABLE = 0x60000000, N = SCL_DICT_BLOCK };
	scl_addr keys[N], values[N], good = new_thread_object(new_ascii("good"));
	for (size_t i = 0; i < N; i++) {
		keys[i] = new_int((int64_t)i + 1);
		values[i] = good;
	}
	scl_addr active = new_dict(GENERAL, keys, values, N), table;
	size_t size = (size_t)scl_off(&rt.layout, dictkeys, indices) + 64 + 24 * (size_t)N;
	void *copy = scl_image_map(image, TABLE, size);
	if (!copy || !scl_read_ptr(image, AT(active, dict, keys), &table, NULL) ||
	    !scl_read(image, table, copy, size, NULL))
		abort();
	put_u64(AT(TABLE, dictkeys, nentries), N + 1);
	put_u64(AT(active, dict, keys), TABLE);
	struct scl_interpreter interp = with_active(active);
	CHECK(!read_names(&interp, (uint64_t[]){1, N, N + 1}, 3));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_CONTAINS(err.text, "threading._active");
	CHECK_STR(names[0], "good");
	CHECK_STR(names[1], "good");
	CHECK_STR(names[2], "");
}

static void lies_are_no_names(void)
{
	const uint32_t digits[] = {0x3fffffff, 0x3fffffff, 0x3fffffff};
	scl_addr good = new_thread_object(new_ascii("good")), bad = new_thread_object(new_int(5));
	scl_addr keys[] = {new_int(1), new_int_digits(false, digits, 3), new_int(-2), new_int(3), new_int(3), good};
	scl_addr values[] = {bad, good, good, good, new_thread_object(new_ascii("second")), good};
	struct scl_interpreter interp = with_active(new_dict(GENERAL, keys, values, 6));
	CHECK(read_names(&interp, (uint64_t[]){1, 2, 3, UINT64_MAX}, 4));
	CHECK_STR(names[0], "");
	CHECK_STR(names[1], "");
	CHECK_STR(names[2], "good"); /* the first of two */
	CHECK_STR(names[3], "");
}

int main(void)
{
	RUN_LAYOUTS(threads_have_the_names_that_python_gave_them);
	RUN_LAYOUTS(many_threads_are_one_walk);
	RUN_LAYOUTS(no_threading_means_no_name);
	RUN_LAYOUTS(torn_entries_harm_nobody_else);
	RUN_LAYOUTS(a_walk_that_breaks_off_keeps_what_it_has);
	RUN_LAYOUTS(lies_are_no_names);
	return check_finish();
}
