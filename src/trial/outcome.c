/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/outcome.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/steady.h"

/* Figures of one stream or of several together. */
struct figures {
	double intended_pps; /* RATE_MAX = unlimited */
	double offered_pps, forwarded_pps, forwarded_bps;
	uint64_t tx_packets, refused, late_max_ns, bias_ns;
	uint64_t rx_packets, lost, duplicated, reordered, corrupted, foreign, late;
	uint64_t port_dropped;
	bool port_dropped_known;
	struct histogram latency;
	bool round_trip;
};

/* The end of a pair that accounts what arrives: the receiver, or the client itself. */
static const struct control_result *pair_measuring_end(const struct outcome_pair *pair)
{
	return pair->active->role == ROLE_CLIENT ? pair->active : pair->passive;
}

static void figures_of_pair(struct figures *f, const struct outcome_pair *pair, double intended_pps)
{
	const struct control_result *tx = pair->active;
	const struct control_rx *rx = pair_measuring_end(pair)->rx;
	double window = (double)tx->tx_window_ns / 1e9;
	uint64_t arrived = rx->rx_packets + rx->rx_corrupted;

	memset(f, 0, sizeof(*f));
	f->intended_pps = intended_pps;
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
	f->port_dropped = pair->active->port_dropped + pair->passive->port_dropped;
	f->port_dropped_known = pair->active->port_dropped_known && pair->passive->port_dropped_known;
	if (window > 0) {
		f->offered_pps = (double)tx->tx_packets / window;
		f->forwarded_pps = (double)rx->rx_packets / window;
		f->forwarded_bps = (double)rx->rx_bytes * 8 / window;
	}
	f->latency = rx->latency;
	f->round_trip = tx->role == ROLE_CLIENT;
}

static void figures_add(struct figures *into, const struct figures *f)
{
	into->intended_pps = f->intended_pps < 0 ? f->intended_pps : into->intended_pps + f->intended_pps;
	into->offered_pps += f->offered_pps;
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
	into->port_dropped += f->port_dropped;
	into->port_dropped_known = into->port_dropped_known && f->port_dropped_known;
	histogram_merge(&into->latency, &f->latency);
	into->round_trip = f->round_trip;
}

static json_t *count_json(uint64_t count)
{
	return json_integer((json_int_t)count);
}

static json_t *figures_tx(const struct figures *f)
{
	return json_pack("{s:o, s:f, s:o, s:o, s:o, s:o}",
			 "intended_pps", f->intended_pps < 0 ? json_null() : json_real(f->intended_pps),
			 "offered_pps", f->offered_pps,
			 "packets", count_json(f->tx_packets),
			 "refused", count_json(f->refused),
			 "late_max_ns", f->intended_pps < 0 ? json_null() : count_json(f->late_max_ns),
			 "bias_ns", f->bias_ns ? count_json(f->bias_ns) : json_null());
}

static json_t *figures_rx(const struct figures *f)
{
	double loss_ratio = f->tx_packets ? (double)f->lost / (double)f->tx_packets : 0;

	return json_pack("{s:f, s:f, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o}",
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
			 "port_dropped", f->port_dropped_known ? count_json(f->port_dropped) : json_null());
}

