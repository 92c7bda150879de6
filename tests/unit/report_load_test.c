/* SPDX-License-Identifier: Apache-2.0 */
/* Searches, shares and sweeps in the table and in CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_bench.h"

static json_t *with_rate(json_t *trial, const char *rate, const char *kind)
{
	json_object_set_new(json_object_get(trial, "test"), "rate", json_string(rate));
	json_object_set_new(trial, "kind", json_string(kind));
	return trial;
}

/* A trial that a search made. */
static json_t *step(const char *rate, double pps, double forwarded, const char *purpose, double share)
{
	json_t *trial = with_rate(measured("veth", "raw", forwarded), rate, "step");

	json_object_set_new(json_object_get(trial, "tx"), "offered_pps", json_real(pps));
	json_object_set_new(trial, "load", json_pack("{s:i, s:s, s:i, s:f, s:o}", "step", 1, "purpose", purpose, "attempt",
						     0, "rate_pps", pps, "share", share > 0 ? json_real(share) : json_null()));
	return trial;
}

/* What a search found; throughput 0: nothing. */
static json_t *conclusion(const char *rate, const char *kind, const char *status, double lower, double throughput)
{
	struct sample s = base;
	json_t *line = sample_without_figures(&s, "ok", "", "");
	json_t *goal = json_pack("{s:s, s:s, s:o, s:f}", "name", rate, "status", status, "lower_pps",
				 lower > 0 ? json_real(lower) : json_null(), "upper_pps", lower > 0 ? lower * 1.03 : 1000);

	json_object_set_new(line, "search", json_pack("{s:i, s:o, s:i, s:f, s:o}", "senders", 1, "goal", goal, "trials",
						      17, "spent_s", 4.6, "forwarded_pps",
						      throughput > 0 ? json_real(throughput) : json_null()));
	return with_rate(line, rate, kind);
}

static void shows_bounds_and_answers(void **state)
{
	add(step("ndr", 5e6, 4e6, "measure", 0));
	add(conclusion("ndr", "search", "found", 1e6, 1e6));
	add(conclusion("pdr", "search", "at_min", 0, 0));
	table();
	expect("rate  forwarded  lower..upper              answer  search     frames");
	expect(" ndr      1.000  1.000..1.030               found      17  5     512  ");
	expect(" pdr          -      -..0.001  loss at every rate      17  5       -\n");
	expect_not("4.000"); /* what a search tries is no one's figure */
}

static void a_sweep_has_a_row_a_point(void **state)
{
	add(step("10%..30% step 10%", 9e5, 9e5, "reference", 0));
	add(step("10%..30% step 10%", 1e5, 1e5, "measure", 0.1));
	add(step("10%..30% step 10%", 2e5, 1.9e5, "measure", 0.2));
	add(step("1000..2000 step 1000", 2000, 2000, "measure", 0));
	add(conclusion("10%..30% step 10%", "search", "open", 0, 0));
	table();
	expect("Throughput of 3 rates (10%, 20%, 2k)");
	expect(" 10%    100.0      100.0");
	expect(" 20%    200.0      190.0");
	expect("  2k      2.0        2.0");
	expect_not("900.0");
}

static json_t *of_switch(json_t *line, const char *sw)
{
	json_object_set_new(json_object_get(line, "test"), "switch", json_string(sw));
	return line;
}

/* Trials run in a shuffled order; reports stand in that of the suite. */
static void the_order_of_trials_is_nothing_to_a_report(void **state)
{
	static const char sweep[] = "10%..20% step 10%";
	const char *const switches[] = { "veth", "macvlan" };
	char *first = NULL;

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 2; i++) {
			json_t *line = of_switch(step(sweep, 1e5, 1e5, "measure", 0.1), switches[i]);

			json_array_append(tests, json_object_get(line, "test"));
			json_decref(line);
		}
		for (int i = 0; i < 2; i++) {
			const char *sw = switches[i ^ turn];

			add(of_switch(step(sweep, 1e5, 1e5, "measure", 0.1), sw));
			add(of_switch(step(sweep, 2e5, 2e5 + 1e4 * *sw, "measure", 0.2), sw));
			add(of_switch(conclusion(sweep, "search", "found", 0, 2e5), sw));
		}
		table();
		expect("macvlan");
		if (!turn)
			first = strdup(text);
		else
			assert_string_equal(text, first);
		teardown(NULL);
		setup(NULL);
	}
	free(first);
}

