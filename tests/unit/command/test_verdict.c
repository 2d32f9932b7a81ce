/* test_verdict.c - the verdict of `diagnose` from hand-made evidence. */
#include "check.h"
#include "command/verdict.h"

/* A thread of user code: each case changes what it is about. */
static struct scl_evidence plain(enum scl_activity activity)
{
	return (struct scl_evidence){
		.python = true,
		.initialized = true,
		.python_threads = 1,
		.lwps = 1,
		.activity = activity,
		.clues = {.frames = 3, .user = 0, .module = 3},
	};
}

static struct scl_evidence with_loop(enum scl_activity activity, uint64_t ready, uint64_t suspended)
{
	struct scl_evidence e = plain(activity);

	e.loop = true;
	e.ready = ready;
	e.suspended = suspended;
	return e;
}

#define CHECK_VERDICT(e, want) CHECK_STR(scl_verdict_name(scl_verdict_decide(&(e))), want)

static void the_process_comes_first(void)
{
	struct scl_evidence e = plain(SCL_ACTIVITY_GIL);

	CHECK_VERDICT(e, "waiting-for-gil");
	e.forked = true;
	CHECK_VERDICT(e, "waiting-for-gil");
	e.dead_threads = 1;
	CHECK_VERDICT(e, "fork-not-executed");
	e.forked = false; /* a state that outlives its thread for a moment */
	CHECK_VERDICT(e, "waiting-for-gil");
	e.initialized = false;
	CHECK_VERDICT(e, "starting");
	e.finalizing = true;
	CHECK_VERDICT(e, "finalizing");
	e.python = false;
	CHECK_VERDICT(e, "no-python");
	e = plain(SCL_ACTIVITY_UNKNOWN);
	e.python_threads = 0;
	CHECK_VERDICT(e, "starting");
}

static void then_what_keeps_the_interpreter(void)
{
	struct scl_evidence e = plain(SCL_ACTIVITY_GIL);

	e.holder_differs = true;
	CHECK_VERDICT(e, "other-interpreter");
	e = plain(SCL_ACTIVITY_GC);
	CHECK_VERDICT(e, "garbage-collection");
	e = plain(SCL_ACTIVITY_SYSCALL);
	e.gc_collecting = true;
	CHECK_VERDICT(e, "blocked"); /* somebody else collects */
	e.clues.finalizer = true;
	CHECK_VERDICT(e, "garbage-collection");
	e.elsewhere = true;
	CHECK_VERDICT(e, "other-interpreter");
	e.clues.exiting = true;
	CHECK_VERDICT(e, "finalizing");
	e.activity = SCL_ACTIVITY_STOPPED;
	CHECK_VERDICT(e, "stopped");
	e.foreign = true;
	CHECK_VERDICT(e, "native-thread");
	e = plain(SCL_ACTIVITY_SYSCALL);
	e.clues.importing = true;
	CHECK_VERDICT(e, "importing");
	e.clues.starting = true;
	CHECK_VERDICT(e, "starting");
}

static void then_the_loop(void)
{
	struct scl_evidence e = with_loop(SCL_ACTIVITY_LOOP_IDLE, 0, 5);

	CHECK_VERDICT(e, "loop-idle");
	e.suspended = 0;
	CHECK_VERDICT(e, "loop-idle-no-tasks");
	e.native_runs = true; /* the loop is idle all the same */
	CHECK_VERDICT(e, "loop-idle-no-tasks");
	e = with_loop(SCL_ACTIVITY_SYSCALL, 0, 5);
	CHECK_VERDICT(e, "loop-blocked");
	e = with_loop(SCL_ACTIVITY_NATIVE, SCL_STARVING_READY, 5);
	CHECK_VERDICT(e, "loop-blocked");
	e.ready++;
	CHECK_VERDICT(e, "loop-starving");
	e = with_loop(SCL_ACTIVITY_PYTHON, 0, 5);
	CHECK_VERDICT(e, "loop-busy");
	e = with_loop(SCL_ACTIVITY_NATIVE, 3, 5);
	e.clues.selector = true; /* it polls, and does not wait */
	CHECK_VERDICT(e, "loop-busy");
	e.loop_foreign = true;
	CHECK_VERDICT(e, "foreign-loop");
	e = plain(SCL_ACTIVITY_SYSCALL);
	e.clues.loop = "trio";
	CHECK_VERDICT(e, "foreign-loop");
}

static void then_the_frames(void)
{
	struct scl_evidence e = plain(SCL_ACTIVITY_SYSCALL);

	CHECK_VERDICT(e, "blocked");
	e.native_runs = true;
	CHECK_VERDICT(e, "native-thread");
	e.python_runs = true; /* then the native one is not what the process is about */
	CHECK_VERDICT(e, "blocked");
	e.python_runs = false;
	e.interpreter_runs = true;
	CHECK_VERDICT(e, "other-interpreter");
	e = plain(SCL_ACTIVITY_NATIVE);
	CHECK_VERDICT(e, "running");
	e.clues.user = e.clues.frames;
	CHECK_VERDICT(e, "library-only");
	e.clues.frames = e.clues.user = 0;
	CHECK_VERDICT(e, "no-python-frame");
	e = plain(SCL_ACTIVITY_UNKNOWN);
	CHECK_VERDICT(e, "unknown");
}

static void every_verdict_has_words(void)
{
	for (int i = 0; i < SCL_NVERDICTS; i++) {
		CHECK(scl_verdict_name((enum scl_verdict)i)[0]);
		CHECK(scl_verdict_next((enum scl_verdict)i)[0]);
	}
	CHECK_STR(scl_verdict_name(SCL_NVERDICTS), "?");
}

static void names_the_check_that_fails(void)
{
	struct scl_await_facts facts = {.idle = true, .tasks = 3, .suspended = 2, .complete = 2};

	CHECK_INT(scl_await_check_failed(&facts), SCL_NCHECKS);
	facts.complete = 1;
	CHECK_INT(scl_await_check_failed(&facts), SCL_CHECK_FRAMES);
	facts.suspended = facts.complete = 0; /* nothing to read is no success */
	CHECK_INT(scl_await_check_failed(&facts), SCL_CHECK_TASKS);
	CHECK(!scl_await_check_passes(&facts, SCL_CHECK_FRAMES));
	facts.idle = false;
	CHECK_INT(scl_await_check_failed(&facts), SCL_CHECK_IDLE);
}

int main(void)
{
	RUN(the_process_comes_first);
	RUN(then_what_keeps_the_interpreter);
	RUN(then_the_loop);
	RUN(then_the_frames);
	RUN(every_verdict_has_words);
	RUN(names_the_check_that_fails);
	return check_finish();
}
