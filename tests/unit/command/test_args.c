/* test_args.c - words into values, by a table with every kind of argument. */
#include "check.h"

#include <stdlib.h>

#include "command/args.h"

static const char *const colors[] = {"red", "green", "grey", NULL};
static const struct scl_arg_spec specs[] = {
	{.name = "--all", .letter = 'a', .kind = SCL_ARG_FLAG, .help = ""},
	{.name = "N", .kind = SCL_ARG_COUNT, .required = true, .max = 1000, .help = "how many"},
	{.name = "--whole", .kind = SCL_ARG_WHOLE, .metavar = "W", .standard = "7", .help = ""},
	{.name = "--number", .letter = 'n', .kind = SCL_ARG_NUMBER, .metavar = "X", .max = 100, .help = ""},
	{.name = "--color",
	 .kind = SCL_ARG_CHOICE,
	 .metavar = "color",
	 .standard = "green",
	 .choices = colors,
	 .help = ""},
	{.name = "FILE", .kind = SCL_ARG_FILE, .metavar = "FILE", .help = ""},
	{.name = "--text", .letter = 't', .kind = SCL_ARG_TEXT, .metavar = "T", .help = ""},
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = ""},
	{.name = "--format", .kind = SCL_ARG_FORMAT, .metavar = "FORMAT", .help = ""},
	{.name = "--command", .kind = SCL_ARG_COMMAND, .metavar = "command", .help = ""},
	{.name = "--setting", .kind = SCL_ARG_SETTING, .metavar = "setting", .help = ""},
};
static const struct scl_command command = {
	.name = "try", .summary = "", .args = specs, .nargs = sizeof(specs) / sizeof(specs[0])};

static struct scl_arena arena;
static struct scl_args args;
static struct scl_error err;

static bool parse(const char *line)
{
	struct scl_words words;

	scl_arena_reset(&arena);
	err = (struct scl_error){0};
	return scl_words_split(&arena, line, false, &words, &err) &&
	       scl_args_parse(&arena, &command, words.n, words.words, &args, &err);
}

static void refuses(const char *line, const char *because)
{
	bool parsed = parse(line);

	CHECK(!parsed);
	CHECK_INT(err.code, SCL_EUSAGE);
	CHECK_CONTAINS(err.text, because);
}

static void reads_every_kind(void)
{
	CHECK(parse("--all 12 --whole 0 --number 2.5 --color red out.txt --text 'a b' --json j.json --format scalene "
		    "--command bt --setting limit"));
	CHECK(scl_arg(&args, "--all")->given);
	CHECK_INT(scl_arg(&args, "N")->count, 12);
	CHECK_INT(scl_arg(&args, "--whole")->count, 0);
	CHECK(scl_arg(&args, "--number")->number == 2.5);
	CHECK_INT(scl_arg(&args, "--color")->count, 0);
	CHECK_STR(scl_arg(&args, "FILE")->text, "out.txt");
	CHECK_STR(scl_arg(&args, "--text")->text, "a b");
	CHECK_STR(scl_arg(&args, "--json")->text, "j.json");
	CHECK_STR(scl_arg(&args, "--format")->text, "scalene");
	CHECK_STR(scl_arg(&args, "--command")->text, "bt");
	CHECK_STR(scl_arg(&args, "--setting")->text, "limit");
}

static void fills_in_defaults(void)
{
	CHECK(parse("1"));
	CHECK(!scl_arg(&args, "--all")->given);
	CHECK(!scl_arg(&args, "--whole")->given);
	CHECK_INT(scl_arg(&args, "--whole")->count, 7);
	CHECK_STR(scl_arg(&args, "--color")->text, "green");
	CHECK_INT(scl_arg(&args, "--color")->count, 1);
	CHECK(!scl_arg(&args, "FILE")->given && !scl_arg(&args, "FILE")->text);
	CHECK(!scl_arg(&args, "no such name")->given);
}

static void takes_attached_values_and_letters(void)
{
	CHECK(parse("-a -n3 --text= 5 --json=x -t value"));
	CHECK(scl_arg(&args, "--all")->given);
	CHECK(scl_arg(&args, "--number")->number == 3);
	CHECK_STR(scl_arg(&args, "--json")->text, "x");
	CHECK_STR(scl_arg(&args, "--text")->text, "value");
	CHECK(parse("5 --text=--all"));
	CHECK_STR(scl_arg(&args, "--text")->text, "--all");
	CHECK(!scl_arg(&args, "--all")->given);
}

static void the_last_one_wins(void)
{
	CHECK(parse("5 --whole 1 --whole 2"));
	CHECK_INT(scl_arg(&args, "--whole")->count, 2);
}

static void two_dashes_end_the_options(void)
{
	CHECK(parse("5 -- --all"));
	CHECK_STR(scl_arg(&args, "FILE")->text, "--all");
	CHECK(!scl_arg(&args, "--all")->given);
	CHECK(parse("5 -"));
	CHECK_STR(scl_arg(&args, "FILE")->text, "-");
}

static void json_needs_no_file(void)
{
	CHECK(parse("5 --json --all"));
	CHECK(scl_arg(&args, "--json")->given && !scl_arg(&args, "--json")->text);
	CHECK(scl_arg(&args, "--all")->given);
	CHECK(parse("5 --json"));
	CHECK(scl_arg(&args, "--json")->given && !scl_arg(&args, "--json")->text);
	refuses("5 --json=", "empty");
}

