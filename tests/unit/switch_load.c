/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for tests of switches with vhost-user ports: one process, written with nothing of lanebench's, drives
 * both ports of a link, so that what it counts is exact. After EAL's options: COUNT SIZE HOW.
 * HOW is "flood": all frames go to port 0, and only then port 1 is read; "closed": 64 are under way at most;
 * "both": the same in both directions at once; "blank": closed, and the MAC addresses in the frames sent are zero,
 * for the switch to write those of the two ports.
 * Prints "open" once its ports are, waits for a byte on its standard input, and does it. Prints "sent S received R
 * wrong W" (of both directions together): W came out of order, with another length, header or content.
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
#define TYPE "\x88\xb5"          /* EtherTypes for experiments */
#define TYPE_ANNOUNCE "\x88\xb6"
#define QUIET_MS 100u
#define PATIENCE_MS 5000u

/* One direction. */
struct flow {
	struct rte_mempool *pool;
	uint16_t from, to; /* ports */
	unsigned long count, sent, received, wrong, next;
	unsigned size;
	uint8_t header[14], sent_header[14]; /* as it shall arrive, and as it leaves */
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

static unsigned long send_some(struct flow *flow, unsigned long most)
{
	struct rte_mbuf *burst[BURST];
	unsigned n = most < BURST ? (unsigned)most : BURST, sent;

	if (flow->count - flow->sent < n)
		n = (unsigned)(flow->count - flow->sent);
	if (!n || rte_pktmbuf_alloc_bulk(flow->pool, burst, n))
		return 0;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *frame = (uint8_t *)rte_pktmbuf_append(burst[i], (uint16_t)flow->size);
		unsigned long number = flow->sent + i;

		memcpy(frame, flow->sent_header, sizeof(flow->sent_header));
		memcpy(frame + 14, &number, sizeof(number));
		for (unsigned k = 14 + sizeof(number); k < flow->size; k++)
			frame[k] = content(number, k);
	}
	sent = rte_eth_tx_burst(flow->from, 0, burst, (uint16_t)n);
	rte_pktmbuf_free_bulk(burst + sent, n - sent);
	flow->sent += sent;
	return sent;
}

/* Neither an announcement, nor what a switch that learns addresses floods. */
static bool is_ours(const struct flow *flow, const struct rte_mbuf *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	return packet->pkt_len >= 14 && !memcmp(frame, flow->header, 6) && !memcmp(frame + 12, TYPE, 2);
}

static void check(struct flow *flow, const struct rte_mbuf *packet)
{
	uint8_t copy[MAX_FRAME];
	const uint8_t *frame = rte_pktmbuf_read(packet, 0, flow->size, copy);
	unsigned long number;
	bool right = frame && packet->pkt_len == flow->size && !memcmp(frame, flow->header, 14);

	if (right) {
		memcpy(&number, frame + 14, sizeof(number));
		right = number >= flow->next;
		for (unsigned k = 14 + sizeof(number); right && k < flow->size; k++)
			right = frame[k] == content(number, k);
		flow->next = number + 1;
	}
	flow->wrong += !right;
}

static unsigned receive_some(struct flow *flow)
{
	struct rte_mbuf *burst[BURST];
	unsigned n = rte_eth_rx_burst(flow->to, 0, burst, BURST);

	for (unsigned i = 0; i < n; i++)
		if (is_ours(flow, burst[i])) {
			check(flow, burst[i]);
			flow->received++;
		}
	rte_pktmbuf_free_bulk(burst, n);
	return n;
}

/* A frame from a port to everybody: so a switch that learns addresses knows where it is, and need not flood. */
static int announce(const struct flow *flow)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(flow->pool);
	uint8_t *frame = packet ? (uint8_t *)rte_pktmbuf_append(packet, 60) : NULL;

	if (!frame)
		return -1;
	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, flow->header, 6);
	memcpy(frame + 12, TYPE_ANNOUNCE, 2);
	return rte_eth_tx_burst(flow->to, 0, &packet, 1) == 1 ? 0 : -1;
}

