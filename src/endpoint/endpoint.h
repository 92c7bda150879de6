/* SPDX-License-Identifier: Apache-2.0 */
/* One endpoint: a port that is open, and the memory that its trials use, all made before the first packet. */
#ifndef LB_ENDPOINT_ENDPOINT_H
#define LB_ENDPOINT_ENDPOINT_H

#include "control/message.h"
#include "endpoint/channel.h"
#include "endpoint/io/io.h"
#include "wire/account.h"

struct trial;

struct endpoint {
	struct channel channel;
	struct control_open config;      /* of the open port */
	struct io *io;                   /* NULL = none open */
	bool memory_locked;
	struct io_packet *tx_packets;    /* max_burst each */
	struct io_packet *rx_packets;
	bool *prepared;                  /* one for each of io->tx_cookies, see generator.h */
	struct account account;
	struct control_result result;
	struct control_rx rx;            /* of the result */
};

/* Pin the thread, open the port (or keep the one that is open, if it is the same), announce. */
int endpoint_open(struct endpoint *endpoint, const struct control_open *config, struct error *err);
void endpoint_close(struct endpoint *endpoint);
json_t *endpoint_effective(struct endpoint *endpoint); /* new reference; may be NULL */

/* Send one packet that is never counted, from which a switch learns where we are. Overwrites a buffer
 * for sending. */
void endpoint_announce(struct endpoint *endpoint);

/* Read messages and do what they say until quit or end of file (returns 0) or until it cannot go on (-errno).
 * Failures are told on the channel and in err. */
int endpoint_serve(struct endpoint *endpoint, struct error *err);

/* The roles, each in a file of its own: from the trial's start until the port's part in it is over. */
void sender_run(struct trial *trial);
void receiver_run(struct trial *trial);
void client_run(struct trial *trial);
void server_run(struct trial *trial);

#endif
