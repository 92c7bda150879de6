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
static struct outcome_end ends[4];    /* of the nodes of a topology, whose results these are */

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

/* Pair p: a sender of 1,000,000 packets in two seconds, and a receiver that got 999,990 of them, 4 damaged. */
static void pair_make(unsigned p)
{
	struct control_result *tx = &results[2 * p], *rx = tx + 1;

	result_reset(tx, ROLE_SENDER);
	result_reset(rx, ROLE_RECEIVER);
	tx->tx_packets = 1000000;
	tx->tx_window_ns = 2000000000;
	tx->tx_refused = 7;
	tx->tx_bytes = 64000000;
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
	ends[2 * p] = (struct outcome_end){ .result = tx, .processor = 0 };
	ends[2 * p + 1] = (struct outcome_end){ .result = rx, .processor = 1 };
}

static struct test sample_test(double rate)
{
	struct test test = { 0 };

	test.value[PARAMETER_RATE].number = rate;
	test.value[PARAMETER_FLOWS].number = 1;
	return test;
}

/* The outcome of what `ends` say of a topology. */
static struct outcome make(const struct test *test, const struct topology_spec *spec)
{
	struct topology topology;
	struct outcome outcome;

	assert_int_equal(topology_make(&topology, spec), 0);
	assert_int_equal(outcome_make(&outcome, test, &topology, ends), 0);
	topology_free(&topology);
	return outcome;
}

#define PAIRS(n) (&(struct topology_spec){ .kind = TOPOLOGY_PAIRS, .groups = (n) })

static double number(const json_t *json, const char *a, const char *b)
{
	const json_t *value = json_object_get(json_object_get(json, a), b);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void one_pair(void **state)
{
	struct test test = sample_test(500000);
	struct outcome outcome;
	const json_t *cpu;

	pair_make(0);
	outcome = make(&test, PAIRS(1));
	assert_true(number(outcome.trial, "tx", "intended_pps") == 500000);
	assert_true(number(outcome.trial, "tx", "offered_pps") == 500000);
	assert_true(number(outcome.trial, "tx", "offered_bps") == 64e6 * 8 / 2);
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
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;
	const json_t *latency;

	pair_make(0);
	pair_make(1);
	results[3].port_dropped_known = false;
	outcome = make(&test, PAIRS(2));
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
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;

	pair_make(0);
	results[0].tx_packets = 999000;
	outcome = make(&test, PAIRS(1));
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
		struct test test = sample_test(RATE_MAX);
		struct outcome outcome;

		test.value[PARAMETER_RATE].number = cases[i].intended;
		pair_make(0);
		outcome = make(&test, PAIRS(1));
		assert_int_equal(outcome.offered_warn, cases[i].warn);
		assert_int_equal(outcome.offered_off, cases[i].off);
		json_decref(outcome.trial);
	}
}

static void a_client_measures_itself(void **state)
{
	struct test test = sample_test(RATE_MAX);
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
	ends[0] = (struct outcome_end){ .result = &results[0], .samples = samples, .sample_count = 1 };
	ends[1] = (struct outcome_end){ .result = &results[1] };
	outcome = make(&test, PAIRS(1));
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
	static const struct { double warmup_s, duration_s, quota; uint64_t late_ns; bool late; } cases[] = {
		{ 0, 2, 0, 0, false }, { 0, 2, 0, 20000000, false }, { 0, 2, 0, 20000001, true },
		{ 1, 2, 0, 1020000000, false }, { 1, 2, 0, 1020000001, true },
		{ 0, 0.01, 0, 2000000, false }, { 0, 0.01, 0, 2000001, true },
		/* its quota may be used up just then, until the next period */
		{ 1, 2, 0.1, 1100000000, false }, { 1, 2, 0.1, 1102000001, true },
	};

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct test test = sample_test(RATE_MAX);
		struct outcome outcome;

		test.value[PARAMETER_WARMUP].number = cases[i / 2].warmup_s;
		test.value[PARAMETER_DURATION].number = cases[i / 2].duration_s;
		test.value[PARAMETER_ENDPOINT_QUOTA].number = cases[i / 2].quota;
		pair_make(0);
		results[i % 2].late_start_ns = cases[i / 2].late_ns; /* of either end */
		outcome = make(&test, PAIRS(1));
		assert_int_equal(outcome.late_start, cases[i / 2].late);
		json_decref(outcome.trial);
	}
}

static void nothing_sent_is_told(void **state)
{
	struct outcome outcome;
	struct test test = sample_test(RATE_MAX);

	test.value[PARAMETER_DURATION].number = 2;
	for (int nothing = 0; nothing < 2; nothing++) {
		pair_make(0);
		if (nothing)
			results[0].tx_packets = results[1].rx->rx_packets = 0;
		outcome = make(&test, PAIRS(1));
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
		struct test test = sample_test(RATE_MAX);
		struct outcome outcome;

		pair_make(0);
		results[1].stalled_ns = cases[i].stalled_ns; /* of a window of 2 s */
		outcome = make(&test, PAIRS(1));
		assert_int_equal(outcome.disturbed, cases[i].disturbed);
		json_decref(outcome.trial);
	}
}

