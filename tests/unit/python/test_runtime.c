/* The search for the interpreter and its version, on images of every layout. */
#include "fake_python.h"

#include "python/version.h"

enum { RUNTIME = 0x1000000, VERSION_AT = HEAP + HEAP_SIZE - 64 };

static const struct scl_layout *layout;
static scl_addr interp, sysdict;
static struct scl_runtime found;

static uint32_t hexversion(void)
{
	return fake_hexversion(layout);
}

static bool publishes(void)
{
	return layout->debug_offsets->field != SCL_NFIELDS;
}

/* The table that an interpreter of this layout publishes at the start of _PyRuntime. */
static void publish(uint64_t version, uint64_t free_threaded)
{
	scl_image_put(image, RUNTIME, "xdebugpy", 8);
	put_u64(RUNTIME + 8, version);
	put_u64(RUNTIME + 16, free_threaded);
	for (const struct scl_debug_offset *d = layout->debug_offsets; d->field != SCL_NFIELDS; d++) {
		if (layout->off[d->field] != SCL_ABSENT)
			put_u64(RUNTIME + d->at, (uint64_t)layout->off[d->field]);
		if (d->size_at != d->at)
			put_u64(RUNTIME + d->size_at, 1 << 20);
	}
	for (const struct scl_debug_offset *d = layout->debug_offsets; d->field != SCL_NFIELDS; d++)
		if (d->size_at == d->at)
			put_u64(RUNTIME + d->at, (uint64_t)layout->off[d->field]);
}

static void put_sys(int64_t version, const char *abiflags)
{
	sysdict = fake_sys(interp, version, abiflags);
}

/* A started interpreter; `size` is what the symbol says of _PyRuntime. */
static void make_interpreter(uint64_t size)
{
	scl_addr newer = heap_alloc(16384), type_type = heap_alloc(1024);
	layout = &rt.layout;
	if (!scl_image_map(image, RUNTIME, 1 << 20))
		abort();
	interp = heap_alloc(16384);
	/* The newest interpreter comes first and has no sys yet. */
	put_u64(AT(RUNTIME, runtime, interpreters_head), newer);
	put_u64(AT(newer, interp, next), interp);
	put_sys(hexversion(), "");
	put_u64(AT(type_type, object, type), type_type);
	CHECK(scl_image_add_symbol(image, "_PyRuntime", RUNTIME, size));
	CHECK(scl_image_add_symbol(image, "PyType_Type", type_type, 0));
	CHECK(scl_image_add_symbol(image, "PyCode_Type", 0x4242, 0));
	if (publishes())
		publish(hexversion(), 0);
}

static enum scl_status init(void)
{
	err = (struct scl_error){0};
	return scl_runtime_init(&found, image, &err) ? SCL_OK : err.code;
}

static void finds_it(void)
{
	make_interpreter(rt.layout.runtime_size);
	CHECK_INT(init(), SCL_OK);
	CHECK_INT(found.address, RUNTIME);
	CHECK_INT(found.hexversion, hexversion());
	CHECK_STR(found.layout.name, layout->name);
	CHECK_CONTAINS(found.version, layout->name);
	CHECK_INT(found.found, SCL_FOUND_SYMBOL);
	CHECK_INT(found.version_source, publishes() ? SCL_VERSION_DEBUG_OFFSETS : SCL_VERSION_HEXVERSION);
	CHECK_INT(found.code_type, 0x4242);
	CHECK(found.layout_exact && !found.free_threaded && !found.debug_build);
	CHECK(found.layout.published == publishes());
	CHECK_STR(found.module, "/image/python");
	CHECK_STR(found.program, "/image/python");
	CHECK(found.target == image);
}

/* Another micro version: nothing fits by size, and sys.hexversion still tells. */
static void finds_it_with_another_size(void)
{
	make_interpreter(12345);
	CHECK_INT(init(), SCL_OK);
	CHECK_STR(found.layout.name, layout->name);
	CHECK(found.layout_exact == publishes());
}

static void believes_py_version(void)
{
	make_interpreter(rt.layout.runtime_size);
	CHECK(scl_image_add_symbol(image, "Py_Version", VERSION_AT, 8));
	put_u64(VERSION_AT, hexversion());
	CHECK_INT(init(), SCL_OK);
	if (!publishes())
		CHECK_INT(found.version_source, SCL_VERSION_PY_VERSION);
	put_u64(VERSION_AT, 0x030700f0);
	CHECK_INT(init(), publishes() ? SCL_OK : SCL_EUNSUPPORTED);
	put_u64(VERSION_AT, UINT64_C(0x1030800f0));
	CHECK_INT(init(), publishes() ? SCL_OK : SCL_ECORRUPT);
}

