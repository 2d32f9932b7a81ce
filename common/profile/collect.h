/* collect.h - how samples get into a profile. */
#ifndef SCL_PROFILE_COLLECT_H
#define SCL_PROFILE_COLLECT_H

#include "profile/filter.h"
#include "profile/profile.h"
#include "profile/sample.h"

/* Take over from the runtime and filter what describes the program: name, args, directory, main thread. */
SCL_CHECKED bool scl_profile_describe(struct scl_profile *profile, const struct scl_runtime *rt,
				      const struct scl_filter *filter, struct scl_error *err);
/* Count one sample. The part of a torn stack that is there counts like a stack. False only when memory ran out. */
SCL_CHECKED bool scl_profile_add(struct scl_profile *profile, const struct scl_sample *sample,
				 struct scl_filter *filter, struct scl_error *err);
/* After the last sample: read the source of every user file through the target (missing ones are left out). */
SCL_CHECKED bool scl_profile_load_sources(struct scl_profile *profile, struct scl_target *target,
					  struct scl_error *err);
#endif
