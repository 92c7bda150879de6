/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "report/internal.h"
#include "report/report.h"
#include "report/export/summary.h"

/* Escaped to ASCII: what a terminal would take for a command stays text. */
#define FORM (JSON_COMPACT | JSON_ENSURE_ASCII | RECORD_NUMBERS)

int report_json(FILE *out, const struct record_view *view, struct error *err)
{
	json_t *summary = summary_make(view, err);

	if (!summary)
		return -err->code;
	fputs("{\"run\": ", out);
	json_dumpf(view->run, out, FORM);
	fputs(",\n \"trials\": [", out);
	for (size_t i = 0; i < view->count; i++) {
		fputs(i ? ",\n  " : "\n  ", out);
		json_dumpf(view->trials[i], out, FORM);
	}
	fputs("\n ],\n \"summary\": ", out);
	json_dumpf(summary, out, FORM);
	fputs("}\n", out);
	json_decref(summary);
	return report_finish(out, err);
}
