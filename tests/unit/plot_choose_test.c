/* SPDX-License-Identifier: Apache-2.0 */
/* Which plots follow from what varied, and what is in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "control/message.h"
#include "measure/histogram.h"
#include "report/plot/plot.h"
#include "report_bench.h"

static struct digest digest;
static struct plots plots;

static void choose(void)
{
	struct error err = { 0 };

	assert_int_equal(digest_make(&digest, &view, &err), 0);
	assert_int_equal(plots_choose(&plots, &digest, &view, &err), 0);
}

static int plots_teardown(void **state)
{
	plots_free(&plots);
	digest_free(&digest);
	return teardown(state);
}

static const struct plot *plot_named(const char *name)
{
	for (size_t i = 0; i < plots.count; i++)
		if (!strcmp(plots.plot[i].name, name))
			return &plots.plot[i];
	print_error("no plot %s among:\n", name);
	for (size_t i = 0; i < plots.count; i++)
		print_error("  %s\n", plots.plot[i].name);
	fail();
	return NULL;
}

static void no_plot_named(const char *part)
{
	for (size_t i = 0; i < plots.count; i++)
		assert_null(strstr(plots.plot[i].name, part));
}

static const struct plot_series *series_named(const struct plot *plot, const char *label)
{
	for (size_t i = 0; i < plot->count; i++)
		if (!strcmp(plot->series[i].label, label))
			return &plot->series[i];
	print_error("no series '%s' in %s\n", label, plot->name);
	fail();
	return NULL;
}

static void expect_point(const struct plot_series *series, size_t i, double x, double y)
{
	assert_in_range(i, 0, series->count - 1);
	assert_true(fabs(series->points[i].x - x) < 1e-9 * fmax(1, fabs(x)));
	assert_true(fabs(series->points[i].y - y) < 1e-9 * fmax(1, fabs(y)));
}

static void expect_in(const char *whole, const char *part)
{
	if (!strstr(whole, part)) {
		print_error("'%s' is not in '%s'\n", part, whole);
		fail();
	}
}

/* A trial whose test has another value of a parameter. */
static json_t *with(json_t *trial, const char *parameter, json_t *value)
{
	json_object_set_new(json_object_get(trial, "test"), parameter, value);
	return trial;
}

static json_t *sized(const char *sw, const char *io, int size, double pps)
{
	struct sample s = base;

	s.switch_name = sw;
	s.io = io;
	s.size = size;
	s.forwarded_pps = pps;
	return sample_trial(&s, NULL);
}

static json_t *paced(const char *sw, double rate, double pps)
{
	struct sample s = base;

	s.switch_name = sw;
	s.rate = rate;
	s.forwarded_pps = pps;
	return sample_trial(&s, NULL);
}

static json_t *round_trip(const char *sw, int burst, double p50_us, double p99_us)
{
	struct sample s = base;

	s.switch_name = sw;
	s.dimension = "latency";
	s.rate = 1000;
	s.p50_us = p50_us;
	s.p99_us = p99_us;
	return with(sample_trial(&s, NULL), "burst", json_integer(burst));
}

static void test_size(void **state)
{
	const struct plot *plot;

	for (int size = 64; size <= 1024; size *= 4) {
		add(sized("veth", "udp", size, 2e6 - size));
		add(sized("linux-bridge", "udp", size, 1e6 - size));
	}
	choose();
	plot = plot_named("forwarded-by-size");
	assert_int_equal(plot->topic, TOPIC_SIZE);
	assert_int_equal(plot->form, PLOT_LINES);
	assert_true(plot->x.log);
	assert_true(plot->x.ticks);
	assert_true(plot->y.from_zero);
	assert_false(plot->y.log);
	assert_string_equal(plot->x.label, "packet size (bytes)");
	assert_string_equal(plot->y.label, "forwarded rate (Mpps)");
	assert_int_equal(plot->count, 2);
	assert_int_equal(series_named(plot, "veth")->count, 3);
	expect_point(series_named(plot, "veth"), 0, 64, 1.999936);
	expect_point(series_named(plot, "linux-bridge"), 2, 1024, 0.998976);
	assert_true(isnan(plot->series[0].points[0].low));
	expect_in(plot->summary,
		  "veth: 2.00 Mpps at 64 bytes to 2.00 Mpps at 1024 bytes; linux-bridge: 1.000 Mpps");
	expect_in(plot->caption, "All: runtime lxc, 1vs1, io udp, rate max, burst 32");
	expect_in(plot->caption, "Higher is better.");
	plot = plot_named("bits-by-size");
	expect_point(series_named(plot, "veth"), 0, 64, 1.999936 * 512 / 1000);
	assert_string_equal(plot->y.label, "forwarded bits of frames (Gbps)");
}

