/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processor time against throughput: a point a test. What a packet costs, or where that is not known how busy the machine
 * was; and of few senders and many, how busy the processes themselves were (Figure 6 of Ara et al. 2021).
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/choose.h"

#define PANELS_MAX 4
#define FLAT 1.1 /* of the least value */

/* Few pairs of containers first; else as they came. */
static int pairs_compare(const void *a, const void *b)
{
	const struct digest_row *const *first = a, *const *second = b;
	double difference = (*first)->value[PARAMETER_CONTAINERS].number -
			    (*second)->value[PARAMETER_CONTAINERS].number;

	if (difference != 0)
		return difference < 0 ? -1 : 1;
	return (*first > *second) - (*first < *second); /* of one array */
}

static int cost_draw_series(struct plot *plot, const struct rows *rows, const bool by[PARAMETER_COUNT],
			    const struct measure *measure, const struct unit *x, const struct unit *y)
{
	struct plot_series *series = plot_add_series(plot, SERIES_MEASURED);
	int rc = series ? 0 : -ENOMEM;

	if (series)
		words_test(rows->row[0], by, series->label, sizeof(series->label));
	for (size_t i = 0; i < rows->count && !rc; i++)
		rc = series_add_row(series, row_value(rows->row[i], &measure_forwarded) / x->scale,
				    rows->row[i], measure, y);
	return rc;
}

static void cost_finish(struct chooser *chooser, struct plot *plot, const struct rows *rows,
			const struct grouping *grouping, const struct measure *measure, const struct unit *x,
			const struct unit *y)
{
	char title[160], which[160], how[256];

	snprintf(title, sizeof(title), "%s by throughput", measure->title);
	plot_title(plot, title, rows, grouping->panel);
	words_test(rows->row[0], grouping->panel, which, sizeof(which));
	plots_name(chooser->plots, plot, "%s-by-throughput-%s", measure->slug, which);
	plot->x.from_zero = plot->y.from_zero = true;
	snprintf(plot->x.label, sizeof(plot->x.label), "forwarded rate (%s)", x->name);
	measure_label(measure, y, plot->y.label, sizeof(plot->y.label));
	plot->joined = rows_values(rows, PARAMETER_CONTAINERS) > 1;
	snprintf(how, sizeof(how), "Each point is a test, of %s: %s; best is to the right and low.%s",
		 measure == &measure_processes ? "the processes alone, endpoints and switch" : "the whole machine",
		 rows_medians(rows), plot->joined ? " Lines lead from few senders to many." : "");
	plot_caption(plot, rows, measure, how);
	plot_summarise(plot, x->name, y->name);
}

/*
 * Where all pollers poll, all are as busy: a plot of that says nothing. (How it grows with the pairs does, also
 * where it cannot grow.)
 */
static bool cost_is_flat(const struct rows *rows, const struct measure *measure)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < rows->count; i++) {
		least = fmin(least, row_value(rows->row[i], measure));
		most = fmax(most, row_value(rows->row[i], measure));
	}
	return most < least * FLAT && rows_values(rows, PARAMETER_CONTAINERS) < 2;
}

static void panels_drop_flat(struct parts *panels, const struct measure *measure)
{
	size_t kept = 0;

	for (size_t i = 0; i < panels->count; i++)
		if (cost_is_flat(&panels->part[i], measure))
			rows_free(&panels->part[i]);
		else
			panels->part[kept++] = panels->part[i];
	panels->count = kept;
}

static int cost_draw(struct chooser *chooser, const struct rows *rows, const struct grouping *grouping,
		     const struct measure *measure)
{
	const struct unit x = measure_forwarded.unit(rows_largest(rows, &measure_forwarded));
	const struct unit y = measure->unit(rows_largest(rows, measure));
	struct plot *plot = plots_add(chooser->plots, TOPIC_COST, PLOT_SCATTER);
	struct parts series;
	size_t points = 0;
	int rc;

	if (!plot)
		return -ENOMEM;
	rc = rows_divide(rows, grouping->series, &series);
	for (size_t i = 0; i < series.count && !rc; i++) {
		qsort(series.part[i].row, series.part[i].count, sizeof(*series.part[i].row), pairs_compare);
		rc = cost_draw_series(plot, &series.part[i], grouping->series, measure, &x, &y);
		points += rc ? 0 : plot->series[i].count;
	}
	parts_free(&series);
	if (rc)
		return rc;
	if (points > 1) {
		cost_finish(chooser, plot, rows, grouping, measure, &x, &y);
	} else {
		plot_clear(plot);
		chooser->plots->count--;
	}
	return 0;
}

/* All loads share a plot, and so do few senders and many: they are what a cost is to be seen against. */
static int cost_group(const struct rows *rows, struct grouping *grouping, struct parts *panels)
{
	bool without[PARAMETER_COUNT];
	int rc;

	for (int p = 0; p < PARAMETER_COUNT; p++)
		without[p] = p == PARAMETER_RATE || (parameter_is_numeric(rows, (enum parameter_id)p) &&
						     p != PARAMETER_SIZE);
	rc = rows_group(rows, without, grouping);
	return rc ? rc : rows_divide(rows, grouping->panel, panels);
}

/* Who polls at a low rate spends a processor on few packets: beside tests at the highest rate that says nothing. */
static int rows_add_busy(struct rows *busy, const struct rows *rows)
{
	bool max = false;
	int rc = 0;

	for (size_t i = 0; i < rows->count; i++)
		max |= rows->row[i]->value[PARAMETER_RATE].number == RATE_MAX;
	for (size_t i = 0; i < rows->count && !rc; i++)
		if (!max || rows->row[i]->value[PARAMETER_RATE].number <= 0)
			rc = rows_add(busy, rows->row[i]);
	return rc;
}

int choose_cost(struct chooser *chooser)
{
	struct rows rows = { NULL, 0 };
	struct grouping grouping;
	struct parts panels = { NULL, 0 };
	bool known = false;
	int rc = rows_add_busy(&rows, &chooser->fixed);

	for (size_t i = 0; i < chooser->loads.count && !rc; i++)
		rc = chooser->loads.row[i]->point ? rows_add(&rows, chooser->loads.row[i]) : 0;
	for (size_t i = 0; i < rows.count; i++)
		known |= isfinite(row_value(rows.row[i], &measure_cost));
	if (!rc)
		rc = cost_group(&rows, &grouping, &panels);
	if (!known)
		panels_drop_flat(&panels, &measure_busy);
	chooser->left[TOPIC_COST] += parts_thin(&panels, PANELS_MAX);
	for (size_t i = 0; i < panels.count && !rc; i++) {
		rc = cost_draw(chooser, &panels.part[i], &grouping, known ? &measure_cost : &measure_busy);
		if (!rc && rows_values(&panels.part[i], PARAMETER_CONTAINERS) > 1)
			rc = cost_draw(chooser, &panels.part[i], &grouping, &measure_processes);
	}
	parts_free(&panels);
	rows_free(&rows);
	return rc;
}
