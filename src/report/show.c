/* SPDX-License-Identifier: Apache-2.0 */
#include "report/show.h"

#include <errno.h>

#include "report/folder.h"
#include "report/report.h"
#include "system/terminal.h"

#define TRIALS_SLOW 2000 /* from which on a report takes long enough to say so */

/* In the record, unless the user chose a place; where a record cannot be written, that is no error. */
static int show_write_page(const struct report_show *show, const struct record_view *view,
			   struct report_written *written, char *remark, size_t size, struct error *err)
{
	struct error why = { 0 };
	int rc;

	if (view->count > TRIALS_SLOW && terminal_is(show->notes))
		fprintf(show->notes, "lanebench: making the report of %zu trials ...\n", view->count);
	rc = report_folder(view, show->folder, written, show->folder ? err : &why);
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

int report_show(const struct report_show *show, const struct record_view *view, struct error *err)
{
	struct report_options how = { .command = program_invocation_name,
				      .colour = terminal_has_colour(show->out),
				      .width = show->width ? show->width : terminal_table_width(show->out),
				      .all = show->all };
	struct report_written written = { 0 };
	char remark[1024] = "";
	int rc = show->no_page ? 0 : show_write_page(show, view, &written, remark, sizeof(remark), err);

	how.page = *written.page ? written.page : NULL;
	how.page_remark = *remark ? remark : NULL;
	return rc ? rc : report_table(show->out, view, view->directory, &how, err);
}
