/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/pacing.h"

#include <math.h>

#define NS_PER_S 1000000000.0L

/* A rate so small that the next burst is due beyond this (thousands of years) is never due again. */
#define INTERVAL_MAX 0x1p63L

void pacing_begin(struct pacing *pacing, uint64_t begin_ns, double rate, uint32_t burst)
{
	long double interval = (long double)burst * NS_PER_S / (long double)rate;

	if (interval > INTERVAL_MAX)
		interval = INTERVAL_MAX;
	pacing->due_ns = begin_ns;
	pacing->due_fraction = 0;
	pacing->interval_ns = (uint64_t)interval;
	pacing->interval_fraction = (uint64_t)ldexpl(interval - floorl(interval), 64);
}

uint64_t pacing_bursts(double rate, uint32_t burst, uint64_t duration_ns)
{
	/* Multiplied first: with whole rates the products are whole and exact (long double holds 64 bits and
	 * more), so that a burst due exactly at the end does not slip in or out by a rounding. */
	return (uint64_t)ceill((long double)duration_ns * (long double)rate /
			       ((long double)burst * NS_PER_S));
}
