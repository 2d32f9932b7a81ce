/* unpack.h - core dumps as they are, or compressed by zstd, lz4, xz or gzip. */
#ifndef SCL_CLI_UNPACK_H
#define SCL_CLI_UNPACK_H

#include "base/error.h"

/*
 * A descriptor of the file, or of an unlinked temporary file with what it holds unpacked by the format's own program; -1
 * with an error that names what is missing. What a damaged file yields before its damage is kept where there is any, and
 * standard error says so.
 */
int unpack_open(const char *path, struct scl_error *err);

#endif
