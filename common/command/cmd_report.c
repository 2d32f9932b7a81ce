/* cmd_report.c - report and dump: the last profile, on the terminal or in a file. */
#include "base/text.h"
#include "command/table.h"
#include "writers/files.h"

static const struct scl_arg_spec report_args[] = {
	{.name = "--limit",
	 .letter = 'n',
	 .kind = SCL_ARG_WHOLE,
	 .metavar = "N",
	 .max = 1000000,
	 .help = "lines per file, and functions, that are shown; 0: all (default: the setting \"limit\")"},
	{.name = "--all-lines", .kind = SCL_ARG_FLAG, .help = "also the lines that no sample fell on"},
};

static bool run_report(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	const struct scl_arg_value *limit = scl_arg(args, "--limit");
	struct scl_writer_options options = {
		.width = session->host->width,
		.color = scl_session_color(session),
		.limit = limit->given ? (unsigned)limit->count : session->settings.limit,
		.all_lines = scl_arg(args, "--all-lines")->given,
	};

	return scl_writer_terminal.write(session->profile, &options, &session->out, err);
}

const struct scl_command scl_cmd_report = {
	.name = "report",
	.summary = "the last samples as a table of lines and of functions",
	.details = "The samples are those of the last \"sample\" in this session; of a core dump the one that it "
		   "has, without being asked for it.",
	.args = report_args,
	.nargs = sizeof(report_args) / sizeof(report_args[0]),
	.needs = SCL_NEEDS_PROFILE,
	.run = run_report,
};

static const struct scl_arg_spec dump_args[] = {
	{.name = "FILE",
	 .kind = SCL_ARG_FILE,
	 .required = true,
	 .metavar = "FILE",
	 .help = "the file to write; -: to the output"},
	{.name = "--format",
	 .letter = 'f',
	 .kind = SCL_ARG_FORMAT,
	 .metavar = "FORMAT",
	 .standard = "scalene",
	 .help = "the format"},
};

static bool run_dump(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	return scl_profile_save(session, scl_arg(args, "FILE")->text, scl_arg(args, "--format")->text, err);
}

const struct scl_command scl_cmd_dump = {
	.name = "dump",
	.summary = "write the last samples to a file, as Scalene's JSON or other",
	.details =
		"A file in Scalene's JSON is opened with \"scalene view FILE\". A core dump has one sample, which is "
		"taken without being asked for.",
	.args = dump_args,
	.nargs = sizeof(dump_args) / sizeof(dump_args[0]),
	.needs = SCL_NEEDS_PROFILE,
	.run = run_dump,
};

/* A viewer shows lines of files that it has the source of: what it cannot show is said here. */
static void say_sourceless(struct scl_session *session)
{
	struct scl_files files;
	double ns = 0;
	size_t n = 0;

	if (!scl_files_init(&files, session->profile, NULL))
		return;
	for (size_t i = 0; i < files.n; i++) {
		if (files.items[i].source && files.items[i].source->nlines)
			continue;
		ns += files.items[i].ns;
		n++;
	}
	if (n)
		scl_out(session, "  without the lines of %zu file%s whose source is not there (%.0f%% of the time)\n",
			n, n > 1 ? "s" : "",
			session->profile->total_ns > 0 ? 100 * ns / session->profile->total_ns : 0.0);
	scl_files_destroy(&files);
}

static void say_written(struct scl_session *session, const char *path, const struct scl_writer *writer, size_t bytes)
{
	scl_buffer_puts(&session->out, "wrote ");
	scl_text_puts(&session->out, path);
	scl_out(session, ": %s, %zu bytes\n", writer->summary, bytes);
	if (writer == &scl_writer_scalene)
		say_sourceless(session);
}

bool scl_profile_save(struct scl_session *session, const char *path, const char *format, struct scl_error *err)
{
	const struct scl_writer *writer = scl_writer_find(format, err);
	struct scl_writer_options options = {.limit = session->settings.limit};
	struct scl_buffer text = {0};

	if (!writer)
		return false;
	bool done = writer->write(session->profile, &options, &text, err);
	if (done && text.failed)
		done = scl_fail(err, SCL_ENOMEM, "out of memory for the profile's text");
	done = done && scl_out_document(session, path, scl_buffer_str(&text), text.len, err);
	if (done && !scl_is_output(path))
		say_written(session, path, writer, text.len);
	scl_buffer_destroy(&text);
	return done;
}
