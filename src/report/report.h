/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a record to text that people and programs read. Writes to a stream; changes nothing.
 *
 * A record may come from anywhere: whatever its texts hold, no control character of it reaches the stream,
 * and a figure that is missing or not a number is a dash (table) or empty (CSV).
 */
#ifndef LB_REPORT_REPORT_H
#define LB_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "results/record.h"
#include "util/error.h"

struct report_options {
	bool colour;      /* the stream is a terminal */
	unsigned width;   /* columns; 0 = 100 */
	const char *command; /* what the advice tells to type for lanebench; NULL = "lanebench" */
	bool ascii;       /* nothing but ASCII; false = as the locale of the environment says (LC_CTYPE) */
	bool all;         /* every row, however many there are */
	const char *page; /* the report.html that was written; NULL = none */
	const char *page_remark; /* what is to be said of it, or why there is none; NULL = nothing */
};

/*
 * The table for people: a title, what was compared in plain words (which parameters vary, which are fixed),
 * one row a test (median of its repeats, with min..max where there are several), flags and failures explained
 * below it, the fastest (or the least latency) named, where the record lies, and what to look at next.
 */
int report_table(FILE *out, const struct record_view *view, const char *directory,
		 const struct report_options *options, struct error *err);

/* Long form: one row a trial, RFC 4180, header first; columns documented in docs/results.md: every parameter,
 * then the figures. */
int report_csv(FILE *out, const struct record_view *view, struct error *err);

/* The statistics of each test over its repeats: CSV, a row for each figure of each test (docs/results.md). */
int report_summary(FILE *out, const struct record_view *view, struct error *err);

/* The whole record as one JSON document, with the same statistics: {"run": ..., "trials": [...], "summary":
 * ...}. Trials are read again one at a time: the memory that it takes does not grow with what a trial
 * holds. */
int report_json(FILE *out, const struct record_view *view, struct error *err);

/* For an issue or a pull request (GitHub's and GitLab's Markdown): what wins, the tables, warnings, the
 * environment. No text of a record becomes markup, a mention (@name), a reference (#1) or a link. */
int report_markdown(FILE *out, const struct record_view *view, struct error *err);

/* JUnit's XML for CI: a test case a test; failed and void ones are failures, skipped ones skipped; figures as
 * properties. */
int report_junit(FILE *out, const struct record_view *view, struct error *err);

/*
 * Latency histograms as the tools of HdrHistogram read them. The log: format 1.3 with a line for each trial
 * that has one, its Tag names the test (no comma, no white space), times from the trial's own. `.hgrm`: the
 * percentile distribution, values in microseconds, of one file a test (its repeats merged); the folder is
 * made if missing.
 */
int report_hdr_log(FILE *out, const struct record_view *view, struct error *err);
int report_hgrm(const char *folder, const struct record_view *view, struct error *err);

/*
 * The page: one self-contained file. `plots` (NULL: none, `plots_reason` says why) have been drawn into
 * `plots_folder`; `record_link` is how the page's folder reaches the record ("..", "" = unknown: no links).
 */
struct plots;
struct html_options {
	const struct plots *plots;
	const char *plots_folder, *plots_reason;
	const char *record_link;
	bool beside; /* trials.csv and plots/NAME.{svg,pdf,dat,gp} lie beside the page, which links to them */
};
int report_html(FILE *out, const struct record_view *view, const struct html_options *options,
		struct error *err);

#endif
