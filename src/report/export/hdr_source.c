/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/hdr_source.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"
#include "report/figures.h"
#include "report/words.h"

static const char *latency_path(const struct digest_row *row)
{
	return row->latency ? "latency.round_trip_ns" : "latency.one_way_ns";
}

/* ---- which trials -------------------------------------------------------------------------------------- */

/* A trial's place in the view, found by its address. */
struct place {
	const json_t *trial;
	size_t index;
};

static int place_compare(const void *one, const void *other)
{
	uintptr_t a = (uintptr_t)((const struct place *)one)->trial;
	uintptr_t b = (uintptr_t)((const struct place *)other)->trial;

	return a < b ? -1 : a > b;
}

static struct place *places_of(const struct record_view *view)
{
	struct place *places = calloc(view->count + 1, sizeof(*places));

	for (size_t i = 0; places && i < view->count; i++)
		places[i] = (struct place){ view->trials[i], i };
	if (places)
		qsort(places, view->count, sizeof(*places), place_compare);
	return places;
}

/* Returns how many trials of the row have a latency. */
static size_t source_add_row(struct hdr_source *source, size_t number, const struct place *places)
{
	const struct digest_row *row = &source->digest.rows[number];
	size_t added = 0;

	for (size_t i = 0; i < row->count; i++) {
		const struct place key = { row->trials[i], 0 }, *place;

		if (!trial_is_ok(row->trials[i]) ||
		    !json_is_object(trial_value(row->trials[i], latency_path(row))))
			continue;
		place = bsearch(&key, places, source->view->count, sizeof(key), place_compare);
		source->row[place->index] = number;
		added++;
	}
	return added;
}

/* ---- what they are called ------------------------------------------------------------------------------ */

static void name_append(char *name, const char *text)
{
	size_t used = strlen(name);

	for (; *text && used < HDR_NAME_MAX; text++)
		name[used++] = isalnum((unsigned char)*text) || strchr("._-", *text) ? *text : '-';
	name[used] = 0;
}

/* "io-udp_switch-veth_size-64": what varies. */
static void name_of_row(const struct digest_row *row, const bool varies[PARAMETER_COUNT], char *name)
{
	char value[64];

	*name = 0;
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!varies[p] || row->unused[p])
			continue;
		words_value(row, (enum parameter_id)p, value, sizeof(value));
		name_append(name, *name ? "_" : "");
		name_append(name, parameter_table[p].name);
		name_append(name, "-");
		name_append(name, value);
	}
	if (!*name)
		name_append(name, "test");
}

/* Names that are taken get a number behind: ".2". `taken`: {name: the last number}. malloc'd; NULL without
 * memory. */
static char *name_unique(const char *name, json_t *taken)
{
	json_int_t number = json_integer_value(json_object_get(taken, name));
	char unique[HDR_NAME_MAX + 1];

	snprintf(unique, sizeof(unique), "%s", name);
	while (json_object_get(taken, unique))
		snprintf(unique, sizeof(unique), "%.*s.%" JSON_INTEGER_FORMAT, HDR_NAME_MAX - 24, name,
			 ++number);
	if (json_object_set_new(taken, name, json_integer(number > 1 ? number : 1)) ||
	    json_object_set_new(taken, unique, json_integer(number > 1 ? number : 1)))
		return NULL;
	return strdup(unique);
}

/* `used`: rows that have something to export. */
static int source_name(struct hdr_source *source, const bool *used, json_t *taken)
{
	const struct digest_row **rows = calloc(source->digest.count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT], any = false;
	char name[HDR_NAME_MAX + 1];
	size_t count = 0;
	int rc = rows ? 0 : -ENOMEM;

	for (size_t i = 0; rows && i < source->digest.count; i++)
		if (used[i])
			rows[count++] = &source->digest.rows[i];
	if (rows)
		words_varying(rows, count, varies);
	for (int p = 0; rows && p < PARAMETER_COUNT; p++)
		any |= varies[p];
	if (!any)
		varies[PARAMETER_IO] = varies[PARAMETER_SWITCH] = true;
	for (size_t i = 0; !rc && i < source->digest.count; i++) {
		if (!used[i])
			continue;
		name_of_row(&source->digest.rows[i], varies, name);
		source->name[i] = name_unique(name, taken);
		rc = source->name[i] ? 0 : -ENOMEM;
	}
	free(rows);
	return rc;
}

static int source_collect(struct hdr_source *source)
{
	struct place *places = places_of(source->view);
	bool *used = calloc(source->digest.count + 1, sizeof(*used));
	json_t *taken = json_object();
	int rc = -ENOMEM;

	source->row = calloc(source->view->count + 1, sizeof(*source->row));
	source->name = calloc(source->digest.count + 1, sizeof(*source->name));
	if (places && used && taken && source->row && source->name) {
		memset(source->row, 0xff, source->view->count * sizeof(*source->row));
		for (size_t i = 0; i < source->digest.count; i++)
			used[i] = source_add_row(source, i, places) > 0;
		rc = source_name(source, used, taken);
	}
	json_decref(taken);
	free(used);
	free(places);
	return rc;
}

int hdr_source_make(struct hdr_source *source, const struct record_view *view, struct error *err)
{
	int rc;

	*source = (struct hdr_source){ .view = view };
	rc = digest_make(&source->digest, view, err);
	if (!rc && source_collect(source) != 0)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	return rc;
}

void hdr_source_free(struct hdr_source *source)
{
	for (size_t i = 0; source->name && i < source->digest.count; i++)
		free(source->name[i]);
	free(source->name);
	free(source->row);
	digest_free(&source->digest);
}

/* ---- their histograms ---------------------------------------------------------------------------------- */

struct scan {
	struct hdr_source *source;
	const struct hdr_visit *visit;
	struct histogram histogram;
};

static int scan_trial(void *context, size_t index, json_t *trial, struct error *err)
{
	struct scan *scan = context;
	size_t row = scan->source->row[index];
	const json_t *latency = trial_value(trial, latency_path(&scan->source->digest.rows[row]));
	struct error ignored;

	if (control_histogram_decode(json_object_get(latency, "histogram"), &scan->histogram,
				     &ignored) != 0) {
		scan->source->damaged++;
		return 0;
	}
	if (!scan->histogram.count)
		return 0;
	return scan->visit->visit(scan->visit->context, row, trial, &scan->histogram, err);
}

int hdr_source_scan(struct hdr_source *source, const struct hdr_visit *visit, struct error *err)
{
	bool *wanted = calloc(source->view->count + 1, sizeof(*wanted));
	struct scan scan = { .source = source, .visit = visit };
	int rc;

	if (!wanted)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (size_t i = 0; i < source->view->count; i++)
		wanted[i] = source->row[i] >= visit->first && source->row[i] < visit->end;
	rc = record_scan_some(source->view, wanted, scan_trial, &scan, err);
	free(wanted);
	return rc;
}
