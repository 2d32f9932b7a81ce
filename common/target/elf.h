/*
 * elf.h - symbols, sections and the build id of a module, from its file (libelf).
 *
 * The files come from the back end, through the target's own mount namespace, and stay open in a bounded cache
 * that belongs to the target. They are read, never mapped: a file that is truncated meanwhile must not
 * raise SIGBUS in the debugger.
 */
#ifndef SCL_TARGET_ELF_H
#define SCL_TARGET_ELF_H

#include "target/target.h"

struct scl_elf_cache;

/* Accepts NULL. */
void scl_elf_cache_destroy(struct scl_elf_cache *cache);

/* As scl_find_symbol, scl_find_section and scl_module_build_id in target.h. SCL_EIO when there is no such file. */
SCL_CHECKED bool scl_elf_find_symbol(struct scl_target *t, const struct scl_module *module, const char *name,
				     struct scl_symbol *ret, struct scl_error *err);
SCL_CHECKED bool scl_elf_find_section(struct scl_target *t, const struct scl_module *module, const char *name,
				      struct scl_symbol *ret, struct scl_error *err);
SCL_CHECKED bool scl_elf_build_id(struct scl_target *t, const struct scl_module *module, char *buf, size_t cap,
				  struct scl_error *err);

#endif
