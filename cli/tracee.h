/* tracee.h - what /proc says of a process that is to be stopped: a thread's state, and who else traces it. */
#ifndef SCL_CLI_TRACEE_H
#define SCL_CLI_TRACEE_H

#include "base/error.h"

/* The kernel's letter for the state of a thread, proc(5); 0 when there is no such thread. */
char tracee_state(int pid, int lwp);
/* ptrace(2) has said EPERM: who or what is in the way, and what to do about it. Yields false. */
bool tracee_refused(int pid, int lwp, struct scl_error *err);

#endif
