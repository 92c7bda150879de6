/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats in reports: medians, their intervals, what is certain of a lead, and which trials have a say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/digest.h"
#include "report_bench.h"

/* `count` trials of a test at max. */
static void add_repeats(const char *io, const double *kpps, int count, int planned)
{
	struct sample s = base;

	s.io = io;
	s.repeats = planned;
	for (int i = 0; i < count; i++) {
		s.repeat = i + 1;
		s.forwarded_pps = kpps[i] * 1e3;
		add(sample_trial(&s, NULL));
	}
}

static const double slow[] = { 310, 300, 305, 312, 308, 303, 309, 306, 311, 304 };
static const double fast[] = { 610, 600, 620, 605, 615, 590, 612, 608, 611, 602 };
static const double near[] = { 310, 311, 307, 313, 308, 306, 312, 309, 314, 305 };

static void ten_repeats_have_an_interval(void **state)
{
	add_repeats("udp", slow, 10, 10);
	add_repeats("raw", fast, 10, 10);
	table();
	expect("io   forwarded       95 % CI   n");
	expect("\nudp      307.0  303.0..311.0  10 "); /* second smallest, second largest */
	expect("\nraw      609.0  600.0..615.0  10 ");
	expect("95 % CI: confidence interval of the median by order statistics");
	expect("97.9 %");
	expect("Fastest: raw, 609 kpps, 1.98 times the next (udp, 307 kpps); ratio 1.9");
	expect("with 95 % confidence\n  (bootstrap).");
	expect_not("overlap");
	expect_not("min..max");
	expect_width(100);
}

static void overlapping_intervals_make_no_winner(void **state)
{
	add_repeats("udp", slow, 10, 10);
	add_repeats("raw", near, 10, 10);
	table();
	expect("their trials overlap, so chance may have made that lead (rank test).");
}

static void fewer_than_six_have_a_range(void **state)
{
	add_repeats("udp", slow, 5, 5);
	add_repeats("raw", fast, 5, 5);
	table();
	expect("min..max");
	expect("\nudp      308.0  300.0..312.0  5 ");
	expect_not("confidence");
}

/* Seven of one test and four of the other: both kinds in one column, which says so. */
static void both_kinds_are_told_apart(void **state)
{
	add_repeats("udp", slow, 7, 7);
	add_repeats("raw", fast, 4, 7);
	table();
	expect("interval");
	expect(" 4/7 ");
	expect("of fewer\n    than 6 trials there is none, and min..max stands for it");
	expect("98.4 %");
}

/* A void trial has figures, and flags; neither counts. */
static void void_trials_have_no_say(void **state)
{
	const double three[] = { 400, 410, 420 };
	struct sample s = base;
	json_t *trial;

	add_repeats("udp", three, 3, 4);
	s.repeats = s.repeat = 4;
	s.forwarded_pps = 9e6;
	trial = sample_trial(&s, "disturbed");
	json_object_set_new(trial, "status", json_string("void"));
	json_object_set_new(trial, "reason", json_string("too late"));
	add(trial);
	s.io = "raw";
	s.repeat = 1;
	s.forwarded_pps = 500e3;
	add(sample_trial(&s, NULL));
	table();
	expect("410.0  400.0..420.0  3/4 ");
	expect("Fastest: raw, 500 kpps, 1.22 times the next (udp");
	expect_not("disturbed");
	expect("Void (measured, but not to be trusted): 1 trial");
}

static void unstable_is_explained(void **state)
{
	struct sample s = base;

	add(sample_trial(&s, "unstable"));
	table();
	expect("\n  u  unstable: ");
}

static const json_t *figure_of(const json_t *summary, size_t test, const char *name)
{
	return json_object_get(json_object_get(json_array_get(json_object_get(summary, "tests"), test), "figures"), name);
}

static void json_has_the_summary(void **state)
{
	struct error err = { 0 };
	const json_t *summary, *spread;
	json_t *whole;
	size_t size;
	FILE *out;

	add_repeats("udp", slow, 10, 10);
	add_repeats("raw", fast, 3, 3);
	view.run = sample_run("x", "done", NULL);
	out = open_memstream(&text, &size);
	assert_int_equal(report_json(out, &view, &err), 0);
	fclose(out);
	whole = json_loads(text, 0, NULL);
	summary = json_object_get(whole, "summary");
	spread = figure_of(summary, 0, "forwarded_pps");
	assert_int_equal(json_integer_value(json_object_get(spread, "n")), 10);
	assert_true(json_number_value(json_object_get(spread, "median")) == 307e3);
	assert_true(json_number_value(json_object_get(spread, "low")) == 303e3);
	assert_true(json_number_value(json_object_get(spread, "high")) == 311e3);
	assert_string_equal(json_string_value(json_object_get(spread, "interval")), "order-statistics");
	assert_true(json_number_value(json_object_get(spread, "coverage")) > 0.978);
	spread = figure_of(summary, 1, "forwarded_pps");
	assert_string_equal(json_string_value(json_object_get(spread, "interval")), "range");
	assert_true(json_is_null(json_object_get(spread, "coverage")));
	assert_null(figure_of(summary, 0, "cpu_switch_busy")); /* veth has no switch */
	json_decref(whole);
}

static void csv_has_a_row_for_each_figure(void **state)
{
	struct error err = { 0 };
	size_t size;
	FILE *out;

	add_repeats("udp", slow, 10, 10);
	view.run = sample_run("x", "done", NULL);
	out = open_memstream(&text, &size);
	assert_int_equal(report_summary(out, &view, &err), 0);
	fclose(out);
	expect(",figure,planned,ok,n,median,low,high,interval,coverage,min,max\r\n");
	expect(",forwarded_pps,10,10,10,307000,303000,311000,order-statistics,0.978515625,300000,312000\r\n");
	expect(",latency_p99_ns,10,10,10,");
}

static void every_figure_has_a_name(void **state)
{
	for (int f = 0; f < FIGURE_COUNT; f++)
		assert_non_null(figure_name((enum figure)f));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(ten_repeats_have_an_interval),
		TEST(overlapping_intervals_make_no_winner),
		TEST(fewer_than_six_have_a_range),
		TEST(both_kinds_are_told_apart),
		TEST(void_trials_have_no_say),
		TEST(unstable_is_explained),
		TEST(json_has_the_summary),
		TEST(csv_has_a_row_for_each_figure),
		TEST(every_figure_has_a_name),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
