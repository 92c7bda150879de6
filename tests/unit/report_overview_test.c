/* SPDX-License-Identifier: Apache-2.0 */
/* The table in the terminal: overview, bars, narrow terminals, many rows, foreign alphabets, what to do next. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report_bench.h"
#include "util/display.h"

static void add_six(void)
{
	static const char *const switches[] = { "veth", "linux-bridge", "macvlan" };

	for (int i = 0; i < 6; i++)
		add(measured(switches[i / 2], i & 1 ? "raw-mmsg" : "udp", 1e6 / (1 + i / 2) + 200e3 * (i & 1)));
}

static void names_the_winner_of_each_row(void **state)
{
	add_six();
	table();
	expect("\nForwarded, Mpps, by switch; * = fastest of its row, and how many times the next it is:\n"
	       "io         veth  linux-bridge  macvlan              fastest\n"
	       "udp       1.000         0.500    0.333  ████████▍   veth 2.00x, few trials\n"
	       "raw-mmsg  1.200         0.700    0.533  ██████████  veth 1.71x, few trials\n");
	expect_width(100);
}

static void tells_round_trips_the_other_way_round(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct sample s = base;

		s.dimension = "latency";
		s.switch_name = i & 1 ? "memif" : "veth";
		s.size = i & 2 ? 1500 : 64;
		s.p50_us = 4.5 - 3 * (i & 1);
		s.repeats = 4; /* fewer tell nothing from chance */
		for (s.repeat = 1; s.repeat <= 4; s.repeat++)
			add(sample_trial(&s, NULL));
	}
	table();
	expect("Round trip (p50), us, by switch; * = shortest of its row, and how many times as long the next takes:\n");
	expect("\n   64  4.50  *1.50  ██████████  memif 3.00x\n");
}

/* One row, or nothing that competes: the table of tests tells it all. */
static void leaves_out_an_overview_of_nothing(void **state)
{
	add(measured("veth", "udp", 1e6));
	add(measured("macvlan", "udp", 2e6));
	table();
	expect_not("by switch;");
	add(measured("memif", "dpdk", 9e6));
	table();
	expect_not("by switch;");
}

/* What competes does not fit side by side: the rest goes below it, nothing is lost. */
static void breaks_a_wide_overview_into_blocks(void **state)
{
	char name[32];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "a-longish-name-%02d", i / 2);
		add(measured(name, i & 1 ? "raw" : "udp", 1e6 + 1e5 * i));
	}
	for (options.width = 60; options.width <= 140; options.width += 20) {
		table();
		expect_width(options.width);
		expect("\nio   a-longish-name-00  ");
		expect("a-longish-name-09\n");
		expect("  a-longish-name-09 1.08x, few trials\n");
	}
}

/* Bars become shorter, and come back where there is room after all. */
static void bars_stay_as_long_as_they_can(void **state)
{
	add_six();
	options.width = 60;
	table();
	expect_width(60);
	expect("\nveth          udp           1.000  1.23");
	expect("████\n");
	options.width = 72;
	table();
	expect_width(72);
	expect("\nveth          raw-mmsg      1.200  1.23     12.3      457  ██████\n");
	options.ascii = true;
	table();
	expect("\nveth          raw-mmsg      1.200  1.23     12.3      457  ######\n");
}

static void limits_rows(void **state)
{
	char row[32];

	for (int i = 0; i < 100; i++) {
		struct sample s = base;

		s.size = 64 + i / 2;
		s.switch_name = i & 1 ? "veth" : "macvlan";
		s.forwarded_pps = 1e6 + 1e6 * (i & 1);
		add(sample_trial(&s, NULL));
	}
	table();
	expect("60 of 100 tests: the best under each load, and the first of the others (--all, the page and\n"
	       "    --format csv have them all).");
	expect("(40 of 50 rows; --all has them all)");
	expect("(and 42 more loads)");
	for (int i = 0; i < 50; i++) {
		snprintf(row, sizeof(row), "\nveth     %5d", 64 + i);
		expect(row);
	}
	expect("\nmacvlan     73");
	expect_not("\nmacvlan     74");
	options.all = true;
	table();
	expect("\nmacvlan    113");
	expect_not(" of 100 tests:");
	expect_not(" of 50 rows");
}

static void alphabets_keep_columns_straight(void **state)
{
	add(measured("veth", "udp", 1e6));
	add(measured("\u7db2\u8def\u6a4b", "udp", 2e6));              /* wide */
	add(measured("e\u0301te\u0301", "udp", 3e6));                /* combining */
	add(measured("a\u202egnp.exe", "udp", 4e6));                 /* direction */
	add(measured("`<b>\"x\"' | $(id)", "udp", 5e6));
	table();
	expect("\nveth                  1.000");
	expect("\n\u7db2\u8def\u6a4b                2.000");
	expect("\ne\u0301te\u0301                   3.000");
	expect("\na?gnp.exe             4.000");
	expect("\n`<b>\"x\"' | $(id)      5.000");
	assert_int_equal(text_columns("\u7db2\u8def"), 4);
	assert_int_equal(text_columns("e\u0301"), 1);
	assert_int_equal(text_columns("\xff\xfe"), 2);
	assert_int_equal(text_fit("\u7db2\u8def", 3), 3);
	assert_int_equal(text_fit("abc", 8), 3);
	options.ascii = true;
	table();
	for (const char *c = text; *c; c++)
		assert_in_range(*c, '\n', '~');
}

