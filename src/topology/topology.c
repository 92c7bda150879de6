/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nodes of a group, and of all groups together. */
static const struct {
	const char *group; /* what one is called */
	unsigned ends;   /* nodes of a group beside its forwarders */
	unsigned shared; /* nodes of all groups together */
	bool links;
} kinds[] = {
	[TOPOLOGY_PAIRS] = { "pair", 2, 0, true },
	[TOPOLOGY_CHAIN] = { "chain", 2, 0, true },
	[TOPOLOGY_FAN_IN] = { "sender", 1, 1, false },
	[TOPOLOGY_LOOP] = { "loop", 1, 0, true },
};

static unsigned spec_hops(const struct topology_spec *spec)
{
	return spec->kind == TOPOLOGY_CHAIN ? spec->hops : 0;
}

unsigned topology_nodes(const struct topology_spec *spec)
{
	return spec->groups * (kinds[spec->kind].ends + spec_hops(spec)) + kinds[spec->kind].shared;
}

unsigned topology_ports(const struct topology_spec *spec)
{
	unsigned of_group = spec->kind == TOPOLOGY_LOOP ? TOPOLOGY_NODE_PORTS :
			    kinds[spec->kind].ends + TOPOLOGY_NODE_PORTS * spec_hops(spec);

	return spec->groups * of_group + kinds[spec->kind].shared;
}

unsigned topology_flows(const struct topology_spec *spec)
{
	return spec->groups * (spec->both ? 2 : 1);
}

/* A node with its ports. Returns its number. */
static unsigned add_node(struct topology *topology, enum topology_part part, unsigned group, unsigned hop,
			 unsigned ports)
{
	unsigned number = topology->node_count++;
	struct topology_node *node = &topology->nodes[number];

	*node = (struct topology_node){ .part = part, .group = group, .hop = hop, .port_count = ports,
					.sends = TOPOLOGY_NONE, .receives = TOPOLOGY_NONE };
	for (unsigned place = 0; place < ports; place++) {
		node->ports[place] = topology->port_count;
		topology->ports[topology->port_count++] = (struct topology_port){
			.node = number, .place = place, .link = TOPOLOGY_NONE, .peer = TOPOLOGY_NONE,
			.far = TOPOLOGY_NONE,
		};
	}
	return number;
}

static void add_link(struct topology *topology, unsigned a, unsigned b)
{
	const unsigned ends[] = { a, b };

	for (unsigned end = 0; end < 2; end++) {
		struct topology_port *port = &topology->ports[ends[end]];

		port->link = (int)topology->link_count;
		port->end = end;
		port->peer = (int)ends[!end];
	}
	topology->link_count++;
}

static struct topology_flow *add_flow(struct topology *topology, unsigned from, unsigned to, unsigned group)
{
	unsigned number = topology->flow_count++;
	struct topology_flow *flow = &topology->flows[number];
	struct topology_node *source = &topology->nodes[topology->ports[from].node];
	struct topology_node *sink = &topology->nodes[topology->ports[to].node];

	*flow = (struct topology_flow){ .from = from, .to = to, .group = group };
	source->sends = (int)number;
	if (sink->receives == TOPOLOGY_NONE)
		sink->receives = (int)number;
	sink->receive_count++;
	topology->ports[from].far = (int)to;
	topology->ports[to].far = (int)from;
	return flow;
}

/* A pair, which is a chain without a forwarder. */
static void add_chain(struct topology *topology, unsigned group)
{
	const struct topology_spec *spec = &topology->spec;
	unsigned hops = spec_hops(spec), first, last, before;

	first = before = add_node(topology, spec->both ? TOPOLOGY_EXCHANGE : TOPOLOGY_SENDER, group, 0, 1);
	for (unsigned hop = 1; hop <= hops; hop++) {
		unsigned node = add_node(topology, TOPOLOGY_FORWARDER, group, hop, TOPOLOGY_NODE_PORTS);
		const struct topology_node *last_node = &topology->nodes[before];

		add_link(topology, last_node->ports[last_node->port_count - 1], topology->nodes[node].ports[0]);
		before = node;
	}
	last = add_node(topology, spec->both ? TOPOLOGY_EXCHANGE : TOPOLOGY_RECEIVER, group, 0, 1);
	add_link(topology, topology->nodes[before].ports[topology->nodes[before].port_count - 1],
		 topology->nodes[last].ports[0]);
	for (unsigned back = 0; back <= (unsigned)spec->both; back++) {
		unsigned from = topology->nodes[back ? last : first].ports[0];
		unsigned to = topology->nodes[back ? first : last].ports[0];
		struct topology_flow *flow = add_flow(topology, from, to, group);

		flow->back = back;
		flow->hops = hops;
		flow->forwarder = first + 1;
	}
}

