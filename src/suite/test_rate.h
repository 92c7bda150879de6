/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the rate of a test to the loads of its trials: what a rate that is no number asks for, as a plan of
 * search/plan.h. Loads are those of each sender, as the rate itself is. Pure.
 */
#ifndef LB_SUITE_TEST_RATE_H
#define LB_SUITE_TEST_RATE_H

#include <stdbool.h>

#include "search/plan.h"
#include "search/rate.h"
#include "suite/suite.h"

/* Does the test's rate have to be found out by trials? False: one trial, at a rate or as fast as it can. */
static inline bool test_has_plan(const struct test *test)
{
	return test_number(test, PARAMETER_RATE) == RATE_PLAN;
}

/* The rate of a test as search/rate.h knows it. */
void test_rate(const struct test *test, struct rate *rate);

/* What is searched for: of a share what it is a share of, else the rate's own kind. */
enum rate_kind rate_target(const struct rate *rate);

/*
 * The plan of a test that has one; of a share that of its reference. To be freed with load_plan_free. 0,
 * -ENOMEM, or -EINVAL with what contradicts itself.
 */
int test_load_plan(struct load_plan **plan, const struct test *test, struct error *err);

/* Seconds of traffic to expect of a test, with warm-up, without interruptions: for those who wait. */
double test_load_seconds(const struct test *test);

/* Does a parameter matter to what is searched for (rate_target)? Without a search: RATE_UNLIMITED. */
bool rate_uses(enum rate_kind target, enum parameter_id id);

/*
 * Parameters that the test makes no use of (how to search, where nothing is searched for; the place of a
 * neighbour that there is not) get their defaults: tests that differ in nothing else are equal.
 */
void test_drop_unused(struct test *test);
/* And those that its ports have no use for: rings and pages of what the kernel has memory for. */
void test_drop_of_ports(struct test *test, const struct catalogue *catalogue);

#endif
