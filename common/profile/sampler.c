#include "profile/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/stats.h"
#include "profile/schedule.h"

enum {
	RETRIES_MIN = 4, /* of a torn stack */
	RETRIES_MAX = 12,
	RETRY_NS = 4 * SCL_NS_PER_US,  /* what one of them takes, about */
	RETRY_SHARE = 10,	       /* of the interval that retries may take: one in so many parts */
	SLICE_NS = 40 * SCL_NS_PER_MS, /* longest sleep without a look at the stop flag */
	PROGRESS_NS = 250 * SCL_NS_PER_MS,
	SETTLE_NS = SCL_NS_PER_S,	  /* longest wait for a debugger to let the target go */
	FAILING_NS = 250 * SCL_NS_PER_MS, /* an interpreter that cannot be read for that long is gone */
	FAILURES_MIN = 3,
};

struct scl_sampler {
	const struct scl_runtime *rt;
	struct scl_sampler_options options;
	struct scl_observer *observer;
	struct scl_filter *filter;
	struct scl_profile *profile;
	struct scl_schedule schedule;
	uint64_t failing_since_ns, failures;
	bool alive; /* for process_ended() */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	atomic_bool stop, done;
	_Atomic uint64_t taken;
};

static void sampler_free(struct scl_sampler *s)
{
	scl_observer_destroy(s->observer);
	scl_filter_destroy(s->filter);
	scl_profile_destroy(s->profile);
	free(s);
}

static struct scl_sampler *sampler_new(const struct scl_runtime *rt, const struct scl_sampler_options *options,
				       struct scl_error *err)
{
	struct scl_sampler *s = calloc(1, sizeof(*s));
	if (!s) {
		scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
		return NULL;
	}
	s->rt = rt;
	s->options = *options;
	s->filter = scl_filter_create(rt, &options->filter, err);
	s->observer = s->filter ? scl_observer_create(rt) : NULL;
	s->profile = s->observer ? scl_profile_create() : NULL;
	if (s->filter && !s->profile)
		scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
	if (!s->profile || !scl_profile_describe(s->profile, rt, s->filter, err)) {
		sampler_free(s);
		return NULL;
	}
	/* The filter has copies; these are the caller's. */
	s->options.filter = (struct scl_filter_options){0};
	scl_observer_watch_tasks(s->observer);
	s->profile->waiting.credit = options->credit;
	s->profile->waiting.asyncio = scl_asyncio_is_loaded(rt);
	s->profile->summary.asked = options->samples;
	s->profile->summary.interval_ns = options->interval_ns;
	s->profile->summary.mode = options->hold ? "stop" : "live";
	return s;
}

/* -- one sample ----------------------------------------------------------------------------------------- */

static void end(struct scl_sampler *s, const char *why)
{
	struct scl_profile_summary *summary = &s->profile->summary;
	if (!summary->ended[0])
		snprintf(summary->ended, sizeof(summary->ended), "%.*s", (int)sizeof(summary->ended) - 1, why);
}

static bool lives(uint64_t lwp, void *arg)
{
	struct scl_sampler *s = arg;
	struct scl_lwp_status status;
	s->alive = scl_lwp_status(s->rt->target, lwp, SCL_LWP_STAT, &status, NULL) && !strchr("ZX", status.state);
	return !s->alive;
}

/* The main thread may have ended, and others go on. */
static bool process_ended(struct scl_sampler *s)
{
	struct scl_error err;
	if (scl_target_pid(s->rt->target) <= 0)
		return false;
	s->alive = false;
	if (!scl_for_each_lwp(s->rt->target, lives, s, &err))
		return err.code == SCL_EGONE;
	return !s->alive;
}

/* A sample failed: does it make sense to go on? */
static bool bear(struct scl_sampler *s, const struct scl_error *err)
{
	uint64_t now = scl_clock_monotonic();
	if (err->code == SCL_EINTERRUPTED)
		return false;
	if (s->profile->summary.lost++ == 0)
		snprintf(s->profile->summary.loss, sizeof(s->profile->summary.loss), "%s", err->text);
	if (process_ended(s)) {
		end(s, "the process has ended");
		return false;
	}
	if (err->code == SCL_EGONE || err->code == SCL_ENOMEM) {
		end(s, err->text);
		return false;
	}
	if (s->failures++ == 0)
		s->failing_since_ns = now;
	if (s->failures < FAILURES_MIN || now - s->failing_since_ns < FAILING_NS)
		return true;
	struct scl_error why = *err;
	(void)scl_wrap(&why, "the interpreter is gone (another program was executed, or this one ends)");
	end(s, why.text);
	return false;
}

