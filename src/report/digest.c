/* SPDX-License-Identifier: Apache-2.0 */
#include "report/digest.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bootstrap.h"
#include "measure/statistics.h"
#include "report/digest_row.h"
#include "report/figures.h"
#include "search/rate.h"
#include "suite/suite.h"

/* A digest in the making. */
struct maker {
	struct digest *digest;
	size_t room;   /* for rows */
	json_t *index; /* {key: row number} */
};

/* The test with every parameter: itself where it has them, as thousands of trials have. New reference. */
static json_t *test_whole(json_t *test)
{
	for (int i = 0; i < PARAMETER_COUNT; i++)
		if (!json_object_get(test, parameter_table[i].name))
			return test_complete(test);
	return json_incref(test);
}

/* What tells rows apart: the test, and of a point also its sweep. malloc'd; NULL without memory. */
static char *row_key(const json_t *test, const char *sweep)
{
	json_t *key = json_pack("[O, s?]", test, sweep);
	char *text = key ? json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS | RECORD_NUMBERS) : NULL;

	json_decref(key);
	return text;
}

static struct digest_row *digest_add_row(struct maker *maker, json_t *test)
{
	struct digest *digest = maker->digest;
	size_t room = maker->room ? maker->room * 2 : 64;
	struct digest_row *row;

	if (digest->count == maker->room) {
		row = reallocarray(digest->rows, room, sizeof(*row));
		if (!row)
			return NULL;
		digest->rows = row;
		maker->room = room;
	}
	row = &digest->rows[digest->count++];
	memset(row, 0, sizeof(*row));
	row->test = json_incref(test);
	row_read_test(row, test);
	return row;
}

/*
 * The row of a test, made if it is new; NULL when out of memory. `sweep` is NULL, or the rate of the sweep
 * that the test is a point of.
 */
static struct digest_row *digest_row_of(struct maker *maker, json_t *test, const char *sweep)
{
	json_t *whole = test_whole(test);
	char *key = whole ? row_key(whole, sweep) : NULL;
	const json_t *known = key ? json_object_get(maker->index, key) : NULL;
	json_int_t number = (json_int_t)maker->digest->count;
	struct digest_row *row = NULL;

	if (known)
		row = &maker->digest->rows[json_integer_value(known)];
	else if (key && json_object_set_new(maker->index, key, json_integer(number)) == 0)
		row = digest_add_row(maker, whole);
	json_decref(whole);
	free(key);
	return row;
}

/* In twice the room each time that it is full: at 1, 2, 4, 8 trials. */
static int row_add_trial(struct digest_row *row, const json_t *trial)
{
	if (!(row->count & (row->count - 1))) {
		size_t room = row->count ? row->count * 2 : 1;
		const json_t **trials = reallocarray(row->trials, room, sizeof(*trials));

		if (!trials)
			return -ENOMEM;
		row->trials = trials;
	}
	row->trials[row->count++] = trial;
	return 0;
}

/* Lines by a number (their repeat, the row of their sweep), then as recorded. */
struct turn {
	double by;
	size_t at;
};

