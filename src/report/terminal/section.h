/* SPDX-License-Identifier: Apache-2.0 */
/* One table of the report with the sentences around it: the throughput tests, or the latency tests. */
#ifndef LB_REPORT_SECTION_H
#define LB_REPORT_SECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "report/digest.h"
#include "report/terminal/sheet.h"

/* Print the tests of one dimension that have figures, if there are any. Returns how many, or -ENOMEM. */
int section_print(const struct digest *digest, bool latency, int processors, const struct sheet *sheet);

#endif