/* Names that leave no room for figures are cut; the figures are not. */
static void long_names_are_cut(void **state)
{
	static const char name[] = "a-name-that-somebody-has-made-far-too-long-for-a-table";

	for (int i = 0; i < 4; i++)
		add(measured(i & 1 ? name : "veth", i & 2 ? name + 1 : "udp", 1e6 + 1e6 * i));
	options.width = 60;
	table();
	expect_width(60);
	expect("\u2026");
	expect("4.000");
	options.ascii = true;
	table();
	expect_width(60);
	expect("~");
}

static json_t *command(const char *last)
{
	return json_pack("[s, s, s, s, s, s, s, s]", "lanebench", "run", "--repeats", "2", "-o", "results/x", "-q", last);
}

static void advises_what_the_record_leaves_open(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 1e6));
	add(measured("macvlan", "udp", 2e6));
	options.command = "./lanebench";
	options.page = "results/quickstart-1/report/report.html";
	view.run = sample_run("x", "done", NULL);
	json_object_set_new(view.run, "command", command("suites/x.yaml"));
	table();
	expect("Record: results/quickstart-1\nPage:   results/quickstart-1/report/report.html\n"
	       "Next:   sudo ./lanebench run -q suites/x.yaml --repeats 6\n");
	expect("\n        ./lanebench report results/quickstart-1 --format csv\n");
	expect_not("table2");
	expect_not("compare");
	/* Nor a suite that was read from standard input. */
	json_object_set_new(view.run, "command", command("-"));
	table();
	expect_not("--repeats 6\n");
	/* What no shell would take as it stands is not proposed. */
	json_object_set_new(view.run, "command", command("x; rm -rf ~"));
	options.page_remark = "it has no plots: gnuplot is not installed";
	table();
	expect_not("rm -rf");
	expect("report.html\n            it has no plots: gnuplot is not installed\nNext:   ./lanebench report");
	s.io = "raw";
	add(sample_without_figures(&s, "failed", "broken", ""));
	table();
	expect("\nNext:   sudo ./lanebench doctor\n");
}

static void advises_to_compare_what_has_intervals(void **state)
{
	struct sample s = base;

	s.repeats = 6;
	for (int i = 0; i < 12; i++) {
		s.io = i < 6 ? "udp" : "raw";
		s.repeat = 1 + i % 6;
		s.forwarded_pps = 1e6 + 1e4 * i;
		add(sample_trial(&s, NULL));
	}
	table();
	expect("\nNext:   lanebench compare results/quickstart-1 OTHER\n");
	expect_not("--repeats 6\n");
}

/* Table 2 of a paper, by its own parameters: what it found stands beside what was found here. */
static void papers_stand_beside(void **state)
{
	const char *part;

	for (int i = 0; i < 2; i++) {
		struct sample s = base;
		json_t *trial;

		s.switch_name = "linux-bridge";
		s.io = i ? "raw-mmsg" : "udp";
		s.rate = 1e6;
		s.forwarded_pps = i ? 880e3 : 169e3;
		trial = sample_trial(&s, NULL);
		json_object_set_new(json_object_get(trial, "test"), "burst", json_integer(64));
		add(trial);
	}
	table();
	expect("\nPublished beside measured.\n"
	       "io        figure         measured  published  ratio  source\n"
	       "udp       forwarded_pps  169 kpps   338 kpps   0.50  Ara et al. 2021, Table 2\n"
	       "raw-mmsg  forwarded_pps  880 kpps   440 kpps   2.00  Ara et al. 2021, Table 2\n");
	expect("compare\n    the proportions between paths, not single figures");
	part = strstr(text, "\n  Ara et al. 2021, Table 2: "); /* its source, once */
	assert_non_null(part);
	assert_null(strstr(part + 1, "\n  Ara et al. 2021, Table 2: "));
	for (options.width = 60; options.width < 140; options.width += 20) {
		table();
		expect_width(options.width);
	}
}

/* What names a row takes all the room there is: no head without columns. */
static void says_that_there_is_no_room(void **state)
{
	static const char *const sizes[] = { "60:7+566:4+9000:1", "128:1+9014:100+1500:3" },
				*const processors[] = { "0,2,4,6,8,10,12,14,16,18,20,22", "1,3,5,7,9,11,13,15,17,19,21,23" },
				*const switches[] = { "linux-bridge", "veth" };

	for (int i = 0; i < 8; i++) {
		json_t *trial = measured(switches[i & 1], "raw", 1e6 + i), *test = json_object_get(trial, "test");

		json_object_set_new(test, "size", json_string(sizes[i >> 1 & 1]));
		json_object_set_new(test, "processors", json_string(processors[i >> 2]));
		add(trial);
	}
	options.width = 60;
	table();
	expect("(No room for an overview by switch:");
	expect_not("Forwarded, Mpps, by switch");
	expect_not("left out for want of room)");
	options.width = 160;
	table();
	expect("Forwarded, Mpps, by switch");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(names_the_winner_of_each_row),
		TEST(tells_round_trips_the_other_way_round),
		TEST(leaves_out_an_overview_of_nothing),
		TEST(breaks_a_wide_overview_into_blocks),
		TEST(bars_stay_as_long_as_they_can),
		TEST(limits_rows),
		TEST(alphabets_keep_columns_straight),
		TEST(long_names_are_cut),
		TEST(advises_what_the_record_leaves_open),
		TEST(advises_to_compare_what_has_intervals),
		TEST(papers_stand_beside), TEST(says_that_there_is_no_room),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
