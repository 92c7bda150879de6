/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for tests of switches with vhost-user ports: one process, written with nothing of lanebench's, drives
 * both ports of a pair, so that what it counts is exact. After EAL's options: COUNT SIZE flood|closed.
 * "flood" sends all frames to port 0 and only then reads port 1; "closed" has 64 under way at most.
 * Prints "open" once its ports are, waits for a byte on its standard input, and does it. Prints "sent S received R wrong W": W came out of order, with another length or content.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define BURST 32u
#define RING 256u
#define WINDOW 64u
#define BUFFERS 2048u
#define MAX_FRAME 9014u
#define QUIET_MS 100u
#define PATIENCE_MS 5000u

struct load {
	struct rte_mempool *pool;
	unsigned long count, sent, received, wrong, next;
	unsigned size;
	uint8_t header[14]; /* from port 0 to port 1 */
};

static int port_open(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf configuration = { 0 };

	if (rte_eth_dev_configure(port, 1, 1, &configuration) ||
	    rte_eth_rx_queue_setup(port, 0, RING, 0, NULL, pool) ||
	    rte_eth_tx_queue_setup(port, 0, RING, 0, NULL))
		return -1;
	return rte_eth_dev_start(port);
}

static uint8_t content(unsigned long number, unsigned i)
{
	return (uint8_t)(number + i);
}

static unsigned long send_some(struct load *load, unsigned long most)
{
	struct rte_mbuf *burst[BURST];
	unsigned n = most < BURST ? (unsigned)most : BURST, sent;

	if (load->count - load->sent < n)
		n = (unsigned)(load->count - load->sent);
	if (!n || rte_pktmbuf_alloc_bulk(load->pool, burst, n))
		return 0;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *frame = (uint8_t *)rte_pktmbuf_append(burst[i], (uint16_t)load->size);
		unsigned long number = load->sent + i;

		memcpy(frame, load->header, sizeof(load->header));
		memcpy(frame + 14, &number, sizeof(number));
		for (unsigned k = 14 + sizeof(number); k < load->size; k++)
			frame[k] = content(number, k);
	}
	sent = rte_eth_tx_burst(0, 0, burst, (uint16_t)n);
	rte_pktmbuf_free_bulk(burst + sent, n - sent);
	load->sent += sent;
	return sent;
}

/* Not an announcement, which a switch that learns addresses floods. */
static bool is_ours(const struct load *load, const struct rte_mbuf *packet)
{
	return packet->pkt_len >= 14 && !memcmp(rte_pktmbuf_mtod(packet, const void *), load->header, 6);
}

static void check(struct load *load, const struct rte_mbuf *packet)
{
	uint8_t copy[MAX_FRAME];
	const uint8_t *frame = rte_pktmbuf_read(packet, 0, load->size, copy);
	unsigned long number;
	bool right = frame && packet->pkt_len == load->size;

	if (right) {
		memcpy(&number, frame + 14, sizeof(number));
		right = number >= load->next;
		for (unsigned k = 14 + sizeof(number); right && k < load->size; k++)
			right = frame[k] == content(number, k);
		load->next = number + 1;
	}
	load->wrong += !right;
}

static unsigned receive_some(struct load *load)
{
	struct rte_mbuf *burst[BURST];
	unsigned n = rte_eth_rx_burst(1, 0, burst, BURST);

	for (unsigned i = 0; i < n; i++)
		if (is_ours(load, burst[i])) {
			check(load, burst[i]);
			load->received++;
		}
	rte_pktmbuf_free_bulk(burst, n);
	return n;
}

/* A frame from port 1 to everybody: so a switch that learns addresses knows where it is, and need not flood. */
static int announce(const struct load *load)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(load->pool);
	uint8_t *frame = packet ? (uint8_t *)rte_pktmbuf_append(packet, 60) : NULL;

	if (!frame)
		return -1;
	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, load->header, 6);
	memcpy(frame + 12, load->header + 12, 2);
	return rte_eth_tx_burst(1, 0, &packet, 1) == 1 ? 0 : -1;
}

static int addresses(struct load *load)
{
	struct rte_ether_addr from, to;

	if (rte_eth_macaddr_get(0, &from) || rte_eth_macaddr_get(1, &to))
		return -1;
	memcpy(load->header, &to, 6);
	memcpy(load->header + 6, &from, 6);
	memcpy(load->header + 12, "\x88\xb5", 2); /* an EtherType for experiments */
	return 0;
}

static void drain(struct load *load)
{
	for (unsigned quiet = 0; quiet < QUIET_MS; quiet++) {
		while (receive_some(load))
			quiet = 0;
		rte_delay_ms(1);
	}
}

/* Gives up after a while without progress. */
static void run(struct load *load, bool closed)
{
	unsigned idle = 0;

	while (load->sent < load->count && idle < PATIENCE_MS) {
		unsigned long room = closed ? WINDOW - (load->sent - load->received) : BURST;
		unsigned long progress = send_some(load, room);

		if (closed)
			progress += receive_some(load);
		if (progress) {
			idle = 0;
		} else {
			rte_delay_us_sleep(1000);
			idle++;
		}
	}
	rte_delay_ms(QUIET_MS); /* the switch takes what lies in our ring */
	drain(load);
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	int used = rte_eal_init(argc, argv);

	if (used < 0 || argc - used != 4)
		return EXIT_FAILURE;
	argv += used;
	load.count = strtoul(argv[1], NULL, 10);
	load.size = (unsigned)strtoul(argv[2], NULL, 10);
	load.pool = rte_pktmbuf_pool_create("load", BUFFERS, 0, 0, MAX_FRAME + RTE_PKTMBUF_HEADROOM, 0);
	if (!load.pool || load.size > MAX_FRAME || port_open(0, load.pool) || port_open(1, load.pool) ||
	    addresses(&load))
		return EXIT_FAILURE;
	printf("open\n");
	fflush(stdout);
	if (getchar() == EOF) /* our caller knows when the switch forwards */
		return EXIT_FAILURE;
	rte_delay_ms(QUIET_MS); /* the switch starts with the last message of the handshake */
	if (announce(&load))
		return EXIT_FAILURE;
	rte_delay_ms(QUIET_MS);
	run(&load, !strcmp(argv[3], "closed"));
	printf("sent %lu received %lu wrong %lu\n", load.sent, load.received, load.wrong);
	fflush(stdout);
	if (getchar() == EOF) /* the ports stay as they are until the caller has looked */
		rte_eal_cleanup();
	return EXIT_SUCCESS;
}
