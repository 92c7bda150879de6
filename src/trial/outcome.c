/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/outcome.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/steady.h"
#include "testbed/host/cpu_group.h"
#include "trial/hops.h"

/* Figures of one flow of the topology or of several together. */
struct figures {
	double intended_pps; /* RATE_MAX = unlimited */
	double offered_pps, offered_bps, forwarded_pps, forwarded_bps;
	uint64_t tx_packets, refused, late_max_ns, bias_ns;
	uint64_t rx_packets, lost, duplicated, reordered, corrupted, foreign, late;
	uint64_t port_dropped;
	bool port_dropped_known;
	uint64_t flows, flows_seen, flow_min, flow_max; /* UDP flows in it */
	struct histogram latency;
	bool round_trip;
};

/* Both ends of a flow, and what the one that accounts its packets says of them: its receiver, or the client itself. */
struct flow_ends {
	const struct outcome_end *source, *sink;
	const struct control_rx *rx;
	const struct outcome_end *measuring;
	bool shared; /* the sink receives other flows, too: what is not told apart is not this flow's */
};

static bool is_round_trip(const struct control_result *result)
{
	return result->role == ROLE_CLIENT || result->role == ROLE_ECHO;
}

static struct flow_ends flow_ends(const struct topology *topology, const struct outcome_end *ends, unsigned number)
{
	const struct topology_flow *flow = &topology->flows[number];
	const struct topology_node *sink = &topology->nodes[topology->ports[flow->to].node];
	struct flow_ends one = {
		.source = &ends[topology->ports[flow->from].node], .sink = &ends[topology->ports[flow->to].node],
		.shared = sink->receive_count > 1,
	};

	if (is_round_trip(one.source->result)) {
		one.measuring = one.source;
		one.rx = &one.source->result->rx[0];
	} else {
		one.measuring = one.sink;
		one.rx = &one.sink->result->rx[number - (unsigned)sink->receives];
	}
	return one;
}

/* What the ports of its ends dropped; not known where an end has other packets to drop, too. */
static void figures_of_ports(struct figures *f, const struct topology *topology, const struct flow_ends *ends)
{
	const struct control_result *source = ends->source->result, *sink = ends->sink->result;

	f->port_dropped = source->port_dropped;
	f->port_dropped_known = source->port_dropped_known && sink->port_dropped_known && !ends->shared &&
				!topology->spec.both;
	if (sink != source)
		f->port_dropped += sink->port_dropped;
}

static void figures_of_flow(struct figures *f, const struct topology *topology, const struct flow_ends *ends,
			    const struct test *test)
{
	const struct control_result *tx = ends->source->result;
	const struct control_rx *rx = ends->rx;
	double window = (double)tx->tx_window_ns / 1e9;
	uint64_t arrived = rx->rx_packets + rx->rx_corrupted;

	memset(f, 0, sizeof(*f));
	f->intended_pps = test_number(test, PARAMETER_RATE);
	f->tx_packets = tx->tx_packets;
	f->refused = tx->tx_refused;
	f->late_max_ns = tx->tx_late_max_ns;
	f->bias_ns = tx->tx_bias_ns;
	f->rx_packets = rx->rx_packets;
	f->duplicated = rx->rx_duplicated;
	f->reordered = rx->rx_reordered;
	f->corrupted = rx->rx_corrupted;
	f->foreign = rx->rx_foreign;
	f->late = rx->rx_late;
	f->lost = tx->tx_packets > arrived ? tx->tx_packets - arrived : 0;
	figures_of_ports(f, topology, ends);
	if (window > 0) {
		f->offered_pps = (double)tx->tx_packets / window;
		f->offered_bps = (double)tx->tx_bytes * 8 / window;
		f->forwarded_pps = (double)rx->rx_packets / window;
		f->forwarded_bps = (double)rx->rx_bytes * 8 / window;
	}
	f->flows = (uint64_t)test_number(test, PARAMETER_FLOWS);
	f->flows_seen = rx->flows_seen;
	f->flow_min = rx->flow_min;
	f->flow_max = rx->flow_max;
	f->latency = rx->latency;
	f->round_trip = is_round_trip(tx);
}

