/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in front, how certainly, and the same as a table: facts and texts that all reports share. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/contest.h"
#include "report/format.h"
#include "report/remarks.h"
#include "report/words.h"
#include "report_bench.h"

#define ROWS_MAX 256

static struct digest digest;
static const struct digest_row *rows[ROWS_MAX];

static void digest_it(void)
{
	struct error err = { 0 };

	if (!view.run)
		view.run = sample_run("contest", "done", NULL);
	assert_int_equal(digest_make(&digest, &view, &err), 0);
	for (size_t i = 0; i < digest.count; i++)
		rows[i] = &digest.rows[i];
}

static int let_go(void **state)
{
	digest_free(&digest);
	return teardown(state);
}

static void add_trials(struct sample s, const double *pps, int count)
{
	s.repeats = count;
	for (int i = 0; i < count; i++) {
		s.repeat = i + 1;
		s.forwarded_pps = pps[i];
		add(sample_trial(&s, NULL));
	}
}

static struct sample of(const char *sw, const char *io, int size)
{
	struct sample s = base;

	s.switch_name = sw;
	s.io = io;
	s.size = size;
	s.loss_ratio = 0;
	return s;
}

static void only_the_same_load_competes(void **state)
{
	static const int sizes[] = { 1500, 64 };
	struct contests contests;

	for (int i = 0; i < 4; i++) {
		struct sample s = of(i & 1 ? "veth" : "macvlan", "udp", sizes[i / 2]);

		s.forwarded_pps = 100e3 * (i + 1);
		add(sample_trial(&s, NULL));
	}
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, true), 0);
	assert_int_equal(contests.count, 2); /* 1500 first: it occurs first */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(contests.of_row[i], i / 2);
	assert_ptr_equal(contests.contest[0].best, rows[1]);
	assert_ptr_equal(contests.contest[1].best, rows[3]);
	assert_ptr_equal(contests.contest[1].next, rows[2]);
	assert_false(contests.contest[0].certain); /* nor is anything else of them */
	assert_true(contests.contest[0].few && !contests.contest[0].close);
	assert_false(contests.contest[0].has_ratio); /* of single trials there is none */
	assert_true(contests_won_by(&contests, rows, 1));
	assert_false(contests_won_by(&contests, rows, 0));
	assert_float_equal(contest_lead(&contests.contest[1]), 4.0 / 3, 1e-9);
	contests_free(&contests);
}

static void nothing_competes_alone(void **state)
{
	bool varies[PARAMETER_COUNT] = { false };
	struct contests contests;
	char sentence[64] = "x";

	add(measured("veth", "udp", 1e6));
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_int_equal(contests.count, 1);
	assert_null(contests.contest[0].next);
	assert_false(contests.contest[0].certain);
	assert_true(isnan(contest_lead(&contests.contest[0])));
	contest_sentence(&contests.contest[0], varies, sentence, sizeof(sentence));
	assert_string_equal(sentence, "");
	contests_free(&contests);
	assert_int_equal(contests_hold(&contests, rows, 0, MERIT_THROUGHPUT, false), 0);
	assert_int_equal(contests.count, 0);
	contests_free(&contests);
}

/* Equal figures: the first stays in front, and it is said that this means nothing. */
static void a_tie_is_no_lead(void **state)
{
	struct contests contests;

	add(measured("veth", "udp", 1e6));
	add(measured("macvlan", "udp", 1e6));
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_ptr_equal(contests.contest[0].best, rows[0]);
	assert_true(contests.contest[0].close);
	assert_false(contests.contest[0].certain);
	assert_non_null(strstr(contests.contest[0].doubt, "too close"));
	contests_free(&contests);
}

