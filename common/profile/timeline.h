/* timeline.h - the runs of a profile; for the files of this room. */
#ifndef SCL_PROFILE_TIMELINE_H
#define SCL_PROFILE_TIMELINE_H

#include "profile/profile.h"

/* Record one instant: the n runs in profile->instant (stack and thread set), one for each thread. */
void scl_timeline_add(struct scl_profile *profile, uint64_t t_ns, size_t n);

#endif