/* A mix has no place on an axis of sizes, whatever its largest is; bars have it, in bits that were measured. */
static void test_mixes_are_bars(void **state)
{
	const struct plot *plot;

	for (int size = 64; size <= 1024; size *= 4) {
		add(sized("veth", "udp", size, 2e6));
		add(sized("linux-bridge", "udp", size, 1e6));
	}
	add(with(sized("veth", "udp", 64, 1e6), "size", json_string("imix")));
	add(with(sized("linux-bridge", "udp", 64, 5e5), "size", json_string("imix")));
	choose();
	plot = plot_named("forwarded-by-size");
	assert_int_equal(plot->form, PLOT_LINES);
	assert_int_equal(series_named(plot, "veth")->count, 3);
	expect_point(series_named(plot, "veth"), 2, 1024, 2);
	for (size_t i = 0; i < plots.count; i++)
		if (plots.plot[i].form == PLOT_BARS && plots.plot[i].topic == TOPIC_SIZE)
			plot = &plots.plot[i];
	assert_int_equal(plot->form, PLOT_BARS);
	assert_int_equal(plot->categories, 4);
	assert_string_equal(plot->category[3], "imix");
	assert_int_equal(series_named(plot, "linux-bridge")->count, 4);
}

static json_t *chained(const char *sw, int hops, double rate, double pps)
{
	json_t *trial = with(with(paced(sw, rate, pps), "topology", json_string("chain")), "hops", json_integer(hops));
	json_t *list = json_array();

	for (int i = 1; i <= hops; i++)
		json_array_append_new(list, json_pack("{s:i, s:i, s:f}", "hop", i, "in", 1000, "packet_ns", 100.0 * i));
	json_object_set_new(trial, "hops", list);
	return trial;
}

/*
 * Rate and processor time against hops where the sender does what it can, one-way latency at the rate that all carry;
 * round trips; a pair is no chain of one hop.
 */
static void test_hops(void **state)
{
	const struct plot *plot;

	for (int hops = 1; hops <= 8; hops *= 2) {
		add(chained("veth", hops, 0, 8e5 / hops));
		add(chained("linux-bridge", hops, 0, 4e5 / hops));
		add(chained("veth", hops, 10000, 10000));
		add(chained("linux-bridge", hops, 10000, 10000));
		add(with(with(round_trip("veth", 1, 10 * hops, 20 * hops), "topology", json_string("chain")), "hops",
			 json_integer(hops)));
	}
	add(sized("veth", "udp", 64, 2e6));
	choose();
	plot = plot_named("forwarded-by-hops");
	assert_int_equal(plot->topic, TOPIC_SCALE);
	assert_string_equal(plot->x.label, "forwarders of the chain");
	assert_int_equal(plot->count, 2);
	assert_int_equal(series_named(plot, "veth")->count, 4);
	expect_point(series_named(plot, "veth"), 0, 1, 800);
	expect_point(series_named(plot, "veth"), 3, 8, 100);
	assert_false(plot->y.log); /* 50 to 800: less than a factor of 20 */
	plot = plot_named("one-way-by-hops");
	assert_string_equal(plot->y.label, "one-way latency (us)");
	assert_int_equal(series_named(plot, "linux-bridge")->count, 4);
	expect_in(plot->caption, "rate 10k");
	expect_in(plot->caption, "bars reach up to p99");
	plot = plot_named("hop-cost-by-hops");
	assert_int_equal(plot->topic, TOPIC_COST);
	expect_point(series_named(plot, "veth"), 0, 1, 100);
	expect_point(series_named(plot, "veth"), 3, 8, 450);
	expect_point(&plot_named("round-trip-by-hops")->series[0], 3, 8, 80);
	no_plot_named("forwarded-by-hops-rate");
	no_plot_named("busy-by-hops");
}

