/* SPDX-License-Identifier: Apache-2.0 */
/* One dimension of the report: an overview, the table of its tests, and the sentences around them. */
#ifndef LB_REPORT_SECTION_H
#define LB_REPORT_SECTION_H

#include <stdbool.h>

#include "report/results.h"
#include "report/terminal/sheet.h"

/* Print the tests, if there are any; `all`: every one, however many. 0 or -ENOMEM. */
int section_print(const struct results *results, int processors, bool all, const struct sheet *sheet);

#endif
