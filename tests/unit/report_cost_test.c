/* SPDX-License-Identifier: Apache-2.0 */
/* What reports say of the cost of packets, and of the machine's own noise. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_bench.h"

static json_t *costing(const char *sw, double pps, double packet_ns)
{
	json_t *trial = measured(sw, "udp", pps);

	json_object_set_new(json_object_get(trial, "cpu"), "cost", json_pack("{s:f, s:n}", "packet_ns", packet_ns,
									     "packet_cycles"));
	return trial;
}

static void tells_what_a_packet_costs(void **state)
{
	add(costing("veth", 400e3, 2512.3));
	add(measured("macvlan", "udp", 300e3));
	table();
	expect("latency   cpu                      notes\n");
	expect("  p99 us  busy  ns/pkt\n");
	expect("\nveth         400.0     205  1.23     12.3      457  1.50    2512  █");
	expect("\nmacvlan      300.0     154  1.23     12.3      457  1.50       -  █");
	expect("cpu ns/pkt: processor time of the whole machine, beyond what it spends idle");
	expect_width(100);
}

static void says_nothing_of_a_cost_that_nobody_took(void **state)
{
	add(measured("veth", "udp", 400e3));
	json_object_set_new(json_object_get(trials[0], "cpu"), "cost", json_pack("{s:n}", "packet_ns"));
	table();
	expect_not("ns/pkt");
}

static void a_row_of_csv_has_the_cost(void **state)
{
	struct error err = { 0 };
	char *csv = NULL;
	size_t size;
	FILE *out = open_memstream(&csv, &size);

	add(costing("veth", 400e3, 2512.25));
	assert_non_null(out);
	assert_int_equal(report_csv(out, &view, &err), 0);
	fclose(out);
	assert_non_null(strstr(csv, ",cpu_baseline_busy,cpu_net_busy,cpu_packet_ns,"));
	assert_non_null(strstr(csv, ",2512.25,"));
	free(csv);
}

/* A run whose survey found this of its two processors. */
static void survey(double lost, const char *flag)
{
	struct sample s = base;
	json_t *noise = json_pack("[{s:{s:{s:f, s:f, s:i}, s:{s:f, s:f, s:i}}}]", "processors",
				  "0", "lost_ratio", 0.0001, "gaps_per_s", 250.0, "max_ns", 9000,
				  "3", "lost_ratio", lost, "gaps_per_s", 812.4, "max_ns", 4012345);

	add(sample_trial(&s, flag));
	table(); /* which makes the run */
	json_object_set_new(view.run, "noise", noise);
	table();
}

static void large_noise_is_told(void **state)
{
	survey(0.0231, NULL);
	expect("\nNoise of the machine before the first trial: of 2 processors, number 3 lost most: 2.31 % of its\n"
	       "  time, in 812 interruptions a second of up to 4012 us. Latency and loss suffer from that, and so\n");
}

static void noise_that_is_small_is_not(void **state)
{
	survey(0.002, NULL);
	expect_not("Noise");
}

static void noise_stands_beside_what_was_disturbed(void **state)
{
	survey(0.002, "disturbed");
	expect("number 3 lost most: 0.20 % of its\n  time");
	expect("So what disturbed trials came later.");
}

static void foreign_noise_is_ignored(void **state)
{
	static const char *const odd[] = {
		"null", "{}", "[]", "[null]", "[{}]", "[{\"processors\": null}]", "[{\"processors\": [1]}]",
		"[{\"processors\": {\"0\": null, \"1\": {\"lost_ratio\": \"all\"}}}]",
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct sample s = base;

		add(sample_trial(&s, "disturbed"));
		table();
		json_object_set_new(view.run, "noise", json_loads(odd[i], JSON_DECODE_ANY, NULL));
		table();
		expect_not("Noise");
	}
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		TEST(tells_what_a_packet_costs),
		TEST(says_nothing_of_a_cost_that_nobody_took),
		TEST(a_row_of_csv_has_the_cost),
		TEST(large_noise_is_told),
		TEST(noise_that_is_small_is_not),
		TEST(noise_stands_beside_what_was_disturbed),
		TEST(foreign_noise_is_ignored),
	};

	return cmocka_run_group_tests_name("report_cost", cases, NULL, NULL);
}
