/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "report/plot/choose.h"
#include "report/published.h"
#include "util/text.h"

#define PUBLISHED_MAX 16 /* values of a test */

static struct unit unit_microseconds(double largest)
{
	return (struct unit){ "us", 1e3, 1 };
}

static struct unit unit_nanoseconds(double largest)
{
	return (struct unit){ "ns", 1, 0 };
}

static struct unit unit_percent(double largest)
{
	return (struct unit){ "%", 0.01, 2 };
}

static struct unit unit_processors(double largest)
{
	return (struct unit){ "processors", 1, 2 };
}

const struct measure measure_forwarded = {
	.figure = FIGURE_FORWARDED, .whisker = FIGURE_COUNT, .slug = "forwarded",
	.title = "Forwarded rate", .unit = unit_packet_rate,
	.better = "higher is better",
};
const struct measure measure_bits = {
	.figure = FIGURE_BITS, .whisker = FIGURE_COUNT, .slug = "bits",
	.title = "Forwarded bits of frames", .unit = unit_bit_rate,
	.better = "higher is better",
};
const struct measure measure_loss = {
	.figure = FIGURE_LOSS, .whisker = FIGURE_COUNT, .slug = "loss",
	.title = "Packet loss", .unit = unit_percent,
	.better = "lower is better",
};
const struct measure measure_round_trip = {
	.figure = FIGURE_P50, .whisker = FIGURE_P99, .slug = "round-trip",
	.title = "Round trip", .unit = unit_microseconds, .log = true, .better = "lower is better",
};
const struct measure measure_p50 = {
	.figure = FIGURE_P50, .whisker = FIGURE_COUNT, .slug = "round-trip-p50",
	.title = "Round trip, median", .unit = unit_microseconds, .log = true,
	.better = "lower is better",
};
const struct measure measure_mean = {
	.figure = FIGURE_MEAN, .whisker = FIGURE_COUNT, .slug = "round-trip-mean",
	.title = "Round trip, mean", .unit = unit_microseconds, .log = true,
	.better = "lower is better",
};
const struct measure measure_p90 = {
	.figure = FIGURE_P90, .whisker = FIGURE_COUNT, .slug = "round-trip-p90",
	.title = "Round trip, 90th percentile", .unit = unit_microseconds, .log = true,
	.better = "lower is better",
};
const struct measure measure_p99 = {
	.figure = FIGURE_P99, .whisker = FIGURE_COUNT, .slug = "round-trip-p99",
	.title = "Round trip, 99th percentile", .unit = unit_microseconds, .log = true,
	.better = "lower is better",
};
const struct measure measure_one_way = {
	.figure = FIGURE_P50, .whisker = FIGURE_P99, .slug = "one-way",
	.title = "One-way latency", .unit = unit_microseconds, .log = true, .better = "lower is better",
};
const struct measure measure_hop_cost = {
	.figure = FIGURE_HOP_COST, .whisker = FIGURE_COUNT, .slug = "hop-cost",
	.title = "Processor time of a forwarder", .unit = unit_nanoseconds,
	.better = "lower is better",
};
const struct measure measure_cost = {
	.figure = FIGURE_COST, .whisker = FIGURE_COUNT, .slug = "cost",
	.title = "Processor time a packet", .unit = unit_nanoseconds,
	.better = "lower is better",
};
const struct measure measure_busy = {
	.figure = FIGURE_BUSY, .whisker = FIGURE_COUNT, .slug = "busy",
	.title = "Processors busy", .unit = unit_processors,
	.better = "lower is better",
};
const struct measure measure_processes = {
	.figure = FIGURE_PROCESSES, .whisker = FIGURE_COUNT, .slug = "processes",
	.title = "Processors busy in processes", .unit = unit_processors,
	.better = "lower is better",
};
const struct measure measure_switch = {
	.figure = FIGURE_SWITCH, .whisker = FIGURE_COUNT, .slug = "busy-switch",
	.title = "Processors busy in the switch", .unit = unit_processors,
	.better = "lower is better",
};

void measure_label(const struct measure *measure, const struct unit *unit, char *text, size_t size)
{
	bool named = !strncasecmp(measure->title, unit->name, strlen(unit->name)); /* "processors busy" */

	snprintf(text, size, "%s%s%s%s", measure->title, named ? "" : " (", named ? "" : unit->name,
		 named ? "" : ")");
	if (text[0] >= 'A' && text[0] <= 'Z')
		text[0] = (char)(text[0] - 'A' + 'a');
}

double row_value(const struct digest_row *row, const struct measure *measure)
{
	return row->figure[measure->figure].median;
}

