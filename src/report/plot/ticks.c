/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges and ticks: chosen here, so that they are the same whatever gnuplot draws them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/script.h"
#include "util/display.h"

#define TICKS_MAX 12
#define TICK_DISTANCE 0.07 /* of the axis: nearer than that their labels would touch */
#define CATEGORY_COLUMNS 28
#define AXIS_ROOM 46       /* characters of all categories that stand beside one another */
#define GUIDE_SPAN 2.0    /* times the largest figure */
#define PAD 0.04           /* of the axis, beside the outermost points */

struct extent { double least, most; };

static void extent_add(struct extent *extent, double value, bool log)
{
	if (!isfinite(value) || (log && value <= 0))
		return;
	extent->least = fmin(extent->least, value);
	extent->most = fmax(extent->most, value);
}

/*
 * A line to compare with is seen whole where the figures are not squashed for it; else the frame cuts it off.
 */
static void extent_add_guides(struct extent *extent, const struct plot *plot)
{
	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; plot->series[s].kind == SERIES_GUIDE && i < plot->series[s].count; i++)
			if (plot->series[s].points[i].y <= extent->most * GUIDE_SPAN)
				extent_add(extent, plot->series[s].points[i].y, plot->y.log);
}

static struct extent plot_extent(const struct plot *plot, bool of_x)
{
	const struct plot_axis *axis = of_x ? &plot->x : &plot->y;
	struct extent extent = { INFINITY, -INFINITY };

	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; i < plot->series[s].count; i++) {
			const struct plot_point *point = &plot->series[s].points[i];

			if (!of_x && plot->series[s].kind == SERIES_GUIDE)
				continue;
			extent_add(&extent, of_x ? point->x : point->y, axis->log);
			if (!of_x && point->low < point->high) {
				extent_add(&extent, point->low, axis->log);
				extent_add(&extent, point->high, axis->log);
			}
		}
	if (extent.least > extent.most)
		extent = (struct extent){ 0.5, 2 };
	if (!of_x)
		extent_add_guides(&extent, plot);
	return extent;
}

/* With room at both ends; the same value twice is no range. */
static struct extent axis_range(const struct plot_axis *axis, struct extent extent)
{
	double span;

	if (axis->log) {
		span = fmax(pow(extent.most / extent.least, PAD), 1.05);
		return (struct extent){ extent.least / span, extent.most * span };
	}
	span = extent.most - (axis->from_zero ? fmin(extent.least, 0) : extent.least);
	span = span > 0 ? span * PAD : fmax(fabs(extent.most) * PAD, 0.1);
	return (struct extent){ axis->from_zero ? fmin(extent.least, 0) : extent.least - span,
				extent.most + span };
}

static double axis_place(const struct plot_axis *axis, const struct extent *range, double value)
{
	if (axis->log)
		return log(value / range->least) / log(range->most / range->least);
	return (value - range->least) / (range->most - range->least);
}

static int number_compare(const void *a, const void *b)
{
	const double *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

/* Ticks where points are; none where these are more than one would name. Returns false then. */
static bool ticks_at_points(FILE *out, const struct plot *plot, const struct extent *range)
{
	double values[TICKS_MAX + 1], last = -1;
	size_t n = 0, k;

	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; plot->series[s].kind != SERIES_GUIDE && i < plot->series[s].count; i++) {
			for (k = 0; k < n && values[k] != plot->series[s].points[i].x;)
				k++;
			if (k == TICKS_MAX)
				return false;
			values[k] = plot->series[s].points[i].x;
			n += k == n;
		}
	if (!n)
		return false;
	qsort(values, n, sizeof(*values), number_compare);
	fprintf(out, "set xtics (");
	for (k = 0; k < n; k++) {
		double place = axis_place(&plot->x, range, values[k]);
		bool named = k == 0 || place - last >= TICK_DISTANCE;

		fprintf(out, "%s%s%.6g", k ? ", " : "", named ? "" : "'' ", values[k]);
		last = named ? place : last;
	}
	fprintf(out, ")\n");
	return true;
}

