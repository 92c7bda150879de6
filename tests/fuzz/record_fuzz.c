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

static void check_report(const struct record_view *view, int which)
{
	const struct report_options options = { .width = 100, .ascii = true };
	struct error err = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	require(out);
	if (which == 0)
		ret = report_table(out, view, "record", &options, &err);
	else
		ret = which == 1 ? report_csv(out, view, &err) : report_json(out, view, &err);
	fclose(out);
	require(!ret || err.cause[0]);
	for (size_t i = 0; which == 0 && i < size; i++)
		require(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
	free(text);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool run = size && data[0] == 'r';
	struct record_view view;
	struct error err = { 0 };

	if (!size)
		return 0;
	write_file(folder(), "run.json", run ? (const void *)(data + 1) : RUN, run ? size - 1 : strlen(RUN));
	write_file(folder(), "trials.jsonl", run ? (const void *)"" : data + 1, run ? 0 : size - 1);
	if (record_read(&view, folder(), &err)) {
		require(err.cause[0]);
		return 0;
	}
	for (int which = 0; which < 3; which++)
		check_report(&view, which);
	record_view_free(&view);
	return 0;
}
