/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/mix.h"

/* Each size gains its weight a turn; the one that has most is taken, and pays a whole period. */
static uint8_t mix_turn(const struct mix_size *sizes, uint32_t count, int32_t *credit, int32_t period)
{
	uint32_t best = 0;

	for (uint32_t i = 0; i < count; i++) {
		credit[i] += (int32_t)sizes[i].weight;
		if (credit[i] > credit[best])
			best = i;
	}
	credit[best] -= period;
	return (uint8_t)best;
}

void mix_make(struct mix *mix, const struct mix_size *sizes, uint32_t count)
{
	int32_t credit[MIX_SIZES_MAX] = { 0 };

	*mix = (struct mix){ .count = count };
	for (uint32_t i = 0; i < count; i++) {
		mix->size[i] = sizes[i].size;
		mix->period += sizes[i].weight;
	}
	mix->reciprocal = UINT64_MAX / mix->period + 1; /* of period 1 it is 0: 2^64 */
	for (uint32_t i = 0; i < mix->period; i++)
		mix->pattern[i] = mix_turn(sizes, count, credit, (int32_t)mix->period);
}

uint64_t mix_bytes(const struct mix *mix, uint64_t packets)
{
	uint64_t all = 0, rest = 0;

	for (uint32_t i = 0; i < mix->period; i++) {
		all += mix->size[mix->pattern[i]];
		if (i < packets % mix->period)
			rest += mix->size[mix->pattern[i]];
	}
	return packets / mix->period * all + rest;
}

uint32_t mix_largest(const struct mix_size *sizes, uint32_t count)
{
	uint32_t largest = 0;

	for (uint32_t i = 0; i < count; i++)
		if (sizes[i].size > largest)
			largest = sizes[i].size;
	return largest;
}
