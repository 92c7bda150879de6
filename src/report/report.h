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

/* The whole record as one JSON document, with the same statistics: {"run": ..., "trials": [...], "summary": ...}. */
int report_json(FILE *out, const struct record_view *view, struct error *err);

#endif
