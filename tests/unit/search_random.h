/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that are the same on every machine: xorshift64*, begun with splitmix64. */
#ifndef LB_TESTS_SEARCH_RANDOM_H
#define LB_TESTS_SEARCH_RANDOM_H

#include <math.h>
#include <stdint.h>

struct search_random {
	uint64_t state;
};

static inline struct search_random search_random(uint64_t seed)
{
	uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (struct search_random){ (z ^ (z >> 31)) | 1 };
}

static inline uint64_t next_random(struct search_random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0 <= x < 1 */
static inline double uniform(struct search_random *random)
{
	return (double)(next_random(random) >> 11) * 0x1p-53;
}

/* 0 <= n < limit */
static inline uint64_t below(struct search_random *random, uint64_t limit)
{
	return (uint64_t)(uniform(random) * (double)limit);
}

/* Events in a time in which `mean` are expected (Knuth; for small means). */
static inline unsigned poisson(struct search_random *random, double mean)
{
	double limit = exp(-mean), product = uniform(random);
	unsigned count = 0;

	while (product > limit && count < 1000) {
		product *= uniform(random);
		count++;
	}
	return count;
}

#endif