/* The same rule as between runs: of 3 and 3 ranges lie apart by chance in 10 % of cases, of 4 and 4 in 3 %. */
static void the_rank_test_decides(void **state)
{
	static const double fast[] = { 900e3, 910e3, 920e3, 930e3, 940e3, 950e3 },
			    slow[] = { 700e3, 710e3, 720e3, 730e3, 740e3, 750e3 },
			    wide[] = { 100e3, 910e3, 200e3, 930e3, 940e3, 1950e3 };
	struct contests contests;

	add_trials(of("veth", "udp", 64), fast, 6);
	add_trials(of("macvlan", "udp", 64), slow, 6);
	add_trials(of("veth", "udp", 128), wide, 6);
	add_trials(of("macvlan", "udp", 128), slow, 6);
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, true), 0);
	assert_true(contests.contest[0].certain);
	assert_true(contests.contest[0].has_ratio);
	assert_true(contests.contest[0].ratio.low > 1.15 && contests.contest[0].ratio.high < 1.4);
	assert_false(contests.contest[1].certain);
	assert_non_null(strstr(contests.contest[1].doubt, "trials overlap"));
	contests_free(&contests);
}

static void few_trials_prove_nothing(void **state)
{
	static const double fast[] = { 950e3, 960e3, 970e3, 980e3 }, slow[] = { 700e3, 710e3, 720e3, 730e3 },
			    split[] = { 950e3, 960e3, 970e3, 715e3 };
	struct contests contests;

	add_trials(of("veth", "udp", 64), fast, 3);
	add_trials(of("macvlan", "udp", 64), slow, 3);
	add_trials(of("veth", "udp", 128), fast, 4);
	add_trials(of("macvlan", "udp", 128), slow, 4);
	add_trials(of("veth", "udp", 256), split, 4);
	add_trials(of("macvlan", "udp", 256), slow, 4);
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_true(contests.contest[0].few && !contests.contest[0].certain && !contests.contest[0].close);
	assert_float_equal(contests.contest[0].p, 0.1, 1e-12);
	assert_true(contests.contest[1].certain && !contests.contest[1].few);
	assert_null(contests.contest[1].doubt);
	assert_float_equal(contests.contest[1].p, 2.0 / 70, 1e-12);
	assert_false(contests.contest[2].certain || contests.contest[2].few);
	assert_true(contests.contest[2].close);
	contests_free(&contests);
}

/* Where one alone carries the load: it must do so in trials enough, and the other not. */
static void carrying_once_is_no_proof(void **state)
{
	static const double all[] = { 1e6, 1e6, 1e6, 1e6, 1e6 }, none[] = { 900e3, 900e3, 900e3, 900e3, 900e3 },
			    most[] = { 1e6, 1e6, 900e3, 1e6, 1e6 };
	static const double *const next[] = { none, most };
	struct contests contests;

	for (int i = 0; i < 2; i++) {
		struct sample s = of("veth", "udp", 64 << i);

		s.rate = 1e6;
		add_trials(s, all, 5);
		s.switch_name = "macvlan";
		add_trials(s, next[i], 5);
	}
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_true(contests.contest[0].carried == 1 && contests.contest[0].certain);
	assert_float_equal(contests.contest[0].p, 2.0 / 252, 1e-12);
	assert_true(contests.contest[1].carried == 1 && !contests.contest[1].certain);
	assert_float_equal(contests.contest[1].p, 1, 1e-12);
	contests_free(&contests);
}

/* A processor that polls costs so much a packet the lower the rate: shares of different rates tell nothing of it. */
static void costs_at_shares_do_not_compete(void **state)
{
	struct contests contests;
	json_t *trial = measured("veth", "udp", 1e5);

	json_object_set_new(json_object_get(trial, "test"), "rate", json_string("pdr:50%"));
	add(trial);
	digest_it();
	digest.rows[0].figure[FIGURE_COST].median = 100;
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_COST, false), 0);
	assert_int_equal(contests.count, 0);
	contests_free(&contests);
}

