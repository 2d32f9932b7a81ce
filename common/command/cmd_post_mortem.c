/* cmd_post_mortem.c - post-mortem: all that a core dump tells, from why it was written to who waited for whom. */
#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "command/args.h"
#include "command/death.h"
#include "command/table.h"
#include "command/view.h"
#include "target/core.h"

enum { WORDS_MAX = 3 };

/* The parts, in order: commands with their words. */
static const struct part {
	const struct scl_command *command;
	const char *const words[WORDS_MAX];
	size_t n;
	const char *title;
} parts[] = {
	{&scl_cmd_bt, {0}, 0, "where it was"},
	{&scl_cmd_info, {0}, 0, "which Python"},
	{&scl_cmd_threads, {0}, 0, "threads"},
	{&scl_cmd_tasks, {"--limit", "20"}, 2, "tasks"},
	{&scl_cmd_await_report, {0}, 0, "what the tasks waited for"},
	{&scl_cmd_diagnose, {0}, 0, "what the thread was doing"},
};

static void put_death(struct scl_session *session)
{
	struct scl_death death;
	struct scl_error err;

	scl_buffer_puts(&session->out, "died      ");
	if (scl_target_death(session->target, &death, &err))
		scl_death_describe(&death, &session->out);
	else
		scl_buffer_printf(&session->out, "not known: %s", err.text);
	scl_out(session, "\nprocess   %d\n", scl_target_pid(session->target));
	uint64_t missing = scl_core_missing_bytes(session->target);
	if (missing)
		scl_out(session, "damage    the core is truncated: %" PRIu64 " bytes of it are missing\n", missing);
}

/* The program and libpython are what matters; extension modules and the C library are not read by us. */
struct missing {
	struct scl_session *session;
	unsigned others;
};

static bool is_interpreter(const struct scl_core_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;

	return file->main || strncmp(name, "libpython", 9) == 0 || strncmp(name, "python", 6) == 0;
}

static bool put_problem(const struct scl_core_file *file, void *arg)
{
	struct missing *missing = arg;

	if (file->problem && is_interpreter(file))
		scl_out(missing->session, "missing   %s\n", file->problem);
	else if (file->problem)
		missing->others++;
	return scl_session_go_on(missing->session, NULL);
}

static void put_problems(struct scl_session *session)
{
	struct missing missing = {.session = session};

	scl_core_for_each_file(session->target, put_problem, &missing);
	if (missing.others)
		scl_out(session, "missing   the files of %u more libraries, which --json names\n", missing.others);
}

/* What is known of a thread without Python. */
static bool put_lwp(uint64_t lwp, void *arg)
{
	struct scl_session *session = arg;
	struct scl_lwp_status status;

	if (!scl_lwp_status(session->target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL, &status, NULL))
		return true;
	const char *call = status.in_syscall	 ? scl_syscall_name(status.syscall)
			   : status.state == 'S' ? "a system call"
						 : NULL;
	scl_out(session, "thread    %" PRIu64 "%s%s\n", lwp, call ? ", blocked in " : "", call ? call : "");
	return scl_session_go_on(session, NULL);
}

static bool run_part(struct scl_session *session, const struct part *part, struct scl_error *err)
{
	struct scl_args args;

	/* As for a command of its own; what the user typed has been looked at. */
	scl_arena_reset(&session->arena);
	scl_out(session, "\n-- %s: %s\n", part->title, part->command->name);
	return scl_args_parse(&session->arena, part->command, part->n, part->words, &args, err) &&
	       part->command->run(session, &args, err);
}

/* What one part cannot tell keeps no other from it. */
static bool run_parts(struct scl_session *session, struct scl_error *err)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct scl_error why = {0};
		if (!run_part(session, &parts[i], &why)) {
			if (!scl_session_go_on(session, err))
				return false;
			scl_out(session, "%s\n", why.text);
		}
		if (!scl_out_flush(session))
			return scl_session_go_on(session, err);
	}
	return true;
}

static bool json_file(const struct scl_core_file *file, void *arg)
{
	cJSON *files = arg, *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "path", file->path);
	cJSON_AddStringToObject(object, "build_id", file->build_id);
	if (file->problem)
		cJSON_AddStringToObject(object, "problem", file->problem);
	cJSON_AddItemToArray(files, object);
	return true;
}

static bool print_json(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	cJSON *document = cJSON_CreateObject();
	struct scl_death death;

	cJSON_AddNumberToObject(document, "pid", scl_target_pid(session->target));
	if (scl_target_death(session->target, &death, NULL))
		cJSON_AddItemToObject(document, "death", scl_death_json(&death));
	cJSON_AddNumberToObject(document, "missing_bytes", (double)scl_core_missing_bytes(session->target));
	scl_core_for_each_file(session->target, json_file, cJSON_AddArrayToObject(document, "files"));
	bool done = scl_out_json(session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool run_post_mortem(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	if (!scl_target_is_dead(session->target))
		return scl_fail(
			err, SCL_EUNSUPPORTED,
			"process %d lives: there is nothing to say of its death; \"%sdiagnose\" says what it does",
			scl_target_pid(session->target), session->host->prompt);
	if (scl_arg(args, "--json")->given)
		return print_json(session, args, err);
	put_death(session);
	put_problems(session);
	if (scl_session_prepare_runtime(session, err))
		return run_parts(session, err);
	(void)!scl_for_each_lwp(session->target, put_lwp, session, NULL);
	return false;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--json",
	 .kind = SCL_ARG_OPTIONAL_FILE,
	 .metavar = "FILE",
	 .help = "the death and the files, as JSON"},
};

const struct scl_command scl_cmd_post_mortem = {
	.name = "post-mortem",
	.summary = "all of a core dump: why it died and where, who waited for what",
	.details =
		"Begins with the signal, the address of a fault and the thread, names what is missing of the core and "
		"of "
		"the files that belong to it, each with its build id and where it was looked for, and goes on with "
		"what bt, info, threads, tasks, await-report and diagnose say of it. One of them that fails says why, "
		"and the others follow.\n\n"
		"A file with another build id than the one that the core has in memory is not used.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_TARGET,
	.run = run_post_mortem,
};
