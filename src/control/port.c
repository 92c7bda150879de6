/* SPDX-License-Identifier: Apache-2.0 */
#include "control/port.h"

#define POOL_CACHE 512u     /* what a pool of buffers keeps at hand for a thread; there are two pools */
#define BUFFER_EXTRA 512u   /* around a frame: the buffer's own header, headroom, padding */
#define FIXED_MEGABYTES 24u /* the library's own: device state, rings, heap */
#define MEGABYTE (1u << 20)

const struct port_traits port_traits[PORT_KINDS] = {
#define PORT(kind, text, ...) [PORT_##kind] = { .name = text, __VA_ARGS__ },
#include "control/ports.def"
#undef PORT
};

const char *const port_names[PORT_KINDS + 1] = {
#define PORT(kind, text, ...) [PORT_##kind] = text,
#include "control/ports.def"
#undef PORT
};

/*
 * Packet buffers that a port needs at most: those in the rings of both directions, a burst that is being made and one
 * that is being looked at, and what the caches of a pool keep.
 */
static uint32_t port_buffers(uint32_t ring, uint32_t max_burst)
{
	/* A server has its receive ring full of empty buffers while its send ring is full of replies. */
	return 3 * ring + 4 * max_burst + 2 * POOL_CACHE;
}

uint32_t port_megabytes(uint32_t ring, uint32_t max_burst, uint32_t max_frame)
{
	uint64_t bytes = (uint64_t)port_buffers(ring, max_burst) * (max_frame + BUFFER_EXTRA);
	uint32_t megabytes = FIXED_MEGABYTES + (uint32_t)((bytes + MEGABYTE - 1) / MEGABYTE);

	return (megabytes + 1) & ~1u;
}