/* The senders of a fan-in are in no pair. */
static void test_senders(void **state)
{
	for (int n = 1; n <= 4; n *= 2) {
		char set[16];

		snprintf(set, sizeof(set), "%dvs1", n);
		add(with(with(sized("veth", "udp", 64, 1e6), "topology", json_string("fan-in")), "containers",
			 json_string(set)));
	}
	choose();
	assert_string_equal(plot_named("forwarded-by-pairs")->x.label, "senders");
	expect_in(plot_named("forwarded-by-pairs")->caption, "All senders together");
}

static void test_two_sizes_are_bars(void **state)
{
	const struct plot *plot;

	for (int size = 64; size <= 1500; size += 1436) {
		add(sized("veth", "udp", size, 2e6));
		add(sized("linux-bridge", "udp", size, 1e6));
	}
	choose();
	no_plot_named("forwarded-by-size");
	plot = plot_named("bits-by-size"); /* in bits they compare, a tenfold apart and more: no bars */
	assert_int_equal(plot->form, PLOT_BARS);
	assert_true(plot->y.log);
	assert_string_equal(plot->category[1], "1500");
	expect_in(plot->caption, "Points: single trials");
	plot = plot_named("forwarded-by-switch-1500-byte-frames");
	assert_false(plot->y.log);
	assert_int_equal(plot->categories, 2);
	assert_int_equal(plot->count, 1);
	assert_string_equal(plot->series[0].label, "");
}

static void test_rate(void **state)
{
	const struct plot *plot;
	const struct plot_series *guide;

	for (double rate = 1e5; rate < 5e6; rate *= 2)
		add(with(paced("veth", rate, fmin(rate * 2, 1.5e6)), "containers", json_string("2vs2")));
	choose();
	plot = plot_named("forwarded-by-rate");
	assert_int_equal(plot->topic, TOPIC_RATE);
	assert_true(plot->x.log);
	assert_true(plot->y.log);
	expect_point(&plot->series[0], 0, 0.2, 0.2); /* of both senders */
	expect_point(&plot->series[0], 5, 6.4, 1.5);
	guide = series_named(plot, "nothing lost");
	assert_int_equal(guide->kind, SERIES_GUIDE);
	expect_point(guide, 0, 0.2, 0.2);
	expect_point(guide, 1, 6.4, 6.4);
	no_plot_named("loss");
}

static void test_rate_of_few_is_linear(void **state)
{
	const struct plot *plot;

	for (int i = 1; i <= 4; i++)
		add(paced("veth", 1e5 * i, 1e5 * i));
	choose();
	plot = plot_named("forwarded-by-rate");
	assert_false(plot->x.log);
	assert_true(plot->x.from_zero);
	expect_point(series_named(plot, "nothing lost"), 0, 0, 0);
}

/* A step of a sweep in percent: what it is called is not what it was. */
static void add_point(double share, double pps, double loss)
{
	json_t *trial = paced("veth", pps, pps * (1 - loss));

	with(trial, "rate", json_string("50%..100% step 50%"));
	json_object_set_new(trial, "kind", json_string("step"));
	json_object_set_new(trial, "load", json_pack("{s:s, s:f, s:f}", "purpose", "measure", "share", share,
						     "rate_pps", pps));
	json_object_set_new(json_object_get(trial, "rx"), "loss_ratio", json_real(loss));
	add(trial);
}

static void test_sweep(void **state)
{
	const struct plot *plot;

	add_point(0.5, 5e5, 0);
	add_point(1, 1e6, 0.25);
	choose();
	plot = plot_named("forwarded-by-rate");
	expect_point(&plot->series[0], 0, 0.5, 0.5);
	expect_point(&plot->series[0], 1, 1, 0.75);
	plot = plot_named("loss-by-rate");
	expect_point(&plot->series[0], 1, 1, 25);
	assert_string_equal(plot->y.label, "packet loss (%)");
	no_plot_named("cdf"); /* that a point has a latency makes it no test */
}

