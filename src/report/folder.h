/* SPDX-License-Identifier: Apache-2.0 */
/* What `lanebench report` writes of a record: the page, alone or with what people take further in a
 * folder. */
#ifndef LB_REPORT_FOLDER_H
#define LB_REPORT_FOLDER_H

#include "results/record.h"
#include "util/error.h"

#define REPORT_FOLDER "report"    /* in the record's directory */
#define REPORT_PAGE "report.html" /* in that folder */

struct report_written {
	char page[4096];    /* path of the page */
	char kept[256];     /* what an older report that the user has changed is called now; "" = none */
	char no_plots[512]; /* why the page has none, with the remedy; "" = it has those that there are */
};

/*
 * FOLDER/report.html, trials.csv, and plots/ with each plot as SVG, PDF, data and gnuplot script.
 * The folder at `path`, or, NULL, the record's own, to whose files the page then links. Replaced as a whole
 * (results/folder.h). Without gnuplot the page has no plots, which is no error.
 */
int report_folder(const struct record_view *view, const char *path, struct report_written *written,
		  struct error *err);

/* The page alone, to a stream; plots are drawn in a temporary folder. */
int report_page(FILE *out, const struct record_view *view, struct report_written *written, struct error *err);

#endif
