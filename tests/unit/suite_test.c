/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/port.h"
#include "sample_catalogue.h"
#include "suite/suite.h"

static char folder[] = "/tmp/lanebench-suite-XXXXXX";
static char path[sizeof(folder) + 16];
static const struct suite_options no_options;

static int setup(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/x.yaml", folder);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void write_bytes(const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static int load(struct suite *suite, const char *text, const struct suite_options *options, struct error *err)
{
	memset(err, 0, sizeof(*err));
	write_bytes(text, strlen(text));
	return suite_load(suite, path, options, &sample_catalogue, err);
}

/* "7:3 cause" of each problem, the file's name left out, one a line. */
static char *problems_text(const struct suite *suite)
{
	char *text = NULL;
	size_t size, skip = strlen(path) + 1;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < suite->problem_count; i++) {
		const struct suite_problem *problem = &suite->problems[i];
		bool in_file = !strncmp(problem->where, path, skip - 1) && problem->where[skip - 1] == ':';

		assert_int_equal(problem->error.code, EINVAL);
		fprintf(out, "%s %s\n", problem->where + (in_file ? skip : 0), problem->error.cause);
	}
	fclose(out);
	return text;
}

static void expect_problems(const char *yaml, const struct suite_options *options, const char *expected)
{
	struct suite suite;
	struct error err;
	char *text;

	assert_int_equal(load(&suite, yaml, options, &err), -EINVAL);
	text = problems_text(&suite);
	assert_string_equal(text, expected);
	assert_null(suite.tests);
	assert_int_equal(suite.count, 0);
	free(text);
	suite_free(&suite);
}

static void expands_a_matrix_in_order(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite,
			      "name: first.suite_1-x\n"
			      "description: two by two\n"
			      "parameters:\n"
			      "  duration: 2s\n"
			      "  rate: 1k\n"
			      "tests:\n"
			      "  - size: [64, 1500]\n"
			      "    switch: [veth, garden]\n"
			      "    rate: 1.5M\n"
			      "  - {}\n", &no_options, &err), 0);
	assert_string_equal(suite.name, "first.suite_1-x");
	assert_string_equal(suite.description, "two by two");
	assert_non_null(strstr(suite.source, "rate: 1.5M\n"));
	assert_int_equal(suite.problem_count, 0);
	assert_int_equal(suite.count, 5);
	/* The switch comes before the size in the table: it varies slower, however the suite orders them. */
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_SWITCH), "veth");
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_SIZE), "64");
	assert_string_equal(test_text(&suite.tests[1], PARAMETER_SWITCH), "veth");
	assert_string_equal(test_text(&suite.tests[1], PARAMETER_SIZE), "1500");
	assert_string_equal(test_text(&suite.tests[2], PARAMETER_SWITCH), "garden");
	assert_true(test_number(&suite.tests[3], PARAMETER_SIZE) == 1500);
	/* Own before common, common before default. */
	assert_true(test_number(&suite.tests[0], PARAMETER_RATE) == 1.5e6);
	assert_true(test_number(&suite.tests[4], PARAMETER_RATE) == 1000);
	assert_true(test_number(&suite.tests[4], PARAMETER_DURATION) == 2);
	assert_true(test_number(&suite.tests[4], PARAMETER_BURST) == 32);
	suite_free(&suite);
}

static void keeps_equal_tests_once(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite,
			      "tests:\n"
			      "- rate: [1M, 1000k, 1000000]\n"
			      "- {rate: [max, 1M], duration: [10, 10s, 10000ms]}\n"
			      "- size: 64\n", &no_options, &err), 0);
	assert_int_equal(suite.count, 2);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_RATE), "1000000");
	assert_string_equal(test_text(&suite.tests[1], PARAMETER_RATE), "max");
	suite_free(&suite);
}

static void aliases_are_what_they_stand_for(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite,
			      "tests:\n"
			      "  - size: &sizes [64, 128]\n"
			      "  - {size: *sizes, burst: 1}\n", &no_options, &err), 0);
	assert_int_equal(suite.count, 4);
	suite_free(&suite);
}

static void options_override_a_suite(void **state)
{
	const struct suite_options options = {
		.text = { [PARAMETER_SIZE] = "128, 256", [PARAMETER_RATE] = "max" },
	};
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite,
			      "parameters: {rate: 5}\n"
			      "tests:\n"
			      "  - {size: [64, 1500, 9000], rate: [1, 2, 3]}\n"
			      "  - {burst: 1}\n", &options, &err), 0);
	assert_int_equal(suite.count, 4);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_SIZE), "128");
	assert_string_equal(test_text(&suite.tests[3], PARAMETER_SIZE), "256");
	assert_string_equal(test_text(&suite.tests[3], PARAMETER_RATE), "max");
	suite_free(&suite);
}

static void options_alone_make_tests(void **state)
{
	const struct suite_options options = {
		.text = { [PARAMETER_SWITCH] = "veth,garden", [PARAMETER_SIZE] = "64,1500",
			  [PARAMETER_PROCESSORS] = "2-3,1" },
	};
	struct error err = { 0 };
	struct suite suite;

	assert_int_equal(suite_load(&suite, NULL, &options, &sample_catalogue, &err), 0);
	assert_string_equal(suite.name, "adhoc");
	assert_null(suite.source);
	assert_int_equal(suite.count, 4);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_PROCESSORS), "1-3");
	suite_free(&suite);
	assert_int_equal(suite_load(&suite, NULL, &no_options, &sample_catalogue, &err), 0);
	assert_int_equal(suite.count, 1);
	suite_free(&suite);
}

