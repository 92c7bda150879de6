/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which trials are to be seen whole: distributions of latency, under a few loads, and the course of the
 * trials that are worth a look. All are read in one go through the record.
 */
#include "report/plot/spectra.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"
#include "report/contest.h"
#include "report/figures.h"
#include "util/text.h"

#define LOADS_MAX (SPECTRUM_PANELS_MAX / 2) /* of each dimension */
#define SECONDS_LEAST 3 /* a shorter trial has no course */

static int wish_add(struct spectra *spectra, struct wish wish)
{
	size_t count = spectra->wish_count;

	if (!count || !(count & (count - 1))) {
		struct wish *grown = reallocarray(spectra->wishes, count ? count * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		spectra->wishes = grown;
	}
	spectra->wishes[spectra->wish_count++] = wish;
	return 0;
}

static int spectrum_wish(struct spectra *spectra, struct spectrum *spectrum, const struct rows *rows)
{
	int rc = 0;

	spectrum->histogram = malloc(sizeof(*spectrum->histogram));
	if (!spectrum->histogram)
		return -ENOMEM;
	histogram_reset(spectrum->histogram);
	for (size_t i = 0; i < rows->count; i++)
		for (size_t k = 0; k < rows->row[i]->count && !rc; k++)
			if (trial_is_ok(rows->row[i]->trials[k]))
				rc = wish_add(spectra,
					      (struct wish){ rows->row[i]->trials[k], spectrum, NULL });
	return rc;
}

static int spectrum_panel_choose(struct spectra *spectra, const struct rows *rows,
				 const struct grouping *grouping)
{
	struct spectrum_panel *panel = &spectra->spectrum[spectra->spectra++];
	struct parts series;
	int rc = rows_divide(rows, grouping->series, &series);

	panel->grouping = *grouping;
	panel->latency = rows->row[0]->latency;
	panel->others = series.count > SERIES_MAX ? series.count - SERIES_MAX : 0;
	for (size_t i = 0; i < series.count && i < SERIES_MAX && !rc; i++) {
		struct spectrum *spectrum = &panel->spectrum[panel->count++];

		words_test(series.part[i].row[0], grouping->series, spectrum->label, sizeof(spectrum->label));
		rc = spectrum_wish(spectra, spectrum, &series.part[i]);
		for (size_t k = 0; k < series.part[i].count && !rc; k++)
			rc = rows_add(&panel->rows, series.part[i].row[k]);
	}
	parts_free(&series);
	return rc;
}

/* Of rows of one dimension, those that have a latency: a load each. */
static int spectra_choose_loads(struct spectra *spectra, struct chooser *chooser, const struct rows *rows)
{
	static const bool nothing[PARAMETER_COUNT];
	struct rows known = { NULL, 0 };
	struct grouping grouping;
	struct parts panels = { NULL, 0 };
	int rc = 0;

	for (size_t i = 0; i < rows->count && !rc; i++)
		if (isfinite(rows->row[i]->figure[FIGURE_P50].median))
			rc = rows_add(&known, rows->row[i]);
	if (!rc)
		rc = rows_group(&known, nothing, &grouping);
	if (!rc)
		rc = rows_divide(&known, grouping.panel, &panels);
	chooser->left[TOPIC_DISTRIBUTION] += 2 * parts_thin(&panels, LOADS_MAX);
	for (size_t i = 0; i < panels.count && !rc; i++)
		rc = spectrum_panel_choose(spectra, &panels.part[i], &grouping);
	parts_free(&panels);
	rows_free(&known);
	return rc;
}

/* The first trial of a row that is long enough and has the flag (NULL: any). */
static const json_t *row_trial(const struct digest_row *row, const char *flag)
{
	for (size_t i = 0; i < row->count; i++) {
		const json_t *trial = row->trials[i];

		if (trial_is_ok(trial) &&
		    trial_number(trial, "duration_s") >= SECONDS_LEAST &&
		    (!flag || trial_has_flag(trial, flag)))
			return trial;
	}
	return NULL;
}

static bool trial_is_shown(const struct spectra *spectra, const json_t *trial)
{
	for (size_t i = 0; i < spectra->traces; i++)
		for (size_t k = 0; k < spectra->trace[i].count; k++)
			if (spectra->trace[i].trace[k].trial == trial)
				return true;
	return false;
}

/* Into the last panel; not what another one shows already. */
static int trace_choose(struct spectra *spectra, const struct digest_row *row, const char *flag)
{
	struct trace_panel *panel = &spectra->trace[spectra->traces - 1];
	const json_t *trial = row_trial(row, flag);

	if (!trial || panel->count == TRACES_MAX || trial_is_shown(spectra, trial))
		return 0;
	panel->trace[panel->count++].trial = trial;
	return rows_add(&panel->rows, row);
}

/* Trials that a flag calls bad: a plot of them. */
static int traces_choose_flagged(struct spectra *spectra, struct chooser *chooser, const char *flag,
				 const char *title)
{
	struct trace_panel *panel = &spectra->trace[spectra->traces++];
	int rc = 0;

	panel->title = title;
	panel->slug = flag;
	panel->how = "The first such trial of each test, and of these the first ones.";
	for (size_t i = 0; i < chooser->fixed.count && !rc; i++)
		rc = trace_choose(spectra, chooser->fixed.row[i], flag);
	for (size_t i = 0; i < chooser->latency.count && !rc; i++)
		rc = trace_choose(spectra, chooser->latency.row[i], flag);
	return rc;
}

static int traces_choose_best(struct spectra *spectra, struct chooser *chooser)
{
	struct trace_panel *panel = &spectra->trace[spectra->traces++];
	struct contests contests = { 0 };
	int rc = contests_hold(&contests, chooser->fixed.row, chooser->fixed.count, MERIT_THROUGHPUT, false);

	panel->title = "Packets that arrived each second, fastest tests";
	panel->slug = "fastest";
	panel->how = "The first trial of the fastest test under each load.";
	for (size_t i = 0; i < contests.count && !rc; i++)
		if (contests.contest[i].best)
			rc = trace_choose(spectra, contests.contest[i].best, NULL);
	contests_free(&contests);
	return rc;
}

/* What tells a panel's trials apart becomes their label, and they are wished for. */
static int traces_wish(struct spectra *spectra, struct trace_panel *panel)
{
	bool varies[PARAMETER_COUNT];
	int rc = 0;

	words_varying(panel->rows.row, panel->rows.count, varies);
	for (size_t i = 0; i < panel->count && !rc; i++) {
		struct trace *trace = &panel->trace[i];
		double repeat = trial_number(trace->trial, "repeat");

		words_test(panel->rows.row[i], varies, trace->label, sizeof(trace->label));
		if (panel->rows.row[i]->count > 1 && repeat >= 1)
			text_append(trace->label, sizeof(trace->label), "%srepeat %.0f",
				 *trace->label ? ", " : "", repeat);
		rc = wish_add(spectra, (struct wish){ trace->trial, NULL, trace });
	}
	return rc;
}

static int wish_compare(const void *a, const void *b)
{
	const struct wish *first = a, *second = b;

	return first->trial < second->trial ? -1 : first->trial > second->trial;
}

static int spectra_allocate(struct spectra **made)
{
	struct spectra *spectra = calloc(1, sizeof(*spectra));

	*made = spectra;
	if (!spectra)
		return -ENOMEM;
	spectra->spectrum = calloc(SPECTRUM_PANELS_MAX, sizeof(*spectra->spectrum));
	spectra->trace = calloc(TRACE_PANELS_MAX, sizeof(*spectra->trace));
	spectra->scratch = malloc(sizeof(*spectra->scratch));
	return spectra->spectrum && spectra->trace && spectra->scratch ? 0 : -ENOMEM;
}

/*
 * One-way latency. At the rate max it is how long the queues are: where round trips tell of the paths, that
 * is worth no plot.
 */
static int spectra_choose_one_way(struct spectra *spectra, struct chooser *chooser)
{
	struct rows paced = { NULL, 0 };
	int rc = 0;

	if (!chooser->latency.count)
		return spectra_choose_loads(spectra, chooser, &chooser->fixed);
	for (size_t i = 0; i < chooser->fixed.count && !rc; i++)
		if (chooser->fixed.row[i]->value[PARAMETER_RATE].number > 0)
			rc = rows_add(&paced, chooser->fixed.row[i]);
	if (!rc)
		rc = spectra_choose_loads(spectra, chooser, &paced);
	rows_free(&paced);
	return rc;
}

int spectra_choose(struct spectra **made, struct chooser *chooser)
{
	int rc = spectra_allocate(made);
	struct spectra *spectra = *made;

	if (!rc)
		rc = spectra_choose_loads(spectra, chooser, &chooser->latency);
	if (!rc)
		rc = spectra_choose_one_way(spectra, chooser);
	if (!rc)
		rc = traces_choose_flagged(spectra, chooser, "unstable",
					   "Packets that arrived each second, unstable trials");
	if (!rc)
		rc = traces_choose_flagged(spectra, chooser, "disturbed",
					   "Packets that arrived each second, disturbed trials");
	if (!rc)
		rc = traces_choose_best(spectra, chooser);
	for (size_t i = 0; i < spectra->traces && !rc; i++)
		rc = traces_wish(spectra, &spectra->trace[i]);
	if (!rc && spectra->wish_count)
		qsort(spectra->wishes, spectra->wish_count, sizeof(*spectra->wishes), wish_compare);
	return rc;
}

size_t spectra_plots(const struct spectra *spectra)
{
	size_t plots = 2 * spectra->spectra;

	for (size_t i = 0; i < spectra->traces; i++)
		plots += spectra->trace[i].count > 0;
	return plots;
}

/* A histogram that cannot be read is left out: its figures are in the tables as the record has them. */
static void spectrum_read(struct spectra *spectra, struct spectrum *spectrum, const json_t *trial)
{
	const json_t *histogram = trial_value(trial, "latency.round_trip_ns.histogram");
	struct error ignored;

	if (!histogram)
		histogram = trial_value(trial, "latency.one_way_ns.histogram");
	if (histogram && control_histogram_decode(histogram, spectra->scratch, &ignored) == 0)
		histogram_merge(spectrum->histogram, spectra->scratch);
}

static int trace_read(struct trace *trace, const json_t *trial)
{
	const json_t *samples = trial_value(trial, "samples");
	size_t n = json_array_size(samples);

	free(trace->packets);
	trace->packets = calloc(n + 1, sizeof(*trace->packets));
	if (!trace->packets)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		trace->packets[i] = trial_number(json_array_get(samples, i), "rx_packets");
	trace->count = n;
	return 0;
}

struct reading {
	struct spectra *spectra;
	const struct record_view *view;
};

/* The first wish for a trial of the view (they are sorted); the number of wishes: there is none. */
static size_t wish_find(const struct spectra *spectra, const json_t *trial)
{
	size_t low = 0, high = spectra->wish_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spectra->wishes[middle].trial < trial)
			low = middle + 1;
		else
			high = middle;
	}
	return low < spectra->wish_count && spectra->wishes[low].trial == trial ? low : spectra->wish_count;
}

