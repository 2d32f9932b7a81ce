/* settings.c - the table of settings: each is an argument specification and a place in struct scl_settings. */
#include <string.h>

#include "command/args.h"

enum setting { SETTING_COLOR, SETTING_LIMIT, SETTING_MAX_STRING, SETTING_SOURCE, NSETTINGS };

static const char *const color_choices[] = {"auto", "on", "off", NULL};
static const char *const switch_choices[] = {"on", "off", NULL};

static const struct scl_arg_spec settings[NSETTINGS] = {
	[SETTING_COLOR] = {.name = "color",
			   .kind = SCL_ARG_CHOICE,
			   .choices = color_choices,
			   .metavar = "color",
			   .standard = "auto",
			   .help = "colour in the output; auto: on a terminal, unless NO_COLOR is set"},
	[SETTING_LIMIT] = {.name = "limit",
			   .kind = SCL_ARG_WHOLE,
			   .standard = "20",
			   .max = 1000000,
			   .help = "lines per file, and functions, that a report shows; 0: all"},
	[SETTING_MAX_STRING] = {.name = "max-string",
				.kind = SCL_ARG_COUNT,
				.standard = "200",
				.max = 65536,
				.help = "columns of one name, path or source line of the target that are printed"},
	[SETTING_SOURCE] = {.name = "source",
			    .kind = SCL_ARG_CHOICE,
			    .choices = switch_choices,
			    .metavar = "switch",
			    .standard = "on",
			    .help = "print source lines in stacks"},
};

size_t scl_setting_count(void)
{
	return NSETTINGS;
}

const char *scl_setting_name(size_t i)
{
	return i < NSETTINGS ? settings[i].name : "";
}

const char *scl_setting_help(size_t i)
{
	return i < NSETTINGS ? settings[i].help : "";
}

const struct scl_arg_spec *scl_setting_spec(size_t i)
{
	return i < NSETTINGS ? &settings[i] : NULL;
}

void scl_setting_show(const struct scl_session *session, size_t i, struct scl_buffer *out)
{
	const struct scl_settings *s = &session->settings;

	switch ((enum setting)i) {
	case SETTING_COLOR:
		scl_buffer_puts(out, s->color);
		break;
	case SETTING_LIMIT:
		scl_buffer_printf(out, "%u", s->limit);
		break;
	case SETTING_MAX_STRING:
		scl_buffer_printf(out, "%u", s->max_string);
		break;
	case SETTING_SOURCE:
		scl_buffer_puts(out, s->source ? "on" : "off");
		break;
	case NSETTINGS:
		break;
	}
}

bool scl_setting_set(struct scl_session *session, size_t i, const char *value, struct scl_error *err)
{
	struct scl_settings *s = &session->settings;
	struct scl_arg_value read = {0};

	if (i >= NSETTINGS)
		return scl_fail(err, SCL_EUSAGE, "no such setting");
	if (!scl_arg_read(&settings[i], value, &read, err))
		return false;
	switch ((enum setting)i) {
	case SETTING_COLOR:
		s->color = read.text;
		break;
	case SETTING_LIMIT:
		s->limit = (unsigned)read.count;
		break;
	case SETTING_MAX_STRING:
		s->max_string = (unsigned)read.count;
		break;
	case SETTING_SOURCE:
		s->source = strcmp(read.text, "on") == 0;
		break;
	case NSETTINGS:
		break;
	}
	return true;
}
