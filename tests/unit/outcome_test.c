/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "trial/outcome.h"

static struct control_result results[4];
static struct control_rx received[4]; /* theirs */

static void result_reset(struct control_result *r, enum control_role role)
{
	memset(r, 0, sizeof(*r));
	r->role = role;
	r->cpu_window_ns = 2000000000;
	r->rx_count = 1;
	r->rx = &received[r - results];
	memset(r->rx, 0, sizeof(*r->rx));
	histogram_reset(&r->rx->latency);
}

/* A sender of 1,000,000 packets in two seconds, and a receiver that got 999,990 of them, 4 damaged. */
static void pair_make(struct outcome_pair *pair, struct control_result *tx, struct control_result *rx)
{
	result_reset(tx, ROLE_SENDER);
	result_reset(rx, ROLE_RECEIVER);
	tx->tx_packets = 1000000;
	tx->tx_window_ns = 2000000000;
	tx->tx_refused = 7;
	tx->port_dropped_known = rx->port_dropped_known = true;
	rx->rx->rx_packets = 999986;
	rx->rx->rx_bytes = 999986 * 64;
	rx->rx->rx_corrupted = 4;
	rx->rx->rx_duplicated = 3;
	rx->rx->rx_reordered = 2;
	rx->rx->rx_foreign = 1;
	rx->port_dropped = 10;
	rx->cpu_user_s = 0.5;
	rx->cpu_system_s = 1.5;
	histogram_record(&rx->rx->latency, 1000);
	histogram_record(&rx->rx->latency, 3000);
	*pair = (struct outcome_pair){ .active = tx, .passive = rx, .active_processor = 0, .passive_processor = 1 };
}

static double number(const json_t *json, const char *a, const char *b)
{
	const json_t *value = json_object_get(json_object_get(json, a), b);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void one_pair(void **state)
{
	struct test test = { 0 };
	struct outcome_pair pair;
	struct outcome outcome;
	const json_t *cpu;

	test.value[PARAMETER_RATE].number = 500000;
	pair_make(&pair, &results[0], &results[1]);
	assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
	assert_true(number(outcome.trial, "tx", "intended_pps") == 500000);
	assert_true(number(outcome.trial, "tx", "offered_pps") == 500000);
	assert_true(number(outcome.trial, "tx", "refused") == 7);
	assert_true(number(outcome.trial, "rx", "forwarded_pps") == 999986 / 2.0);
	assert_true(number(outcome.trial, "rx", "forwarded_bps") == 999986 * 64.0 * 8 / 2);
	/* sent = received + corrupted + lost, always */
	assert_true(number(outcome.trial, "rx", "lost") == 10);
	assert_true(number(outcome.trial, "rx", "corrupted") == 4);
	assert_true(number(outcome.trial, "rx", "loss_ratio") == 1e-5);
	assert_true(number(outcome.trial, "rx", "duplicated") == 3);
	assert_true(number(outcome.trial, "rx", "port_dropped") == 10);
	cpu = json_array_get(json_object_get(json_object_get(outcome.trial, "cpu"), "endpoints"), 1);
	assert_true(json_number_value(json_object_get(cpu, "busy")) == 1.0);
	assert_string_equal(json_string_value(json_object_get(cpu, "role")), "receiver");
	assert_false(outcome.offered_warn || outcome.offered_off || outcome.clock || outcome.late_start);
	json_decref(outcome.trial);
}

static void pairs_add_up(void **state)
{
	struct test test = { 0 };
	struct outcome_pair pairs[2];
	struct outcome outcome;
	const json_t *latency;

	test.value[PARAMETER_RATE].number = RATE_MAX;
	pair_make(&pairs[0], &results[0], &results[1]);
	pair_make(&pairs[1], &results[2], &results[3]);
	results[3].port_dropped_known = false;
	assert_int_equal(outcome_make(&outcome, &test, pairs, 2), 0);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "tx"), "intended_pps")));
	assert_true(number(outcome.trial, "tx", "offered_pps") == 1000000);
	assert_true(number(outcome.trial, "rx", "lost") == 20);
	assert_true(number(outcome.trial, "rx", "loss_ratio") == 1e-5);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "rx"), "port_dropped")));
	latency = json_object_get(json_object_get(outcome.trial, "latency"), "one_way_ns");
	assert_int_equal(json_integer_value(json_object_get(latency, "count")), 4);
	assert_int_equal(json_integer_value(json_object_get(latency, "max")), 3000);
	assert_int_equal(json_array_size(json_object_get(outcome.trial, "pairs")), 2);
	json_decref(outcome.trial);
}