static void test_pairs(void **state)
{
	for (int n = 1; n <= 4; n *= 2) {
		char set[16];

		snprintf(set, sizeof(set), "%dvs%d", n, n);
		add(with(measured("veth", "udp", 4e5 * n), "containers", json_string(set)));
	}
	choose();
	assert_int_equal(plot_named("forwarded-by-pairs")->topic, TOPIC_SCALE);
	expect_point(&plot_named("forwarded-by-pairs")->series[0], 2, 4, 1.6);
	assert_int_equal(plot_named("busy-by-pairs")->topic, TOPIC_COST);
	assert_string_equal(plot_named("busy-by-pairs")->y.label, "processors busy");
	/* many pairs and few in one plot, in that order */
	assert_true(plot_named("busy-by-throughput")->joined);
	assert_int_equal(plot_named("busy-by-throughput")->series[0].count, 3);
	expect_point(&plot_named("busy-by-throughput")->series[0], 0, 0.4,
		     plot_named("busy-by-throughput")->series[0].points[0].y);
	no_plot_named("busy-switch"); /* no paper has it for this run */
}

/* Figure 6 and section 4.6 of Ara et al.: 3, 5, 9 processors, one for each endpoint and one for the switch. */
static void test_published_processors(void **state)
{
	static const double published[] = { 3, 5, 9 };
	const struct plot *plot;

	view.run = json_pack("{s:s}", "name", "paper-figure4ef");
	for (int n = 4; n >= 1; n /= 2) {
		char set[16];

		snprintf(set, sizeof(set), "%dvs%d", n, n);
		add(with(with(measured("ovs", "dpdk", 4e5 * n), "containers", json_string(set)), "runtime",
			 json_string("lxc")));
	}
	choose();
	plot = plot_named("processes-by-pairs");
	assert_int_equal(plot->count, 2);
	assert_int_equal(plot->series[1].kind, SERIES_PUBLISHED);
	assert_int_equal(plot->series[1].count, 3);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++)
			if (plot->series[1].points[i].x == (double)(1 << k))
				expect_point(&plot->series[1], i, (double)(1 << k), published[k]);
	expect_point(&plot_named("busy-by-throughput")->series[0], 0, 0.4,
		     plot_named("busy-by-throughput")->series[0].points[0].y); /* few pairs first */
	plot = plot_named("processes-by-throughput"); /* the figure itself */
	assert_int_equal(plot->form, PLOT_SCATTER);
	assert_true(plot->joined);
	assert_int_equal(plot->series[0].count, 3);
	expect_point(&plot->series[0], 2, 1.6, plot_named("processes-by-pairs")->series[0].points[2].y);
	assert_non_null(strstr(plot->caption, "the processes alone"));
}

static void test_round_trip(void **state)
{
	const struct plot *plot;

	for (int burst = 1; burst <= 64; burst *= 8)
		add(round_trip("veth", burst, 10 * burst, 30 * burst));
	choose();
	plot = plot_named("round-trip-by-burst");
	assert_int_equal(plot->topic, TOPIC_ROUND_TRIP);
	assert_true(plot->y.log);
	expect_point(&plot->series[0], 1, 8, 80);
	assert_true(fabs(plot->series[0].points[1].low - 80) < 1e-9);
	assert_true(fabs(plot->series[0].points[1].high - 240) < 1e-9);
	expect_in(plot->caption, "bars reach up to p99");
	expect_in(plot->caption, "Lower is better.");
	plot = plot_named("round-trip-mean-by-burst"); /* what Figure 5 of Ara et al. draws */
	assert_string_equal(plot->y.label, "round trip, mean (us)");
	assert_int_equal(plot->series[0].count, 3);
}

/* Kernel and user space in one plot: on an axis from zero the kernel's bars would be strokes. */
static void test_bars_far_apart(void **state)
{
	const struct plot *plot;

	add(measured("veth", "udp", 9e5));
	add(measured("memif", "dpdk", 17e6));
	choose();
	plot = plot_named("forwarded-by-switch");
	assert_true(plot->y.log);
	assert_false(plot->y.from_zero);
	expect_in(plot->caption, "Points: single trials");
	expect_in(plot->caption, "the axis is logarithmic");
}