static void add_fan_in(struct topology *topology)
{
	unsigned receiver;

	for (unsigned group = 0; group < topology->spec.groups; group++)
		add_node(topology, TOPOLOGY_SENDER, group, 0, 1);
	receiver = topology->nodes[add_node(topology, TOPOLOGY_RECEIVER, topology->spec.groups - 1, 0, 1)].ports[0];
	for (unsigned sender = 0; sender < topology->spec.groups; sender++) {
		topology->ports[topology->nodes[sender].ports[0]].peer = (int)receiver;
		add_flow(topology, topology->nodes[sender].ports[0], receiver, sender);
	}
}

static void add_loop(struct topology *topology, unsigned group)
{
	unsigned node = add_node(topology, TOPOLOGY_LOOPED, group, 0, TOPOLOGY_NODE_PORTS);
	const unsigned *ports = topology->nodes[node].ports;

	add_link(topology, ports[0], ports[1]);
	add_flow(topology, ports[0], ports[1], group);
}

int topology_make(struct topology *topology, const struct topology_spec *spec)
{
	memset(topology, 0, sizeof(*topology));
	if (!spec->groups || (spec->kind == TOPOLOGY_CHAIN && (!spec->hops || spec->hops > TOPOLOGY_HOPS_MAX)) ||
	    (spec->both && spec->kind != TOPOLOGY_PAIRS && spec->kind != TOPOLOGY_CHAIN))
		return -EINVAL;
	topology->spec = *spec;
	topology->nodes = calloc(topology_nodes(spec), sizeof(*topology->nodes));
	topology->ports = calloc(topology_ports(spec), sizeof(*topology->ports));
	topology->flows = calloc(topology_flows(spec), sizeof(*topology->flows));
	if (!topology->nodes || !topology->ports || !topology->flows)
		return -ENOMEM;
	if (spec->kind == TOPOLOGY_FAN_IN)
		add_fan_in(topology);
	for (unsigned group = 0; group < spec->groups && kinds[spec->kind].links; group++) {
		if (spec->kind == TOPOLOGY_LOOP)
			add_loop(topology, group);
		else
			add_chain(topology, group);
	}
	return 0;
}

void topology_free(struct topology *topology)
{
	free(topology->nodes);
	free(topology->ports);
	free(topology->flows);
	memset(topology, 0, sizeof(*topology));
}

bool topology_port_entered(const struct topology *topology, unsigned port)
{
	const struct topology_port *one = &topology->ports[port];

	if (topology->spec.kind == TOPOLOGY_FAN_IN)
		return topology->nodes[one->node].part == TOPOLOGY_SENDER;
	return !one->end || topology->spec.both; /* a link's first end is the one nearer to the sender */
}

void topology_name_node(const struct topology *topology, unsigned node, const char *role, char *text, size_t size)
{
	const struct topology_node *one = &topology->nodes[node];
	const char *group = kinds[topology->spec.kind].group;

	if (topology->spec.kind == TOPOLOGY_FAN_IN)
		snprintf(text, size, one->part == TOPOLOGY_RECEIVER ? "the %s" : "the %s %u", role, one->group);
	else if (one->part == TOPOLOGY_FORWARDER)
		snprintf(text, size, "the %s %u of %s %u", role, one->hop, group, one->group);
	else
		snprintf(text, size, "the %s of %s %u", role, group, one->group);
}
