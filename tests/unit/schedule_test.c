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
		{ PARAMETER_RING, false }, { PARAMETER_THREADS, false }, { PARAMETER_HUGEPAGES, false },
		{ PARAMETER_PROCESSORS, false }, { PARAMETER_BURST, true }, { PARAMETER_PAYLOAD, true },
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

static void repeats_go_round(void **state)
{
	struct test tests[2];
	struct suite suite = { .tests = tests, .count = 2 };
	struct schedule schedule;
	static const struct { size_t test; unsigned repeat; } order[] = { { 0, 1 }, { 1, 1 }, { 0, 2 }, { 1, 2 }, { 0, 3 } };

	test_make(&tests[0], "a", "x", 64, 3);
	test_make(&tests[1], "a", "x", 128, 2);
	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(schedule.steps[i].test, order[i].test);
		assert_int_equal(schedule.steps[i].repeat, order[i].repeat);
	}
	schedule_free(&schedule);
}

static void an_empty_suite_has_no_steps(void **state)
{
	struct suite suite = { .count = 0 };
	struct schedule schedule;

	assert_int_equal(schedule_make(&schedule, &suite), 0);
	assert_int_equal(schedule.count, 0);
	assert_int_equal(schedule.testbeds, 0);
	schedule_free(&schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_by_testbed_in_order_of_appearance),
		cmocka_unit_test(rings_threads_and_pages_are_the_testbed_s),
		cmocka_unit_test(repeats_go_round),
		cmocka_unit_test(an_empty_suite_has_no_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
