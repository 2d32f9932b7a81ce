/* test_terminal.c - with a width (and "color", "all") as arguments it prints the example instead. */
#include "base/text.h"
#include "writers/writer.h"
#include "example.h"

static struct scl_buffer report(const struct scl_profile *p, struct scl_writer_options options)
{
	struct scl_buffer out = {0};
	struct scl_error err = {0};
	CHECK(scl_writer_terminal.write(p, &options, &out, &err));
	CHECK_STR(err.text, "");
	return out;
}

/* The columns of the widest line; SGR sequences count as none, any other control as far too many. */
static size_t widest(const struct scl_buffer *out)
{
	size_t most = 0, column = 0;
	for (size_t i = 0; i < out->len;) {
		uint32_t c = 0;
		size_t n = scl_text_decode(out->data + i, out->len - i, &c);
		if (c == '\n') {
			column = 0;
		} else if (c == 0x1b && out->data[i + 1] == '[') {
			n = strcspn(out->data + i, "m") + 1;
		} else if (!n || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			return 10000;
		} else {
			column += scl_text_columns(out->data + i, n);
		}
		most = column > most ? column : most;
		i += n;
	}
	return most;
}

static void no_width_is_overrun(void)
{
	struct scl_profile *p = example_profile();
	for (unsigned width = 40; width <= 200; width++) {
		for (unsigned flags = 0; flags < 4; flags++) {
			struct scl_buffer out =
				report(p, (struct scl_writer_options){
						  .width = width, .color = flags & 1, .all_lines = flags & 2});
			if (widest(&out) > width)
				CHECK_FAIL("%zu columns at width %u", widest(&out), width);
			scl_buffer_destroy(&out);
		}
	}
	struct scl_buffer out = report(p, (struct scl_writer_options){0});
	CHECK(widest(&out) <= 80);
	scl_buffer_destroy(&out);
	out = report(p, (struct scl_writer_options){.width = 3});
	CHECK(widest(&out) <= 40);
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void lines_with_one_percent_are_shown(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 80});
	const char *text = scl_buffer_str(&out);
	CHECK_CONTAINS(text, EXAMPLE_APP ": % of time = 71.43% (0.714s) out of 1.000s");
	CHECK_CONTAINS(text, "   8 \u2502    12% \u2502        \u2502        \u2502     for i in range(n):\n"
			     "   9 \u2502    32% \u2502     2% \u2502        \u2502             total += i * i % 7\n"
			     " ... \u2502        \u2502        \u2502        \u2502\n"
			     "  14 \u2502        \u2502        \u2502    24% \u2502     return socket.recv(65536)\n");
	CHECK(strstr(text, "  5 \u2502") == NULL); /* below 1 % */
	CHECK_CONTAINS(text, "  77 \u2502     3% \u2502        \u2502        \u2502 (not in the source on disk)");
	CHECK_CONTAINS(text, "   3 \u2502     5% \u2502        \u2502        \u2502 (source not found)");
	CHECK_CONTAINS(text, "  12 \u2502        \u2502        \u2502    24% \u2502 Service.handle.<locals>.fetch");
	CHECK_CONTAINS(text, "return \"\\x1b[31m\xf0\x9f\x90\x8d\\xff\"");
	CHECK(strstr(text, "\x1b") == NULL);
	scl_buffer_destroy(&out);

	out = report(p, (struct scl_writer_options){.width = 80, .all_lines = true});
	CHECK_CONTAINS(scl_buffer_str(&out), "   5 \u2502        \u2502        \u2502        \u2502     pass\n"
					     "   6 \u2502        \u2502        \u2502        \u2502 def crunch(n):\n");
	CHECK(strstr(scl_buffer_str(&out), "...") == NULL);
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void the_limit_keeps_the_busiest(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 80, .limit = 1});
	const char *text = scl_buffer_str(&out);
	CHECK_CONTAINS(text, "total += i");
	CHECK(strstr(text, "for i in range") == NULL);
	CHECK_CONTAINS(text, "and 2 more lines with 1% or more");
	CHECK_CONTAINS(text, "and 1 more function with 1% or more");
	CHECK_CONTAINS(text, "MainThread");
	CHECK_CONTAINS(text, "and 2 more threads");
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void threads_tell_what_they_did(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 120});
	const char *text = scl_buffer_str(&out);
	CHECK_CONTAINS(text, "MainThread (main)    \u2502 21397 \u2502     100 \u2502    60% \u2502    12% \u2502");
	CHECK_CONTAINS(text, "worker \\x1b[31m1");
	CHECK_CONTAINS(text, "Without a user frame: 169 of 300 thread samples");
	CHECK_CONTAINS(text, "      100 \u2502  59% \u2502 idle in event loop");
	CHECK_CONTAINS(text, "       50 \u2502  30% \u2502 waiting for the GIL");
	CHECK_CONTAINS(text, "100 samples asked, 100 taken");
	scl_buffer_destroy(&out);

	/* Narrow: the numbers give way to the activities. */
	out = report(p, (struct scl_writer_options){.width = 40});
	CHECK_CONTAINS(scl_buffer_str(&out),
		       "MainThread\u2502 60%\u2502 12%\u2502    \u2502  4%\u2502    \u2502 24%\n");
	scl_buffer_destroy(&out);

	/* Too narrow for all of them: nothing is lost, the rarest are summed up. */
	example_activity(&p->threads[0], SCL_ACTIVITY_STOPPED, 50, 0);
	example_activity(&p->threads[0], SCL_ACTIVITY_UNKNOWN, 50, 0);
	out = report(p, (struct scl_writer_options){.width = 40});
	CHECK_CONTAINS(scl_buffer_str(&out), "rest");
	CHECK_CONTAINS(scl_buffer_str(&out), "worker \\x\u2026\u2502    \u2502");
	CHECK_CONTAINS(scl_buffer_str(&out), "MainThread\u2502 60%");
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void colour_only_where_asked_for(void)
{
	struct scl_profile *p = example_profile();
	struct scl_buffer plain = report(p, (struct scl_writer_options){.width = 80});
	struct scl_buffer color = report(p, (struct scl_writer_options){.width = 80, .color = true});
	CHECK(strchr(scl_buffer_str(&plain), 0x1b) == NULL);
	CHECK_CONTAINS(scl_buffer_str(&color), "\x1b[36m");
	/* Without its sequences the coloured report is the plain one, but for blanks at line ends. */
	struct scl_buffer stripped = {0};
	for (size_t i = 0; i < color.len; i++) {
		if (color.data[i] == 0x1b) {
			i += strcspn(color.data + i, "m");
			continue;
		}
		while (color.data[i] == '\n' && stripped.len && stripped.data[stripped.len - 1] == ' ')
			stripped.len--;
		scl_buffer_putc(&stripped, color.data[i]);
	}
	CHECK_STR(scl_buffer_str(&stripped), scl_buffer_str(&plain));
	scl_buffer_destroy(&stripped);
	scl_buffer_destroy(&plain);
	scl_buffer_destroy(&color);
	scl_profile_destroy(p);
}

