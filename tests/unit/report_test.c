/* SPDX-License-Identifier: Apache-2.0 */
/* The table for people: what it says of which record. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report_bench.h"

static void says_what_was_compared(void **state)
{
	static const char *const switches[] = { "veth", "linux-bridge" };
	static const char *const ios[] = { "udp", "raw", "raw-mmsg" };

	for (int i = 0; i < 6; i++)
		add(measured(switches[i / 3], ios[i % 3], 400e3 + 320e3 * (i % 3) - 30e3 * (i / 3)));
	table();
	expect("quickstart, 2026-11-21 20:35 UTC, lanebench 0.1.0\nWhat the kernel's own paths give\n"
	       "Machine: Xeon Example 8000, 2 usable processors, Linux 6.18.44, Debian GNU/Linux 12 (bookworm),\n"
	       "  virtual (KVMKVMKVM)\n");
	expect("\nThroughput of 2 switches (veth, linux-bridge) x 3 I/O techniques (udp, raw, raw-mmsg).\n"
	       "The same for all: runtime lxc, 1vs1, 64-byte frames, rate max, burst 32, 2s a trial.\n");
	expect("\nswitch        io        forwarded  frames  loss  one-way  latency   cpu              notes\n"
	       "                             Mpps    Mbps     %   p50 us   p99 us  busy\n"
	       "veth          udp           0.400     205  1.23     12.3      457  1.50  ███▉\n");
	expect("\nveth          raw-mmsg      1.040     532  1.23     12.3      457  1.50  ██████████\n");
	expect("\nlinux-bridge  udp           0.370     189  1.23     12.3      457  1.50  ███▌\n");
	expect("\nFastest: raw-mmsg on veth, 1.04 Mpps, 1.03 times the next (raw-mmsg on linux-bridge, 1.01 Mpps); too\n"
	       "  close to tell from one trial; --repeats 6 tells more.\n");
	expect("at the\n    maximum rate it says how long the queues are");
	expect("Record: results/quickstart-1\nNext:   sudo lanebench run suites/x.yaml --repeats 6\n");
	expect("\n        lanebench report results/quickstart-1 --format csv\n");
	expect_not("Latency");
	expect_not("min..max");
	expect_not("nan");
	expect_width(100);
	trials[5] = (json_decref(trials[5]), measured("linux-bridge", "raw-mmsg", 520e3));
	table();
	expect("1.44 times the next (raw on veth, 720 kpps); one trial may\n");
	expect("  come out otherwise; --repeats 6 tells more.\n");
}

/* As between runs: whatever lies between two single trials, chance may have put it there. */
static void doubts_single_trials(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.io = "raw";
	s.forwarded_pps = 900e3;
	add(sample_trial(&s, "siblings"));
	table();
	expect("Fastest: raw, 900 kpps, 2.25 times the next (udp, 400 kpps); one trial may come out otherwise;\n");
}

static void keeps_latency_apart(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.dimension = "latency";
	s.loss_ratio = 0;
	for (int i = 0; i < 2; i++) {
		s.io = i ? "raw" : "udp";
		s.p50_us = i ? 8.25 : 12.5;
		s.forwarded_pps = 20e3;
		add(sample_trial(&s, NULL));
	}
	table();
	expect("Throughput of one test.\nThe test: runtime lxc, switch veth, 1vs1, io udp, 64-byte frames");
	expect("Latency of 2 I/O techniques (udp, raw).\nThe same for all: runtime lxc, switch veth, 1vs1,");
	expect("\nio   round trip                                               answered  loss   cpu  p50        notes\n"
	       "         p50 us  p90 us  p99 us  p99.9 us  p99.99 us  max us      kpps     %  busy\n"
	       "udp        12.5     235     457       913       1370    1827      20.0  0.00  1.50  █████████\n"
	       "raw        8.25     232     457       913       1370    1827      20.0  0.00  1.50  ██████\n");
	expect("Shortest round trip: raw, 8.25 us (p50); the next (udp) takes 12.5 us, 1.52 times as long; one trial\n"
	       "  may come out otherwise;");
	expect_not("Fastest");
}

