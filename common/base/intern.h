/*
 * intern.h - each distinct string once, as a small integer.
 *
 * Id 0 is always the empty string. The table is bounded: past `max` strings scl_intern returns
 * SCL_INTERN_OTHER, whose text is "(other)", and counts the refusal, so that memory stays flat.
 */
#ifndef SCL_BASE_INTERN_H
#define SCL_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

enum { SCL_INTERN_EMPTY = 0, SCL_INTERN_OTHER = 1 };

struct scl_intern;

/* NULL when memory ran out. `max` counts strings. */
struct scl_intern *scl_intern_create(size_t max);
void scl_intern_destroy(struct scl_intern *table);
/* The id of the first `len` bytes of s (embedded NULs are cut there). */
uint32_t scl_intern_put(struct scl_intern *table, const char *s, size_t len);
/* The text of an id, owned by the table, valid until it is destroyed; "" for an id it did not give. */
const char *scl_intern_str(const struct scl_intern *table, uint32_t id);
size_t scl_intern_count(const struct scl_intern *table);
uint64_t scl_intern_refused(const struct scl_intern *table);

#endif