static int trial_read(void *context, size_t index, json_t *trial, struct error *err)
{
	struct reading *reading = context;
	struct spectra *spectra = reading->spectra;
	const json_t *known = reading->view->trials[index];

	for (size_t i = wish_find(spectra, known);
	     i < spectra->wish_count && spectra->wishes[i].trial == known; i++) {
		struct wish *wish = &spectra->wishes[i];

		if (wish->spectrum)
			spectrum_read(spectra, wish->spectrum, trial);
		else if (trace_read(wish->trace, trial) != 0)
			return error_set(err, ENOMEM, NULL, "out of memory");
	}
	return 0;
}

static int wishes_read(struct spectra *spectra, const struct record_view *view, struct error *err)
{
	struct reading reading = { spectra, view };
	bool *wanted = calloc(view->count + 1, sizeof(*wanted));
	int rc;

	if (!wanted)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (size_t i = 0; i < view->count; i++)
		wanted[i] = wish_find(spectra, view->trials[i]) < spectra->wish_count;
	rc = record_scan_some(view, wanted, trial_read, &reading, err);
	free(wanted);
	return rc;
}

int spectra_draw(struct spectra *spectra, struct chooser *chooser, struct error *err)
{
	int rc = spectra->wish_count ? wishes_read(spectra, chooser->view, err) : 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < spectra->spectra && !rc; i++)
		rc = spectrum_panel_draw(chooser, &spectra->spectrum[i]);
	for (size_t i = 0; i < spectra->traces && !rc; i++)
		rc = trace_panel_draw(chooser, &spectra->trace[i]);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : 0;
}

void spectra_free(struct spectra *spectra)
{
	if (!spectra)
		return;
	for (size_t i = 0; spectra->spectrum && i < spectra->spectra; i++) {
		for (size_t k = 0; k < spectra->spectrum[i].count; k++)
			free(spectra->spectrum[i].spectrum[k].histogram);
		rows_free(&spectra->spectrum[i].rows);
	}
	for (size_t i = 0; spectra->trace && i < spectra->traces; i++) {
		for (size_t k = 0; k < spectra->trace[i].count; k++)
			free(spectra->trace[i].trace[k].packets);
		rows_free(&spectra->trace[i].rows);
	}
	free(spectra->spectrum);
	free(spectra->trace);
	free(spectra->wishes);
	free(spectra->scratch);
	free(spectra);
}
