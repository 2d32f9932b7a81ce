/* stats.h - running count, mean, variance and extremes of a series, in constant memory (Welford 1962). */
#ifndef SCL_BASE_STATS_H
#define SCL_BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

struct scl_stats {
	uint64_t count;
	double mean, m2, min, max;
};

void scl_stats_add(struct scl_stats *s, double value);
/* Sample variance; 0 for fewer than two values. */
double scl_stats_variance(const struct scl_stats *s);

/* A log-linear histogram of durations for percentiles in constant memory: relative error at most 1/16. */
enum { SCL_HISTOGRAM_BUCKETS = 16 * 60 };

struct scl_histogram {
	uint64_t count;
	uint32_t buckets[SCL_HISTOGRAM_BUCKETS];
};

void scl_histogram_add(struct scl_histogram *h, uint64_t value);
/* The value below which `fraction` (0..1) of the series lies; 0 when empty. */
uint64_t scl_histogram_quantile(const struct scl_histogram *h, double fraction);

#endif
