/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the test packets of one trial in the buffers that a technique lends. */
#ifndef LB_ENDPOINT_GENERATOR_H
#define LB_ENDPOINT_GENERATOR_H

#include <stdbool.h>

#include "endpoint/envelope.h"
#include "endpoint/io/io.h"

struct generator {
	enum io_layer layer;
	enum wire_payload_mode mode;
	uint32_t size;            /* bytes at io_packet.data */
	uint32_t payload_size;
	uint16_t test, stream;
	struct envelope envelope; /* IO_LAYER_FRAME */
	bool *prepared;           /* by cookie: what stays the same is in the buffer; the caller's memory */
};

/* The next packets are frames of frame_size bytes from source to destination. `prepared` is all false. */
void generator_begin(struct generator *generator, enum io_layer layer, uint32_t frame_size,
		     enum wire_payload_mode mode, uint16_t stream, const struct wire_address *source,
		     const struct wire_address *destination, bool *prepared);

/* Write n packets, numbered from `sequence`, with the time stamp time_ns. */
void generator_fill(struct generator *generator, struct io_packet *packets, uint32_t n, uint64_t sequence,
		    uint64_t time_ns);

#endif
