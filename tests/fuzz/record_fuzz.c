/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a part of a record, which may come from anywhere: it is reported, or refused with a cause. No report
 * holds a control character, whatever the record says. The first byte chooses the part.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "results/record.h"

#define RUN "{\"schema\":1,\"name\":\"x\",\"tests\":[],\"state\":\"done\",\"environment\":{}}"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void write_file(const char *directory, const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	require(file && fwrite(data, 1, size, file) == size && !fclose(file));
}

enum { TABLE, CSV, SUMMARY, JSON, HDR_LOG, REPORTS };

static int make_report(FILE *out, const struct record_view *view, int which, struct error *err)
{
	const struct report_options options = { .width = 100, .ascii = true };

	switch (which) {
	case TABLE:   return report_table(out, view, "record", &options, err);
	case CSV:     return report_csv(out, view, err);
	case SUMMARY: return report_summary(out, view, err);
	case JSON:    return report_json(out, view, err);
	default:      return report_hdr_log(out, view, err);
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
	for (size_t i = 0; (which == TABLE || which == HDR_LOG) && i < size; i++)
		require(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
	return text;
}

static const char *folder(void)
{
	static char directory[] = "/dev/shm/record_fuzz.XXXXXX";
	static bool made;

	if (!made)
		require(mkdtemp(directory) && !access(directory, W_OK));
	made = true;
	return directory;
}

static bool read_record(struct record_view *view,
			int (*read)(struct record_view *view, const char *directory, struct error *err))
{
	struct error err = { 0 };

	if (read(view, folder(), &err) == 0)
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
	record_view_free(&figures);
	record_view_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool run = size && data[0] == 'r';

	if (!size)
		return 0;
	write_file(folder(), "run.json", run ? (const void *)(data + 1) : RUN, run ? size - 1 : strlen(RUN));
	write_file(folder(), "trials.jsonl", run ? (const void *)"" : data + 1, run ? 0 : size - 1);
	check_record();
	return 0;
}