static void test_bars(void **state)
{
	const struct plot *plot;

	add(measured("veth", "udp", 4e5));
	add(measured("veth", "raw", 5e5));
	add(measured("linux-bridge", "udp", 3e5));
	choose();
	plot = plot_named("forwarded-by-switch");
	assert_int_equal(plot->topic, TOPIC_COMPARE);
	assert_int_equal(plot->form, PLOT_BARS);
	assert_int_equal(plot->categories, 2);
	assert_string_equal(plot->category[1], "linux-bridge");
	expect_point(series_named(plot, "udp"), 1, 1, 300);
	assert_int_equal(series_named(plot, "raw")->count, 1);
	expect_in(plot->summary,
		  "udp: from 300 kpps (linux-bridge) to 400 kpps (veth); raw: 500 kpps (veth).");
}

static void test_bars_of_io(void **state)
{
	add(measured("veth", "udp", 4e5));
	add(measured("veth", "raw", 5e5));
	choose();
	assert_string_equal(plot_named("forwarded-by-io")->category[1], "raw");
}

static void test_spread(void **state)
{
	const struct plot *plot;

	for (int i = 1; i <= 3; i++) {
		struct sample s = base;

		s.repeats = 3;
		s.repeat = i;
		s.forwarded_pps = 1e5 * i;
		add(sample_trial(&s, NULL));
		s.switch_name = "linux-bridge";
		add(sample_trial(&s, NULL));
	}
	choose();
	plot = plot_named("forwarded-by-switch");
	expect_point(&plot->series[0], 0, 0, 200);
	assert_true(fabs(plot->series[0].points[0].low - 100) < 1e-9);
	assert_true(fabs(plot->series[0].points[0].high - 300) < 1e-9);
	expect_in(plot->caption, "Error bars: range of the trials (fewer than 6: no interval).");
}

/* The conclusion of a search, with its bounds. */
static void add_search(const char *sw, double lower, double upper)
{
	struct sample s = base;
	json_t *trial;

	s.switch_name = sw;
	trial = with(sample_without_figures(&s, "ok", "", ""), "rate", json_string("pdr"));
	json_object_set_new(trial, "kind", json_string("search"));
	json_object_set_new(trial, "search",
			    json_pack("{s:i, s:f, s:{s:f, s:f}}", "senders", 1, "forwarded_pps", lower,
				      "goal", "lower_pps", lower, "upper_pps", upper));
	add(trial);
}

static void test_search(void **state)
{
	const struct plot *plot;

	add_search("veth", 5e5, 5.5e5);
	add_search("linux-bridge", 4e5, 4.1e5);
	choose();
	plot = plot_named("forwarded-by-switch");
	expect_point(&plot->series[0], 0, 0, 500);
	assert_true(fabs(plot->series[0].points[0].high - 550) < 1e-9);
	expect_in(plot->caption, "the search's lower and upper bound");
}

static void test_neighbour(void **state)
{
	const struct plot *plot;

	add(with(measured("veth", "udp", 4e5), "neighbour", json_string("none")));
	add(with(with(measured("veth", "udp", 3e5), "neighbour", json_string("cpu")), "neighbour-place",
		 json_string("free")));
	add(with(measured("veth", "udp", 2e5), "neighbour", json_string("cpu")));
	choose();
	plot = plot_named("forwarded-by-neighbour");
	assert_int_equal(plot->topic, TOPIC_INTERFERENCE);
	assert_string_equal(plot->category[0], "none");
	assert_string_equal(plot->category[1], "cpu, free");
	assert_string_equal(plot->category[2], "cpu, pinned");
	expect_in(plot->caption, "none is what the others compare with");
	no_plot_named("by-neighbour-place"); /* the same once more */
}