static void gives_median_and_range_of_repeats(void **state)
{
	static const double udp[] = { 300e3, 340e3, 310e3 }, raw[] = { 600e3, 700e3, 500e3 };
	struct sample s = base;

	s.repeats = 3;
	for (int i = 0; i < 6; i++) {
		s.io = i < 3 ? "udp" : "raw";
		s.repeat = 1 + i % 3;
		s.forwarded_pps = i < 3 ? udp[i] : raw[i - 3];
		add(sample_trial(&s, NULL));
	}
	table();
	expect("io   forwarded      min..max  n  frames");
	expect("\nudp      310.0  300.0..340.0  3     159");
	expect("\nraw      600.0  500.0..700.0  3     307");
	expect("Fastest: raw, 600 kpps, 1.94 times the next (udp, 310 kpps); so few trials may lie so by");
	expect("Each figure is the median of the test's n trials");
	expect(", 2s a trial, 3\n  trials a test.\n");

	/* The slowest trial of the one below the fastest of the other: no winner. */
	s.forwarded_pps = 320e3;
	trials[5] = (json_decref(trials[5]), sample_trial(&s, NULL));
	table();
	expect("too few trials, and they overlap;");
}

static void later_trial_replaces_the_earlier(void **state)
{
	struct sample s = base;

	add(sample_without_figures(&s, "failed", "it broke", ""));
	add(measured("veth", "udp", 400e3));
	table();
	expect("Throughput of one test");
	expect_not("it broke");
}

static void puts_rows_in_the_order_of_the_suite(void **state)
{
	struct sample a = base, b = base;

	b.io = "raw";
	plan(&a);
	plan(&b);
	add(sample_trial(&b, NULL));
	add(sample_trial(&a, NULL));
	table();
	assert_true(strstr(text, "\nudp ") < strstr(text, "\nraw "));
}

