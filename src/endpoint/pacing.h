/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schedule of a paced sender: burst k leaves at begin + k * burst / rate. Pure.
 *
 * The time is kept in nanoseconds with 64 bits behind the point, and the interval is added burst by burst:
 * the error of the sum stays far below a nanosecond over the longest trial, so that the schedule does not
 * drift, and no burst costs a division.
 */
#ifndef LB_ENDPOINT_PACING_H
#define LB_ENDPOINT_PACING_H

#include <stdint.h>

struct pacing {
	uint64_t due_ns, due_fraction;           /* departure of the next burst; fraction in 2^-64 ns */
	uint64_t interval_ns, interval_fraction; /* from one burst to the next */
};

/* rate > 0, in packets per second; burst > 0, in packets. The first burst is due at begin_ns. */
void pacing_begin(struct pacing *pacing, uint64_t begin_ns, double rate, uint32_t burst);

/* How many bursts are due in [begin, begin + duration). */
uint64_t pacing_bursts(double rate, uint32_t burst, uint64_t duration_ns);

static inline void pacing_next(struct pacing *pacing)
{
	uint64_t carry = __builtin_add_overflow(pacing->due_fraction, pacing->interval_fraction,
						&pacing->due_fraction);

	pacing->due_ns += pacing->interval_ns + carry;
}

#endif
