/* cmd_sample.c - sample: take N samples, keep them as the session's profile, report. */
#include <stdio.h>

#include "base/clock.h"
#include "command/sampling.h"
#include "command/table.h"

enum {
	SAMPLES_MAX = 1000000000,
	INTERVAL_MAX_US = 1000 * 1000 * 1000,
	DURATION_MAX_S = 30 * 24 * 3600,
};

static const char *const modes[] = {"live", "stop", NULL};
static const char *const thread_choices[] = {"all", "main", "gil", NULL};
static const char *const credits[] = {"inner", "outer", "leaf", NULL};
enum { MODE_LIVE, MODE_STOP };

static const struct scl_arg_spec args_table[] = {
	{.name = "N",
	 .kind = SCL_ARG_COUNT,
	 .required = true,
	 .max = SAMPLES_MAX,
	 .help = "how many samples to take, for instance 500"},
	{.name = "--interval",
	 .letter = 'i',
	 .kind = SCL_ARG_NUMBER,
	 .metavar = "USEC",
	 .standard = "10000",
	 .max = INTERVAL_MAX_US,
	 .help = "microseconds from one sample to the next; 0: as fast as possible"},
	{.name = "--duration",
	 .letter = 'd',
	 .kind = SCL_ARG_NUMBER,
	 .metavar = "SEC",
	 .max = DURATION_MAX_S,
	 .help = "end after that many seconds, even with fewer samples"},
	{.name = "--mode",
	 .letter = 'm',
	 .kind = SCL_ARG_CHOICE,
	 .metavar = "mode",
	 .standard = "live",
	 .choices = modes,
	 .help = "read while the target runs, or stop it for each sample"},
	{.name = "--threads",
	 .letter = 't',
	 .kind = SCL_ARG_CHOICE,
	 .metavar = "choice",
	 .standard = "all",
	 .choices = thread_choices,
	 .help = "the threads to sample: all, the main one, or the one that holds the GIL"},
	{.name = "--await",
	 .letter = 'a',
	 .kind = SCL_ARG_CHOICE,
	 .metavar = "frame",
	 .standard = "inner",
	 .choices = credits,
	 .help = "what a suspended task is credited to: its innermost line of the user's, or the outermost (as Scalene "
		 "does) or innermost of all"},
	{.name = "--profile-all", .kind = SCL_ARG_FLAG, .help = "count all files, not only those of the program"},
	{.name = "--profile-only",
	 .kind = SCL_ARG_TEXT,
	 .metavar = "SUBSTRINGS",
	 .help = "count only files whose path contains one of these, separated by commas"},
	{.name = "--profile-exclude",
	 .kind = SCL_ARG_TEXT,
	 .metavar = "SUBSTRINGS",
	 .help = "do not count files whose path contains one of these, separated by commas"},
	{.name = "--profile-system-libraries",
	 .kind = SCL_ARG_FLAG,
	 .help = "count the standard library and installed packages, too"},
	{.name = "--no-resume", .kind = SCL_ARG_FLAG, .help = "do not let the target run: take one sample as it is"},
	{.name = "--output",
	 .letter = 'o',
	 .kind = SCL_ARG_FILE,
	 .metavar = "FILE",
	 .help = "write the samples to a file, too; -: to the output, in place of the report"},
	{.name = "--format",
	 .letter = 'f',
	 .kind = SCL_ARG_FORMAT,
	 .metavar = "FORMAT",
	 .standard = "scalene",
	 .help = "its format"},
	{.name = "--quiet", .letter = 'q', .kind = SCL_ARG_FLAG, .help = "no report, only the summary"},
};

static struct scl_sampler_options read_options(const struct scl_args *args)
{
	/* In the order of thread_choices. */
	static const enum scl_thread_choice threads[] = {SCL_CHOOSE_ALL, SCL_CHOOSE_MAIN, SCL_CHOOSE_GIL};
	/* In the order of credits. */
	static const enum scl_await_credit frames[] = {SCL_CREDIT_INNER, SCL_CREDIT_OUTER, SCL_CREDIT_LEAF};

