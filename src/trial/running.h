/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial that runs, as the files of this room share it: opening.c opens the ports, trial.c drives it, conclude.c
 * makes its figures.
 */
#ifndef LB_TRIAL_RUNNING_H
#define LB_TRIAL_RUNNING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "system/cgroup_limits.h"
#include "trial/conversation.h"
#include "trial/cpu_time.h"
#include "trial/distance.h"
#include "trial/meter.h"
#include "trial/process_time.h"
#include "trial/trial.h"

struct trial_driver {
	struct conversation conversation;
	struct clock_scale clock;
	uint32_t max_frame, max_burst;
	uint16_t next_test;       /* test ids; never WIRE_TEST_ANNOUNCE */
	uint64_t seed;            /* of what is random in the traffic */
	struct cpu_time begin, end;
	struct meter meter;
	double *usual_ns;         /* distance of the run's first trial, 0 = there was none yet; the caller's */
};

/* What an endpoint has said in this trial. */
struct answer {
	struct control_result *result;
	struct control_sample *samples; /* of each second */
	unsigned sample_count;
	bool stopped;
	uint64_t sent;            /* packets that it sent; they are all that it will send once */
	bool sent_known;          /* this is true */
};

/* What is read at the begin and at the end of the measured window, beside the driver's. */
struct window_reading {
	bool machine_known;              /* the processor time that the driver has was read */
	struct process_time processes;   /* of the switch */
	bool processes_known;            /* it has some */
	struct cpu_throttling *throttling; /* by quotas of the test's; NULL = not read */
	struct cgroup_throttling own;    /* of the cgroups that lanebench itself is in */
	struct cache_reading cache;
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
	struct window_reading begin, end; /* of the measured window */
	struct distance distance;
	uint64_t dropped;         /* by the switch until the trial began, ... */
	bool dropped_known;       /* ... if it tells */
	uint64_t second_tx, second_rx; /* for the observer: sums of the newest samples */
	unsigned second_count;
};

/* Give every endpoint the role and the technique of this test, and wait until all ports are open. 0 or -errno. */
int driver_open_ports(struct trial_driver *driver, const struct test *test, const volatile int *cancel,
		      struct error *err);

#define ANSWER_TIMEOUT_NS UINT64_C(10000000000) /* for results, beyond the trial's own time */

/* ---- window.c ------------------------------------------------------------------------------------------- */

void window_reading_free(struct window_reading *reading);
/* When warm-up begins, on CLOCK_MONOTONIC, while the endpoints' times are those of their own scale. */
uint64_t running_begin(const struct running *r);
/*
 * Read processor time, the machine's and the switch's, and the meter, when the measured window begins and ends. Returns
 * when to come back.
 */
uint64_t running_watch_cpu(struct running *r);

/* Gather samples and results until all endpoints have given theirs, and tell them when to stop. 0 or -errno. */
int running_hear(struct running *r, struct error *err);

/*
 * All endpoints have answered: the trial object (struct trial.h's trial_run) of what they said, with
 * processor time, flags, status and configuration. 0 or -ENOMEM.
 */
int running_conclude(struct running *r, json_t **trial, struct error *err);

#endif
