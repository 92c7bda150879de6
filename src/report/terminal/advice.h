/* SPDX-License-Identifier: Apache-2.0 */
/* Where the record lies, and what to do next: what its figures leave open. */
#ifndef LB_REPORT_ADVICE_H
#define LB_REPORT_ADVICE_H

#include "report/results.h"
#include "report/terminal/sheet.h"

/* What the advice depends on. */
struct advice {
	const struct record_view *view;
	const char *directory;                     /* of the record, as the user calls it */
	const char *quoted;                        /* the same, as a shell would take it */
	const char *command;                       /* what to type for lanebench */
	const char *page, *page_remark;            /* of struct report_options */
	const struct results *throughput, *latency;
	bool without_figures;                      /* some trials have none */
};

void advice_print(const struct advice *advice, const struct sheet *sheet);

#endif
