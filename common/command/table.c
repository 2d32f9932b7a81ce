/* table.c - all commands, in the order in which help lists them. */
#include "command/table.h"

const char *const scl_version = "0.1.0";

const struct scl_command *const scl_commands[] = {
	&scl_cmd_info,	       &scl_cmd_threads,	&scl_cmd_bt,	   &scl_cmd_tasks,  &scl_cmd_task,
	&scl_cmd_await_report, &scl_cmd_diagnose,	&scl_cmd_sample,   &scl_cmd_report, &scl_cmd_dump,
	&scl_cmd_post_mortem,  &scl_cmd_profiler_state, &scl_cmd_settings, &scl_cmd_help,   &scl_cmd_version,
};
const size_t scl_ncommands = sizeof(scl_commands) / sizeof(scl_commands[0]);

static const struct scl_arg_spec line_args[] = {
	{.name = "--pid",
	 .letter = 'p',
	 .kind = SCL_ARG_COUNT,
	 .metavar = "PID",
	 .max = INT32_MAX,
	 .help = "the process to look at; it goes on running"},
	{.name = "--core",
	 .letter = 'c',
	 .kind = SCL_ARG_FILE,
	 .metavar = "CORE",
	 .help = "the core dump to look at; one that zstd, lz4, xz or gzip has compressed is unpacked beside the "
		 "others of "
		 "TMPDIR. Without a COMMAND: the whole post-mortem"},
	{.name = "--exe",
	 .letter = 'e',
	 .kind = SCL_ARG_FILE,
	 .metavar = "EXE",
	 .help = "the program of the core, where it is not at the path that the core names"},
	{.name = "--sysroot",
	 .kind = SCL_ARG_FILE,
	 .metavar = "DIR",
	 .help = "a directory that has the files of the core's machine or container, at the paths that they have "
		 "there"},
	{.name = "--version", .kind = SCL_ARG_FLAG, .help = "print the version and end"},
	{.name = "COMMAND", .kind = SCL_ARG_REST, .help = "a command and its arguments; none: an overview"},
};

const struct scl_command scl_command_line = {
	.name = "scalene-dbg",
	.summary = "look into a running Python process or a core dump: stacks, threads, and where the time goes",
	.details = "Reads a CPython process or a core dump of one as plain bytes from outside. Nothing is injected, "
		   "and nothing "
		   "runs in it.",
	.args = line_args,
	.nargs = sizeof(line_args) / sizeof(line_args[0]),
};
