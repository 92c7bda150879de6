/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One trial on a testbed that is up: opens the endpoints' ports where needed, starts all of them at a
 * common time, gathers samples and results, and merges them into a trial object of the record.
 */
#ifndef LB_TRIAL_TRIAL_H
#define LB_TRIAL_TRIAL_H

#include <jansson.h>
#include <stdint.h>

#include "measure/clock.h"
#include "suite/suite.h"
#include "testbed/testbed.h"
#include "trial/baseline.h"
#include "util/error.h"

struct trial_observer {
	void (*second)(void *context, double elapsed_s, double total_s, double tx_pps, double rx_pps);
	void *context;
};

struct trial_driver; /* the endpoints of one testbed, between trials */

/*
 * `seed`: of what is random in the traffic. usual_ns: of all drivers of a run, 0 at its beginning: what the distance of
 * the processors was in the first trial (trial/distance.h).
 */
int trial_driver_open(struct trial_driver **driver, struct testbed *testbed, const struct clock_scale *clock,
		      uint32_t max_frame, uint32_t max_burst, uint64_t seed, double *usual_ns, struct error *err);
void trial_driver_close(struct trial_driver *driver); /* tells the endpoints to quit */

/* What the machine does without the testbed: subtracted from what trials cost. Until it is set, that is not known. */
void trial_driver_set_baseline(struct trial_driver *driver, const struct baseline *baseline);

/*
 * Run one trial of `test`. Fills the figures of *trial (a new object: status, reason, flags, tx, rx, latency,
 * cpu, samples, pairs, effective). 0 also for a trial that is void; -errno where it failed: then the testbed
 * must not be used any more. *cancel nonzero ends it early with -EINTR.
 */
int trial_run(struct trial_driver *driver, const struct test *test, json_t **trial,
	      const struct trial_observer *observer, const volatile int *cancel, struct error *err);

#endif
