/* SPDX-License-Identifier: Apache-2.0 */
/* HdrHistogram's log, format 1.3: a line for each trial, its histogram encoded in it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/export/hdr.h"
#include "report/export/hdr_source.h"
#include "report/figures.h"
#include "report/internal.h"
#include "report/report.h"
#include "util/text.h"

struct log {
	FILE *out;
	const struct hdr_source *source;
	double base;   /* seconds since the epoch that times are relative to; NAN: there are none */
	struct hdr hdr;
};

/* RFC 3339 in UTC, as records have it ("2026-11-22T02:43:15.991Z"), in seconds since the epoch; NAN: it is
 * not. */
static double time_parse(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0, unit = 0.1;

	if (rest && *rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			fraction += unit * (*rest - '0');
	return rest && !strcmp(rest, "Z") ? (double)timegm(&tm) + fraction : NAN;
}

/* The run's start, or the first trial's that has one. */
static double time_base(const struct record_view *view)
{
	double base = time_parse(trial_text(view->run, "started"));

	for (size_t i = 0; i < view->count && isnan(base); i++)
		base = time_parse(trial_text(view->trials[i], "started"));
	return base;
}

static void log_header(const struct log *log)
{
	fputs("#[lanebench: latency histograms, a line each trial; values are ns, Interval_Max is ms]\n"
	      "#[HistogramLogProcessor -outputValueUnitRatio 1000 for us, 1000000 for ms]\n"
	      "#[Histogram log format version 1.3]\n", log->out);
	if (isfinite(log->base)) {
		const time_t whole = (time_t)log->base;
		char text[64] = "";
		struct tm tm;

		if (gmtime_r(&whole, &tm))
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		fprintf(log->out, "#[BaseTime: %.3f (seconds since epoch)]\n", log->base);
		fprintf(log->out, "#[StartTime: %.3f (seconds since epoch), %s]\n", log->base, text);
	}
	fputs("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
	      log->out);
}

/* A time of a foreign record, fit to print: readers skip intervals that begin before the log. */
static double seconds(double value)
{
	return isfinite(value) && value > 0 && value < 1e9 ? value : 0;
}

static int log_trial(void *context, size_t row, const json_t *trial, const struct histogram *histogram,
		     struct error *err)
{
	struct log *log = context;
	double start = time_parse(trial_text(trial, "started")) - log->base;
	char *text;

	hdr_make(&log->hdr, histogram);
	text = hdr_encode(&log->hdr);
	if (!text)
		return error_set(err, ENOMEM, NULL, "out of memory");
	fprintf(log->out, "Tag=%s,%.3f,%.3f,%.3f,%s\n", log->source->name[row], seconds(start),
		seconds(trial_number(trial, "duration_s")), (double)histogram->max / HDR_NS_PER_MS, text);
	free(text);
	return ferror(log->out) ? report_finish(log->out, err) : 0;
}

int report_hdr_log(FILE *out, const struct record_view *view, struct error *err)
{
	struct hdr_source source;
	struct log log = { .out = out, .source = &source, .base = time_base(view) };
	int rc = hdr_source_make(&source, view, err);
	const struct hdr_visit all = { log_trial, &log, 0, source.digest.count };

	if (!rc) {
		log_header(&log);
		rc = hdr_source_scan(&source, &all, err);
	}
	if (!rc && source.damaged)
		fprintf(out, "#[left out: %zu trial%s, whose histogram is damaged]\n", source.damaged,
			plural(source.damaged));
	hdr_source_free(&source);
	return rc ? rc : report_finish(out, err);
}
