/* async_clock.h - the time by which the timers of event loops are judged. */
#ifndef SCL_COMMAND_ASYNC_CLOCK_H
#define SCL_COMMAND_ASYNC_CLOCK_H

#include "command/async_view.h"

/*
 * The latest reading of CLOCK_MONOTONIC that a dead process's loops have left in their variables, in seconds; 0: none.
 * It died then or later.
 */
double scl_async_clock_last(const struct scl_async_view *view);

#endif
