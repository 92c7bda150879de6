/* SPDX-License-Identifier: Apache-2.0 */
/* What qualifies the figures: flags, and the tests that have none. */
#ifndef LB_REPORT_REMARKS_H
#define LB_REPORT_REMARKS_H

#include "report/digest.h"
#include "report/sheet.h"

#define REMARKS_MAX 24

/* Which remarks a set of rows has; a letter each. */
struct remarks {
	size_t rows[REMARKS_MAX]; /* how many rows have remark i */
	char unknown[64];         /* a flag that this version does not know */
};

/* The letters of one row, such as "od", and take note of them. */
void remarks_of_row(struct remarks *remarks, const struct digest_row *row, char letters[REMARKS_MAX + 1]);
/* What the letters mean. `total`: rows of the table. */
void remarks_explain(const struct remarks *remarks, size_t total, const struct sheet *sheet);

/* Trials that failed, were skipped or are void: those with the same reason together. Returns how many. */
size_t remarks_without_figures(const struct digest *digest, const struct sheet *sheet);

#endif
