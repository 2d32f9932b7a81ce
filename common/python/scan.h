/*
 * scan.h - _PyRuntime of a module whose file says nothing of it, found in memory: after `strip` and sstrip(1), or where a
 * core has no file.
 */
#ifndef SCL_PYTHON_SCAN_H
#define SCL_PYTHON_SCAN_H

#include "python/runtime.h"

/*
 * By the cookie of _Py_DebugOffsets, Include/internal/pycore_debug_offsets.h (3.13). The bytes of the cookie are in the
 * interpreter's code, too; a table is where a plausible version and flavour follow. False where there is none, or nothing can
 * be read. At most the last 64 MiB of the module are looked at: data are last.
 */
bool scl_scan_cookie(struct scl_target *target, const struct scl_module *module, scl_addr *ret);

/* False: go on. */
typedef bool scl_scan_fn(scl_addr runtime, void *arg);
/*
 * By its list of interpreters (struct pyinterpreters, Include/internal/pycore_runtime.h): its head, and the main interpreter, which
 * is the last of the list, has the id 0 and a thread state that points back to it, all of it where some layout has it. `accept`
 * is asked of each place that is so, which may still be an accident. What it needs of memory is read, within the budget.
 */
bool scl_scan_interpreters(struct scl_target *target, const struct scl_module *module, scl_scan_fn *accept, void *arg);

#endif
