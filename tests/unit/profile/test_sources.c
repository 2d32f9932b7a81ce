/* Source files, read through a live target: this process itself. */
#include "samples.h"

#include <stdlib.h>
#include <unistd.h>

#include "target/live.h"

static struct scl_target *target;

static void write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		CHECK_FAIL("cannot write %s", path);
}

/* The lines of a file with these bytes, each between brackets; NULL for a file that has none. */
static const char *lines_of(const char *bytes, size_t n)
{
	static char text[512];
	char path[] = "/tmp/scl-source-XXXXXX";
	int fd = mkstemp(path);
	size_t at = 0;
	struct scl_profile *p = scl_profile_create();
	struct scl_filter *filter = new_filter();
	struct scl_code code = code_of(0, path, "f");
	struct scl_frame frame = {.code = &code, .line = 1};
	code.filename = path;
	struct scl_thread_sample t = thread_of(1, &frame, 1, SCL_ACTIVITY_PYTHON);
	struct scl_filter_options options = {.profile_all = true};
	scl_filter_destroy(filter);
	filter = scl_filter_build(&facts, &options, NULL, NULL);
	close(fd);
	if (bytes)
		write_file(path, bytes, n);
	else
		unlink(path);
	add(p, filter, 1, &t, 1);
	CHECK(scl_profile_load_sources(p, target, NULL));
	CHECK(scl_profile_load_sources(p, target, NULL)); /* once more changes nothing */
	CHECK(p->nsources <= 1);
	const struct scl_profile_source *source = p->nlines ? scl_profile_source(p, p->lines[0].file) : NULL;
	text[0] = '\0';
	for (uint32_t i = 0; source && i < source->nlines && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "[%s]", source->lines[i]);
	scl_profile_destroy(p);
	scl_filter_destroy(filter);
	unlink(path);
	return source ? text : NULL;
}
#define LINES(literal) lines_of(literal, sizeof(literal) - 1)

static void lines_keep_their_newlines(void)
{
	CHECK_STR(LINES("a\nb\n"), "[a\n][b\n]");
	CHECK_STR(LINES("a\n\nb"), "[a\n][\n][b]");
	CHECK_STR(LINES("\n"), "[\n]");
	CHECK_STR(LINES("a\r\nb\rc"), "[a\n][b\n][c]");
	CHECK_STR(LINES("a\fb\n"), "[a\fb\n]"); /* a form feed ends no line of Python */
	CHECK_STR(LINES("\xef\xbb\xbf"
			"a\n"),
		  "[a\n]");
}

static void what_is_not_utf8_is_replaced(void)
{
	CHECK_STR(LINES("\xc3\xa9\n"), "[\xc3\xa9\n]");
	CHECK_STR(LINES("a\xff"
			"b\n"),
		  "[a\xef\xbf\xbd"
		  "b\n]");
	CHECK_STR(LINES("a\xe2\x82"), "[a\xef\xbf\xbd\xef\xbf\xbd]");
	CHECK_STR(LINES("a\0b\n"), "[a\xef\xbf\xbd"
				   "b\n]");
}

static void latin1_is_decoded_where_it_is_declared(void)
{
	CHECK_STR(LINES("# -*- coding: latin-1 -*-\n\xe9\n"), "[# -*- coding: latin-1 -*-\n][\xc3\xa9\n]");
	CHECK_STR(LINES("#!x\n# coding=ISO-8859-1\n\xe9"), "[#!x\n][# coding=ISO-8859-1\n][\xc3\xa9]");
	CHECK_STR(LINES("\n\n# coding: latin-1\n\xe9"), "[\n][\n][# coding: latin-1\n][\xef\xbf\xbd]");
	CHECK_STR(LINES("#!x\r# coding: latin-1\r\xe9"), "[#!x\n][# coding: latin-1\n][\xc3\xa9]");
	CHECK_STR(LINES("\r\n\r# coding: latin-1\r\xe9"), "[\n][\n][# coding: latin-1\n][\xef\xbf\xbd]");
	CHECK_STR(LINES("encoding: latin-1\n\xe9"), "[encoding: latin-1\n][\xef\xbf\xbd]");
}

static void files_without_text_have_no_source(void)
{
	CHECK(!lines_of(NULL, 0));
	CHECK(!LINES(""));
}

static void a_huge_file_has_no_source(void)
{
	size_t n = SCL_PROFILE_SOURCE_MAX + 1;
	char *bytes = malloc(n);
	CHECK(bytes);
	if (bytes) {
		memset(bytes, '\n', n);
		CHECK(!lines_of(bytes, n));
		CHECK(lines_of(bytes, 10));
	}
	free(bytes);
}

int main(void)
{
	struct scl_error err;
	target = scl_live_open(getpid(), &err);
	if (!target) {
		printf("no live target: %s\n0 passed, 1 failed, 0 skipped\n", err.text);
		return 1;
	}
	RUN(lines_keep_their_newlines);
	RUN(what_is_not_utf8_is_replaced);
	RUN(latin1_is_decoded_where_it_is_declared);
	RUN(files_without_text_have_no_source);
	RUN(a_huge_file_has_no_source);
	scl_target_close(target);
	return check_finish();
}
