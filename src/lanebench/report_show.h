/* SPDX-License-Identifier: Apache-2.0 */
/* The report that people get who ask for no format, after a run and from `lanebench report`. */
#ifndef LB_LANEBENCH_REPORT_SHOW_H
#define LB_LANEBENCH_REPORT_SHOW_H

#include <stdbool.h>

#include "util/error.h"

struct report_show {
	const char *directory; /* of the record */
	const char *folder;    /* where the page goes; NULL = into the record, if that can be written */
	bool no_page;
	bool all;              /* rows of the table */
	unsigned width;        /* 0 = the terminal's */
};

/* The folder with the page first, then the table, which tells where that is. 0 or -errno with err. */
int report_show(const struct report_show *show, struct error *err);

#endif
