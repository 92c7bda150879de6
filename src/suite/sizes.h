/* SPDX-License-Identifier: Apache-2.0 */
/* Packet sizes of a test: one, or a mix of several with weights. Pure. */
#ifndef LB_SUITE_SIZES_H
#define LB_SUITE_SIZES_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/mix.h"

struct sizes {
	struct mix_size list[MIX_SIZES_MAX];
	uint32_t count;
};

/*
 * "64:7+570:4+1518:1" (a size alone has the weight 1), or "imix": the 7:4:1 of 64, 570 and 1518 bytes with FCS
 * (the "simple IMIX" of traffic generators; RFC 6985 tells how to name such a mix), that is 60:7+566:4+1514:1.
 * 0, or -EINVAL with the cause. Whether the sizes are frames is for the caller to say.
 */
int sizes_parse(const char *text, struct sizes *sizes, struct error *err);
/* As sizes_parse reads it, parts in the order given. */
void sizes_format(const struct sizes *sizes, char *text, size_t size);

#endif
