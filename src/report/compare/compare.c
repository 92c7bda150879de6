/* SPDX-License-Identifier: Apache-2.0 */
#include "report/compare/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare/internal.h"
#include "report/contest.h"
#include "report/figures.h"
#include "report/words.h"

/* What a record lacks of what it will have, or had. */
static void describe_unfinished(struct compare_set *set, const struct record_view *view,
				const struct digest *digest, const char *name)
{
	const bool done = !strcmp(trial_text(view->run, "state"), "done");
	size_t used = strlen(set->unfinished);

	if (!done && digest->recorded < digest->planned)
		snprintf(set->unfinished + used, sizeof(set->unfinished) - used,
			 "%s%.60s: %zu of %zu trials are recorded.", used ? " " : "", name,
			 digest->recorded, digest->planned);
	used = strlen(set->unfinished);
	if (view->warning[0])
		snprintf(set->unfinished + used, sizeof(set->unfinished) - used, "%s%.60s: %.160s.",
			 used ? " " : "", name, view->warning);
}

static int make_records(struct compare *compare, const struct record_view *views, const char *const *names,
			size_t count, const struct compare_options *options, struct error *err)
{
	for (size_t i = 1; i < count; i++) {
		struct compare_set *set = &compare->set[compare->count++];
		struct pairing *pairs = NULL;
		size_t n = 0;
		int rc;

		set->base_name = names[0];
		set->new_name = names[i];
		set->by = PARAMETER_COUNT;
		if (views[0].count == views[i].count && json_equal(views[0].run, views[i].run))
			snprintf(set->unfinished, sizeof(set->unfinished), "Both are the same run.");
		describe_unfinished(set, &views[0], &compare->digest[0], names[0]);
		describe_unfinished(set, &views[i], &compare->digest[i], names[i]);
		conditions_compare(set, &views[0], &views[i], options->across);
		rc = match_records(&compare->digest[0], &compare->digest[i], &pairs, &n, err);
		if (rc) {
			free(pairs);
			return rc;
		}
		rc = set_make(set, pairs, n, options, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* The values of a parameter that the tests have, in their order, base first. Returns how many; 0 without
 * memory. */
static size_t collect_values(struct compare *compare, enum parameter_id by, const char *base_value)
{
	const struct digest *digest = &compare->digest[0];
	size_t count = 0, n;

	compare->names = calloc(digest->count + 1, sizeof(*compare->names));
	for (size_t i = 0; compare->names && i < digest->count; i++) {
		const struct digest_row *row = &digest->rows[i];

		if (row->unused[by] || (row->sweep && !row->point && row->ok))
			continue;
		for (n = 0; n < count && strcmp(compare->names[n], row->value[by].text) != 0;)
			n++;
		if (n < count)
			continue;
		snprintf(compare->names[count++], sizeof(*compare->names), "%s", row->value[by].text);
		if (base_value && !strcmp(row->value[by].text, base_value)) {
			memmove(compare->names[1], compare->names[0], (count - 1) * sizeof(*compare->names));
			snprintf(compare->names[0], sizeof(*compare->names), "%s", base_value);
		}
	}
	return count;
}

/* "known: veth, ovs" of the values of a parameter. */
static void list_values(const struct compare *compare, size_t count, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "known:");

	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s %s", i ? "," : "", compare->names[i]);
}

/*
 * Value `i` against base; where none was asked for, against the first of those before it that has a test in
 * common with it: what runs over kernel switches alone is not missing where all else runs past the kernel.
 */
static int make_value(struct compare *compare, size_t i, const struct compare_options *options,
		      struct error *err)
{
	struct pairing *pairs = NULL;
	size_t base = 0, n = 0;
	struct compare_set *set;
	int rc;

	for (; base < (options->base_value ? 1 : i); base++) {
		bool common = options->base_value;

		free(pairs);
		rc = match_values(&compare->digest[0], compare->by, compare->names[base], compare->names[i],
				  &pairs, &n, err);
		for (size_t p = 0; p < n && !rc; p++)
			common |= pairs[p].base && pairs[p].new;
		if (rc || common)
			break;
	}
	if (rc || base == i) { /* an error, or nothing to compare it with */
		free(pairs);
		return rc;
	}
	set = &compare->set[compare->count++];
	set->by = compare->by;
	set->base_name = compare->names[base];
	set->new_name = compare->names[i];
	return set_make(set, pairs, n, options, err);
}

static int make_values(struct compare *compare, const struct compare_options *options, struct error *err)
{
	const struct parameter *by = &parameter_table[compare->by];
	struct value value = { 0 };
	struct error ignored;
	size_t count;
	char known[256];

	if (options->base_value && parameter_parse(by, options->base_value, NULL, &value, &ignored) != 0)
		snprintf(value.text, sizeof(value.text), "%s", options->base_value);
	count = collect_values(compare, compare->by, options->base_value ? value.text : NULL);
	list_values(compare, count, known, sizeof(known));
	if (count < 2)
		return error_set(err, EINVAL, "name a parameter that varies in it",
				 "all tests of the record have the same %s", by->name);
	if (options->base_value && strcmp(compare->names[0], value.text) != 0)
		return error_set(err, EINVAL, known, "no test of the record has the %s '%.60s'", by->name,
				 options->base_value);
	free(compare->set);
	compare->set = calloc(count, sizeof(*compare->set));
	if (!compare->set)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (size_t i = 1; i < count; i++) {
		int rc = make_value(compare, i, options, err);

		if (rc)
			return rc;
	}
	if (!compare->count)
		return error_set(err, EINVAL, "name another parameter, or another record",
				 "no two tests of the record differ in the %s alone", by->name);
	return 0;
}

/* What competes within a record: the switch where it varies, else what else does and is no load. */
static enum parameter_id choose_by(const struct digest *digest)
{
	const struct digest_row **rows = calloc(digest->count + 1, sizeof(*rows));
	bool varies[PARAMETER_COUNT] = { false };
	enum parameter_id by = PARAMETER_COUNT;

	for (size_t i = 0; rows && i < digest->count; i++)
		rows[i] = &digest->rows[i];
	if (rows)
		words_varying(rows, digest->count, varies);
	for (int p = PARAMETER_COUNT - 1; p >= 0; p--)
		if (varies[p] && p != PARAMETER_DIMENSION && p != PARAMETER_REPEATS &&
		    !merit_is_load(MERIT_LATENCY, (enum parameter_id)p))
			by = (enum parameter_id)p;
	if (varies[PARAMETER_IO])
		by = PARAMETER_IO;
	if (varies[PARAMETER_SWITCH])
		by = PARAMETER_SWITCH;
	free(rows);
	return by;
}

int compare_make(struct compare *compare, const struct record_view *views, const char *const *names,
		 size_t count, const struct compare_options *options, struct error *err)
{
	int rc;

	memset(compare, 0, sizeof(*compare));
	compare->by = options->by;
	compare->digest = calloc(count, sizeof(*compare->digest));
	compare->set = calloc(count, sizeof(*compare->set));
	if (!compare->digest || !compare->set)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (; compare->digests < count; compare->digests++) {
		rc = digest_make(&compare->digest[compare->digests], &views[compare->digests], err);
		if (rc) {
			digest_free(&compare->digest[compare->digests]);
			return rc;
		}
	}
	if (count > 1)
		return make_records(compare, views, names, count, options, err);
	if (compare->by == PARAMETER_COUNT)
		compare->by = choose_by(&compare->digest[0]);
	if (compare->by == PARAMETER_COUNT)
		return error_set(err, EINVAL, "compare it with another record",
				 "nothing varies in the record %s that could be compared within it",
				 names[0]);
	return make_values(compare, options, err);
}

void compare_free(struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++)
		free(compare->set[i].comparison);
	for (size_t i = 0; i < compare->digests; i++)
		digest_free(&compare->digest[i]);
	free(compare->set);
	free(compare->digest);
	free(compare->names);
	memset(compare, 0, sizeof(*compare));
}
