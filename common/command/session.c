/* session.c - running a command: its words, what it needs, its output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/args.h"
#include "command/help.h"
#include "command/sampling.h"

/* Enough for every list of a real process, and an end for those of one that lies: seconds, not hours. */
static const struct scl_read_budget command_budget = {.calls = 16000000, .bytes = 16ULL << 30};

struct scl_session *scl_session_create(struct scl_host *host)
{
	struct scl_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->host = host;
	for (size_t i = 0; i < scl_setting_count(); i++) {
		if (!scl_setting_set(session, i, scl_setting_spec(i)->standard, NULL)) {
			free(session);
			return NULL;
		}
	}
	return session;
}

void scl_session_destroy(struct scl_session *session)
{
	if (!session)
		return;
	scl_profile_destroy(session->profile);
	scl_arena_destroy(&session->arena);
	scl_buffer_destroy(&session->out);
	free(session->rt);
	free(session);
}

void scl_session_keep_profile(struct scl_session *session, struct scl_profile *profile)
{
	scl_profile_destroy(session->profile);
	session->profile = profile;
}

/* -- what a command needs ------------------------------------------------------------------------------------ */

struct place {
	const char *path;
	scl_addr start, end;
	bool found;
};

static bool find_place(const struct scl_module *module, void *arg)
{
	struct place *place = arg;

	place->found = strcmp(module->path, place->path) == 0;
	place->start = module->start;
	place->end = module->end;
	return !place->found;
}

static bool runtime_holds(const struct scl_session *session)
{
	struct place place = {.path = session->rt->module};

	return session->rt->target == session->target && session->rt_pid == scl_target_pid(session->target) &&
	       scl_for_each_module(session->target, find_place, &place, NULL) && place.found &&
	       place.start == session->rt_start && place.end == session->rt_end;
}

static void forget_runtime(struct scl_session *session)
{
	free(session->rt);
	session->rt = NULL;
}

bool scl_session_prepare_runtime(struct scl_session *session, struct scl_error *err)
{
	if (session->rt && runtime_holds(session))
		return true;
	forget_runtime(session);
	session->rt = calloc(1, sizeof(*session->rt));
	if (!session->rt)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	struct place place = {.path = session->rt->module};
	if (!scl_runtime_init(session->rt, session->target, err) ||
	    !scl_for_each_module(session->target, find_place, &place, err)) {
		forget_runtime(session);
		return false;
	}
	session->rt_pid = scl_target_pid(session->target);
	session->rt_start = place.start;
	session->rt_end = place.end;
	return true;
}

static bool stop_reading(void *arg)
{
	return !scl_session_go_on(arg, NULL);
}

/* The samples of a core dump need not be asked for: there is one. */
static bool sample_core(struct scl_session *session, struct scl_error *err)
{
	struct scl_target *t = session->host->target(session->host, err);

	if (t && scl_target_is_dead(t))
		return scl_session_prepare(session, SCL_NEEDS_TARGET | SCL_NEEDS_RUNTIME, err) &&
		       scl_sampling_of_core(session, err);
	return scl_fail(err, SCL_ENOTFOUND, "there are no samples yet: take some with \"%ssample 500\"",
			session->host->prompt);
}

bool scl_session_prepare(struct scl_session *session, unsigned needs, struct scl_error *err)
{
	struct scl_host *host = session->host;

	if ((needs & SCL_NEEDS_PROFILE) && !session->profile)
		return sample_core(session, err);
	if (!(needs & (SCL_NEEDS_TARGET | SCL_NEEDS_RUNTIME)))
		return true;
	session->target = host->target(host, err);
	if (!session->target)
		return false;
	scl_target_set_still(session->target, host->still);
	scl_target_set_budget(session->target, command_budget);
	scl_target_set_stop(session->target, stop_reading, session);
	return !(needs & SCL_NEEDS_RUNTIME) || scl_session_prepare_runtime(session, err);
}

/* -- running -------------------------------------------------------------------------------------------------- */

/* Before what is text; a document says it in itself, or is nothing but a profile. */
static void say_unverified(struct scl_session *session, const struct scl_command *command, const struct scl_args *args)
{
	const struct scl_runtime *rt = session->rt;

	if (!(command->needs & SCL_NEEDS_RUNTIME) || !rt->unverified || scl_arg(args, "--json")->given ||
	    scl_arg(args, "-o")->given)
		return;
	scl_out(session, "Unverified: CPython %s has no layout here and is read with that of %s.\n\n", rt->version,
		rt->layout.name);
}

static bool run_command(struct scl_session *session, const struct scl_command *command, size_t argc,
			const char *const *argv, struct scl_error *err)
{
	struct scl_args args;

	if (!scl_args_parse(&session->arena, command, argc, argv, &args, err))
		return false;
	if (args.help) {
		scl_help_command(command, &session->out);
		return true;
	}
	if (!scl_session_prepare(session, command->needs, err))
		return false;
	if (session->target && !(command->needs & (SCL_NEEDS_TARGET | SCL_NEEDS_RUNTIME)))
		session->target = NULL;
	say_unverified(session, command, &args);
	return command->run(session, &args, err);
}

/* What was being read when Ctrl-C came is of no interest. */
static void drop_context(struct scl_error *err)
{
	if (err && err->code == SCL_EINTERRUPTED)
		scl_error_set(err, SCL_EINTERRUPTED, 0, 0, "interrupted");
}

/* A usage error says where the right usage is found. */
static void point_to_help(const struct scl_session *session, const char *command, struct scl_error *err)
{
	size_t len = err ? strlen(err->text) : 0;

	if (err && err->code == SCL_EUSAGE && len < sizeof(err->text))
		snprintf(err->text + len, sizeof(err->text) - len, "; see \"%shelp%s%s\"",
			 scl_help_prompt(session->host), command ? " " : "", command ? command : "");
}

static void begin(struct scl_session *session)
{
	scl_arena_reset(&session->arena);
	scl_buffer_clear(&session->out);
	session->target = NULL;
	session->quit = false;
}

/* What was printed before an error is printed all the same. */
static bool end(struct scl_session *session, bool done, struct scl_error *err)
{
	bool failed = session->out.failed;

	scl_out_flush(session);
	if (session->target) {
		scl_target_set_still(session->target, false);
		scl_target_set_stop(session->target, NULL, NULL);
	}
	session->target = NULL;
	if (failed) {
		scl_buffer_destroy(&session->out);
		session->out = (struct scl_buffer){0};
		return done ? scl_fail(err, SCL_ENOMEM, "out of memory: the output is not complete") : false;
	}
	return done;
}

bool scl_session_run(struct scl_session *session, size_t argc, const char *const *argv, struct scl_error *err)
{
	struct scl_names names = scl_names_commands();
	const char *name = NULL;
	bool done = true;
	size_t index;

	begin(session);
	if (argc == 0 || strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0) {
		scl_command_overview(session->host, &session->out);
	} else if (!scl_names_find(&names, "command", argv[0], strlen(argv[0]), &index, err)) {
		done = false;
	} else {
		name = scl_commands[index]->name;
		done = run_command(session, scl_commands[index], argc - 1, argv + 1, err);
	}
	if (!done) {
		drop_context(err);
		point_to_help(session, name, err);
	}
	return end(session, done, err);
}

bool scl_session_run_line(struct scl_session *session, const char *line, struct scl_error *err)
{
	struct scl_arena arena = {0};
	struct scl_words words;

	bool done = scl_words_split(&arena, line, false, &words, err) &&
		    scl_session_run(session, words.n, words.words, err);
	scl_arena_destroy(&arena);
	return done;
}
