/* SPDX-License-Identifier: Apache-2.0 */
/* Which tests of two sets are the same: those with the same value of every parameter that they use. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare/internal.h"
#include "report/figures.h"

/*
 * How well a test is measured, not what: base may have been repeated eight times and new three times. They
 * tell tests apart only where a record has tests that differ in nothing else.
 */
const enum parameter_id compare_how[COMPARE_HOW] = {
	PARAMETER_REPEATS, PARAMETER_DURATION, PARAMETER_WARMUP, PARAMETER_COOLDOWN, PARAMETER_LIMIT, PARAMETER_TRIALS,
};

static bool says_how(enum parameter_id id)
{
	for (size_t i = 0; i < COMPARE_HOW; i++)
		if (compare_how[i] == id)
			return true;
	return false;
}

/* What tells tests apart; of points in full also the sweep that they are of. malloc'd. `by` is left out. */
static char *row_key(const struct digest_row *row, bool full, enum parameter_id by)
{
	size_t size;
	char *key = NULL;
	FILE *out = open_memstream(&key, &size);

	if (!out)
		return NULL;
	fprintf(out, "%d", row->point);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (!row->unused[p] && (enum parameter_id)p != by &&
		    (full || !says_how((enum parameter_id)p)))
			fprintf(out, "\n%d=%s", p, row->value[p].text);
	if (full && row->point && row->count)
		fprintf(out, "\n%s", trial_text(row->trials[0], "test.rate"));
	if (fclose(out) == 0)
		return key;
	free(key);
	return NULL;
}

/* A sweep as a whole has no figures: its points have them. */
static bool row_counts(const struct digest_row *row)
{
	return !row->sweep || row->point || !row->ok;
}

/* Which rows take part: all, or those with a value of a parameter. */
struct filter {
	enum parameter_id by; /* PARAMETER_COUNT: all */
	const char *value;
};

static bool filter_passes(const struct filter *filter, const struct digest_row *row)
{
	return row_counts(row) &&
	       (filter->by == PARAMETER_COUNT ||
		(!row->unused[filter->by] && !strcmp(row->value[filter->by].text, filter->value)));
}

/* {key: row number}. 0, -EEXIST where two rows have the same key, -ENOMEM. */
static int index_make(json_t *index, const struct digest *digest, const struct filter *filter, bool full)
{
	int rc = 0;

	for (size_t i = 0; i < digest->count && !rc; i++) {
		char *key;

		if (!filter_passes(filter, &digest->rows[i]))
			continue;
		key = row_key(&digest->rows[i], full, filter->by);
		if (!key)
			return -ENOMEM;
		if (json_object_get(index, key))
			rc = -EEXIST;
		/* Not checked: a text that was cut to fit need not be UTF-8, and is a key all the same. */
		else if (json_object_set_new_nocheck(index, key, json_integer((json_int_t)i)) != 0)
			rc = -ENOMEM;
		free(key);
	}
	return rc;
}

/* Pairs by the keys; `index` is that of new, and loses those that base has, too. */
static int pairs_make(json_t *index, const struct digest *base, const struct filter *of_base,
		      const struct digest *new, bool full, struct pairing **pairs, size_t *count)
{
	const char *key;
	json_t *left;

	*count = 0;
	*pairs = calloc(base->count + new->count + 1, sizeof(**pairs));
	if (!*pairs)
		return -ENOMEM;
	for (size_t i = 0; i < base->count; i++) {
		const json_t *at;
		char *name;

		if (!filter_passes(of_base, &base->rows[i]))
			continue;
		name = row_key(&base->rows[i], full, of_base->by);
		if (!name)
			return -ENOMEM;
		at = json_object_get(index, name);
		(*pairs)[(*count)++] = (struct pairing){ &base->rows[i],
							 at ? &new->rows[json_integer_value(at)] : NULL };
		json_object_del(index, name);
		free(name);
	}
	json_object_foreach(index, key, left) /* in the order in which they went in */
		(*pairs)[(*count)++] = (struct pairing){ NULL, &new->rows[json_integer_value(left)] };
	return 0;
}

static int match(const struct digest *base, const struct filter *of_base, const struct digest *new,
		 const struct filter *of_new, bool full, struct pairing **pairs, size_t *count)
{
	json_t *base_index = json_object(), *new_index = json_object();
	int rc = base_index && new_index ? 0 : -ENOMEM;

	if (!rc)
		rc = index_make(base_index, base, of_base, full);
	if (!rc)
		rc = index_make(new_index, new, of_new, full);
	if (!rc)
		rc = pairs_make(new_index, base, of_base, new, full, pairs, count);
	json_decref(base_index);
	json_decref(new_index);
	return rc;
}

static int match_result(int rc, struct error *err)
{
	if (rc == -EEXIST)
		return error_set(err, EINVAL, NULL,
				 "two tests of a record cannot be told apart by their parameters");
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : 0;
}

int match_records(const struct digest *base, const struct digest *new, struct pairing **pairs, size_t *count,
		  struct error *err)
{
	const struct filter all = { .by = PARAMETER_COUNT };
	int rc = match(base, &all, new, &all, false, pairs, count);

	if (rc == -EEXIST)
		rc = match(base, &all, new, &all, true, pairs, count);
	return match_result(rc, err);
}

int match_values(const struct digest *digest, enum parameter_id by, const char *base_value,
		 const char *new_value, struct pairing **pairs, size_t *count, struct error *err)
{
	const struct filter base = { by, base_value }, new = { by, new_value };

	return match_result(match(digest, &base, digest, &new, true, pairs, count), err);
}
