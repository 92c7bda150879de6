/* SPDX-License-Identifier: Apache-2.0 */
/* Exports for HdrHistogram. What is expected of bytes and text comes from its Java implementation, 2.1.11. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "control/message.h"
#include "report/export/hdr.h"
#include "report_bench.h"

static struct histogram sample_values(void)
{
	static const struct { uint64_t value; unsigned times; } samples[] = {
		{ 40, 1 }, { 1000, 3 }, { 5000000, 300 }, { 9999999, 1 },
	};
	struct histogram h;

	histogram_reset(&h);
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		for (unsigned n = 0; n < samples[i].times; n++)
			histogram_record(&h, samples[i].value);
	return h;
}

static void knows_its_buckets(void **state)
{
	static const uint64_t known[][3] = {
		{ 0, 0, 0 }, { 63, 63, 63 }, { 1023, 1023, 1023 }, { 1024, 1024, 1024 }, { 2047, 2047, 2047 },
		{ 2048, 2048, 2049 }, { 2049, 2048, 2049 }, { 4095, 4094, 4095 }, { 4096, 4096, 4099 },
		{ 10007, 10000, 10007 }, { 123456, 123456, 123519 }, { 1000000, 999936, 1000447 },
		{ 8388607, 8384512, 8388607 }, { 8388608, 8388608, 8396799 },
		{ 68719476735, 68685922304, 68719476735 }, { 68719476736, 68719476736, 68786585599 },
		{ 3600000000000, 3599182594048, 3601330077695 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		assert_int_equal(hdr_bucket_low(hdr_index(known[i][0])), known[i][1]);
		assert_int_equal(hdr_bucket_high(hdr_index(known[i][0])), known[i][2]);
	}
	assert_true(hdr_bucket_high(hdr_index(INT64_MAX)) == INT64_MAX);
}

static size_t base64_decode(const char *from, unsigned char *to)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char *start = to;
	uint32_t bits = 0;
	int have = 0;

	for (; *from && *from != '='; from++) {
		assert_non_null(strchr(digits, *from));
		bits = bits << 6 | (uint32_t)(strchr(digits, *from) - digits);
		have += 6;
		if (have >= 8)
			*to++ = (unsigned char)(bits >> (have -= 8));
	}
	return (size_t)(to - start);
}

/* Plain form of what stands in a log: as hexadecimal digits. */
static void decode(const char *encoded, char *hex, size_t size)
{
	unsigned char packed[4096], plain[4096];
	uLongf length = sizeof(plain);
	size_t n;

	assert_true(strlen(encoded) < sizeof(packed) && strlen(encoded) % 4 == 0);
	n = base64_decode(encoded, packed);
	assert_memory_equal(packed, "\x1c\x84\x93\x14", 4);
	assert_int_equal((size_t)packed[6] << 8 | packed[7], n - 8);
	assert_int_equal(uncompress(plain, &length, packed + 8, n - 8), Z_OK);
	assert_true(2 * length < size);
	for (size_t i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", plain[i]);
}

static void encodes_as_hdrhistogram_does(void **state)
{
	struct histogram h = sample_values();
	char hex[8192], *encoded;
	struct hdr hdr;

	hdr_make(&hdr, &h);
	encoded = hdr_encode(&hdr);
	decode(encoded, hex, sizeof(hex));
	assert_string_equal(hex, "1c8493130000000d000000000000000300000000000000010000034630b8a000"
				 "3ff00000000000004f02830f06b5c301d804f70f02");
	free(encoded);
}

/* One, two of a bucket, and beyond what either has buckets for: nothing is lost, nothing is made up. */
static void keeps_count_min_and_max(void **state)
{
	static const uint64_t cases[][4] = {
		{ 1, 7 }, { 2, 5000000, 5000000 }, { 2, 5000000, 5000001 }, { 3, 5000000, 5000001, 5040000 },
		{ 3, 0, 0, INT64_MAX }, { 2, 3, HISTOGRAM_MAX + 1 }, { 3, 8388608, 8388608, 8388608 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct histogram h;
		struct hdr hdr;
		uint64_t count = 0;

		histogram_reset(&h);
		for (uint64_t n = 1; n <= cases[i][0]; n++)
			histogram_record(&h, cases[i][n]);
		hdr_make(&hdr, &h);
		for (size_t b = 0; b < hdr.used; b++) {
			assert_true(!b || hdr.bucket[b - 1].index < hdr.bucket[b].index);
			count += hdr.bucket[b].count;
		}
		assert_int_equal(count, cases[i][0]);
		assert_int_equal(hdr.count, cases[i][0]);
		assert_int_equal(hdr.bucket[0].index, hdr_index(h.min));
		assert_int_equal(hdr.bucket[hdr.used - 1].index, hdr_index(h.max));
		assert_true(hdr.trackable >= h.max);
	}
}

static void prints_as_hdrhistogram_does(void **state)
{
	struct histogram h = sample_values();
	struct hdr hdr;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	hdr_make(&hdr, &h);
	hdr_print(out, &hdr);
	fclose(out);
	assert_memory_equal(text, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
				  "       0.040 0.000000000000          1           1.00\n"
				  "    5013.503 0.100000000000        304           1.11\n", 164);
	expect("\n    5013.503 0.996093750000        304         256.00\n"
	       "    5013.503 0.996484375000        304         284.44\n"
	       "   10002.431 0.996875000000        305         320.00\n"
	       "   10002.431 1.000000000000        305\n"
	       "#[Mean    =     4962.092, StdDeviation   =      639.041]\n"
	       "#[Max     =    10002.431, Total count    =          305]\n"
	       "#[Buckets =           32, SubBuckets     =         2048]\n");
}

/* ---- of a record ----------------------------------------------------------------------------------------- */

static struct error err;
static char folder[256], path[512];

static void add_measured(const char *sw, const char *io, int repeat, const char *started)
{
	struct histogram h = sample_values();
	struct sample s = base;
	json_t *trial, *latency;

	s.switch_name = sw;
	s.io = io;
	s.repeat = repeat;
	s.repeats = 2;
	trial = sample_trial(&s, NULL);
	latency = json_object_get(json_object_get(trial, "latency"), "one_way_ns");
	json_object_set_new(latency, "histogram", control_histogram_encode(&h));
	json_object_set_new(trial, "started", json_string(started));
	add(trial);
}

static void damage(json_t *trial)
{
	json_t *latency = json_object_get(json_object_get(trial, "latency"), "one_way_ns");

	json_object_set_new(json_object_get(latency, "histogram"), "count", json_integer(-1));
}

static const char *write_log(void)
{
	if (!view.run)
		view.run = sample_run("x", "done", json_incref(tests));
	return report_text(report_hdr_log);
}

static size_t lines_with(const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

static void logs_each_trial(void **state)
{
	add_measured("veth", "udp", 1, "2026-11-21T20:35:20.250Z");
	add_measured("veth", "raw", 1, "2026-11-21T20:35:29Z");
	add_measured("veth", "udp", 2, "2026-11-21T20:36:19.5Z");
	add_measured("veth", "raw", 2, "yesterday");
	add_measured("veth", "raw", 2, "2026-11-21T20:35:00Z"); /* once more: only this one counts */
	add(sample_without_figures(&base, "failed", "x", "y"));
	write_log();
	expect("#[Histogram log format version 1.3]\n");
	expect("#[BaseTime: 1795293319.000 (seconds since epoch)]\n"
	       "#[StartTime: 1795293319.000 (seconds since epoch), 2026-11-21T20:35:19Z]\n"
	       "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
	       "Tag=io-udp,1.250,2.000,10.000,HISTFAAAA");
	expect("\nTag=io-raw,10.000,2.000,10.000,HISTFAAAA");
	expect("\nTag=io-udp,60.500,2.000,10.000,HISTFAAAA");
	expect("\nTag=io-raw,0.000,2.000,10.000,HISTFAAAA");
	assert_int_equal(lines_with("\nTag="), 4);
	expect_not("left out");
}

static void logs_without_any_time(void **state)
{
	add_measured("veth", "udp", 1, "2026-11-21 20:35:20");
	json_object_set_new(trials[0], "duration_s", json_string("long"));
	view.run = sample_run("x", "done", json_incref(tests));
	json_object_del(view.run, "started");
	write_log();
	expect_not("StartTime:");
	expect("\nTag=switch-veth_io-udp,0.000,0.000,10.000,HISTFAAAA");
}

static void leaves_damaged_histograms_out(void **state)
{
	add_measured("veth", "udp", 1, "2026-11-21T20:35:20Z");
	add_measured("veth", "udp", 2, "2026-11-21T20:35:20Z");
	add_measured("veth", "raw", 1, "2026-11-21T20:35:20Z");
	damage(trials[1]);
	json_object_set_new(json_object_get(trials[2], "latency"), "one_way_ns", json_string("fast"));
	write_log();
	assert_int_equal(lines_with("\nTag="), 1);
	expect("#[left out: 1 trial, whose histogram is damaged]\n");
}

/* Tags and file names are what they may be, and tell tests apart, whatever these are called. */
static void names_are_safe_and_unique(void **state)
{
	static const char *const names[] = { "a,b", "a b", "a-b", "../../a", "\xd0\xb8\xd1\x81", "a\nb", "", "a.b" };
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t seen = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_measured(names[i], "udp", 1, "2026-11-21T20:35:20Z");
	write_log();
	for (const char *tag = text; (tag = strstr(tag, "\nTag=")); seen++) {
		char whole[300] = "";
		size_t length;

		tag += strlen("\nTag=");
		length = strspn(tag, allowed);
		assert_int_equal(tag[length], ',');
		assert_in_range(length, 1, 200);
		snprintf(whole, sizeof(whole), "\nTag=%.*s,", (int)length, tag);
		assert_int_equal(lines_with(whole), 1);
	}
	assert_int_equal(seen, sizeof(names) / sizeof(*names));
	expect("\nTag=switch-a-b,");
	expect("\nTag=switch-a-b.2,");
	expect("\nTag=switch-a-b.3,");
}

static const char *file_of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int folder_setup(void **state)
{
	snprintf(folder, sizeof(folder), "%s", sample_directory());
	return setup(state);
}

static int folder_teardown(void **state)
{
	sample_remove(folder);
	return teardown(state);
}

static void file_read(const char *name)
{
	FILE *file = fopen(file_of(name), "r");
	size_t size = 0;

	assert_non_null(file);
	free(text);
	text = NULL;
	assert_true(getdelim(&text, &size, 0, file) >= 0);
	fclose(file);
}

static void writes_a_file_each_test(void **state)
{
	static const char *const parts[] = { "min", "max", "mean" };
	FILE *other = fopen(file_of("mine"), "w");
	struct stat st;

	assert_true(other && fputs("stays", other) >= 0 && !fclose(other));
	add_measured("veth", "udp", 1, "2026-11-21T20:35:20Z");
	add_measured("veth", "raw", 1, "2026-11-21T20:35:20Z");
	add_measured("veth", "udp", 2, "2026-11-21T20:35:20Z");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(report_hgrm(folder, &view, &err), 0);
		file_read("io-udp.hgrm");
		expect("Total count    =          610]\n");
		file_read("io-raw.hgrm");
		expect("Total count    =          305]\n");
	}
	file_read("mine");
	assert_string_equal(text, "stays");
	for (int i = 0; i < 3; i += 2) { /* more than all packets that were ever sent: of these repeats one counts */
		json_t *latency = json_object_get(json_object_get(trials[i], "latency"), "one_way_ns");
		json_t *histogram = json_object_get(latency, "histogram");

		json_object_set_new(histogram, "count", json_integer(INT64_MAX));
		for (int part = 0; part < 3; part++)
			json_object_set_new(histogram, parts[part], json_integer(7));
		json_object_set_new(histogram, "buckets", json_pack("[[I, I, I]]", (json_int_t)7, (json_int_t)7,
								    (json_int_t)INT64_MAX));
	}
	assert_int_equal(report_hgrm(folder, &view, &err), 0);
	file_read("io-udp.hgrm");
	expect("Total count    = 9223372036854775807]\n");
	snprintf(path, sizeof(path), "%s/new", folder);
	assert_int_equal(report_hgrm(path, &view, &err), 0);
	assert_int_equal(stat(file_of("new/io-raw.hgrm"), &st), 0);
}

static void does_not_follow_links(void **state)
{
	FILE *other = fopen(file_of("mine"), "w");

	assert_true(other && fputs("stays", other) >= 0 && !fclose(other));
	add_measured("veth", "udp", 1, "2026-11-21T20:35:20Z");
	assert_int_equal(symlink("mine", file_of("switch-veth_io-udp.hgrm")), 0);
	assert_int_equal(report_hgrm(folder, &view, &err), -ELOOP);
	assert_non_null(strstr(err.cause, "switch-veth_io-udp.hgrm"));
	assert_int_equal(unlink(file_of("switch-veth_io-udp.hgrm")), 0);
	assert_int_equal(mkfifo(file_of("switch-veth_io-udp.hgrm"), 0600), 0);
	assert_true(report_hgrm(folder, &view, &err) < 0);
	file_read("mine");
	assert_string_equal(text, "stays");
	assert_int_equal(report_hgrm(file_of("mine"), &view, &err), -ENOTDIR);
}

static void tells_that_there_is_nothing(void **state)
{
	add(sample_without_figures(&base, "failed", "x", "y"));
	assert_int_equal(report_hgrm(folder, &view, &err), -ENODATA);
	add_measured("veth", "udp", 1, "2026-11-21T20:35:20Z");
	damage(trials[1]);
	assert_int_equal(report_hgrm(folder, &view, &err), -EPROTO);
	assert_non_null(strstr(err.cause, "1 trial is left out"));
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(knows_its_buckets),
		cmocka_unit_test(encodes_as_hdrhistogram_does),
		cmocka_unit_test(keeps_count_min_and_max),
		TEST(prints_as_hdrhistogram_does),
		TEST(logs_each_trial),
		TEST(logs_without_any_time),
		TEST(leaves_damaged_histograms_out),
		TEST(names_are_safe_and_unique),
		cmocka_unit_test_setup_teardown(writes_a_file_each_test, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(does_not_follow_links, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(tells_that_there_is_nothing, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
