/* test_sampling.c - who ends a sampling: the sampler, the debugger, the user. */
#include "check.h"

#include <pthread.h>
#include <unistd.h>

#include "python_session.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned halts, runs, holds, releases;
static bool stops_by_itself, refuses_to_run, fails_after;

static bool fake_run(struct scl_host *host, char *reason, size_t cap, struct scl_error *why)
{
	(void)host;
	if (refuses_to_run)
		return scl_fail(why, SCL_EUNSUPPORTED, "cannot resume");
	pthread_mutex_lock(&lock);
	runs++;
	while (halts < runs && !stops_by_itself)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	if (fails_after)
		return scl_fail(why, SCL_EUNSUPPORTED, "a hook failed");
	if (stops_by_itself)
		snprintf(reason, cap, "breakpoint 2\n");
	return true;
}

static void fake_halt(struct scl_host *host)
{
	(void)host;
	pthread_mutex_lock(&lock);
	halts++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static bool fake_hold(struct scl_host *host, struct scl_error *why)
{
	(void)host;
	(void)why;
	holds++;
	return true;
}

static void fake_release(struct scl_host *host)
{
	(void)host;
	releases++;
}

static void begin(bool debugger)
{
	open_python();
	make_stack("app.py", 1);
	halts = runs = holds = releases = 0;
	stops_by_itself = refuses_to_run = fails_after = false;
	if (debugger) {
		fake.host.run = fake_run;
		fake.host.halt = fake_halt;
	} else {
		fake.host.still = false;
	}
}

static const struct scl_profile_summary *summary(void)
{
	static const struct scl_profile_summary none;

	return session->profile ? &session->profile->summary : &none;
}

/* run(), again while the sampler is done before the debuggee was let run: then it is not. */
static bool run_running(const char *line)
{
	bool done = run(line);

	for (int tries = 0; tries < 100 && runs == 0; tries++)
		done = run(line);
	return done;
}

static void the_sampler_halts_the_debuggee_when_it_is_done(void)
{
	begin(true);
	CHECK(run_running("sample 5 --interval 2000 --quiet"));
	CHECK_INT(summary()->taken, 5);
	CHECK_STR(summary()->ended, "");
	CHECK_INT(runs, 1);
	CHECK_INT(halts, 1);
	CHECK_CONTAINS(printed(), "5 samples asked");
	close_python();
}

static void a_debuggee_that_stops_by_itself_is_not_halted(void)
{
	begin(true);
	stops_by_itself = true;
	/* It may stop before the first sample: then there is nothing to keep. */
	bool sampled = run("sample 1000 --interval 2000 --quiet");
	CHECK(sampled == (summary()->taken > 0) && summary()->taken < 1000);
	CHECK_CONTAINS(sampled ? printed() : err.text, "breakpoint 2\\n");
	CHECK_INT(halts, 0);
	close_python();
}

static void a_debuggee_that_cannot_run_keeps_the_last_profile(void)
{
	begin(true);
	CHECK(run("sample 3 --interval 0 --quiet"));
	refuses_to_run = true;
	CHECK(!run("sample 1000 --interval 2000 --quiet"));
	CHECK_STR(err.text, "cannot resume");
	/* The sampler may have been quicker than the refusal: then its samples are there, and kept. */
	CHECK(summary()->asked == 3 || summary()->taken > 0);
	CHECK_INT(halts, runs);
	close_python();
}

/* Until the sampler has read more than one sample takes. */
static bool fail_after_some(struct scl_host *host, char *reason, size_t cap, struct scl_error *why)
{
	(void)host;
	(void)reason;
	(void)cap;
	uint64_t before = scl_target_spent(image).calls;
	while (scl_target_spent(image).calls < before + 100)
		usleep(1000);
	return scl_fail(why, SCL_EUNSUPPORTED, "a hook failed");
}

static void samples_outlive_an_error_after_them(void)
{
	begin(true);
	fails_after = true;
	CHECK(!run_running("sample 3 --interval 2000 --quiet"));
	CHECK_STR(err.text, "a hook failed");
	CHECK_INT(summary()->taken, 3);
	CHECK_STR(summary()->ended, "");
	CHECK_CONTAINS(printed(), "3 samples asked, 3 taken");
	fake.host.run = fail_after_some;
	CHECK(!run("sample 1000000 --interval 1000 --quiet"));
	CHECK_STR(err.text, "a hook failed");
	CHECK(summary()->taken > 0);
	CHECK_STR(summary()->ended, "a hook failed");
	CHECK_CONTAINS(printed(), "\nended early: a hook failed\n");
	close_python();
}

static void without_a_debugger_the_user_may_end_it(void)
{
	begin(false);
	CHECK(run("sample 3 --interval 1000 --quiet"));
	CHECK_INT(summary()->taken, 3);
	close_python();
}

static void the_duration_is_the_reason(void)
{
	begin(false);
	CHECK(run("sample 1000 --interval 2000 --duration 0.02 --quiet"));
	CHECK(summary()->taken > 0 && summary()->taken < 1000);
	CHECK_CONTAINS(summary()->ended, "0.02 s of --duration");
	CHECK(!run("sample 5 --duration 0"));
	CHECK_INT(err.code, SCL_EUSAGE);
	close_python();
}

static void stop_mode_holds_for_each_sample(void)
{
	begin(false);
	CHECK(!run("sample 4 --mode stop"));
	CHECK_INT(err.code, SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "--mode live");
	fake.host.hold = fake_hold;
	fake.host.release = fake_release;
	CHECK(run("sample 4 --interval 0 --mode stop --quiet"));
	CHECK_INT(holds, 4);
	CHECK_INT(releases, 4);
	CHECK_STR(summary()->mode, "stop");
	close_python();
}

/* The list of interpreters is a lie while the first sample is taken. */
static void break_first(void)
{
	scl_addr head = AT(FAKE_RUNTIME, runtime, interpreters_head);
	static scl_addr kept;

	if (holds == 1)
		CHECK(scl_read_ptr(image, head, &kept, NULL));
	if (holds <= 2)
		put_u64(head, holds == 1 ? 0xdead0000 : kept);
}

static bool hold_and_break(struct scl_host *host, struct scl_error *why)
{
	bool held = fake_hold(host, why);

	break_first();
	return held;
}

static void a_lost_sample_says_why(void)
{
	begin(false);
	fake.host.hold = hold_and_break;
	fake.host.release = fake_release;
	CHECK(run("sample 4 --interval 0 --mode stop --quiet"));
	CHECK_INT(summary()->taken, 3);
	CHECK_INT(summary()->lost, 1);
	CHECK_CONTAINS(summary()->loss, "the list of threads");
	CHECK_CONTAINS(printed(), "1 lost");
	CHECK_CONTAINS(printed(), "\nthe sample was lost because: the list of threads");
	close_python();
}

static void no_resume_takes_one_and_does_not_run(void)
{
	begin(true);
	CHECK(run("sample 9 --no-resume"));
	CHECK_INT(runs, 0);
	CHECK_INT(summary()->taken, 1);
	CHECK_CONTAINS(printed(), "not resumed");
	CHECK_STR(summary()->mode, "snapshot");
	CHECK_CONTAINS(printed(), "9 samples asked, 1 taken, 0 torn");
	CHECK(summary()->stood);
	CHECK(run("report"));
	close_python();
}

static void no_resume_of_one_that_runs_says_so(void)
{
	begin(false);
	CHECK(run("sample 9 --no-resume --quiet"));
	CHECK_CONTAINS(printed(), "taken as it is");
	CHECK_CONTAINS(printed(), "the target ran, and was not stopped");
	close_python();
}

static void what_can_be_refused_is_refused_before_it_runs(void)
{
	begin(true);
	CHECK(!run("sample 5 -o /nonexistent/x"));
	CHECK_CONTAINS(err.text, "/nonexistent/x");
	CHECK(!run("sample 5 --format scalene"));
	CHECK_CONTAINS(err.text, "--output");
	CHECK_INT(runs, 0);
	CHECK(!session->profile);
	close_python();
}

static void the_samples_are_written_as_asked(void)
{
	char path[] = "/tmp/scl-test-sample-XXXXXX", line[128];
	FILE *f;

	begin(false);
	close(mkstemp(path));
	snprintf(line, sizeof(line), "sample 3 --interval 0 -q -o %s", path);
	CHECK(run(line));
	CHECK_CONTAINS(printed(), path);
	f = fopen(path, "r");
	CHECK(f && fgetc(f) == '{');
	if (f)
		fclose(f);
	unlink(path);
	close_python();
}

int main(void)
{
	RUN_LAYOUTS(the_sampler_halts_the_debuggee_when_it_is_done);
	RUN_LAYOUTS(a_debuggee_that_stops_by_itself_is_not_halted);
	RUN_LAYOUTS(a_debuggee_that_cannot_run_keeps_the_last_profile);
	RUN_LAYOUTS(samples_outlive_an_error_after_them);
	RUN_LAYOUTS(without_a_debugger_the_user_may_end_it);
	RUN_LAYOUTS(the_duration_is_the_reason);
	RUN_LAYOUTS(stop_mode_holds_for_each_sample);
	RUN_LAYOUTS(no_resume_takes_one_and_does_not_run);
	RUN_LAYOUTS(no_resume_of_one_that_runs_says_so);
	RUN_LAYOUTS(a_lost_sample_says_why);
	RUN_LAYOUTS(what_can_be_refused_is_refused_before_it_runs);
	RUN_LAYOUTS(the_samples_are_written_as_asked);
	return check_finish();
}
