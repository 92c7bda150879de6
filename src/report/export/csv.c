/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180: comma, CRLF, quotes where needed and doubled within. What is not known is an empty field. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/export/csv_field.h"
#include "report/figures.h"
#include "report/internal.h"
#include "report/report.h"
#include "suite/suite.h"
#include "util/text.h"
#include "util/utf8.h"

#define HOPS "hops[]."

/* Columns behind those of the parameters; docs/results.md explains each. New ones come last. */
static const struct column {
	const char *name;
	const char *path;                     /* in the trial, of each hop (csv_hops); or: */
	double (*computed)(const json_t *trial);
} columns[] = {
	{ "trial", "trial", NULL },
	{ "repeat", "repeat", NULL },
	{ "status", "status", NULL },
	{ "reason", "reason", NULL },
	{ "flags", "flags", NULL },
	{ "started", "started", NULL },
	{ "duration_s", "duration_s", NULL },
	{ "setup_s", "setup_s", NULL },
	{ "tx_intended_pps", "tx.intended_pps", NULL },
	{ "tx_offered_pps", "tx.offered_pps", NULL },
	{ "tx_packets", "tx.packets", NULL },
	{ "tx_refused", "tx.refused", NULL },
	{ "tx_late_max_ns", "tx.late_max_ns", NULL },
	{ "rx_forwarded_pps", "rx.forwarded_pps", NULL },
	{ "rx_forwarded_bps", "rx.forwarded_bps", NULL },
	{ "rx_packets", "rx.packets", NULL },
	{ "rx_lost", "rx.lost", NULL },
	{ "rx_loss_ratio", "rx.loss_ratio", NULL },
	{ "rx_duplicated", "rx.duplicated", NULL },
	{ "rx_reordered", "rx.reordered", NULL },
	{ "rx_corrupted", "rx.corrupted", NULL },
	{ "rx_foreign", "rx.foreign", NULL },
	{ "rx_late", "rx.late", NULL },
	{ "rx_port_dropped", "rx.port_dropped", NULL },
	{ "rx_switch_dropped", "rx.switch_dropped", NULL },
	{ "background_offered_pps", "background.offered_pps", NULL },
	{ "background_lost", "background.lost", NULL },
#define LATENCY(kind) \
	{ #kind "_count", "latency." #kind "_ns.count", NULL }, \
	{ #kind "_min_ns", "latency." #kind "_ns.min", NULL }, \
	{ #kind "_mean_ns", "latency." #kind "_ns.mean", NULL }, \
	{ #kind "_p50_ns", "latency." #kind "_ns.p50", NULL }, \
	{ #kind "_p90_ns", "latency." #kind "_ns.p90", NULL }, \
	{ #kind "_p99_ns", "latency." #kind "_ns.p99", NULL }, \
	{ #kind "_p99_9_ns", "latency." #kind "_ns.p99_9", NULL }, \
	{ #kind "_p99_99_ns", "latency." #kind "_ns.p99_99", NULL }, \
	{ #kind "_max_ns", "latency." #kind "_ns.max", NULL }
	LATENCY(one_way),
	LATENCY(round_trip),
	{ "cpu_machine_busy", NULL, trial_busy },
	{ "cpu_endpoints_busy", NULL, trial_endpoints_busy },
	{ "cpu_user_s", "cpu.machine.user_s", NULL },
	{ "cpu_nice_s", "cpu.machine.nice_s", NULL },
	{ "cpu_system_s", "cpu.machine.system_s", NULL },
	{ "cpu_softirq_s", "cpu.machine.softirq_s", NULL },
	{ "cpu_irq_s", "cpu.machine.irq_s", NULL },
	{ "cpu_steal_s", "cpu.machine.steal_s", NULL },
	{ "cpu_iowait_s", "cpu.machine.iowait_s", NULL },
	{ "cpu_idle_s", "cpu.machine.idle_s", NULL },
	{ "cpu_window_s", "cpu.window_s", NULL },
	{ "cpu_switch_busy", "cpu.switch.busy", NULL },
	{ "cpu_switch_total_s", "cpu.switch.total_s", NULL },
	{ "cpu_switch_user_s", "cpu.switch.user_s", NULL },
	{ "cpu_switch_system_s", "cpu.switch.system_s", NULL },
	{ "cpu_switch_throttled_periods", "cpu.throttled.switch.throttled", NULL },
	{ "cpu_switch_throttled_s", "cpu.throttled.switch.throttled_s", NULL },
	{ "tx_bias_ns", "tx.bias_ns", NULL },
	{ "kind", "kind", NULL },
	{ "load_step", "load.step", NULL },
	{ "load_purpose", "load.purpose", NULL },
	{ "load_rate_pps", "load.rate_pps", NULL },
	{ "load_share", "load.share", NULL },
	{ "load_of", "load.of", NULL },
	{ "load_reference_pps", "load.reference_pps", NULL },
	{ "search_method", "search.method", NULL },
	{ "search_end", "search.end", NULL },
	{ "search_status", "search.goal.status", NULL },
	{ "search_lower_pps", "search.goal.lower_pps", NULL },
	{ "search_upper_pps", "search.goal.upper_pps", NULL },
	{ "search_throughput_pps", "search.goal.throughput_pps", NULL },
	{ "search_forwarded_pps", "search.forwarded_pps", NULL },
	{ "search_mrr_min_pps", "search.mrr.min_pps", NULL },
	{ "search_mrr_max_pps", "search.mrr.max_pps", NULL },
	{ "search_trials", "search.trials", NULL },
	{ "search_void_trials", "search.void_trials", NULL },
	{ "search_spent_s", "search.spent_s", NULL },
	{ "search_traffic_s", "search.traffic_s", NULL },
	{ "steady_window_s", "steady.window_s", NULL },
	{ "steady_drift_ratio", "steady.drift_ratio", NULL },
	{ "steady_deviation_ratio", "steady.deviation_ratio", NULL },
	{ "steady_from_s", "steady.from_s", NULL },
	{ "cpu_baseline_busy", "cpu.baseline.busy", NULL },
	{ "cpu_net_busy", "cpu.net.busy", NULL },
	{ "cpu_packet_ns", "cpu.cost.packet_ns", NULL },
	{ "cpu_endpoints_packet_ns", "cpu.cost.endpoints_ns", NULL },
	{ "cpu_switch_packet_ns", "cpu.cost.switch_ns", NULL },
	{ "cpu_rest_packet_ns", "cpu.cost.rest_ns", NULL },
	{ "cpu_pps_per_processor", "cpu.cost.pps_per_processor", NULL },
	{ "cpu_packet_cycles", "cpu.cost.packet_cycles", NULL },
	{ "cpu_packet_instructions", "cpu.cost.packet_instructions", NULL },
	{ "cpu_energy_joules", "cpu.energy.joules", NULL },
	{ "cpu_packet_nj", "cpu.cost.packet_nj", NULL },
	{ "tx_offered_bps", "tx.offered_bps", NULL },
	{ "rx_flows_seen", "rx.flows.seen", NULL },
	{ "rx_flows_least", "rx.flows.least", NULL },
	{ "rx_flows_most", "rx.flows.most", NULL },
	{ "hops_in", HOPS "in", NULL },
	{ "hops_refused", HOPS "refused", NULL },
	{ "hops_lost_before", HOPS "lost_before", NULL },
	{ "hops_busy", HOPS "busy", NULL },
	{ "hops_packet_ns", HOPS "packet_ns", NULL },
	{ "hop_packet_ns", NULL, trial_hop_cost },
	{ "one_way_stddev_ns", "latency.one_way_ns.stddev", NULL },
	{ "round_trip_stddev_ns", "latency.round_trip_ns.stddev", NULL },
	{ "cpu_processes_busy", NULL, trial_processes_busy },
};

/*
 * Control characters, and those that reorder or hide text, become spaces: a foreign record may not drive the terminal.
 * A text that a spreadsheet would take for a formula gets an apostrophe in front.
 */
static void csv_text(FILE *out, const char *text)
{
	bool formula = *text && strchr("=+-@", *text);
	bool quote = strpbrk(text, ",\"") || *text == ' ';

	if (quote)
		fputc('"', out);
	if (formula)
		fputc('\'', out);
	while (*text) {
		uint32_t c;
		size_t length = utf8_decode(text, &c);

		if (*text == '"')
			fputc('"', out);
		if (length && utf8_is_safe(c))
			fwrite(text, 1, length, out);
		else
			fputc(' ', out);
		text += length ? length : 1;
	}
	if (quote)
		fputc('"', out);
}

void csv_number(FILE *out, double number)
{
	if (isfinite(number))
		fprintf(out, "%.12g", number);
}

static void csv_flags(FILE *out, const json_t *flags)
{
	char text[512] = "";

	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		text_append(text, sizeof(text), "%s%s", *text ? " " : "", flag ? flag : "?");
	}
	csv_text(out, text);
}

void csv_value(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		csv_text(out, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		csv_number(out, json_real_value(value));
	else if (json_is_array(value))
		csv_flags(out, value);
}

/* A figure of each hop, with spaces between. */
static void csv_hops(FILE *out, const json_t *hops, const char *figure)
{
	for (size_t i = 0; i < json_array_size(hops); i++) {
		if (i)
			fputc(' ', out);
		csv_number(out, trial_number(json_array_get(hops, i), figure));
	}
}

static void csv_header(FILE *out)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		fprintf(out, "%s%s", p ? "," : "", parameter_table[p].name);
	for (size_t c = 0; c < sizeof(columns) / sizeof(*columns); c++)
		fprintf(out, ",%s", columns[c].name);
	fputs("\r\n", out);
}

static void csv_row(FILE *out, const json_t *trial)
{
	json_t *test = test_complete(json_object_get(trial, "test"));

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (p)
			fputc(',', out);
		csv_value(out, json_object_get(test, parameter_table[p].name));
	}
	for (size_t c = 0; c < sizeof(columns) / sizeof(*columns); c++) {
		fputc(',', out);
		if (columns[c].computed)
			csv_number(out, columns[c].computed(trial));
		else if (!strncmp(columns[c].path, HOPS, strlen(HOPS)))
			csv_hops(out, trial_value(trial, "hops"), columns[c].path + strlen(HOPS));
		else
			csv_value(out, trial_value(trial, columns[c].path));
	}
	fputs("\r\n", out);
	json_decref(test);
}

int report_csv(FILE *out, const struct record_view *view, struct error *err)
{
	csv_header(out);
	for (size_t i = 0; i < view->count; i++)
		csv_row(out, view->trials[i]);
	return report_finish(out, err);
}
