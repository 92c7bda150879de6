/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what can only be looked at again and again. Bounded by the clock and not by the number of looks:
 * one at somebody who does not answer (a daemon that was stopped) may take seconds itself.
 */
#ifndef LB_SYSTEM_DEADLINE_H
#define LB_SYSTEM_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "measure/clock.h"

struct deadline {
	uint64_t end_ns; /* CLOCK_MONOTONIC */
};

static inline struct deadline deadline_after_ms(int ms)
{
	return (struct deadline){ clock_monotonic_ns() + (uint64_t)ms * 1000000 };
}

/* Whole milliseconds that are left, for poll(2) and its like; 0 = it is over. */
static inline int deadline_left_ms(const struct deadline *deadline)
{
	uint64_t now_ns = clock_monotonic_ns();

	return now_ns < deadline->end_ns ? (int)((deadline->end_ns - now_ns) / 1000000) : 0;
}

/* Sleep before the next look. False if there is no time left for one. */
static inline bool deadline_pause(const struct deadline *deadline, long pause_us)
{
	if (clock_monotonic_ns() >= deadline->end_ns)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = pause_us * 1000 }, NULL);
	return true;
}

#endif