static void names_a_suite_after_its_file(void **state)
{
	static const char *const names[][2] = {
		{ "my suite.v2.yaml", "my-suite.v2" },
		{ ".yaml", "suite" },
		{ "-n.yaml", "suite" },
		{ "plain", "plain" },
		{ "gr\xc3\xbcn.yml", "gr--n" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char other[128];
		struct suite suite;
		struct error err = { 0 };

		write_bytes("tests: [{}]", 11);
		snprintf(other, sizeof(other), "%s/%s", folder, names[i][0]);
		assert_int_equal(rename(path, other), 0);
		assert_int_equal(suite_load(&suite, other, &no_options, &sample_catalogue, &err), 0);
		assert_string_equal(suite.name, names[i][1]);
		suite_free(&suite);
		unlink(other);
	}
}

static void reports_every_problem_at_its_place(void **state)
{
	const struct suite_options options = {
		.text = { [PARAMETER_PAYLOAD] = "fulll",
			  [PARAMETER_BURST] = "0,1,,2000",
			  [PARAMETER_DRAIN] = "1s,2s",
			  [PARAMETER_WARMUP] = "never" },
	};

	expect_problems("name: bad name\n"
			"parametres:\n"
			"  duration: 2s\n"
			"size: 64\n"
			"tests:\n"
			"  - switch: [veth, ovss]\n"
			"    io: udq\n"
			"    size: 20\n"
			"    containers: [1vs2, 0vs0]\n"
			"  - rate: [0, nan, max]\n"
			"    duration: 10 parsecs\n"
			"    P: 64\n"
			"    brust: 3\n"
			"    size: 64,1500\n"
			"    repeats: []\n"
			"    drain: [1s]\n"
			"    hosts: {a: b}\n"
			"    payload:\n"
			"    rate: 5\n"
			"    ? [a, b]\n"
			"    : c\n"
			"    dimension: [[latency]]\n"
			"  - size\n"
			"  -\n", &options,
			"1:7 'bad name' cannot be the name of a suite\n"
			"2:1 unknown key 'parametres' (did you mean 'parameters'?)\n"
			"4:1 parameter 'size' stands outside of 'parameters' and 'tests'\n"
			"6:20 unknown switch 'ovss' (did you mean 'ovs'?)\n"
			"7:9 unknown io 'udq' (did you mean 'udp'?)\n"
			"8:11 size 20 is below 60, the least that Ethernet carries without FCS\n"
			"9:18 containers 1vs2 has two numbers that differ, and the second is not 1\n"
			"9:24 containers 0vs0 is below 1vs1\n"
			"10:12 rate 0 is below 1\n"
			"10:15 rate, at character 1 ('nan'): an unknown word\n"
			"11:15 duration '10 parsecs' has the unknown unit 'parsecs'\n"
			"12:5 unknown key 'P' (did you mean 'size'?)\n"
			"13:5 unknown key 'brust' (did you mean 'burst'?)\n"
			"14:11 size '64,1500' has the unknown unit ',1500'\n"
			"15:14 repeats is an empty list\n"
			"16:12 drain is a list, a single value is needed\n"
			"17:12 hosts is a mapping, a value or a list of values is needed\n"
			"18:13 payload has no value\n"
			"19:5 key 'rate' is there twice\n"
			"20:7 a key is a list, a single value is needed\n"
			"22:17 dimension is a list, a single value is needed\n"
			"23:5 an entry of tests is a single value, a mapping such as 'size: 64' is needed\n"
			"24:4 an entry of tests has no value, a mapping such as 'size: 64' is needed\n"
			"option -B burst 0 is below 1\n"
			"option -B burst has no value\n"
			"option -B burst 2000 is above 1024\n"
			"option --payload unknown payload 'fulll' (did you mean 'full'?)\n"
			"option -w warmup 'never' is not a number\n"
			"option --drain drain is a list, a single value is needed\n");
}

static void reports_combinations_once_a_cause(void **state)
{
	expect_problems(
		"parameters:\n"
		"  burst: [8, 32, 64]\n"
		"tests:\n"
		"  - io: [udp, small]\n"
		"    size: [64, 1500, 9000]\n"
		"  - io: small\n"
		"    rate: [1000, 2000]\n"
		"  - {io: large}\n"
		"  - {io: lake, switch: [veth, ovs, ring]}\n"
		"  - {hosts: [local, remote], switch: [veth, garden]}\n"
		"  - {containers: [2vs2, 3vs3], switch: duo}\n"
		"  - {switch: ring, io: lake, switch-quota: [none, 50%], switch-place: free}\n"
		"  - {switch: duo, switch-quota: [none, 50%], switch-place: [pinned, free], endpoint-quota: 50%}\n",
		&no_options,
		"2:14 burst 32 is above 16, the most that io small takes in one go\n"
		"2:18 burst 64 is above 16, the most that io small takes in one go\n"
		"5:22 size 9000 is above 1514, the largest frame that io small carries\n"
		"8:10 size 64 is below 128, the smallest frame that io large carries\n"
		"9:10 io lake cannot use the ports that switch veth gives\n"
		"10:21 hosts remote is impossible with switch veth, which connects containers of one host\n"
		"11:25 containers 3vs3 makes 6 ports, and switch duo has 4 at most\n"
		"13:40 switch-quota 50% is impossible with switch duo, which has no threads of its own\n"
		"13:69 switch-place free is impossible with switch duo, which has no threads of its own\n");
}

static void arrangements_that_cannot_be_are_problems(void **state)
{
	expect_problems(
		"tests:\n"
		"  - {topology: fan-in, containers: [1vs1, 4vs1, 4vs4], switch: ovs}\n"
		"  - {topology: fan-in, containers: 2vs1, switch: veth}\n"
		"  - {containers: 3vs1}\n"
		"  - {topology: [chain, loop], io: udp}\n"
		"  - {topology: [pairs, loop], direction: both, io: lake, switch: ring}\n"
		"  - {direction: both, dimension: latency}\n"
		"  - {flows: [1, 8], io: udp}\n"
		"  - {topology: chain, hops: [1, 2], switch: duo, io: small}\n"
		"  - {topology: chain, hops: 8, switch: ring, io: lake, threads: 19}\n"
		"  - {topology: fan-in, containers: 8vs1, switch: ovs, flows: [2k, 4k], io: lake}\n"
		"  - {switch-in: container}\n"
		"  - {topology: fan-in, containers: 2vs1, switch: ovs, dimension: latency, io: [lake, small], burst: 1}\n"
		"  - {containers: [16vs16, 17vs17], switch: ovs, io: lake, flows: 4096}\n"
		"  - {containers: [8vs8, 9vs9], switch: ovs, io: lake, flows: 4096, direction: both}\n"
		"  - {switch: veth, forwarding: [auto, ports, learning], rxqs: [1, 2], rxq-affinity: [auto, apart]}\n"
		"  - {switch: ovs, io: lake, forwarding: ports}\n"
		"  - {topology: fan-in, containers: 2vs1, switch: ring, io: lake, forwarding: [learning, ports]}\n"
		"  - {switch: ring, io: lake, threads: [4, 5], rxqs: [4, 2]}\n",
		&no_options,
		"2:49 containers 4vs4 has a receiver for each sender, and a fan-in has one\n"
		"3:16 topology fan-in is impossible with switch veth, which joins ports in twos\n"
		"4:18 containers 3vs1 has one receiver for all senders, and topology pairs has one for each\n"
		"5:17 topology chain has containers of two ports, and io udp hands its packets to the kernel, which "
		"chooses the port\n"
		"5:24 topology loop has containers of two ports, and io udp hands its packets to the kernel, which "
		"chooses the port\n"
		"6:42 direction both is impossible with topology loop\n"
		"7:17 direction both is for throughput: round trips of a latency test go both ways anyway\n"
		"8:17 flows 8 is impossible with io udp: the kernel makes the headers of its packets\n"
		"9:16 topology chain has containers of two ports, and io small hands its packets to the kernel, which "
		"chooses the port\n"
		"9:45 containers 1vs1 makes 6 ports, and switch duo has 4 at most\n"
		"9:54 burst 32 is above 16, the most that io small takes in one go\n"
		"10:65 threads 19 is above 18, the ports of containers 1vs1\n"
		"11:67 flows 4000 of each sender of containers 8vs1 are more than the 16384 that a receiver tells apart\n"
		"12:17 switch-in container is impossible with switch veth, which has no threads of its own\n"
		"13:66 round trips in topology fan-in are impossible with io small, whose server answers one client\n"
		"14:66 flows 4096 of each sender of containers 17vs17 are more than the 65536 that have numbers\n"
		"15:62 flows 4096 of each sender of containers 9vs9 in both directions are more than the 65536 that have "
		"numbers\n"
		"16:46 forwarding learning is impossible with switch veth, which joins the two ends of each link and "
		"learns nothing\n"
		"16:67 rxqs 2 is impossible with switch veth, which has one queue a port\n"
		"16:92 rxq-affinity apart is impossible with switch veth, which cannot be told which thread polls a queue\n"
		"17:41 forwarding ports is impossible with switch ovs, which forwards by learned addresses alone\n"
		"18:89 forwarding ports is impossible with topology fan-in, in which one port faces several\n"
		"19:43 threads 5 is above 4, the queues of containers 1vs1\n");
}

/* Two processors: too few for the three pollers of a pair and its switch, and enough without such a switch. */
static void topology_auto_is_what_the_machine_can_do(void **state)
{
	static const struct { const char *yaml, *topology; } cases[] = {
		{ "tests: [{topology: auto, switch: ring, io: lake}]", "loop" },
		{ "tests: [{topology: auto, switch: veth, io: udp}]", "pairs" },
		{ "tests: [{topology: auto, switch: ovs, io: lake}]", "pairs" },
		{ "tests: [{topology: auto, switch: ring, io: lake, direction: both}]", "pairs" },
		{ "tests: [{topology: pairs, switch: ring, io: lake}]", "pairs" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suite suite;
		struct error err = { 0 };

		if (load(&suite, cases[i].yaml, &no_options, &err))
			fail_msg("%s: %s", cases[i].yaml, suite.problem_count ? suite.problems[0].error.cause : err.cause);
		assert_int_equal(suite.count, 1);
		assert_string_equal(test_text(&suite.tests[0], PARAMETER_TOPOLOGY), cases[i].topology);
		suite_free(&suite);
	}
}

/* Once for each switch; what was asked for as a loop needs no explanation. */
static void loops_that_auto_made_are_told(void **state)
{
	static const struct { const char *yaml, *told; } cases[] = {
		{ "tests:\n  - {topology: auto, switch: ring, io: lake, size: [64, 128]}\n"
		  "  - {topology: loop, switch: ring, io: lake, size: 256}\n",
		  "topology auto: loops for ring: pairs with a switch that polls want 3 processors, and there are 2" },
		{ "tests: [{topology: auto, switch: ring, io: lake, containers: [1vs1, 2vs2]}]",
		  "topology auto: loops for ring: pairs with a switch that polls want 3 or more processors, and there are 2" },
		{ "tests: [{topology: loop, switch: ring, io: lake}]", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suite suite;
		struct error err = { 0 };
		char told[512];

		if (load(&suite, cases[i].yaml, &no_options, &err))
			fail_msg("%s: %s", cases[i].yaml, suite.problem_count ? suite.problems[0].error.cause : err.cause);
		suite_tell_loops(&suite, &sample_catalogue, told, sizeof(told));
		assert_string_equal(told, cases[i].told);
		suite_free(&suite);
	}
}

/* What means nothing to a test makes no tests of its own. */
static void hops_and_order_count_where_they_matter(void **state)
{
	struct suite suite;
	struct error err = { 0 };

	assert_int_equal(load(&suite, "tests: [{io: lake, switch: ring, topology: [pairs, chain], hops: [1, 2], "
			      "flow-order: [round, random]}]", &no_options, &err), 0);
	assert_int_equal(suite.count, 3);
	suite_free(&suite);
	/* What ring does of itself has two names, and with one thread there is nothing to choose. */
	assert_int_equal(load(&suite, "tests: [{io: lake, switch: ring, forwarding: [auto, learning, ports], threads: [1, 2], "
			      "rxq-affinity: [together, apart]}]", &no_options, &err), 0);
	assert_int_equal(suite.count, 6);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_FORWARDING), "auto");
	suite_free(&suite);
}

static void a_schedule_needs_a_burst_within_the_duration(void **state)
{
	expect_problems("tests:\n"
			"  - {rate: [max, 1k], burst: [1, 1000, 1024], duration: [2s, 1s]}\n"
			"  - {rate: [1k, 3200], burst: 32, duration: 10ms}\n"
			"  - {rate: 3}\n",
			&no_options,
			"2:40 burst 1024 at rate 1000 leaves every 1.024 s, and the duration is 1s\n"
			"4:12 burst 32 at rate 3 leaves every 10.6667 s, and the duration is 10s\n");
}

static void contradictions_of_searches_are_problems(void **state)
{
	expect_problems("tests:\n"
			"  - {rate: [ndr, pdr], search: rfc2544}\n"
			"  - {rate: 'pdr:50%', search: [csit, tst009]}\n"
			"  - {rate: [max, ndr, 'pdr:10%'], dimension: latency}\n"
			"  - {rate: ndr, search: csit, limit: 5s}\n"
			"  - {rate: max, search: rfc2544, loss: 1%}\n",
			&no_options,
			"2:18 rate pdr: search rfc2544 has no goal with loss, so there is no pdr to find\n"
			"3:12 rate pdr:50%: search tst009 has no goal with loss, so there is no pdr to find\n"
			"4:18 rate ndr is what a throughput test looks for, and the dimension is latency\n"
			"5:12 rate ndr: goal ndr: the time limit 5 s is not enough for a single load\n");
}

static void what_a_rate_does_not_use_makes_no_tests(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, "tests:\n"
			      "  - {rate: [max, ndr, 'pdr:50%'], search: [quick, csit], loss: [1%, 2%],"
			      " trials: [5, 10]}\n", &no_options, &err), 0);
	assert_int_equal(suite.count, 1 + 2 + 4);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_LOSS), "0.5%");
	suite_free(&suite);
}