/* Nothing sent, nothing received: no division by zero, no NaN, which JSON could not hold. */
/* Ten seconds of two pairs whose receivers get less and less; the eleventh second is one sender's alone. */
static void an_unsteady_rate_is_told(void **state)
{
	struct control_sample level[11], falling[10];
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;

	for (unsigned i = 0; i < 11; i++)
		level[i] = (struct control_sample){ .second = i + 1, .tx_packets = 100000, .rx_packets = 100000 };
	for (unsigned i = 0; i < 10; i++)
		falling[i] = (struct control_sample){ .second = i + 1, .rx_packets = 100000 - 8000 * i };
	for (unsigned p = 0; p < 2; p++) {
		pair_make(p);
		ends[2 * p].samples = ends[2 * p + 1].samples = level;
		ends[2 * p].sample_count = 11 - p;
		ends[2 * p + 1].sample_count = 10;
	}
	test.value[PARAMETER_BURST].number = 32;
	outcome = make(&test, PAIRS(2));
	assert_false(outcome.unstable);
	assert_true(number(outcome.trial, "steady", "window_s") == 5);
	assert_true(number(outcome.trial, "steady", "drift_ratio") == 0);
	assert_true(number(outcome.trial, "steady", "from_s") == 1);
	json_decref(outcome.trial);

	ends[3].samples = falling;
	outcome = make(&test, PAIRS(2));
	assert_true(outcome.unstable);
	/* The last window: 16, 15.2, ... of 10000; 4 * 0.8 of a mean of 14.4. */
	assert_true(number(outcome.trial, "steady", "drift_ratio") > 0.22);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "steady"), "from_s")));
	json_decref(outcome.trial);

	/* Bursts so large that a second has few of them cannot be judged; nor can four seconds. */
	test.value[PARAMETER_BURST].number = 8192;
	outcome = make(&test, PAIRS(2));
	assert_true(json_is_null(json_object_get(outcome.trial, "steady")) && !outcome.unstable);
	json_decref(outcome.trial);
	test.value[PARAMETER_BURST].number = 1;
	ends[0].sample_count = ends[2].sample_count = 4;
	outcome = make(&test, PAIRS(2));
	assert_true(json_is_null(json_object_get(outcome.trial, "steady")) && !outcome.unstable);
	json_decref(outcome.trial);
}

static void nothing_at_all(void **state)
{
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;

	result_reset(&results[0], ROLE_SENDER);
	result_reset(&results[1], ROLE_RECEIVER);
	results[0].cpu_window_ns = 0;
	ends[0] = (struct outcome_end){ .result = &results[0] };
	ends[1] = (struct outcome_end){ .result = &results[1] };
	outcome = make(&test, PAIRS(1));
	assert_true(number(outcome.trial, "rx", "loss_ratio") == 0);
	assert_true(json_is_null(json_object_get(json_object_get(outcome.trial, "latency"), "one_way_ns")));
	json_decref(outcome.trial);
}

static json_int_t integer(const json_t *json, const char *field)
{
	assert_true(json_is_integer(json_object_get(json, field)));
	return json_integer_value(json_object_get(json, field));
}

/* Two senders and the receiver of both: each flow has its own account, and the receiver's seconds count once. */
static void a_fan_in_tells_its_senders_apart(void **state)
{
	static const struct control_sample sent[] = { { .second = 1, .tx_packets = 500 } };
	static const struct control_sample got[] = { { .second = 1, .rx_packets = 900 } };
	static struct control_rx both[2];
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;
	const json_t *flow, *sample;

	result_reset(&results[0], ROLE_SENDER);
	result_reset(&results[1], ROLE_SENDER);
	result_reset(&results[2], ROLE_RECEIVER);
	results[0].tx_packets = 1000;
	results[1].tx_packets = 2000;
	results[0].tx_window_ns = results[1].tx_window_ns = 1000000000;
	memset(both, 0, sizeof(both));
	histogram_reset(&both[0].latency);
	histogram_reset(&both[1].latency);
	both[0].rx_packets = 990;
	both[1].rx_packets = 1500;
	results[2].rx = both;
	results[2].rx_count = 2;
	for (unsigned i = 0; i < 3; i++)
		ends[i] = (struct outcome_end){ .result = &results[i], .samples = i < 2 ? sent : got, .sample_count = 1 };
	outcome = make(&test, &(struct topology_spec){ .kind = TOPOLOGY_FAN_IN, .groups = 2 });
	assert_true(number(outcome.trial, "rx", "lost") == 510);
	flow = json_array_get(json_object_get(outcome.trial, "pairs"), 1);
	assert_true(number(flow, "rx", "lost") == 500);
	assert_true(json_is_null(json_object_get(json_object_get(flow, "rx"), "port_dropped")));
	sample = json_array_get(json_object_get(flow, "samples"), 0);
	assert_true(json_is_null(json_object_get(sample, "rx_packets")));
	sample = json_array_get(json_object_get(outcome.trial, "samples"), 0);
	assert_int_equal(integer(sample, "tx_packets"), 1000);
	assert_int_equal(integer(sample, "rx_packets"), 900);
	assert_int_equal(json_array_size(json_object_get(json_object_get(outcome.trial, "cpu"), "endpoints")), 3);
	json_decref(outcome.trial);
}

