/* SPDX-License-Identifier: Apache-2.0 */
/* Bars: tests that differ in no number, and what quotas and neighbours do to them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/choose.h"
#include "util/text.h"

#define BARS_SPAN 10.0    /* the least bar would be a stroke: points on a log axis instead */
#define LOADS_MAX 2       /* more loads than that are told apart by lines, not by bars */
#define PANELS_MAX 4
#define CATEGORIES_MAX 16

struct bars {
	enum plot_topic topic;
	const struct measure *measure;
	bool category[PARAMETER_COUNT];
	const char *slug, *by;  /* "neighbour", "noisy neighbour" */
	const char *how;        /* to read it; for the caption; may be "" */
	bool across;            /* compares categories: some series must have several */
	bool proportional;      /* what counts is how bars grow with the category: never on a log axis */
	size_t panels;          /* at most */
	bool all_or_none;       /* more panels: none of them */
};

static size_t part_of_row(const struct parts *parts, const struct digest_row *row)
{
	for (size_t i = 0; i < parts->count; i++)
		for (size_t k = 0; k < parts->part[i].count; k++)
			if (parts->part[i].row[k] == row)
				return i;
	return 0;
}

/* The values alone: the axis says what they are. The place of a neighbour that there is not says nothing. */
static void category_name(const struct digest_row *row, const bool by[PARAMETER_COUNT], char *name,
			  size_t size)
{
	bool none =
		!strcmp(row->value[PARAMETER_NEIGHBOUR].text, parameter_table[PARAMETER_NEIGHBOUR].fallback);
	char value[64];

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!by[p] || (p == PARAMETER_NEIGHBOUR_PLACE && none && by[PARAMETER_NEIGHBOUR]))
			continue;
		words_value(row, (enum parameter_id)p, value, sizeof(value));
		text_append(name, size, "%s%s", *name ? ", " : "", value);
	}
}

/* Numbers in their order, shares from all to little, even where the first test of one has failed. */
static int category_compare(const void *a, const void *b, void *context)
{
	const struct rows *first = a, *second = b;
	const int id = *(const int *)context;
	double difference = first->row[0]->value[id].number - second->row[0]->value[id].number;

	if (parameter_table[id].kind == PARAMETER_KIND_SHARE)
		difference = -difference;
	return (difference > 0) - (difference < 0);
}

static void categories_sort(struct parts *categories, const struct rows *rows, const bool by[PARAMETER_COUNT])
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (by[p] && parameter_is_numeric(rows, (enum parameter_id)p))
			qsort_r(categories->part, categories->count, sizeof(*categories->part),
				category_compare, &p);
}

static int bars_add_categories(struct plot *plot, const struct bars *bars, const struct parts *categories)
{
	plot->category = calloc(categories->count, sizeof(*plot->category));
	if (!plot->category)
		return -ENOMEM;
	plot->categories = categories->count;
	for (size_t i = 0; i < categories->count; i++)
		category_name(categories->part[i].row[0], bars->category, plot->category[i],
			      sizeof(*plot->category));
	return 0;
}

static int bars_add_series(const struct chooser *chooser, struct plot *plot, const struct bars *bars,
			   const struct rows *rows, const struct grouping *grouping,
			   const struct parts *categories, const struct unit *unit)
{
	struct plot_series *series = plot_add_series(plot, SERIES_MEASURED);
	size_t place = plot->count;
	char label[sizeof(series->label)];
	int rc = series ? 0 : -ENOMEM;

	if (rc)
		return rc;
	words_test(rows->row[0], grouping->series, label, sizeof(label));
	memcpy(series->label, label, sizeof(label));
	for (size_t i = 0; i < rows->count && !rc; i++)
		rc = series_add_row(series, (double)part_of_row(categories, rows->row[i]), rows->row[i],
				    bars->measure, unit);
	for (size_t i = 0; i < rows->count && !rc; i++)
		rc = plot_add_published(plot, place, chooser->run, label,
					(double)part_of_row(categories, rows->row[i]), rows->row[i],
					bars->measure, unit);
	return rc;
}

/* Is there something to compare? */
static bool bars_compare(const struct bars *bars, const struct plot *plot)
{
	size_t points = 0, most = 0;

	for (size_t i = 0; i < plot->count; i++) {
		const struct plot_series *series = &plot->series[i];

		if (series->kind != SERIES_MEASURED)
			continue;
		points += series->count;
		most = series->count > most ? series->count : most;
	}
	return (bars->across ? most : points) > 1;
}