/* The ports between lake and ovs or ring have rings; those of network interfaces have none of ours. */
static void a_burst_fits_into_a_ring(void **state)
{
	const struct suite_options repair = { .text = { [PARAMETER_RING] = "128" } };
	static const char too_long[] = "tests:\n"
				       "  - {io: lake, switch: ring, burst: [64, 128], ring: [64, 128]}\n"
				       "  - {io: lake, switch: ovs, ring: 64, burst: 65}\n"
				       "  - {io: udp, burst: 1024, ring: 64}\n";
	struct suite suite;
	struct error err;

	expect_problems(too_long, &no_options,
			"2:42 burst 128 is above 64, the descriptors of a port's ring\n"
			"3:46 burst 65 is above 64, the descriptors of a port's ring\n");
	assert_int_equal(load(&suite, too_long, &repair, &err), 0);
	suite_free(&suite);
}

static void a_ring_is_as_long_as_its_port_allows(void **state)
{
	expect_problems("tests:\n"
			"  - {io: lake, switch: ring, port: memif, ring: [16384, 32768]}\n"
			"  - {io: lake, switch: ring, ring: 32768}\n"
			"  - {io: udp, ring: 32768}\n",
			&no_options,
			"2:57 ring 32768 is above 16384, the most descriptors of a memif port's ring\n");
}

