#include "writers/protobuf.h"

enum { WIRE_VARINT = 0, WIRE_LEN = 2 };

void scl_protobuf_varint(struct scl_buffer *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		scl_buffer_putc(out, (char)(unsigned char)(value | 0x80));
	scl_buffer_putc(out, (char)value);
}

void scl_protobuf_integer(struct scl_buffer *out, unsigned field, uint64_t value)
{
	if (!value)
		return;
	scl_protobuf_varint(out, field << 3 | WIRE_VARINT);
	scl_protobuf_varint(out, value);
}

void scl_protobuf_bytes(struct scl_buffer *out, unsigned field, const void *bytes, size_t len)
{
	scl_protobuf_varint(out, field << 3 | WIRE_LEN);
	scl_protobuf_varint(out, len);
	scl_buffer_append(out, bytes, len);
}

void scl_protobuf_message(struct scl_buffer *out, unsigned field, const struct scl_buffer *message)
{
	out->failed = out->failed || message->failed;
	scl_protobuf_bytes(out, field, scl_buffer_str(message), message->len);
}