static void the_least_cost_wins(void **state)
{
	static const double cost[] = { 812.4, 90.25, NAN, -3 };
	bool varies[PARAMETER_COUNT];
	struct contests contests;
	char sentence[512], text_[FORMAT_MAX];

	for (int i = 0; i < 4; i++) {
		static const char *const names[] = { "veth", "memif", "macvlan", "ovs" };
		struct sample s = of(names[i], "udp", 64);
		json_t *trial = sample_trial(&s, NULL);

		if (!isnan(cost[i]))
			json_object_set_new(json_object_get(trial, "cpu"), "cost",
					    json_pack("{s:f}", "packet_ns", cost[i]));
		add(trial);
	}
	digest_it();
	words_varying(rows, digest.count, varies);
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_COST, true), 0);
	assert_int_equal(contests.count, 1);
	assert_int_equal(contests.contest[0].rows, 2); /* what costs nothing was not measured well enough */
	assert_int_equal(contests.of_row[2], SIZE_MAX);
	contest_sentence(&contests.contest[0], varies, sentence, sizeof(sentence));
	assert_string_equal(sentence, "Least processor time: memif, 90.2 ns a packet; the next (veth) takes 812 ns a "
			    "packet, 9.00 times as much; one trial may come out otherwise; --repeats 6 tells more.");
	contests_free(&contests);
	merit_format(MERIT_LATENCY, 28440, text_);
	assert_string_equal(text_, "28.4 us");
	merit_format(MERIT_THROUGHPUT, 1.42e6, text_);
	assert_string_equal(text_, "1.42 Mpps");
	merit_format(MERIT_COST, NAN, text_);
	assert_string_equal(text_, "- ns a packet");
}

/* At a given rate: all that carry it are equal, and ahead of all that do not. */
static void carrying_a_rate_counts(void **state)
{
	static const double pps[] = { 995e3, 999e3, 999.9e3 };
	static const double loss[] = { 0, 0.002, 0 };
	struct contests contests;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 3 - round; i++) {
			static const char *const names[] = { "veth", "macvlan", "ovs" };
			struct sample s = of(names[i], "udp", round ? 128 : 64);

			s.rate = 1e6;
			s.forwarded_pps = pps[i];
			s.loss_ratio = loss[i];
			add(sample_trial(&s, NULL));
		}
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_true(contests.contest[0].paced);
	assert_int_equal(contests.contest[0].carried, 2);
	assert_false(contests.contest[0].certain);
	assert_false(contests_won_by(&contests, rows, 2));
	assert_int_equal(contests.contest[1].carried, 1);
	assert_ptr_equal(contests.contest[1].best, rows[3]); /* veth, though macvlan forwarded more */
	assert_true(contests.contest[1].few && !contests.contest[1].certain);
	contests_free(&contests);
}

/* 10 % of what each can: who forwards more there can more elsewhere, which is another contest. */
static void shares_do_not_compete(void **state)
{
	struct contests contests;

	for (int i = 0; i < 2; i++) {
		json_t *trial = measured(i ? "veth" : "macvlan", "udp", 1e5 * (i + 1));

		json_object_set_new(json_object_get(trial, "test"), "rate", json_string("pdr:50%"));
		add(trial);
	}
	digest_it();
	assert_int_equal(contests_hold(&contests, rows, digest.count, MERIT_THROUGHPUT, false), 0);
	assert_int_equal(contests.count, 0);
	contests_free(&contests);
}

static const char *winner(const struct pivot *pivot, size_t row)
{
	static char name[128];

	pivot_winner(pivot, row, name, sizeof(name));
	return name;
}

