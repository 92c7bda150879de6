/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a rate. Beside crashes: a rate is either refused with a cause and a remedy, or has a canonical
 * text that reads back as the same rate, and, if it is a sweep, rising points within its ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search/rate.h"

static void require(int holds)
{
	if (!holds)
		abort();
}

static void check_points(const struct rate *rate)
{
	unsigned count = rate_points(rate);

	require((count > 0) == (rate->kind == RATE_SWEEP || rate->kind == RATE_SWEEP_SHARE));
	require(count <= RATE_POINTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		require(rate_point(rate, i) >= rate->from && rate_point(rate, i) <= rate->to);
		require(!i || rate_point(rate, i) > rate_point(rate, i - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), canonical[RATE_TEXT_SIZE];
	struct rate rate, back;
	struct error err = { 0 };

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if (rate_parse(text, &rate, &err)) {
		require(err.cause[0] && err.remedy[0]);
	} else {
		rate_format(&rate, canonical, sizeof(canonical));
		require(strlen(canonical) + 1 < sizeof(canonical));
		require(!rate_parse(canonical, &back, &err) && !memcmp(&rate, &back, sizeof(rate)));
		check_points(&rate);
	}
	free(text);
	return 0;
}
