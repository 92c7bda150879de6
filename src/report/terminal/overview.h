/* SPDX-License-Identifier: Apache-2.0 */
/* The table before the table: what competes side by side, the best of each row marked and named. */
#ifndef LB_REPORT_OVERVIEW_H
#define LB_REPORT_OVERVIEW_H

#include <stdbool.h>

#include "report/results.h"
#include "report/terminal/sheet.h"

/* Prints nothing where it would tell no more than the table of tests. `all`: every row. 0 or -ENOMEM. */
int overview_print(const struct results *results, bool all, const struct sheet *sheet);

#endif
