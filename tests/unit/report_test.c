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

#include "report/format.h"
#include "report/report.h"
#include "report/sheet.h"
#include "sample_record.h"
#include "suite/parameter.h"

#define TRIALS_MAX 256

static json_t *trials[TRIALS_MAX], *tests;
static struct record_view view;
static struct report_options options;
static char *text;
static struct error err;

static const struct sample base = {
	.switch_name = "veth", .io = "udp", .dimension = "throughput", .size = 64, .repeat = 1, .repeats = 1,
	.forwarded_pps = 412345.6, .loss_ratio = 0.0123, .p50_us = 12.34, .p99_us = 456.7, .busy = 1.5,
};

static int setup(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	tests = json_array();
	view = (struct record_view){ .trials = trials };
	options = (struct report_options){ 0 };
	return 0;
}

static int teardown(void **state)
{
	while (view.count)
		json_decref(trials[--view.count]);
	json_decref(view.run);
	json_decref(tests);
	free(text);
	text = NULL;
	return 0;
}

static void add(json_t *trial)
{
	assert_in_range(view.count, 0, TRIALS_MAX - 1);
	assert_non_null(trial);
	trials[view.count++] = trial;
}

static void plan(const struct sample *s)
{
	json_array_append_new(tests, sample_test(s));
}

static json_t *measured(const char *sw, const char *io, double pps)
{
	struct sample s = base;

	s.switch_name = sw;
	s.io = io;
	s.forwarded_pps = pps;
	return sample_trial(&s, NULL);
}

static const char *table(void)
{
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	if (!view.run)
		view.run = sample_run("quickstart", "done", json_incref(tests));
	assert_int_equal(report_table(out, &view, "results/quickstart-1", &options, &err), 0);
	fclose(out);
	return text;
}

static void expect(const char *part)
{
	if (strstr(text, part))
		return;
	fprintf(stderr, "%s\n", text); /* whole: cmocka cuts messages */
	fail_msg("'%s' is not in the report", part);
}

static void expect_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

/* Every line at most `width` columns, no blanks at its end. */
static void expect_width(size_t width)
{
	char *copy = strdup(text), *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (text_columns(line) > width)
			fail_msg("%zu columns: %s", text_columns(line), line);
		if (*line && line[strlen(line) - 1] == ' ')
			fail_msg("blanks at the end of: %s", line);
	}
	free(copy);
}

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
	       "  close to tell from one trial; --repeats 5 tells more.\n");
	expect("at the\n    maximum rate it says how long the queues are");
	expect("Record: results/quickstart-1\nNext:   lanebench report results/quickstart-1 --format csv\n");
	expect_not("Latency");
	expect_not("min..max");
	expect_not("nan");
	expect_width(100);
	trials[5] = (json_decref(trials[5]), measured("linux-bridge", "raw-mmsg", 520e3));
	table();
	expect("1.44 times the next (raw on veth, 720 kpps).\n");
}

