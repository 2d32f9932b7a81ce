/*
 * image.h - a target made of bytes that a test or a fuzzer writes: no process, no files.
 */
#ifndef SCL_TARGET_IMAGE_H
#define SCL_TARGET_IMAGE_H

#include "target/target.h"

/* An empty image; NULL when memory ran out. Closed by scl_target_close. */
struct scl_target *scl_image_create(void);
/* Map `size` zero bytes at addr. Returns our writable memory for them, valid until the image is closed; NULL
 * when memory ran out or the range overlaps another one. */
void *scl_image_map(struct scl_target *image, scl_addr addr, size_t size);
/* Our memory for `size` mapped bytes at addr; NULL when they are not in one mapping. */
void *scl_image_at(struct scl_target *image, scl_addr addr, size_t size);
/* Bytes that are not mapped stay so: a put outside of a mapping does nothing. */
void scl_image_put_ptr(struct scl_target *image, scl_addr addr, uint64_t value);
void scl_image_put_u32(struct scl_target *image, scl_addr addr, uint32_t value);
void scl_image_put_u8(struct scl_target *image, scl_addr addr, uint8_t value);
void scl_image_put(struct scl_target *image, scl_addr addr, const void *bytes, size_t n);
/* Take away the whole mapping that has addr in it (a hole); its memory is freed. */
void scl_image_unmap(struct scl_target *image, scl_addr addr);
/* The image has one module "/image/python"; these are its symbols and sections. */
bool scl_image_add_symbol(struct scl_target *image, const char *name, scl_addr addr, uint64_t size);
bool scl_image_add_section(struct scl_target *image, const char *name, scl_addr addr, uint64_t size);
/* A thread with what the kernel would say of it. */
bool scl_image_add_lwp(struct scl_target *image, uint64_t lwp, const struct scl_lwp_status *status);

#endif
