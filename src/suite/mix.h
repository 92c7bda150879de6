/* SPDX-License-Identifier: Apache-2.0 */
/* Packet sizes of a test: one, or a mix of several with weights. Pure. */
#ifndef LB_SUITE_MIX_H
#define LB_SUITE_MIX_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

#define MIX_PARTS_MAX 8u
#define MIX_WEIGHTS_MAX 1000u /* most that all weights together come to */

struct mix {
	struct mix_part {
		uint32_t size;   /* of the Ethernet frame without FCS */
		uint32_t weight; /* packets of this size in a round of all weights together */
	} part[MIX_PARTS_MAX];
	unsigned count;
};

/*
 * "64:7+570:4+1518:1" (a size alone has the weight 1), or "imix": the 7:4:1 of 64, 570 and 1518 bytes with FCS
 * (the "simple IMIX" of traffic generators; RFC 6985 tells how to name such a mix), that is 60:7+566:4+1514:1.
 * 0, or -EINVAL with the cause. Whether the sizes are frames is for the caller to say.
 */
int mix_parse(const char *text, struct mix *mix, struct error *err);
uint32_t mix_largest(const struct mix *mix);
/* As mix_parse reads it, parts in the order given. */
void mix_format(const struct mix *mix, char *text, size_t size);

#endif
