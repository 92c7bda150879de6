/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that make up report/results.h. */
#ifndef LB_REPORT_COLUMNS_H
#define LB_REPORT_COLUMNS_H

#include "report/results.h"

/* Those that the rows have something for; results->column, ->columns. */
void columns_choose(struct results *results);

/* What the search of a row came to, in a few words; of several repeats the worst. "" where there was none. */
const char *search_answer(const struct digest_row *row);

/* What the range of repeats is called, by what it is: "min..max", "95 % CI", or "interval", where both
 * occur. */
const char *range_name(const struct results *results);

#endif
