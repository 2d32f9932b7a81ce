/* await.h - the suspended tasks of a sample on their way into the tables; for the files of this room. */
#ifndef SCL_PROFILE_AWAIT_H
#define SCL_PROFILE_AWAIT_H

#include "profile/collect.h"

/* Charge the tasks of a thread whose loop is idle with its weight, in ns. Their runs go behind the *nruns of
 * profile->instant. */
void scl_await_add(struct scl_profile *profile, struct scl_filter *filter, const struct scl_thread_sample *t,
		   double weight, size_t *nruns);
/* A coroutine function, or an asynchronous generator's. */
bool scl_await_is_coroutine(const struct scl_code *code);

/* Of collect.c: the id of a frame in the tables; false when it has no room. */
SCL_CHECKED bool scl_collect_frame(struct scl_profile *p, struct scl_filter *filter, const struct scl_frame *f,
				   uint32_t *id);

#endif
