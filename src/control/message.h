/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between lanebench and its endpoints: one JSON object a line, on the endpoint's
 * standard input and output. Pure: encodes to and decodes from text, moves nothing.
 *
 *   lanebench says                      the endpoint answers
 *   open   attach to a port             ready   (or error)
 *   start  run one trial                sample  each second of the measured window, then
 *                                       result  (or error)
 *   stop   end the trial                result  (receiver and server run until stop; for a sender or
 *                                               client it ends the trial early)
 *   quit   (or end of file)             nothing; it exits 0
 *
 * A sender ends by itself when its duration is over and sends its result. lanebench then sends the
 * receiver `stop` with the number of packets sent; the receiver drains and sends its result.
 * An endpoint that gets a message it cannot read answers error and exits 1.
 */
#ifndef LB_CONTROL_MESSAGE_H
#define LB_CONTROL_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/port.h"
#include "measure/clock.h"
#include "measure/histogram.h"
#include "util/error.h"
#include "wire/frame.h"
#include "wire/payload.h"

#define CONTROL_LINE_MAX (1u << 20) /* longest line that either side accepts */
#define CONTROL_RATE_MAX 0.0        /* `rate` of an unlimited sender */
#define CONTROL_BURST_MAX 1024      /* largest burst in a message */
#define CONTROL_RING_MAX 32768      /* longest ring: what virtio can number */
#define CONTROL_MEGABYTES_MAX (1u << 20)

enum control_type {
	CONTROL_OPEN, CONTROL_START, CONTROL_STOP, CONTROL_QUIT,            /* to the endpoint */
	CONTROL_READY, CONTROL_SAMPLE, CONTROL_RESULT, CONTROL_ERROR,       /* from the endpoint */
};

enum control_role { ROLE_SENDER, ROLE_RECEIVER, ROLE_CLIENT, ROLE_SERVER };
const char *control_role_name(enum control_role role);

struct control_open {
	enum control_role role;
	char io[32];               /* technique */
	struct port port;
	struct packet_memory memory; /* for techniques that bring their own packet buffers */
	struct wire_address local, peer;
	uint16_t stream;           /* pair number */
	int processor;             /* run on this one; -1 = do not pin */
	bool yield;                /* the processor is shared: yield when a burst makes no progress */
	uint32_t max_frame, max_burst;
	struct clock_scale clock;
};

struct control_start {
	uint16_t test;             /* test id of the measured packets, never WIRE_TEST_ANNOUNCE */
	uint16_t warmup_test;      /* test id of the warm-up packets, another one: sent but not accounted */
	uint64_t start_ns;         /* CLOCK_MONOTONIC: warm-up begins; the same for all endpoints of the trial */
	uint64_t warmup_ns;
	uint64_t duration_ns;      /* of a paced trial what control_paced_duration says */
	uint64_t drain_ns;         /* receiver, client: silence after which stragglers are given up */
	uint32_t size, burst;      /* P and B */
	double rate;               /* packets per second of this sender; CONTROL_RATE_MAX = unlimited */
	enum wire_payload_mode payload;
};

/*
 * The measured window of a paced trial: the least whole number of intervals burst / rate that is not below
 * duration_ns, in whole ns. So a rate is never a count of bursts over a time in which another number was due.
 */
uint64_t control_paced_duration(double rate, uint32_t burst, uint64_t duration_ns);

struct control_stop {
	uint64_t sent;             /* measured packets that the peer sent; UINT64_MAX = not known */
};

struct control_sample {
	uint32_t second;           /* 1 = the first second of the measured window */
	uint64_t tx_packets, rx_packets; /* in that second alone */
};

struct control_error {
	struct error error;
};

/*
 * Result of one endpoint. Counters are of the measured window only (warm-up excluded) unless they say
 * otherwise. What a role does not have stays 0 or empty.
 */
struct control_result {
	enum control_role role;
	uint64_t tx_packets;       /* accepted by the port */
	uint64_t tx_refused;       /* times that the port turned a packet down; it was offered again */
	uint64_t tx_bytes;         /* frame bytes of tx_packets */
	uint64_t tx_first_ns, tx_last_ns; /* CLOCK_MONOTONIC, of the measured window's first and last hand-over */
	uint64_t tx_window_ns;     /* measured window's true length: offered rate = tx_packets / tx_window_ns */
	uint64_t tx_late_max_ns;   /* paced: furthest that a burst left behind its schedule */
	uint64_t tx_bias_ns;       /* of each latency what the sender itself is: a burst made ready, not handed over */
	uint64_t rx_packets, rx_bytes, rx_duplicated, rx_reordered, rx_corrupted, rx_foreign, rx_late;
	uint64_t rx_first_ns, rx_last_ns;
	uint64_t port_dropped;     /* packets that the port dropped before the endpoint saw them, whole trial */
	bool port_dropped_known;
	uint64_t clock_ahead_ns;   /* packets seen "before" they were sent: largest such difference, 0 = none */
	uint64_t stalled_ns;       /* the endpoint did not run: sum of its stops of a millisecond or more */
	uint64_t stall_max_ns;     /* the longest of them */
	uint64_t late_start_ns;    /* the endpoint was ready this long after start_ns; 0 = in time */
	double cpu_user_s, cpu_system_s; /* this endpoint's thread during the measured window */
	uint64_t cpu_window_ns;    /* wall time over which cpu_* was taken */
	uint64_t switches_voluntary, switches_involuntary; /* context switches in it */
	uint64_t tx_calls, rx_calls; /* calls into the port in the whole trial */
	struct histogram latency;  /* receiver: one way; client: round trip; ns from the scheduled departure */
};

struct control_message {
	enum control_type type;
	union {
		struct control_open open;
		struct control_start start;
		struct control_stop stop;
		struct control_sample sample;
		struct control_result *result; /* encode: the caller's; decode: allocated, free with control_free */
		struct control_error error;
		json_t *effective;             /* ready: configuration in effect, may be NULL; decode: a new reference */
	};
};

/*
 * One line of text with its '\n', NUL-terminated, to be freed by the caller; NULL when out of memory, or
 * where a number is not finite. Counters and times above INT64_MAX, which JSON does not carry, are sent as
 * INT64_MAX; bytes of a text that is not UTF-8 as '?'.
 */
char *control_encode(const struct control_message *message);

/*
 * Decode one line (with or without '\n'). 0, or -EPROTO with the cause (which field, what was found), or
 * -ENOMEM. Every field is required and range-checked. Unknown fields are ignored. On failure there is
 * nothing to free.
 */
int control_decode(const char *line, size_t length, struct control_message *message, struct error *err);

/* Free what decode allocated. The struct itself is the caller's. */
void control_free(struct control_message *message);

/*
 * Histogram as JSON: {"count","min","max","mean","buckets":[[low,high,count],...]} with empty buckets left
 * out; min, max and mean of an empty one are null. Buckets are those of measure/histogram.h; decode rejects
 * any other. Also the record's form.
 */
json_t *control_histogram_encode(const struct histogram *histogram);
int control_histogram_decode(const json_t *json, struct histogram *histogram, struct error *err);

#endif
