/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a packet I/O technique: one file in this folder, one line in techniques.def.
 *
 * Packets cross this table in bursts and in place. A technique owns its packet buffers; the sender
 * asks for them (tx_buffers), writes into them and hands them over (tx_burst); the receiver is lent
 * them (rx_burst) until it returns them (rx_release). So a technique that needs no copy makes none.
 *
 * What a buffer holds depends on the technique (io_ops.layer):
 *   IO_LAYER_FRAME    a whole Ethernet frame; the UDP payload starts at WIRE_HEADERS_LEN
 *   IO_LAYER_PAYLOAD  only the UDP payload: the kernel makes the headers
 *
 * Thread rules: an io belongs to the thread that opened it. Nothing but open and close may allocate,
 * and a technique makes no call beyond the ones that move packets. Errors after open (a port
 * that vanished) are kept in io->failure and make tx_burst and rx_burst return 0 from then on;
 * the role loops look at it from time to time.
 */
#ifndef LB_ENDPOINT_IO_H
#define LB_ENDPOINT_IO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/port.h"
#include "measure/clock.h"
#include "util/error.h"
#include "wire/frame.h"

enum io_layer { IO_LAYER_FRAME, IO_LAYER_PAYLOAD };

struct io_packet {
	uint8_t *data;
	uint32_t size;   /* bytes at data: frame or payload, as the layer says */
	uint32_t cookie; /* the technique's own: which buffer this is */
	uint64_t ticks;  /* rx: clock_ticks() when the technique got hold of it */
};

#define IO_PORTS_MAX 2 /* that an endpoint opens */

struct io_config {
	const struct port *port;
	/* All ports of the endpoint, this one included: a library that is started once is told of all. */
	const struct port *ports[IO_PORTS_MAX];
	uint32_t port_count;
	const struct packet_memory *memory; /* techniques with packet buffers of their own keep to it */
	struct wire_address local;
	struct wire_address peer;
	uint32_t max_frame;          /* largest frame size (P) that will be used */
	uint32_t max_burst;          /* largest burst (B) that will be used, <= io_ops.max_burst */
	const struct clock_scale *clock;
};

struct io_stats {
	uint64_t tx_calls, rx_calls; /* system calls (or driver calls) made */
	uint64_t rx_dropped;         /* dropped by the port on their way to us, since open, if it tells */
	bool rx_dropped_known;
};

/* Common head of every technique's state. */
struct io {
	const struct io_ops *ops;
	struct error failure; /* code 0 = healthy */
	uint32_t tx_cookies;  /* cookies of buffers for sending are below this; set by open */
	struct io_stats stats;
};

struct io_ops {
	const char *name;            /* the value of the parameter io */
	const char *summary;         /* one line for lists */
	enum io_layer layer;
	uint32_t ports;              /* mask: PORT_BIT of each kind that it can use */
	uint32_t max_burst;
	uint32_t min_frame, max_frame;
	const char *const *capabilities; /* for the container to keep: "net_raw"; NULL-terminated or NULL */

	/* Can this machine do it? 0, or -errno with cause and remedy. Must not create anything that lasts. */
	int (*probe)(struct error *err);
	/* Of the library behind it, as loaded: "DPDK 22.11.11". NULL: there is none but the kernel. */
	void (*version)(char *text, size_t size);
	/*
	 * An endpoint may have two ports open, which may be the two ends of one link: so a port at which its
	 * other side connects (port.listens) need not be connected when this returns. wait() is called when
	 * all ports of the endpoint are open; NULL: there is nothing to wait for.
	 */
	int (*open)(struct io **io, const struct io_config *config, struct error *err);
	int (*wait)(struct io *io, struct error *err);

	/*
	 * Lend up to n (<= max_burst) free buffers for sending, each with room for max_frame. Returns how
	 * many. The buffer's content from its last use is kept (so headers need writing only once per buffer:
	 * cookie tells buffers apart, and is below io.tx_cookies). Calling it again without tx_burst lends
	 * the same ones.
	 */
	uint32_t (*tx_buffers)(struct io *io, struct io_packet *packets, uint32_t n);
	/* Hand over the first n packets (size set by the caller). Returns how many the port accepted, a
	 * prefix; the rest stay with the caller, who offers them again. Never blocks. */
	uint32_t (*tx_burst)(struct io *io, struct io_packet *packets, uint32_t n);
	/* Up to n packets that have arrived; 0 if there are none. Never blocks. */
	uint32_t (*rx_burst)(struct io *io, struct io_packet *packets, uint32_t n);
	/* Give back all packets of the last rx_burst. */
	void (*rx_release)(struct io *io, struct io_packet *packets, uint32_t n);
	/*
	 * Send n packets of the last rx_burst of `in` by `out`, a port of the same technique, which may be
	 * `in` itself; without a copy where possible. Replaces rx_release for them. IO_LAYER_FRAME callers have
	 * written the headers. Returns how many were accepted, a prefix; the rest stays with `in`, may be
	 * offered again, or released.
	 */
	uint32_t (*forward)(struct io *in, struct io *out, struct io_packet *packets, uint32_t n);

	void (*stats)(struct io *io, struct io_stats *stats); /* refresh io->stats and copy it out */
	json_t *(*effective)(struct io *io); /* configuration read back, a new reference; may be NULL */
	void (*close)(struct io *io);
};

/* All techniques of this build, NULL-terminated (table.c). */
extern const struct io_ops *const io_table[];
const struct io_ops *io_find(const char *name);

#endif
