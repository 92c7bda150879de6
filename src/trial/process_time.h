/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processor time of some processes and of each of their threads: of those that a switch consists of. Read
 * from outside (/proc), since they are other people's programs.
 *
 * A thread's time on a processor is taken from /proc/PID/task/TID/schedstat: nanoseconds, which the kernel
 * brings up to date at each of its ticks and whenever the thread leaves the processor. Kernels without it
 * (CONFIG_SCHED_INFO off) leave only the ticks of USER_HZ in .../stat. How it divides into user and system
 * time is known in such ticks alone.
 */
#ifndef LB_TRIAL_PROCESS_TIME_H
#define LB_TRIAL_PROCESS_TIME_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "system/process.h"
#include "util/error.h"

struct thread_time {
	pid_t pid, tid;
	char process[16], name[16]; /* as the kernel has them (comm) */
	int processor;              /* that it ran on last */
	uint64_t user, system;      /* ticks of USER_HZ */
	uint64_t run_ns;            /* on a processor, where process_time.precise; ... */
	uint64_t waited_ns;         /* ... ready to run, and another had the processor */
};

struct process_time {
	uint64_t taken_ns;          /* CLOCK_MONOTONIC when it was read */
	uint64_t user, system;      /* ticks, of the processes as a whole: with threads that have ended */
	bool precise;               /* run_ns and waited_ns are known of all threads */
	struct thread_time *threads;
	unsigned count;
};

/* 0, or -errno (-ESRCH where one of them has ended). process_time_free in every case. */
int process_time_read(struct process_time *time, const struct process *processes, unsigned count,
		      struct error *err);
void process_time_free(struct process_time *time);

/*
 * Between two readings: {user_s, system_s, total_s, busy, source ("schedstat" or "ticks"), threads:
 * [{process, name, processor, user_s, system_s, total_s, waited_s (null: not known)}]}. Threads are those
 * of the second reading. Those that ended in between are in user_s and system_s; in total_s only where the
 * source is ticks. New reference.
 */
json_t *process_time_between(const struct process_time *begin, const struct process_time *end);

/*
 * The largest share of the time between two readings that one of the threads was kept waiting for its
 * processor; 0 where that is not known.
 */
double process_time_waiting(const struct process_time *begin, const struct process_time *end);

#endif
