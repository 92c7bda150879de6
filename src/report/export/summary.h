/* SPDX-License-Identifier: Apache-2.0 */
/* The statistics of each test over its repeats, for programs: what the table shows, in full precision. */
#ifndef LB_REPORT_SUMMARY_H
#define LB_REPORT_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "report/digest.h"
#include "results/record.h"
#include "util/error.h"

/* How all JSON is exported. Escaped to ASCII: what a terminal would take for a command stays text. */
#define EXPORT_JSON (JSON_COMPACT | JSON_ENSURE_ASCII | RECORD_NUMBERS)

/*
 * {method, confidence, tests: [{test, planned, ok, figures: {NAME: {n, median, low, high, interval, coverage,
 * min, max}}}]}, as docs/results.md describes it. Test by test: no object holds them all. -ENOMEM.
 */
int summary_write(FILE *out, const struct record_view *view, struct error *err);

/* What low and high of a figure are: "order-statistics" (confidence interval), or "range". */
const char *summary_interval(const struct spread *spread);

/* A value (NULL: there was no memory for it) as all JSON is exported. 0, or -errno: no memory, or not
 * written. */
int export_json(FILE *out, const json_t *value, struct error *err);

#endif