static void a_pivot_has_a_winner_a_row(void **state)
{
	struct pivot pivot;

	add(measured("veth", "udp", 400e3));
	add(measured("veth", "raw", 500e3));
	add(measured("macvlan", "udp", 200e3));
	add(measured("macvlan", "raw", 490e3));
	add(measured("memif", "dpdk", 9e6));
	digest_it();
	assert_true(pivot_make(&pivot, rows, digest.count, MERIT_THROUGHPUT));
	assert_int_equal(pivot.column, PARAMETER_SWITCH);
	assert_int_equal(pivot.rows, 3);
	assert_int_equal(pivot.columns, 3);
	assert_true(pivot.by[PARAMETER_IO] && !pivot.by[PARAMETER_SWITCH]);
	assert_string_equal(pivot.head[1]->value[PARAMETER_SWITCH].text, "macvlan");
	assert_string_equal(pivot.row[1]->value[PARAMETER_IO].text, "raw");
	assert_ptr_equal(pivot.cell[0 * 3 + 1], rows[2]);
	assert_null(pivot.cell[0 * 3 + 2]);
	assert_int_equal(pivot.best[0], 0);
	assert_false(pivot.certain[0]);
	assert_string_equal(winner(&pivot, 0), "veth 2.00x, few trials");
	assert_false(pivot.certain[1]);
	assert_string_equal(winner(&pivot, 1), "too close (veth 1.02x)");
	assert_int_equal(pivot.best[2], SIZE_MAX);
	assert_string_equal(winner(&pivot, 2), "");
	pivot_free(&pivot);
}

static void sizes_alone_make_no_pivot(void **state)
{
	struct pivot pivot;

	for (int i = 0; i < 3; i++) {
		struct sample s = of("veth", "udp", 64 << i);

		add(sample_trial(&s, NULL));
	}
	digest_it();
	assert_false(pivot_make(&pivot, rows, digest.count, MERIT_THROUGHPUT));
	pivot_free(&pivot);
	assert_false(pivot_make(&pivot, rows, 0, MERIT_THROUGHPUT));
	pivot_free(&pivot);
}

/* Each test a row and a column of its own: that many cells are no table, and no memory is spent on them. */
static void mostly_empty_is_no_pivot(void **state)
{
	struct pivot pivot;
	char name[16], io[16];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "switch%d", i);
		snprintf(io, sizeof(io), "io%d", i);
		add(measured(name, io, 1e6));
	}
	digest_it();
	assert_false(pivot_make(&pivot, rows, digest.count, MERIT_THROUGHPUT));
	pivot_free(&pivot);
}

static void causes_come_worst_first(void **state)
{
	struct sample s = of("ovs", "udp", 64);
	struct causes causes;

	add(sample_without_figures(&s, "skipped", "not installed", ""));
	s.size = 128;
	add(sample_without_figures(&s, "failed", "it broke", "mend it"));
	s.size = 256;
	s.repeats = 2;
	add(sample_without_figures(&s, "skipped", "not installed", ""));
	s.repeat = 2;
	add(sample_without_figures(&s, "void", "not installed", ""));
	digest_it();
	assert_int_equal(causes_collect(&causes, &digest), 0);
	assert_int_equal(causes.trials, 4);
	assert_int_equal(causes.count, 3);
	assert_string_equal(cause_title(&causes.cause[0]), "Failed");
	assert_string_equal(causes.cause[0].remedy, "mend it");
	assert_string_equal(causes.cause[0].which, "128-byte frames, 1 trial a test");
	assert_string_equal(causes.cause[1].status, "void");
	assert_string_equal(causes.cause[2].status, "skipped");
	assert_int_equal(causes.cause[2].trials, 2);
	assert_int_equal(causes.cause[2].row_count, 2);
	causes_free(&causes);
}

#define FACT(function) cmocka_unit_test_setup_teardown(function, setup, let_go)

int main(void)
{
	const struct CMUnitTest list[] = {
		FACT(only_the_same_load_competes),
		FACT(nothing_competes_alone),
		FACT(a_tie_is_no_lead),
		FACT(the_rank_test_decides),
		FACT(few_trials_prove_nothing),
		FACT(carrying_once_is_no_proof),
		FACT(costs_at_shares_do_not_compete),
		FACT(the_least_cost_wins),
		FACT(carrying_a_rate_counts),
		FACT(shares_do_not_compete),
		FACT(a_pivot_has_a_winner_a_row),
		FACT(sizes_alone_make_no_pivot),
		FACT(mostly_empty_is_no_pivot),
		FACT(causes_come_worst_first),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
