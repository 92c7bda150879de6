/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at each packet that arrived: what it is (inspector_classify), and what becomes of it in the account
 * and in the latency histogram of the trial (inspector_account).
 */
#ifndef LB_ENDPOINT_INSPECTOR_H
#define LB_ENDPOINT_INSPECTOR_H

#include <stdbool.h>

#include "endpoint/envelope.h"
#include "endpoint/io/io.h"
#include "measure/histogram.h"
#include "wire/account.h"

enum packet_kind {
	PACKET_MEASURED,     /* intact, of this stream and the measured phase */
	PACKET_WARMUP,       /* of this stream and its warm-up */
	PACKET_DAMAGED,      /* of this stream and phase, sequence known, but not as it was sent */
	PACKET_CORRUPTED,    /* ours by its looks, and too damaged to tell more */
	PACKET_ANNOUNCEMENT, /* teaches switches */
	PACKET_FOREIGN,
};

struct inspector {
	enum io_layer layer;
	enum wire_payload_mode mode;
	uint32_t frame_size;
	uint32_t size;            /* bytes at io_packet.data of a packet as it was sent */
	uint16_t test, warmup_test, stream;
	bool verify_checksum;     /* IO_LAYER_FRAME: the UDP checksum too (else the kernel has done it) */
	struct envelope envelope; /* IO_LAYER_FRAME: headers of what the peer sends */
	const struct clock_scale *clock;
	uint64_t begin_ns;        /* of the measured window: what is damaged or foreign counts from here */

	struct account *account;
	struct histogram *latency;
	uint64_t first_ns, last_ns; /* of the packets received */
	uint64_t clock_ahead_ns;    /* most that a packet arrived before its departure */
	/*
	 * What a client waits for: arrived intact, of this phase, with this sequence number or a higher one.
	 */
	uint16_t fresh_test;
	uint64_t fresh_from, fresh;
};

enum packet_kind inspector_classify(struct inspector *inspector, const struct io_packet *packet,
				    struct wire_header *header);
void inspector_account(struct inspector *inspector, const struct io_packet *packets, uint32_t n);

#endif
