/* clock.h - time in nanoseconds. */
#ifndef SCL_BASE_CLOCK_H
#define SCL_BASE_CLOCK_H

#include <stdint.h>

enum { SCL_NS_PER_US = 1000, SCL_NS_PER_MS = 1000000, SCL_NS_PER_S = 1000000000 };

/* CLOCK_MONOTONIC, which is Python's time.perf_counter() and asyncio's loop.time() on Linux. */
uint64_t scl_clock_monotonic(void);
/* CLOCK_REALTIME, which is time.time(). */
uint64_t scl_clock_realtime(void);

#endif
