/* SPDX-License-Identifier: Apache-2.0 */
/* What stands below the tables: who is in front, what the letters mean, what has no figures, how noisy it
 * was. */
#ifndef LB_REPORT_NOTES_H
#define LB_REPORT_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "report/contest.h"
#include "report/remarks.h"
#include "report/terminal/sheet.h"
#include "results/record.h"

/* A sentence for each load, as far as a reader will read them. `varies` as words_varying tells it. */
void notes_contests(const struct contests *contests, const bool varies[PARAMETER_COUNT],
		    const struct sheet *sheet);

/* What the letters mean. `total`: rows of the table. */
void notes_remarks(const struct remarks *remarks, size_t total, const struct sheet *sheet);

/* Trials that failed, were skipped or are void: those with the same reason together. How many, or -ENOMEM. */
int notes_causes(const struct digest *digest, const struct sheet *sheet);

void notes_noise(const struct record_view *view, const struct sheet *sheet);

#endif