/* More may arrive than the sender knows of (it was stopped in mid-burst): loss is never negative. */
static void loss_is_never_negative(void **state)
{
	struct test test = { 0 };
	struct outcome_pair pair;
	struct outcome outcome;

	test.value[PARAMETER_RATE].number = RATE_MAX;
	pair_make(&pair, &results[0], &results[1]);
	results[0].tx_packets = 999000;
	assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
	assert_true(number(outcome.trial, "rx", "lost") == 0);
	assert_true(number(outcome.trial, "rx", "loss_ratio") == 0);
	json_decref(outcome.trial);
}

static void offered_load_is_judged(void **state)
{
	static const struct { double intended; bool warn, off; } cases[] = {
		{ 500000, false, false }, { 500400, false, false }, { 501000, true, false }, { 499000, true, false },
		{ 510000, true, true }, { 1000000, true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test test = { 0 };
		struct outcome_pair pair;
		struct outcome outcome;

		test.value[PARAMETER_RATE].number = cases[i].intended;
		pair_make(&pair, &results[0], &results[1]);
		assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
		assert_int_equal(outcome.offered_warn, cases[i].warn);
		assert_int_equal(outcome.offered_off, cases[i].off);
		json_decref(outcome.trial);
	}
}

static void a_client_measures_itself(void **state)
{
	struct test test = { 0 };
	struct outcome_pair pair;
	struct outcome outcome;
	const json_t *sample;
	struct control_sample samples[1] = { { .second = 1, .tx_packets = 500, .rx_packets = 499 } };

	test.value[PARAMETER_RATE].number = 500;
	result_reset(&results[0], ROLE_CLIENT);
	result_reset(&results[1], ROLE_SERVER);
	results[0].tx_packets = 1000;
	results[0].tx_window_ns = 2000000000;
	results[0].rx->rx_packets = 998;
	results[1].rx->rx_packets = 1000;
	histogram_record(&results[0].rx->latency, 12345);
	pair = (struct outcome_pair){ .active = &results[0], .passive = &results[1], .tx_samples = samples,
				      .tx_sample_count = 1, .rx_samples = samples, .rx_sample_count = 1 };
	assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
	assert_true(number(outcome.trial, "rx", "packets") == 998);
	assert_true(number(outcome.trial, "rx", "lost") == 2);
	assert_true(json_is_object(json_object_get(json_object_get(outcome.trial, "latency"), "round_trip_ns")));
	assert_null(json_object_get(json_object_get(outcome.trial, "latency"), "one_way_ns"));
	sample = json_array_get(json_object_get(outcome.trial, "samples"), 0);
	assert_int_equal(json_integer_value(json_object_get(sample, "rx_packets")), 499);
	json_decref(outcome.trial);
}

static void a_late_start_is_told(void **state)
{
	static const struct { double warmup_s, duration_s; uint64_t late_ns; bool late; } cases[] = {
		{ 0, 2, 0, false }, { 0, 2, 20000000, false }, { 0, 2, 20000001, true },
		{ 1, 2, 1020000000, false }, { 1, 2, 1020000001, true },
		{ 0, 0.01, 1000000, false }, { 0, 0.01, 1000001, true },
	};

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct test test = { 0 };
		struct outcome_pair pair;
		struct outcome outcome;

		test.value[PARAMETER_RATE].number = RATE_MAX;
		test.value[PARAMETER_WARMUP].number = cases[i / 2].warmup_s;
		test.value[PARAMETER_DURATION].number = cases[i / 2].duration_s;
		pair_make(&pair, &results[0], &results[1]);
		results[i % 2].late_start_ns = cases[i / 2].late_ns; /* of either end */
		assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
		assert_int_equal(outcome.late_start, cases[i / 2].late);
		json_decref(outcome.trial);
	}
}

static void nothing_sent_is_told(void **state)
{
	struct outcome_pair pair;
	struct outcome outcome;
	struct test test = { 0 };

	test.value[PARAMETER_RATE].number = RATE_MAX;
	test.value[PARAMETER_DURATION].number = 2;
	for (int nothing = 0; nothing < 2; nothing++) {
		pair_make(&pair, &results[0], &results[1]);
		if (nothing)
			results[0].tx_packets = results[1].rx->rx_packets = 0;
		assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
		assert_int_equal(outcome.nothing_sent, nothing);
		json_decref(outcome.trial);
	}
}

