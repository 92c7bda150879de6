/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "trial/schedule.h"

static void test_make(struct test *test, const char *sw, const char *io, double size, double repeats)
{
	memset(test, 0, sizeof(*test));
	snprintf(test->value[PARAMETER_SWITCH].text, 64, "%s", sw);
	snprintf(test->value[PARAMETER_IO].text, 64, "%s", io);
	test->value[PARAMETER_SIZE].number = size;
	test->value[PARAMETER_REPEATS].number = repeats;
}

static void groups_by_testbed_in_order_of_appearance(void **state)
{
	struct test tests[4];
	struct suite suite = { .tests = tests, .count = 4 };
	struct schedule schedule;
	static const size_t order[] = { 0, 2, 1, 3 }, bed[] = { 0, 0, 1, 2 };

	test_make(&tests[0], "a", "x", 64, 1);
	test_make(&tests[1], "b", "x", 64, 1);
	test_make(&tests[2], "a", "x", 1500, 1);
	test_make(&tests[3], "a", "y", 64, 1);
	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.count, 4);
	assert_int_equal(schedule.testbeds, 3);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(schedule.steps[i].test, order[i]);
		assert_int_equal(schedule.steps[i].testbed, bed[i]);
		assert_int_equal(schedule.steps[i].repeat, 1);
	}
	schedule_free(&schedule);
}

/* What is made with the testbed tells testbeds apart; what only changes between trials does not. */
static void rings_threads_and_pages_are_the_testbed_s(void **state)
{
	static const struct { enum parameter_id id; bool same; } cases[] = {
		{ PARAMETER_PORT, false }, { PARAMETER_RING, false }, { PARAMETER_THREADS, false }, { PARAMETER_HUGEPAGES, false },
		{ PARAMETER_FORWARDING, false }, { PARAMETER_RXQS, false }, { PARAMETER_RXQ_AFFINITY, false },
		{ PARAMETER_PROCESSORS, false }, { PARAMETER_BURST, true }, { PARAMETER_PAYLOAD, true },
		{ PARAMETER_SWITCH_QUOTA, false }, { PARAMETER_ENDPOINT_QUOTA, false },
		{ PARAMETER_SWITCH_PLACE, false }, { PARAMETER_NEIGHBOUR, false },
		{ PARAMETER_NEIGHBOUR_PLACE, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test a, b;

		test_make(&a, "a", "x", 64, 1);
		b = a;
		snprintf(a.value[cases[i].id].text, 64, "128");
		snprintf(b.value[cases[i].id].text, 64, "256");
		assert_int_equal(schedule_same_testbed(&a, &b), cases[i].same);
	}
}

struct expected {
	size_t test;
	unsigned repeat;
	size_t testbed, setup;
};

static void assert_steps(const struct schedule *schedule, const struct expected *expected, size_t count)
{
	assert_int_equal(schedule->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(schedule->steps[i].test, expected[i].test);
		assert_int_equal(schedule->steps[i].repeat, expected[i].repeat);
		assert_int_equal(schedule->steps[i].testbed, expected[i].testbed);
		assert_int_equal(schedule->steps[i].setup, expected[i].setup);
	}
	assert_int_equal(schedule->setups, expected[count - 1].setup + 1);
}

/* One testbed: its repeats follow each other, yet each of them on one that was made anew. */
static void each_repeat_has_a_testbed_of_its_own(void **state)
{
	static const struct expected order[] = { { 0, 1, 0, 0 }, { 1, 1, 0, 0 }, { 0, 2, 0, 1 }, { 1, 2, 0, 1 }, { 0, 3, 0, 2 } };
	struct test tests[2];
	struct suite suite = { .tests = tests, .count = 2 };
	struct schedule schedule;

	test_make(&tests[0], "a", "x", 64, 3);
	test_make(&tests[1], "a", "x", 128, 2);
	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.testbeds, 1);
	assert_steps(&schedule, order, 5);
	schedule_free(&schedule);
}

/* Each repeat goes round all testbeds; one whose tests have fewer repeats is not made for nothing. */
static void repeats_go_round_all_testbeds(void **state)
{
	static const struct expected order[] = {
		{ 0, 1, 0, 0 }, { 2, 1, 0, 0 }, { 1, 1, 1, 1 }, { 3, 1, 2, 2 },
		{ 0, 2, 0, 3 }, { 2, 2, 0, 3 }, { 3, 2, 2, 4 },
		{ 2, 3, 0, 5 }, { 3, 3, 2, 6 },
	};
	struct test tests[4];
	struct suite suite = { .tests = tests, .count = 4 };
	struct schedule schedule;

	test_make(&tests[0], "a", "x", 64, 2);
	test_make(&tests[1], "b", "x", 64, 1);
	test_make(&tests[2], "a", "x", 128, 3);
	test_make(&tests[3], "c", "x", 64, 3);
	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.testbeds, 3);
	assert_steps(&schedule, order, sizeof(order) / sizeof(order[0]));
	schedule_free(&schedule);
}

