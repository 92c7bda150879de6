/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the processors of a trial are from each other (testbed/host/line.h), before and behind it. Where that changes
 * within a trial, or from one to the next, figures change with it, and nothing that is measured is the cause.
 */
#ifndef LB_TRIAL_DISTANCE_H
#define LB_TRIAL_DISTANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "measure/clock.h"
#include "testbed/host/processors.h"

/*
 * Two distances that differ by more than this factor are two. On a virtual machine with two processors undisturbed ones
 * were 61 to 140 ns in one state and 340 to 410 ns in the other; within a state no figure followed them.
 */
#define DISTANCE_FACTOR 2.0

struct distance {
	int first, second;           /* the first endpoint's processor, and the first other one; -1 = there is none */
	double before_ns, after_ns;  /* 0 = not known */
};

void distance_choose(struct distance *distance, const struct placement *placement);
/* Now, into *ns. */
void distance_measure(const struct distance *distance, const struct clock_scale *clock, double *ns);

/*
 * Has it changed within the trial, or against *usual_ns, that of the run's first trial on whatever processors, which is
 * set if it is 0?
 */
bool distance_changed(const struct distance *distance, double *usual_ns);

/* {"processors": [a, b], "before_ns", "after_ns"}; null where there are no two processors. New reference. */
json_t *distance_json(const struct distance *distance);

#endif