static void standing_still_is_told(void **state)
{
	static const struct { uint64_t stalled_ns; bool disturbed; } cases[] = {
		{ 0, false }, { 20000000, false }, { 20000001, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test test = { 0 };
		struct outcome_pair pair;
		struct outcome outcome;

		test.value[PARAMETER_RATE].number = RATE_MAX;
		pair_make(&pair, &results[0], &results[1]);
		results[1].stalled_ns = cases[i].stalled_ns; /* of a window of 2 s */
		assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
		assert_int_equal(outcome.disturbed, cases[i].disturbed);
		json_decref(outcome.trial);
	}
}

/* Nothing sent, nothing received: no division by zero, no NaN, which JSON could not hold. */
/* Ten seconds of two pairs whose receivers get less and less; the eleventh second is one sender's alone. */
static void an_unsteady_rate_is_told(void **state)
{
	struct control_sample level[11], falling[10];
	struct test test = { 0 };
	struct outcome_pair pairs[2];
	struct outcome outcome;

	for (unsigned i = 0; i < 11; i++)
		level[i] = (struct control_sample){ .second = i + 1, .tx_packets = 100000, .rx_packets = 100000 };
	for (unsigned i = 0; i < 10; i++)
		falling[i] = (struct control_sample){ .second = i + 1, .rx_packets = 100000 - 8000 * i };
	for (unsigned p = 0; p < 2; p++) {
		pair_make(&pairs[p], &results[2 * p], &results[2 * p + 1]);
		pairs[p].tx_samples = pairs[p].rx_samples = level;
		pairs[p].tx_sample_count = 11 - p;
		pairs[p].rx_sample_count = 10;
	}
	test.value[PARAMETER_RATE].number = RATE_MAX;
	test.value[PARAMETER_BURST].number = 32;
	assert_int_equal(outcome_make(&outcome, &test, pairs, 2), 0);
	assert_false(outcome.unstable);
	assert_true(number(outcome.trial, "steady", "window_s") == 5);
	assert_true(number(outcome.trial, "steady", "drift_ratio") == 0);
	assert_true(number(outcome.trial, "steady", "from_s") == 1);
	json_decref(outcome.trial);

	pairs[1].rx_samples = falling;
	assert_int_equal(outcome_make(&outcome, &test, pairs, 2), 0);
	assert_true(outcome.unstable);
	/* The last window: 16, 15.2, ... of 10000; 4 * 0.8 of a mean of 14.4. */
	assert_true(number(outcome.trial, "steady", "drift_ratio") > 0.22);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "steady"), "from_s")));
	json_decref(outcome.trial);

	/* Bursts so large that a second has few of them cannot be judged; nor can four seconds. */
	test.value[PARAMETER_BURST].number = 8192;
	assert_int_equal(outcome_make(&outcome, &test, pairs, 2), 0);
	assert_true(json_is_null(json_object_get(outcome.trial, "steady")) && !outcome.unstable);
	json_decref(outcome.trial);
	test.value[PARAMETER_BURST].number = 1;
	pairs[0].tx_sample_count = pairs[1].tx_sample_count = 4;
	assert_int_equal(outcome_make(&outcome, &test, pairs, 2), 0);
	assert_true(json_is_null(json_object_get(outcome.trial, "steady")) && !outcome.unstable);
	json_decref(outcome.trial);
}

static void nothing_at_all(void **state)
{
	struct test test = { 0 };
	struct outcome_pair pair = { .active = &results[0], .passive = &results[1] };
	struct outcome outcome;

	test.value[PARAMETER_RATE].number = RATE_MAX;
	result_reset(&results[0], ROLE_SENDER);
	result_reset(&results[1], ROLE_RECEIVER);
	results[0].cpu_window_ns = 0;
	assert_int_equal(outcome_make(&outcome, &test, &pair, 1), 0);
	assert_true(number(outcome.trial, "rx", "loss_ratio") == 0);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "latency"), "one_way_ns")));
	json_decref(outcome.trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_pair),
		cmocka_unit_test(pairs_add_up),
		cmocka_unit_test(loss_is_never_negative),
		cmocka_unit_test(offered_load_is_judged),
		cmocka_unit_test(a_client_measures_itself),
		cmocka_unit_test(a_late_start_is_told),
		cmocka_unit_test(nothing_sent_is_told),
		cmocka_unit_test(standing_still_is_told),
		cmocka_unit_test(an_unsteady_rate_is_told),
		cmocka_unit_test(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
