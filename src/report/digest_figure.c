/* SPDX-License-Identifier: Apache-2.0 */
/* What a figure of the digest is in one trial. */
#include <math.h>
#include <string.h>

#include "report/digest_row.h"
#include "report/figures.h"
#include "suite/sizes.h"

/* Bytes of a frame; of a mix of sizes the mean of its frames. */
static double trial_frame_bytes(const json_t *trial)
{
	double bytes = 0, packets = 0;
	struct sizes sizes;

	if (sizes_parse(trial_text(trial, "test.size"), &sizes, NULL) != 0)
		return trial_number(trial, "test.size");
	for (unsigned i = 0; i < sizes.count; i++) {
		bytes += (double)sizes.list[i].size * sizes.list[i].weight;
		packets += sizes.list[i].weight;
	}
	return bytes / packets;
}

/* Figures of all flows together; a search and the load of a trial are told of each sender. */
static double load_figure(const json_t *trial, enum figure figure)
{
	double senders = trial_number(trial, "search.senders");

	switch (figure) {
	case FIGURE_FORWARDED: return trial_number(trial, "search.forwarded_pps");
	case FIGURE_BITS:      return trial_number(trial, "search.forwarded_pps") * trial_frame_bytes(trial) * 8;
	case FIGURE_OFFERED:   return trial_value(trial, "load") ? trial_number(trial, "tx.offered_pps") : NAN;
	case FIGURE_REFERENCE: return trial_number(trial, "load.reference_pps") *
				      (double)json_array_size(trial_value(trial, "pairs"));
	case FIGURE_LOWER:     return trial_number(trial, "search.goal.lower_pps") * senders;
	case FIGURE_UPPER:     return trial_number(trial, "search.goal.upper_pps") * senders;
	case FIGURE_TRIALS:    return trial_number(trial, "search.trials");
	case FIGURE_SPENT:     return trial_number(trial, "search.spent_s");
	case FIGURE_BIAS:      return trial_number(trial, "tx.bias_ns");
	case FIGURE_HOP_COST:  return trial_hop_cost(trial);
	default:               return NAN;
	}
}

double trial_figure(const json_t *trial, enum figure figure, bool latency)
{
	static const char *const path[FIGURE_COUNT][2] = {
		[FIGURE_FORWARDED] = { "rx.forwarded_pps", "rx.forwarded_pps" },
		[FIGURE_BITS] = { "rx.forwarded_bps", "rx.forwarded_bps" },
		[FIGURE_LOSS] = { "rx.loss_ratio", "rx.loss_ratio" },
		[FIGURE_P50] = { "latency.one_way_ns.p50", "latency.round_trip_ns.p50" },
		[FIGURE_P90] = { "latency.one_way_ns.p90", "latency.round_trip_ns.p90" },
		[FIGURE_P99_99] = { "latency.one_way_ns.p99_99", "latency.round_trip_ns.p99_99" },
		[FIGURE_P99] = { "latency.one_way_ns.p99", "latency.round_trip_ns.p99" },
		[FIGURE_P99_9] = { "latency.one_way_ns.p99_9", "latency.round_trip_ns.p99_9" },
		[FIGURE_MAX] = { "latency.one_way_ns.max", "latency.round_trip_ns.max" },
		[FIGURE_MEAN] = { "latency.one_way_ns.mean", "latency.round_trip_ns.mean" },
		[FIGURE_DEVIATION] = { "latency.one_way_ns.stddev", "latency.round_trip_ns.stddev" },
		[FIGURE_SWITCH] = { "cpu.switch.busy", "cpu.switch.busy" },
		[FIGURE_COST] = { "cpu.cost.packet_ns", "cpu.cost.packet_ns" },
	};

	if (figure >= FIGURE_OFFERED || trial_value(trial, "search"))
		return load_figure(trial, figure);
	if (figure == FIGURE_BUSY)
		return trial_busy(trial);
	return figure == FIGURE_PROCESSES ? trial_processes_busy(trial) : trial_number(trial, path[figure][latency]);
}

const char *figure_name(enum figure figure)
{
	static const char *const names[FIGURE_COUNT] = {
		[FIGURE_FORWARDED] = "forwarded_pps", [FIGURE_BITS] = "forwarded_bps", [FIGURE_LOSS] = "loss_ratio",
		[FIGURE_P50] = "latency_p50_ns", [FIGURE_P90] = "latency_p90_ns", [FIGURE_P99] = "latency_p99_ns",
		[FIGURE_P99_9] = "latency_p99_9_ns", [FIGURE_P99_99] = "latency_p99_99_ns",
		[FIGURE_MAX] = "latency_max_ns", [FIGURE_MEAN] = "latency_mean_ns",
		[FIGURE_DEVIATION] = "latency_stddev_ns", [FIGURE_BUSY] = "cpu_machine_busy",
		[FIGURE_PROCESSES] = "cpu_processes_busy",
		[FIGURE_SWITCH] = "cpu_switch_busy", [FIGURE_COST] = "cpu_packet_ns", [FIGURE_OFFERED] = "offered_pps",
		[FIGURE_REFERENCE] = "reference_pps", [FIGURE_LOWER] = "lower_pps", [FIGURE_UPPER] = "upper_pps",
		[FIGURE_TRIALS] = "search_trials", [FIGURE_SPENT] = "search_spent_s",
		[FIGURE_BIAS] = "tx_bias_ns", [FIGURE_HOP_COST] = "hop_packet_ns",
	};

	return names[figure];
}
