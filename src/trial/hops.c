/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/hops.h"

static json_t *count_json(uint64_t count)
{
	return json_integer((json_int_t)count);
}

static json_t *forward_json(const struct control_forward *forward)
{
	return json_pack("{s:o, s:o, s:o}", "in", count_json(forward->in), "out", count_json(forward->out),
			 "refused", count_json(forward->refused));
}

/* What is just under way when counters are read is not lost: never below 0. */
static uint64_t missing(uint64_t before, uint64_t after)
{
	return before > after ? before - after : 0;
}

json_t *hops_of_flow(const struct topology *topology, const struct outcome_end *ends, unsigned number,
		     const struct control_rx *rx)
{
	const struct topology_flow *flow = &topology->flows[number];
	const struct outcome_end *source = &ends[topology->ports[flow->from].node];
	bool round_trip = source->result->role == ROLE_CLIENT;
	uint64_t before = source->result->tx_packets, arrived = rx->rx_packets + rx->rx_corrupted + rx->rx_duplicated;
	json_t *list;

	if (!flow->hops)
		return json_null();
	list = json_array();
	for (unsigned i = 0; i < flow->hops; i++) {
		unsigned node = flow->forwarder + (flow->back ? flow->hops - 1 - i : i);
		const struct control_forward *forward = &ends[node].result->forward[flow->back];
		json_t *one = forward_json(forward);

		json_object_set_new(one, "hop", json_integer(topology->nodes[node].hop));
		json_object_set_new(one, "lost_before", count_json(missing(before, forward->in)));
		if (round_trip)
			json_object_set_new(one, "back", forward_json(&ends[node].result->forward[1]));
		json_array_append_new(list, one);
		before = forward->out;
	}
	if (round_trip)
		arrived = ends[topology->ports[flow->to].node].result->rx[0].rx_packets;
	return json_pack("{s:o, s:o}", "forwarders", list, "lost_after", count_json(missing(before, arrived)));
}

/* Adds to each hop what a flow lost on its way there; `reply`: what the far end sent back. */
static void count_lost(const struct topology *topology, const struct outcome_end *ends, const struct topology_flow *flow,
		       bool reply, uint64_t lost[TOPOLOGY_HOPS_MAX])
{
	const bool back = flow->back != reply;
	uint64_t before = ends[topology->ports[reply ? flow->to : flow->from].node].result->tx_packets;

	for (unsigned i = 0; i < flow->hops; i++) {
		unsigned node = flow->forwarder + (back ? flow->hops - 1 - i : i);
		const struct control_forward *forward = &ends[node].result->forward[back];

		lost[topology->nodes[node].hop - 1] += missing(before, forward->in);
		before = forward->out;
	}
}

json_t *hops_of_all(const struct topology *topology, const struct outcome_end *ends)
{
	uint64_t lost[TOPOLOGY_HOPS_MAX] = { 0 };
	json_t *list;

	if (topology->spec.kind != TOPOLOGY_CHAIN)
		return json_null();
	for (unsigned i = 0; i < topology->flow_count; i++) {
		const struct topology_flow *flow = &topology->flows[i];

		count_lost(topology, ends, flow, false, lost);
		if (ends[topology->ports[flow->from].node].result->role == ROLE_CLIENT)
			count_lost(topology, ends, flow, true, lost);
	}
	list = json_array();
	for (unsigned hop = 1; hop <= topology->spec.hops; hop++) {
		struct control_forward sum = { 0 };
		double busy = 0, cpu_s = 0;
		json_t *one;

		for (unsigned i = 0; i < topology->node_count; i++) {
			const struct control_result *r = ends[i].result;

			if (topology->nodes[i].hop != hop)
				continue;
			for (unsigned way = 0; way < r->forward_count; way++) {
				sum.in += r->forward[way].in;
				sum.out += r->forward[way].out;
				sum.refused += r->forward[way].refused;
			}
			cpu_s += r->cpu_user_s + r->cpu_system_s;
			if (r->cpu_window_ns)
				busy += (r->cpu_user_s + r->cpu_system_s) * 1e9 / (double)r->cpu_window_ns;
		}
		one = forward_json(&sum);
		json_object_set_new(one, "hop", json_integer(hop));
		json_object_set_new(one, "lost_before", count_json(lost[hop - 1]));
		json_object_set_new(one, "busy", json_real(busy));
		json_object_set_new(one, "packet_ns", sum.in ? json_real(cpu_s * 1e9 / (double)sum.in) : json_null());
		json_array_append_new(list, one);
	}
	return list;
}