/* ---- shuffled ------------------------------------------------------------------------------------------- */

#define BEDS 5
#define ON_EACH 4
#define REPEATS 8

/* BEDS testbeds with ON_EACH tests each, alternating in the suite. */
static void suite_make(struct suite *suite, struct test tests[BEDS * ON_EACH])
{
	for (size_t t = 0; t < BEDS * ON_EACH; t++)
		test_make(&tests[t], (const char[]){ (char)('a' + t % BEDS), 0 }, "x", 64 + (double)t, REPEATS);
	*suite = (struct suite){ .tests = tests, .count = BEDS * ON_EACH,
				 .order = { ORDER_SHUFFLED, true, 1 } };
}

/* Each repeat has every test once, and every testbed is brought up once for it. */
static void each_repeat_is_a_permutation(void **state)
{
	struct test tests[BEDS * ON_EACH];
	struct schedule schedule;
	struct suite suite;

	suite_make(&suite, tests);
	for (suite.order.seed = 0; suite.order.seed < 100; suite.order.seed++) {
		assert_int_equal(schedule_make(&schedule, &suite), 0);
		assert_int_equal(schedule.count, BEDS * ON_EACH * REPEATS);
		assert_int_equal(schedule.setups, BEDS * REPEATS);
		for (size_t r = 0; r < REPEATS; r++) {
			const struct schedule_step *step = &schedule.steps[r * BEDS * ON_EACH];
			unsigned seen[BEDS * ON_EACH] = { 0 };

			for (size_t i = 0; i < BEDS * ON_EACH; i++) {
				assert_int_equal(step[i].repeat, r + 1);
				assert_int_equal(step[i].testbed, step[i].test % BEDS);
				assert_int_equal(step[i].setup, r * BEDS + i / ON_EACH);
				assert_int_equal(step[i].testbed, step[i / ON_EACH * ON_EACH].testbed);
				assert_int_equal(seen[step[i].test]++, 0);
			}
		}
		schedule_free(&schedule);
	}
}

/* No place belongs to a test: over many seeds each has each place about as often, in the first repeat and in the last. */
static void no_test_is_favoured(void **state)
{
	enum { SEEDS = 4000, TESTS = BEDS * ON_EACH };
	static unsigned places[2][TESTS][TESTS];
	struct test tests[TESTS];
	struct schedule schedule;
	struct suite suite;

	suite_make(&suite, tests);
	for (suite.order.seed = 0; suite.order.seed < SEEDS; suite.order.seed++) {
		assert_int_equal(schedule_make(&schedule, &suite), 0);
		for (size_t i = 0; i < TESTS; i++) {
			places[0][schedule.steps[i].test][i]++;
			places[1][schedule.steps[schedule.count - TESTS + i].test][i]++;
		}
		schedule_free(&schedule);
	}
	/* 200 of 4000 are to be expected, with a deviation of 14: five of them. */
	for (size_t which = 0; which < 2; which++)
		for (size_t t = 0; t < TESTS; t++)
			for (size_t i = 0; i < TESTS; i++)
				assert_in_range(places[which][t][i], 130, 270);
}

/* A record can be gone on with, and a run made again: on any machine, with any later version. */
static void a_seed_has_one_order(void **state)
{
	static const struct expected order[] = {
		{ 2, 1, 0, 0 }, { 4, 1, 0, 0 }, { 0, 1, 0, 0 }, { 5, 1, 1, 1 }, { 1, 1, 1, 1 }, { 3, 1, 1, 1 },
		{ 0, 2, 0, 2 }, { 4, 2, 0, 2 }, { 2, 2, 0, 2 }, { 5, 2, 1, 3 }, { 3, 2, 1, 3 }, { 1, 2, 1, 3 },
	};
	struct test tests[6];
	struct suite suite = { .tests = tests, .count = 6, .order = { ORDER_SHUFFLED, true, 42 } };
	struct schedule schedule;

	for (size_t t = 0; t < 6; t++)
		test_make(&tests[t], t % 2 ? "b" : "a", "x", 64 + (double)t, 2);
	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_steps(&schedule, order, sizeof(order) / sizeof(order[0]));
	schedule_free(&schedule);
}