static void test_quota(void **state)
{
	add(with(measured("ovs", "dpdk", 4e6), "switch-quota", json_real(1)));
	add(with(measured("ovs", "dpdk", 2e6), "switch-quota", json_real(0.5)));
	add(with(measured("ovs", "dpdk", 3e5), "switch-quota", json_real(0.75))); /* in its place, not last */
	choose();
	assert_string_equal(plot_named("forwarded-by-switch-quota")->category[1], "75%");
	assert_string_equal(plot_named("forwarded-by-switch-quota")->category[2], "50%");
	assert_false(plot_named("forwarded-by-switch-quota")->y.log); /* how it falls with the quota is the point */
	expect_point(&plot_named("forwarded-by-switch-quota")->series[0], 1, 2, 2);
}

static void test_cost(void **state)
{
	const char *switches[] = { "veth", "linux-bridge" };
	const struct plot *plot;

	for (int i = 0; i < 4; i++) {
		json_t *trial = paced(switches[i % 2], 1e5 * (1 + i / 2), 1e5 * (1 + i / 2));

		json_object_set_new(json_object_get(trial, "cpu"), "cost",
				    json_pack("{s:f}", "packet_ns", 900.0 + i));
		add(trial);
	}
	choose();
	plot = plot_named("cost-by-throughput");
	assert_int_equal(plot->form, PLOT_SCATTER);
	assert_int_equal(plot->count, 2);
	expect_point(series_named(plot, "linux-bridge"), 1, 200, 903);
	assert_string_equal(plot->y.label, "processor time a packet (ns)");
}

/* Pollers are always busy: nothing to see. */
static void test_flat_is_not_drawn(void **state)
{
	add(measured("testpmd", "dpdk", 4e6));
	add(measured("ovs", "dpdk", 3e6));
	choose();
	no_plot_named("busy");
}

static void add_histogram(json_t *trial, const char *kind, const struct histogram *histogram)
{
	json_object_set_new(json_object_get(json_object_get(trial, "latency"), kind), "histogram",
			    control_histogram_encode(histogram));
}

/* Two trials of 1,000 packets each: 1 to 1000 us, and all of 2000 us. */
static void test_distribution(void **state)
{
	static struct histogram h;
	const struct plot *plot;
	const struct plot_point *last;
	double half = 0;

	for (int i = 0; i < 2; i++) {
		struct sample s = base;
		json_t *trial;

		histogram_reset(&h);
		for (uint64_t us = 1; us <= 1000; us++)
			histogram_record(&h, (i ? 2000 : us) * 1000);
		s.repeats = 2;
		s.repeat = i + 1;
		trial = sample_trial(&s, NULL);
		add_histogram(trial, "one_way_ns", &h);
		add(trial);
	}
	choose();
	plot = plot_named("one-way-cdf");
	assert_int_equal(plot->form, PLOT_STEPS);
	assert_true(plot->x.log);
	assert_int_equal(plot->count, 1);
	assert_in_range(plot->series[0].count, 100, 200);
	for (size_t i = 0; i < plot->series[0].count; i++)
		half = plot->series[0].points[i].y <= 0.5 ? plot->series[0].points[i].x : half;
	assert_true(fabs(half - 1000) < 10);
	last = &plot->series[0].points[plot->series[0].count - 1];
	assert_true(fabs(last->x - 2000) < 1e-9 && fabs(last->y - 1) < 1e-9);
	expect_in(plot->summary, "median 1004 us"); /* the middle of its bucket */
	plot = plot_named("one-way-percentiles");
	assert_true(plot->x.complement);
	last = &plot->series[0].points[plot->series[0].count - 1];
	assert_true(fabs(last->x - (1 - 1.0 / 2000)) < 1e-12 && fabs(last->y - 2000) < 1e-9);
	for (size_t i = 1; i < plot->series[0].count; i++)
		assert_true(plot->series[0].points[i].y >= plot->series[0].points[i - 1].y);
}

static void test_broken_histogram(void **state)
{
	add(measured("veth", "udp", 4e5)); /* the bench's own has no bucket of ours */
	choose();
	assert_int_equal(plots.count, 0);
}

