/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that papers have published, beside the measured ones of the same tests. */
#ifndef LB_REPORT_PAPERS_H
#define LB_REPORT_PAPERS_H

#include <stdbool.h>

#include "report/results.h"
#include "report/terminal/sheet.h"
#include "results/record.h"

/* A row for each test that has some, throughput before latency; nothing where none has. `all`: every row. 0
 * or -ENOMEM. */
int papers_print(const struct results *const parts[2], const struct record_view *view, bool all,
		 const struct sheet *sheet);

#endif
