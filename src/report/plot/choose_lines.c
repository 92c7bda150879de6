/* SPDX-License-Identifier: Apache-2.0 */
/* Figures against a number that varied: the load, the packet size, how many senders, the hops, the burst. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/digest_row.h"
#include "report/figures.h"
#include "report/plot/choose.h"
#include "util/text.h"

#define PANELS_MAX 6
#define LOG_SPAN 20.0  /* from the least to the largest value: more of that is drawn on a log axis */

/* The x axis. */
struct across {
	enum parameter_id x;
	const char *slug, *by, *axis;
	const char *unit; /* "": that of the figures */
	bool log;         /* values that double from one to the next */
};

static const struct across across_rate = { PARAMETER_RATE, "rate", "intended rate", "intended rate", "",
					   false };
static const struct across across_size = { PARAMETER_SIZE, "size", "packet size", "packet size", "bytes",
					   true };
static const struct across across_pairs = { PARAMETER_CONTAINERS, "pairs", "number of pairs",
					    "pairs of containers", "pairs", false };
static const struct across across_senders = { PARAMETER_CONTAINERS, "pairs", "number of senders", "senders", "senders",
					      false }; /* the same, where some are in no pair */
static const struct across across_threads = { PARAMETER_THREADS, "threads", "threads of the switch",
					      "threads of the switch", "threads", false };
static const struct across across_burst = { PARAMETER_BURST, "burst", "burst", "packets a burst", "packets",
					    true };
static const struct across across_ring = { PARAMETER_RING, "ring", "ring size", "descriptors a ring",
					   "descriptors", true };

static const struct across across_hops = { PARAMETER_HOPS, "hops", "hops", "forwarders of the chain", "forwarders",
					   false };
static const struct across across_flows = { PARAMETER_FLOWS, "flows", "number of flows", "UDP flows of a sender",
					    "flows", true };

