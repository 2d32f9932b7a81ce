/* scalene.h - the parts of the Scalene writer: each emits its keys into the document that scalene.c frames. */
#ifndef SCL_WRITERS_SCALENE_H
#define SCL_WRITERS_SCALENE_H

#include "writers/files.h"
#include "writers/json.h"

/* Time with microseconds, as Scalene writes it. */
double scl_scalene_round(double value);
/* A percentage with six decimals, rounded down so that sums stay within 100. */
double scl_scalene_percent(double value);
/* The members of a line or function that are about awaiting; NULL: it never did. */
void scl_scalene_await(struct scl_json *j, cJSON *record, const struct scl_profile *profile,
		       const struct scl_profile_await *await);
/* "await" of our own object: whether idle loops were seen, tasks found and frames read, and where their time went. */
void scl_scalene_own_await(struct scl_json *j, cJSON *own, const struct scl_profile *profile,
			   const struct scl_files *files);
/* An ident as an integer, null where it is 0 or past 2^53, which JavaScript could not hold. */
void scl_scalene_thread(struct scl_json *j, cJSON *object, const char *key, uint64_t ident);

/* "files" */
void scl_scalene_files(struct scl_json *j, const struct scl_profile *profile, const struct scl_files *files);
/* "stacks", "combined_stacks", "combined_stacks_timeline", "memory_stacks" */
void scl_scalene_stacks(struct scl_json *j, const struct scl_profile *profile);
/* "scalene_dbg": what Scalene has no key for */
void scl_scalene_own(struct scl_json *j, const struct scl_profile *profile, const struct scl_files *files);

#endif
