/*
 * sampler.h - a thread of ours that takes samples of a running target on an absolute schedule.
 *
 * The thread blocks every signal, uses neither stdout nor a debugger's API, and owns the target's reads
 * while it runs, their stop flag included (scl_target_set_stop), which is off afterwards. The one who started it waits (or serves a debugger's event loop) and then collects.
 */
#ifndef SCL_PROFILE_SAMPLER_H
#define SCL_PROFILE_SAMPLER_H

#include "profile/collect.h"

struct scl_sampler_options {
	uint64_t samples;     /* > 0 */
	uint64_t interval_ns; /* 0: as fast as possible */
	uint64_t duration_ns; /* 0: until the samples are taken */
	enum scl_thread_choice threads;
	enum scl_await_credit credit;
	bool still; /* of a snapshot: the target stands still */
	struct scl_filter_options filter;
	/*
	 * Stop mode: called around each sample to hold and to release the target, on the sampler's thread. NULL in
	 * live mode. `hold` returning false ends the sampling.
	 */
	bool (*hold)(void *arg, struct scl_error *err);
	void (*release)(void *arg);
	/* Called on the sampler's thread four times a second at most; may be NULL. */
	void (*progress)(void *arg, uint64_t taken);
	/* Called once on the sampler's thread when it is done for whatever reason; may be NULL. */
	void (*done)(void *arg);
	void *arg;
};

struct scl_sampler;

/* Start the thread. NULL and err when the filter or the thread could not be made. The runtime must outlive it. */
struct scl_sampler *scl_sampler_start(const struct scl_runtime *rt, const struct scl_sampler_options *options,
				      struct scl_error *err);
/* Ask it to end, the sample at hand unfinished; may be called from a signal handler or from any thread. */
void scl_sampler_stop(struct scl_sampler *sampler);
/* Wait at most timeout_ms for the end; true when it has ended. */
bool scl_sampler_wait(struct scl_sampler *sampler, unsigned timeout_ms);
/* Wait for the end, free the sampler, hand over the profile (never NULL once it was started: what was taken is
 * kept; `ended` in its summary says why it ended early). Sources are not loaded yet. */
struct scl_profile *scl_sampler_finish(struct scl_sampler *sampler);

/* One sample of a target as it is, as a profile; the interval and the duration are not used. */
struct scl_profile *scl_sampler_snapshot(const struct scl_runtime *rt, const struct scl_sampler_options *options,
					 struct scl_error *err);

#endif