static void figures_add(struct figures *into, const struct figures *f)
{
	into->intended_pps = f->intended_pps < 0 ? f->intended_pps : into->intended_pps + f->intended_pps;
	into->offered_pps += f->offered_pps;
	into->offered_bps += f->offered_bps;
	into->forwarded_pps += f->forwarded_pps;
	into->forwarded_bps += f->forwarded_bps;
	into->tx_packets += f->tx_packets;
	into->refused += f->refused;
	if (f->late_max_ns > into->late_max_ns)
		into->late_max_ns = f->late_max_ns;
	if (f->bias_ns > into->bias_ns)
		into->bias_ns = f->bias_ns;
	into->rx_packets += f->rx_packets;
	into->lost += f->lost;
	into->duplicated += f->duplicated;
	into->reordered += f->reordered;
	into->corrupted += f->corrupted;
	into->foreign += f->foreign;
	into->late += f->late;
	into->flow_min = !into->flows || f->flow_min < into->flow_min ? f->flow_min : into->flow_min;
	into->flow_max = f->flow_max > into->flow_max ? f->flow_max : into->flow_max;
	into->flows += f->flows;
	into->flows_seen += f->flows_seen;
	histogram_merge(&into->latency, &f->latency);
	into->round_trip = f->round_trip;
}

static json_t *count_json(uint64_t count)
{
	return json_integer((json_int_t)count);
}

static json_t *figures_tx(const struct figures *f)
{
	return json_pack("{s:o, s:f, s:f, s:o, s:o, s:o, s:o}",
			 "intended_pps", f->intended_pps < 0 ? json_null() : json_real(f->intended_pps),
			 "offered_pps", f->offered_pps,
			 "offered_bps", f->offered_bps,
			 "packets", count_json(f->tx_packets),
			 "refused", count_json(f->refused),
			 "late_max_ns", f->intended_pps < 0 ? json_null() : count_json(f->late_max_ns),
			 "bias_ns", f->bias_ns ? count_json(f->bias_ns) : json_null());
}

/* Packets received of the UDP flows: null where there is but one, of which all else tells. */
static json_t *figures_flows(const struct figures *f, bool several)
{
	if (!several)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "count", count_json(f->flows), "seen", count_json(f->flows_seen),
			 "least", count_json(f->flow_min), "most", count_json(f->flow_max));
}

static json_t *figures_rx(const struct figures *f, bool several_flows)
{
	double loss_ratio = f->tx_packets ? (double)f->lost / (double)f->tx_packets : 0;

	return json_pack("{s:f, s:f, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "forwarded_pps", f->forwarded_pps,
			 "forwarded_bps", f->forwarded_bps,
			 "packets", count_json(f->rx_packets),
			 "lost", count_json(f->lost),
			 "loss_ratio", loss_ratio,
			 "duplicated", count_json(f->duplicated),
			 "reordered", count_json(f->reordered),
			 "corrupted", count_json(f->corrupted),
			 "foreign", count_json(f->foreign),
			 "late", count_json(f->late),
			 "port_dropped", f->port_dropped_known ? count_json(f->port_dropped) : json_null(),
			 "flows", figures_flows(f, several_flows));
}

