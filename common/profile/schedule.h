/*
 * schedule.h - when the next sample is due: an absolute schedule that keeps out of step with the target.
 *
 * Each deadline lies one interval, give or take up to a quarter drawn from a fixed sequence, after the deadline before
 * it, not after the moment when that sample was taken: delays do not add up. A program with a period of exactly
 * the interval would otherwise show the same moment in every sample; with the gaps drawn independently the
 * phase walks through the whole period within some ten samples, and as the gap before a sample says nothing about
 * its phase, weighting samples by elapsed time stays fair. The same target at the same pace is sampled at the
 * same distances again.
 */
#ifndef SCL_PROFILE_SCHEDULE_H
#define SCL_PROFILE_SCHEDULE_H

#include <stdint.h>

struct scl_schedule {
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	uint64_t interval_ns;
	uint64_t random;
	uint64_t late; /* deadlines that had passed by a whole interval and were skipped */
};

/* The first sample is due at once. An interval of 0: each is due at once. */
void scl_schedule_init(struct scl_schedule *s, uint64_t now_ns, uint64_t interval_ns);
/* After a sample: set due_ns for the next one. Deadlines missed are skipped and counted, never made up for. */
void scl_schedule_next(struct scl_schedule *s, uint64_t now_ns);

#endif
