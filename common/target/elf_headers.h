/*
 * elf_headers.h - where an ELF file was loaded, from its program headers alone.
 *
 * They are in the first mapping of nearly every module, so that no file needs to be opened for them, also where it
 * has been deleted; the reader says where the bytes come from.
 */
#ifndef SCL_TARGET_ELF_HEADERS_H
#define SCL_TARGET_ELF_HEADERS_H

#include <stddef.h>

#include "base/error.h"

/* `n` bytes at `offset` of the file. */
typedef bool scl_elf_bytes_fn(void *source, uint64_t offset, void *to, size_t n);

struct scl_elf_load {
	uint64_t offset, vaddr; /* of the first PT_LOAD */
	uint64_t end;		/* the highest ELF virtual address of any */
};

/* False when it is no 64-bit little-endian ELF program or library. */
SCL_CHECKED bool scl_elf_load_read(scl_elf_bytes_fn *bytes, void *source, struct scl_elf_load *ret);

enum { SCL_BUILD_ID_MAX = 64 };

/*
 * The GNU build id in its note segments, of at most SCL_BUILD_ID_MAX bytes; 0 where it has none. False when the headers
 * cannot be had, so that nothing is known.
 */
SCL_CHECKED bool scl_elf_build_id_read(scl_elf_bytes_fn *bytes, void *source, uint8_t *id, size_t *size);

/* The bias of a module whose mapping of file offset `offset` begins at `start`. */
scl_addr scl_elf_bias(const struct scl_elf_load *load, scl_addr start, uint64_t offset);

#endif