static json_t *latency_json(const struct histogram *h)
{
	static const struct { const char *field; double percent; } points[] = {
		{ "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "p99_9", 99.9 }, { "p99_99", 99.99 },
	};
	json_t *json;

	if (!h->count)
		return json_null();
	json = json_pack("{s:o, s:o, s:f, s:f}", "count", count_json(h->count), "min", count_json(h->min),
			 "mean", histogram_mean(h), "stddev", histogram_deviation(h));
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		json_object_set_new(json, points[i].field, count_json(histogram_percentile(h, points[i].percent)));
	json_object_set_new(json, "max", count_json(h->max));
	json_object_set_new(json, "histogram", control_histogram_encode(h));
	return json;
}

static json_t *figures_latency(const struct figures *f)
{
	return json_pack("{s:o}", f->round_trip ? "round_trip_ns" : "one_way_ns", latency_json(&f->latency));
}

/* Second by second: the sums of all flows from `first` to `last`; what a receiver of several got is counted once. */
static json_t *samples_json(const struct topology *topology, const struct outcome_end *ends, unsigned first,
			    unsigned last)
{
	json_t *json = json_array();
	bool told_apart = true;
	unsigned seconds = 0;

	for (unsigned i = first; i <= last; i++) {
		struct flow_ends one = flow_ends(topology, ends, i);

		if (one.source->sample_count > seconds)
			seconds = one.source->sample_count;
		told_apart &= !one.shared || first != last;
	}
	for (unsigned s = 0; s < seconds; s++) {
		const struct outcome_end *counted = NULL;
		uint64_t tx = 0, rx = 0;

		for (unsigned i = first; i <= last; i++) {
			struct flow_ends one = flow_ends(topology, ends, i);

			tx += s < one.source->sample_count ? one.source->samples[s].tx_packets : 0;
			if (one.measuring != counted && s < one.measuring->sample_count)
				rx += one.measuring->samples[s].rx_packets;
			counted = one.measuring;
		}
		json_array_append_new(json, json_pack("{s:i, s:o, s:o}", "second", (int)s + 1, "tx_packets",
						      count_json(tx), "rx_packets",
						      told_apart ? count_json(rx) : json_null()));
	}
	return json;
}

/*
 * Did what arrived in each second of the window (all flows) stay the same? Null where it cannot be judged. Seconds
 * that some end did not tell of are left out; a sender hands over whole bursts.
 */
static json_t *steady_json(struct outcome *outcome, const struct test *test, const json_t *samples,
			   const struct topology *topology, const struct outcome_end *ends)
{
	const double step = test_number(test, PARAMETER_BURST) * topology->flow_count;
	size_t seconds = json_array_size(samples);
	double *received = calloc(seconds + 1, sizeof(*received));
	struct steady steady;
	json_t *json;

	if (!received)
		return NULL;
	for (unsigned i = 0; i < topology->flow_count; i++) {
		unsigned told = flow_ends(topology, ends, i).measuring->sample_count;

		if (told < seconds)
			seconds = told;
	}
	for (size_t s = 0; s < seconds; s++)
		received[s] = json_number_value(json_object_get(json_array_get(samples, s), "rx_packets"));
	if (steady_judge(received, seconds, step, &steady)) {
		outcome->unstable = !steady.steady;
		json = json_pack("{s:i, s:f, s:f, s:o}", "window_s", (int)steady.window, "drift_ratio",
				 steady.drift_ratio, "deviation_ratio", steady.deviation_ratio, "from_s",
				 steady.from ? json_integer((json_int_t)steady.from) : json_null());
	} else {
		json = json_null();
	}
	free(received);
	return json;
}

static json_t *endpoint_cpu(const struct topology_node *node, const struct outcome_end *end)
{
	const struct control_result *r = end->result;
	double window = (double)r->cpu_window_ns / 1e9;

	return json_pack("{s:i, s:s, s:o, s:i, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "pair", (int)node->group, "role", control_role_name(r->role),
			 "hop", node->hop ? json_integer(node->hop) : json_null(), "processor", end->processor,
			 "user_s", r->cpu_user_s, "system_s", r->cpu_system_s,
			 "busy", window > 0 ? json_real((r->cpu_user_s + r->cpu_system_s) / window) : json_null(),
			 "switches_voluntary", count_json(r->switches_voluntary),
			 "switches_involuntary", count_json(r->switches_involuntary),
			 "stalled_ns", count_json(r->stalled_ns), "stall_max_ns", count_json(r->stall_max_ns),
			 "tx_calls", count_json(r->tx_calls), "rx_calls", count_json(r->rx_calls));
}

static void judge_flow(struct outcome *outcome, const struct figures *f)
{
	if (f->intended_pps > 0) {
		double off = fabs(f->offered_pps - f->intended_pps) / f->intended_pps;

		outcome->offered_warn |= off > OFFERED_WARN;
		outcome->offered_off |= off > OFFERED_OFF;
	}
	outcome->nothing_sent |= !f->tx_packets;
}

/* By how much an endpoint may miss the window's beginning: one that stands still for its quota does as the test wants. */
static double late_limit(const struct test *test, const struct outcome_end *end)
{
	double least = end->shared ? LATE_SHARED_NS : LATE_LEAST_NS;

	if (test_number(test, PARAMETER_ENDPOINT_QUOTA) > 0)
		least += CPU_GROUP_PERIOD_US * 1e3;
	return fmax(LATE * test_number(test, PARAMETER_DURATION) * 1e9, least);
}

static void judge_end(struct outcome *outcome, const struct test *test, const struct outcome_end *end)
{
	const struct control_result *r = end->result;
	/* Ports are open by then: what a late receiver finds has waited in its queue, and a late sender catches up. */
	double late_ns = test_number(test, PARAMETER_WARMUP) * 1e9 + late_limit(test, end);

	outcome->disturbed |= (double)r->stalled_ns > DISTURBED * (double)r->cpu_window_ns;
	outcome->late_start |= (double)r->late_start_ns > late_ns;
	for (unsigned i = 0; i < r->rx_count; i++)
		outcome->clock |= r->rx[i].clock_ahead_ns > 0;
}

static json_t *flow_json(const struct topology *topology, const struct outcome_end *ends, const struct figures *f,
			 unsigned number)
{
	const struct topology_flow *flow = &topology->flows[number];
	const struct flow_ends one = flow_ends(topology, ends, number);
	json_t *json = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "pair", (int)flow->group, "tx", figures_tx(f),
				 "rx", figures_rx(f, f->flows > 1), "latency", figures_latency(f),
				 "samples", samples_json(topology, ends, number, number),
				 "hops", hops_of_flow(topology, ends, number, one.rx));

	if (topology->spec.both)
		json_object_set_new(json, "direction", json_string(flow->back ? "back" : "ahead"));
	return json;
}

