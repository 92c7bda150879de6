/* SPDX-License-Identifier: Apache-2.0 */
/* The report that people get who ask for no format, after a run and from `lanebench report`. */
#ifndef LB_REPORT_SHOW_H
#define LB_REPORT_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "results/record.h"
#include "util/error.h"

struct report_show {
	const char *folder;    /* where the page goes; NULL = into the record, if that can be written */
	bool no_page;
	bool all;              /* rows of the table */
	unsigned width;        /* 0 = the terminal's */
	FILE *out, *notes;     /* the table; what takes long, where that is a terminal */
};

/* The folder with the page first, then the table, which tells where that is. 0 or -errno with err. */
int report_show(const struct report_show *show, const struct record_view *view, struct error *err);

#endif