/* A sender, a forwarder, a receiver: what is missing is missing between two of them. */
static void a_chain_tells_where_packets_were_lost(void **state)
{
	struct test test = sample_test(RATE_MAX);
	const json_t *hops, *hop;
	struct outcome outcome;

	pair_make(0);
	ends[2] = ends[1];
	result_reset(&results[2], ROLE_FORWARDER);
	results[2].forward_count = 2;
	results[2].forward[0] = (struct control_forward){ .in = 999998, .out = 999993, .refused = 5 };
	results[2].cpu_user_s = 1;
	ends[1] = (struct outcome_end){ .result = &results[2], .processor = 2 };
	outcome = make(&test, &(struct topology_spec){ .kind = TOPOLOGY_CHAIN, .groups = 1, .hops = 1 });
	hops = json_object_get(json_array_get(json_object_get(outcome.trial, "pairs"), 0), "hops");
	hop = json_array_get(json_object_get(hops, "forwarders"), 0);
	assert_int_equal(integer(hop, "lost_before"), 2);
	assert_int_equal(integer(hop, "refused"), 5);
	/* 999986 intact, 4 damaged, 3 copies: all that the forwarder handed over has come. */
	assert_int_equal(integer(hops, "lost_after"), 0);
	hop = json_array_get(json_object_get(outcome.trial, "hops"), 0);
	assert_int_equal(integer(hop, "in"), 999998);
	assert_int_equal(integer(hop, "lost_before"), 2);
	assert_true(json_real_value(json_object_get(hop, "busy")) == 0.5);
	assert_true(json_real_value(json_object_get(hop, "packet_ns")) == 1e9 / 999998);
	json_decref(outcome.trial);
}

/* Client, two forwarders, server: each hop has what both ways lost before it. */
static void round_trips_are_lost_on_either_way(void **state)
{
	static const struct control_forward ahead[2] = { { 990, 990, 0 }, { 980, 975, 5 } },
		back[2] = { { 950, 950, 0 }, { 960, 960, 0 } };
	const enum control_role roles[4] = { ROLE_CLIENT, ROLE_FORWARDER, ROLE_FORWARDER, ROLE_SERVER };
	struct test test = sample_test(1000);
	struct outcome outcome;
	const json_t *hops;

	for (unsigned i = 0; i < 4; i++) {
		result_reset(&results[i], roles[i]);
		ends[i] = (struct outcome_end){ .result = &results[i] };
	}
	for (unsigned i = 0; i < 2; i++) {
		results[1 + i].forward_count = 2;
		results[1 + i].forward[0] = ahead[i];
		results[1 + i].forward[1] = back[i];
	}
	results[0].tx_packets = 1000;
	results[0].tx_window_ns = 1000000000;
	results[0].rx->rx_packets = 949;
	results[3].rx->rx_packets = results[3].tx_packets = 970;
	outcome = make(&test, &(struct topology_spec){ .kind = TOPOLOGY_CHAIN, .groups = 1, .hops = 2 });
	hops = json_object_get(outcome.trial, "hops");
	/* 1000 -> 990 and 960 -> 950; 990 -> 980 and 970 -> 960. */
	assert_int_equal(integer(json_array_get(hops, 0), "lost_before"), 10 + 10);
	assert_int_equal(integer(json_array_get(hops, 1), "lost_before"), 10 + 10);
	assert_int_equal(integer(json_array_get(hops, 1), "in"), 980 + 960);
	json_decref(outcome.trial);
}

/* One container of two ports, which sends and receives: its port's drops count once. */
static void a_loop_is_its_own_peer(void **state)
{
	struct test test = sample_test(RATE_MAX);
	struct outcome outcome;

	result_reset(&results[0], ROLE_EXCHANGE);
	results[0].tx_packets = 1000;
	results[0].tx_window_ns = 1000000000;
	results[0].port_dropped = 10;
	results[0].port_dropped_known = true;
	results[0].rx->rx_packets = 990;
	ends[0] = (struct outcome_end){ .result = &results[0] };
	outcome = make(&test, &(struct topology_spec){ .kind = TOPOLOGY_LOOP, .groups = 1 });
	assert_true(number(outcome.trial, "rx", "lost") == 10);
	assert_true(number(outcome.trial, "rx", "port_dropped") == 10);
	assert_true(json_is_object(json_object_get(outcome.trial, "latency")));
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
		cmocka_unit_test(a_fan_in_tells_its_senders_apart),
		cmocka_unit_test(a_chain_tells_where_packets_were_lost),
		cmocka_unit_test(round_trips_are_lost_on_either_way),
		cmocka_unit_test(a_loop_is_its_own_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
