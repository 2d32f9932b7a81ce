#include "base/stats.h"

#include <math.h>

#include "base/clock.h"
#include "check.h"

static void mean_and_variance_are_exact_enough(void)
{
	struct scl_stats s = {0};
	CHECK(scl_stats_variance(&s) == 0);
	/* A large offset is what breaks the naive sum of squares. */
	static const double values[] = {4, 7, 13, 16};
	for (int i = 0; i < 4; i++) {
		scl_stats_add(&s, 1e9 + values[i]);
		if (i == 0)
			CHECK(scl_stats_variance(&s) == 0);
	}
	CHECK_INT(s.count, 4);
	CHECK(fabs(s.mean - (1e9 + 10)) < 1e-6);
	CHECK(fabs(scl_stats_variance(&s) - 30) < 1e-6);
	CHECK(s.min == 1e9 + 4 && s.max == 1e9 + 16);
	struct scl_stats below = {0};
	scl_stats_add(&below, -3);
	CHECK(below.max == -3 && below.min == -3);
}

static void one_value_is_found_within_a_sixteenth(void)
{
	static struct scl_histogram h;
	uint64_t value = 0;
	for (int i = 0; i < 400; i++) {
		memset(&h, 0, sizeof(h));
		scl_histogram_add(&h, value);
		uint64_t got = scl_histogram_quantile(&h, 0.5);
		uint64_t off = got > value ? got - value : value - got;
		if (value < (UINT64_C(1) << 63) && (double)off > (double)value / 16)
			CHECK_FAIL("%" PRIu64 " became %" PRIu64, value, got);
		value = value < 40 ? value + 1 : value + value / 8;
	}
	scl_histogram_add(&h, UINT64_MAX);
	CHECK(scl_histogram_quantile(&h, 1) > UINT64_MAX / 4);
}

static void quantiles_of_a_ramp(void)
{
	static struct scl_histogram h;
	memset(&h, 0, sizeof(h));
	CHECK_INT(scl_histogram_quantile(&h, 0.5), 0);
	for (uint64_t i = 1; i <= 10000; i++)
		scl_histogram_add(&h, i);
	static const struct {
		double fraction, value;
	} wanted[] = {{0, 1}, {0.5, 5000}, {0.9, 9000}, {0.99, 9900}, {1, 10000}, {2, 10000}, {-1, 1}};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		double got = (double)scl_histogram_quantile(&h, wanted[i].fraction);
		if (fabs(got - wanted[i].value) > wanted[i].value / 16)
			CHECK_FAIL("quantile %g is %g, not %g", wanted[i].fraction, got, wanted[i].value);
	}
}

static void clocks_move_forward(void)
{
	uint64_t a = scl_clock_monotonic(), b = scl_clock_monotonic();
	CHECK(a > 0 && b >= a);
	CHECK(scl_clock_realtime() > UINT64_C(1500000000) * SCL_NS_PER_S);
}

int main(void)
{
	RUN(mean_and_variance_are_exact_enough);
	RUN(one_value_is_found_within_a_sixteenth);
	RUN(quantiles_of_a_ramp);
	RUN(clocks_move_forward);
	return check_finish();
}
