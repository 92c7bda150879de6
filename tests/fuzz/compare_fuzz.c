/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the trials of two records, an empty line between them: they are compared, with each other and each
 * in itself, and told in every format, or refused with a cause. The first byte chooses the parameter compared by.
 */
#include <math.h>
#include <stdint.h>
#include <sys/stat.h>

#include "report/compare/compare.h"
#include "report/report.h"
#include "results/record.h"

#include "fuzz_folder.h"

static const char *const names[] = { "base", "new" };

static void check_texts(const struct compare *compare, double fail_on)
{
	static compare_write *const writers[] = {
		compare_table, compare_markdown, compare_html, compare_csv, compare_json,
	};
	const struct report_options options = { .width = 80, .ascii = true };
	const struct compare_output how = { .fail_on = fail_on, .all = true, .report = &options };

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		struct error err = { 0 };
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);
		int ret;

		require(out);
		ret = writers[i](out, compare, &how, &err);
		fclose(out);
		require(!ret || err.cause[0]);
		if (i < 3)
			require_clean(text, writers[i] == compare_html);
		free(text);
	}
}

static void check_compare(const struct record_view *views, size_t count, enum parameter_id by)
{
	const struct compare_options options = { .by = by };
	struct compare compare = { 0 };
	struct error err = { 0 };

	if (compare_make(&compare, views, names, count, &options, &err)) {
		require(err.cause[0]);
	} else {
		for (size_t i = 0; i < compare.count; i++)
			for (size_t k = 0; k < compare.set[i].count; k++)
				require(compare.set[i].comparison[k].verdict < VERDICT_COUNT);
		require(compare_regressions(&compare, 0.5) <= compare_regressions(&compare, 0.05));
		compare_gate(&compare, 0.05, &err);
		check_texts(&compare, NAN);
		check_texts(&compare, 0.05);
	}
	compare_free(&compare);
}

static int record_make(struct record_view *view, const char *name, const char *trials, size_t size)
{
	struct error err = { 0 };
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/%s", fuzz_folder(), name);
	mkdir(folder, 0700);
	fuzz_write(folder, "run.json", FUZZ_RUN, strlen(FUZZ_RUN));
	fuzz_write(folder, "trials.jsonl", trials, size);
	return record_read_figures(view, folder, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_view views[2] = { 0 };
	const char *text = (const char *)data + 1, *middle;
	size_t first;

	middle = size > 1 ? memmem(text, size - 1, "\n\n", 2) : NULL;
	if (!middle)
		return 0;
	first = (size_t)(middle + 1 - text);
	if (!record_make(&views[0], names[0], text, first) &&
	    !record_make(&views[1], names[1], middle + 2, size - 1 - first - 1)) {
		check_compare(views, 2, PARAMETER_COUNT);
		check_compare(views, 1, data[0] % PARAMETER_COUNT);
	}
	record_view_free(&views[0]);
	record_view_free(&views[1]);
	return 0;
}
