/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "topology/topology.h"

#define MADE(topology, ...) assert_int_equal(topology_make(&(topology), &(struct topology_spec){ __VA_ARGS__ }), 0)

/* What holds of every topology: counts, both sides of every relation, link l = ports 2l and 2l + 1. */
static void assert_sound(const struct topology *t)
{
	unsigned sent = 0, received = 0, ports = 0;

	assert_int_equal(t->node_count, topology_nodes(&t->spec));
	assert_int_equal(t->port_count, topology_ports(&t->spec));
	for (unsigned n = 0; n < t->node_count; n++) {
		const struct topology_node *node = &t->nodes[n];

		for (unsigned place = 0; place < node->port_count; place++) {
			assert_int_equal(t->ports[node->ports[place]].node, n);
			assert_int_equal(t->ports[node->ports[place]].place, place);
		}
		ports += node->port_count;
		sent += node->sends != TOPOLOGY_NONE;
		received += node->receive_count;
	}
	assert_int_equal(ports, t->port_count);
	assert_int_equal(sent, t->flow_count);
	assert_int_equal(received, t->flow_count);
	for (unsigned p = 0; p < t->port_count; p++) {
		const struct topology_port *port = &t->ports[p];

		if (port->link == TOPOLOGY_NONE)
			continue;
		assert_int_equal(p, 2 * (unsigned)port->link + port->end);
		assert_int_equal(t->ports[port->peer].peer, p);
		assert_int_equal(t->ports[port->peer].link, port->link);
	}
	for (unsigned f = 0; f < t->flow_count; f++) {
		const struct topology_flow *flow = &t->flows[f];
		const struct topology_node *sink = &t->nodes[t->ports[flow->to].node];

		assert_int_equal(t->nodes[t->ports[flow->from].node].sends, f);
		assert_true((unsigned)sink->receives <= f && f < (unsigned)sink->receives + sink->receive_count);
		assert_int_equal(t->ports[flow->from].far, flow->to);
		for (unsigned hop = 0; hop < flow->hops; hop++) {
			assert_int_equal(t->nodes[flow->forwarder + hop].part, TOPOLOGY_FORWARDER);
			assert_int_equal(t->nodes[flow->forwarder + hop].hop, hop + 1);
			assert_int_equal(t->nodes[flow->forwarder + hop].group, flow->group);
		}
	}
}

static void test_pairs(void **state)
{
	struct topology t;

	MADE(t, .kind = TOPOLOGY_PAIRS, .groups = 3);
	assert_sound(&t);
	assert_int_equal(t.node_count, 6);
	assert_int_equal(t.link_count, 3);
	assert_int_equal(t.flow_count, 3);
	assert_int_equal(t.nodes[4].part, TOPOLOGY_SENDER);
	assert_int_equal(t.nodes[5].part, TOPOLOGY_RECEIVER);
	assert_int_equal(t.flows[2].from, 4);
	assert_int_equal(t.flows[2].to, 5);
	topology_free(&t);
}

static void test_both_directions(void **state)
{
	struct topology t;

	MADE(t, .kind = TOPOLOGY_PAIRS, .groups = 2, .both = true);
	assert_sound(&t);
	assert_int_equal(t.flow_count, 4);
	for (unsigned n = 0; n < t.node_count; n++)
		assert_int_equal(t.nodes[n].part, TOPOLOGY_EXCHANGE);
	assert_false(t.flows[2].back);
	assert_true(t.flows[3].back);
	assert_int_equal(t.flows[3].from, t.flows[2].to);
	topology_free(&t);
}

static void test_chains(void **state)
{
	for (unsigned hops = 1; hops <= TOPOLOGY_HOPS_MAX; hops++) {
		struct topology t;

		MADE(t, .kind = TOPOLOGY_CHAIN, .groups = 2, .hops = hops);
		assert_sound(&t);
		assert_int_equal(t.node_count, 2 * (hops + 2));
		assert_int_equal(t.link_count, 2 * (hops + 1));
		/* From the sender each link leads to the next forwarder, and the last one to the receiver. */
		for (unsigned at = t.flows[1].from, hop = 1; hop <= hops; hop++) {
			const struct topology_node *node = &t.nodes[t.ports[t.ports[at].peer].node];

			assert_int_equal(node->hop, hop);
			assert_int_equal(node->ports[0], t.ports[at].peer);
			at = node->ports[1];
			assert_int_equal(t.ports[t.ports[at].peer].node == t.ports[t.flows[1].to].node, hop == hops);
		}
		topology_free(&t);
	}
}

static void test_fan_in(void **state)
{
	struct topology t;

	MADE(t, .kind = TOPOLOGY_FAN_IN, .groups = 4);
	assert_sound(&t);
	assert_int_equal(t.node_count, 5);
	assert_int_equal(t.link_count, 0);
	assert_int_equal(t.nodes[4].part, TOPOLOGY_RECEIVER);
	assert_int_equal(t.nodes[4].receive_count, 4);
	assert_int_equal(t.ports[2].peer, 4);
	assert_int_equal(t.ports[4].peer, TOPOLOGY_NONE);
	topology_free(&t);
}

static void test_loop(void **state)
{
	struct topology t;

	MADE(t, .kind = TOPOLOGY_LOOP, .groups = 2);
	assert_sound(&t);
	assert_int_equal(t.node_count, 2);
	assert_int_equal(t.port_count, 4);
	assert_int_equal(t.flows[1].from, 2);
	assert_int_equal(t.flows[1].to, 3);
	assert_int_equal(t.nodes[1].sends, t.nodes[1].receives);
	topology_free(&t);
}

static void test_refused(void **state)
{
	struct topology t;

	assert_int_equal(topology_make(&t, &(struct topology_spec){ .kind = TOPOLOGY_PAIRS }), -EINVAL);
	assert_int_equal(topology_make(&t, &(struct topology_spec){ .kind = TOPOLOGY_CHAIN, .groups = 1 }), -EINVAL);
	assert_int_equal(topology_make(&t, &(struct topology_spec){ .kind = TOPOLOGY_CHAIN, .groups = 1, .hops = 9 }),
			 -EINVAL);
	assert_int_equal(topology_make(&t, &(struct topology_spec){ .kind = TOPOLOGY_LOOP, .groups = 1, .both = true }),
			 -EINVAL);
}

static void test_names(void **state)
{
	struct topology t;
	char name[64];

	MADE(t, .kind = TOPOLOGY_CHAIN, .groups = 2, .hops = 2);
	topology_name_node(&t, 6, "forwarder", name, sizeof(name));
	assert_string_equal(name, "the forwarder 2 of chain 1");
	topology_name_node(&t, 4, "sender", name, sizeof(name));
	assert_string_equal(name, "the sender of chain 1");
	topology_free(&t);
	MADE(t, .kind = TOPOLOGY_FAN_IN, .groups = 2);
	topology_name_node(&t, 1, "sender", name, sizeof(name));
	assert_string_equal(name, "the sender 1");
	topology_name_node(&t, 2, "receiver", name, sizeof(name));
	assert_string_equal(name, "the receiver");
	topology_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs), cmocka_unit_test(test_both_directions), cmocka_unit_test(test_chains),
		cmocka_unit_test(test_fan_in), cmocka_unit_test(test_loop), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
