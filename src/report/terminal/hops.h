/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LB_REPORT_TERMINAL_HOPS_H
#define LB_REPORT_TERMINAL_HOPS_H

#include "report/results.h"
#include "report/terminal/sheet.h"

/* Where chains lose packets, and what each of their forwarders costs; nothing where none is a chain. 0 or -ENOMEM. */
int hops_print(const struct results *results, bool all, const struct sheet *sheet);

#endif
