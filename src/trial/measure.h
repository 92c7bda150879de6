/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a test to its measurement: one trial; or, where its rate has to be found out (ndr, pdr:50%, a
 * sweep), the trials that a plan asks for, one after the other on the same testbed, and a conclusion.
 */
#ifndef LB_TRIAL_MEASURE_H
#define LB_TRIAL_MEASURE_H

#include <jansson.h>

#include "search/plan.h"
#include "suite/suite.h"
#include "trial/trial.h"
#include "util/error.h"

struct measure_observer {
	struct trial_observer trial;
	/* A trial of a plan begins; `known` is what the plan knows so far. */
	void (*step)(void *context, const struct load_step *step, const struct load_result *known);
	/*
	 * A line for the record beside the test's own: a trial of a plan (kind "step"), or what a share
	 * refers to (kind "reference"), which are of `test`. The line stays the caller's.
	 */
	void (*line)(void *context, const struct test *test, json_t *line);
	void *context; /* of step and line */
};

struct measure {
	struct trial_driver *driver;
	/* What was found of the references of shares: an object, filled here, kept for the whole run. */
	json_t *references;
	const struct measure_observer *observer;
	const volatile int *cancel;
};

/*
 * Measure a test. 0 with *figures as trial_run has them, with `load` where the rate is a share; of a plan the
 * conclusion (trial/search_record.h). -errno where a trial failed: the testbed must not be used any more;
 * *figures is then the conclusion of a plan that was under way (its status is "failed"), or NULL.
 */
int measure_run(const struct measure *measure, const struct test *test, json_t **figures, struct error *err);

#endif
