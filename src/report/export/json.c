/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "report/export/summary.h"
#include "report/internal.h"
#include "report/report.h"

static int trial_write(void *context, size_t index, json_t *trial, struct error *err)
{
	FILE *out = context;

	fputs(index ? ",\n  " : "\n  ", out);
	return export_json(out, trial, err);
}

int report_json(FILE *out, const struct record_view *view, struct error *err)
{
	int rc;

	fputs("{\"run\": ", out);
	rc = export_json(out, view->run, err);
	fputs(",\n \"trials\": [", out);
	if (!rc)
		rc = record_scan(view, trial_write, out, err);
	fputs("\n ],\n \"summary\": ", out);
	if (!rc)
		rc = summary_write(out, view, err);
	fputs("}\n", out);
	return rc ? rc : report_finish(out, err);
}
