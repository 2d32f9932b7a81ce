/* path.h - paths as text: what can be said of one without looking at any file. */
#ifndef SCL_TARGET_PATH_H
#define SCL_TARGET_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Remove "//", "." and ".." of a path textually; what does not fit is left away, by whole components. A
 * relative path stays relative, without ".." above its beginning. `buf` must not overlap `path`.
 */
void scl_path_clean(const char *path, char *buf, size_t cap);
/* Append one component to the clean path in buf; ".." takes the last one away. False when it does not fit. */
bool scl_path_push(char *buf, size_t cap, const char *component, size_t len);
/* The path below the directory `root`, beginning with "/"; NULL when it is not below it. */
const char *scl_path_below(const char *path, const char *root);

/* The path as messages show it: nothing in it can control a terminal (base/text.h). Returns buf. */
const char *scl_path_show(const char *path, char *buf, size_t cap);

#endif
