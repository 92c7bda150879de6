/* SPDX-License-Identifier: Apache-2.0 */
#include "report/digest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"
#include "report/figures.h"
#include "suite/suite.h"

/* What a value of another kind than expected looks like: its text as it stands. */
static void value_foreign(const json_t *json, struct value *value)
{
	const char *text = json_string_value(json);

	value->number = 0;
	snprintf(value->text, sizeof(value->text), "%s", text ? text : "?");
}

static void row_read_test(struct digest_row *row, const json_t *test)
{
	const char *dimension;

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		const json_t *json = json_object_get(test, parameter->name);
		struct error ignored;

		if (!json || parameter_from_json(parameter, json, &row->value[i], &ignored) != 0)
			value_foreign(json, &row->value[i]);
	}
	dimension = json_string_value(json_object_get(test, parameter_table[PARAMETER_DIMENSION].name));
	row->latency = dimension && !strcmp(dimension, "latency");
	row->planned = 1;
	if (row->value[PARAMETER_REPEATS].number >= 1 && row->value[PARAMETER_REPEATS].number <= 1e6)
		row->planned = (unsigned)row->value[PARAMETER_REPEATS].number;
}

/* The row of a test, made if it is new; NULL when out of memory. `index`: {test as text: row number}. */
static struct digest_row *digest_row_of(struct digest *digest, json_t *index, const json_t *test)
{
	json_t *whole = test_complete(test);
	char *key = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS | RECORD_NUMBERS);
	const json_t *known = key ? json_object_get(index, key) : NULL;
	struct digest_row *row = NULL;

	if (known) {
		row = &digest->rows[json_integer_value(known)];
	} else if (key && json_object_set_new(index, key, json_integer((json_int_t)digest->count)) == 0) {
		row = reallocarray(digest->rows, digest->count + 1, sizeof(*row));
		if (row) {
			digest->rows = row;
			row += digest->count++;
			memset(row, 0, sizeof(*row));
			row_read_test(row, whole);
		}
	}
	json_decref(whole);
	free(key);
	return row;
}

static int row_add_trial(struct digest_row *row, const json_t *trial)
{
	const json_t *repeat = json_object_get(trial, "repeat");
	const json_t **trials;

	for (size_t i = 0; repeat && i < row->count; i++) {
		if (!json_equal(json_object_get(row->trials[i], "repeat"), repeat))
			continue;
		row->trials[i] = trial;
		return 0;
	}
	trials = reallocarray(row->trials, row->count + 1, sizeof(*trials));
	if (!trials)
		return -ENOMEM;
	row->trials = trials;
	row->trials[row->count++] = trial;
	return 0;
}

static double trial_figure(const json_t *trial, enum figure figure, bool latency)
{
	static const char *const path[FIGURE_COUNT][2] = {
		[FIGURE_FORWARDED] = { "rx.forwarded_pps", "rx.forwarded_pps" },
		[FIGURE_BITS] = { "rx.forwarded_bps", "rx.forwarded_bps" },
		[FIGURE_LOSS] = { "rx.loss_ratio", "rx.loss_ratio" },
		[FIGURE_P50] = { "latency.one_way_ns.p50", "latency.round_trip_ns.p50" },
		[FIGURE_P99] = { "latency.one_way_ns.p99", "latency.round_trip_ns.p99" },
		[FIGURE_P99_9] = { "latency.one_way_ns.p99_9", "latency.round_trip_ns.p99_9" },
		[FIGURE_MAX] = { "latency.one_way_ns.max", "latency.round_trip_ns.max" },
		[FIGURE_SWITCH] = { "cpu.switch.busy", "cpu.switch.busy" },
	};

	return figure == FIGURE_BUSY ? trial_busy(trial) : trial_number(trial, path[figure][latency]);
}

static int row_summarise(struct digest_row *row)
{
	double *samples = calloc(row->count + 1, sizeof(*samples));

	if (!samples)
		return -ENOMEM;
	for (int f = 0; f < FIGURE_COUNT; f++) {
		size_t n = 0, ok = 0;

		for (size_t i = 0; i < row->count; i++) {
			if (strcmp(trial_text(row->trials[i], "status"), "ok") != 0)
				continue;
			ok++;
			samples[n] = trial_figure(row->trials[i], (enum figure)f, row->latency);
			n += isfinite(samples[n]) ? 1 : 0;
		}
		row->ok = ok;
		row->figure[f] = (struct spread){ statistics_median(samples, n), statistics_min(samples, n),
						  statistics_max(samples, n) };
	}
	free(samples);
	return 0;
}

static int digest_collect(struct digest *digest, const struct record_view *view, json_t *index)
{
	const json_t *tests = json_object_get(view->run, "tests");
	struct digest_row *row;

	for (size_t i = 0; i < json_array_size(tests); i++)
		if (json_is_object(json_array_get(tests, i)) &&
		    !digest_row_of(digest, index, json_array_get(tests, i)))
			return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		row = digest_row_of(digest, index, json_object_get(view->trials[i], "test"));
		if (!row || row_add_trial(row, view->trials[i]) != 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < digest->count; i++) {
		if (row_summarise(&digest->rows[i]) != 0)
			return -ENOMEM;
		digest->planned += digest->rows[i].planned;
		digest->recorded += digest->rows[i].count;
	}
	return 0;
}

int digest_make(struct digest *digest, const struct record_view *view, struct error *err)
{
	json_t *index = json_object();
	int rc;

	memset(digest, 0, sizeof(*digest));
	rc = index ? digest_collect(digest, view, index) : -ENOMEM;
	json_decref(index);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : 0;
}

void digest_free(struct digest *digest)
{
	for (size_t i = 0; i < digest->count; i++)
		free(digest->rows[i].trials);
	free(digest->rows);
	memset(digest, 0, sizeof(*digest));
}