/* What the kernel's ports have no use for. */
static void what_ports_do_not_use_makes_no_tests(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, "tests: [{io: [udp, lake], switch: ovs, ring: [256, 1024], hugepages: [none, 2M]},"
			      " {io: udp, ring: [256, 1024], hugepages: [none, 2M], port: [auto, netdev]}]",
			      &no_options, &err), 0);
	assert_int_equal(suite.count, 1 + 4 + 1);
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_RING), "1024");
	assert_string_equal(test_text(&suite.tests[0], PARAMETER_HUGEPAGES), "auto");
	assert_string_equal(test_text(&suite.tests[5], PARAMETER_PORT), "auto");
	suite_free(&suite);
}

/* Ring and lake have two kinds in common, ovs and lake one of those; the others have none of both. */
static void a_port_is_one_that_both_have(void **state)
{
	const struct catalogue_entry *lake = catalogue_find(&sample_catalogue.ios, "lake");
	const struct catalogue_entry *udp = catalogue_find(&sample_catalogue.ios, "udp");
	const struct catalogue_entry *ring = catalogue_find(&sample_catalogue.switches, "ring");
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, "tests: [{io: lake, switch: ring, port: [auto, vhost-user, memif]}]", &no_options,
			      &err), 0);
	assert_int_equal(suite.count, 3);
	assert_string_equal(test_text(&suite.tests[2], PARAMETER_PORT), "memif");
	suite_free(&suite);
	assert_int_equal(catalogue_port(lake, ring, "auto"), PORT_VHOST_USER);
	assert_int_equal(catalogue_port(lake, ring, "vhost-user"), PORT_VHOST_USER);
	assert_int_equal(catalogue_port(lake, ring, "memif"), PORT_MEMIF);
	assert_int_equal(catalogue_port(lake, ring, "netdev"), -1);
	assert_int_equal(catalogue_port(udp, ring, "auto"), -1);
	expect_problems("tests:\n"
			"  - {io: lake, switch: ovs, port: [auto, memif]}\n"
			"  - {io: udp, switch: ovs, port: vhost-user}\n"
			"  - {io: lake, switch: ring, port: [pci]}\n",
			&no_options,
			"2:42 port memif is impossible with switch ovs\n"
			"3:34 port vhost-user is impossible with io udp\n"
			"4:37 port pci is impossible with switch ring\n"
			"4:37 port pci is impossible with io lake\n");
}