/* What shares are shares of is found by the search on the same testbed, if that comes first. */
static void searches_come_before_shares(void **state)
{
	static const char *const rates[] = { "pdr:50%", "pdr", "pdr:90%", "1000" };
	struct test tests[8];
	struct suite suite = { .tests = tests, .count = 8, .order = { ORDER_SHUFFLED, true, 0 } };
	struct schedule schedule;

	for (size_t t = 0; t < 8; t++) {
		test_make(&tests[t], t < 4 ? "a" : "b", "x", 64, 3);
		assert_int_equal(parameter_parse(&parameter_table[PARAMETER_RATE], rates[t % 4], NULL,
						 &tests[t].value[PARAMETER_RATE], NULL), 0);
	}
	for (; suite.order.seed < 200; suite.order.seed++) {
		assert_int_equal(schedule_make(&schedule, &suite), 0);
		assert_int_equal(schedule.count, 24);
		for (size_t i = 0; i < schedule.count; i++)
			assert_int_equal(schedule.steps[i].test % 2 == 0, i % 4 >= 2);
		schedule_free(&schedule);
	}
}

static void too_many_trials_are_refused(void **state)
{
	struct test tests[2];
	struct suite suite = { .tests = tests, .count = 2 };
	struct schedule schedule;

	test_make(&tests[0], "a", "x", 64, SCHEDULE_STEPS_MAX);
	test_make(&tests[1], "b", "x", 64, 1);
	assert_int_equal(schedule_make(&schedule, &suite), -E2BIG);
	assert_null(schedule.steps);
}

/* ---- what testbeds are made for -------------------------------------------------------------------------- */

static struct demand demand_of(double size, double burst, double ring)
{
	struct test test;

	test_make(&test, "a", "x", size, 1);
	test.value[PARAMETER_BURST].number = burst;
	test.value[PARAMETER_RING].number = ring;
	return test_demand(&test);
}

/* A test has the same testbed alone and beside others: none of another class shares it. */
static void a_testbed_is_made_for_a_class_of_tests(void **state)
{
	static const struct { double size, burst, ring; uint32_t frame, most; } cases[] = {
		{ 60, 1, 1024, 1514, 64 },      { 1514, 64, 1024, 1514, 64 },   { 1515, 64, 1024, 9014, 64 },
		{ 9014, 1, 64, 9014, 64 },      { 64, 65, 1024, 1514, 1024 },   { 64, 1024, 1024, 1514, 1024 },
		{ 64, 256, 256, 1514, 256 },    { 64, 128, 256, 1514, 256 },    { 64, 512, 256, 1514, 512 },
	};
	struct test small, large, long_burst;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct demand demand = demand_of(cases[i].size, cases[i].burst, cases[i].ring);

		assert_int_equal(demand.max_frame, cases[i].frame);
		assert_int_equal(demand.max_burst, cases[i].most);
	}
	test_make(&small, "a", "x", 64, 1);
	large = long_burst = small;
	large.value[PARAMETER_SIZE].number = 1500;
	assert_true(schedule_same_testbed(&small, &large));
	large.value[PARAMETER_SIZE].number = 9014;
	assert_false(schedule_same_testbed(&small, &large));
	long_burst.value[PARAMETER_BURST].number = 256;
	assert_false(schedule_same_testbed(&small, &long_burst));
}

static void an_empty_suite_has_no_steps(void **state)
{
	struct suite suite = { .count = 0 };
	struct schedule schedule;

	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.count, 0);
	assert_int_equal(schedule.testbeds, 0);
	assert_int_equal(schedule.setups, 0);
	schedule_free(&schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_by_testbed_in_order_of_appearance),
		cmocka_unit_test(rings_threads_and_pages_are_the_testbed_s),
		cmocka_unit_test(each_repeat_has_a_testbed_of_its_own),
		cmocka_unit_test(repeats_go_round_all_testbeds),
		cmocka_unit_test(each_repeat_is_a_permutation),
		cmocka_unit_test(no_test_is_favoured),
		cmocka_unit_test(a_seed_has_one_order),
		cmocka_unit_test(searches_come_before_shares),
		cmocka_unit_test(too_many_trials_are_refused),
		cmocka_unit_test(a_testbed_is_made_for_a_class_of_tests),
		cmocka_unit_test(an_empty_suite_has_no_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
