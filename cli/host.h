/* host.h - the host that scalene-dbg is without a debugger: a process by its pid, and standard output. */
#ifndef SCL_CLI_HOST_H
#define SCL_CLI_HOST_H

#include <signal.h>

#include "command/host.h"
#include "target/core.h"

struct cli_hold;

struct cli_host {
	struct scl_host host; /* first: the callbacks get its address */
	int pid;	      /* 0: the user named none */
	const char *core;     /* path of a core dump; NULL: none */
	struct scl_core_options files;
	struct scl_target *target;
	struct cli_hold *hold;
	bool output_failed;
	int output_errno;
	bool progress_shown;
};

/* A process, or a core where `core` is not NULL. The strings are the caller's. */
void cli_host_init(struct cli_host *cli, int pid, const char *core, const struct scl_core_options *files);
void cli_host_close(struct cli_host *cli);
/* Flush standard output; false when some of it was lost, and standard error says why unless the reader has gone. */
bool cli_host_finish(struct cli_host *cli);

#endif
