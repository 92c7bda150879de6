/* SPDX-License-Identifier: Apache-2.0 */
/* One endpoint: its open ports, and the memory that its trials use, all made before the first packet. */
#ifndef LB_ENDPOINT_ENDPOINT_H
#define LB_ENDPOINT_ENDPOINT_H

#include "control/message.h"
#include "endpoint/channel.h"
#include "endpoint/generator.h"
#include "endpoint/inspector.h"
#include "endpoint/io/io.h"

struct job;

struct endpoint_port {
	struct io *io;                   /* NULL = not open */
	struct io_packet *tx_packets;    /* max_burst each */
	struct io_packet *rx_packets;
	uint8_t *prepared;               /* one for each of io->tx_cookies, see generator.h */
};

struct endpoint {
	struct channel channel;
	struct control_open config;      /* of the ports that are open */
	struct endpoint_port ports[CONTROL_PORTS_MAX]; /* config.port_count of them */
	bool memory_locked;
	void *accounts;                  /* see endpoint_reserve */
	size_t accounts_size;
	struct control_rx *rx;           /* config.rx_flows */
	struct control_result result;
	struct generator_mixed generator_mixed;
	struct inspector_mixed inspector_mixed[CONTROL_PORTS_MAX]; /* of what arrives on each */
};

/* Pin the thread, open the ports (or keep those that are open, if they are the same), announce. */
int endpoint_open(struct endpoint *endpoint, const struct control_open *config, struct error *err);
void endpoint_close(struct endpoint *endpoint);
json_t *endpoint_effective(struct endpoint *endpoint); /* new reference; may be NULL */

/* Memory for the accounts of such a trial. It stays, for others that need no more. */
int endpoint_reserve(struct endpoint *endpoint, const struct control_start *start, struct error *err);

/* Send one packet that is never counted, from which a switch learns where this port is. Overwrites a buffer
 * for sending. */
void endpoint_announce(struct endpoint *endpoint, struct endpoint_port *port);

/* Read messages and do what they say until quit or end of file (returns 0) or until it cannot go on (-errno).
 * Failures are told on the channel and in err. */
int endpoint_serve(struct endpoint *endpoint, struct error *err);

/* ports.c */

/*
 * Open those of config.ports that are not open. Ports at which the other side of a link connects come first,
 * and nobody waits for another side before all are there: two ports may be each other's.
 */
int endpoint_ports_open(struct endpoint *endpoint, struct error *err);
/* Is port number `i` open as `config` asks for? */
bool endpoint_port_serves(const struct endpoint *endpoint, uint32_t i, const struct control_open *config);
void endpoint_port_close(struct endpoint_port *port);

/* The roles, each in a file of its own: from the trial's start until the ports' part in it is over. */
void sender_run(struct job *job);
void receiver_run(struct job *job);
void client_run(struct job *job);
void server_run(struct job *job);
void forwarder_run(struct job *job);
void exchange_run(struct job *job);
void echo_run(struct job *job);

#endif
