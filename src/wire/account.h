/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiver's account of one stream: what became of each packet. Pure.
 *
 *   received    arrived intact for the first time
 *   duplicated  further intact copies of a packet that had arrived already
 *   reordered   received packets whose sequence is below the highest seen before (RFC 4737 Type-P-Reordered)
 *   corrupted   ours, but damaged: header checksum wrong, a payload byte wrong, or cut short
 *   foreign     not of this stream and phase: other traffic, other pairs, stragglers of an earlier trial
 *   lost        sent - received - corrupted, never below 0: computed when the sender's count is known
 *
 * Duplicates are recognised in a sliding window of the sequence numbers up to the highest seen; a packet
 * older than that is counted as `late` (too late to tell: it is neither received nor a duplicate) so that no
 * packet is ever counted twice.
 * An account belongs to one thread. That of a stream with the widest window has about 128 KB, of which a
 * running stream touches a line or two.
 */
#ifndef LB_WIRE_ACCOUNT_H
#define LB_WIRE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/payload.h"

#define ACCOUNT_WINDOW (UINT64_C(1) << 20)       /* of a stream that is alone, ... */
#define ACCOUNT_WINDOW_LEAST (UINT64_C(1) << 10) /* ... and of each of many */

/* What needs no sequence number is counted by the caller: foreign, and corrupted for a damaged header. */
struct account {
	uint64_t received, duplicated, reordered, corrupted, foreign, late;
	uint64_t bytes;         /* frame bytes of the received ones */
	uint64_t next;          /* highest sequence seen + 1 */
	uint64_t seen[];        /* a bit for each sequence number of the window */
};

/* Bytes of an account whose window has that many sequence numbers: a power of two, at least 64. */
#define ACCOUNT_SIZE(window) (sizeof(struct account) + (window) / 8)

/* The window of each of that many streams: all their accounts together do not grow without bound. */
uint64_t account_window(uint32_t streams);

void account_reset(struct account *account, uint64_t window);

/*
 * An intact packet of this stream and phase. True if it counts as received (then its latency is worth
 * recording), false for a duplicate or a late one. The window is ACCOUNT_WINDOW.
 */
bool account_packet(struct account *account, uint64_t sequence, uint32_t frame_size);

/* The same with another window. */
bool account_packet_of_many(struct account *account, uint64_t window, uint64_t sequence, uint32_t frame_size);

/* A packet of this stream with a damaged body whose sequence is known: counted once as corrupted; a
 * second damaged copy, or a copy of one that had arrived, counts as duplicated. */
void account_corrupted_body(struct account *account, uint64_t window, uint64_t sequence);

#endif