static int addresses(struct flow *flow, bool blank)
{
	struct rte_ether_addr from, to;

	if (rte_eth_macaddr_get(flow->from, &from) || rte_eth_macaddr_get(flow->to, &to))
		return -1;
	memcpy(flow->header, &to, 6);
	memcpy(flow->header + 6, &from, 6);
	memcpy(flow->header + 12, TYPE, 2);
	memcpy(flow->sent_header, flow->header, sizeof(flow->header));
	if (blank)
		memset(flow->sent_header, 0, 12);
	return 0;
}

static void drain(struct flow *flows, unsigned count)
{
	for (unsigned quiet = 0; quiet < QUIET_MS; quiet++) {
		for (unsigned i = 0; i < count; i++)
			while (receive_some(&flows[i]))
				quiet = 0;
		rte_delay_ms(1);
	}
}

static unsigned long step(struct flow *flow, bool closed)
{
	unsigned long room = closed ? WINDOW - (flow->sent - flow->received) : BURST;
	unsigned long progress = send_some(flow, room);

	return closed ? progress + receive_some(flow) : progress;
}

/* Gives up after a while without progress. */
static void run(struct flow *flows, unsigned count, bool closed)
{
	const uint64_t patience = rte_get_timer_hz() / 1000 * PATIENCE_MS;
	uint64_t moved = rte_get_timer_cycles();
	bool done = false;

	while (!done && rte_get_timer_cycles() - moved < patience) {
		unsigned long progress = 0;

		done = true;
		for (unsigned i = 0; i < count; i++) {
			progress += step(&flows[i], closed);
			done &= flows[i].sent == flows[i].count;
		}
		if (progress)
			moved = rte_get_timer_cycles();
		else
			rte_delay_us_sleep(1000);
	}
	rte_delay_ms(QUIET_MS); /* the switch takes what lies in our ring */
	drain(flows, count);
}

static int flow_open(struct flow *flow, struct rte_mempool *pool, uint16_t from, char **argv)
{
	*flow = (struct flow){
		.pool = pool, .from = from, .to = from ^ 1, .count = strtoul(argv[1], NULL, 10),
		.size = (unsigned)strtoul(argv[2], NULL, 10),
	};
	return flow->size > MAX_FRAME || addresses(flow, !strcmp(argv[3], "blank")) ? -1 : 0;
}

int main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);
	struct rte_mempool *pool;
	struct flow flow[2];
	unsigned flows;

	if (used < 0 || argc - used != 4)
		return EXIT_FAILURE;
	argv += used;
	flows = !strcmp(argv[3], "both") ? 2 : 1;
	pool = rte_pktmbuf_pool_create("load", BUFFERS, 0, 0, MAX_FRAME + RTE_PKTMBUF_HEADROOM, 0);
	if (!pool || port_open(0, pool) || port_open(1, pool) || flow_open(&flow[0], pool, 0, argv) ||
	    flow_open(&flow[1], pool, 1, argv))
		return EXIT_FAILURE;
	printf("open\n");
	fflush(stdout);
	if (getchar() == EOF) /* our caller knows when the switch forwards */
		return EXIT_FAILURE;
	rte_delay_ms(QUIET_MS); /* the switch starts with the last message of the handshake */
	for (unsigned i = 0; i < flows; i++)
		if (announce(&flow[i]))
			return EXIT_FAILURE;
	rte_delay_ms(QUIET_MS);
	run(flow, flows, strcmp(argv[3], "flood") != 0);
	for (unsigned i = 1; i < flows; i++) {
		flow[0].sent += flow[i].sent;
		flow[0].received += flow[i].received;
		flow[0].wrong += flow[i].wrong;
	}
	printf("sent %lu received %lu wrong %lu\n", flow[0].sent, flow[0].received, flow[0].wrong);
	fflush(stdout);
	if (getchar() == EOF) /* the ports stay as they are until the caller has looked */
		rte_eal_cleanup();
	return EXIT_SUCCESS;
}
