#include "base/clock.h"

#include <time.h>

static uint64_t now(clockid_t clock)
{
	struct timespec t = {0};
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * SCL_NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t scl_clock_monotonic(void)
{
	return now(CLOCK_MONOTONIC);
}

uint64_t scl_clock_realtime(void)
{
	return now(CLOCK_REALTIME);
}
