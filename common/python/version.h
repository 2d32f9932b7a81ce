/*
 * version.h - which CPython a _PyRuntime belongs to: from what it publishes, what it exports, or what reads well.
 */
#ifndef SCL_PYTHON_VERSION_H
#define SCL_PYTHON_VERSION_H

#include "python/runtime.h"

/* What is known of an interpreter before its version is. */
struct scl_candidate {
	const char *path;    /* the module's file, as the target sees it */
	uint64_t size;	     /* of _PyRuntime; 0 where not known */
	scl_addr py_version; /* &Py_Version; 0 where there is none */
	scl_addr type_type;  /* &PyType_Type; 0 where there is none */
};

/*
 * Fill rt->layout, hexversion, version, version_source, layout_exact and the flavour; rt->target and rt->address
 * are set. SCL_EUNSUPPORTED names a version that has no layout; SCL_ENOTFOUND where the interpreter has not started.
 */
SCL_CHECKED bool scl_version_probe(struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err);

/* "python3.12", "libpython3.9d.so.1.0" in the last component of a path: true and both numbers. */
bool scl_version_hint(const char *path, unsigned *major, unsigned *minor);
/* PY_VERSION_HEX as text: "3.13.0", "3.14.0rc2" (Include/patchlevel.h). */
void scl_version_text(uint32_t hexversion, char *buf, size_t cap);
/* "3.8 to 3.13": what this build has layouts for. */
void scl_version_supported(char *buf, size_t cap);

#endif
