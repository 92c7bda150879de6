/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between lanebench and its endpoints: one JSON object a line, on the endpoint's
 * standard input and output. Pure: encodes to and decodes from text, moves nothing.
 *
 *   lanebench says                      the endpoint answers
 *   open   attach to its ports          ready   (or error)
 *   start  run one trial                sample  each second of the measured window, then
 *                                       result  (or error)
 *   stop   end the trial                result
 *   quit   (or end of file)             nothing; it exits 0
 *
 * A sender, a client, an echo, and an exchange that receives its own stream end by themselves, once their
 * duration is over and what is under way has come or is given up: they send their result unasked. `stop`
 * ends them early. A receiver, a server and a forwarder run until `stop`; a receiver drains until it has what
 * `stop` says was sent (the sum of all its senders). An exchange that receives the stream of another endpoint
 * says `sent` when its own sending is over and goes on receiving; it is told `stop` with what the other end
 * has sent, drains, and sends its result. (An exchange that is told `stop` before it has said `sent` says no
 * `sent`: its result has the number.)
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
#include "wire/mix.h"
#include "wire/payload.h"

#define CONTROL_LINE_MAX (1u << 23) /* longest line that either side accepts: CONTROL_RX_MAX histograms */
#define CONTROL_LINE_EACH (1u << 17) /* of it, what a histogram takes; no line but of a result is longer than this */
#define CONTROL_COUNT_MAX (INT64_C(1) << 53) /* of packets, bytes, calls: so that sums of some hundred are numbers, too */
#define CONTROL_RATE_MAX 0.0        /* `rate` of an unlimited sender */
#define CONTROL_BURST_MAX 1024      /* largest burst in a message */
#define CONTROL_RING_MAX 32768      /* longest ring: what virtio can number */
#define CONTROL_QUEUES_MAX 8        /* most queues of a port in each direction */
#define CONTROL_MEGABYTES_MAX (1u << 20)
#define CONTROL_PORTS_MAX 2         /* of an endpoint */
#define CONTROL_RX_MAX 64           /* senders of one receiver */
#define CONTROL_FLOWS_MAX 4096      /* flows of a sender */
#define CONTROL_STREAMS_MAX 16384   /* flows of all senders of a receiver */

enum control_type {
	CONTROL_OPEN, CONTROL_START, CONTROL_STOP, CONTROL_QUIT,            /* to the endpoint */
	CONTROL_READY, CONTROL_SAMPLE, CONTROL_SENT, CONTROL_RESULT, CONTROL_ERROR, /* from the endpoint */
};

/*
 * SENDER    sends on its port                          RECEIVER  accounts what arrives on its port
 * CLIENT    sends and accounts the replies             SERVER    sends back what arrives
 * FORWARDER hands what arrives on a port to the other  EXCHANGE  sends on its first port and receives on its
 * ECHO      client on its first port and server on               last one, which may be the same, in one
 *           its second one, in one thread                        thread
 * FORWARDER and ECHO have two ports, EXCHANGE one or two, the others one. Two ports need a technique that
 * hands over whole frames.
 */
enum control_role {
	ROLE_SENDER, ROLE_RECEIVER, ROLE_CLIENT, ROLE_SERVER, ROLE_FORWARDER, ROLE_EXCHANGE, ROLE_ECHO,
};
const char *control_role_name(enum control_role role);

struct control_port {
	struct port port;
	struct wire_address local;
	/* MAC: of the port at the other side of the link. IP and UDP port: of the far end of the stream. So
	 * that frames go there, and are expected from there. */
	struct wire_address peer;
};

struct control_open {
	enum control_role role;
	char io[32];               /* technique */
	uint32_t port_count;       /* 1 or 2 */
	struct control_port ports[CONTROL_PORTS_MAX];
	struct packet_memory memory; /* of all ports, for techniques that bring their own packet buffers */
	/*
	 * Streams are numbered: flow k of a sender is stream `stream` + k. A receiver gets those of rx_flows
	 * senders, control_start.flows of each, from rx_stream on. (rx_stream: a client, echo or loop: as
	 * `stream`. What a role does not use may be anything.)
	 */
	uint16_t stream, rx_stream;
	uint32_t rx_flows;         /* 1..CONTROL_RX_MAX */
	uint32_t source_count;     /* rx_flows where that is more than 1, else 0: it is the port's peer */
	struct wire_address sources[CONTROL_RX_MAX]; /* MAC, IP and first UDP port of each sender's frames */
	int processor;             /* run on this one; -1 = do not pin */
	bool yield;                /* the processor is shared: yield when a burst makes no progress */
	uint32_t max_frame, max_burst;
	struct clock_scale clock;
};

/* Which flow the next packet of a sender belongs to. */
enum control_flow_order {
	FLOW_ROUND,                /* one after the other */
	FLOW_RANDOM,               /* pseudo-random, by the seed */
};

/* Which moment the time stamp in a packet is of, and so where its latency begins. */
enum control_stamp {
	STAMP_DEPARTURE,           /* its burst's departure as scheduled; without a schedule, when the burst was begun */
	STAMP_FILL,                /* when the packet itself was made */
};

