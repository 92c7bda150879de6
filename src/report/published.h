/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures that papers have published, to stand beside measured ones: published.csv, a row a value with its source, in
 * units of the record. It is data: nothing here knows a paper.
 */
#ifndef LB_REPORT_PUBLISHED_H
#define LB_REPORT_PUBLISHED_H

#include <stddef.h>

#include "report/digest.h"

struct published {
	const char *source;   /* "Ara et al. 2023, Table 2" */
	const char *title;    /* of the paper */
	const char *suite;    /* name of the suite that repeats it ("paper-table2"); "" = none */
	const char *machine;  /* "Intel Xeon E5-2640 v4, 2.4 GHz"; "" = not told */
	const char *note;     /* what it differs in; may be "" */
	enum figure figure;
	double value, low, high; /* unit of the figure; low, high NAN where there are none */
};

/*
 * Values whose test is that of the row: each parameter that the paper names has the row's value, one that it leaves
 * out may have any. Returns how many, at most `max`, into `found` (static data).
 */
size_t published_for(const struct digest_row *row, const struct published **found, size_t max);

#endif