static void doubts_what_was_disturbed(void **state)
{
	struct sample s = base;

	add(measured("veth", "udp", 400e3));
	s.io = "raw";
	s.forwarded_pps = 900e3;
	add(sample_trial(&s, "siblings"));
	table();
	expect("Fastest: raw, 900 kpps, 2.25 times the next (udp, 400 kpps).\n");
	trials[1] = (json_decref(trials[1]), sample_trial(&s, "disturbed"));
	table();
	expect("2.25 times the next (udp, 400 kpps); one of the two was disturbed");
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
	expect("\nio   round trip                            answered  loss   cpu  notes\n"
	       "         p50 us  p99 us  p99.9 us  max us      kpps     %  busy\n"
	       "udp        12.5     457       913    1827      20.0  0.00  1.50\n");
	expect("Shortest round trip: raw, 8.25 us (p50); the next (udp) takes 12.5 us, 1.52 times as "
	       "long.\n");
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
	expect("io   forwarded      min..max  frames");
	expect("\nudp      310.0  300.0..340.0     159");
	expect("\nraw      600.0  500.0..700.0     307");
	expect("Fastest: raw, 600 kpps, 1.94 times the next (udp, 310 kpps).\n");
	expect("Each figure is the median of the test's trials.");
	expect(", 2s a trial, 3\n  trials a test.\n");

	/* The slowest trial of the one below the fastest of the other: no winner. */
	s.forwarded_pps = 320e3;
	trials[5] = (json_decref(trials[5]), sample_trial(&s, NULL));
	table();
	expect("their trials overlap, so neither is\n  ahead.");
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
	expect("  d  some packets arrived more than once");
	expect("  f  packets that are not of the test reached the port");
	expect("  ?  has a flag that this lanebench does not know: ?[2Jnew\n");
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

/* Terminal commands, line ends, direction marks in every text that a record has; not one may come through. */
static void tames_hostile_texts(void **state)
{
	static const char evil[] = "a\033[2J\033]0;x\007\r\nb\xc2\x9b" "31m\xe2\x80\xae" "c\x7f\xe2\x80\x8b";
	struct sample s = base;
	json_t *trial;

	s.io = evil;
	trial = sample_trial(&s, evil);
	add(trial);
	s.io = "raw";
	add(sample_trial(&s, NULL));
	s.switch_name = evil;
	add(sample_without_figures(&s, "failed", evil, evil));
	view.run = sample_run(evil, evil, json_incref(tests));
	json_object_set_new(view.run, "description", json_string(evil));
	json_object_set_new(view.run, "started", json_string(evil));
	json_object_set_new(view.run, "lanebench", json_string(evil));
	snprintf(view.warning, sizeof(view.warning), "%s", evil);
	table();
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	expect_not("\x7f");
	expect_not("\xc2\x9b");
	expect_not("\xe2\x80\xae");
	expect_not("\xe2\x80\x8b");
	expect("a?[2J?]0;x?  b?31m?c??");
	expect_width(100);
}

static void stays_within_ascii_where_asked(void **state)
{
	add(measured("veth", "udp", 100e3));
	add(measured("veth", "r\xc3\xa4w", 50e3));
	options.ascii = true;
	table();
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	expect("  ##########\n");
	expect("  #####\n");
	expect("r?w");
	options.ascii = false;
	setenv("LC_ALL", "C", 1);
	table();
	expect("  ##########\n");
}

static void colours_terminals_alone(void **state)
{
	add(measured("veth", "udp", 100e3));
	table();
	expect_not("\033");
	options.colour = true;
	table();
	expect("\033[1mThroughput of one test.");
	expect("\033[0m");
}

/* Six parameters vary: some figures go, those that matter stay, and it is said. */
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

static void formats_figures(void **state)
{
	static const struct { double pps; const char *text; } rates[] = {
		{ 0, "0 pps" }, { 999, "999 pps" }, { 10000, "10.0 kpps" }, { 412345, "412 kpps" },
		{ 1.42e6, "1.42 Mpps" }, { 14.88e6, "14.9 Mpps" },
	};
	static const struct { double ratio; const char *text; } shares[] = {
		{ 0, "0.00" }, { 1e-9, "<0.01" }, { 0.0123, "1.23" }, { 0.5, "50.0" }, { 1, "100.0" },
	};
	static const struct { double ns; const char *text; } times[] = {
		{ 812, "0.81" },   { 1234, "1.23" },      { 45678, "45.7" },
		{ 789012, "789" }, { 12345678, "12346" },
	};
	char out[FORMAT_MAX];

	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		format_packet_rate(out, rates[i].pps);
		assert_string_equal(out, rates[i].text);
	}
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		format_percent(out, shares[i].ratio);
		assert_string_equal(out, shares[i].text);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		format_microseconds(out, times[i].ns);
		assert_string_equal(out, times[i].text);
	}
}

/* Field `column` of line `row` (0: header), quotes taken off. Only for text without embedded line ends. */
static char *csv_field(const char *csv, size_t row, const char *column, char out[256])
{
	for (size_t number = 0, r = 0; ; r = row) {
		const char *at = csv, *end;
		size_t field = 0;

		for (size_t i = 0; i < r; i++)
			at = strstr(at, "\r\n") + 2;
		for (;; field++) {
			size_t used = 0;
			bool quoted = *at == '"';

			for (at += quoted; quoted ? *at != '"' || at[1] == '"' : !strchr(",\r", *at); at++) {
				at += quoted && *at == '"';
				out[used++] = *at;
			}
			out[used] = 0;
			end = at + quoted;
			if (r == 0 && !strcmp(out, column)) {
				number = field;
				break;
			}
			if (r && field == number)
				return out;
			assert_int_equal(*end, ',');
			at = end + 1;
		}
		assert_true(row > 0);
	}
}

