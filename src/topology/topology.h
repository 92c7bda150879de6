/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the containers of a test are arranged, and which way its packets go: nodes, ports, links and flows.
 * Made from a test's parameters alone; testbed, trial and results work on it, and nobody else counts in twos.
 * Pure.
 *
 *   pairs    N senders, each with a receiver of its own       sender - receiver
 *   chain    the same with `hops` forwarders in between       sender - forwarder - ... - receiver
 *   fan-in   N senders and one receiver, on a switch that learns
 *   loop     N containers of two ports; each sends on one and receives on the other
 *
 * Numbers: nodes, ports, links and flows are numbered from 0, group by group (a pair, a chain, a loop is a group;
 * each sender of a fan-in is one, and its receiver belongs to the last). Link l joins the ports 2l and 2l + 1:
 * a switch that joins links can go by that. A fan-in has no links. In a latency test read client for sender and
 * server for receiver; packets then go both ways along their flow.
 */
#ifndef LB_TOPOLOGY_TOPOLOGY_H
#define LB_TOPOLOGY_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#define TOPOLOGY_HOPS_MAX 8u
#define TOPOLOGY_NODE_PORTS 2u   /* most ports of a node */
#define TOPOLOGY_NONE (-1)

enum topology_kind { TOPOLOGY_PAIRS, TOPOLOGY_CHAIN, TOPOLOGY_FAN_IN, TOPOLOGY_LOOP };

struct topology_spec {
	enum topology_kind kind;
	unsigned groups;         /* N of NvsN, at least 1 */
	unsigned hops;           /* forwarders of each chain, 1..TOPOLOGY_HOPS_MAX; not looked at elsewhere */
	bool both;               /* packets of their own go from receiver to sender at the same time */
};

enum topology_part {
	TOPOLOGY_SENDER,         /* sends a flow */
	TOPOLOGY_RECEIVER,       /* receives one or more */
	TOPOLOGY_FORWARDER,      /* what arrives on one of its ports leaves by the other */
	TOPOLOGY_EXCHANGE,       /* sends one flow and receives another */
	TOPOLOGY_LOOPED,         /* sends a flow and receives it */
};

struct topology_node {
	enum topology_part part;
	unsigned group;
	unsigned hop;            /* of a forwarder: 1 is next to the sender; else 0 */
	unsigned ports[TOPOLOGY_NODE_PORTS], port_count; /* of a forwarder: towards the sender, then away from it */
	int sends;               /* the flow, or TOPOLOGY_NONE */
	int receives;            /* the first of the flows, or TOPOLOGY_NONE */
	unsigned receive_count;
};

struct topology_port {
	unsigned node;
	unsigned place;          /* which of its node's ports */
	int link, peer;          /* the port at the link's other end; TOPOLOGY_NONE in a fan-in but for senders, */
	unsigned end;            /* whose peer is the receiver's port. `end`: which end of the link it is */
	int far;                 /* port at the far end of the flow that starts or ends here, else TOPOLOGY_NONE */
};

struct topology_flow {
	unsigned from, to;       /* ports */
	unsigned group;
	unsigned forwarder;      /* first of its forwarders: nodes forwarder .. forwarder + hops - 1 */
	unsigned hops;           /* 0 = it crosses none */
	bool back;               /* from receiver to sender: it crosses them in reverse */
};

struct topology {
	struct topology_spec spec;
	struct topology_node *nodes;
	struct topology_port *ports;
	struct topology_flow *flows;
	unsigned node_count, port_count, link_count, flow_count;
};

/* 0, or -ENOMEM; -EINVAL for a spec that names nothing. topology_free in every case. */
int topology_make(struct topology *topology, const struct topology_spec *spec);
void topology_free(struct topology *topology);

/* How many there will be, without making them. */
unsigned topology_nodes(const struct topology_spec *spec);
unsigned topology_ports(const struct topology_spec *spec);
unsigned topology_flows(const struct topology_spec *spec);

/* Do packets of a flow leave its node by this port, be it the flow's sender or a forwarder? (Answers do not count.) */
bool topology_port_entered(const struct topology *topology, unsigned port);

/*
 * "the ROLE of pair 2", "the forwarder 3 of chain 1", "the ROLE" of a fan-in's receiver; pairs and the like are
 * counted from 0. `role` is what the node does in this test, as its endpoint calls that.
 */
void topology_name_node(const struct topology *topology, unsigned node, const char *role, char *text, size_t size);

#endif