static void threads_have_a_switch_and_ports_to_poll(void **state)
{
	expect_problems("tests:\n"
			"  - {threads: [1, 3]}\n"
			"  - {io: lake, switch: ring, containers: [1vs1, 2vs2], threads: [2, 4]}\n",
			&no_options,
			"2:19 threads 3 is impossible with switch veth, which has no threads of its own\n"
			"3:69 threads 4 is above 2, the ports of containers 1vs1\n");
}

/* Of an io whose program cannot run here nothing is known: its tests are for the run to skip. */
static void what_cannot_be_asked_is_no_problem(void **state)
{
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, "tests: [{io: lost, switch: [veth, ring], size: [60, 9014], burst: 1024}]",
			      &no_options, &err), 0);
	assert_int_equal(suite.count, 4);
	suite_free(&suite);
}

static void an_option_repairs_a_combination(void **state)
{
	const struct suite_options repair = { .text = { [PARAMETER_BURST] = "16" } };
	const struct suite_options spoil = { .text = { [PARAMETER_IO] = "small" } };
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, "tests: [{io: small, burst: 512}]", &repair, &err), 0);
	suite_free(&suite);
	expect_problems("tests: [{size: 2000}, {burst: 1}]", &spoil,
			"1:16 size 2000 is above 1514, the largest frame that io small carries\n"
			"option -I burst 32 is above 16, the most that io small takes in one go\n");
}

static void remedies_name_what_would_do(void **state)
{
	const struct suite_options options = {
		.text = { [PARAMETER_IO] = "lake",
			  [PARAMETER_HOSTS] = "remote",
			  [PARAMETER_RUNTIME] = "podman" },
	};
	struct error err = { 0 };
	struct suite suite;

	assert_int_equal(suite_load(&suite, NULL, &options, &sample_catalogue, &err), -EINVAL);
	assert_string_equal(err.cause, "suite adhoc has 3 problems");
	assert_int_equal(suite.problem_count, 3);
	assert_string_equal(suite.problems[0].where, "option --runtime");
	assert_string_equal(suite.problems[0].error.remedy, "known: lxc, netns");
	assert_string_equal(suite.problems[1].error.remedy,
			    "use hosts local, or a switch that reaches another: garden");
	assert_string_equal(suite.problems[2].error.remedy,
			    "veth goes with io: udp, small, large; lake goes with switch: ovs, ring");
	suite_free(&suite);
}

