/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for programs: JSON as docs/compare.schema.json describes it, and CSV, a row a comparison. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "measure/bootstrap.h"
#include "report/compare/internal.h"
#include "report/export/csv_field.h"
#include "report/export/summary.h"
#include "report/internal.h"
#include "suite/suite.h"

#define COMPARE_SCHEMA 1

/* As programs call a verdict. */
static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_WORSE] = "worse",
	[VERDICT_BETTER] = "better",
	[VERDICT_SAME] = "same",
	[VERDICT_UNPROVEN] = "unproven",
	[VERDICT_INCOMPARABLE] = "incomparable",
	[VERDICT_MISSING] = "missing",
};

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *spread_json(const struct spread *spread)
{
	return json_pack("{s:I, s:o, s:o, s:o}", "n", (json_int_t)spread->n, "median", number(spread->median),
			 "min", number(spread->n ? spread->min : NAN), "max",
			 number(spread->n ? spread->max : NAN));
}

static json_t *interval_json(const struct comparison *comparison)
{
	if (!comparison->has_interval)
		return json_null();
	return json_pack("{s:o, s:o, s:f}", "low", number(comparison->interval.low), "high",
			 number(comparison->interval.high), "confidence", CONFIDENCE);
}

/* Of base, where there is one. */
static json_t *test_of(const struct comparison *comparison)
{
	return comparison->base ? comparison->base->test : comparison->new->test;
}

static json_t *comparison_json(const struct comparison *comparison, double fail_on)
{
	const bool regression = !isnan(fail_on) && comparison_regressed(comparison, fail_on);
	const char *better = measure_of(comparison->figure)->direction > 0 ? "higher" : "lower";

	return json_pack("{s:O, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:s,"
			 " s:s}",
			 "test", test_of(comparison), "figure", figure_name(comparison->figure),
			 "better", better, "verdict", verdict_names[comparison->verdict],
			 "base", spread_json(comparison_spread(comparison, false)),
			 "new", spread_json(comparison_spread(comparison, true)),
			 "ratio", number(comparison->ratio), "difference", number(comparison->difference),
			 "change", number(comparison->change), "interval", interval_json(comparison),
			 "p", number(comparison->p), "p_adjusted", number(comparison->adjusted),
			 "method", comparison->method, "regression", regression,
			 "why", comparison->why, "remedy", comparison->remedy, "flags", comparison->flags);
}

static json_t *counts_json(const size_t counts[VERDICT_COUNT])
{
	json_t *json = json_object();

	for (int v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(json, verdict_names[v], json_integer((json_int_t)counts[v]));
	return json;
}

/* A text that was cut to fit may end within a character: the part that is one. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);

	for (size_t length = strlen(text); !json && length; length--)
		json = json_stringn(text, length - 1);
	return json ? json : json_string("");
}

static json_t *environment_json(const struct compare_set *set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < set->differences; i++) {
		const struct compare_difference *difference = &set->difference[i];

		json_t *of = *difference->of ? text_json(difference->of) : json_null();

		json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:b, s:b}",
						      "property", difference->property, "of", of,
						      "base", text_json(difference->base),
						      "new", text_json(difference->new),
						      "bears", difference->bears,
						      "across", difference->across));
	}
	return list;
}

/* "{" and the members of `head`, which is given away; NULL: there was no memory for it. */
static int members_write(FILE *out, json_t *head, struct error *err)
{
	int rc = 0;

	fputc('{', out);
	if (!head)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	else if (json_dumpf(head, out, EXPORT_JSON | JSON_EMBED))
		rc = error_errno(err, errno ? errno : EIO, NULL, "cannot write the report");
	json_decref(head);
	return rc;
}

static int set_write(FILE *out, const struct compare_set *set, double fail_on, struct error *err)
{
	json_t *head = json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o}",
				 "base", text_json(set->base_name), "new", text_json(set->new_name),
				 "environment", environment_json(set), "tests", (json_int_t)set->tests,
				 "judged", (json_int_t)set->judged,
				 "test_verdicts", counts_json(set->test_verdicts),
				 "verdicts", counts_json(set->verdicts));
	int rc = members_write(out, head, err);

	fputs(",\n  \"comparisons\": [", out);
	for (size_t i = 0; i < set->count && !rc; i++) { /* one at a time: there may be many */
		json_t *comparison = comparison_json(&set->comparison[i], fail_on);

		fputs(i ? ",\n   " : "\n   ", out);
		rc = export_json(out, comparison, err);
		json_decref(comparison);
	}
	fputs("\n  ]}", out);
	return rc;
}

