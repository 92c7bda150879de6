/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/run_plan.h"

#include <jansson.h>
#include <stdio.h>

#include "lanebench/command.h"
#include "results/record.h"
#include "suite/test_rate.h"

static void run_print_plan_json(const struct suite *suite, const struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->count; i++) {
		const struct schedule_step *step = &schedule->steps[i];
		json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:o}", "trial", (json_int_t)i + 1, "testbed",
					 (json_int_t)step->testbed + 1, "setup", (json_int_t)step->setup + 1,
					 "repeat", (json_int_t)step->repeat, "test", test_to_json(&suite->tests[step->test]));

		json_dumpf(json, stdout, JSON_COMPACT | RECORD_NUMBERS);
		putchar('\n');
		json_decref(json);
	}
}

void run_plan_print(const struct suite *suite, const struct schedule *schedule, bool json)
{
	double seconds = 0;
	char what[160];

	if (json) {
		run_print_plan_json(suite, schedule);
		return;
	}
	for (size_t i = 0; i < schedule->count; i++) {
		const struct test *test = &suite->tests[schedule->steps[i].test];

		test_tuple(test, what, sizeof(what));
		printf("%zu  testbed %zu  repeat %u  %s\n", i + 1, schedule->steps[i].testbed + 1,
		       schedule->steps[i].repeat, what);
		seconds += test_load_seconds(test);
	}
	printf("%zu test%s, %zu trial%s on %zu testbed%s (%zu set-up%s), %.0f s of traffic\n", suite->count,
	       plural(suite->count), schedule->count, plural(schedule->count), schedule->testbeds,
	       plural(schedule->testbeds), schedule->setups, plural(schedule->setups), seconds);
}
