/* death.h - why a core was written, in words. */
#ifndef SCL_COMMAND_DEATH_H
#define SCL_COMMAND_DEATH_H

#include "command/command.h"

/* "SIGSEGV", or NULL for a number that has no name. */
const char *scl_death_signal(int number);
/* "SIGSEGV (11): address 0x8 is not mapped, in thread 4711", without a newline. */
void scl_death_describe(const struct scl_death *death, struct scl_buffer *out);
/* An object of its own for a document. */
struct cJSON *scl_death_json(const struct scl_death *death);

#endif
