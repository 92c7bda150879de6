/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/figures.h"
#include "report/plot/choose.h"
#include "report/published.h"
#include "util/text.h"

const char *topic_title(enum plot_topic topic)
{
	static const char *const titles[TOPIC_COUNT] = {
		[TOPIC_RATE] = "Forwarded against intended rate",
		[TOPIC_SIZE] = "Packet size",
		[TOPIC_SCALE] = "Scale",
		[TOPIC_BURST] = "Bursts and rings",
		[TOPIC_COMPARE] = "Forwarded rate",
		[TOPIC_ROUND_TRIP] = "Round trip",
		[TOPIC_DISTRIBUTION] = "Distribution of latency",
		[TOPIC_COST] = "Processor time",
		[TOPIC_INTERFERENCE] = "Quotas and neighbours",
		[TOPIC_TIME] = "In the course of a trial",
	};

	return titles[topic];
}

void plots_free(struct plots *plots)
{
	for (size_t i = 0; i < plots->count; i++)
		plot_clear(&plots->plot[i]);
	free(plots->plot);
	memset(plots, 0, sizeof(*plots));
}

/* Which tests may share plots. A sweep as a whole has no figures; its points have. */
static int chooser_sort_rows(struct chooser *chooser)
{
	int rc = 0;

	for (size_t i = 0; i < chooser->digest->count && !rc; i++) {
		const struct digest_row *row = &chooser->digest->rows[i];

		if (!row->ok || row->sweep)
			continue;
		if (row->latency) {
			rc = rows_add(&chooser->latency, row);
			continue;
		}
		if (!row->point)
			rc = rows_add(&chooser->fixed, row);
		if (!rc && (row->point || row->value[PARAMETER_RATE].number > 0))
			rc = rows_add(&chooser->loads, row);
	}
	return rc;
}

/* Place of a plot among those of its topic; they are still in the order in which they were made. */
struct rank {
	size_t place, made;
	struct plot plot;
};

static int rank_compare(const void *a, const void *b)
{
	const struct rank *first = a, *second = b;

	if (first->place != second->place)
		return first->place < second->place ? -1 : 1;
	if (first->plot.topic != second->plot.topic)
		return first->plot.topic < second->plot.topic ? -1 : 1;
	return first->made < second->made ? -1 : 1;
}

static int topic_compare(const void *a, const void *b)
{
	const struct rank *first = a, *second = b;

	if (first->plot.topic != second->plot.topic)
		return first->plot.topic < second->plot.topic ? -1 : 1;
	return first->made < second->made ? -1 : 1;
}

/* Breadth first: the first plot of each topic, then the second of each; then in order of topics. */
static int plots_thin(struct chooser *chooser, size_t most)
{
	struct plots *plots = chooser->plots;
	struct rank *ranks = calloc(plots->count + 1, sizeof(*ranks));
	size_t places[TOPIC_COUNT] = { 0 };

	if (!ranks)
		return -ENOMEM;
	for (size_t i = 0; i < plots->count; i++)
		ranks[i] = (struct rank){ places[plots->plot[i].topic]++, i, plots->plot[i] };
	qsort(ranks, plots->count, sizeof(*ranks), rank_compare);
	for (size_t i = most; i < plots->count; i++) {
		chooser->left[ranks[i].plot.topic]++;
		plot_clear(&ranks[i].plot);
	}
	plots->count = plots->count < most ? plots->count : most;
	qsort(ranks, plots->count, sizeof(*ranks), topic_compare);
	for (size_t i = 0; i < plots->count; i++)
		plots->plot[i] = ranks[i].plot;
	free(ranks);
	return 0;
}

static void plots_tell_left_out(struct chooser *chooser)
{
	struct plots *plots = chooser->plots;

	for (int t = 0; t < TOPIC_COUNT; t++)
		if (chooser->left[t])
			text_append(plots->left_out, sizeof(plots->left_out), "%s%zu on %s",
				 *plots->left_out ? ", "
						  : "More plots would be too many to look at; left out: ",
				 chooser->left[t], topic_title((enum plot_topic)t));
	if (*plots->left_out)
		text_append(plots->left_out, sizeof(plots->left_out), ". The tables have all figures");
}

/* "2026-11-21T20:35:19.123Z"; 0 = not such a time. */
static int64_t run_started(const struct record_view *view)
{
	struct tm tm = { 0 };
	const char *end = strptime(trial_text(view->run, "started"), "%Y-%m-%dT%H:%M:%S", &tm);

	return end ? timegm(&tm) : 0;
}

static int choose_all(struct chooser *chooser, struct spectra **spectra, struct error *err)
{
	int rc = chooser_sort_rows(chooser);

	if (!rc)
		rc = choose_lines(chooser);
	if (!rc)
		rc = choose_bars(chooser);
	if (!rc)
		rc = choose_cost(chooser);
	if (!rc)
		rc = spectra_choose(spectra, chooser);
	if (!rc)
		rc = plots_thin(chooser, PLOTS_MAX - spectra_plots(*spectra));
	if (rc)
		return error_set(err, -rc, NULL, "out of memory");
	rc = spectra_draw(*spectra, chooser, err);
	if (!rc && plots_thin(chooser, PLOTS_MAX) != 0)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	return rc;
}

int plots_choose(struct plots *plots, const struct digest *digest, const struct record_view *view,
		 struct error *err)
{
	struct chooser chooser = { .digest = digest, .view = view, .plots = plots,
				   .run = published_run(view) };
	struct spectra *spectra = NULL;
	int rc;

	memset(plots, 0, sizeof(*plots));
	plots->made = run_started(view);
	rc = choose_all(&chooser, &spectra, err);
	plots_tell_left_out(&chooser);
	spectra_free(spectra);
	rows_free(&chooser.fixed);
	rows_free(&chooser.loads);
	rows_free(&chooser.latency);
	return rc;
}
