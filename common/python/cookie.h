/*
 * cookie.h - _PyRuntime of a module whose file says nothing of it: found in memory by the cookie of _Py_DebugOffsets.
 *
 * Include/internal/pycore_debug_offsets.h (3.13). The bytes of the cookie are in the interpreter's code, too; a table is where a
 * plausible version and flavour follow.
 */
#ifndef SCL_PYTHON_COOKIE_H
#define SCL_PYTHON_COOKIE_H

#include "target/target.h"

/* False where there is none, or nothing can be read. At most the last 64 MiB of the module are looked at: data are last. */
bool scl_cookie_find(struct scl_target *target, const struct scl_module *module, scl_addr *ret);

#endif