static void knows_debug_builds(void)
{
	make_interpreter(rt.layout.runtime_size);
	put_sys(hexversion(), "d");
	CHECK_INT(init(), SCL_OK);
	CHECK(found.debug_build);
}

/* One whose file has no symbols. */
static void make_nameless(void)
{
	layout = &rt.layout;
	if (!scl_image_map(image, RUNTIME, 1 << 20))
		abort();
	interp = heap_alloc(16384);
	put_u64(AT(RUNTIME, runtime, interpreters_head), interp);
	put_sys(hexversion(), "");
}

static void finds_the_section(void)
{
	make_nameless();
	CHECK(scl_image_add_section(image, ".PyRuntime", RUNTIME, layout->runtime_size));
	if (publishes())
		publish(hexversion(), 0);
	CHECK_INT(init(), SCL_OK);
	CHECK_INT(found.found, SCL_FOUND_SECTION);
	CHECK_INT(found.code_type, 0);
}

/* Its file says nothing, and in its memory are other cookies, too: in code, and in what is no table. */
static void finds_the_cookie(void)
{
	make_nameless();
	if (publishes())
		publish(hexversion(), 0);
	scl_addr code = heap_alloc(64);
	scl_image_put(image, code + 3, "xdebugpy", 8);
	scl_image_put(image, heap_alloc(64), "xdebugpy\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3", 16);
	CHECK_INT(init(), publishes() ? SCL_OK : SCL_ENOTFOUND);
	if (publishes()) {
		CHECK_INT(found.found, SCL_FOUND_COOKIE);
		CHECK_INT(found.address, RUNTIME);
	}
}

/* Nothing names it and nothing is published: a list of interpreters whose only one has a thread is what there is. */
static void finds_the_list_of_interpreters(void)
{
	make_nameless();
	scl_addr thread = heap_alloc(4096), list = AT(RUNTIME, runtime, interpreters_head);
	put_u64(list + 8, interp);
	put_u64(AT(interp, interp, threads_head), thread);
	put_u64(AT(thread, thread, interp), thread); /* it belongs to another one */
	CHECK_INT(init(), SCL_ENOTFOUND);
	put_u64(AT(thread, thread, interp), interp);
	put_u64(AT(interp, interp, next), interp); /* not the last one */
	CHECK_INT(init(), SCL_ENOTFOUND);
	put_u64(AT(interp, interp, next), 0);
	CHECK_INT(init(), SCL_OK);
	CHECK_INT(found.found, SCL_FOUND_INTERPRETERS);
	CHECK_INT(found.address, RUNTIME);
	CHECK_INT(found.hexversion, hexversion());
	CHECK(!found.layout_exact);
	put_u64(list, 0x7f0000000000); /* a newer one that is not there */
	CHECK_INT(init(), SCL_ENOTFOUND);
}

static void says_what_is_missing(void)
{
	CHECK_INT(init(), SCL_ENOTFOUND);
	CHECK_STR(err.text, "no Python found (looked at /image/python)");
	CHECK(scl_image_add_symbol(image, "Py_GetVersion", 0x4000, 0));
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "CPython before 3.7, or without the symbol _PyRuntime, in /image/python is");
	CHECK_CONTAINS(err.text, "3.8 to 3.");
}

static void refuses_one_that_has_not_started(void)
{
	make_interpreter(rt.layout.runtime_size);
	put_u64(AT(interp, interp, sysdict), 0);
	CHECK_INT(init(), SCL_ENOTFOUND);
	CHECK_CONTAINS(err.text, "not started");
	put_u64(AT(RUNTIME, runtime, interpreters_head), 0);
	CHECK_INT(init(), SCL_ENOTFOUND);
}

static void refuses_a_list_without_end(void)
{
	make_interpreter(rt.layout.runtime_size);
	put_u64(AT(interp, interp, sysdict), 0);
	put_u64(AT(interp, interp, next), interp);
	CHECK(init() != SCL_OK);
	CHECK(scl_target_spent(image).calls < 20000);
}

static void refuses_other_objects(void)
{
	make_interpreter(rt.layout.runtime_size);
	scl_addr other = heap_alloc(64);
	struct scl_symbol type_type;
	struct scl_module module = {.path = "/image/python"};
	CHECK(scl_find_symbol(image, &module, "PyType_Type", &type_type, &err));
	put_u64(AT(type_type.addr, object, type), other);
	/* The trial finds sys.hexversion all the same; the head of the types must be right, too. */
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "Py_TRACE_REFS");
}

static void refuses_lying_versions(void)
{
	make_interpreter(rt.layout.runtime_size);
	put_sys(0x030700f0, "");
	CHECK(init() == (publishes() ? SCL_ECORRUPT : SCL_EUNSUPPORTED));
	put_sys(INT64_MAX, "");
	CHECK(init() != SCL_OK);
	put_u64(AT(interp, interp, sysdict), NOWHERE);
	CHECK(init() != SCL_OK);
	put_u64(AT(RUNTIME, runtime, interpreters_head), NOWHERE);
	CHECK(init() != SCL_OK);
}

