/*
 * live.h - a running process as a target: process_vm_readv(2), /proc/PID/mem as the fallback, /proc for the rest.
 *
 * Nothing is attached, stopped or written. Files are opened through /proc/PID/root, so that a process of
 * another mount namespace works.
 */
#ifndef SCL_TARGET_LIVE_H
#define SCL_TARGET_LIVE_H

#include "target/target.h"

/*
 * Open process `pid` for reading. Fails with SCL_ENOTFOUND (no such process), SCL_EGONE (a zombie), SCL_EPERM
 * (the text names the cause: ptrace_scope, another user, a container, and the remedy). The pid is pinned: when
 * the process ends and its pid is given to another one, reads fail with SCL_EGONE.
 */
struct scl_target *scl_live_open(int pid, struct scl_error *err);

/* True while the process exists and has not become a zombie. */
bool scl_live_alive(const struct scl_target *t);

#endif
