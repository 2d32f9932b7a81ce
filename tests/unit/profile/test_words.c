#include "check.h"
#include "profile/words.h"

enum { WORDS_MAX = 8 };

static const struct {
	const char *argv[WORDS_MAX];
	enum scl_words_kind kind;
	const char *what;
	size_t rest;
} rows[] = {
	{{"python", "x.py", "a"}, SCL_WORDS_SCRIPT, "x.py", 2},
	{{"python", "-u", "x.py", "-m", "a"}, SCL_WORDS_SCRIPT, "x.py", 3},
	{{"python", "-X", "dev", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 4},
	{{"python", "-Xdev", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 3},
	{{"python", "-W", "ignore", "-bb", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 5},
	{{"python", "-Wc", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 3}, /* the c is the value of -W */
	{{"python", "-uX", "dev", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 4},
	{{"python", "-I", "-m", "pkg", "a"}, SCL_WORDS_MODULE, "pkg", 4},
	{{"python", "-Impkg", "a"}, SCL_WORDS_MODULE, "pkg", 2},
	{{"python", "-Im", "pkg.mod"}, SCL_WORDS_MODULE, "pkg.mod", 3},
	{{"python", "-c", "import x", "a"}, SCL_WORDS_COMMAND, "import x", 3},
	{{"python", "-cpass"}, SCL_WORDS_COMMAND, "pass", 2},
	{{"python", "--check-hash-based-pycs", "always", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 4},
	{{"python", "--version", "x.py"}, SCL_WORDS_SCRIPT, "x.py", 3},
	{{"python", "--", "-odd.py"}, SCL_WORDS_SCRIPT, "-odd.py", 3},
	{{"python", "-"}, SCL_WORDS_NONE, NULL, 2},
	{{"python"}, SCL_WORDS_NONE, NULL, 1},
	{{"python", "-m"}, SCL_WORDS_NONE, NULL, 2},
	{{"python", "-X"}, SCL_WORDS_NONE, NULL, 2},
	{{"python", "--"}, SCL_WORDS_NONE, NULL, 2},
	{{NULL}, SCL_WORDS_NONE, NULL, 0},
};

static void finds_the_program(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t argc = 0;
		while (argc < WORDS_MAX && rows[i].argv[argc])
			argc++;
		struct scl_words words = scl_words_parse(rows[i].argv, argc);
		check_case = argc > 1 ? rows[i].argv[1] : "";
		CHECK_INT(words.kind, rows[i].kind);
		CHECK_INT(words.rest, rows[i].rest);
		if (rows[i].what)
			CHECK_STR(words.what, rows[i].what);
		else
			CHECK(!words.what);
	}
	check_case = "";
}

int main(void)
{
	RUN(finds_the_program);
	return check_finish();
}