/* Loads that are called alike are not one test: each sweep's, each loss curve's, and those that stand alone. */
static void points_of_different_sweeps_are_apart(void **state)
{
	json_t *alone;

	add(step("10%..20% step 10%", 1e5, 1.1e5, "measure", 0.1));
	add(step("loss-curve", 3e5, 1.2e5, "measure", 0.1));
	add(step("1000..2000 step 1000", 2000, 1300, "measure", 0));
	add(step("2000..4000 step 2000", 2000, 1400, "measure", 0));
	alone = step("loss-curve", 2000, 1500, "measure", 0);
	json_object_set_new(json_object_get(alone, "test"), "rate", json_integer(2000));
	json_object_set_new(alone, "kind", json_string("trial"));
	add(alone);
	table();
	expect("    10%    100.0      110.0");
	expect("max:10%    300.0      120.0");
	expect("     2k      2.0        1.3");
	expect("     2k      2.0        1.4");
	expect("     2k      2.0        1.5");
}

/* How many trials an MRR takes, and what a PDR may lose, is said of those alone. */
static void what_a_test_makes_no_use_of_is_not_told(void **state)
{
	json_t *pdr = conclusion("pdr", "search", "found", 1e6, 1e6);

	json_object_set_new(json_object_get(pdr, "test"), "loss", json_real(0.05));
	add(conclusion("ndr", "search", "found", 9e5, 9e5));
	add(pdr);
	table();
	expect("Throughput of 2 rates (ndr, pdr).");
	expect("burst 32, 5% loss at the\n  PDR"); /* what all that are concerned share */
	expect_not("0.5%");
	expect_not(" a trial"); /* the search's preset says how long one is */
	json_object_set_new(json_object_get(pdr, "test"), "search", json_string("binary"));
	table();
	expect("burst 32, 2s a trial, 5%\n");
}

static void references_are_not_tests(void **state)
{
	json_t *trial = with_rate(measured("veth", "raw", 5e5), "pdr:50%", "trial");

	json_object_set_new(trial, "load", json_pack("{s:f, s:f, s:s, s:f}", "rate_pps", 5e5, "share", 0.5, "of", "pdr",
						     "reference_pps", 1e6));
	json_object_set_new(trial, "pairs", json_pack("[{}]"));
	add(conclusion("pdr", "reference", "found", 1e6, 1e6));
	add(trial);
	table();
	expect("Throughput of one test.");
	expect("reference");
	expect("1000.0");
	expect_not("found");
}

static void csv_has_every_line(void **state)
{
	struct error err = { 0 };
	char *csv = NULL;
	size_t size;
	FILE *out = open_memstream(&csv, &size);

	add(step("ndr", 5e6, 4e6, "measure", 0));
	add(conclusion("ndr", "search", "found", 1e6, 1e6));
	assert_int_equal(report_csv(out, &view, &err), 0);
	fclose(out);
	assert_non_null(strstr(csv, ",kind,load_step,load_purpose,"));
	assert_non_null(strstr(csv, ",step,1,measure,5000000,"));
	assert_non_null(strstr(csv, ",search,"));
	assert_non_null(strstr(csv, ",found,1000000,1030000,"));
	free(csv);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(shows_bounds_and_answers),
		TEST(a_sweep_has_a_row_a_point),
		TEST(the_order_of_trials_is_nothing_to_a_report),
		TEST(points_of_different_sweeps_are_apart),
		TEST(what_a_test_makes_no_use_of_is_not_told),
		TEST(references_are_not_tests),
		TEST(csv_has_every_line),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