static void abbreviates(void)
{
	CHECK(parse("5 --al --col gree --nu 1"));
	CHECK(scl_arg(&args, "--all")->given);
	CHECK_STR(scl_arg(&args, "--color")->text, "green");
	CHECK(scl_arg(&args, "--number")->number == 1);
	refuses("5 --co red", "ambiguous: --color, --command");
	refuses("5 --color gr", "ambiguous: green, grey");
}

static void lists_what_there_is(void)
{
	refuses("5 --native", "--native");
	CHECK_CONTAINS(err.text, "--all, --whole, --number");
	CHECK_CONTAINS(err.text, "--help");
	refuses("5 -x", "-x");
	CHECK_CONTAINS(err.text, "--all, --whole");
	refuses("5 --color blue", "red, green, grey");
	CHECK_CONTAINS(err.text, "--color");
	refuses("5 --format nosuch", "scalene");
}

static void refuses_bad_numbers(void)
{
	static const char *const bad[] = {"0",	  "-1",	  "abc", "''", "1.5",
					  "1001", "0x10", "+5",	 "5x", "99999999999999999999999999"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check_case = bad[i];
		refuses(bad[i], "N must be a whole number from 1 to 1000");
	}
	check_case = "";
	refuses("5 --number -1", "--number must be a number from 0 to 100");
	refuses("5 --number 1e3", "--number");
	refuses("5 --number .", "--number");
	refuses("5 --number 100.5", "--number");
	refuses("5 --whole -1", "--whole must be a whole number, 0 or more");
	CHECK(parse("1000 --number .5"));
	CHECK(scl_arg(&args, "--number")->number == 0.5);
}

static void refuses_what_is_missing_or_too_much(void)
{
	refuses("", "needs N: how many");
	refuses("--all", "needs N");
	refuses("5 --text", "--text needs a value: T");
	refuses("5 --text --all", "--text needs a value");
	refuses("5 -t", "--text needs a value");
	refuses("5 --all=yes", "takes no value");
	refuses("5 -ab", "takes no value");
	refuses("5 file more", "\"more\"");
	refuses("5 ''", "empty");
}

static void help_beats_errors_after_it(void)
{
	CHECK(parse("--help --nonsense") && args.help);
	CHECK(parse("-h") && args.help);
	CHECK(parse("--he") && args.help);
	CHECK(parse("5") && !args.help);
}

static void hostile_words_are_escaped_and_cut(void)
{
	char line[4096] = "5 --";

	memset(line + 4, '\x1b', sizeof(line) - 5);
	line[sizeof(line) - 1] = '\0';
	refuses(line, "\\x1b");
	CHECK(!strchr(err.text, '\x1b'));
	CHECK(strlen(err.text) < SCL_ERROR_TEXT);
	CHECK_CONTAINS(err.text, "--all");
}

static void the_rest_is_left_alone(void)
{
	const char *argv[] = {"-p", "12", "sample", "-p", "--help"};

	CHECK(scl_args_parse(&arena, &scl_command_line, 5, argv, &args, &err));
	CHECK_INT(scl_arg(&args, "--pid")->count, 12);
	CHECK_INT(args.rest, 2);
	CHECK(!args.help);
	CHECK(scl_args_parse(&arena, &scl_command_line, 2, argv, &args, &err));
	CHECK_INT(args.rest, 2);
}

/* The table itself: what the parser and the documents take for granted. */
static void every_table_entry_is_sound(void)
{
	for (size_t i = 0; i < scl_ncommands; i++) {
		const struct scl_command *c = scl_commands[i];
		check_case = c->name;
		CHECK(c->summary && c->run);
		for (size_t k = 0; k < c->nargs; k++) {
			const struct scl_arg_spec *spec = &c->args[k];
			struct scl_arg_value value;
			CHECK(spec->help && spec->help[0]);
			CHECK(spec->kind == SCL_ARG_FLAG || !scl_arg_is_option(spec) || spec->metavar);
			CHECK((spec->kind == SCL_ARG_CHOICE) == (spec->choices != NULL));
			CHECK(spec->letter != 'h');
			if (spec->standard)
				CHECK(scl_arg_read(spec, spec->standard, &value, &err));
			for (size_t j = 0; j < k; j++) {
				CHECK(strcmp(c->args[j].name, spec->name) != 0);
				CHECK(!spec->letter || c->args[j].letter != spec->letter);
			}
		}
	}
	check_case = "";
}

int main(void)
{
	RUN(reads_every_kind);
	RUN(fills_in_defaults);
	RUN(takes_attached_values_and_letters);
	RUN(the_last_one_wins);
	RUN(two_dashes_end_the_options);
	RUN(json_needs_no_file);
	RUN(abbreviates);
	RUN(lists_what_there_is);
	RUN(refuses_bad_numbers);
	RUN(refuses_what_is_missing_or_too_much);
	RUN(help_beats_errors_after_it);
	RUN(hostile_words_are_escaped_and_cut);
	RUN(the_rest_is_left_alone);
	RUN(every_table_entry_is_sound);
	scl_arena_destroy(&arena);
	return check_finish();
}
