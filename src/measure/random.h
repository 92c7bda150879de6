/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that look like chance and follow from a seed: the same on every machine. splitmix64 (Steele, Lea, Flood
 * 2014), a bijection of a counter, so its period is 2^64. Pure.
 */
#ifndef LB_MEASURE_RANDOM_H
#define LB_MEASURE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 <= index < n; n is so small that the bias, n / 2^32, is nothing. */
static inline size_t random_index(uint64_t *state, size_t n)
{
	return (size_t)(((random_next(state) >> 32) * n) >> 32);
}

#endif
