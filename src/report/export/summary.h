/* SPDX-License-Identifier: Apache-2.0 */
/* The statistics of each test over its repeats, for programs: what the table shows, in full precision. */
#ifndef LB_REPORT_SUMMARY_H
#define LB_REPORT_SUMMARY_H

#include <jansson.h>

#include "results/record.h"
#include "util/error.h"

/*
 * {method, confidence, tests: [{test, planned, ok, figures: {NAME: {n, median, low, high, interval, coverage, min,
 * max}}}]}, as docs/results.md describes it. New reference; NULL when out of memory.
 */
json_t *summary_make(const struct record_view *view, struct error *err);

#endif
