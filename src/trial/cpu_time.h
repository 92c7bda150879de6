/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processor time of the whole machine by kind, as /proc/stat counts it (seconds since boot; resolution one
 * tick of USER_HZ, and of the kernel's HZ where it accounts by ticks). "busy" is user + nice + system + irq +
 * softirq; steal is what a hypervisor took.
 */
#ifndef LB_TRIAL_CPU_TIME_H
#define LB_TRIAL_CPU_TIME_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

enum cpu_kind {
	CPU_USER, CPU_NICE, CPU_SYSTEM, CPU_IDLE, CPU_IOWAIT, CPU_IRQ, CPU_SOFTIRQ, CPU_STEAL,
	CPU_KINDS
};

#define CPU_PROCESSORS_MAX 1024

struct cpu_time {
	uint64_t taken_ns;                /* CLOCK_MONOTONIC when it was read */
	double machine[CPU_KINDS];        /* seconds, all processors together */
	double processor[CPU_PROCESSORS_MAX][CPU_KINDS];
	/* It has a line there: a container's own /proc/stat (lxcfs) may list others, with other numbers. */
	bool listed[CPU_PROCESSORS_MAX];
};

/* 0 or -errno. The struct is about 64 KB: not for the stack. */
int cpu_time_read(struct cpu_time *time, struct error *err);

/*
 * {user_s, nice_s, ..., busy} between two readings: of the machine (processor = -1) or of one processor.
 * `busy` is the average number of busy processors. New reference. Of a processor that both readings list.
 */
json_t *cpu_time_between(const struct cpu_time *begin, const struct cpu_time *end, int processor);

/* What one unit of these figures is worth: 1 / sysconf(_SC_CLK_TCK). */
double cpu_time_resolution(void);

#endif
