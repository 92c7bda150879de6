/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a suite: gathered in any order, handed out in order of place, each once. */
#ifndef LB_SUITE_PROBLEMS_H
#define LB_SUITE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/suite.h"

#define PROBLEMS_MAX 200 /* more of them are counted, not kept */

/* Where a value comes from. Zeroed: nowhere, a default. */
struct place {
	enum place_source { PLACE_NOWHERE, PLACE_FILE, PLACE_OPTION } source; /* also the order of problems */
	size_t line, column;               /* in the file, from 1 */
	const struct parameter *parameter; /* whose option */
};

struct problem {
	struct place place;
	struct error error;
	size_t number; /* order of finding, among problems of one place */
};

struct problems {
	struct problem *problem;
	size_t count, capacity, omitted;
	bool out_of_memory;
};

void problems_add(struct problems *problems, const struct place *place, const struct error *error);
/* The same with the text at hand; code EINVAL. `remedy` may be NULL. */
void problems_addf(struct problems *problems, const struct place *place, const char *remedy,
		   const char *cause, ...) __attribute__((format(printf, 4, 5)));

/* Sort, and give them to the suite with their places as text; `path` is the suite's file. 0 or -ENOMEM. */
int problems_finish(struct problems *problems, const char *path, struct suite *suite);
void problems_free(struct problems *problems);

#endif
