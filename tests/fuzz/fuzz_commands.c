/*
 * fuzz_commands.c - whole commands over an interpreter that lies, and what they print.
 *
 * Input: the layout, the command with the switches below, then mutations (lies.h). The image has two threads with
 * names, sys, and symbols, so that a command finds the interpreter as it would in a process. Whatever the structures
 * say, the command ends, and what it printed cannot steer a terminal; JSON is JSON.
 */
#include <cjson/cJSON.h>

#include "command/python_session.h"
#include "harmless.h"
#include "lies.h"

enum {
	COMMAND = 0x0f,
	RUNS = 0x10,   /* the target is not known to stand still: no page cache */
	ADOPTS = 0x20, /* the interpreter is known from an earlier command, not looked for */
	WORKER_IDENT = 0x70001000,
};

static const char *const commands[] = {
	"info",
	"info --json",
	"threads",
	"threads --json",
	"bt",
	"bt --all",
	"bt --all --limit 2",
	"bt --all --json",
	"sample 1 --no-resume",
	"sample 1 --no-resume --quiet",
	"sample 1 --no-resume --profile-all",
	"sample 1 --no-resume --threads gil",
};

static scl_addr only_interpreter(void)
{
	scl_addr interp;
	if (!scl_read_ptr(image, AT(FAKE_RUNTIME, runtime, interpreters_head), &interp, NULL))
		abort();
	return interp;
}

static void add_worker(scl_addr interp)
{
	scl_addr worker = fake_thread(interp, 2, WORKER_IDENT, FOREIGN_LWP);
	scl_addr code = fake_code("lib/worker.py", "loop", 100, 200);
	fake_set_innermost(worker, fake_frame(fake_entry_frame(0, code, 4), code, 150));
}

static void add_names(scl_addr interp)
{
	scl_addr key = new_int(WORKER_IDENT), value = fake_thread_object(new_str(1, true, false, "Z\xe9ro", 4));
	put_u64(AT(interp, interp, modules), fake_modules(new_dict(GENERAL, &key, &value, 1)));
	fake_sys(interp, fake_hexversion(&rt.layout), "");
}

static void add_symbols(void)
{
	scl_addr version = heap_alloc(8);
	put_u64(version, fake_hexversion(&rt.layout));
	if (!scl_image_add_symbol(image, "_PyRuntime", FAKE_RUNTIME, rt.layout.runtime_size) ||
	    !scl_image_add_symbol(image, "Py_Version", version, 8) ||
	    !scl_image_add_symbol(image, "PyCode_Type", rt.code_type, 0))
		abort();
}

static void build(void)
{
	open_python();
	add_worker(only_interpreter());
	add_names(only_interpreter());
	add_symbols();
	make_stack("app.py", 5);
}

static void forget_runtime(void)
{
	free(session->rt);
	session->rt = NULL;
}

static void require_json(const char *text)
{
	cJSON *document = cJSON_Parse(text);
	if (!document)
		abort();
	cJSON_Delete(document);
}

/* The profile as Scalene's JSON, and a second look at it. */
static void require_profile(void)
{
	struct scl_writer_options options = {0};
	struct scl_buffer out = {0};
	if (!scl_writer_scalene.write(session->profile, &options, &out, &err))
		abort();
	require_json(scl_buffer_str(&out));
	scl_buffer_destroy(&out);
	if (!run("report"))
		abort();
	require_harmless(printed(), fake.out.len, true);
}

/* must: nothing lies, so that it must succeed. */
static void run_command(const char *line, bool must)
{
	bool done = run(line);
	require_harmless(printed(), fake.out.len, true);
	require_harmless(err.text, strlen(err.text), false);
	if (!done && (must || err.code == SCL_OK))
		abort();
	if (done && strstr(line, "--json"))
		require_json(printed());
	if (done && session->profile)
		require_profile();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t layouts;
	const struct scl_layout *const *table = scl_layouts(&layouts);
	struct input input = {data, size};
	heap_open(table[take(&input, 1) % layouts]);
	uint32_t what = take(&input, 1);
	build();
	if (!(what & ADOPTS))
		forget_runtime();
	fake.host.still = !(what & RUNS);
	bool lies = input.size > 0;
	mutate(&input);
	run_command(commands[(what & COMMAND) % (sizeof(commands) / sizeof(commands[0]))], !lies);
	close_python();
	heap_close();
	return 0;
}