static void test_time(void **state)
{
	struct sample s = base;
	const struct plot *plot;
	json_t *trial = sample_trial(&s, "unstable"), *samples = json_array();

	for (int i = 1; i <= 5; i++)
		json_array_append_new(samples, json_pack("{s:i, s:i, s:i}", "second", i, "tx_packets", 4000,
							 "rx_packets", 1000 * i));
	json_object_set_new(trial, "samples", samples);
	json_object_set_new(trial, "duration_s", json_real(5));
	add(trial);
	choose();
	plot = plot_named("time-unstable");
	assert_int_equal(plot->topic, TOPIC_TIME);
	expect_point(&plot->series[0], 4, 5, 5000);
	assert_true(plot->y.from_zero);
	no_plot_named("fastest"); /* the same trial once more */
}

static void test_many_series(void **state)
{
	static const char *const ios[] = { "udp", "udp-mmsg", "raw" };
	static const char *const switches[] = { "veth", "linux-bridge", "macvlan" };

	for (int i = 0; i < 9; i++)
		for (int size = 64; size <= 1024; size *= 4)
			add(sized(switches[i % 3], ios[i / 3], size, 1e6));
	choose();
	assert_int_equal(plot_named("forwarded-by-size-udp")->count, 3);
	assert_int_equal(plot_named("forwarded-by-size-udp-mmsg")->count, 3);
	series_named(plot_named("forwarded-by-size-raw"), "macvlan");
}

static void test_too_many_switches(void **state)
{
	for (int i = 0; i < 10; i++)
		for (int size = 64; size <= 1024; size *= 4) {
			char name[16];

			snprintf(name, sizeof(name), "switch%d", i);
			add(sized(name, "udp", size, 1e6));
		}
	choose();
	assert_int_equal(plot_named("forwarded-by-size")->count, 8);
	assert_int_equal(plot_named("forwarded-by-size-2")->count, 2);
}

static void test_breadth(void **state)
{
	static const int sizes[] = { 64, 128, 256, 512, 1024, 1280, 1500 };
	bool seen[TOPIC_COUNT] = { false };

	for (size_t i = 0; i < 7; i++)
		for (int burst = 1; burst <= 256; burst *= 4)
			for (int n = 1; n <= 4; n *= 2) {
				char set[16];

				snprintf(set, sizeof(set), "%dvs%d", n, n);
				add(with(with(sized("veth", "udp", sizes[i], 1e6), "burst",
					      json_integer(burst)),
					 "containers", json_string(set)));
			}
	choose();
	assert_in_range(plots.count, 10, PLOTS_MAX);
	for (size_t i = 0; i < plots.count; i++) {
		assert_true(i == 0 || plots.plot[i].topic >= plots.plot[i - 1].topic);
		seen[plots.plot[i].topic] = true;
		assert_int_equal(strspn(plots.plot[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(plots.plot[i].name));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(plots.plot[i].name, plots.plot[k].name);
	}
	assert_true(seen[TOPIC_SIZE] && seen[TOPIC_BURST] && seen[TOPIC_SCALE] && seen[TOPIC_COST]);
	expect_in(plots.left_out, "on Packet size");
}

static void test_nothing(void **state)
{
	struct sample s = base;

	add(sample_without_figures(&s, "failed", "no reason", ""));
	choose();
	assert_int_equal(plots.count, 0);
	assert_string_equal(plots.left_out, "");
}

#define CHOICE(function) cmocka_unit_test_setup_teardown(function, setup, plots_teardown)

int main(void)
{
	const struct CMUnitTest all[] = {
		CHOICE(test_size), CHOICE(test_two_sizes_are_bars), CHOICE(test_mixes_are_bars), CHOICE(test_rate),
		CHOICE(test_hops), CHOICE(test_senders),
		CHOICE(test_rate_of_few_is_linear), CHOICE(test_sweep), CHOICE(test_pairs),
		CHOICE(test_round_trip), CHOICE(test_published_processors),
		CHOICE(test_bars_far_apart), CHOICE(test_flat_is_not_drawn), CHOICE(test_bars),
		CHOICE(test_bars_of_io), CHOICE(test_spread),
		CHOICE(test_search), CHOICE(test_neighbour), CHOICE(test_quota), CHOICE(test_cost),
		CHOICE(test_distribution), CHOICE(test_broken_histogram), CHOICE(test_time),
		CHOICE(test_many_series), CHOICE(test_too_many_switches), CHOICE(test_breadth),
		CHOICE(test_nothing),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