static void refuses_published_lies(void)
{
	make_interpreter(rt.layout.runtime_size);
	if (!publishes())
		return;
	publish(hexversion(), 1);
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "free threading");
	publish(0x036300f0, 0); /* but its sys.hexversion is another one */
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "CPython 3.99.0 in /image/python is not supported: there are layouts for 3.8 to 3.");
	CHECK_CONTAINS(err.text, "does not fit: ");
	publish(0x040000f0, 0);
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "CPython 4.0.0 in /image/python is not supported: there are layouts for 3.8 to 3.");
	publish((hexversion() & 0xffff0000) | 0xa3, 0);
	CHECK_INT(init(), SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "0a3 in");
	publish(hexversion(), 0);
	put_u64(RUNTIME + layout->debug_offsets->at, UINT64_C(1) << 40);
	CHECK_INT(init(), SCL_ECORRUPT);
	CHECK_CONTAINS(err.text, "published offsets");
}

/* One that is newer than every table, and alike: it is tried, and marked. A pre-release of a known one likewise. */
static void tries_what_is_new(void)
{
	size_t n;
	make_interpreter(rt.layout.runtime_size);
	bool newest = scl_layouts(&n)[n - 1]->minor == layout->minor;
	if (!publishes())
		return;
	publish((hexversion() & ~UINT32_C(0xff)) | 0xb1, 0);
	put_sys((hexversion() & ~UINT32_C(0xff)) | 0xb1, "");
	CHECK_INT(init(), SCL_OK);
	CHECK(found.unverified);
	CHECK_STR(found.layout.name, layout->name);
	publish(0x036300f0, 0);
	put_sys(0x036300f0, "");
	CHECK_INT(init(), newest ? SCL_OK : SCL_EUNSUPPORTED);
	if (newest) {
		CHECK(found.unverified);
		CHECK_STR(found.version, "3.99.0");
		CHECK_STR(found.layout.name, layout->name);
	}
	publish(hexversion(), 0);
	put_sys(hexversion(), "");
	CHECK_INT(init(), SCL_OK);
	CHECK(!found.unverified);
}

static void writes_versions(void)
{
	static const struct {
		uint32_t hexversion;
		const char *text;
	} rows[] = {{0x030c01f0, "3.12.1"},   {0x030d00c2, "3.13.0rc2"}, {0x030e00a1, "3.14.0a1"},
		    {0x030f00b4, "3.15.0b4"}, {0x030812f0, "3.8.18"},	 {0xffffffff, "255.255.255"}};
	char text[24];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scl_version_text(rows[i].hexversion, text, sizeof text);
		CHECK_STR(text, rows[i].text);
	}
}

static void reads_versions_in_names(void)
{
	unsigned major = 0, minor = 0;
	CHECK(scl_version_hint("/usr/bin/python3.12", &major, &minor) && major == 3 && minor == 12);
	CHECK(scl_version_hint("/x/python3.8/lib/libpython3.7m.so.1.0", &major, &minor) && major == 3 && minor == 7);
	CHECK(scl_version_hint("python2.7", &major, &minor) && major == 2 && minor == 7);
	CHECK(!scl_version_hint("/usr/lib/python3.11/x.so", &major, &minor));
	CHECK(!scl_version_hint("/usr/bin/python3", &major, &minor));
	CHECK(!scl_version_hint("", &major, &minor));
}

static void names_its_sources(void)
{
	CHECK_STR(scl_runtime_found_text(SCL_FOUND_SYMBOL), "exported symbol _PyRuntime");
	CHECK_STR(scl_version_source_text(SCL_VERSION_HEXVERSION), "sys.hexversion");
}

int main(void)
{
	RUN_LAYOUTS(finds_it);
	RUN_LAYOUTS(finds_it_with_another_size);
	RUN_LAYOUTS(believes_py_version);
	RUN_LAYOUTS(knows_debug_builds);
	RUN_LAYOUTS(finds_the_section);
	RUN_LAYOUTS(finds_the_cookie);
	RUN_LAYOUTS(finds_the_list_of_interpreters);
	RUN_LAYOUTS(says_what_is_missing);
	RUN_LAYOUTS(refuses_one_that_has_not_started);
	RUN_LAYOUTS(refuses_a_list_without_end);
	RUN_LAYOUTS(refuses_other_objects);
	RUN_LAYOUTS(refuses_lying_versions);
	RUN_LAYOUTS(refuses_published_lies);
	RUN_LAYOUTS(tries_what_is_new);
	check_case = "text";
	RUN(writes_versions);
	RUN(reads_versions_in_names);
	RUN(names_its_sources);
	return check_finish();
}
