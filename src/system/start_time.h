/* SPDX-License-Identifier: Apache-2.0 */
/* What tells a process from a later one with the same pid. */
#ifndef LB_SYSTEM_START_TIME_H
#define LB_SYSTEM_START_TIME_H

#include <sys/types.h>

/*
 * Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); 0 = no such process, or
 * it has ended.
 */
unsigned long long process_start_time(pid_t pid);

#endif
