/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside a plot: its title, how to read it, and what it says to those who do not see it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/plot/choose.h"
#include "util/text.h"

#define TOLD_MAX 4 /* series of a summary; the others are counted */

void plot_title(struct plot *plot, const char *title, const struct rows *rows,
		const bool panel[PARAMETER_COUNT])
{
	char which[160];

	words_test(rows->row[0], panel, which, sizeof(which));
	snprintf(plot->title, sizeof(plot->title), "%s%s%s", title, *which ? ": " : "", which);
}

/*
 * Published figures are told apart from measured ones, in full: a key has not always room for where they are
 * from.
 */
static void caption_published(struct plot *plot)
{
	bool told = false;

	for (size_t i = 0; i < plot->count; i++) {
		if (plot->series[i].kind != SERIES_PUBLISHED)
			continue;
		text_append(plot->caption, sizeof(plot->caption), "%s%s",
			 told ? "; " : " Published, of another machine: ", plot->series[i].label);
		told = true;
	}
	if (told)
		text_append(plot->caption, sizeof(plot->caption), ".");
}

void plot_caption(struct plot *plot, const struct rows *rows, const struct measure *measure, const char *how)
{
	bool varies[PARAMETER_COUNT];
	char shared[384];

	words_varying(rows->row, rows->count, varies);
	words_shared(rows->row, rows->count, varies, shared, sizeof(shared));
	if (*shared)
		text_append(plot->caption, sizeof(plot->caption), "All: %s. ", shared);
	text_append(plot->caption, sizeof(plot->caption), "%s", how);
	if (measure) {
		measure_error_bars(plot, rows, measure, plot->caption, sizeof(plot->caption));
		text_append(plot->caption, sizeof(plot->caption), " %c%s.", measure->better[0] - 'a' + 'A',
			 measure->better + 1);
	}
	caption_published(plot);
}

const char *rows_medians(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->row[i]->ok > 1)
			return "medians over the trials";
	return "single trials";
}

void figure_text(char text[FORMAT_MAX], double value)
{
	double size = fabs(value);
	int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;

	snprintf(text, FORMAT_MAX, "%.*f", decimals, value);
}

static void summarise_point(struct plot *plot, const struct plot_point *point, const char *x_unit,
			    const char *y_unit)
{
	char x[FORMAT_MAX], y[FORMAT_MAX];

	figure_text(y, point->y);
	text_append(plot->summary, sizeof(plot->summary), "%s %s", y, y_unit);
	if (plot->form == PLOT_BARS) {
		text_append(plot->summary, sizeof(plot->summary), " (%s)", plot->category[(size_t)point->x]);
		return;
	}
	if (point->x == rint(point->x))
		snprintf(x, sizeof(x), "%.0f", point->x);
	else
		figure_text(x, point->x);
	text_append(plot->summary, sizeof(plot->summary), " at %s%s%s", x, *x_unit ? " " : "", x_unit);
}

static void summarise_ends(struct plot *plot, const struct plot_series *series, const char *x_unit,
			   const char *y_unit)
{
	summarise_point(plot, &series->points[0], x_unit, y_unit);
	if (series->count > 1) {
		text_append(plot->summary, sizeof(plot->summary), " to ");
		summarise_point(plot, &series->points[series->count - 1], x_unit, y_unit);
	}
}

static void summarise_extremes(struct plot *plot, const struct plot_series *series, const char *x_unit,
			       const char *y_unit)
{
	const struct plot_point *least = series->points, *most = series->points;

	for (size_t i = 1; i < series->count; i++) {
		least = series->points[i].y < least->y ? &series->points[i] : least;
		most = series->points[i].y > most->y ? &series->points[i] : most;
	}
	if (least != most) {
		text_append(plot->summary, sizeof(plot->summary), "from ");
		summarise_point(plot, least, x_unit, y_unit);
		text_append(plot->summary, sizeof(plot->summary), " to ");
	}
	summarise_point(plot, most, x_unit, y_unit);
}

void plot_summarise(struct plot *plot, const char *x_unit, const char *y_unit)
{
	size_t told = 0, others = 0;

	snprintf(plot->summary, sizeof(plot->summary), "%.160s. ", plot->title);
	for (size_t i = 0; i < plot->count; i++) {
		const struct plot_series *series = &plot->series[i];

		if (series->kind != SERIES_MEASURED || !series->count)
			continue;
		if (told == TOLD_MAX) {
			others++;
			continue;
		}
		text_append(plot->summary, sizeof(plot->summary), "%s%.60s%s", told++ ? "; " : "", series->label,
			 *series->label ? ": " : "");
		if (plot->form == PLOT_LINES)
			summarise_ends(plot, series, x_unit, y_unit);
		else
			summarise_extremes(plot, series, x_unit, y_unit);
	}
	if (others)
		text_append(plot->summary, sizeof(plot->summary), "; and %zu more", others);
	text_append(plot->summary, sizeof(plot->summary), ".");
}