static void writes_csv(void **state)
{
	struct sample s = base;
	char field[256], names[1024] = "";
	size_t size;
	FILE *out;

	add(sample_trial(&s, "oversubscribed"));
	json_array_append_new(json_object_get(trials[0], "flags"), json_string("clock"));
	s.dimension = "latency";
	s.rate = 150e3;
	add(sample_trial(&s, NULL));
	add(sample_without_figures(&s, "failed", "he said \"no\", and\r\ndied\033", ""));
	add(sample_without_figures(&s, "skipped", "=cmd()", ""));
	out = open_memstream(&text, &size);
	assert_int_equal(report_csv(out, &view, &err), 0);
	fclose(out);

	/* Every parameter by its name, in the order of the table. */
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		strcat(names, parameter_table[p].name);
		strcat(names, ",");
	}
	strcat(names, "trial,repeat,status,reason,flags,started,");
	assert_int_equal(strncmp(text, names, strlen(names)), 0);
	assert_string_equal(csv_field(text, 1, "switch", field), "veth");
	assert_string_equal(csv_field(text, 1, "rate", field), "max");
	assert_string_equal(csv_field(text, 1, "flags", field), "oversubscribed clock");
	assert_string_equal(csv_field(text, 1, "rx_forwarded_pps", field), "412345.6");
	assert_string_equal(csv_field(text, 1, "rx_loss_ratio", field), "0.0123");
	assert_string_equal(csv_field(text, 1, "one_way_p50_ns", field), "12340");
	assert_string_equal(csv_field(text, 1, "one_way_p99_9_ns", field), "913400");
	assert_string_equal(csv_field(text, 1, "round_trip_p50_ns", field), "");
	assert_string_equal(csv_field(text, 1, "tx_intended_pps", field), "");
	assert_string_equal(csv_field(text, 1, "cpu_machine_busy", field), "1.5");
	assert_string_equal(csv_field(text, 1, "cpu_endpoints_busy", field), "1.65");
	assert_string_equal(csv_field(text, 2, "rate", field), "150000");
	assert_string_equal(csv_field(text, 2, "tx_intended_pps", field), "150000");
	assert_string_equal(csv_field(text, 2, "round_trip_p50_ns", field), "12340");
	assert_string_equal(csv_field(text, 2, "one_way_p50_ns", field), "");
	assert_string_equal(csv_field(text, 3, "reason", field), "he said \"no\", and  died ");
	assert_string_equal(csv_field(text, 3, "rx_packets", field), "");
	assert_string_equal(csv_field(text, 4, "reason", field), "'=cmd()");
	expect("\"he said \"\"no\"\", and  died \"");
}

static void writes_json_that_reads_back(void **state)
{
	json_t *json;
	size_t size;
	FILE *out;

	add(measured("veth", "\033[2J", 400e3));
	add(measured("veth", "raw", 500e3));
	view.run = sample_run("x", "done", json_incref(tests));
	out = open_memstream(&text, &size);
	assert_int_equal(report_json(out, &view, &err), 0);
	fclose(out);
	expect_not("\033");
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_true(json_equal(json_object_get(json, "run"), view.run));
	assert_int_equal(json_array_size(json_object_get(json, "trials")), 2);
	assert_string_equal(json_string_value(json_object_get(json_object_get(json_array_get(
			    json_object_get(json, "trials"), 0), "test"), "io")), "\033[2J");
	json_decref(json);
}

static void tells_of_a_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	assert_non_null(full);
	add(measured("veth", "udp", 400e3));
	view.run = sample_run("x", "done", json_incref(tests));
	assert_int_equal(report_table(full, &view, "x", &options, &err), -ENOSPC);
	assert_non_null(strstr(err.cause, "cannot write the report"));
	fclose(full);
	full = fopen("/dev/full", "w");
	assert_int_equal(report_csv(full, &view, &err), -ENOSPC);
	fclose(full);
	full = fopen("/dev/full", "w");
	assert_int_equal(report_json(full, &view, &err), -ENOSPC);
	fclose(full);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(says_what_was_compared),
		TEST(doubts_what_was_disturbed),
		TEST(keeps_latency_apart),
		TEST(gives_median_and_range_of_repeats),
		TEST(later_trial_replaces_the_earlier),
		TEST(explains_flags_once),
		TEST(gathers_equal_failures),
		TEST(says_that_there_is_nothing),
		TEST(tells_how_to_go_on),
		TEST(puts_rows_in_the_order_of_the_suite),
		TEST(tames_hostile_texts),
		TEST(stays_within_ascii_where_asked),
		TEST(colours_terminals_alone),
		TEST(carried_means_offered_and_arrived),
		TEST(leaves_columns_out_for_width),
		TEST(prints_a_dash_for_what_is_not_known),
		TEST(formats_figures),
		TEST(writes_csv),
		TEST(writes_json_that_reads_back),
		TEST(tells_of_a_full_disk),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