/* More tries where there is time for them: they are what makes a stack that moves come out right. */
static unsigned retries(const struct scl_sampler_options *options)
{
	uint64_t fit = options->interval_ns / RETRY_SHARE / RETRY_NS;

	return fit < RETRIES_MIN ? RETRIES_MIN : fit > RETRIES_MAX ? RETRIES_MAX : (unsigned)fit;
}

static bool take(struct scl_sampler *s)
{
	struct scl_sample sample;
	struct scl_error err;
	if (!scl_observer_take(s->observer, s->options.threads, retries(&s->options), &sample, &err))
		return bear(s, &err);
	s->failures = 0;
	if (!scl_profile_add(s->profile, &sample, s->filter, &err)) {
		end(s, err.text);
		return false;
	}
	atomic_fetch_add(&s->taken, 1);
	return true;
}

static bool take_held(struct scl_sampler *s)
{
	struct scl_profile_summary *summary = &s->profile->summary;
	struct scl_error err;
	if (!s->options.hold)
		return take(s);
	uint64_t before = scl_clock_monotonic();
	if (!s->options.hold(s->options.arg, &err)) {
		end(s, err.text);
		return false;
	}
	bool more = take(s);
	s->options.release(s->options.arg);
	uint64_t pause = scl_clock_monotonic() - before;
	summary->stopped_ns += pause;
	scl_histogram_add(&summary->pauses, pause);
	return more;
}

/* -- the thread ----------------------------------------------------------------------------------------- */

static bool stopping(struct scl_sampler *s)
{
	return atomic_load(&s->stop);
}

/* One sample of thousands of threads takes long: nobody waits for its end. */
static bool stop_reading(void *arg)
{
	return stopping(arg);
}

/* False when it is time to end before that. */
static bool sleep_until(struct scl_sampler *s, uint64_t due, uint64_t last)
{
	for (uint64_t now = scl_clock_monotonic(); now < due; now = scl_clock_monotonic()) {
		uint64_t until = due - now > SLICE_NS ? now + SLICE_NS : due;
		if (stopping(s) || now >= last)
			return false;
		if (until > last)
			until = last;
		struct timespec t = {.tv_sec = (time_t)(until / SCL_NS_PER_S), .tv_nsec = (long)(until % SCL_NS_PER_S)};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	}
	return !stopping(s) && scl_clock_monotonic() < last;
}

/* A debugger that starts the sampler lets its target run right after that; until then there is nothing to see. */
static void settle(struct scl_sampler *s)
{
	struct scl_lwp_status status;
	int pid = scl_target_pid(s->rt->target);
	uint64_t until = scl_clock_monotonic() + SETTLE_NS;
	while (!s->options.hold && pid > 0 && !stopping(s) && scl_clock_monotonic() < until) {
		if (!scl_lwp_status(s->rt->target, (uint64_t)pid, SCL_LWP_STAT, &status, NULL) || status.state != 't')
			return;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = SCL_NS_PER_MS}, NULL);
	}
}

/* Say how far it is, when it was long ago that we did; returns when that was. */
static uint64_t report_progress(struct scl_sampler *s, uint64_t reported_ns)
{
	uint64_t now = scl_clock_monotonic();
	if (!s->options.progress || now - reported_ns < PROGRESS_NS)
		return reported_ns;
	s->options.progress(s->options.arg, atomic_load(&s->taken));
	return now;
}