static int turn_compare(const void *one, const void *other)
{
	const struct turn *a = one, *b = other;

	if (a->by != b->by)
		return a->by < b->by ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* Of the trials with the same repeat the last one remains, in the place of the first. */
static int row_drop_repeated(struct digest_row *row)
{
	struct turn *turns = calloc(row->count + 1, sizeof(*turns));
	size_t n = 0, left = 0;

	if (!turns)
		return -ENOMEM;
	for (size_t i = 0; i < row->count; i++) {
		const json_t *repeat = json_object_get(row->trials[i], "repeat");

		if (json_is_number(repeat))
			turns[n++] = (struct turn){ json_number_value(repeat), i };
	}
	qsort(turns, n, sizeof(*turns), turn_compare);
	for (size_t i = 0, first = 0; i < n; i++) {
		if (turns[i].by != turns[first].by)
			first = i;
		if (i == first)
			continue;
		row->trials[turns[first].at] = row->trials[turns[i].at];
		row->trials[turns[i].at] = NULL;
	}
	for (size_t i = 0; i < row->count; i++)
		if (row->trials[i])
			row->trials[left++] = row->trials[i];
	row->count = left;
	free(turns);
	return 0;
}

/* An MRR is a mean of trials: its spread is theirs, where the test has not more to tell. */
static void row_spread_mrr(struct digest_row *row)
{
	const json_t *trial = row->trials[row->count - 1];
	double min = trial_number(trial, "search.mrr.min_pps"), max = trial_number(trial, "search.mrr.max_pps");

	if (!isfinite(min) || !isfinite(max))
		return;
	row->figure[FIGURE_FORWARDED].min = row->figure[FIGURE_FORWARDED].low = min;
	row->figure[FIGURE_FORWARDED].max = row->figure[FIGURE_FORWARDED].high = max;
}

/* Void trials have figures, and no say. */
size_t digest_samples(const struct digest_row *row, enum figure figure, double *samples)
{
	size_t n = 0;

	for (size_t i = 0; i < row->count; i++) {
		if (!trial_is_ok(row->trials[i]))
			continue;
		samples[n] = trial_figure(row->trials[i], figure, row->latency);
		n += isfinite(samples[n]) ? 1 : 0;
	}
	return n;
}

static struct spread spread_of(const double *samples, size_t n)
{
	struct interval interval = { statistics_min(samples, n), statistics_max(samples, n), 0 };
	struct spread spread = { .median = statistics_median(samples, n), .min = interval.low, .max = interval.high,
				 .n = n };

	statistics_median_interval(samples, n, CONFIDENCE, &interval);
	spread.low = interval.low;
	spread.high = interval.high;
	spread.coverage = interval.coverage;
	return spread;
}

static int row_summarise(struct digest_row *row)
{
	double *samples = calloc(row->count + 1, sizeof(*samples));

	if (!samples)
		return -ENOMEM;
	for (size_t i = 0; i < row->count; i++)
		row->ok += trial_is_ok(row->trials[i]);
	for (int f = 0; f < FIGURE_COUNT; f++)
		row->figure[f] = spread_of(samples, digest_samples(row, (enum figure)f, samples));
	if (row->ok == 1)
		row_spread_mrr(row);
	free(samples);
	return 0;
}

bool digest_ratio(const struct digest_row *a, const struct digest_row *b, enum figure figure,
		  struct interval *interval)
{
	double *samples = calloc(a->count + b->count + 1, sizeof(*samples));
	struct bootstrap_group groups[2];
	bool known = false;

	if (samples) {
		groups[0] = (struct bootstrap_group){ samples, digest_samples(a, figure, samples) };
		groups[1] = (struct bootstrap_group){ samples + a->count, digest_samples(b, figure, samples + a->count) };
		known = bootstrap_interval(groups, 2, bootstrap_median_ratio, NULL, CONFIDENCE, interval) == 0;
	}
	free(samples);
	return known;
}

/* What a point is called: its load, or its share: of the MRR in a sweep, of the highest load in a loss curve. */
static json_t *point_rate(const json_t *trial, const char *sweep)
{
	const json_t *share = trial_value(trial, "load.share");
	struct rate rate;
	char text[32];

	if (!json_is_number(share))
		return json_real(round(trial_number(trial, "load.rate_pps")));
	snprintf(text, sizeof(text), "%s%.6g%%",
		 rate_parse(sweep, &rate, NULL) == 0 && rate.kind == RATE_LOSS_CURVE ? "max:" : "",
		 json_number_value(share) * 100);
	return json_string(text);
}

/* A trial of a sweep or loss curve: a row of its own, whatever other rows have the same load. */
static int digest_add_point(struct maker *maker, const json_t *trial)
{
	json_t *test = test_complete(json_object_get(trial, "test"));
	const char *rate = parameter_table[PARAMETER_RATE].name;
	const char *sweep = json_string_value(json_object_get(json_object_get(trial, "test"), rate));
	struct digest_row *row = NULL;

	if (test && json_object_set_new(test, rate, point_rate(trial, sweep)) == 0)
		row = digest_row_of(maker, test, sweep);
	json_decref(test);
	if (!row)
		return -ENOMEM;
	row->point = true;
	return row_add_trial(row, trial);
}

/* Trials that searches made on their way are no one's figures. */
static bool line_is_point(const json_t *line)
{
	return !strcmp(trial_text(line, "kind"), "step") && !strcmp(trial_text(line, "load.purpose"), "measure") &&
	       test_is_sweep(json_object_get(line, "test"));
}

/* The row of the sweep that a point is of; behind all others where there is none: it was never concluded. */
static double sweep_place(const struct maker *maker, const json_t *point)
{
	json_t *whole = test_whole(json_object_get(point, "test"));
	char *key = whole ? row_key(whole, NULL) : NULL;
	const json_t *known = key ? json_object_get(maker->index, key) : NULL;

	json_decref(whole);
	free(key);
	return known ? json_number_value(known) : (double)SIZE_MAX;
}

/* Points stand sweep by sweep in the order of the suite, whichever ran first. */
static int digest_add_points(struct maker *maker, const struct record_view *view)
{
	struct turn *turns = calloc(view->count + 1, sizeof(*turns));
	size_t count = 0;
	int result = turns ? 0 : -ENOMEM;

	for (size_t i = 0; i < view->count && !result; i++)
		if (line_is_point(view->trials[i]))
			turns[count++] = (struct turn){ sweep_place(maker, view->trials[i]), i };
	if (!result)
		qsort(turns, count, sizeof(*turns), turn_compare);
	for (size_t i = 0; i < count && !result; i++)
		result = digest_add_point(maker, view->trials[turns[i].at]);
	free(turns);
	return result;
}

static int digest_collect(struct maker *maker, const struct record_view *view)
{
	const json_t *tests = json_object_get(view->run, "tests");

	for (size_t i = 0; i < json_array_size(tests); i++)
		if (json_is_object(json_array_get(tests, i)) && !digest_row_of(maker, json_array_get(tests, i), NULL))
			return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		struct digest_row *row;

		if (!record_line_concludes(view->trials[i]))
			continue;
		row = digest_row_of(maker, json_object_get(view->trials[i], "test"), NULL);
		if (!row || row_add_trial(row, view->trials[i]) != 0)
			return -ENOMEM;
	}
	return digest_add_points(maker, view);
}

static int digest_summarise(struct digest *digest)
{
	for (size_t i = 0; i < digest->count; i++) {
		struct digest_row *row = &digest->rows[i];

		if (row_drop_repeated(row) != 0 || row_summarise(row) != 0)
			return -ENOMEM;
		if (row->point)
			continue;
		digest->planned += row->planned;
		digest->recorded += row->count;
	}
	return 0;
}

int digest_make(struct digest *digest, const struct record_view *view, struct error *err)
{
	struct maker maker = { .digest = digest, .index = json_object() };
	int rc;

	memset(digest, 0, sizeof(*digest));
	rc = maker.index ? digest_collect(&maker, view) : -ENOMEM;
	json_decref(maker.index);
	if (!rc)
		rc = digest_summarise(digest);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : 0;
}

void digest_free(struct digest *digest)
{
	for (size_t i = 0; i < digest->count; i++) {
		free(digest->rows[i].trials);
		json_decref(digest->rows[i].test);
	}
	free(digest->rows);
	memset(digest, 0, sizeof(*digest));
}
