/* cmd_diagnose.c - diagnose: why a stack shows no user frame, and what the process is really doing. */
#include <cjson/cJSON.h>

#include "command/diagnosis.h"
#include "command/table.h"

static bool print(struct scl_diagnosis *d, const struct scl_args *args, struct scl_error *err)
{
	if (!scl_arg(args, "--json")->given) {
		scl_diagnosis_print(d);
		return true;
	}
	cJSON *document = scl_diagnosis_json(d);
	bool done = scl_out_json(d->session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	return done;
}

static bool run_diagnose(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct scl_diagnosis diagnosis;
	bool done = scl_diagnosis_take(session, &diagnosis, err) && print(&diagnosis, args, err);

	scl_diagnosis_close(&diagnosis);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON"},
};

const struct scl_command scl_cmd_diagnose = {
	.name = "diagnose",
	.summary = "why no user frame shows, and what the process is really doing",
	.details =
		"Prints a verdict, what it is made of, and the command that shows more. It is about the debugger's "
		"selected thread, or the main one where no thread is selected. Each raw frame is shown with the rule "
		"that keeps it or takes it away, and the option of \"sample\" that would show it. The three checks say "
		"what data about awaits hangs on, and at which of them it fails.\n\n"
		"A process without Python is an answer, too, and no error; a Python that cannot be read is one.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_TARGET,
	.run = run_diagnose,
	.example =
		"$ scalene diagnose\n"
		"The event loop is blocked by a callback in clock_nanosleep, called by main app.py:9.\n"
		"\n"
		"thread      13070 \"MainThread\" (main): blocked in clock_nanosleep\n"
		"source      app.py:9  time.sleep(1000)\n"
		"process     13070, 1 thread, 1 of Python\n"
		"loop        _UnixSelectorEventLoop 0x7f1c3ac38250 on thread 13070: not idle, ready 0, descriptors 0, "
		"timers 3, next in 59.3 s; runs task Task-1\n"
		"\n"
		"frames, innermost first: 8 raw, 2 of the user's own\n"
		"RAW FRAME           AT                           USER  RULE\n"
		"main                app.py:9                     yes   in the program's directory\n"
		"_run                asyncio/events.py:80         no    the path contains a directory of this Python; "
		"--profile-all shows it\n"
		"…\n"
		"data about awaits\n"
		"no   raw frames say the loop is idle: main app.py:9 < _run asyncio/events.py:80, blocked in "
		"clock_nanosleep\n"
		"yes  suspended tasks are found: 4 tasks, 3 suspended\n"
		"yes  their frames are readable: 3 of 3 chains are complete\n"
		"fails at: raw frames say the loop is idle\n"
		"\n"
		"next: scalene bt",
};