static void a_default_may_be_missing(void **state)
{
	struct catalogue catalogue = sample_catalogue;
	struct error err = { 0 };
	struct suite suite;

	catalogue.switches.entry[0] = catalogue.switches.entry[1];
	assert_int_equal(suite_load(&suite, NULL, &no_options, &catalogue, &err), -EINVAL);
	assert_int_equal(suite.problem_count, 1);
	assert_string_equal(suite.problems[0].where, "options");
	assert_string_equal(suite.problems[0].error.cause, "unknown switch 'veth', which is the default");
	suite_free(&suite);
}

static void says_what_a_suite_looks_like(void **state)
{
	static const char *const cases[][2] = {
		{ "", "1:1 the suite is empty\n" },
		{ "# nothing\n", "1:1 the suite is empty\n" },
		{ "quickstart\n",
		  "1:1 the suite is a single value, a mapping with the key 'tests' is needed\n" },
		{ "- size: 64\n", "1:1 the suite is a list, a mapping with the key 'tests' is needed\n" },
		{ "name: x\n", "1:1 the suite has no key 'tests'\n" },
		{ "tests: []\n", "1:8 tests is an empty list\n" },
		{ "tests: {size: 64}\n", "1:8 tests is a mapping, a list of mappings is needed\n" },
		{ "tests:\n", "1:7 tests has no value, a list of mappings is needed\n" },
		{ "tests: [{}]\nparameters: [1]\n",
		  "2:13 parameters is a list, a mapping such as 'size: 64' is needed\n" },
		{ "tests: [{}]\ntests: [{}]\n", "2:1 key 'tests' is there twice\n" },
		{ "tests: [{}]\ndescription: |\n  one\n  two\n",
		  "2:14 description is not one line of plain text\n" },
		{ "tests: [{}]\nname: \"a\\0b\"\n", "2:7 name contains a zero byte\n" },
		{ "tests: [{}]\nname: ..\n", "2:7 '..' cannot be the name of a suite\n" },
		{ "tests: [{}]\nname: [a]\n", "2:7 name is a list, a single value is needed\n" },
		{ "tests: [{}]\n---\ntests: [{}]\n", "2:1 a second document begins here; a suite is one\n" },
		{ "tests: [&a {size: 64}, {<<: *a}]\n", "1:25 merge keys ('<<') are not part of a suite\n" },
		{ "\xef\xbb\xbftests: [{size: 20}]\n",
		  "1:16 size 20 is below 60, the least that Ethernet carries without FCS\n" },
		{ "tests: &a [*a]\n",
		  "1:8 an entry of tests is a list, a mapping such as 'size: 64' is needed\n" },
		{ "tests: [&a {size: *a}]\n",
		  "1:9 size is a mapping, a value or a list of values is needed\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_problems(cases[i][0], &no_options, cases[i][1]);
}

static void passes_on_what_is_no_yaml(void **state)
{
	struct suite suite;
	struct error err;

	expect_problems("tests:\n\t- size: 64\n", &no_options,
			"2:1 not valid YAML: found character that cannot start any token "
			"(while scanning for the next token)\n");
	expect_problems(
		"tests: [{}\n", &no_options,
		"2:1 not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence)\n");
	expect_problems("tests: *nothing\n", &no_options, "1:8 not valid YAML: found undefined alias\n");
	expect_problems("name: \"\xc3\xa4\"\ntests: \xff\n", &no_options,
			"2:8 not valid YAML: invalid leading UTF-8 octet\n");
	expect_problems("tests: [{}]\n...\n}\n", &no_options,
			"3:1 not valid YAML: did not find expected <document start>\n");
	load(&suite, "tests:\n\t- size: 64\n", &no_options, &err);
	assert_string_equal(suite.problems[0].error.remedy, "indent with spaces: YAML allows no tabs there");
	suite_free(&suite);
	write_bytes("tests: [{}]\0x", 13);
	assert_int_equal(suite_load(&suite, path, &no_options, &sample_catalogue, &err), -EINVAL);
	assert_string_equal(suite.problems[0].error.cause,
			    "not valid YAML: control characters are not allowed");
	suite_free(&suite);
}

/* `count` times `text` behind `head`, then `tail`. The caller frees it. */
static char *repeated(const char *head, const char *text, size_t count, const char *tail)
{
	char *all = malloc(strlen(head) + count * strlen(text) + strlen(tail) + 1), *at;

	assert_non_null(all);
	at = stpcpy(all, head);
	while (count--)
		at = stpcpy(at, text);
	strcpy(at, tail);
	return all;
}

static void an_order_may_be_named(void **state)
{
	static const struct { const char *yaml; enum order_kind kind; bool seeded; uint64_t seed; } cases[] = {
		{ "tests: [{}]\n", ORDER_DEFAULT, false, 0 },
		{ "order: given\ntests: [{}]\n", ORDER_GIVEN, false, 0 },
		{ "tests: [{}]\norder: shuffled\n", ORDER_SHUFFLED, false, 0 },
		{ "seed: 0\ntests: [{}]\norder: shuffled\n", ORDER_SHUFFLED, true, 0 },
		{ "seed: 9007199254740991\ntests: [{}]\n", ORDER_DEFAULT, true, SEED_MAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suite suite;
		struct error err;

		assert_int_equal(load(&suite, cases[i].yaml, &no_options, &err), 0);
		assert_int_equal(suite.order.kind, cases[i].kind);
		assert_int_equal(suite.order.seeded, cases[i].seeded);
		assert_int_equal(suite.order.seed, cases[i].seed);
		suite_free(&suite);
	}
	expect_problems("order: random\nseed: -1\ntests: [{}]\n", &no_options,
			"1:8 there is no order 'random'\n"
			"2:7 '-1' is no seed from 0 to 9007199254740991\n");
	expect_problems("order: [given]\nseed: 9007199254740992\ntests: [{}]\n", &no_options,
			"1:8 order is a list, a single value is needed\n"
			"2:7 '9007199254740992' is no seed from 0 to 9007199254740991\n");
}

static void limits_the_number_of_tests(void **state)
{
	struct suite_options options = { .text = { [PARAMETER_SIZE] = "64" } };
	char *sizes =
		repeated("tests: [{size: &a [", "64,", 1000, "64], burst: [1, 2]}, {burst: *a, size: *a}]");
	char *brackets = repeated("tests: ", "[", 200000, "");
	char *dashes = repeated("tests:\n", "- ", 100000, "64\n");
	char *mappings = repeated("tests: ", "{a: ", 50000, "");
	char *aliases = repeated("tests: [{size: &a [64", ", 64", 9999, "]}");
	char *bomb = repeated(aliases, ", {size: *a}", 5000, "]");
	struct suite suite;
	struct error err;

	expect_problems(sizes, &no_options, "1:3041 with this matrix there are more than 100000 tests\n");
	assert_int_equal(load(&suite, sizes, &options, &err), 0);
	assert_int_equal(suite.count, 3);
	suite_free(&suite);
	/* Each would take libyaml more than a minute. */
	expect_problems(brackets, &no_options, "1:23 lists and mappings are nested more than 16 deep\n");
	expect_problems(dashes, &no_options, "2:31 lists and mappings are nested more than 16 deep\n");
	expect_problems(mappings, &no_options, "1:68 lists and mappings are nested more than 16 deep\n");
	/* 50 million values by aliases. */
	assert_int_equal(load(&suite, bomb, &no_options, &err), -EINVAL);
	assert_string_equal(suite.problems[0].error.cause, "the suite has more than 100000 values");
	suite_free(&suite);
	free(bomb);
	free(aliases);
	free(mappings);
	free(dashes);
	free(brackets);
	free(sizes);
}

static void limits_the_number_of_problems(void **state)
{
	char *text = repeated("tests:\n- size:\n", "  - 1\n", 1000, "");
	struct suite suite;
	struct error err;

	assert_int_equal(load(&suite, text, &no_options, &err), -EINVAL);
	assert_int_equal(suite.problem_count, 201);
	assert_string_equal(suite.problems[200].error.cause, "800 more problems are not shown");
	suite_free(&suite);
	free(text);
}

static void reads_standard_input(void **state)
{
	static const char *const texts[] = { "tests: [{size: [64, 65]}]\n", "\xef\xbb\xbftests: [{size: 20}]\n" };
	int before = dup(STDIN_FILENO);
	struct suite suite;
	struct error err;

	for (int i = 0; i < 2; i++) {
		write_bytes(texts[i], strlen(texts[i]));
		assert_non_null(freopen(path, "r", stdin));
		assert_int_equal(suite_load(&suite, "-", &no_options, &sample_catalogue, &err), i ? -EINVAL : 0);
		if (i)
			assert_string_equal(suite.problems[0].where, "standard input:1:16");
		else
			assert_int_equal(suite.count, 2);
		assert_string_equal(suite.name, "suite");
		suite_free(&suite);
	}
	assert_true(dup2(before, STDIN_FILENO) >= 0);
	close(before);
}

static void says_why_a_file_cannot_be_read(void **state)
{
	char *text = repeated("#", "x", 256 << 10, "\n");
	struct suite suite;
	struct error err = { 0 };

	assert_int_equal(suite_load(&suite, "/nonexistent/x.yaml", &no_options, &sample_catalogue, &err),
			 -ENOENT);
	assert_string_equal(err.cause, "cannot open suite /nonexistent/x.yaml: No such file or directory");
	assert_true(err.remedy[0]);
	suite_free(&suite);
	assert_int_equal(suite_load(&suite, "/", &no_options, &sample_catalogue, &err), -EISDIR);
	suite_free(&suite);
	assert_int_equal(load(&suite, text, &no_options, &err), -EFBIG);
	assert_int_equal(suite.problem_count, 0);
	suite_free(&suite);
	free(text);
}

static void a_test_survives_the_record(void **state)
{
	const struct suite_options options = {
		.text = { [PARAMETER_RATE] = "1.5M",
			  [PARAMETER_DURATION] = "250ms",
			  [PARAMETER_CONTAINERS] = "2vs2" },
	};
	struct error err = { 0 };
	struct suite suite;
	struct test back;
	json_t *json;
	const char *key;
	json_t *field;
	int i = 0;

	assert_int_equal(suite_load(&suite, NULL, &options, &sample_catalogue, &err), 0);
	json = test_to_json(&suite.tests[0]);
	json_object_foreach(json, key, field)
		assert_string_equal(key, parameter_table[i++].name);
	assert_int_equal(i, PARAMETER_COUNT);
	assert_true(json_number_value(json_object_get(json, "duration")) == 0.25);
	assert_int_equal(test_from_json(json, &back, &err), 0);
	assert_memory_equal(&back, &suite.tests[0], sizeof(back));
	/* Of an older lanebench, which did not know all. */
	json_object_del(json, "drain");
	json_object_del(json, "ring");
	assert_int_equal(test_from_json(json, &back, &err), 0);
	assert_string_equal(test_text(&back, PARAMETER_DRAIN), "100ms");
	assert_true(test_number(&back, PARAMETER_RING) == 1024);
	json_object_set_new(json, "size", json_string("big"));
	assert_int_equal(test_from_json(json, &back, &err), -EINVAL);
	assert_int_equal(test_from_json(NULL, &back, &err), -EINVAL);
	json_decref(json);
	suite_free(&suite);
}

static void a_tuple_is_as_in_the_papers(void **state)
{
	const struct suite_options options = { .text = { [PARAMETER_RATE] = "max,1M,1234567" } };
	struct error err = { 0 };
	struct suite suite;
	char text[128];

	assert_int_equal(suite_load(&suite, NULL, &options, &sample_catalogue, &err), 0);
	test_tuple(&suite.tests[0], text, sizeof(text));
	assert_string_equal(text, "(throughput, local, 1vs1, veth, 64, max, 32) udp");
	test_tuple(&suite.tests[1], text, sizeof(text));
	assert_string_equal(text, "(throughput, local, 1vs1, veth, 64, 1M, 32) udp");
	test_tuple(&suite.tests[2], text, 12);
	assert_string_equal(text, "(throughput");
	suite_free(&suite);
}

static void a_tuple_says_what_else_is_not_the_default(void **state)
{
	const struct suite_options options = { .text = {
		[PARAMETER_TOPOLOGY] = "chain", [PARAMETER_HOPS] = "1,2", [PARAMETER_IO] = "lake",
		[PARAMETER_SWITCH] = "ring", [PARAMETER_FLOWS] = "1k", [PARAMETER_DURATION] = "1s",
	} };
	struct error err = { 0 };
	struct suite suite;
	char text[128];

	assert_int_equal(suite_load(&suite, NULL, &options, &sample_catalogue, &err), 0);
	assert_int_equal(suite.count, 2);
	test_tuple(&suite.tests[0], text, sizeof(text));
	assert_string_equal(text, "(throughput, local, 1vs1, ring, 64, max, 32) lake, topology chain, flows 1000");
	test_tuple(&suite.tests[1], text, sizeof(text));
	assert_string_equal(text, "(throughput, local, 1vs1, ring, 64, max, 32) lake, topology chain, hops 2, flows 1000");
	suite_free(&suite);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands_a_matrix_in_order),
		cmocka_unit_test(keeps_equal_tests_once),
		cmocka_unit_test(aliases_are_what_they_stand_for),
		cmocka_unit_test(options_override_a_suite),
		cmocka_unit_test(options_alone_make_tests),
		cmocka_unit_test(names_a_suite_after_its_file),
		cmocka_unit_test(reports_every_problem_at_its_place),
		cmocka_unit_test(reports_combinations_once_a_cause),
		cmocka_unit_test(arrangements_that_cannot_be_are_problems),
		cmocka_unit_test(topology_auto_is_what_the_machine_can_do),
		cmocka_unit_test(loops_that_auto_made_are_told),
		cmocka_unit_test(hops_and_order_count_where_they_matter),
		cmocka_unit_test(a_schedule_needs_a_burst_within_the_duration),
		cmocka_unit_test(contradictions_of_searches_are_problems),
		cmocka_unit_test(what_a_rate_does_not_use_makes_no_tests),
		cmocka_unit_test(a_burst_fits_into_a_ring),
		cmocka_unit_test(a_ring_is_as_long_as_its_port_allows),
		cmocka_unit_test(what_ports_do_not_use_makes_no_tests),
		cmocka_unit_test(a_port_is_one_that_both_have),
		cmocka_unit_test(threads_have_a_switch_and_ports_to_poll),
		cmocka_unit_test(what_cannot_be_asked_is_no_problem),
		cmocka_unit_test(an_option_repairs_a_combination),
		cmocka_unit_test(remedies_name_what_would_do),
		cmocka_unit_test(a_default_may_be_missing),
		cmocka_unit_test(says_what_a_suite_looks_like),
		cmocka_unit_test(passes_on_what_is_no_yaml),
		cmocka_unit_test(an_order_may_be_named),
		cmocka_unit_test(limits_the_number_of_tests),
		cmocka_unit_test(limits_the_number_of_problems),
		cmocka_unit_test(reads_standard_input),
		cmocka_unit_test(says_why_a_file_cannot_be_read),
		cmocka_unit_test(a_test_survives_the_record),
		cmocka_unit_test(a_tuple_is_as_in_the_papers),
		cmocka_unit_test(a_tuple_says_what_else_is_not_the_default),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