static json_t *latency_json(const struct histogram *h)
{
	static const struct { const char *field; double percent; } points[] = {
		{ "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "p99_9", 99.9 }, { "p99_99", 99.99 },
	};
	json_t *json;

	if (!h->count)
		return json_null();
	json = json_pack("{s:o, s:o, s:f}", "count", count_json(h->count), "min", count_json(h->min),
			 "mean", histogram_mean(h));
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

/* Second by second: the sums of all pairs from `first` to `last`. */
static json_t *samples_json(const struct outcome_pair *pairs, unsigned first, unsigned last)
{
	json_t *json = json_array();
	unsigned seconds = 0;

	for (unsigned p = first; p <= last; p++)
		if (pairs[p].tx_sample_count > seconds)
			seconds = pairs[p].tx_sample_count;
	for (unsigned s = 0; s < seconds; s++) {
		uint64_t tx = 0, rx = 0;

		for (unsigned p = first; p <= last; p++) {
			tx += s < pairs[p].tx_sample_count ? pairs[p].tx_samples[s].tx_packets : 0;
			rx += s < pairs[p].rx_sample_count ? pairs[p].rx_samples[s].rx_packets : 0;
		}
		json_array_append_new(json, json_pack("{s:i, s:o, s:o}", "second", (int)s + 1, "tx_packets",
						      count_json(tx), "rx_packets", count_json(rx)));
	}
	return json;
}

/*
 * Did what arrived in each second of the window (all pairs) stay the same? Null where it cannot be judged. Seconds
 * that some end did not tell of are left out; a sender hands over whole bursts.
 */
static json_t *steady_json(struct outcome *outcome, const struct test *test, const json_t *samples,
			   const struct outcome_pair *pairs, unsigned count)
{
	const double step = test_number(test, PARAMETER_BURST) * count;
	size_t seconds = json_array_size(samples);
	double *received = calloc(seconds + 1, sizeof(*received));
	struct steady steady;
	json_t *json;

	if (!received)
		return NULL;
	for (unsigned p = 0; p < count; p++)
		if (pairs[p].rx_sample_count < seconds)
			seconds = pairs[p].rx_sample_count;
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

static json_t *endpoint_cpu(unsigned pair, const struct control_result *r, int processor)
{
	double window = (double)r->cpu_window_ns / 1e9;

	return json_pack("{s:i, s:s, s:i, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "pair", (int)pair, "role", control_role_name(r->role), "processor", processor,
			 "user_s", r->cpu_user_s, "system_s", r->cpu_system_s,
			 "busy", window > 0 ? json_real((r->cpu_user_s + r->cpu_system_s) / window) : json_null(),
			 "switches_voluntary", count_json(r->switches_voluntary),
			 "switches_involuntary", count_json(r->switches_involuntary),
			 "stalled_ns", count_json(r->stalled_ns), "stall_max_ns", count_json(r->stall_max_ns),
			 "tx_calls", count_json(r->tx_calls), "rx_calls", count_json(r->rx_calls));
}

static bool result_is_disturbed(const struct control_result *r)
{
	return (double)r->stalled_ns > DISTURBED * (double)r->cpu_window_ns;
}

static void outcome_judge(struct outcome *outcome, const struct test *test, const struct figures *f,
			  const struct outcome_pair *pair)
{
	/* Ports are open by then: what a late receiver finds has waited in its queue, and a late sender catches up. */
	double late_ns = test_number(test, PARAMETER_WARMUP) * 1e9 +
			 fmax(LATE * test_number(test, PARAMETER_DURATION) * 1e9, LATE_LEAST_NS);

	if (f->intended_pps > 0) {
		double off = fabs(f->offered_pps - f->intended_pps) / f->intended_pps;

		outcome->offered_warn |= off > OFFERED_WARN;
		outcome->offered_off |= off > OFFERED_OFF;
	}
	outcome->disturbed |= result_is_disturbed(pair->active) || result_is_disturbed(pair->passive);
	outcome->clock |= pair->active->rx->clock_ahead_ns || pair->passive->rx->clock_ahead_ns;
	outcome->nothing_sent |= !pair->active->tx_packets;
	outcome->late_start |= (double)pair->active->late_start_ns > late_ns ||
			       (double)pair->passive->late_start_ns > late_ns;
}

static void outcome_add_pair(json_t *cpu, json_t *list, const struct figures *f,
			     const struct outcome_pair *pairs, unsigned p)
{
	json_array_append_new(list, json_pack("{s:i, s:o, s:o, s:o, s:o}", "pair", (int)p, "tx", figures_tx(f),
					      "rx", figures_rx(f), "latency", figures_latency(f),
					      "samples", samples_json(pairs, p, p)));
	json_array_append_new(cpu, endpoint_cpu(p, pairs[p].active, pairs[p].active_processor));
	json_array_append_new(cpu, endpoint_cpu(p, pairs[p].passive, pairs[p].passive_processor));
}

int outcome_make(struct outcome *outcome, const struct test *test, const struct outcome_pair *pairs,
		 unsigned count)
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
	sum->port_dropped_known = true;
	for (unsigned p = 0; p < count; p++) {
		double window = (double)pairs[p].active->tx_window_ns / 1e9;

		figures_of_pair(f, &pairs[p], test_number(test, PARAMETER_RATE));
		figures_add(sum, f);
		outcome_add_pair(cpu, list, f, pairs, p);
		outcome_judge(outcome, test, f, &pairs[p]);
		longest = window > longest ? window : longest;
	}
	samples = samples_json(pairs, 0, count - 1);
	steady = steady_json(outcome, test, samples, pairs, count);
	outcome->trial = json_pack("{s:f, s:o, s:o, s:o, s:{s:o}, s:o, s:o, s:o}", "duration_s", longest,
				   "tx", figures_tx(sum), "rx", figures_rx(sum), "latency", figures_latency(sum),
				   "cpu", "endpoints", cpu,
				   "steady", steady, "samples", samples, "pairs", list);
	free(sum);
	free(f);
	return outcome->trial ? 0 : -ENOMEM;
}
