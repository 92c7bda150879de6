/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "report/export/summary.h"
#include "report/internal.h"
#include "report/report.h"

static int write_trial(void *context, size_t index, json_t *trial, struct error *err)
{
	FILE *out = context;

	fputs(index ? ",\n  " : "\n  ", out);
	json_dumpf(trial, out, EXPORT_JSON);
	return ferror(out) ? report_finish(out, err) : 0; /* the disk is full: no need to read all the rest */
}

int report_json(FILE *out, const struct record_view *view, struct error *err)
{
	int rc;

	fputs("{\"run\": ", out);
	json_dumpf(view->run, out, EXPORT_JSON);
	fputs(",\n \"trials\": [", out);
	rc = record_scan(view, write_trial, out, err);
	if (rc)
		return rc;
	fputs("\n ],\n \"summary\": ", out);
	rc = summary_write(out, view, err);
	fputs("}\n", out);
	return rc ? rc : report_finish(out, err);
}
