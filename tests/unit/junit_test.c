/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit's XML: outcomes, counts, figures, names; tests/integration/exports.bats has it read by a parser. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_bench.h"

static void junit(void)
{
	if (!view.run)
		view.run = sample_run("nightly.v2", "done", json_incref(tests));
	report_text(report_junit);
}

static void a_test_is_a_case(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.dimension = "latency";
	s.rate = 1000;
	add(sample_trial(&s, NULL));
	junit();
	assert_memory_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
			    "name=\"nightly.v2\"", 68);
	expect("<testsuites name=\"nightly.v2\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"0\" "
	       "time=\"");
	/* Dots of the name would make packages. */
	expect("<testsuite name=\"lanebench.nightly-v2.throughput\" tests=\"1\" failures=\"0\"");
	expect("<testsuite name=\"lanebench.nightly-v2.latency\" tests=\"1\" failures=\"0\"");
	expect("timestamp=\"2026-11-21T20:35:19\">");
	expect("<testcase classname=\"lanebench.nightly-v2.throughput\" name=\"udp on veth\" time=\"");
	expect("<property name=\"forwarded_pps\" value=\"400000\"/>");
	expect("<property name=\"latency_p50_ns\" value=\"12340\"/>");
	expect("<property name=\"machine\" value=\"Xeon Example 8000, 2 usable processors");
	expect_not("forwarded_pps.low");
	expect_not("<failure");
	expect_not("<skipped");
}

static void repeats_have_intervals(void **state)
{
	for (int repeat = 1; repeat <= 6; repeat++) {
		struct sample s = base;

		s.repeat = repeat;
		s.repeats = 6;
		s.forwarded_pps = 1e5 + repeat;
		add(sample_trial(&s, NULL));
	}
	junit();
	expect("<property name=\"trials\" value=\"6\"/>");
	expect("<property name=\"forwarded_pps\" value=\"100003.5\"/>");
	expect("<property name=\"forwarded_pps.low\" value=\"100001\"/>");
	expect("<property name=\"forwarded_pps.high\" value=\"100006\"/>");
	expect("<property name=\"forwarded_pps.interval\" value=\"order-statistics\"/>");
	view.count -= 3; /* their references go with the test */
	junit();
	expect("<property name=\"trials.planned\" value=\"6\"/>");
	expect("<property name=\"forwarded_pps.interval\" value=\"range\"/>");
	view.count += 3;
}

static void what_is_not_ok_says_why(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.io = "raw";
	add(sample_without_figures(&s, "failed", "the endpoint died", "look into its log"));
	s.io = "raw-mmsg";
	add(sample_without_figures(&s, "void", "", ""));
	s.io = "dpdk";
	add(sample_without_figures(&s, "skipped", "no hugepages", "set some aside"));
	s.io = "udp-mmsg";
	plan(&s);
	view.run = sample_run("x", "interrupted", json_incref(tests));
	junit();
	expect("tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"2\"");
	expect("<failure message=\"the endpoint died\" type=\"failed\">failed: the endpoint died\nRemedy: "
	       "look into its log\n0 of 1 trials have figures.</failure>");
	expect("<failure message=\"no reason was recorded\" type=\"void\">");
	expect("<skipped message=\"no hugepages; remedy: set some aside\"/>");
	expect("<skipped message=\"the run did not come to it\"/>");
}

/* A sweep whose points are cases is none; one that has failed is. Times that no trial takes do not count. */
static void a_sweep_that_failed_is_a_case(void **state)
{
	json_t *trial = sample_without_figures(&base, "failed", "no sender", "");

	json_object_set_new(json_object_get(trial, "test"), "rate", json_string("10%..90% step 10%"));
	json_object_set_new(trial, "kind", json_string("search"));
	json_object_set_new(trial, "duration_s", json_real(1e300));
	json_object_set_new(trial, "setup_s", json_real(2.5));
	add(trial);
	junit();
	expect("tests=\"1\" failures=\"1\"");
	expect("time=\"2.500\"");
}

/* A test of which some trials are good has failed all the same: CI would not look at it again. */
static void one_bad_trial_fails_the_test(void **state)
{
	struct sample s = base;

	s.repeats = 2;
	s.repeat = 1;
	add(sample_trial(&s, NULL));
	s.repeat = 2;
	add(sample_without_figures(&s, "failed", "out of luck", ""));
	junit();
	expect("tests=\"1\" failures=\"1\"");
	expect("1 of 2 trials have figures.");
	expect("<property name=\"forwarded_pps\" value=\"412345.6\"/>");
}

static void qualifies_figures(void **state)
{
	struct sample s = base;

	add(sample_trial(&s, "oversubscribed"));
	junit();
	expect("<system-out>oversubscribed: fewer processors");
	view.count--;
	json_decref(trials[view.count]);
	add(sample_trial(&s, "<brandnew>"));
	junit();
	expect("&lt;brandnew&gt;");
}

static void what_is_hostile_is_only_text(void **state)
{
	static const char evil[] = "]]>\"'<&\x01\x1b\xef\xbf\xbf\n</testsuites>";
	struct sample s = base;

	s.io = evil;
	add(sample_trial(&s, evil));
	s.switch_name = evil;
	add(sample_without_figures(&s, "failed", evil, evil));
	view.run = sample_run(evil, "done", json_incref(tests));
	json_object_set_new(view.run, "started", json_string("2026-11-21T20:35:1\""));
	junit();
	expect_not("]]>");
	expect_not("\x01");
	expect_not("\x1b");
	expect_not("\xef\xbf\xbf");
	assert_string_equal(strstr(text, "</testsuites>"), "</testsuites>\n");
}

/* Points of two sweeps at the same load are tests of their own, with names of their own. */
static void names_are_unique(void **state)
{
	static const char *const sweeps[] = { "1k..2k step 1k", "1k..3k step 1k" };
	size_t again = 0;

	for (size_t i = 0; i < 2; i++) {
		json_t *trial = measured("veth", "udp", 1000);

		json_object_set_new(trial, "kind", json_string("step"));
		json_object_set_new(trial, "load", json_pack("{s:s, s:f}", "purpose", "measure", "rate_pps",
							     1000.0));
		json_object_set_new(json_object_get(trial, "test"), "rate", json_string(sweeps[i]));
		add(trial);
	}
	junit();
	for (const char *at = text; (at = strstr(at, "<testcase ")) != NULL; at++)
		again++;
	assert_int_equal(again, 2);
	expect("name=\"udp on veth\" time");
	expect("name=\"udp on veth (2)\" time");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		TEST(a_test_is_a_case),
		TEST(repeats_have_intervals),
		TEST(what_is_not_ok_says_why),
		TEST(a_sweep_that_failed_is_a_case),
		TEST(one_bad_trial_fails_the_test),
		TEST(qualifies_figures),
		TEST(what_is_hostile_is_only_text),
		TEST(names_are_unique),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
