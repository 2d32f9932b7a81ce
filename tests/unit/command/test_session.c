/* test_session.c - whole commands with a host that has no process. */
#include "check.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <unistd.h>

#include "command/command.h"
#include "fake_host.h"
#include "target/image.h"

static struct fake_host fake;
static struct scl_session *session;
static struct scl_error err;

static bool run(const char *line)
{
	scl_buffer_clear(&fake.out);
	fake.writes = 0;
	err = (struct scl_error){0};
	return scl_session_run_line(session, line, &err);
}

static const char *printed(void)
{
	return scl_buffer_str(&fake.out);
}

static void without_words_there_is_an_overview(void)
{
	CHECK(run(""));
	CHECK_CONTAINS(printed(), "fake COMMAND");
	for (size_t i = 0; i < scl_command_count(); i++)
		CHECK_CONTAINS(printed(), scl_command_summary(i));
	CHECK(run("help"));
	CHECK_CONTAINS(printed(), "fake COMMAND");
}

static void every_command_has_the_same_help_in_three_ways(void)
{
	for (size_t i = 0; i < scl_command_count(); i++) {
		char line[64];
		struct scl_buffer text = {0};
		check_case = scl_command_name(i);
		scl_command_help(i, &text);
		snprintf(line, sizeof(line), "help %s", scl_command_name(i));
		CHECK(run(line));
		CHECK_STR(printed(), scl_buffer_str(&text));
		snprintf(line, sizeof(line), "%s -h", scl_command_name(i));
		CHECK(run(line));
		CHECK_STR(printed(), scl_buffer_str(&text));
		CHECK_CONTAINS(printed(), "usage: ");
		for (const char *at = printed(); *at; at = strchr(at, '\n') + 1)
			CHECK(strcspn(at, "\n") <= 80);
		scl_buffer_destroy(&text);
	}
	check_case = "";
}

static void abbreviates_commands(void)
{
	CHECK(run("vers"));
	CHECK_CONTAINS(printed(), scl_version);
	CHECK(!run("s"));
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_CONTAINS(err.text, "ambiguous: sample, settings");
	CHECK(!run("nosuch"));
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_CONTAINS(err.text, "\"nosuch\"");
	CHECK_CONTAINS(err.text, "threads");
	CHECK_CONTAINS(err.text, "fake help");
}

static void usage_errors_name_the_help(void)
{
	CHECK(!run("sample 0"));
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_CONTAINS(err.text, "N must be");
	CHECK_CONTAINS(err.text, "fake help sample");
	CHECK(!run("sample 5 --native"));
	CHECK_CONTAINS(err.text, "--interval");
	CHECK(!run("sample 5 --format scalene"));
	CHECK_INT(err.code, SCL_ENOTFOUND); /* the process is missing before the options are weighed */
}

static void commands_without_a_process_say_so(void)
{
	static const char *const lines[] = {"info", "threads", "bt", "sample 5"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		check_case = lines[i];
		CHECK(!run(lines[i]));
		CHECK_STR(err.text, "no process");
		CHECK_STR(printed(), "");
	}
	check_case = "";
}

static void a_process_without_python_is_no_python(void)
{
	fake.image = scl_image_create();
	CHECK(!run("info"));
	CHECK(err.code == SCL_ENOTFOUND || err.code == SCL_EUNSUPPORTED);
	CHECK(session->rt == NULL);
	CHECK(!run("bt"));
	scl_target_close(fake.image);
	fake.image = NULL;
}

static void reports_need_samples(void)
{
	CHECK(!run("report"));
	CHECK_CONTAINS(err.text, "fake sample 500");
	CHECK(!run("dump /nonexistent/x"));
	CHECK_CONTAINS(err.text, "fake sample 500");
	CHECK(!run("dump"));
	CHECK_CONTAINS(err.text, "needs FILE");
}

static void reports_what_it_has(void)
{
	struct scl_profile *profile = scl_profile_create();

	CHECK(profile != NULL);
	if (!profile)
		return;
	profile->summary.mode = "live";
	scl_session_keep_profile(session, profile);
	CHECK(run("report"));
	CHECK(fake.out.len > 0);
	CHECK(!run("dump /nonexistent/x"));
	CHECK_INT(err.code, SCL_EIO);
	CHECK_CONTAINS(err.text, "/nonexistent/x");
	CHECK(!run("dump x --format nosuch"));
	CHECK_CONTAINS(err.text, "scalene");
	scl_session_keep_profile(session, NULL);
}

static void settings_are_shown_and_set(void)
{
	CHECK(run("settings"));
	for (size_t i = 0; i < scl_setting_count(); i++)
		CHECK_CONTAINS(printed(), scl_setting_name(i));
	CHECK(run("settings set limit 5"));
	CHECK_STR(printed(), "");
	CHECK_INT(session->settings.limit, 5);
	CHECK(run("set sh lim"));
	CHECK_CONTAINS(printed(), "limit       5 ");
	CHECK(run("settings set color off"));
	CHECK_STR(session->settings.color, "off");
	CHECK(run("settings set source off"));
	CHECK(!session->settings.source);
}

