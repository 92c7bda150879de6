/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/export/csv_field.h"
#include "report/digest.h"
#include "report/internal.h"
#include "report/report.h"

#define METHOD \
	"confidence interval of the median by order statistics (binomial, distribution-free); coverage is " \
	"exact for samples without ties; range: too few trials for one, low and high are min and max"

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

const char *summary_interval(const struct spread *spread)
{
	return spread->coverage > 0 ? "order-statistics" : "range";
}

static json_t *spread_json(const struct spread *s)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "n", (json_int_t)s->n, "median",
			 number(s->median), "low", number(s->low), "high", number(s->high), "interval",
			 summary_interval(s), "coverage", s->coverage > 0 ? json_real(s->coverage) :
			 json_null(), "min", number(s->min), "max", number(s->max));
}

static json_t *row_json(const struct digest_row *row)
{
	json_t *figures = json_object();

	for (int f = 0; f < FIGURE_COUNT; f++)
		if (row->figure[f].n)
			json_object_set_new(figures, figure_name((enum figure)f),
					    spread_json(&row->figure[f]));
	return json_pack("{s:O, s:I, s:I, s:o}", "test", row->test, "planned", (json_int_t)row->planned, "ok",
			 (json_int_t)row->ok, "figures", figures);
}

int export_json(FILE *out, const json_t *value, struct error *err)
{
	/* In memory first: jansson writes every bracket by a call of its own, each of which locks the
	 * stream. */
	char *text = json_dumps(value, EXPORT_JSON);

	if (!text)
		return error_set(err, ENOMEM, NULL, "out of memory");
	fputs(text, out);
	free(text);
	return ferror(out) ? report_finish(out, err) : 0; /* the disk is full: no need to go on */
}

int summary_write(FILE *out, const struct record_view *view, struct error *err)
{
	struct digest digest;
	int rc = digest_make(&digest, view, err);

	fprintf(out, "{\"method\":\"%s\",\"confidence\":%g,\"tests\":[", METHOD, CONFIDENCE);
	for (size_t i = 0; !rc && i < digest.count; i++) {
		json_t *row = row_json(&digest.rows[i]);

		fputs(i ? "," : "", out);
		rc = export_json(out, row, err);
		json_decref(row);
	}
	fputs("]}", out);
	digest_free(&digest);
	return rc;
}

/* ---- as CSV -------------------------------------------------------------------------------------------- */

static void summary_csv_header(FILE *out)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		fprintf(out, "%s,", parameter_table[p].name);
	fputs("figure,planned,ok,n,median,low,high,interval,coverage,min,max\r\n", out);
}

/* A line for each figure that the test has. */
static void summary_csv_row(FILE *out, const struct digest_row *row)
{
	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct spread *s = &row->figure[f];
		const double numbers[] = { s->median, s->low, s->high },
			extremes[] = { s->coverage, s->min, s->max };

		if (!s->n)
			continue;
		for (int p = 0; p < PARAMETER_COUNT; p++) {
			csv_value(out, json_object_get(row->test, parameter_table[p].name));
			fputc(',', out);
		}
		fprintf(out, "%s,%u,%zu,%zu", figure_name((enum figure)f), row->planned, row->ok, s->n);
		for (int i = 0; i < 3; i++) {
			fputc(',', out);
			csv_number(out, numbers[i]);
		}
		fprintf(out, ",%s", summary_interval(s));
		for (int i = 0; i < 3; i++) {
			fputc(',', out);
			if (i || s->coverage > 0)
				csv_number(out, extremes[i]);
		}
		fputs("\r\n", out);
	}
}

int report_summary(FILE *out, const struct record_view *view, struct error *err)
{
	struct digest digest;
	int rc = digest_make(&digest, view, err);

	if (!rc) {
		summary_csv_header(out);
		for (size_t i = 0; i < digest.count; i++)
			summary_csv_row(out, &digest.rows[i]);
	}
	digest_free(&digest);
	return rc ? rc : report_finish(out, err);
}