static void no_samples_say_so(void)
{
	struct scl_profile *p = example_empty();
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 80});
	CHECK_CONTAINS(scl_buffer_str(&out), "No sample has a frame of the program.");
	CHECK_CONTAINS(scl_buffer_str(&out), "0 samples asked");
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void await_has_a_column_where_there_is_any(void)
{
	struct scl_profile *p = example_profile();
	example_idle_loop(p);
	for (unsigned width = 40; width <= 120; width++) {
		struct scl_buffer out = report(p, (struct scl_writer_options){.width = width});
		if (widest(&out) > width)
			CHECK_FAIL("%zu columns at width %u", widest(&out), width);
		scl_buffer_destroy(&out);
	}
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 80});
	const char *text = scl_buffer_str(&out);
	CHECK_CONTAINS(text, "Line \u2502 Python \u2502 native \u2502 system \u2502  await \u2502 source\n");
	CHECK_CONTAINS(text, "  14 \u2502        \u2502        \u2502    24% \u2502    67% \u2502     return socket");
	CHECK_CONTAINS(text, "   2 \u2502        \u2502        \u2502        \u2502    33% \u2502     await forever\n");
	CHECK_CONTAINS(text, "   1 \u2502        \u2502        \u2502        \u2502    33% \u2502 wait\n");
	CHECK_CONTAINS(text, "Await: the loop was idle for 0.700s; suspended tasks 3.0 on average");
	CHECK_CONTAINS(text, "library only, in no line: 14.3%");
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

static void says_which_link_failed(void)
{
	static const struct {
		struct scl_profile_waiting waiting;
		const char *text;
	} cases[] = {
		{{.asyncio = true}, "the loop was never idle"},
		{{.asyncio = true, .idle = 5, .moved = 5}, "went on whenever its tasks were read"},
		{{.asyncio = true, .idle = 5, .why = "no \x1b WeakSet"},
		 "no suspended task was found: no \\x1b WeakSet"},
		{{.asyncio = true, .idle = 5, .tasks = 9, .frameless = 9}, "none has a frame that can be read"},
		{{.asyncio = true, .idle = 5, .tasks = 9}, "none that is credited is the user's"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scl_profile *p = example_profile();
		p->waiting = cases[i].waiting;
		example_py(p, 0, "/usr/lib/python3.12/asyncio/base_events.py", "_run_once", 9, 1);
		struct scl_buffer out = report(p, (struct scl_writer_options){.width = 200});
		CHECK_CONTAINS(scl_buffer_str(&out), "No await time: ");
		CHECK_CONTAINS(scl_buffer_str(&out), cases[i].text);
		scl_buffer_destroy(&out);
		scl_profile_destroy(p);
	}
	struct scl_profile *p = example_profile();
	p->waiting.asyncio = true;
	struct scl_buffer out = report(p, (struct scl_writer_options){.width = 200});
	CHECK(strstr(scl_buffer_str(&out), "No await time") == NULL); /* it is imported, but no loop was seen */
	scl_buffer_destroy(&out);
	scl_profile_destroy(p);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		struct scl_writer_options options = {.width = (unsigned)strtoul(argv[1], NULL, 10)};
		for (int i = 2; i < argc; i++) {
			options.color |= strcmp(argv[i], "color") == 0;
			options.all_lines |= strcmp(argv[i], "all") == 0;
		}
		struct scl_profile *p = example_profile();
		struct scl_buffer out = report(p, options);
		fputs(scl_buffer_str(&out), stdout);
		scl_buffer_destroy(&out);
		scl_profile_destroy(p);
		return 0;
	}
	RUN(no_width_is_overrun);
	RUN(lines_with_one_percent_are_shown);
	RUN(the_limit_keeps_the_busiest);
	RUN(threads_tell_what_they_did);
	RUN(colour_only_where_asked_for);
	RUN(await_has_a_column_where_there_is_any);
	RUN(says_which_link_failed);
	RUN(no_samples_say_so);
	return check_finish();
}
