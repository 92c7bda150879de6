/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of reports share: a record in memory, its table as text, and what one expects of that. */
#ifndef LB_TESTS_REPORT_BENCH_H
#define LB_TESTS_REPORT_BENCH_H

#include <stddef.h>

#include "report/report.h"
#include "sample_record.h"

extern json_t *trials[], *tests;
extern struct record_view view;        /* of the trials */
extern struct report_options options;
extern char *text;                     /* the report that was made last */
extern const struct sample base;

int setup(void **state);
int teardown(void **state);

void add(json_t *trial);
/* One of the tests that the run was to make. */
void plan(const struct sample *s);
json_t *measured(const char *sw, const char *io, double pps);

/* The record as it is by now, in that form; it is `text`, too. */
const char *table(void);
typedef int report_writer(FILE *out, const struct record_view *view, struct error *err);
const char *report_text(report_writer *write);
void expect(const char *part);
void expect_not(const char *part);
/* Every line at most `width` columns, no blanks at its end. */
void expect_width(size_t width);

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
