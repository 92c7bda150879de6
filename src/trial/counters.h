/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event counters of processors (perf_event_open(2)): whatever runs on them, user and kernel, as long as they
 * count. The events of one processor form a group: they count at the same time, so that their quotients hold
 * also where the kernel gives the hardware to several users in turn.
 */
#ifndef LB_TRIAL_COUNTERS_H
#define LB_TRIAL_COUNTERS_H

#include <stdint.h>

#include "util/error.h"

#define COUNTERS_EVENTS_MAX 4

struct counter_event {
	const char *name;
	uint32_t type;   /* PERF_TYPE_... */
	uint64_t config; /* PERF_COUNT_... */
};

/* What one processor counted between counters_begin and counters_end. */
struct counter_reading {
	uint64_t value[COUNTERS_EVENTS_MAX]; /* in the order of the events; extrapolated where running < 1 */
	double running;  /* share of the time in which the counters had the hardware; 0 = never: no values */
	double seconds;  /* for which they were switched on */
};

struct counters;

/* Cycles and instructions: the two that every processor with counters has. */
extern const struct counter_event counters_hardware[2];

/*
 * Counters for each of `count` processors, switched off. -errno where the machine has none (ENOENT,
 * EOPNOTSUPP), or does not let us count (EACCES, EPERM): err then says so in words for the record. The events
 * must outlive the counters; at most COUNTERS_EVENTS_MAX.
 */
int counters_open(struct counters **counters, const struct counter_event *events, unsigned event_count,
		  const int *processors, unsigned count, struct error *err);
void counters_close(struct counters *counters); /* NULL allowed */

/* From zero. 0 or -errno. */
int counters_begin(struct counters *counters);
int counters_end(struct counters *counters);
/* Of the processor at place `index` of the list: 0 or -errno. */
int counters_read(const struct counters *counters, unsigned index, struct counter_reading *reading);

#endif
