/*
 * protobuf.h - the wire format of protocol buffers, as far as pprof's profile.proto needs it: varints and what has a
 * length (https://protobuf.dev/programming-guides/encoding/). Out of memory is sticky in the buffer.
 */
#ifndef SCL_WRITERS_PROTOBUF_H
#define SCL_WRITERS_PROTOBUF_H

#include <stdint.h>

#include "base/buffer.h"

/* A field of type int64, uint64 or bool; one that is 0 is left out, as proto3 does. */
void scl_protobuf_integer(struct scl_buffer *out, unsigned field, uint64_t value);
/* A field of type string, bytes or message. */
void scl_protobuf_bytes(struct scl_buffer *out, unsigned field, const void *bytes, size_t len);
void scl_protobuf_message(struct scl_buffer *out, unsigned field, const struct scl_buffer *message);
/* An element of a packed repeated field. */
void scl_protobuf_varint(struct scl_buffer *out, uint64_t value);

#endif
