/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
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
		cmocka_unit_test(an_empty_suite_has_no_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