static json_t *regressions_json(const struct compare *compare, double limit)
{
	return isnan(limit) ? json_null() : json_integer((json_int_t)compare_regressions(compare, limit));
}

int compare_json(FILE *out, const struct compare *compare, const struct compare_output *how,
		 struct error *err)
{
	const char *by = compare->by < PARAMETER_COUNT ? parameter_table[compare->by].name : NULL;
	json_t *head = json_pack("{s:i, s:s, s:{s:s, s:s, s:f, s:s, s:f, s:i}, s:s?, s:o, s:o}",
				 "schema", COMPARE_SCHEMA, "lanebench", LANEBENCH_VERSION,
				 "method", "test", "rank test, exact", "adjustment", "Benjamini-Hochberg",
				 "false_discovery_rate", COMPARE_FALSE,
				 "interval", "bootstrap of the medians, percentile",
				 "confidence", CONFIDENCE, "resamples", BOOTSTRAP_RESAMPLES,
				 "by", by, "fail_on", number(how->fail_on),
				 "regressions", regressions_json(compare, how->fail_on));
	int rc = members_write(out, head, err);

	fputs(",\n \"sets\": [\n ", out);
	for (size_t i = 0; i < compare->count && !rc; i++) {
		fputs(i ? ",\n " : "", out);
		rc = set_write(out, &compare->set[i], how->fail_on, err);
	}
	fputs("\n]}\n", out);
	return rc ? rc : report_finish(out, err);
}

/* ---- CSV ----------------------------------------------------------------------------------------------- */

static void text_value(FILE *out, const char *text)
{
	json_t *json = text_json(text);

	csv_value(out, json);
	json_decref(json);
}

static void text_field(FILE *out, const char *text)
{
	text_value(out, text);
	fputc(',', out);
}

static void number_field(FILE *out, double value)
{
	csv_number(out, value);
	fputc(',', out);
}

static void comparison_csv(FILE *out, const struct compare_set *set, const struct comparison *comparison)
{
	const struct spread *base = comparison_spread(comparison, false);
	const struct spread *new = comparison_spread(comparison, true);

	text_field(out, set->base_name);
	text_field(out, set->new_name);
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		csv_value(out, json_object_get(test_of(comparison), parameter_table[p].name));
		fputc(',', out);
	}
	text_field(out, figure_name(comparison->figure));
	text_field(out, verdict_names[comparison->verdict]);
	number_field(out, base->median);
	number_field(out, new->median);
	number_field(out, comparison->ratio);
	number_field(out, comparison->change);
	number_field(out, comparison->has_interval ? comparison->interval.low : NAN);
	number_field(out, comparison->has_interval ? comparison->interval.high : NAN);
	number_field(out, (double)base->n);
	number_field(out, (double)new->n);
	number_field(out, comparison->p);
	number_field(out, comparison->adjusted);
	text_field(out, comparison->flags);
	text_value(out, comparison->why);
	fputs("\r\n", out);
}

int compare_csv(FILE *out, const struct compare *compare, const struct compare_output *how, struct error *err)
{
	fprintf(out, "base,new,");
	for (int p = 0; p < PARAMETER_COUNT; p++)
		fprintf(out, "%s,", parameter_table[p].name);
	fprintf(out, "figure,verdict,base_median,new_median,ratio,change,change_low,change_high,base_n,new_n,"
		"p,p_adjusted,flags,why\r\n");
	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->set[s].count; i++)
			comparison_csv(out, &compare->set[s], &compare->set[s].comparison[i]);
	return report_finish(out, err);
}
