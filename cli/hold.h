/* hold.h - stopping a process for one sample: ptrace(2). */
#ifndef SCL_CLI_HOLD_H
#define SCL_CLI_HOLD_H

#include "base/error.h"

struct cli_hold;

/* NULL when memory ran out. `quit` is asked now and then, from another thread, whether to give up stopping. */
struct cli_hold *cli_hold_create(int pid, bool (*quit)(void));
/* Releases what is still held. */
void cli_hold_destroy(struct cli_hold *hold);
/*
 * Stop every thread of the process, those included that are made meanwhile; those in an uninterruptible sleep stand
 * without it. On failure nothing is held. Should our process end while it holds, the kernel lets the other go on.
 */
SCL_CHECKED bool cli_hold_stop(struct cli_hold *hold, struct scl_error *err);
/* Let it go on; a signal that arrived meanwhile is delivered. */
void cli_hold_release(struct cli_hold *hold);

#endif
