/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order the trials of a suite run. Tests that can share a testbed run on one testbed; the order of
 * testbeds is that of their first test in the suite. The repeats go round all of them: every testbed is brought
 * up, runs each of its tests once and is taken down; then all of that again. So a slow change of the machine
 * falls on all that is compared, and each repeat sees memory, ports and threads laid out anew. Pure.
 */
#ifndef LB_TRIAL_SCHEDULE_H
#define LB_TRIAL_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/suite.h"

struct schedule_step {
	size_t test;       /* index into suite->tests */
	unsigned repeat;   /* from 1 */
	size_t testbed;    /* number of the testbed, from 0: steps with the same one need the same things */
	size_t setup;      /* how often any testbed was brought up before: it changes where one is made anew */
};

struct schedule {
	struct schedule_step *steps;
	size_t count;
	size_t testbeds;
	size_t setups;
};

int schedule_make(struct schedule *schedule, const struct suite *suite); /* 0 or -ENOMEM */
void schedule_free(struct schedule *schedule);

/* Can both tests run on one testbed without a change to it? */
bool schedule_same_testbed(const struct test *a, const struct test *b);

#endif