	return (struct scl_sampler_options){
		.samples = scl_arg(args, "N")->count,
		.interval_ns = (uint64_t)(scl_arg(args, "--interval")->number * SCL_NS_PER_US),
		.duration_ns = (uint64_t)(scl_arg(args, "--duration")->number * SCL_NS_PER_S),
		.threads = threads[scl_arg(args, "--threads")->count],
		.credit = frames[scl_arg(args, "--await")->count],
		.filter = {.profile_all = scl_arg(args, "--profile-all")->given,
			   .profile_system_libraries = scl_arg(args, "--profile-system-libraries")->given,
			   .profile_only = scl_arg(args, "--profile-only")->text,
			   .profile_exclude = scl_arg(args, "--profile-exclude")->text},
	};
}

/* Everything that can be refused is refused before the target runs and the samples would be lost. */
static bool check(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	const struct scl_arg_value *output = scl_arg(args, "--output");
	const struct scl_arg_value *duration = scl_arg(args, "--duration");

	if (duration->given && duration->number <= 0)
		return scl_fail(err, SCL_EUSAGE, "--duration must be more than 0");
	if (scl_arg(args, "--format")->given && !output->given)
		return scl_fail(err, SCL_EUSAGE,
				"--format says how --output is written, but there is no --output FILE");
	if (scl_arg(args, "--mode")->count == MODE_STOP && !scl_target_is_dead(session->target) &&
	    !scl_arg(args, "--no-resume")->given && !session->host->hold)
		return scl_fail(err, SCL_EUNSUPPORTED,
				"--mode stop is not possible here (%s): nothing can stop and resume this target for "
				"each sample; --mode live reads it while it runs",
				session->host->name);
	return !output->given || scl_is_output(output->text) || scl_write_file_check(output->text, err);
}

/* The output is to be one document: nothing else goes there. */
static bool prints_document(const struct scl_args *args)
{
	const struct scl_arg_value *output = scl_arg(args, "--output");

	return output->given && scl_is_output(output->text);
}

/* As scl_sampling_run: samples may be there although it failed. */
static bool take(struct scl_session *session, const struct scl_args *args, struct scl_profile **ret,
		 struct scl_error *err)
{
	struct scl_sampler_options options = read_options(args);
	/* What was asked for bounds the reads. */
	struct scl_read_budget unlimited = {0};

	scl_target_set_budget(session->target, unlimited);
	bool dead = scl_target_is_dead(session->target);
	if (!dead && !scl_arg(args, "--no-resume")->given)
		return scl_sampling_run(session, &options, scl_arg(args, "--mode")->count == MODE_STOP, ret, err);
	options.still = session->host->still;
	if (options.samples > 1 && !prints_document(args))
		scl_out(session, "%s: one sample instead of %" PRIu64 ".\n",
			dead		? "A core dump does not run"
			: options.still ? "The target is not resumed (--no-resume)"
					: "The target is taken as it is (--no-resume)",
			options.samples);
	*ret = scl_sampler_snapshot(session->rt, &options, err);
	return *ret != NULL;
}

static bool print_report(struct scl_session *session, bool quiet, struct scl_error *err)
{
	struct scl_writer_options options = {
		.width = session->host->width, .color = scl_session_color(session), .limit = session->settings.limit};

	if (!quiet)
		return scl_writer_terminal.write(session->profile, &options, &session->out, err);
	scl_profile_summarize(session->profile, &session->out);
	return true;
}

/* The sampler keeps to --duration without a word. */
static void note_duration(struct scl_profile *profile, const struct scl_args *args)
{
	const struct scl_arg_value *duration = scl_arg(args, "--duration");
	struct scl_profile_summary *summary = &profile->summary;

	if (duration->given && summary->taken < summary->asked && !summary->ended[0])
		snprintf(summary->ended, sizeof(summary->ended), "the %g s of --duration are over", duration->number);
}

