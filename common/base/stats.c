#include "base/stats.h"

#include <math.h>

enum { SUB_BITS = 4, SUB = 1 << SUB_BITS }; /* linear buckets in each power of two */

void scl_stats_add(struct scl_stats *s, double value)
{
	if (!s->count || value < s->min)
		s->min = value;
	if (!s->count || value > s->max)
		s->max = value;
	s->count++;
	double delta = value - s->mean;
	s->mean += delta / (double)s->count;
	s->m2 += delta * (value - s->mean);
}

double scl_stats_variance(const struct scl_stats *s)
{
	return s->count < 2 ? 0 : s->m2 / (double)(s->count - 1);
}

/* Values below 16 have a bucket each; above, the four bits after the leading one choose it. */
static unsigned bucket_of(uint64_t value)
{
	if (value < SUB)
		return (unsigned)value;
	unsigned exponent = 0;
	for (uint64_t v = value; v >= SUB << 1; v >>= 1)
		exponent++;
	unsigned i = (exponent + 1) * SUB + (unsigned)((value >> exponent) & (SUB - 1));
	return i < SCL_HISTOGRAM_BUCKETS ? i : SCL_HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t bucket_value(unsigned i)
{
	if (i < SUB)
		return i;
	unsigned exponent = i / SUB - 1;
	uint64_t low = (uint64_t)(SUB + i % SUB) << exponent;
	return low + ((UINT64_C(1) << exponent) >> 1);
}

void scl_histogram_add(struct scl_histogram *h, uint64_t value)
{
	uint32_t *bucket = &h->buckets[bucket_of(value)];
	if (*bucket < UINT32_MAX) {
		(*bucket)++;
		h->count++;
	}
}

uint64_t scl_histogram_quantile(const struct scl_histogram *h, double fraction)
{
	if (!h->count)
		return 0;
	double wanted = ceil(fraction * (double)h->count);
	uint64_t rank = wanted < 1 ? 1 : wanted >= (double)h->count ? h->count : (uint64_t)wanted;
	uint64_t seen = 0;
	for (unsigned i = 0; i < SCL_HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= rank)
			return bucket_value(i);
	}
	return bucket_value(SCL_HISTOGRAM_BUCKETS - 1);
}
