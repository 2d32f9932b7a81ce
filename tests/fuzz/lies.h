/*
 * lies.h - mutations of a fake interpreter, as the bytes of a fuzzer's input have them.
 *
 * A mutation is a kind (1 byte), a place (2 bytes) and a value of one or two bytes, or a length and that many bytes.
 */
#ifndef SCL_TESTS_LIES_H
#define SCL_TESTS_LIES_H

#include "fake_python.h"

enum {
	MUTATIONS = 64,
	RAW_MAX = 32, /* bytes that one mutation lays over the image */
};

struct input {
	const uint8_t *data;
	size_t size;
};

static inline uint32_t take(struct input *input, unsigned bytes)
{
	uint32_t value = 0;
	while (bytes-- && input->size) {
		value = value << 8 | *input->data++;
		input->size--;
	}
	return value;
}

/* Most structures lie close together at the start of the heap; 16 bits of words reach them all, and the runtime. */
static inline scl_addr place(uint32_t selector)
{
	if (selector & 1)
		return HEAP + (selector >> 1) % ((heap_next - HEAP) / 4 + 1) * 4;
	return FAKE_RUNTIME + (selector >> 1) % 4096 * 4;
}

static inline void lay_over(struct input *input, scl_addr where)
{
	uint8_t bytes[RAW_MAX];
	size_t n = take(input, 1) % RAW_MAX + 1;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)take(input, 1);
	scl_image_put(image, where, bytes, n);
}

static inline void mutate_one(struct input *input, uint32_t kind, scl_addr where)
{
	switch (kind % 7) {
	case 0: /* a pointer to some structure */
		put_u64(where, place(take(input, 2)));
		break;
	case 1: /* a small number: a length, a count, an enum */
		put_u64(where, take(input, 2));
		break;
	case 2: /* a negative or huge one */
		put_u64(where, 0 - (uint64_t)take(input, 2));
		break;
	case 3:
		put_u64(where, UINT64_C(1) << take(input, 1) % 64);
		break;
	case 4:
		scl_image_put_u8(image, where + kind / 7 % 8, (uint8_t)take(input, 1));
		break;
	case 5: /* characters of a name, entries of a line table */
		lay_over(input, where);
		break;
	default: /* nowhere */
		put_u64(where, NOWHERE);
	}
}

/* All that is left of the input. */
static inline void mutate(struct input *input)
{
	for (unsigned i = 0; i < MUTATIONS && input->size >= 4; i++) {
		uint32_t kind = take(input, 1);
		scl_addr where = place(take(input, 2));
		if (scl_image_at(image, where, 8))
			mutate_one(input, kind, where);
	}
}

#endif
