/* cmd_help.c - help, version. */
#include "command/help.h"
#include "command/table.h"
#include "layout/layout.h"

static const struct scl_arg_spec help_args[] = {
	{.name = "COMMAND", .kind = SCL_ARG_COMMAND, .metavar = "command", .help = "the command to explain"},
};

static bool run_help(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	const struct scl_arg_value *command = scl_arg(args, "COMMAND");

	(void)err;
	if (command->given)
		scl_help_command(scl_commands[command->count], &session->out);
	else
		scl_command_overview(session->host, &session->out);
	return true;
}

const struct scl_command scl_cmd_help = {
	.name = "help",
	.summary = "explain a command, or list all of them",
	.args = help_args,
	.nargs = sizeof(help_args) / sizeof(help_args[0]),
	.run = run_help,
};

static bool run_version(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	size_t n;
	const struct scl_layout *const *layouts = scl_layouts(&n);

	(void)args;
	(void)err;
	scl_out(session, "scalene-dbg %s (CPython", scl_version);
	for (size_t i = 0; i < n; i++)
		scl_out(session, "%s %s", i ? "," : "", layouts[i]->name);
	scl_out(session, ")\n");
	return true;
}

const struct scl_command scl_cmd_version = {
	.name = "version",
	.summary = "print our version and the versions of CPython that can be read",
	.run = run_version,
};