/* As many numbers a decade as the axis has room for; of many decades only the powers of ten. */
static void ticks_log(FILE *out, char axis, const struct extent *range)
{
	static const double steps[][3] = { { 1, 2, 5 }, { 1, 3, 0 } };
	double decades = log10(range->most / range->least);
	const double *step = steps[axis == 'x' && decades > 1.7];
	bool first = true;

	if (decades > (axis == 'x' ? 3.5 : 2.6)) {
		fprintf(out, "set format %c '%%.12g'\n", axis);
		return;
	}
	fprintf(out, "set %ctics (", axis);
	for (int power = (int)floor(log10(range->least)); power <= (int)ceil(log10(range->most)); power++)
		for (size_t i = 0; i < 3 && step[i] > 0; i++) {
			double value = step[i] * pow(10, power);

			if (value < range->least || value > range->most)
				continue;
			fprintf(out, "%s%.3g", first ? "" : ", ", value);
			first = false;
		}
	fprintf(out, ")\n");
}

static void axis_write(FILE *out, const struct plot *plot, bool of_x)
{
	const struct plot_axis *axis = of_x ? &plot->x : &plot->y;
	const struct extent range = axis_range(axis, plot_extent(plot, of_x));
	const char name = of_x ? 'x' : 'y';

	if (axis->log)
		fprintf(out, "set logscale %c\n", name);
	fprintf(out, "set %crange [%.6g:%.6g]\n", name, range.least, range.most);
	if (of_x && axis->ticks && ticks_at_points(out, plot, &range))
		return;
	if (axis->log)
		ticks_log(out, name, &range);
}

/* HdrHistogram's axis: where 1 - p is 1, a tenth, a hundredth. Drawn over 1 / (1 - p). */
static void axis_write_complement(FILE *out, const struct plot *plot)
{
	const struct extent extent = plot_extent(plot, true);
	double most = extent.most < 1 ? 1 / (1 - extent.most) : 10;

	fprintf(out, "set logscale x\nset xrange [1:%.6g]\n", fmax(most * 1.1, 10));
	fprintf(out, "set xtics ('0' 1, '90' 10");
	for (int nines = 2; nines <= 9 && pow(10, nines) < most * 1.1; nines++)
		if (nines <= 5 || nines % 2) /* they become ever longer */
			fprintf(out, ", '%.*f' 1e%d", nines - 2, 100 - pow(10, 2 - nines), nines);
	fprintf(out, ")\n");
}

double plot_slant(const struct plot *plot)
{
	size_t longest = 0;

	for (size_t i = 0; i < plot->categories; i++) {
		size_t length = text_columns(plot->category[i]);

		longest = length > longest ? length : longest;
	}
	longest = longest < CATEGORY_COLUMNS ? longest : CATEGORY_COLUMNS;
	return longest * plot->categories > AXIS_ROOM ? (double)longest * 0.25 : 0;
}

static void axis_write_categories(FILE *out, const struct plot *plot)
{
	fprintf(out, "set xrange [-0.6:%.6g]\n", (double)plot->categories - 0.4);
	fprintf(out, "set xtics %sscale 0 (", plot_slant(plot) > 0 ? "rotate by 30 right " : "");
	for (size_t i = 0; i < plot->categories; i++) {
		fprintf(out, "%s", i ? ", " : "");
		script_tick(out, plot->category[i], CATEGORY_COLUMNS);
		fprintf(out, " %zu", i);
	}
	fprintf(out, ")\n");
}

void script_axes(FILE *out, const struct plot *plot)
{
	if (plot->form == PLOT_BARS)
		axis_write_categories(out, plot);
	else if (plot->x.complement)
		axis_write_complement(out, plot);
	else
		axis_write(out, plot, true);
	axis_write(out, plot, false);
}

static bool series_has_bars(const struct plot_series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->points[i].low < series->points[i].high)
			return true;
	return false;
}

bool plot_has_dodge(const struct plot *plot)
{
	bool has_guide = false; /* beside which they must stay */
	size_t with = 0;

	for (size_t s = 0; s < plot->count; s++)
		has_guide |= plot->series[s].kind == SERIES_GUIDE;
	for (size_t s = 0; s < plot->count; s++)
		with += plot->series[s].kind == SERIES_MEASURED && series_has_bars(&plot->series[s]);
	return plot->form == PLOT_LINES && with > 1 && !has_guide;
}

void script_dodge(FILE *out, const struct plot *plot)
{
	const struct extent range = axis_range(&plot->x, plot_extent(plot, true));

	fprintf(out, "# Moves series beside one another, so that their error bars can be seen.\n");
	if (plot->x.log)
		fprintf(out, "dodge(x, i) = x * %.4f**i\n", pow(range.most / range.least, 0.008));
	else
		fprintf(out, "dodge(x, i) = x + %.4g * i\n", (range.most - range.least) * 0.008);
}