double rows_largest(const struct rows *rows, const struct measure *measure)
{
	double largest = 0;

	for (size_t i = 0; i < rows->count; i++)
		largest = fmax(largest, row_value(rows->row[i], measure));
	return largest;
}

/* Of a search the bounds that it found; else the interval over the trials. False: there is none. */
static bool row_bounds(const struct digest_row *row, const struct measure *measure, double *low, double *high)
{
	const struct spread *spread = &row->figure[measure->figure];
	bool searched = measure->figure == FIGURE_FORWARDED && isfinite(row->figure[FIGURE_LOWER].median) &&
			isfinite(row->figure[FIGURE_UPPER].median);

	*low = searched ? row->figure[FIGURE_LOWER].median : spread->low;
	*high = searched ? row->figure[FIGURE_UPPER].median : spread->high;
	if (measure->whisker != FIGURE_COUNT) {
		*low = spread->median;
		*high = row->figure[measure->whisker].median;
	}
	return *low < *high;
}

int series_add_row(struct plot_series *series, double x, const struct digest_row *row,
		   const struct measure *measure, const struct unit *unit)
{
	double y = row_value(row, measure) / unit->scale, low, high;

	if (!isfinite(x) || !isfinite(y))
		return 0;
	if (!row_bounds(row, measure, &low, &high))
		low = high = NAN;
	return series_add(series, x, y, low / unit->scale, high / unit->scale);
}

/* The series of this name among those from `first` on, or a new one. NULL without memory. */
static struct plot_series *series_published(struct plot *plot, size_t first, const char *label,
					    const char *source)
{
	char name[sizeof(plot->series->label)];
	struct plot_series *series;

	snprintf(name, sizeof(name), "%.80s%s%.64s", label, *label ? ", " : "", source);
	for (size_t s = first; s < plot->count; s++)
		if (!strcmp(plot->series[s].label, name))
			return &plot->series[s];
	series = plot_add_series(plot, SERIES_PUBLISHED);
	if (series)
		memcpy(series->label, name, sizeof(name));
	return series;
}

int plot_add_published(struct plot *plot, size_t first, const char *run, const char *label, double x,
		       const struct digest_row *row, const struct measure *measure, const struct unit *unit)
{
	const struct published *found[PUBLISHED_MAX];
	size_t n = published_for(row, run, found, PUBLISHED_MAX);
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		struct plot_series *series;

		if (found[i]->figure != measure->figure || !isfinite(x))
			continue;
		series = series_published(plot, first, label, found[i]->source);
		rc = series ? series_add(series, x, found[i]->value / unit->scale,
					 found[i]->low / unit->scale, found[i]->high / unit->scale)
			    : -ENOMEM;
	}
	return rc;
}

bool rows_published(const struct rows *rows, const char *run, const struct measure *measure)
{
	const struct published *found[PUBLISHED_MAX];

	for (size_t i = 0; i < rows->count; i++) {
		size_t n = published_for(rows->row[i], run, found, PUBLISHED_MAX);

		for (size_t k = 0; k < n; k++)
			if (found[k]->figure == measure->figure)
				return true;
	}
	return false;
}

static bool plot_has_bars(const struct plot *plot)
{
	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; plot->series[s].kind == SERIES_MEASURED && i < plot->series[s].count; i++)
			if (plot->series[s].points[i].low < plot->series[s].points[i].high)
				return true;
	return false;
}

void measure_error_bars(const struct plot *plot, const struct rows *rows, const struct measure *measure,
			char *text, size_t size)
{
	size_t intervals = 0, ranges = 0, bounds = 0;

	if (!plot_has_bars(plot))
		return;
	if (measure->whisker != FIGURE_COUNT) {
		text_append(text, size, " Points are the median packet (p50), bars reach up to p99.");
		return;
	}
	for (size_t i = 0; i < rows->count; i++) {
		const struct spread *spread = &rows->row[i]->figure[measure->figure];

		if (measure->figure == FIGURE_FORWARDED &&
		    isfinite(rows->row[i]->figure[FIGURE_LOWER].median))
			bounds++;
		else if (spread->coverage > 0)
			intervals++;
		else if (spread->low < spread->high)
			ranges++;
	}
	text_append(text, size, " Error bars: ");
	if (intervals)
		text_append(text, size, "95 %% confidence interval of the median by order statistics");
	if (ranges)
		text_append(text, size, "%srange of the trials%s", intervals ? "; " : "",
			 intervals ? " where they are fewer than 6" : " (fewer than 6: no interval)");
	if (bounds)
		text_append(text, size, "%sthe search's lower and upper bound", intervals || ranges ? "; " : "");
	text_append(text, size, ".");
}
