/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in front at which loads, by one merit. */
#ifndef LB_REPORT_HTML_STANDINGS_H
#define LB_REPORT_HTML_STANDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/html/page.h"

#define LOADS_SHOWN 4

/* A test (by all that is no load) and the contests in which it is in front. */
struct leader {
	char name[256];              /* "" = several carry the load, and none is ahead */
	const struct contest *won[LOADS_SHOWN];
	size_t wins;
	bool shared;
};

struct standings {
	struct leader *leader;
	size_t count, contests, others;
	bool competes; /* somewhere: else each test is in front of nobody */
};

/* Which parameters vary in this part and are no load to this merit. */
void parameters_no_load(const struct results *part, enum merit merit, bool by[PARAMETER_COUNT]);

/*
 * Where something competes, only that counts; else each test is in front of nobody, and is told of as it is. False where
 * there is nothing to tell. `leader` is to be freed by the caller.
 */
bool standings_make(struct standings *standings, const struct page *page, enum merit merit);

#endif
