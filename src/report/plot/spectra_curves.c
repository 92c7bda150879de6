/* SPDX-License-Identifier: Apache-2.0 */
/* Curves of histograms, and of seconds. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/plot/spectra.h"
#include "util/text.h"

#define CDF_STEPS 160       /* points of a line: as fine as one sees */
#define TAIL_STEPS 20       /* points for each factor of ten of 1 - p */
#define SECONDS_MAX 400     /* points of a time series; longer ones are averaged */

/* A walk through a histogram from the least value on: ranks must not fall. */
struct walk {
	const struct histogram *histogram;
	unsigned index;
	uint64_t below; /* packets in buckets before `index` */
};

/* The value of the packet with this rank, from 1: the middle of its bucket, within min and max. */
static double walk_to(struct walk *walk, uint64_t rank)
{
	const struct histogram *h = walk->histogram;
	double middle;

	while (walk->index < HISTOGRAM_BUCKETS - 1 && walk->below + h->bucket[walk->index] < rank)
		walk->below += h->bucket[walk->index++];
	middle = ((double)histogram_bucket_low(walk->index) + (double)histogram_bucket_high(walk->index)) / 2;
	return fmin(fmax(middle, (double)h->min), (double)h->max);
}

static double rank_of(const struct histogram *h, double share)
{
	return fmin(fmax(ceil(share * (double)h->count), 1), (double)h->count);
}

/* x: the latency in us, y: share of the packets that took no longer. */
static int cdf_add(struct plot_series *series, const struct histogram *h)
{
	struct walk walk = { h, 0, 0 };
	int rc = series_add(series, (double)h->min / 1e3, 0, NAN, NAN);

	for (unsigned i = 1; i < CDF_STEPS && !rc; i++) {
		double share = (double)i / CDF_STEPS;

		rc = series_add(series, walk_to(&walk, (uint64_t)rank_of(h, share)) / 1e3, share, NAN, NAN);
	}
	return rc ? rc : series_add(series, (double)h->max / 1e3, 1, NAN, NAN);
}

/* x: p, ever closer to 1 as long as packets tell something about it; y: the latency in us. */
static int percentiles_add(struct plot_series *series, const struct histogram *h)
{
	struct walk walk = { h, 0, 0 };
	unsigned steps = (unsigned)floor(log10((double)h->count) * TAIL_STEPS);
	int rc = 0;

	for (unsigned i = 0; i <= steps && !rc; i++) {
		double share = 1 - pow(10, -(double)i / TAIL_STEPS);

		rc = series_add(series, share, walk_to(&walk, (uint64_t)rank_of(h, share)) / 1e3, NAN, NAN);
	}
	/* The slowest packet stands where one of all these is: its histogram says no more. */
	return rc || h->count < 2 ? rc
	       : series_add(series, 1 - 1 / (double)h->count, (double)h->max / 1e3, NAN, NAN);
}

static int curves_add(struct plot *plot, const struct spectrum_panel *panel,
		      int add(struct plot_series *series, const struct histogram *h))
{
	for (size_t i = 0; i < panel->count; i++) {
		struct plot_series *series;

		if (!panel->spectrum[i].histogram->count)
			continue;
		series = plot_add_series(plot, SERIES_MEASURED);
		if (!series || add(series, panel->spectrum[i].histogram) != 0)
			return -ENOMEM;
		memcpy(series->label, panel->spectrum[i].label, sizeof(series->label));
	}
	return 0;
}

static void curves_summarise(struct plot *plot, const struct spectrum_panel *panel)
{
	static const double percents[] = { 50, 99, 99.9 };
	char figure[3][FORMAT_MAX];
	size_t told = 0;

	snprintf(plot->summary, sizeof(plot->summary), "%.160s. ", plot->title);
	for (size_t i = 0; i < panel->count; i++) {
		const struct histogram *h = panel->spectrum[i].histogram;

		if (!h->count || told == 4)
			continue;
		for (size_t k = 0; k < 3; k++)
			figure_text(figure[k], (double)histogram_percentile(h, percents[k]) / 1e3);
		text_append(plot->summary, sizeof(plot->summary),
			 "%s%.60s%smedian %s us, p99 %s us, p99.9 %s us", told++ ? "; " : "",
			 panel->spectrum[i].label, *panel->spectrum[i].label ? ": " : "", figure[0],
			 figure[1], figure[2]);
	}
	if (panel->count > told)
		text_append(plot->summary, sizeof(plot->summary), "; and %zu more", panel->count - told);
	text_append(plot->summary, sizeof(plot->summary), ".");
}