/* What is drawn against what. */
static const struct rule {
	const struct across *across;
	bool latency;
	enum plot_topic topic;
	const struct measure *measure;
	/*
	 * Which tests: at a given rate all forward the same, and at the highest latency is that of queues. PUBLISHED:
	 * all, where papers have it: beside it the plots of other figures say more.
	 */
	enum { ALL, UNPACED, PACED, PUBLISHED } of;
} rules[] = {
	{ &across_rate, false, TOPIC_RATE, &measure_forwarded, ALL },
	{ &across_rate, false, TOPIC_RATE, &measure_loss, ALL },
	{ &across_size, false, TOPIC_SIZE, &measure_forwarded, ALL },
	{ &across_size, false, TOPIC_SIZE, &measure_bits, ALL },
	{ &across_pairs, false, TOPIC_SCALE, &measure_forwarded, ALL },
	{ &across_pairs, false, TOPIC_COST, &measure_busy, ALL },
	{ &across_pairs, false, TOPIC_COST, &measure_processes, PUBLISHED },
	{ &across_pairs, false, TOPIC_COST, &measure_switch, PUBLISHED },
	{ &across_hops, false, TOPIC_SCALE, &measure_forwarded, UNPACED },
	{ &across_hops, false, TOPIC_SCALE, &measure_one_way, PACED },
	{ &across_hops, false, TOPIC_COST, &measure_cost, UNPACED },
	{ &across_hops, false, TOPIC_COST, &measure_hop_cost, UNPACED },
	{ &across_flows, false, TOPIC_SCALE, &measure_forwarded, ALL },
	{ &across_threads, false, TOPIC_SCALE, &measure_forwarded, ALL },
	{ &across_burst, false, TOPIC_BURST, &measure_forwarded, ALL },
	{ &across_ring, false, TOPIC_BURST, &measure_forwarded, ALL },
	{ &across_burst, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
	{ &across_burst, true, TOPIC_ROUND_TRIP, &measure_mean, ALL },
	{ &across_size, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
	{ &across_size, true, TOPIC_ROUND_TRIP, &measure_mean, PUBLISHED },
	{ &across_size, true, TOPIC_ROUND_TRIP, &measure_p90, PUBLISHED },
	{ &across_rate, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
	{ &across_pairs, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
	{ &across_hops, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
	{ &across_ring, true, TOPIC_ROUND_TRIP, &measure_round_trip, ALL },
};

/*
 * What was asked of all senders together, over the trials of a share of something that was itself measured.
 */
static double row_intended(const struct digest_row *row)
{
	double *samples, intended;
	size_t n = 0;

	if (row->value[PARAMETER_RATE].number > 0)
		return row->value[PARAMETER_RATE].number * row_senders(row);
	samples = calloc(row->count + 1, sizeof(*samples));
	for (size_t i = 0; samples && i < row->count; i++) {
		samples[n] = trial_number(row->trials[i], "tx.intended_pps");
		n += trial_is_ok(row->trials[i]) && isfinite(samples[n]);
	}
	intended = statistics_median(samples, n);
	free(samples);
	return isfinite(intended) ? intended : row->figure[FIGURE_OFFERED].median;
}

static double row_x(const struct digest_row *row, enum parameter_id id)
{
	return id == PARAMETER_RATE ? row_intended(row) : row->value[id].number;
}

struct x_sort {
	double x;
	size_t place;
	const struct digest_row *row;
};

static int x_compare(const void *a, const void *b)
{
	const struct x_sort *first = a, *second = b;

	if (first->x != second->x)
		return first->x < second->x ? -1 : 1;
	return first->place < second->place ? -1 : 1;
}

/* A series' points, from the least x to the largest. */
static int line_draw(struct plot_series *series, const struct rows *rows, const struct rule *rule,
		     const struct unit *x_unit, const struct unit *y_unit)
{
	struct x_sort *sorted = calloc(rows->count, sizeof(*sorted));
	size_t n = 0;
	int rc = sorted ? 0 : -ENOMEM;

	for (size_t i = 0; i < rows->count && !rc; i++) {
		double x = row_x(rows->row[i], rule->across->x);

		if (x > 0)
			sorted[n++] = (struct x_sort){ x, i, rows->row[i] };
	}
	if (n)
		qsort(sorted, n, sizeof(*sorted), x_compare);
	for (size_t i = 0; i < n && !rc; i++)
		rc = series_add_row(series, sorted[i].x / x_unit->scale, sorted[i].row, rule->measure,
				    y_unit);
	free(sorted);
	return rc;
}

static void plot_extent(const struct plot *plot, struct plot_point *least, struct plot_point *most)
{
	*least = (struct plot_point){ INFINITY, INFINITY, 0, 0 };
	*most = (struct plot_point){ 0, 0, 0, 0 };
	for (size_t s = 0; s < plot->count; s++)
		for (size_t i = 0; i < plot->series[s].count; i++) {
			const struct plot_point *point = &plot->series[s].points[i];

			least->x = fmin(least->x, point->x);
			least->y = fmin(least->y, point->y);
			most->x = fmax(most->x, point->x);
			most->y = fmax(fmax(most->y, point->y), point->high);
		}
}

/* As a load that nothing is lost of would be forwarded, to the largest load; the frame may cut it off. */
static int line_draw_guide(struct plot *plot)
{
	struct plot_point least, most;
	struct plot_series *guide;

	plot_extent(plot, &least, &most);
	guide = plot_add_series(plot, SERIES_GUIDE);
	if (!guide)
		return -ENOMEM;
	snprintf(guide->label, sizeof(guide->label), "nothing lost");
	if (series_add(guide, plot->x.log ? least.x : 0, plot->x.log ? least.x : 0, NAN, NAN))
		return -ENOMEM;
	return series_add(guide, most.x, most.x, NAN, NAN);
}

static int lines_finish(struct plot *plot, const struct rule *rule, const struct rows *rows,
			const struct unit *x, const struct unit *y)
{
	const bool of_rate = rule->across->x == PARAMETER_RATE;
	struct plot_point least, most;
	int rc = 0;

	plot_extent(plot, &least, &most);
	plot->x.log = most.x > least.x * LOG_SPAN || (rule->across->log && most.x > least.x * 3);
	plot->x.ticks = !of_rate || rows->row[0]->value[PARAMETER_RATE].number > 0;
	plot->y.log = least.y > 0 &&
		      ((of_rate && plot->x.log && rule->measure == &measure_forwarded) ||
		       ((rule->measure->log || rule->across == &across_hops) && most.y > least.y * LOG_SPAN));
	plot->y.from_zero = !plot->y.log;
	plot->x.from_zero = of_rate && !plot->x.log;
	snprintf(plot->x.label, sizeof(plot->x.label), "%s", rule->across->axis);
	if (!strstr(rule->across->axis, x->name)) /* "packets a burst" says it already */
		text_append(plot->x.label, sizeof(plot->x.label), " (%s)", x->name);
	measure_label(rule->measure, y, plot->y.label, sizeof(plot->y.label));
	plot_summarise(plot, x->name, y->name);
	if (of_rate && rule->measure == &measure_forwarded)
		rc = line_draw_guide(plot);
	return rc;
}

/* A panel: what it is about, and the units of both axes. */
struct canvas {
	const struct rule *rule;
	const struct rows *rows;
	const struct grouping *grouping;
	struct unit x, y;
	const char *run;
};

static int canvas_draw_line(const struct canvas *canvas, struct plot *plot, const struct rows *rows)
{
	struct plot_series *line = plot_add_series(plot, SERIES_MEASURED);
	char label[sizeof(line->label)];
	size_t first;
	int rc;

	if (!line)
		return -ENOMEM;
	words_test(rows->row[0], canvas->grouping->series, label, sizeof(label));
	memcpy(line->label, label, sizeof(label));
	first = plot->count;
	rc = line_draw(line, rows, canvas->rule, &canvas->x, &canvas->y);
	for (size_t i = 0; i < rows->count && !rc; i++) {
		double x = row_x(rows->row[i], canvas->rule->across->x) / canvas->x.scale;

		rc = plot_add_published(plot, first, canvas->run, label, x, rows->row[i],
					canvas->rule->measure, &canvas->y);
	}
	return rc;
}

static bool plot_has_line(const struct plot *plot)
{
	for (size_t i = 0; i < plot->count; i++)
		if (plot->series[i].kind == SERIES_MEASURED && plot->series[i].count > 1)
			return true;
	return false;
}

/* What the figures are of, as a caption begins. */
static const char *canvas_subject(const struct canvas *canvas)
{
	if (canvas->rule->measure == &measure_busy || canvas->rule->measure == &measure_cost)
		return "The whole machine";
	if (canvas->rule->measure == &measure_hop_cost)
		return "A forwarder, for each packet that it took in, mean of the chain's";
	for (size_t i = 0; i < canvas->rows->count && !canvas->rule->latency; i++)
		if (canvas->rows->row[i]->value[PARAMETER_CONTAINERS].number > 1)
			return canvas->rule->across == &across_senders ? "All senders together" : "All pairs together";
	return "Points";
}

static int canvas_finish(const struct canvas *canvas, struct chooser *chooser, struct plot *plot)
{
	const struct rule *rule = canvas->rule;
	char title[160], which[160], how[96];

	snprintf(title, sizeof(title), "%s by %s", rule->measure->title, rule->across->by);
	plot_title(plot, title, canvas->rows, canvas->grouping->panel);
	words_test(canvas->rows->row[0], canvas->grouping->panel, which, sizeof(which));
	plots_name(chooser->plots, plot, "%s-by-%s-%s", rule->measure->slug, rule->across->slug, which);
	snprintf(how, sizeof(how), "%s: %s.", canvas_subject(canvas), rows_medians(canvas->rows));
	plot_caption(plot, canvas->rows, rule->measure, how);
	return lines_finish(plot, rule, canvas->rows, &canvas->x, &canvas->y);
}

/* One plot, of as many series as it has room for, from `first` on; nothing where none has two points. */
static int canvas_draw(const struct canvas *canvas, struct chooser *chooser, const struct parts *series,
		       size_t first)
{
	struct plot *plot = plots_add(chooser->plots, canvas->rule->topic, PLOT_LINES);
	int rc = plot ? 0 : -ENOMEM;

	for (size_t i = first; i < series->count && i < first + SERIES_MAX && !rc; i++)
		rc = canvas_draw_line(canvas, plot, &series->part[i]);
	if (rc)
		return rc;
	if (plot_has_line(plot))
		return canvas_finish(canvas, chooser, plot);
	plot_clear(plot);
	chooser->plots->count--;
	return 0;
}

static int panel_draw(struct chooser *chooser, const struct rule *rule, const struct rows *rows,
		      const struct grouping *grouping)
{
	struct canvas canvas = { rule, rows, grouping, { rule->across->unit, 1, 0 },
				 rule->measure->unit(rows_largest(rows, rule->measure)), chooser->run };
	struct parts series;
	double largest = 0;
	int rc;

	for (size_t i = 0; i < rows->count; i++)
		largest = fmax(largest, row_x(rows->row[i], rule->across->x));
	if (rule->across->x == PARAMETER_RATE)
		canvas.x = unit_packet_rate(largest);
	if (rule->across->x == PARAMETER_RATE && rule->measure == &measure_forwarded)
		canvas.y = canvas.x; /* what was lost is seen at a glance */
	rc = rows_divide(rows, grouping->series, &series);
	for (size_t first = 0; first < series.count && !rc; first += SERIES_MAX)
		rc = canvas_draw(&canvas, chooser, &series, first);
	parts_free(&series);
	return rc;
}

/* Two values make no curve: where bars show them, or another number has more values, they have no plot. */
static bool rule_applies(const struct rule *rule, const struct rows *rows)
{
	size_t values = rows_values(rows, rule->across->x);

	if (values != 2)
		return values > 2;
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (parameter_is_numeric(rows, (enum parameter_id)p) &&
		    rows_values(rows, (enum parameter_id)p) > 2)
			return false;
	return !rows_are_bars(rows);
}

/* Loss is a plot of its own where a sweep or loss curve asked for it, and some was lost. */
static bool loss_is_asked_for(const struct rows *rows)
{
	bool points = false, lost = false;

	for (size_t i = 0; i < rows->count; i++) {
		points |= rows->row[i]->point;
		lost |= rows->row[i]->figure[FIGURE_LOSS].median > 0;
	}
	return points && lost;
}

static int rule_draw(struct chooser *chooser, const struct rule *rule, const struct rows *rows)
{
	bool without[PARAMETER_COUNT] = { false };
	struct grouping grouping;
	struct parts panels;
	int rc;

	without[rule->across->x] = true;
	if ((rule->measure == &measure_loss && !loss_is_asked_for(rows)) ||
	    (rule->of == PUBLISHED && !rows_published(rows, chooser->run, rule->measure)))
		return 0;
	rc = rows_group(rows, without, &grouping);
	if (rc)
		return rc;
	rc = rows_divide(rows, grouping.panel, &panels);
	chooser->left[rule->topic] += parts_thin(&panels, PANELS_MAX);
	for (size_t i = 0; i < panels.count && !rc; i++)
		rc = panel_draw(chooser, rule, &panels.part[i], &grouping);
	parts_free(&panels);
	return rc;
}

/* A mix of sizes has no place on an axis of sizes, and what is no chain has no number of hops. */
static bool row_has_place(const struct digest_row *row, const struct rule *rule)
{
	const bool paced = row->value[PARAMETER_RATE].number > 0;

	return (rule->of == UNPACED ? !paced : rule->of == PACED ? paced : true) && !row->unused[rule->across->x] &&
	       !(rule->across->x == PARAMETER_SIZE && value_is_mix(&row->value[PARAMETER_SIZE]));
}

static bool rows_are_pairs(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->row[i]->value[PARAMETER_TOPOLOGY].text, parameter_table[PARAMETER_TOPOLOGY].fallback))
			return false;
	return true;
}

static int rule_follow(struct chooser *chooser, const struct rule *rule, const struct rows *rows)
{
	struct rule used = *rule;
	struct rows placed = { NULL, 0 };
	int rc = 0;

	for (size_t i = 0; i < rows->count && !rc; i++)
		if (row_has_place(rows->row[i], rule))
			rc = rows_add(&placed, rows->row[i]);
	if (rule->across == &across_pairs && !rows_are_pairs(&placed))
		used.across = &across_senders;
	if (!rc && rule_applies(&used, &placed))
		rc = rule_draw(chooser, &used, &placed);
	rows_free(&placed);
	return rc;
}

int choose_lines(struct chooser *chooser)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules) && !rc; i++)
		rc = rule_follow(chooser, &rules[i], rules[i].latency ? &chooser->latency :
				 rules[i].across->x == PARAMETER_RATE ? &chooser->loads : &chooser->fixed);
	return rc;
}
