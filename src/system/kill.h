/* SPDX-License-Identifier: Apache-2.0 */
/* Killing a process that is known by its pid and nothing else: a later one of the same pid is never hit. */
#ifndef LB_SYSTEM_KILL_H
#define LB_SYSTEM_KILL_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * Kill the process that has this pid and this start time (start_time.h), and wait up to timeout_ms until it is
 * gone; a child of the caller's is reaped. 0, also if it is gone already; -ETIMEDOUT: it stays; -ENOSYS: the
 * kernel has no pidfds, and it is no child of the caller's, whose pid nobody else can have.
 */
int process_kill(pid_t pid, unsigned long long start_time, int timeout_ms, struct error *err);

/*
 * Send SIGKILL to the process of this pid if is_meant(pid, context) still says so once no other can take its
 * place. For lists of pids that were read a moment ago. 0, also if it has ended, or -errno.
 */
int process_kill_if(pid_t pid, bool (*is_meant)(pid_t pid, void *context), void *context);

#endif