static void sample_all(struct scl_sampler *s)
{
	struct scl_profile_summary *summary = &s->profile->summary;
	struct scl_read_budget before = scl_target_spent(s->rt->target);
	uint64_t start = scl_clock_monotonic(), reported = start;
	uint64_t last = s->options.duration_ns ? start + s->options.duration_ns : UINT64_MAX;
	summary->started_monotonic_ns = start;
	summary->started_realtime_ns = scl_clock_realtime();
	scl_schedule_init(&s->schedule, start, s->options.interval_ns);
	for (uint64_t n = 0; n < s->options.samples; n++) {
		if (!sleep_until(s, s->schedule.due_ns, last) || !take_held(s))
			break;
		reported = report_progress(s, reported);
		scl_schedule_next(&s->schedule, scl_clock_monotonic());
	}
	summary->elapsed_ns = scl_clock_monotonic() - start;
	/* It may have been imported meanwhile. */
	s->profile->waiting.asyncio = s->profile->waiting.asyncio || scl_asyncio_is_loaded(s->rt);
	summary->late = s->schedule.late;
	struct scl_read_budget after = scl_target_spent(s->rt->target);
	summary->reads = after.calls - before.calls;
	summary->read_bytes = after.bytes - before.bytes;
	if (stopping(s) && summary->taken + summary->lost < summary->asked)
		end(s, "stopped before all samples were taken");
}

static void *run(void *arg)
{
	struct scl_sampler *s = arg;
	/* The default slack of 50 us (prctl(2)) is a whole interval of a fast sampler. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	settle(s);
	sample_all(s);
	if (s->options.done)
		s->options.done(s->options.arg);
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->done, true);
	pthread_cond_broadcast(&s->ended);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* With every signal blocked: they are for the threads of the program that we live in. */
static int start_thread(struct scl_sampler *s)
{
	sigset_t all, old;
	scl_target_set_stop(s->rt->target, stop_reading, s);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int number = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return number;
}

struct scl_sampler *scl_sampler_start(const struct scl_runtime *rt, const struct scl_sampler_options *options,
				      struct scl_error *err)
{
	struct scl_sampler *s = sampler_new(rt, options, err);
	pthread_condattr_t attr;
	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->ended, &attr);
	pthread_condattr_destroy(&attr);
	int number = start_thread(s);
	if (number == 0)
		return s;
	scl_target_set_stop(rt->target, NULL, NULL);
	pthread_cond_destroy(&s->ended);
	pthread_mutex_destroy(&s->lock);
	sampler_free(s);
	scl_error_set(err, SCL_EIO, number, 0, "cannot start a thread: %s", strerror(number));
	return NULL;
}

void scl_sampler_stop(struct scl_sampler *s)
{
	atomic_store(&s->stop, true);
}

bool scl_sampler_wait(struct scl_sampler *s, unsigned timeout_ms)
{
	uint64_t until = scl_clock_monotonic() + (uint64_t)timeout_ms * SCL_NS_PER_MS;
	struct timespec t = {.tv_sec = (time_t)(until / SCL_NS_PER_S), .tv_nsec = (long)(until % SCL_NS_PER_S)};
	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->done) && pthread_cond_timedwait(&s->ended, &s->lock, &t) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&s->lock);
	return atomic_load(&s->done);
}

struct scl_profile *scl_sampler_finish(struct scl_sampler *s)
{
	pthread_join(s->thread, NULL);
	scl_target_set_stop(s->rt->target, NULL, NULL);
	pthread_cond_destroy(&s->ended);
	pthread_mutex_destroy(&s->lock);
	struct scl_profile *profile = s->profile;
	s->profile = NULL;
	sampler_free(s);
	return profile;
}

struct scl_profile *scl_sampler_snapshot(const struct scl_runtime *rt, const struct scl_sampler_options *options,
					 struct scl_error *err)
{
	struct scl_sampler *s = sampler_new(rt, options, err);
	struct scl_sample sample;
	if (!s)
		return NULL;
	struct scl_profile *profile = s->profile;
	struct scl_profile_summary *summary = &profile->summary;
	summary->mode = "snapshot";
	summary->stood = options->still;
	summary->started_monotonic_ns = scl_clock_monotonic();
	summary->started_realtime_ns = scl_clock_realtime();
	bool ok = scl_observer_take(s->observer, options->threads, RETRIES_MAX, &sample, err) &&
		  scl_profile_add(profile, &sample, s->filter, err);
	summary->elapsed_ns = scl_clock_monotonic() - summary->started_monotonic_ns;
	if (ok)
		s->profile = NULL;
	sampler_free(s);
	return ok ? profile : NULL;
}
