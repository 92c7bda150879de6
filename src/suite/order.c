/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "suite/excerpt.h"

static const char *const names[] = { [ORDER_GIVEN] = "given", [ORDER_SHUFFLED] = "shuffled" };

int order_parse(const char *text, enum order_kind *kind, struct error *err)
{
	for (enum order_kind i = ORDER_GIVEN; i <= ORDER_SHUFFLED; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*kind = i;
		return 0;
	}
	return error_set(err, EINVAL, "use shuffled or given", "there is no order '%s'", excerpt(text).text);
}

const char *order_name(enum order_kind kind)
{
	return names[kind];
}

int seed_parse(const char *text, struct suite_order *order, struct error *err)
{
	char *end;

	errno = 0;
	order->seed = strtoull(text, &end, 10);
	order->seeded = text[0] >= '0' && text[0] <= '9' && !*end && !errno && order->seed <= SEED_MAX;
	return order->seeded ? 0 : error_set(err, EINVAL, "write a whole number", "'%s' is no seed from 0 to %" PRIu64,
					     excerpt(text).text, SEED_MAX);
}
