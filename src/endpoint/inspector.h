/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at each packet that arrived: what it is (inspector_classify), and what becomes of it in the accounts
 * and in the latency histograms of the trial (inspector_account). One stream of one size is looked at by
 * inspector.c; for several streams or sizes there are functions of the same form in inspector_mixed.c.
 */
#ifndef LB_ENDPOINT_INSPECTOR_H
#define LB_ENDPOINT_INSPECTOR_H

#include <stdbool.h>

#include "control/message.h"
#include "endpoint/envelope.h"
#include "endpoint/io/io.h"
#include "wire/account.h"

enum packet_kind {
	PACKET_MEASURED,     /* intact, of our streams and the measured phase */
	PACKET_WARMUP,       /* of our streams and their warm-up, or what follows the window */
	PACKET_BACKGROUND,   /* intact, of our streams, the load beside a client's packets */
	PACKET_DAMAGED,      /* of our streams and phase, sequence known, but not as it was sent */
	PACKET_CORRUPTED,    /* ours by its looks, and too damaged to tell more */
	PACKET_ANNOUNCEMENT, /* teaches switches */
	PACKET_FOREIGN,
};

/* Several streams or sizes. The caller's memory. */
struct inspector_mixed {
	uint32_t flows;           /* of each sender */
	uint32_t reciprocal;      /* 2^32 / flows, rounded up */
	struct mix mix;
	uint64_t window;          /* of each stream's account */
	size_t stride;            /* from one account to the next */
	uint64_t received, arrived; /* of all streams: see inspector_received */
	struct envelope envelopes[CONTROL_RX_MAX * MIX_SIZES_MAX]; /* by sender, then by size */
};

struct inspector {
	/* Look at the n packets of a burst. */
	void (*account_burst)(struct inspector *inspector, const struct io_packet *packets, uint32_t n);
	enum io_layer layer;
	enum wire_payload_mode mode;
	uint32_t frame_size;      /* of several sizes the first one */
	uint32_t size;            /* bytes at io_packet.data of a packet as it was sent */
	uint16_t test, warmup_test, background_test, stream; /* without background: as warmup_test */
	bool verify_checksum;     /* IO_LAYER_FRAME: the UDP checksum too (else the kernel has done it) */
	struct envelope envelope; /* IO_LAYER_FRAME: headers of what the peer sends */
	const struct clock_scale *clock;
	uint64_t begin_ns;        /* of the measured window: what is damaged or foreign counts from here */

	struct account *account;  /* of the first stream; that of foreign packets, too */
	struct histogram *latency;
	uint64_t first_ns, last_ns; /* of the packets received */
	uint64_t clock_ahead_ns;    /* most that a packet arrived before its departure */
	/* What a client waits for: arrived intact, of this phase, and stamped with that time or a later one. */
	uint16_t fresh_test;
	uint64_t fresh_from_ns, fresh;

	uint32_t streams;         /* numbered from `stream` on */
	uint32_t senders;
	struct control_rx *rx;    /* of each sender; inspector_report completes them */
	struct inspector_mixed *mixed; /* NULL = one stream of one size */
};

/* Bytes of the accounts that such a trial needs. */
size_t inspector_accounts_size(const struct control_open *open, const struct control_start *start);

/* What an inspector is made for, and the memory that it uses. */
struct inspector_config {
	enum io_layer layer;
	const struct control_open *open;
	const struct control_start *start;
	const struct control_port *port;   /* where packets arrive */
	void *accounts;                    /* inspector_accounts_size, on a cache line */
	struct control_rx *rx;             /* open.rx_flows of them, all empty */
	struct inspector_mixed *mixed;
};

void inspector_begin(struct inspector *inspector, const struct inspector_config *config);
/* All that arrived, sender by sender, into inspector.rx. */
void inspector_report(struct inspector *inspector);

/* Counter of the measured packets received. It stays where it is. */
const uint64_t *inspector_received(const struct inspector *inspector);
/* Measured packets that have arrived in any form. */
uint64_t inspector_arrived(const struct inspector *inspector);

/* One stream of one size, and several: those who look at a burst take the one or the other. */
enum packet_kind inspector_classify(struct inspector *inspector, const struct io_packet *packet,
				    struct wire_header *header);
enum packet_kind inspector_classify_mixed(struct inspector *inspector, const struct io_packet *packet,
					  struct wire_header *header);
void inspector_account_one(struct inspector *inspector, const struct io_packet *packets, uint32_t n);
void inspector_account_mixed(struct inspector *inspector, const struct io_packet *packets, uint32_t n);

/* Of a packet that is not simply right. */
enum packet_kind inspector_classify_unusual(struct inspector *inspector, const struct io_packet *packet,
					    struct wire_header *header);

static inline void inspector_note_fresh(struct inspector *inspector, const struct wire_header *header,
					uint64_t sent_ns)
{
	inspector->fresh += header->test == inspector->fresh_test && sent_ns >= inspector->fresh_from_ns;
}

/* What this packet was under way; 0, and noted in *ahead_ns, where it arrived before its departure. */
static inline uint64_t inspector_latency(uint64_t sent_ns, uint64_t now_ns, uint64_t *ahead_ns)
{
	if (__builtin_expect(sent_ns > now_ns, 0)) {
		if (sent_ns - now_ns > *ahead_ns)
			*ahead_ns = sent_ns - now_ns;
		return 0;
	}
	return now_ns - sent_ns;
}

/* inspector_mixed.c */
void inspector_mixed_begin(struct inspector *inspector, const struct inspector_config *config);
void inspector_mixed_report(struct inspector *inspector);

#endif
