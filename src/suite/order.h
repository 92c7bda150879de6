/* SPDX-License-Identifier: Apache-2.0 */
/* In which order the trials of a suite run: `order` and `seed` of a suite, of the command line, of a record. Pure. */
#ifndef LB_SUITE_ORDER_H
#define LB_SUITE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

/* Every reader of JSON keeps such a number as it is. */
#define SEED_MAX ((UINT64_C(1) << 53) - 1)

enum order_kind {
	ORDER_DEFAULT,   /* shuffled where a test has repeats */
	ORDER_GIVEN,     /* as the suite has them */
	ORDER_SHUFFLED   /* each repeat by itself, by the seed */
};

struct suite_order {
	enum order_kind kind;
	bool seeded;     /* else a seed is still to be drawn */
	uint64_t seed;   /* 0 .. SEED_MAX */
};

/* "given" or "shuffled". 0 or -EINVAL. */
int order_parse(const char *text, enum order_kind *kind, struct error *err);
const char *order_name(enum order_kind kind);
/* A whole number. 0 or -EINVAL. */
int seed_parse(const char *text, struct suite_order *order, struct error *err);

#endif