static int curves_draw(struct chooser *chooser, const struct spectrum_panel *panel, const char *slug,
		       const char *title, const char *how,
		       int add(struct plot_series *series, const struct histogram *h))
{
	struct plot *plot = plots_add(chooser->plots, TOPIC_DISTRIBUTION, PLOT_STEPS);
	char full[160], which[160];

	if (!plot || curves_add(plot, panel, add) != 0)
		return -ENOMEM;
	if (!plot->count) {
		chooser->plots->count--;
		return 0;
	}
	snprintf(full, sizeof(full), "%s, %s", panel->latency ? "Round trip" : "One-way latency", title);
	plot_title(plot, full, &panel->rows, panel->grouping.panel);
	words_test(panel->rows.row[0], panel->grouping.panel, which, sizeof(which));
	plots_name(chooser->plots, plot, "%s-%s-%s", panel->latency ? "round-trip" : "one-way", slug, which);
	plot_caption(plot, &panel->rows, NULL, how);
	if (!panel->latency)
		text_append(plot->caption, sizeof(plot->caption),
			 " Of a path that is offered more than it carries, this is the time in full queues.");
	if (panel->others)
		text_append(plot->caption, sizeof(plot->caption), " Not drawn: %zu more tests.", panel->others);
	curves_summarise(plot, panel);
	return 0;
}

static void axis_latency(struct plot_axis *axis, bool round_trip)
{
	snprintf(axis->label, sizeof(axis->label), "%s (us)", round_trip ? "round trip" : "one-way latency");
	axis->log = true;
}

int spectrum_panel_draw(struct chooser *chooser, const struct spectrum_panel *panel)
{
	size_t before = chooser->plots->count;
	struct plot *plot;
	int rc = curves_draw(chooser, panel, "cdf", "distribution",
			     "Each line tells which share of the packets took at most that long; further "
			     "left is better. All trials of a test together.",
			     cdf_add);

	if (rc || chooser->plots->count == before)
		return rc;
	plot = &chooser->plots->plot[before];
	axis_latency(&plot->x, panel->latency);
	snprintf(plot->y.label, sizeof(plot->y.label), "share of packets");
	plot->y.from_zero = true;
	rc = curves_draw(chooser, panel, "percentiles", "percentiles",
			 "Each line tells how long all but the slowest packets took; lower is better. Each "
			 "step of the x axis leaves out ten times fewer. All trials of a test together.",
			 percentiles_add);
	if (rc)
		return rc;
	plot = &chooser->plots->plot[before + 1];
	snprintf(plot->x.label, sizeof(plot->x.label), "percentile (%%)");
	plot->x.complement = true;
	axis_latency(&plot->y, panel->latency);
	return 0;
}

/* Seconds are averaged in groups where there are more than one could see. */
static int trace_add(struct plot_series *series, const struct trace *trace, const struct unit *unit)
{
	size_t group = trace->count / SECONDS_MAX + 1;
	int rc = 0;

	for (size_t i = 0; i + group <= trace->count && !rc; i += group) {
		double sum = 0;

		for (size_t k = 0; k < group; k++)
			sum += trace->packets[i + k];
		if (isfinite(sum))
			rc = series_add(series, (double)(i + group), sum / (double)group / unit->scale, NAN,
					NAN);
	}
	return rc;
}

static double traces_largest(const struct trace_panel *panel)
{
	double largest = 0;

	for (size_t i = 0; i < panel->count; i++)
		for (size_t k = 0; k < panel->trace[i].count; k++)
			largest = fmax(largest, panel->trace[i].packets[k]);
	return largest;
}

int trace_panel_draw(struct chooser *chooser, const struct trace_panel *panel)
{
	const struct unit unit = unit_packet_rate(traces_largest(panel));
	size_t points = 0;
	struct plot *plot;

	for (size_t i = 0; i < panel->count; i++)
		points = panel->trace[i].count > points ? panel->trace[i].count : points;
	if (points < 2)
		return 0;
	plot = plots_add(chooser->plots, TOPIC_TIME, PLOT_LINES);
	for (size_t i = 0; plot && i < panel->count; i++) {
		struct plot_series *series = plot_add_series(plot, SERIES_MEASURED);

		if (!series || trace_add(series, &panel->trace[i], &unit) != 0)
			return -ENOMEM;
		memcpy(series->label, panel->trace[i].label, sizeof(series->label));
	}
	if (!plot)
		return -ENOMEM;
	snprintf(plot->title, sizeof(plot->title), "%s", panel->title);
	plots_name(chooser->plots, plot, "time-%s", panel->slug);
	snprintf(plot->x.label, sizeof(plot->x.label), "second of the trial");
	snprintf(plot->y.label, sizeof(plot->y.label), "arrived (%s)", unit.name);
	plot->y.from_zero = true;
	plot_caption(plot, &panel->rows, NULL, panel->how);
	plot_summarise(plot, "s", unit.name);
	return 0;
}
