/*
 * root.h - files below a directory that is somebody's "/": of a container, a chroot, a copy of another machine.
 *
 * Symbolic links are resolved below it, so that they never lead to a file outside: openat2(2), RESOLVE_IN_ROOT, or by
 * hand where the kernel has no such call.
 */
#ifndef SCL_TARGET_ROOT_H
#define SCL_TARGET_ROOT_H

#include <stdbool.h>
#include <stddef.h>

/* A descriptor (O_PATH) of the absolute path below the directory `root`; -1 with errno. */
int scl_root_find(int root, const char *path);
/* A descriptor for reading, of a regular file alone; -1 with errno. */
int scl_root_open(int root, const char *path);
/* The text of a symbolic link, cut at cap - 1; false with errno. */
bool scl_root_read_link(int dir, const char *name, char *buf, size_t cap);

#endif
