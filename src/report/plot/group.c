/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/choose.h"
#include "util/text.h"

int rows_add(struct rows *rows, const struct digest_row *row)
{
	if (!rows->count || !(rows->count & (rows->count - 1))) {
		const struct digest_row **grown =
			reallocarray(rows->row, rows->count ? rows->count * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		rows->row = grown;
	}
	rows->row[rows->count++] = row;
	return 0;
}

void rows_free(struct rows *rows)
{
	free(rows->row);
	memset(rows, 0, sizeof(*rows));
}

void parts_free(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		rows_free(&parts->part[i]);
	free(parts->part);
	memset(parts, 0, sizeof(*parts));
}

/*
 * The values of a row as one text, which no other combination of values has. malloc'd; NULL without memory.
 */
static char *row_key(const struct digest_row *row, const bool by[PARAMETER_COUNT])
{
	char key[PARAMETER_COUNT * (sizeof(row->value->text) + 8)] = "";

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (by[p] && !row->unused[p])
			text_append(key, sizeof(key), "%zu:%s,", strlen(row->value[p].text), row->value[p].text);
		else if (by[p])
			text_append(key, sizeof(key), ",");
	return strdup(key);
}

static struct rows *part_of(struct parts *parts, json_t *index, const char *key)
{
	const json_t *known = json_object_get(index, key);
	struct rows *grown;

	if (known)
		return &parts->part[json_integer_value(known)];
	grown = reallocarray(parts->part, parts->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	parts->part = grown;
	memset(&grown[parts->count], 0, sizeof(*grown));
	/* nocheck: a value of a foreign record may be cut in the middle of a character */
	if (json_object_set_new_nocheck(index, key, json_integer((json_int_t)parts->count)) != 0)
		return NULL;
	return &grown[parts->count++];
}

int rows_divide(const struct rows *rows, const bool by[PARAMETER_COUNT], struct parts *parts)
{
	json_t *index = json_object();
	int rc = index ? 0 : -ENOMEM;

	memset(parts, 0, sizeof(*parts));
	for (size_t i = 0; i < rows->count && !rc; i++) {
		char *key = row_key(rows->row[i], by);
		struct rows *part = key ? part_of(parts, index, key) : NULL;

		rc = part ? rows_add(part, rows->row[i]) : -ENOMEM;
		free(key);
	}
	json_decref(index);
	return rc;
}

size_t rows_values(const struct rows *rows, enum parameter_id id)
{
	bool by[PARAMETER_COUNT] = { false };
	struct parts parts;
	size_t count;

	by[id] = true;
	count = rows_divide(rows, by, &parts) == 0 ? parts.count : 0;
	parts_free(&parts);
	return count;
}

bool parameter_is_numeric(const struct rows *rows, enum parameter_id id)
{
	switch (parameter_table[id].kind) {
	case PARAMETER_KIND_NUMBER:
	case PARAMETER_KIND_SET:
	case PARAMETER_KIND_SHARE:
	case PARAMETER_KIND_TIME: return true;
	case PARAMETER_KIND_SIZE: /* unless some are mixes */
		for (size_t i = 0; i < rows->count; i++)
			if (value_is_mix(&rows->row[i]->value[id]))
				return false;
		return true;
	case PARAMETER_KIND_RATE: /* a number for some tests, as fast as can be or a search for others */
		for (size_t i = 0; i < rows->count; i++)
			if (rows->row[i]->point || rows->row[i]->value[id].number > 0)
				return true;
		return false;
	default:
		return false;
	}
}

/* The most series that a plot would have. */
static int series_most(const struct rows *rows, const struct grouping *grouping, size_t *most)
{
	struct parts panels, series;
	int rc = rows_divide(rows, grouping->panel, &panels);

	*most = 0;
	for (size_t i = 0; i < panels.count && !rc; i++) {
		rc = rows_divide(&panels.part[i], grouping->series, &series);
		*most = series.count > *most ? series.count : *most;
		parts_free(&series);
	}
	parts_free(&panels);
	return rc;
}

/* What makes plots instead of series next; PARAMETER_COUNT: nothing that would help. */
static enum parameter_id series_give_way(const struct grouping *grouping)
{
	if (grouping->series[PARAMETER_IO] && grouping->series[PARAMETER_SWITCH])
		return PARAMETER_IO;
	for (int p = PARAMETER_COUNT - 1; p >= 0; p--)
		if (grouping->series[p] && p != PARAMETER_SWITCH && p != PARAMETER_IO)
			return (enum parameter_id)p;
	return PARAMETER_COUNT;
}

int rows_group(const struct rows *rows, const bool without[PARAMETER_COUNT], struct grouping *grouping)
{
	bool varies[PARAMETER_COUNT];
	size_t most;
	int rc;

	memset(grouping, 0, sizeof(*grouping));
	words_varying(rows->row, rows->count, varies);
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!varies[p] || without[p] || p == PARAMETER_DIMENSION)
			continue;
		if (parameter_is_numeric(rows, (enum parameter_id)p))
			grouping->panel[p] = true;
		else
			grouping->series[p] = true;
	}
	for (;;) {
		enum parameter_id next = series_give_way(grouping);

		rc = series_most(rows, grouping, &most);
		if (rc || most <= SERIES_MAX || next == PARAMETER_COUNT)
			return rc;
		grouping->series[next] = false;
		grouping->panel[next] = true;
	}
}

size_t parts_thin(struct parts *panels, size_t most)
{
	size_t kept = 0, count = panels->count;

	if (count <= most)
		return 0;
	for (size_t i = 0; i < count; i++) {
		/* Is i the next of `most` places spread evenly from 0 to count - 1? */
		if (kept < most && i == kept * (count - 1) / (most > 1 ? most - 1 : 1))
			panels->part[kept++] = panels->part[i];
		else
			rows_free(&panels->part[i]);
	}
	panels->count = kept;
	return count - kept;
}
