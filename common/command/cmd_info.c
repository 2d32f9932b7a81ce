/* cmd_info.c - info: which Python this is, and how sure we are. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "command/table.h"
#include "command/view.h"
#include "python/threads.h"

struct facts {
	uint64_t interpreters, threads, lwps;
	bool lwps_known;
	bool gil_known, gil_free;
	scl_addr gil_holder;
	uint64_t holder_lwp; /* 0: not known */
	uint64_t pid_inside; /* 0: its pid is ours */
	struct scl_buffer command;
	struct scl_error broken; /* why a list ended early; SCL_OK: it did not */
};

static bool count_lwp(uint64_t lwp, void *arg)
{
	(void)lwp;
	++*(uint64_t *)arg;
	return true;
}

/* The GIL of the main interpreter; the others may share it (before 3.12 they always do). */
static void read_gil(const struct scl_runtime *rt, const struct scl_interpreter *interp, struct facts *facts)
{
	struct scl_gil gil;

	if (interp->id != 0 || !scl_gil_read(rt, interp, &gil, NULL) || gil.disabled)
		return;
	facts->gil_known = true;
	facts->gil_free = !gil.locked;
	facts->gil_holder = gil.locked ? gil.holder : 0;
}

static void read_lists(const struct scl_runtime *rt, struct facts *facts)
{
	struct scl_interpreter interp = {0};
	struct scl_threads cursor;
	struct scl_thread thread;

	while (scl_interpreter_next(rt, &interp, &facts->broken)) {
		facts->interpreters++;
		read_gil(rt, &interp, facts);
	}
	struct scl_error err = {0};
	scl_threads_init(&cursor, rt);
	while (scl_threads_next(&cursor, &thread, &err)) {
		facts->threads++;
		if (facts->gil_holder && thread.address == facts->gil_holder)
			facts->holder_lwp = thread.lwp;
	}
	if (facts->broken.code == SCL_OK)
		facts->broken = err;
	facts->lwps_known = scl_for_each_lwp(rt->target, count_lwp, &facts->lwps, NULL);
}

/* As a shell would show it, but for quoting. */
static void read_command(struct scl_session *session, struct facts *facts)
{
	const char *const *argv = NULL;
	size_t argc = 0;

	if (!scl_target_command_line(session->target, &session->arena, &argv, &argc, NULL))
		return;
	for (size_t i = 0; i < argc; i++) {
		if (i)
			scl_buffer_putc(&facts->command, ' ');
		scl_buffer_puts(&facts->command, argv[i]);
	}
}

static const char *build_text(const struct scl_runtime *rt)
{
	if (rt->free_threaded)
		return rt->debug_build ? "debug build, free-threaded" : "release build, free-threaded";
	return rt->debug_build ? "debug build with a GIL" : "release build with a GIL";
}

static const char *layout_text(const struct scl_runtime *rt)
{
	if (rt->layout.published)
		return "built-in table, refined by the offsets that the interpreter publishes";
	return "built-in table";
}

static const char *confidence_text(const struct scl_runtime *rt)
{
	if (rt->unverified)
		return "unverified: this version has no table; with the one named above its sys.hexversion is right";
	if (rt->layout.published)
		return "exact: the interpreter publishes its layout";
	if (rt->layout_exact)
		return "exact: _PyRuntime has the size that the table expects";
	if (rt->found == SCL_FOUND_INTERPRETERS)
		return "likely: with this layout there is an interpreter, and its sys.hexversion is right";
	return "likely: _PyRuntime has another size than in the build that the table was made from";
}

static void put_line(struct scl_session *session, const char *key, const char *text)
{
	struct scl_buffer *out = &session->out;

	scl_buffer_printf(out, "%-13s ", key);
	scl_view_put(session, text, out);
	scl_buffer_putc(out, '\n');
}

static void print_counts(struct scl_session *session, const struct facts *facts)
{
	scl_out(session, "%-13s %" PRIu64 "\n", "interpreters", facts->interpreters);
	scl_out(session, "%-13s %" PRIu64 " of Python", "threads", facts->threads);
	if (facts->lwps_known)
		scl_out(session, ", %" PRIu64 " of the process", facts->lwps);
	scl_out(session, "\n");
	if (!facts->gil_known)
		return;
	if (facts->gil_free)
		scl_out(session, "%-13s free\n", "GIL");
	else if (facts->holder_lwp)
		scl_out(session, "%-13s held by thread %" PRIu64 "\n", "GIL", facts->holder_lwp);
	else
		scl_out(session, "%-13s held by the thread state at 0x%" PRIx64 "\n", "GIL", facts->gil_holder);
}

