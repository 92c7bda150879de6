/* SPDX-License-Identifier: Apache-2.0 */
/* What stands above the figures in every report: which run this is, on which machine, and how far it came. */
#ifndef LB_REPORT_HEADING_H
#define LB_REPORT_HEADING_H

#include <stdbool.h>

#include "report/digest.h"
#include "results/record.h"

struct heading {
	const char *name;        /* of the run; "(run without a name)" */
	const char *description; /* may be "" */
	char when[64];           /* "2026-11-21 20:35 UTC" */
	const char *version;     /* of the lanebench that made the record; "of unknown version" */
	char machine[1024];      /* "Xeon Example 8000, 2 usable processors, Linux 6.18.44, ..." */
	int processors;          /* that the run could use; 0 = not known */
	char progress[160];      /* "The run was interrupted: 1 of 4 trials ..."; "" = it came to its end */
	bool resumable;          /* there are trials left to be made */
};

/* Texts are borrowed from the view. */
void heading_make(struct heading *heading, const struct record_view *view, const struct digest *digest);

#endif
