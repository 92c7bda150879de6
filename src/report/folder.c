/* SPDX-License-Identifier: Apache-2.0 */
#include "report/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/digest.h"
#include "report/plot/plot.h"
#include "report/report.h"
#include "results/folder.h"

#define PLOTS_FOLDER "plots"

/* Why there are no plots: the report goes on without. */
static void plots_excuse(char *text, size_t size, const struct error *err)
{
	snprintf(text, size, "%s%s%s", err->cause, *err->remedy ? "; " : "", err->remedy);
}

static int plots_make(struct plots *plots, const struct record_view *view, const char *folder, bool pdf,
		      struct report_written *written, struct error *err)
{
	struct error drawing = { 0 };
	struct digest digest;
	int rc = digest_make(&digest, view, err);

	if (!rc)
		rc = plots_choose(plots, &digest, view, err);
	if (!rc)
		rc = plots_write(plots, folder, err);
	if (!rc && plots->count && plots_draw(plots, folder, pdf, &drawing))
		plots_excuse(written->no_plots, sizeof(written->no_plots), &drawing);
	digest_free(&digest);
	return rc;
}

static int file_write(const char *folder, const char *name,
		      int (*write)(FILE *out, const struct record_view *view, const void *context,
				   struct error *err),
		      const struct record_view *view, const void *context, struct error *err)
{
	char path[PATH_MAX];
	FILE *out;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "wxe");
	if (!out)
		return error_errno(err, errno, NULL, "cannot write %s", name);
	rc = write(out, view, context, err);
	if (fclose(out) && !rc)
		rc = error_errno(err, errno, NULL, "cannot write %s", name);
	return rc;
}

static int trials_write(FILE *out, const struct record_view *view, const void *context, struct error *err)
{
	(void)context;
	return report_csv(out, view, err);
}

static int page_write(FILE *out, const struct record_view *view, const void *context, struct error *err)
{
	return report_html(out, view, context, err);
}

/* All files of the folder, the page last: it is the folder's seal. */
static int folder_fill(const char *folder, const struct record_view *view, const char *record_link,
		       struct report_written *written, struct error *err)
{
	char plots_folder[PATH_MAX];
	struct plots plots = { 0 };
	struct html_options page = { .plots_folder = plots_folder, .record_link = record_link,
				     .beside = true };
	int rc = 0;

	snprintf(plots_folder, sizeof(plots_folder), "%s/%s", folder, PLOTS_FOLDER);
	if (mkdir(plots_folder, 0755))
		rc = error_errno(err, errno, NULL, "cannot make the folder %s", PLOTS_FOLDER);
	if (!rc)
		rc = plots_make(&plots, view, plots_folder, true, written, err);
	if (!rc)
		rc = file_write(folder, "trials.csv", trials_write, view, NULL, err);
	page.plots = *written->no_plots ? NULL : &plots;
	page.plots_reason = *written->no_plots ? written->no_plots : NULL;
	if (!rc)
		rc = file_write(folder, REPORT_PAGE, page_write, view, &page, err);
	plots_free(&plots);
	return rc;
}

int report_folder(const struct record_view *view, const char *path, struct report_written *written,
		  struct error *err)
{
	const char *record_link = path ? "" : "..";
	struct folder folder;
	int rc;

	memset(written, 0, sizeof(*written));
	rc = path ? folder_begin(&folder, path, REPORT_PAGE, err) :
		    folder_begin_in(&folder, view->dir, view->directory, REPORT_FOLDER, REPORT_PAGE, err);
	if (!rc)
		rc = folder_fill(folder.path, view, record_link, written, err);
	if (!rc)
		rc = folder_commit(&folder, REPORT_PAGE, err);
	if (!rc) {
		snprintf(written->page, sizeof(written->page), "%s/%s", folder.where, REPORT_PAGE);
		snprintf(written->kept, sizeof(written->kept), "%s", folder.kept);
	}
	folder_end(&folder);
	return rc;
}

int report_page(FILE *out, const struct record_view *view, struct report_written *written, struct error *err)
{
	const char *temporary = getenv("TMPDIR");
	char path[PATH_MAX - 64], inner[PATH_MAX];
	struct plots plots = { 0 };
	struct folder folder;
	struct html_options page = { .plots_folder = folder.path, .record_link = "" };
	int rc;

	memset(written, 0, sizeof(*written));
	snprintf(path, sizeof(path), "%s/lanebench-XXXXXX", temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(path))
		return error_errno(err, errno, "TMPDIR names a folder for temporary files", "cannot make %s",
				   path);
	snprintf(inner, sizeof(inner), "%s/%s", path, PLOTS_FOLDER);
	rc = folder_begin(&folder, inner, "", err);
	if (!rc)
		rc = plots_make(&plots, view, folder.path, false, written, err);
	page.plots = *written->no_plots ? NULL : &plots;
	page.plots_reason = *written->no_plots ? written->no_plots : NULL;
	if (!rc)
		rc = report_html(out, view, &page, err);
	plots_free(&plots);
	folder_end(&folder);
	rmdir(path);
	return rc;
}
