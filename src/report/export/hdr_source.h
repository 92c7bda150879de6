/* SPDX-License-Identifier: Apache-2.0 */
/* Which latency histograms of a record are exported, and what they are called. */
#ifndef LB_REPORT_EXPORT_HDR_SOURCE_H
#define LB_REPORT_EXPORT_HDR_SOURCE_H

#include <stddef.h>

#include "measure/histogram.h"
#include "report/digest.h"

#define HDR_NAME_MAX 200

/*
 * Those of the ok trials that reports have figures of: a trial of a test or a point of a sweep, of repeats
 * the last one. One way, or round trips in a latency test.
 */
struct hdr_source {
	const struct record_view *view;
	struct digest digest;
	size_t *row;      /* of view->trials[i]: its row in the digest; SIZE_MAX = it has nothing to export */
	/* Of a row: letters, digits, '.', '_', '-', at most HDR_NAME_MAX; unique; NULL = no trial. */
	char **name;
	size_t damaged;   /* trials visited whose histogram is missing or not valid */
};

/* hdr_source_free also after a failure. */
int hdr_source_make(struct hdr_source *source, const struct record_view *view, struct error *err);
void hdr_source_free(struct hdr_source *source);

/* Visit histograms in the order of the record, each not empty: of rows first <= row < end. As record_scan. */
struct hdr_visit {
	int (*visit)(void *context, size_t row, const json_t *trial, const struct histogram *histogram,
		     struct error *err);
	void *context;
	size_t first, end;
};
int hdr_source_scan(struct hdr_source *source, const struct hdr_visit *visit, struct error *err);

#endif