static void bad_settings_change_nothing(void)
{
	CHECK(run("settings set limit 5"));
	CHECK(!run("settings set limit x"));
	CHECK_CONTAINS(err.text, "limit must be a whole number");
	CHECK(!run("settings set limit 99999999999"));
	CHECK(!run("settings set max-string 0"));
	CHECK(!run("settings set color blue"));
	CHECK_CONTAINS(err.text, "auto, on, off");
	CHECK(!run("settings set nosuch 1"));
	CHECK_CONTAINS(err.text, "max-string");
	CHECK(!run("settings set limit"));
	CHECK(!run("settings set"));
	CHECK(!run("settings show limit 5"));
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_INT(session->settings.limit, 5);
	CHECK(!scl_setting_set(session, 999, "1", NULL));
}

static void settings_as_json(void)
{
	CHECK(run("settings set limit 5"));
	CHECK(run("settings show limit --json"));
	cJSON *document = cJSON_Parse(printed());
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(document, "limit")), "5");
	CHECK_INT(cJSON_GetArraySize(document), 1);
	cJSON_Delete(document);
}

static void json_goes_to_a_file(void)
{
	char path[] = "/tmp/scl-test-json-XXXXXX", line[128];
	int fd = mkstemp(path);

	close(fd);
	snprintf(line, sizeof(line), "settings --json=%s", path);
	CHECK(run(line));
	CHECK_STR(printed(), "");
	char text[4096] = "";
	FILE *f = fopen(path, "r");
	CHECK(f && fread(text, 1, sizeof(text) - 1, f) > 0);
	if (f)
		fclose(f);
	cJSON *document = cJSON_Parse(text);
	CHECK_INT(cJSON_GetArraySize(document), scl_setting_count());
	cJSON_Delete(document);
	unlink(path);
	CHECK(!run("settings --json=/nonexistent/x"));
	CHECK_CONTAINS(err.text, "/nonexistent/x");
}

/* cJSON leaves DEL, C1 and bidirectional controls alone. */
static void json_never_steers_a_terminal(void)
{
	cJSON *document = cJSON_CreateObject();
	struct scl_arg_value to_output = {.given = true};

	cJSON_AddStringToObject(document, "a", "\x1b[1m\x7f\xc2\x9b\xe2\x80\xae\xc3\xb6\xff");
	scl_buffer_clear(&fake.out);
	CHECK(scl_out_json(session, &to_output, document, &err));
	scl_out_flush(session);
	CHECK_CONTAINS(printed(), "\\u001b[1m\\u007f\\u009b\\u202e\xc3\xb6\\\\xff");
	cJSON_Delete(document);
	CHECK(!scl_out_json(session, &to_output, NULL, &err));
	CHECK_INT(err.code, SCL_ENOMEM);
}

static void output_reaches_the_host_whole(void)
{
	size_t want = 0;

	scl_buffer_clear(&fake.out);
	fake.writes = 0;
	for (int i = 0; i < 20; i++) {
		char wide[5000];
		memset(wide, 'x', sizeof(wide) - 1);
		wide[sizeof(wide) - 1] = '\0';
		scl_out(session, "%s\n", wide);
		want += sizeof(wide);
	}
	CHECK(scl_out_flush(session));
	CHECK_INT(fake.out.len, want);
	CHECK(fake.writes > 1 && fake.writes < 20);
}

static void a_pager_that_is_quit_ends_the_output(void)
{
	scl_buffer_clear(&fake.out);
	fake.writes = 0;
	fake.quit_after = 1;
	scl_out(session, "one");
	CHECK(!scl_out_flush(session));
	scl_out(session, "two");
	CHECK(!scl_out_flush(session));
	CHECK_STR(printed(), "one");
	CHECK(!scl_session_go_on(session, &err));
	CHECK_INT(err.code, SCL_EINTERRUPTED);
	fake.quit_after = 0;
	CHECK(run("version"));
	CHECK_CONTAINS(printed(), scl_version);
}

static void colour_is_the_hosts_unless_it_is_set(void)
{
	fake.host.color = true;
	CHECK(run("settings set color auto") && scl_session_color(session));
	CHECK(run("settings set color off") && !scl_session_color(session));
	fake.host.color = false;
	CHECK(run("settings set color auto") && !scl_session_color(session));
	CHECK(run("settings set color on") && scl_session_color(session));
}

static void an_open_quotation_is_said(void)
{
	CHECK(!run("dump 'x"));
	CHECK_INT(err.code, SCL_EUSAGE);
}

int main(void)
{
	fake_init(&fake);
	session = scl_session_create(&fake.host);
	if (!session)
		return 1;
	RUN(without_words_there_is_an_overview);
	RUN(every_command_has_the_same_help_in_three_ways);
	RUN(abbreviates_commands);
	RUN(usage_errors_name_the_help);
	RUN(commands_without_a_process_say_so);
	RUN(a_process_without_python_is_no_python);
	RUN(reports_need_samples);
	RUN(reports_what_it_has);
	RUN(settings_are_shown_and_set);
	RUN(bad_settings_change_nothing);
	RUN(settings_as_json);
	RUN(json_goes_to_a_file);
	RUN(json_never_steers_a_terminal);
	RUN(output_reaches_the_host_whole);
	RUN(a_pager_that_is_quit_ends_the_output);
	RUN(colour_is_the_hosts_unless_it_is_set);
	RUN(an_open_quotation_is_said);
	scl_session_destroy(session);
	scl_buffer_destroy(&fake.out);
	return check_finish();
}