/* Keep the samples as the session's, report them, write them. */
static bool give_out(struct scl_session *session, const struct scl_args *args, struct scl_profile *profile,
		     struct scl_error *err)
{
	const struct scl_arg_value *output = scl_arg(args, "--output");

	note_duration(profile, args);
	bool done = scl_sampling_keep(session, profile, err);
	done = done && (prints_document(args) || print_report(session, scl_arg(args, "--quiet")->given, err));
	return done &&
	       (!output->given || scl_profile_save(session, output->text, scl_arg(args, "--format")->text, err));
}

static bool run_sample(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct scl_profile *profile = NULL;
	struct scl_error also;

	if (!check(session, args, err))
		return false;
	if (take(session, args, &profile, err))
		return give_out(session, args, profile, err);
	/* The error that is reported is the first; the samples come before it. */
	if (profile && !give_out(session, args, profile, &also))
		scl_out(session, "%s\n", also.text);
	return false;
}

const struct scl_command scl_cmd_sample = {
	.name = "sample",
	.summary = "sample the running target and report where its time goes",
	.details =
		"In a debugger the target is resumed, sampled while it runs, and stopped again. Its own signals are "
		"delivered as always; a breakpoint, a crash, its exit or Ctrl-C ends the sampling early with the "
		"samples "
		"that there are. Without a debugger the target simply goes on.\n\n"
		"A line's time is that of the innermost frame of the user's own code: files below the program's "
		"directory, "
		"by Scalene's rules and option names. A sample without such a frame is counted under what its "
		"thread was "
		"doing.\n\n"
		"While an event loop is idle, its time is divided by the tasks that are suspended in it: await time, "
		"a column of its own whose lines make 100%. A task gives its part to one line of what it awaits, see "
		"--await; where that frame is not the user's, the part is in no line, and the report says how much "
		"that is.\n\n"
		"--mode stop makes each sample one exact instant, and costs the target the pauses that the summary "
		"then "
		"states. A system call that a stop interrupts may fail with EINTR, which Python repeats by itself. "
		"GDB may miss a Ctrl-C that comes just between two stops: press it again.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_sample,
	.example = "$ scalene sample 500\n"
		   "/srv/demo/app.py: % of time = 100.00% (4.973s) out of 4.973s\n"
		   "     │ Time   │        │        │\n"
		   "Line │ Python │ native │ system │ source\n"
		   "─────┼────────┼────────┼────────┼───────────────────────────────────────────────\n"
		   " ... │        │        │        │\n"
		   "   5 │        │    20% │        │     return hashlib.sha256(data).hexdigest()\n"
		   " ... │        │        │        │\n"
		   "  10 │     2% │        │        │         total += len(word) * 3\n"
		   " ... │        │        │        │\n"
		   "  15 │        │        │    49% │         time.sleep(0.5)\n"
		   " ... │        │        │        │\n"
		   "  21 │     1% │        │        │         checksum(b\"x\" * 8000000)\n"
		   " ... │        │        │        │\n"
		   "  25 │        │     1% │    23% │ asyncio.run(serve())\n"
		   "\n"
		   "     │ Time   │        │        │\n"
		   "Line │ Python │ native │ system │ function\n"
		   "─────┼────────┼────────┼────────┼───────────────────────────────────────────────\n"
		   "  13 │        │        │    49% │ poll\n"
		   "   4 │        │    20% │        │ checksum\n"
		   "   7 │     3% │        │        │ score\n"
		   "  17 │     2% │        │        │ serve\n"
		   "\n"
		   "Thread            │   LWP │ samples │ Python │ native │ idle │ blocked\n"
		   "──────────────────┼───────┼─────────┼────────┼────────┼──────┼────────\n"
		   "MainThread (main) │ 16024 │     500 │     9% │    45% │  45% │\n"
		   "poller            │ 16027 │     500 │        │     1% │      │     99%\n"
		   "\n"
		   "500 samples asked, 500 taken in 4.97 s (100.5/s), 0 torn, 6 retried, 0 lost;\n"
		   "  live, the target was not stopped\n"
		   "2 deadlines missed: their time counts for the sample after them",
};
