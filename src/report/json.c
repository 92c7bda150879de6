/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "report/internal.h"
#include "report/report.h"

/* Escaped to ASCII: what a terminal would take for a command stays text. */
#define FORM (JSON_COMPACT | JSON_ENSURE_ASCII | RECORD_NUMBERS)

int report_json(FILE *out, const struct record_view *view, struct error *err)
{
	fputs("{\"run\": ", out);
	json_dumpf(view->run, out, FORM);
	fputs(",\n \"trials\": [", out);
	for (size_t i = 0; i < view->count; i++) {
		fputs(i ? ",\n  " : "\n  ", out);
		json_dumpf(view->trials[i], out, FORM);
	}
	fputs("\n ]}\n", out);
	return report_finish(out, err);
}
