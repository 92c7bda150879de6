/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts that processors served, by kind, from the kernel's tables of counters per processor:
 * /proc/interrupts and /proc/softirqs. What takes a poller off its work, and how often: the timer's tick
 * among others (on x86 `LOC`).
 */
#ifndef LB_TRIAL_INTERRUPTS_H
#define LB_TRIAL_INTERRUPTS_H

#include <jansson.h>

#define INTERRUPTS_HARD "/proc/interrupts"
#define INTERRUPTS_SOFT "/proc/softirqs"

/*
 * {"0": {"devices": 12, "LOC": 250, ...}, ...} of these processors: kinds under the kernel's names; those of
 * devices, which have numbers, together. New reference; NULL where the table cannot be read.
 */
json_t *interrupts_read(const char *path, const int *processors, unsigned count);

/*
 * What came between two readings: kinds that did, and `total`. Counters of 32 bits that wrapped around are
 * seen to have. New reference; null where one of the readings is NULL.
 */
json_t *interrupts_between(json_t *begin, json_t *end);

#endif
