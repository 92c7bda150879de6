/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/report_show.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/terminal.h"
#include "report/folder.h"
#include "report/report.h"

#define TRIALS_SLOW 2000 /* from which on a report takes long enough to say so */

/* In the record, unless the user chose a place; where a record cannot be written, that is no error. */
static int show_write_page(const struct report_show *show, const struct record_view *view,
			   struct report_written *written, char *remark, size_t size, struct error *err)
{
	char folder[PATH_MAX];
	struct error why = { 0 };
	int rc;

	snprintf(folder, sizeof(folder), "%s/%s", show->directory, REPORT_FOLDER);
	if (view->count > TRIALS_SLOW && terminal_is(stderr))
		fprintf(stderr, "lanebench: making the report of %zu trials ...\n", view->count);
	rc = report_folder(view, show->folder ? show->folder : folder, show->folder ? "" : "..", written,
			   show->folder ? err : &why);
	if (!rc && *written->no_plots)
		snprintf(remark, size, "it has no plots: %s", written->no_plots);
	else if (!rc && *written->kept)
		snprintf(remark, size, "the one before, in which something was changed, is now in %s",
			 written->kept);
	if (!rc || show->folder)
		return rc;
	snprintf(remark, size, "none: %s%s%s", why.cause, *why.remedy ? "; " : "", why.remedy);
	return 0;
}

int report_show(const struct report_show *show, struct error *err)
{
	struct report_options how = { .command = program_invocation_name,
				      .colour = terminal_has_colour(stdout),
				      .width = show->width ? show->width : terminal_table_width(stdout),
				      .all = show->all };
	struct report_written written = { 0 };
	struct record_view view = { 0 };
	char remark[1024] = "";
	int rc = record_read_figures(&view, show->directory, err);

	if (!rc && !show->no_page)
		rc = show_write_page(show, &view, &written, remark, sizeof(remark), err);
	how.page = *written.page ? written.page : NULL;
	how.page_remark = *remark ? remark : NULL;
	if (!rc)
		rc = report_table(stdout, &view, show->directory, &how, err);
	record_view_free(&view);
	return rc;
}
