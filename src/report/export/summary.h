/* SPDX-License-Identifier: Apache-2.0 */
/* The statistics of each test over its repeats, for programs: what the table shows, in full precision. */
#ifndef LB_REPORT_SUMMARY_H
#define LB_REPORT_SUMMARY_H

#include <stdio.h>

#include "results/record.h"
#include "util/error.h"

/* How all JSON is exported. Escaped to ASCII: what a terminal would take for a command stays text. */
#define EXPORT_JSON (JSON_COMPACT | JSON_ENSURE_ASCII | RECORD_NUMBERS)

/*
 * {method, confidence, tests: [{test, planned, ok, figures: {NAME: {n, median, low, high, interval, coverage, min,
 * max}}}]}, as docs/results.md describes it. Test by test: no object holds them all. -ENOMEM.
 */
int summary_write(FILE *out, const struct record_view *view, struct error *err);

#endif
