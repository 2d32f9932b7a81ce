/*
 * sampling.h - driving a sampler from a command: the debugger's event loop or a wait of our own.
 */
#ifndef SCL_COMMAND_SAMPLING_H
#define SCL_COMMAND_SAMPLING_H

#include "command/command.h"

/*
 * Sample the session's target. A debuggee that stands still is resumed through the host for as long as it takes. False
 * when it could not begin, or when the host failed while or after the debuggee ran: *ret then has the samples that were
 * taken until then, or is NULL. `options` come without hold, release, done and arg.
 */
bool scl_sampling_run(struct scl_session *session, struct scl_sampler_options *options, bool stop_mode,
		      struct scl_profile **ret, struct scl_error *err);

/* Make these samples the session's, with the source lines that there are; they are taken over. False when there are none. */
SCL_CHECKED bool scl_sampling_keep(struct scl_session *session, struct scl_profile *profile, struct scl_error *err);
/* A core dump has one sample to give: take it, with the options of `sample`, as the session's profile. */
SCL_CHECKED bool scl_sampling_of_core(struct scl_session *session, struct scl_error *err);

#endif