/* Is the largest value more than `span` times the least? */
static bool plot_spans(const struct plot *plot, double span)
{
	double least = INFINITY, most = 0;

	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; i < plot->series[s].count; i++) {
			least = fmin(least, plot->series[s].points[i].y);
			most = fmax(most, plot->series[s].points[i].y);
		}
	return least > 0 && most > least * span;
}

static void bars_finish(struct chooser *chooser, struct plot *plot, const struct bars *bars,
			const struct rows *rows, const struct grouping *grouping, const struct unit *unit)
{
	char title[160], which[160], how[320];

	snprintf(title, sizeof(title), "%s by %s", bars->measure->title, bars->by);
	plot_title(plot, title, rows, grouping->panel);
	words_test(rows->row[0], grouping->panel, which, sizeof(which));
	plots_name(chooser->plots, plot, "%s-by-%s-%s", bars->measure->slug, bars->slug, which);
	plot->y.log = !bars->proportional && plot_spans(plot, BARS_SPAN);
	plot->y.from_zero = !plot->y.log;
	measure_label(bars->measure, unit, plot->y.label, sizeof(plot->y.label));
	snprintf(plot->x.label, sizeof(plot->x.label), "%s", bars->by);
	snprintf(how, sizeof(how), "%s: %s, from left to right as the key names them%s.%s%s",
		 plot->y.log ? "Points" : "Bars", rows_medians(rows),
		 plot->y.log ? "; the axis is logarithmic, since they lie far apart" : "",
		 *bars->how ? " " : "", bars->how);
	plot_caption(plot, rows, bars->measure, how);
	plot_summarise(plot, "", unit->name);
}

static int bars_draw_panel(struct chooser *chooser, const struct bars *bars, const struct rows *rows,
			   const struct grouping *grouping)
{
	const struct unit unit = bars->measure->unit(rows_largest(rows, bars->measure));
	struct parts categories, series = { NULL, 0 };
	struct plot *plot;
	int rc = rows_divide(rows, bars->category, &categories);

	if (!rc)
		rc = rows_divide(rows, grouping->series, &series);
	if (rc || categories.count > CATEGORIES_MAX || series.count > SERIES_MAX) {
		chooser->left[bars->topic] += !rc;
		goto out;
	}
	categories_sort(&categories, rows, bars->category);
	plot = plots_add(chooser->plots, bars->topic, PLOT_BARS);
	rc = plot ? bars_add_categories(plot, bars, &categories) : -ENOMEM;
	for (size_t i = 0; i < series.count && !rc; i++)
		rc = bars_add_series(chooser, plot, bars, &series.part[i], grouping, &categories, &unit);
	if (rc)
		goto out;
	if (bars_compare(bars, plot)) {
		bars_finish(chooser, plot, bars, rows, grouping, &unit);
	} else {
		plot_clear(plot);
		chooser->plots->count--;
	}
out:
	parts_free(&series);
	parts_free(&categories);
	return rc;
}

static int bars_draw(struct chooser *chooser, const struct bars *bars, const struct rows *rows)
{
	struct grouping grouping;
	struct parts panels;
	int rc = rows_group(rows, bars->category, &grouping);

	if (rc)
		return rc;
	rc = rows_divide(rows, grouping.panel, &panels);
	if (!bars->all_or_none)
		chooser->left[bars->topic] += parts_thin(&panels, bars->panels);
	for (size_t i = 0; i < panels.count && panels.count <= bars->panels && !rc; i++)
		rc = bars_draw_panel(chooser, bars, &panels.part[i], &grouping);
	parts_free(&panels);
	return rc;
}

/* What competes: the switch where it varies, else the technique, else the first name that varies. */
static enum parameter_id competitor(const struct rows *rows)
{
	static const enum parameter_id first[] = { PARAMETER_SWITCH, PARAMETER_IO };
	bool varies[PARAMETER_COUNT];

	words_varying(rows->row, rows->count, varies);
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		if (varies[first[i]])
			return first[i];
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (varies[p] && !parameter_is_numeric(rows, (enum parameter_id)p) &&
		    p != PARAMETER_DIMENSION && p != PARAMETER_NEIGHBOUR && p != PARAMETER_NEIGHBOUR_PLACE &&
		    p != PARAMETER_SWITCH_PLACE)
			return (enum parameter_id)p;
	return PARAMETER_COUNT;
}

