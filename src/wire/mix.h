/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mix of frame sizes (IMIX): which size the packet with a given sequence number has. Sender and receiver
 * make the same pattern from the same list, so that the receiver knows what it must get. Pure.
 */
#ifndef LB_WIRE_MIX_H
#define LB_WIRE_MIX_H

#include <stdint.h>

#define MIX_SIZES_MAX 8
#define MIX_PERIOD_MAX 1000 /* sum of the weights */

__extension__ typedef unsigned __int128 mix_uint128;

struct mix_size {
	uint32_t size;   /* of the frame, without FCS */
	uint32_t weight; /* packets of this size in each period */
};

struct mix {
	uint32_t count;
	uint32_t period;
	uint64_t reciprocal;             /* 2^64 / period, rounded up */
	uint32_t size[MIX_SIZES_MAX];
	uint8_t pattern[MIX_PERIOD_MAX]; /* of each packet of a period, the index of its size */
};

/*
 * 1..MIX_SIZES_MAX sizes with weights from 1 whose sum is at most MIX_PERIOD_MAX. The sizes are interleaved
 * as evenly as their weights allow (smooth weighted round robin): 7:4:1 is not seven small packets in a row.
 */
void mix_make(struct mix *mix, const struct mix_size *sizes, uint32_t count);

/* Index of the size of the packet with this sequence number (at most WIRE_SEQUENCE_MAX, for which 64 bits of
 * the reciprocal are exact). */
static inline uint32_t mix_index(const struct mix *mix, uint64_t sequence)
{
	uint64_t fraction = mix->reciprocal * sequence;

	return mix->pattern[(mix_uint128)fraction * mix->period >> 64];
}

/* Frame bytes of the packets with the sequence numbers 0 .. packets - 1. */
uint64_t mix_bytes(const struct mix *mix, uint64_t packets);

/* The largest size of a list. */
uint32_t mix_largest(const struct mix_size *sizes, uint32_t count);

#endif
