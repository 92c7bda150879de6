/* SPDX-License-Identifier: Apache-2.0 */
/* The test of a row, as the record has it. */
#ifndef LB_REPORT_DIGEST_ROW_H
#define LB_REPORT_DIGEST_ROW_H

#include "report/digest.h"

/* Fill in what the row says of its test; values that cannot be read are shown as they stand. */
void row_read_test(struct digest_row *row, const json_t *test);

/* Does the rate of a test (record form) stand for many loads, each of which has figures of its own? */
bool test_is_sweep(const json_t *test);

/* A figure of one trial; NAN: it has none. `latency`: the trial is of round trips. */
double trial_figure(const json_t *trial, enum figure figure, bool latency);

/* How many send at once: each offers the row's rate. */
double row_senders(const struct digest_row *row);

#endif
