/* SPDX-License-Identifier: Apache-2.0 */
/* How reports are written: made safe, in which form and unit; CSV and JSON. */
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
#include "report_bench.h"
#include "suite/parameter.h"

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
	struct error err = { 0 };
	size_t size;
	FILE *out;

	add(sample_trial(&s, "oversubscribed"));
	json_array_append_new(json_object_get(trials[0], "flags"), json_string("clock"));
	s.dimension = "latency";
	s.rate = 150e3;
	s.switch_busy = 0.75;
	add(sample_trial(&s, NULL));
	add(sample_without_figures(&s, "failed", "he said \"no\", and\r\ndied\033\xe2\x80\xaeok\xc2\x9b", ""));
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
	assert_string_equal(csv_field(text, 1, "cpu_switch_busy", field), "");
	assert_string_equal(csv_field(text, 2, "cpu_switch_busy", field), "0.75");
	assert_string_equal(csv_field(text, 2, "cpu_switch_total_s", field), "1.5");
	assert_string_equal(csv_field(text, 2, "rate", field), "150000");
	assert_string_equal(csv_field(text, 2, "tx_intended_pps", field), "150000");
	assert_string_equal(csv_field(text, 2, "round_trip_p50_ns", field), "12340");
	assert_string_equal(csv_field(text, 2, "one_way_p50_ns", field), "");
	assert_string_equal(csv_field(text, 3, "reason", field), "he said \"no\", and  died  ok ");
	assert_string_equal(csv_field(text, 3, "rx_packets", field), "");
	assert_string_equal(csv_field(text, 4, "reason", field), "'=cmd()");
	expect("\"he said \"\"no\"\", and  died  ok \"");
}

/* What an older lanebench had no parameter for has its default, and what it did not measure is empty. */
static void csv_completes_an_older_record(void **state)
{
	json_t *trial = sample_trial(&base, NULL);
	struct error err = { 0 };
	char field[256];
	size_t size;
	FILE *out;

	json_object_del(json_object_get(trial, "test"), "ring");
	json_object_del(json_object_get(trial, "test"), "drain");
	json_object_del(json_object_get(trial, "test"), "hugepages");
	json_object_del(json_object_get(trial, "cpu"), "switch");
	add(trial);
	out = open_memstream(&text, &size);
	assert_int_equal(report_csv(out, &view, &err), 0);
	fclose(out);
	assert_string_equal(csv_field(text, 1, "ring", field), "1024");
	assert_string_equal(csv_field(text, 1, "drain", field), "0.1");
	assert_string_equal(csv_field(text, 1, "hugepages", field), "auto");
	assert_string_equal(csv_field(text, 1, "cpu_switch_busy", field), "");
}

static void writes_json_that_reads_back(void **state)
{
	struct error err = { 0 };
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

static char *json_of(int (*read)(struct record_view *view, const char *directory, struct error *err), const char *path)
{
	struct record_view its;
	struct error err = { 0 };
	char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);

	assert_int_equal(read(&its, path, &err), 0);
	assert_int_equal(report_json(out, &its, &err), 0);
	fclose(out);
	record_view_free(&its);
	return json;
}

/* Trial by trial or all at once: the same bytes. */
static void streams_the_same_json(void **state)
{
	const char *directory = sample_directory();
	json_t *run = sample_run("x", "done", json_incref(tests)), *trial = sample_trial(&base, NULL);
	struct record *record;
	struct error err = { 0 };
	char *whole, *streamed;

	/* A trial at a share of what was found for each of its two pairs: a figure that needs their number. */
	json_object_set_new(trial, "load", json_pack("{s:f, s:f, s:n}", "reference_pps", 1e6, "share", 0.5, "of"));
	json_array_append_new(json_object_get(trial, "pairs"), json_pack("{s:i}", "pair", 1));
	assert_int_equal(record_create(&record, directory, run, &err), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(record_append(record, trial, &err), 0);
	record_close(record);
	whole = json_of(record_read, directory);
	streamed = json_of(record_read_figures, directory);
	assert_string_equal(whole, streamed);
	assert_non_null(strstr(whole, "\"reference_pps\":{\"n\":1,\"median\":2000000.0,"));
	free(whole);
	free(streamed);
	json_decref(trial);
	json_decref(run);
	sample_remove(directory);
}

static void tells_of_a_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct error err = { 0 };

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

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(tames_hostile_texts),
		TEST(stays_within_ascii_where_asked),
		TEST(colours_terminals_alone),
		TEST(formats_figures),
		TEST(writes_csv),
		TEST(csv_completes_an_older_record),
		TEST(writes_json_that_reads_back),
		TEST(streams_the_same_json),
		TEST(tells_of_a_full_disk),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