/* A sender that falls short of the rate loses nothing of what it did send: that is not carrying the load. */
static void carried_means_offered_and_arrived(void **state)
{
	static const struct { double forwarded_pps, loss_ratio; } cases[] = {
		{ 1e6, 0 }, { 912e3, 0 }, { 985e3, 0.015 }, { 999.5e3, 0.0005 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sample s = { .switch_name = "veth", .io = i & 1 ? "udp" : "raw", .dimension = "throughput",
			.size = i & 2 ? 64 : 128, .rate = 1e6, .repeat = 1, .repeats = 1, .p50_us = 5, .p99_us = 9,
			.busy = 2, .forwarded_pps = cases[i].forwarded_pps, .loss_ratio = cases[i].loss_ratio };

		add(sample_trial(&s, NULL));
	}
	table();
	expect("Load carried at 128-byte frames: 1 of 2 tests kept up 1.00 Mpps a sender");
	expect("Load carried at 64-byte frames: 1 of 2 tests kept up 1.00 Mpps a sender");
}

/* Six parameters vary: some figures go, those that matter stay, and it is said. */
static void leaves_columns_out_for_width(void **state)
{
	static const char *const switches[] = { "linux-bridge", "macvlan" };
	static const char *const ios[] = { "udp-mmsg", "raw-mmsg" };

	for (int i = 0; i < 8; i++) {
		struct sample s = base;
		json_t *trial;

		s.switch_name = switches[i & 1];
		s.io = ios[i >> 1 & 1];
		s.size = i & 4 ? 64 : 1500;
		s.rate = i & 1 ? 150e3 : 0;
		trial = sample_trial(&s, NULL);
		json_object_set_new(json_object_get(trial, "test"), "runtime",
				    json_string(i & 2 ? "lxc" : "netns"));
		json_object_set_new(json_object_get(trial, "test"), "containers",
				    json_string(i & 4 ? "16vs16" : "1vs1"));
		add(trial);
	}
	table();
	expect_width(100);
	expect("forwarded");
	expect("loss");
	expect("150k");
	expect("Left out for want of room: ");
	expect("Fastest at 1vs1, 1500-byte frames, rate max: ");
	expect("Load carried at 1vs1, 1500-byte frames, rate 150k: 0 of 2 tests kept up 150 kpps a sender and lost\n");
	options.width = 160;
	table();
	expect_not("Left out");
}

static void prints_a_dash_for_what_is_not_known(void **state)
{
	json_t *trial = sample_trial(&base, NULL);

	json_object_set_new(json_object_get(trial, "latency"), "one_way_ns", json_null());
	json_object_set_new(trial, "cpu", json_string("what?"));
	json_object_set_new(json_object_get(trial, "rx"), "loss_ratio", json_real(1e300));
	add(trial);
	trial = measured("veth", "raw", 1);
	json_object_set_new(trial, "rx", json_integer(3));
	json_object_set_new(trial, "flags", json_string("x"));
	add(trial);
	table();
	expect("\nudp      412.3     211     -        -        -     -");
	expect("\nraw          -       -     -     12.3      457  1.50\n");
	expect_not("nan");
	expect_not("inf");
	expect_not("Fastest");
}

/* Where some switch has processes of its own, their share of the busy processors is a column. */
static void tells_what_the_switch_itself_takes(void **state)
{
	struct sample s = base;

	add(sample_trial(&s, NULL));
	table();
	expect_not("switch: those of them");
	s.switch_name = "poller";
	s.switch_busy = 0.987;
	add(sample_trial(&s, "no_hugepages"));
	table();
	expect("\nswitch  forwarded  frames  loss  one-way  latency   cpu                      notes\n"
	       "             kpps    Mbps     %   p50 us   p99 us  busy  switch\n"
	       "veth        412.3     211  1.23     12.3      457  1.50       -  ██████████\n"
	       "poller      412.3     211  1.23     12.3      457  1.50    0.99  ██████████  h\n");
	expect("; switch:\n    those of them that its own threads took, which poll");
	expect("  h  no_hugepages: packets lay in memory without hugepages");
	expect_width(100);
}

/* A record of before there were rings, gone on with since: one test, one row, and no word of rings. */
static void reads_what_an_older_lanebench_wrote(void **state)
{
	struct sample s = base;
	json_t *trial;

	s.repeats = 2;
	plan(&s);
	add(sample_trial(&s, NULL));
	s.repeat = 2;
	trial = sample_trial(&s, NULL);
	add(trial);
	for (int i = 0; i < 2; i++) {
		json_t *test = i ? json_array_get(tests, 0) : json_object_get(trial, "test");

		json_object_del(test, "ring");
		json_object_del(test, "threads");
		json_object_del(test, "hugepages");
	}
	json_object_del(json_object_get(trial, "cpu"), "switch");
	table();
	expect("Throughput of one test.\nThe test: runtime lxc, switch veth, 1vs1, io udp, 64-byte frames, rate max, "
	       "burst 32, 2s a trial, 2\n  trials a test.\n");
	expect_not("ring");
	expect_not("?");
}

/* Rings, threads and pages are told where they vary or are not as usual. */
static void tells_of_unusual_rings(void **state)
{
	json_t *trial = measured("veth", "udp", 400e3);

	json_object_set_new(json_object_get(trial, "test"), "hugepages", json_string("1G"));
	json_object_set_new(json_object_get(trial, "test"), "threads", json_integer(2));
	add(trial);
	trial = json_deep_copy(trial);
	json_object_set_new(json_object_get(trial, "test"), "ring", json_integer(256));
	add(trial);
	table();
	expect("Throughput of 2 ring sizes (1024, 256).\n");
	expect(", 2s a\n  trial, 2-thread switch, hugepages 1G.\n");
	expect("\n       ring  forwarded");
	expect("\ndescriptors       kpps");
}

static void explains_flags_once(void **state)
{
	struct sample s = base;
	json_t *trial;

	add(sample_trial(&s, "oversubscribed"));
	s.io = "raw";
	trial = sample_trial(&s, "oversubscribed");
	json_array_append_new(json_object_get(trial, "flags"), json_string("\033[2Jnew"));
	json_object_set_new(json_object_get(trial, "rx"), "duplicated", json_integer(3));
	json_object_set_new(json_object_get(trial, "rx"), "foreign", json_integer(1));
	add(trial);
	table();
	expect("  o\n");
	expect("  odf?\n");
	expect("  o  oversubscribed: fewer processors than endpoints");
	expect("latency is lower (all rows)\n");
	expect("  d  duplicated: some packets arrived more than once");
	expect("  f  foreign: packets that are not of the test reached the port");
	expect("  ?  unknown: a flag that this lanebench does not know: ?[2Jnew\n");
}

static void gathers_equal_failures(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.switch_name = "ovs";
	for (int i = 0; i < 50; i++) {
		s.size = 64 + i;
		add(sample_without_figures(&s, "skipped", "Open vSwitch is not installed",
					   "apt-get install openvswitch-switch"));
	}
	s.switch_name = "macvlan";
	add(sample_without_figures(&s, "failed", "the endpoint died:\nkilled by signal 9", ""));
	s = base;
	s.io = "raw";
	s.dimension = "latency";
	add(sample_without_figures(&s, "void", "", ""));
	table();
	expect("\nFailed: 1 trial (udp on macvlan, 113-byte frames, burst 32, throughput): the endpoint "
	       "died: killed\n"
	       "  by signal 9\n");
	expect("\nVoid (measured, but not to be trusted): 1 trial (raw on veth, 64-byte frames, burst 1, "
	       "latency): no\n"
	       "  reason was recorded\n");
	expect("\nSkipped: 50 trials (udp on ovs, burst 32, throughput): Open vSwitch is not installed\n"
	       "  Remedy: apt-get install openvswitch-switch\n");
	expect("Throughput of one test.");
	expect_width(100);
}

static void says_that_there_is_nothing(void **state)
{
	table();
	expect("No trial is recorded: there is nothing to compare.\n");
	expect_not("forwarded");
	add(sample_without_figures(&base, "failed", "no such switch", "look at logs/"));
	table();
	expect("No test has figures: every trial failed, was skipped or is void.\nFailed: 1 trial: no such "
	       "switch\n");
	expect_not("forwarded");
	expect_not("Fastest");
}

static void tells_how_to_go_on(void **state)
{
	struct sample s = base;

	s.repeats = 2;
	plan(&s);
	add(sample_trial(&s, NULL));
	s.io = "raw";
	plan(&s);
	view.run = sample_run("x", "interrupted", json_incref(tests));
	snprintf(view.warning, sizeof(view.warning), "trials.jsonl:2: cut off");
	table();
	expect("Warning: trials.jsonl:2: cut off\n");
	expect("The run was interrupted: 1 of 4 trials are recorded. Go on with:\n"
	       "    sudo lanebench run --resume results/quickstart-1\n");
	json_object_set_new(view.run, "state", json_string("running"));
	table();
	expect("The run is still going, or was killed: 1 of 4 trials");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(says_what_was_compared),
		TEST(doubts_single_trials),
		TEST(keeps_latency_apart),
		TEST(gives_median_and_range_of_repeats),
		TEST(later_trial_replaces_the_earlier),
		TEST(puts_rows_in_the_order_of_the_suite),
		TEST(carried_means_offered_and_arrived),
		TEST(leaves_columns_out_for_width),
		TEST(prints_a_dash_for_what_is_not_known),
		TEST(tells_what_the_switch_itself_takes),
		TEST(reads_what_an_older_lanebench_wrote),
		TEST(tells_of_unusual_rings),
		TEST(explains_flags_once),
		TEST(gathers_equal_failures),
		TEST(says_that_there_is_nothing),
		TEST(tells_how_to_go_on),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