static void print_text(struct scl_session *session, const struct facts *facts)
{
	const struct scl_runtime *rt = session->rt;

	scl_out(session, "%-13s %s, %s\n", "Python", rt->version, build_text(rt));
	scl_out(session, "%-13s %d (%s)", "process", scl_target_pid(session->target), scl_target_kind(session->target));
	if (facts->pid_inside)
		scl_out(session, ", %" PRIu64 " in its pid namespace", facts->pid_inside);
	scl_out(session, "\n");
	if (facts->command.len)
		put_line(session, "command", facts->command.data);
	put_line(session, "executable", rt->program);
	if (strcmp(rt->module, rt->program) != 0)
		put_line(session, "libpython", rt->module);
	scl_out(session, "%-13s %s, at 0x%" PRIx64 "\n", "found by", scl_runtime_found_text(rt->found), rt->address);
	scl_out(session, "%-13s %s\n", "version from", scl_version_source_text(rt->version_source));
	scl_out(session, "%-13s %s: %s\n", "layout", rt->layout.name, layout_text(rt));
	scl_out(session, "%-13s %s\n", "confidence", confidence_text(rt));
	if (rt->other[0])
		put_line(session, "not read", rt->other);
	print_counts(session, facts);
	if (facts->broken.code != SCL_OK)
		put_line(session, "incomplete", facts->broken.text);
}

static void json_counts(cJSON *document, const struct facts *facts)
{
	cJSON_AddNumberToObject(document, "interpreters", (double)facts->interpreters);
	cJSON_AddNumberToObject(document, "threads", (double)facts->threads);
	if (facts->lwps_known)
		cJSON_AddNumberToObject(document, "lwps", (double)facts->lwps);
	if (facts->gil_known)
		cJSON_AddBoolToObject(document, "gil_free", facts->gil_free);
	if (facts->gil_known && facts->holder_lwp)
		cJSON_AddNumberToObject(document, "gil_holder", (double)facts->holder_lwp);
	if (facts->broken.code != SCL_OK)
		cJSON_AddStringToObject(document, "incomplete", facts->broken.text);
}

static bool print_json(struct scl_session *session, const struct scl_args *args, const struct facts *facts,
		       struct scl_error *err)
{
	const struct scl_runtime *rt = session->rt;
	cJSON *document = cJSON_CreateObject();

	cJSON_AddStringToObject(document, "python", rt->version);
	cJSON_AddBoolToObject(document, "debug_build", rt->debug_build);
	cJSON_AddBoolToObject(document, "free_threaded", rt->free_threaded);
	cJSON_AddNumberToObject(document, "pid", scl_target_pid(session->target));
	if (facts->pid_inside)
		cJSON_AddNumberToObject(document, "pid_inside", (double)facts->pid_inside);
	cJSON_AddStringToObject(document, "target", scl_target_kind(session->target));
	cJSON_AddStringToObject(document, "command", scl_buffer_str(&facts->command));
	cJSON_AddStringToObject(document, "executable", rt->program);
	cJSON_AddStringToObject(document, "module", rt->module);
	cJSON_AddStringToObject(document, "found_by", scl_runtime_found_text(rt->found));
	cJSON_AddStringToObject(document, "version_from", scl_version_source_text(rt->version_source));
	cJSON_AddStringToObject(document, "layout", rt->layout.name);
	cJSON_AddBoolToObject(document, "layout_published", rt->layout.published);
	cJSON_AddBoolToObject(document, "layout_exact", rt->layout_exact);
	cJSON_AddBoolToObject(document, "unverified", rt->unverified);
	if (rt->other[0])
		cJSON_AddStringToObject(document, "not_read", rt->other);
	json_counts(document, facts);
	bool done = scl_out_json(session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool run_info(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct facts facts = {0};
	bool done = true;

	read_lists(session->rt, &facts);
	if (!scl_session_go_on(session, err))
		return false;
	read_command(session, &facts);
	struct scl_process process;
	if (scl_target_process(session->target, &process, NULL))
		facts.pid_inside = process.inside;
	if (scl_arg(args, "--json")->given)
		done = print_json(session, args, &facts, err);
	else
		print_text(session, &facts);
	scl_buffer_destroy(&facts.command);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON"},
};

const struct scl_command scl_cmd_info = {
	.name = "info",
	.summary = "which Python this is, how it was found, and how sure that is",
	.details = "The interpreter is found by its exported symbol, by its section (3.10), by the cookie of the "
		   "offsets that it "
		   "publishes (3.13), or by the list of interpreters in its data. Where a process has two, the one "
		   "that it has "
		   "started with is read, and the other is named under \"not read\".",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_info,
	.example = "$ scalene info\n"
		   "Python        3.11.2, release build with a GIL\n"
		   "process       16024 (live)\n"
		   "command       /usr/bin/python3 app.py\n"
		   "executable    /usr/bin/python3.11\n"
		   "found by      exported symbol _PyRuntime, at 0xa5b740\n"
		   "version from  exported constant Py_Version\n"
		   "layout        3.11: built-in table\n"
		   "confidence    exact: _PyRuntime has the size that the table expects\n"
		   "interpreters  1\n"
		   "threads       2 of Python, 2 of the process\n"
		   "GIL           free",
};
