/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the test packets of one trial in the buffers that a technique lends. Packets of one flow and one size
 * are made by generator.c alone; what several flows or sizes take in addition is in generator_mixed.c.
 */
#ifndef LB_ENDPOINT_GENERATOR_H
#define LB_ENDPOINT_GENERATOR_H

#include "control/message.h"
#include "endpoint/envelope.h"
#include "endpoint/io/io.h"

struct generator;

typedef void generator_fill_fn(struct generator *generator, struct io_packet *packets, uint32_t n,
			       uint64_t index, uint64_t time_ns);

/* Several flows or several sizes. The caller's memory. */
struct generator_mixed {
	uint32_t flows;
	enum control_flow_order order;
	uint64_t seed;
	uint32_t room;                             /* bytes at io_packet.data of the largest packet */
	struct mix mix;
	struct envelope envelopes[MIX_SIZES_MAX];
	uint64_t made;                             /* packets of this phase */
	uint64_t next[CONTROL_FLOWS_MAX];          /* FLOW_RANDOM: sequence number of each flow's next one */
};

struct generator {
	/*
	 * Write n packets, of which `index` came before in this phase, with the time stamp time_ns. A packet
	 * that was made stays to be sent until the phase ends: it is not made again.
	 */
	generator_fill_fn *fill;
	enum io_layer layer;
	enum wire_payload_mode mode;
	uint32_t size;            /* bytes at io_packet.data; of several sizes the first one */
	uint32_t payload_size;
	uint16_t test, stream;
	struct envelope envelope; /* IO_LAYER_FRAME */
	/*
	 * By cookie: 0 = the buffer holds anything, else what stays the same is in it (of several sizes, that
	 * of size number `prepared - 1`). The caller's memory.
	 */
	uint8_t *prepared;
	struct generator_mixed *mixed; /* NULL = one flow and one size */
};

/*
 * The next packets are what `start` says, from source to destination. `prepared` is all 0; `mixed` may be
 * anything, and is used while the generator is.
 */
void generator_begin(struct generator *generator, enum io_layer layer, const struct control_start *start,
		     uint16_t stream, const struct wire_address *source,
		     const struct wire_address *destination, uint8_t *prepared,
		     struct generator_mixed *mixed);

/* A phase begins: sequence numbers are from 0 again. */
void generator_enter(struct generator *generator, uint16_t test);

/* Frame bytes of the phase's first `packets` packets. Once a phase, when it is over. */
uint64_t generator_bytes(struct generator *generator, uint64_t packets);

/* generator_mixed.c */
void generator_mixed_begin(struct generator *generator, struct generator_mixed *mixed,
			   const struct control_start *start, const struct wire_address *source,
			   const struct wire_address *destination);
void generator_mixed_enter(struct generator_mixed *mixed);
generator_fill_fn generator_mixed_fill;
uint64_t generator_mixed_bytes(struct generator_mixed *mixed, uint64_t packets);

#endif
