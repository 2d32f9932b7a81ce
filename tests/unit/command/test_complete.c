/* test_complete.c - what is offered for the word at the end of a line. */
#include "check.h"

#include "command/host.h"

static struct scl_buffer offered;
static bool files;

static const char *complete(const char *line)
{
	scl_buffer_clear(&offered);
	scl_session_complete(NULL, line, &offered, &files);
	return scl_buffer_str(&offered);
}

static void offers_commands(void)
{
	CHECK_STR(complete("b"), "bt\n");
	CHECK_STR(complete("s"), "sample\nsettings\n");
	CHECK_STR(complete("zzz"), "");
	CHECK_CONTAINS(complete(""), "info\nthreads\nbt\n");
	CHECK_CONTAINS(complete("help "), "info\nthreads\nbt\n");
	CHECK_STR(complete("help th"), "threads\n");
}

static void offers_options(void)
{
	CHECK_STR(complete("bt --"), "--all\n--limit\n--json\n--help\n");
	CHECK_STR(complete("bt --a"), "--all\n");
	CHECK_STR(complete("bt --all --l"), "--limit\n");
	CHECK_STR(complete("nosuch --"), "");
	CHECK_CONTAINS(complete("sample 5 --profile-"), "--profile-all\n--profile-only\n");
}

static void offers_values(void)
{
	CHECK_STR(complete("sample 5 --mode "), "live\nstop\n");
	CHECK_STR(complete("sample 5 -m s"), "stop\n");
	CHECK_STR(complete("sample 5 --mo s"), "stop\n");
	CHECK_STR(complete("sample 5 --mode=s"), "--mode=stop\n");
	CHECK_CONTAINS(complete("dump x --format "), "scalene\n");
	CHECK_STR(complete("sample 5 --interval "), "");
	CHECK(!files);
}

static void offers_positional_words(void)
{
	CHECK_STR(complete("settings "), "show\nset\n");
	CHECK_STR(complete("settings set li"), "limit\n");
	CHECK_STR(complete("set set li"), "limit\n");
	CHECK_STR(complete("settings set limit "), "");
	CHECK_STR(complete("sample "), "");
}

static void asks_for_files(void)
{
	complete("dump ");
	CHECK(files);
	complete("dump profile.j");
	CHECK(files);
	complete("dump profile.json ");
	CHECK(!files);
	complete("sample 5 -o ");
	CHECK(files);
	complete("sample 5 --output=p");
	CHECK(files);
	complete("bt --json ");
	CHECK(files);
	complete("bt --");
	CHECK(!files);
}

static void survives_unfinished_and_odd_lines(void)
{
	CHECK_STR(complete("help 'th"), "threads\n");
	complete("'");
	complete("bt -");
	complete("bt --=");
	CHECK_STR(complete("bt --nosuch="), "");
	complete("\\");
	scl_session_complete(NULL, "dump ", &offered, NULL);
}

int main(void)
{
	RUN(offers_commands);
	RUN(offers_options);
	RUN(offers_values);
	RUN(offers_positional_words);
	RUN(asks_for_files);
	RUN(survives_unfinished_and_odd_lines);
	scl_buffer_destroy(&offered);
	return check_finish();
}
