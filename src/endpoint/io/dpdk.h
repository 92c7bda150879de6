/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the technique dpdk share: the packets (dpdk.c), the port under them (dpdk_port.c), the
 * device under that (dpdk_device.c), and the environment that DPDK makes for all, once in a process
 * (dpdk_eal.c).
 */
#ifndef LB_ENDPOINT_IO_DPDK_H
#define LB_ENDPOINT_IO_DPDK_H

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "endpoint/io/io.h"

#define DPDK_MAX_BURST 1024
#define DPDK_WAIT_NS UINT64_C(5000000000) /* for the other side of a port */
#define DPDK_IDLE_POLLS (1u << 13)        /* calls in vain until the link is looked at */

struct dpdk_io {
	struct io io;
	const struct clock_scale *clock;
	uint16_t id;                          /* of the port, to DPDK */
	uint32_t idle;                        /* calls in vain since the link was looked at */
	uint16_t queues;                      /* in each direction; each call takes the next: */
	uint16_t rx_queue, tx_queue;
	/*
	 * tx[tx_first .. tx_end) are lent to the caller. A pool for each direction: in the pool for sending
	 * every buffer keeps the headers of the trial, in that for receiving they would be overwritten.
	 */
	uint32_t tx_first, tx_end;
	uint32_t rx_count;                    /* of the last rx_burst; a cookie is an index in rx[] */
	bool rx_chained;                      /* some packet of it lies in several buffers */
	struct rte_mempool *tx_pool, *rx_pool;
	struct rte_mbuf *tx[DPDK_MAX_BURST];
	struct rte_mbuf *rx[DPDK_MAX_BURST];
	struct rte_mbuf *going[DPDK_MAX_BURST]; /* what of rx[] is forwarded or released at once */

	/* Not for the packet loops. */
	struct port port;
	char hidden[PORT_ADDRESS_SIZE];       /* name of the socket until it is ready; "" = address */
	struct wire_address local;
	uint32_t max_frame;
	uint32_t rx_ring, tx_ring;
	bool counted, attached, started, zero_copy;
	uint64_t deadline_ns;                 /* for the other side to come */
	char name[32];                        /* of the device on its bus */
	char rx_path[48], tx_path[48];
	uint64_t features;                    /* virtio's, as negotiated */
	bool features_known;
};

/* dpdk_eal.c */

/* What DPDK's log said that cannot be asked for otherwise, since dpdk_log_forget. "" or false = nothing. */
struct dpdk_log {
	char error[200];                      /* the first one: those that follow are its consequences */
	char rx_path[48], tx_path[48];
	uint64_t features;
	bool features_known;
};

/*
 * Start DPDK's environment (EAL) on the processors that this thread may run on; once in a process, later
 * calls see whether what is there will do.
 */
int dpdk_eal_start(const struct io_config *config, struct error *err);
void dpdk_eal_effective(json_t *object);
/*
 * When a connection without a copy ends, memif's driver closes the descriptors of packet memory, which are
 * EAL's: put them back. False if that cannot be: then the next connection must do with copies.
 */
bool dpdk_eal_files_restore(void);
void dpdk_log_forget(void);
void dpdk_log_recall(struct dpdk_log *log);

/* dpdk_device.c */

/* Make the device, or find it; waits for a peer that has to connect. */
int dpdk_device_attach(struct dpdk_io *d, struct error *err);
/* It is started: now peers may connect. */
int dpdk_device_show(struct dpdk_io *d, struct error *err);
void dpdk_device_detach(struct dpdk_io *d);
int dpdk_no_peer(const struct dpdk_io *d, struct error *err);

/* dpdk_port.c */

/* Bytes of a buffer for frames of up to max_frame, headroom not included. More than a byte longer than those,
 * so that a frame that is too long does not look right. */
uint32_t dpdk_frame_room(uint32_t max_frame);

/* Attach the device, make pools and queues, start it. */
int dpdk_port_open(struct dpdk_io *d, const struct io_config *config, struct error *err);
/* Wait for the other side. */
int dpdk_port_wait(struct dpdk_io *d, struct error *err);
/* Undo what has been done of it, and free the pools. */
void dpdk_port_close(struct dpdk_io *d);
/* Is the other side still there? If not, says so in io.failure. A system call or more. */
void dpdk_port_look(struct dpdk_io *d);
json_t *dpdk_port_effective(struct dpdk_io *d);

#endif
