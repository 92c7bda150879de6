/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/random.h"
#include "suite/test_rate.h"
#include "wire/frame.h"

#define FRAME_USUAL (WIRE_ETHERNET_LEN + 1500u)
#define BURST_USUAL 64u

struct demand test_demand(const struct test *test)
{
	uint32_t frame = (uint32_t)test_number(test, PARAMETER_SIZE);
	uint32_t burst = (uint32_t)test_number(test, PARAMETER_BURST);
	uint32_t ring = (uint32_t)test_number(test, PARAMETER_RING);
	uint32_t most = (uint32_t)parameter_table[PARAMETER_BURST].max;

	if (most > ring)
		most = ring;
	return (struct demand){
		.max_frame = frame <= FRAME_USUAL ? FRAME_USUAL : WIRE_FRAME_MAX,
		/* Above its ring a burst can be only where the port has none. */
		.max_burst = burst <= BURST_USUAL ? BURST_USUAL : burst < most ? most : burst,
	};
}

bool schedule_same_testbed(const struct test *a, const struct test *b)
{
	static const enum parameter_id keys[] = {
		PARAMETER_RUNTIME, PARAMETER_HOSTS, PARAMETER_SWITCH, PARAMETER_CONTAINERS,
		PARAMETER_TOPOLOGY, PARAMETER_HOPS, PARAMETER_DIRECTION, PARAMETER_IO, PARAMETER_SWITCH_IN,
		PARAMETER_PROCESSORS, PARAMETER_PORT, PARAMETER_RING, PARAMETER_THREADS, PARAMETER_HUGEPAGES,
		PARAMETER_FORWARDING, PARAMETER_RXQS, PARAMETER_RXQ_AFFINITY,
		PARAMETER_SWITCH_QUOTA, PARAMETER_ENDPOINT_QUOTA, PARAMETER_SWITCH_PLACE, PARAMETER_NEIGHBOUR,
		PARAMETER_NEIGHBOUR_PLACE, PARAMETER_CACHE_WAYS,
	};
	struct demand of_a = test_demand(a), of_b = test_demand(b);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(test_text(a, keys[i]), test_text(b, keys[i])) != 0)
			return false;
	return of_a.max_frame == of_b.max_frame && of_a.max_burst == of_b.max_burst;
}

/* The tests of each testbed, one testbed behind the other. */
struct beds {
	size_t *test;   /* of all testbeds */
	size_t *begin;  /* testbed b has test[begin[b]] to test[begin[b + 1] - 1] */
	size_t *order;  /* in which the testbeds are brought up */
	size_t count;
};

static void beds_free(struct beds *beds)
{
	free(beds->test);
	free(beds->begin);
	free(beds->order);
}

/* Number each test's testbed, in the order of first appearance; order[] holds the first test of each meanwhile. */
static void beds_number(struct beds *beds, const struct suite *suite, size_t *bed)
{
	for (size_t t = 0; t < suite->count; t++) {
		size_t b = 0;

		while (b < beds->count &&
		       !schedule_same_testbed(&suite->tests[beds->order[b]], &suite->tests[t]))
			b++;
		if (b == beds->count)
			beds->order[beds->count++] = t;
		bed[t] = b;
		beds->begin[b + 1]++;
	}
}

static int beds_make(struct beds *beds, const struct suite *suite)
{
	size_t *bed = calloc(suite->count + 1, sizeof(*bed)), *used = calloc(suite->count + 1, sizeof(*used));
	int result = -ENOMEM;

	beds->test = calloc(suite->count + 1, sizeof(*beds->test));
	beds->begin = calloc(suite->count + 2, sizeof(*beds->begin));
	beds->order = calloc(suite->count + 1, sizeof(*beds->order));
	if (!bed || !used || !beds->test || !beds->begin || !beds->order)
		goto out;
	beds_number(beds, suite, bed);
	for (size_t b = 0; b < beds->count; b++) {
		beds->order[b] = b;
		beds->begin[b + 1] += beds->begin[b];
	}
	for (size_t t = 0; t < suite->count; t++)
		beds->test[beds->begin[bed[t]] + used[bed[t]]++] = t;
	result = 0;
out:
	free(used);
	free(bed);
	return result;
}

/* Fisher and Yates, as Durstenfeld has it. */
static void shuffle(size_t *list, size_t count, uint64_t *state)
{
	for (size_t left = count; left > 1; left--) {
		size_t other = random_index(state, left), moved = list[left - 1];

		list[left - 1] = list[other];
		list[other] = moved;
	}
}

static bool test_is_share(const struct test *test)
{
	struct rate rate;

	if (!test_has_plan(test))
		return false;
	test_rate(test, &rate);
	return rate.kind == RATE_SHARE;
}

/* Each repeat is shuffled from where the one before left it. */
static void beds_shuffle(struct beds *beds, uint64_t *state)
{
	shuffle(beds->order, beds->count, state);
	for (size_t b = 0; b < beds->count; b++)
		shuffle(beds->test + beds->begin[b], beds->begin[b + 1] - beds->begin[b], state);
}

/* One set-up of testbed `b`: those of its tests that have this repeat, shares last where the order is not the user's. */
static void schedule_add_setup(struct schedule *schedule, const struct suite *suite, const struct beds *beds, size_t b,
			       unsigned repeat)
{
	size_t before = schedule->count;
	bool shuffled = suite->order.kind == ORDER_SHUFFLED;

	for (int shares = 0; shares < (shuffled ? 2 : 1); shares++) {
		for (size_t i = beds->begin[b]; i < beds->begin[b + 1]; i++) {
			const struct test *test = &suite->tests[beds->test[i]];

			if (repeat > test_number(test, PARAMETER_REPEATS) || (shuffled && test_is_share(test) != shares))
				continue;
			schedule->steps[schedule->count++] =
				(struct schedule_step){ beds->test[i], repeat, b, schedule->setups };
		}
	}
	if (schedule->count > before)
		schedule->setups++;
}

int schedule_make(struct schedule *schedule, const struct suite *suite)
{
	struct beds beds = { 0 };
	uint64_t state = suite->order.seed;
	size_t total = 0;
	int result;

	memset(schedule, 0, sizeof(*schedule));
	for (size_t t = 0; t < suite->count; t++)
		total += (size_t)test_number(&suite->tests[t], PARAMETER_REPEATS);
	if (total > SCHEDULE_STEPS_MAX)
		return -E2BIG;
	schedule->steps = calloc(total + 1, sizeof(*schedule->steps));
	result = schedule->steps ? beds_make(&beds, suite) : -ENOMEM;
	schedule->testbeds = beds.count;
	for (unsigned repeat = 1; !result && schedule->count < total; repeat++) {
		if (suite->order.kind == ORDER_SHUFFLED)
			beds_shuffle(&beds, &state);
		for (size_t i = 0; i < beds.count; i++)
			schedule_add_setup(schedule, suite, &beds, beds.order[i], repeat);
	}
	beds_free(&beds);
	if (result)
		schedule_free(schedule);
	return result;
}

void schedule_free(struct schedule *schedule)
{
	free(schedule->steps);
	memset(schedule, 0, sizeof(*schedule));
}
