/* sampling.c - driving a sampler from a command. */
#include "command/sampling.h"

#include <pthread.h>
#include <stdio.h>

#include "base/text.h"

enum { POLL_MS = 100 };

/*
 * The sampler's thread ends the host's run() by halt(). A debuggee that has stopped by itself meanwhile must not be
 * halted: the stop would be left over for the next time that it is resumed.
 */
struct driver {
	struct scl_session *session;
	pthread_mutex_t lock;
	uint64_t asked;
	bool running; /* inside host->run() */
	bool done;    /* the sampler has ended */
	char reason[128];
};

static void sampler_done(void *arg)
{
	struct driver *d = arg;

	pthread_mutex_lock(&d->lock);
	d->done = true;
	if (d->running)
		d->session->host->halt(d->session->host);
	pthread_mutex_unlock(&d->lock);
}

static bool hold(void *arg, struct scl_error *err)
{
	struct scl_host *host = ((struct driver *)arg)->session->host;

	return host->hold(host, err);
}

static void release(void *arg)
{
	struct scl_host *host = ((struct driver *)arg)->session->host;

	host->release(host);
}

/* True when the debuggee has to be resumed; false when the sampler has ended before that. */
static bool begin_run(struct driver *d)
{
	pthread_mutex_lock(&d->lock);
	d->running = !d->done;
	pthread_mutex_unlock(&d->lock);
	return d->running;
}

static void end_run(struct driver *d)
{
	pthread_mutex_lock(&d->lock);
	d->running = false;
	pthread_mutex_unlock(&d->lock);
}

static bool serve_debugger(struct driver *d, struct scl_sampler *sampler, struct scl_error *err)
{
	struct scl_host *host = d->session->host;
	bool ran = true;

	if (begin_run(d)) {
		ran = host->run(host, d->reason, sizeof(d->reason), err);
		end_run(d);
	}
	scl_sampler_stop(sampler);
	return ran;
}

/* On the sampler's thread. */
static void show_progress(void *arg, uint64_t taken)
{
	const struct driver *d = arg;
	struct scl_host *host = d->session->host;
	char text[80];

	snprintf(text, sizeof(text), "sampling: %" PRIu64 " of %" PRIu64 " (%.0f%%), Ctrl-C ends it", taken, d->asked,
		 100.0 * (double)taken / (double)d->asked);
	host->progress(host, text);
}

static void wait_polling(struct driver *d, struct scl_sampler *sampler)
{
	while (!scl_sampler_wait(sampler, POLL_MS)) {
		if (!scl_session_go_on(d->session, NULL)) {
			scl_sampler_stop(sampler);
			snprintf(d->reason, sizeof(d->reason), "interrupted");
			break;
		}
	}
}

/* Why there are fewer samples than asked for: what the sampler saw, else what ended the run. */
static void note_end(struct scl_profile *profile, const char *reason)
{
	struct scl_profile_summary *summary = &profile->summary;

	if (summary->taken >= summary->asked || !reason[0])
		return;
	struct scl_buffer text = {0};
	scl_text_puts(&text, reason);
	snprintf(summary->ended, sizeof(summary->ended), "%s", scl_buffer_str(&text));
	scl_buffer_destroy(&text);
}

/* What the sampler has gathered; NULL when the host failed before there was any of it. */
static struct scl_profile *collect(struct driver *d, struct scl_sampler *sampler, bool ran, const char *why)
{
	struct scl_profile *profile = scl_sampler_finish(sampler);

	if (ran || profile->summary.taken > 0) {
		note_end(profile, ran ? d->reason : why);
		return profile;
	}
	scl_profile_destroy(profile);
	return NULL;
}

bool scl_sampling_run(struct scl_session *session, struct scl_sampler_options *options, bool stop_mode,
		      struct scl_profile **ret, struct scl_error *err)
{
	struct driver d = {.session = session, .lock = PTHREAD_MUTEX_INITIALIZER, .asked = options->samples};
	struct scl_host *host = session->host;
	struct scl_error why = {0};
	bool ran = true;

	*ret = NULL;
	options->arg = &d;
	options->done = sampler_done;
	options->progress = host->progress ? show_progress : NULL;
	options->hold = stop_mode ? hold : NULL;
	options->release = stop_mode ? release : NULL;
	scl_target_set_still(session->target, false);
	struct scl_sampler *sampler = scl_sampler_start(session->rt, options, err);
	if (!sampler)
		return false;
	if (host->run)
		ran = serve_debugger(&d, sampler, &why);
	else
		wait_polling(&d, sampler);
	*ret = collect(&d, sampler, ran, why.text);
	if (host->progress)
		host->progress(host, NULL);
	pthread_mutex_destroy(&d.lock);
	scl_target_set_still(session->target, host->still);
	return ran || scl_fail_errno(err, why.code, why.sys_errno, "%s", why.text);
}

bool scl_sampling_keep(struct scl_session *session, struct scl_profile *profile, struct scl_error *err)
{
	if (profile->summary.taken == 0) {
		scl_error_set(err, SCL_EGONE, 0, 0, "no sample could be taken%s%s",
			      profile->summary.ended[0] ? ": " : "", profile->summary.ended);
		scl_profile_destroy(profile);
		return false;
	}
	scl_session_keep_profile(session, profile);
	/* Where the sources cannot be read there is a report without them. */
	return scl_profile_load_sources(profile, session->target, err);
}

bool scl_sampling_of_core(struct scl_session *session, struct scl_error *err)
{
	struct scl_sampler_options options = {.samples = 1, .still = true};
	struct scl_read_budget unlimited = {0};

	scl_target_set_budget(session->target, unlimited);
	struct scl_profile *profile = scl_sampler_snapshot(session->rt, &options, err);
	return profile && scl_sampling_keep(session, profile, err);
}
