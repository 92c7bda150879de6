/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a part of a record, which may come from anywhere: it is reported in every format, plots included, or
 * refused with a cause. No report for people holds a control character, whatever the record says. The first byte
 * chooses the part.
 */
#include <stdint.h>
#include <sys/stat.h>

#include "report/digest.h"
#include "report/plot/plot.h"
#include "report/report.h"
#include "results/record.h"

#include "fuzz_folder.h"

enum { TABLE, CSV, SUMMARY, JSON, HDR_LOG, MARKDOWN, JUNIT, HTML, REPORTS };

static int make_report(FILE *out, const struct record_view *view, int which, struct error *err)
{
	const struct report_options options = { .width = 100, .ascii = true };
	const struct html_options page = { .plots_reason = "none here", .record_link = ".." };

	switch (which) {
	case TABLE:    return report_table(out, view, "record", &options, err);
	case CSV:      return report_csv(out, view, err);
	case SUMMARY:  return report_summary(out, view, err);
	case JSON:     return report_json(out, view, err);
	case HDR_LOG:  return report_hdr_log(out, view, err);
	case MARKDOWN: return report_markdown(out, view, err);
	case JUNIT:    return report_junit(out, view, err);
	default:       return report_html(out, view, &page, err);
	}
}

/* malloc'd */
static char *report_text(const struct record_view *view, int which)
{
	struct error err = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	require(out);
	ret = make_report(out, view, which, &err);
	fclose(out);
	require(!ret || err.cause[0]);
	if (which == TABLE || which >= HDR_LOG)
		require_clean(text, which >= JUNIT); /* XML has tabs */
	return text;
}

/* Choose and write them all; to draw them would take too long here. */
static void check_plots(const struct record_view *view)
{
	struct error err = { 0 };
	struct plots plots = { 0 };
	struct digest digest;
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/plots", fuzz_folder());
	mkdir(folder, 0700);
	require(!digest_make(&digest, view, &err));
	require(!plots_choose(&plots, &digest, view, &err));
	require(!plots_write(&plots, folder, &err));
	require(plots.count <= PLOTS_MAX);
	for (size_t i = 0; i < plots.count; i++) {
		const struct plot *plot = &plots.plot[i];

		require(plot->name[strspn(plot->name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == 0);
		require(plot->name[0] && plot->title[0] && plot->summary[0]);
	}
	plots_free(&plots);
	digest_free(&digest);
}

static bool read_record(struct record_view *view,
			int (*read)(struct record_view *view, const char *directory, struct error *err))
{
	struct error err = { 0 };

	if (read(view, fuzz_folder(), &err) == 0)
		return true;
	require(err.cause[0]);
	return false;
}

/* Read whole, and with the figures alone (what else a report needs is then read again): the same reports. */
static void check_record(void)
{
	struct record_view whole, figures;

	if (!read_record(&whole, record_read)) {
		require(!read_record(&figures, record_read_figures));
		return;
	}
	require(read_record(&figures, record_read_figures));
	for (int which = 0; which < REPORTS; which++) {
		char *one = report_text(&whole, which), *other = report_text(&figures, which);

		require(!strcmp(one, other));
		free(one);
		free(other);
	}
	check_plots(&figures);
	record_view_free(&figures);
	record_view_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool run = size && data[0] == 'r';
	const char *text = (const char *)data + 1;

	if (!size)
		return 0;
	fuzz_write(fuzz_folder(), "run.json", run ? text : FUZZ_RUN, run ? size - 1 : strlen(FUZZ_RUN));
	fuzz_write(fuzz_folder(), "trials.jsonl", text, run ? 0 : size - 1);
	check_record();
	return 0;
}
