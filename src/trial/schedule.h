/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order the trials of a suite run. Tests that can share a testbed run on one testbed. The repeats go round all
 * of them: every testbed is brought up, runs each of its tests once and is taken down; then all of that again. So a
 * slow change of the machine falls on all that is compared, and each repeat sees memory, ports and threads laid out
 * anew. Pure.
 *
 * Given: testbeds come in the order of their first test in the suite, tests in that of the suite. Shuffled: each repeat
 * has an order of its own, of testbeds and of the tests on each, so that no test has always the same one before it.
 */
#ifndef LB_TRIAL_SCHEDULE_H
#define LB_TRIAL_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "suite/suite.h"

#define SCHEDULE_STEPS_MAX 1000000

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

/*
 * The order is the suite's: ORDER_SHUFFLED by its seed, else given. The same suite and seed have the same order, on
 * every machine. In each repeat shares (pdr:50%) come behind the other tests of their testbed: what they are shares of
 * may be found by one of these, and is then not searched for twice. 0, -ENOMEM or -E2BIG.
 */
int schedule_make(struct schedule *schedule, const struct suite *suite);
void schedule_free(struct schedule *schedule);

/* Can both tests run on one testbed without a change to it? */
bool schedule_same_testbed(const struct test *a, const struct test *b);

/*
 * What a testbed is made for: the largest frame and burst. It follows from a test alone, whatever else is in the suite,
 * since the MTU, the packet memory and its layout bear on figures: frames up to the usual MTU of 1500, or all that there
 * are; bursts up to 64, or all that a port's ring takes.
 */
struct demand {
	uint32_t max_frame, max_burst;
};

struct demand test_demand(const struct test *test);

#endif