/* All endpoints together, each counted once. */
static void figures_of_all_ports(struct figures *sum, const struct topology *topology, const struct outcome_end *ends)
{
	sum->port_dropped_known = true;
	for (unsigned i = 0; i < topology->node_count; i++) {
		sum->port_dropped += ends[i].result->port_dropped;
		sum->port_dropped_known &= ends[i].result->port_dropped_known;
	}
}

int outcome_make(struct outcome *outcome, const struct test *test, const struct topology *topology,
		 const struct outcome_end *ends)
{
	struct figures *sum = calloc(1, sizeof(*sum)), *f = calloc(1, sizeof(*f));
	json_t *cpu = json_array(), *list = json_array(), *samples, *steady;
	double longest = 0;

	memset(outcome, 0, sizeof(*outcome));
	if (!sum || !f || !cpu || !list) {
		json_decref(cpu);
		json_decref(list);
		free(sum);
		free(f);
		return -ENOMEM;
	}
	histogram_reset(&sum->latency);
	for (unsigned i = 0; i < topology->flow_count; i++) {
		struct flow_ends one = flow_ends(topology, ends, i);

		figures_of_flow(f, topology, &one, test);
		figures_add(sum, f);
		json_array_append_new(list, flow_json(topology, ends, f, i));
		judge_flow(outcome, f);
		longest = fmax(longest, (double)one.source->result->tx_window_ns / 1e9);
	}
	for (unsigned i = 0; i < topology->node_count; i++) {
		json_array_append_new(cpu, endpoint_cpu(&topology->nodes[i], &ends[i]));
		judge_end(outcome, test, &ends[i]);
	}
	figures_of_all_ports(sum, topology, ends);
	samples = samples_json(topology, ends, 0, topology->flow_count - 1);
	steady = steady_json(outcome, test, samples, topology, ends);
	outcome->trial = json_pack("{s:f, s:o, s:o, s:o, s:{s:o}, s:o, s:o, s:o, s:o}", "duration_s", longest,
				   "tx", figures_tx(sum), "rx", figures_rx(sum, sum->flows > topology->flow_count),
				   "latency", figures_latency(sum), "cpu", "endpoints", cpu, "steady", steady,
				   "samples", samples, "pairs", list, "hops", hops_of_all(topology, ends));
	free(sum);
	free(f);
	return outcome->trial ? 0 : -ENOMEM;
}