struct control_start {
	uint16_t test;             /* test id of the measured packets, never WIRE_TEST_ANNOUNCE */
	uint16_t warmup_test;      /* test id of the warm-up packets, another one: sent but not accounted */
	uint64_t start_ns;         /* CLOCK_MONOTONIC: warm-up begins; the same for all endpoints of the trial */
	uint64_t warmup_ns;
	uint64_t duration_ns;      /* of a paced trial what control_paced_duration says */
	uint64_t cooldown_ns;      /* sent behind the measured window with warmup_test, and not accounted */
	uint64_t drain_ns;         /* receiver, client: silence after which stragglers are given up */
	uint32_t size_count;       /* P: 1..MIX_SIZES_MAX; the order of several is that of wire/mix.h */
	struct mix_size sizes[MIX_SIZES_MAX];
	uint32_t burst;            /* B */
	double rate;               /* packets per second of this sender; CONTROL_RATE_MAX = unlimited */
	enum wire_payload_mode payload;
	uint32_t flows;            /* 1..CONTROL_FLOWS_MAX of each sender; k is from UDP port local.port + k */
	enum control_flow_order flow_order;
	uint64_t seed;             /* of FLOW_RANDOM */
	bool back;                 /* forwarder: also from the second port to the first */
	enum control_stamp stamp;
	double rx_rate;            /* receiver: takes no more packets a second; 0 = all that it can */
	/*
	 * Client: sends so many packets a second beside its own, in the same bursts, from the warm-up to the end of the
	 * window; the server counts them and sends none back. 0 = none. Of one flow and one size.
	 */
	double background;
	uint16_t background_test;  /* their test id: another one than the other two; 0 where there are none */
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

struct control_sent {
	uint64_t packets;          /* measured packets that the port accepted */
};

struct control_error {
	struct error error;
};

/*
 * What became of one sender's packets at the endpoint that receives them. Counters are of the measured window
 * only (warm-up excluded).
 */
struct control_rx {
	uint64_t rx_packets, rx_bytes, rx_duplicated, rx_reordered, rx_corrupted;
	uint64_t rx_foreign;       /* of no sender: in the first element alone. What is too damaged to tell */
	uint64_t rx_late;          /* whose it was counts as the first one's rx_corrupted. */
	uint64_t rx_first_ns, rx_last_ns;
	uint64_t clock_ahead_ns;   /* packets seen "before" they were sent: largest such difference, 0 = none */
	uint32_t flows_seen;       /* flows of which at least a packet was received */
	uint64_t flow_min, flow_max; /* packets received of the flow with the least and with the most */
	struct histogram latency;  /* receiver: one way; client: round trip; ns from the scheduled departure */
};

/* What a forwarder did with the measured packets that arrived on one of its ports: in = out + refused, always. */
struct control_forward {
	uint64_t in;
	uint64_t out;              /* accepted by the other port */
	uint64_t refused;          /* turned down by it, and dropped */
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
	uint64_t tx_bias_ns;       /* of each latency what the sender itself is: to make a burst ready */
	uint64_t port_dropped;     /* packets that the ports dropped before the endpoint saw them, whole trial */
	bool port_dropped_known;
	uint64_t stalled_ns;       /* the endpoint did not run: sum of its stops of a millisecond or more */
	uint64_t stall_max_ns;     /* the longest of them */
	/* How long after start_ns the endpoint was ready; of a sender without a schedule the warm-up and the time by
	 * which its first packet of the window was late, if that is longer. 0 = in time */
	uint64_t late_start_ns;
	double cpu_user_s, cpu_system_s; /* this endpoint's thread during the measured window */
	uint64_t cpu_window_ns;    /* wall time over which cpu_* was taken */
	uint64_t switches_voluntary, switches_involuntary; /* context switches in it */
	uint64_t tx_calls, rx_calls; /* calls into the ports in the whole trial */
	uint64_t background_sent, background_received; /* of the client and the server, in the whole trial */
	uint32_t forward_count;    /* forwarder: 2 */
	struct control_forward forward[CONTROL_PORTS_MAX]; /* by the port of arrival */
	uint32_t rx_count;         /* control_open.rx_flows; at least 1, whatever the role */
	struct control_rx *rx;
};

struct control_message {
	enum control_type type;
	union {
		struct control_open open;
		struct control_start start;
		struct control_stop stop;
		struct control_sample sample;
		struct control_sent sent;
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

/* Free a result that was taken out of a decoded message; it may be NULL. */
void control_result_free(struct control_result *result);

/*
 * Histogram as JSON: {"count","min","max","mean","buckets":[[low,high,count],...]} with empty buckets left
 * out; min, max and mean of an empty one are null. Buckets are those of measure/histogram.h; decode rejects
 * any other. Also the record's form.
 */
json_t *control_histogram_encode(const struct histogram *histogram);
int control_histogram_decode(const json_t *json, struct histogram *histogram, struct error *err);

#endif
