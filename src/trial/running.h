/* SPDX-License-Identifier: Apache-2.0 */
/* A trial that runs, as the files of this room share it: trial.c drives it, conclude.c makes its figures. */
#ifndef LB_TRIAL_RUNNING_H
#define LB_TRIAL_RUNNING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "trial/conversation.h"
#include "trial/cpu_time.h"
#include "trial/meter.h"
#include "trial/process_time.h"
#include "trial/trial.h"

struct trial_driver {
	struct conversation conversation;
	struct clock_scale clock;
	uint32_t max_frame, max_burst;
	uint16_t next_test;       /* test ids; never WIRE_TEST_ANNOUNCE */
	struct cpu_time begin, end;
	struct meter meter;
};

/* What an endpoint has said in this trial. */
struct answer {
	struct control_result *result;
	struct control_sample *samples; /* of each second */
	unsigned sample_count;
	bool stopped;
};

struct running {
	struct trial_driver *driver;
	const struct test *test;
	const struct trial_observer *observer;
	const volatile int *cancel;
	struct control_start start;
	int64_t clock_error_ns;   /* by which the endpoints' clock is ahead of CLOCK_MONOTONIC */
	struct answer *answers;
	unsigned outstanding;
	bool contended;           /* when it began, by another run */
	bool cpu_begun, cpu_ended;
	struct process_time switch_begin, switch_end;
	bool switch_begun, switch_ended; /* have been read: it has processes */
	struct cpu_throttling *throttling_begin, *throttling_end; /* NULL = not read */
	uint64_t dropped;         /* by the switch until the trial began, ... */
	bool dropped_known;       /* ... if it tells */
	uint64_t second_tx, second_rx; /* for the observer: sums of the newest samples */
	unsigned second_count;
};

/*
 * All endpoints have answered: the trial object (struct trial.h's trial_run) of what they said, with
 * processor time, flags, status and configuration. 0 or -ENOMEM.
 */
int running_conclude(struct running *r, json_t **trial, struct error *err);

#endif
