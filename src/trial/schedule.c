/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool schedule_same_testbed(const struct test *a, const struct test *b)
{
	static const enum parameter_id keys[] = {
		PARAMETER_RUNTIME, PARAMETER_HOSTS, PARAMETER_SWITCH, PARAMETER_CONTAINERS, PARAMETER_IO,
		PARAMETER_PROCESSORS, PARAMETER_PORT, PARAMETER_RING, PARAMETER_THREADS, PARAMETER_HUGEPAGES,
		PARAMETER_SWITCH_QUOTA, PARAMETER_ENDPOINT_QUOTA, PARAMETER_SWITCH_PLACE, PARAMETER_NEIGHBOUR,
		PARAMETER_NEIGHBOUR_PLACE,
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(test_text(a, keys[i]), test_text(b, keys[i])) != 0)
			return false;
	return true;
}

/*
 * Number each test's testbed in order of first appearance; returns how many there are. `first` and `bed` have
 * room for every test.
 */
static size_t schedule_number_testbeds(const struct suite *suite, size_t *first, size_t *bed)
{
	size_t beds = 0;

	for (size_t t = 0; t < suite->count; t++) {
		size_t b = 0;

		while (b < beds && !schedule_same_testbed(&suite->tests[first[b]], &suite->tests[t]))
			b++;
		if (b == beds)
			first[beds++] = t;
		bed[t] = b;
	}
	return beds;
}

/* Append one set-up of testbed `b`: every test of it that has this repeat, if there is one. */
static void schedule_add_setup(struct schedule *schedule, const struct suite *suite, const size_t *bed, size_t b,
			       unsigned repeat)
{
	size_t before = schedule->count;

	for (size_t t = 0; t < suite->count; t++)
		if (bed[t] == b && repeat <= test_number(&suite->tests[t], PARAMETER_REPEATS))
			schedule->steps[schedule->count++] = (struct schedule_step){ t, repeat, b, schedule->setups };
	if (schedule->count > before)
		schedule->setups++;
}

int schedule_make(struct schedule *schedule, const struct suite *suite)
{
	size_t *first = calloc(suite->count + 1, sizeof(*first));
	size_t *bed = calloc(suite->count + 1, sizeof(*bed));
	size_t total = 0;
	int err = -ENOMEM;

	memset(schedule, 0, sizeof(*schedule));
	for (size_t t = 0; t < suite->count; t++)
		total += (size_t)test_number(&suite->tests[t], PARAMETER_REPEATS);
	schedule->steps = calloc(total + 1, sizeof(*schedule->steps));
	if (!first || !bed || !schedule->steps)
		goto out;

	schedule->testbeds = schedule_number_testbeds(suite, first, bed);
	for (unsigned repeat = 1; schedule->count < total; repeat++)
		for (size_t b = 0; b < schedule->testbeds; b++)
			schedule_add_setup(schedule, suite, bed, b, repeat);
	err = 0;
out:
	free(first);
	free(bed);
	if (err)
		schedule_free(schedule);
	return err;
}

void schedule_free(struct schedule *schedule)
{
	free(schedule->steps);
	memset(schedule, 0, sizeof(*schedule));
}