bool rows_are_bars(const struct rows *rows)
{
	bool by[PARAMETER_COUNT];
	struct parts loads;
	bool are = false;

	for (int p = 0; p < PARAMETER_COUNT; p++)
		by[p] = parameter_is_numeric(rows, (enum parameter_id)p);
	if (rows_divide(rows, by, &loads) == 0)
		are = loads.count <= LOADS_MAX && competitor(rows) != PARAMETER_COUNT;
	parts_free(&loads);
	return are;
}

static int compare_draw(struct chooser *chooser, const struct rows *rows, enum plot_topic topic,
			const struct measure *measure)
{
	struct bars bars = { .topic = topic, .measure = measure, .panels = LOADS_MAX, .all_or_none = true,
			     .how = "" };
	enum parameter_id id = competitor(rows);

	if (!rows_are_bars(rows))
		return 0;
	bars.category[id] = true;
	bars.slug = bars.by = parameter_table[id].name;
	return bars_draw(chooser, &bars, rows);
}

static int interference_draw(struct chooser *chooser, const struct rows *rows, const struct measure *measure)
{
	static const struct bars kinds[] = {
		{ .category = { [PARAMETER_SWITCH_QUOTA] = true },
		  .slug = "switch-quota",
		  .by = "quota of the switch",
		  .how = "A quota is a share of a processor for each thread of the switch." },
		{ .category = { [PARAMETER_ENDPOINT_QUOTA] = true },
		  .slug = "endpoint-quota",
		  .by = "quota of the endpoints",
		  .how = "A quota is a share of a processor for each endpoint." },
		{ .category = { [PARAMETER_NEIGHBOUR] = true, [PARAMETER_NEIGHBOUR_PLACE] = true },
		  .slug = "neighbour",
		  .by = "noisy neighbour",
		  .how = "Neighbour none is what the others compare with." },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !rc; i++) {
		struct bars bars = kinds[i];
		bool varies[PARAMETER_COUNT];

		words_varying(rows->row, rows->count, varies);
		for (int p = 0; p < PARAMETER_COUNT; p++)
			bars.category[p] = bars.category[p] && varies[p];
		if (!memchr(bars.category, true, sizeof(bars.category)))
			continue;
		bars.topic = TOPIC_INTERFERENCE;
		bars.measure = measure;
		bars.proportional = !measure->log;
		bars.panels = PANELS_MAX;
		rc = bars_draw(chooser, &bars, rows);
	}
	return rc;
}

/* Two packet sizes make no curve, and mixes have no place on one; what they are in bits compares them. */
static int sizes_draw(struct chooser *chooser, const struct rows *rows)
{
	const struct bars bars = { .topic = TOPIC_SIZE, .measure = &measure_bits,
				   .category = { [PARAMETER_SIZE] = true }, .slug = "size",
				   .by = "packet size", .how = "", .across = true, .panels = PANELS_MAX, .all_or_none = true };

	return rows_values(rows, PARAMETER_SIZE) == 2 || !parameter_is_numeric(rows, PARAMETER_SIZE) ?
	       bars_draw(chooser, &bars, rows) : 0;
}

/* What papers have, and tells less than the figures that are drawn anyway. */
static int interference_draw_published(struct chooser *chooser)
{
	static const struct measure *const measures[] = { &measure_mean, &measure_p90 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(measures) / sizeof(*measures) && !rc; i++)
		if (rows_published(&chooser->latency, chooser->run, measures[i]))
			rc = interference_draw(chooser, &chooser->latency, measures[i]);
	return rc;
}

int choose_bars(struct chooser *chooser)
{
	int rc = compare_draw(chooser, &chooser->fixed, TOPIC_COMPARE, &measure_forwarded);

	if (!rc)
		rc = compare_draw(chooser, &chooser->latency, TOPIC_ROUND_TRIP, &measure_p50);
	if (!rc)
		rc = compare_draw(chooser, &chooser->latency, TOPIC_ROUND_TRIP, &measure_p99);
	if (!rc)
		rc = sizes_draw(chooser, &chooser->fixed);
	if (!rc)
		rc = interference_draw(chooser, &chooser->fixed, &measure_forwarded);
	if (!rc)
		rc = interference_draw(chooser, &chooser->latency, &measure_p50);
	if (!rc)
		rc = interference_draw(chooser, &chooser->latency, &measure_p99);
	if (!rc)
		rc = interference_draw_published(chooser);
	return rc;
}
