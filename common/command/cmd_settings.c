/* cmd_settings.c - settings: show and set what scl_settings holds. */
#include <cjson/cJSON.h>

#include "command/table.h"

static const char *const actions[] = {"show", "set", NULL};
static const struct scl_arg_spec settings_args[] = {
	{.name = "ACTION",
	 .kind = SCL_ARG_CHOICE,
	 .metavar = "action",
	 .standard = "show",
	 .choices = actions,
	 .help = "what to do"},
	{.name = "NAME", .kind = SCL_ARG_SETTING, .metavar = "setting", .help = "the setting"},
	{.name = "VALUE", .kind = SCL_ARG_TEXT, .metavar = "VALUE", .help = "its new value"},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "show as a JSON object of texts"},
};

static bool show_json(struct scl_session *session, const struct scl_args *args, size_t from, size_t to,
		      struct scl_error *err)
{
	struct scl_buffer value = {0};
	cJSON *document = cJSON_CreateObject();

	for (size_t i = from; i < to; i++) {
		scl_buffer_clear(&value);
		scl_setting_show(session, i, &value);
		cJSON_AddStringToObject(document, scl_setting_name(i), scl_buffer_str(&value));
	}
	bool done = scl_out_json(session, scl_arg(args, "--json"), document, err);
	cJSON_Delete(document);
	scl_buffer_destroy(&value);
	return done;
}

static bool run_settings(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	const struct scl_arg_value *name = scl_arg(args, "NAME"), *value = scl_arg(args, "VALUE");

	if (scl_arg(args, "ACTION")->count == 1) {
		if (!value->given)
			return scl_fail(err, SCL_EUSAGE, "settings set needs a NAME and a VALUE");
		return scl_setting_set(session, name->count, value->text, err);
	}
	if (value->given)
		return scl_fail(err, SCL_EUSAGE, "settings show takes one NAME; to change it: settings set %s VALUE",
				name->text);
	size_t from = name->given ? name->count : 0, to = name->given ? from + 1 : scl_setting_count();
	if (scl_arg(args, "--json")->given)
		return show_json(session, args, from, to, err);
	for (size_t i = from; i < to; i++) {
		struct scl_buffer shown = {0};
		scl_setting_show(session, i, &shown);
		scl_out(session, "%-10s  %-6s  %s\n", scl_setting_name(i), scl_buffer_str(&shown), scl_setting_help(i));
		scl_buffer_destroy(&shown);
	}
	return true;
}

const struct scl_command scl_cmd_settings = {
	.name = "settings",
	.summary = "show or change the settings of this session",
	.details = "Settings last as long as the session: in a debugger until it ends, in scalene-dbg for one command.",
	.args = settings_args,
	.nargs = sizeof(settings_args) / sizeof(settings_args[0]),
	.run = run_settings,
	.example = "$ scalene settings set limit 50\n"
		   "$ scalene settings show limit\n"
		   "limit       50      lines per file, and functions, that a report shows; 0: all",
};
