/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/trial.h"

#include <errno.h>

#define NS_PER_S UINT64_C(1000000000)
#define LOOK_NS UINT64_C(1000000)
#define STALL_NS UINT64_C(1000000)     /* late for a look by this much: something else had the processor, ... */
#define STALL_PACKET_NS UINT64_C(5000) /* ... or a burst, in which there is no look, took its time */
#define ANNOUNCE_NS (60 * NS_PER_S) /* bridges forget after 300 s */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * What lies in the port of earlier trials: announcements, which a sender never looks at, and frames that were
 * flooded. They would fill its ring, or its socket, in the end, and then be counted as dropped.
 */
static void trial_discard(struct trial *trial)
{
	struct io_packet *packets = trial->endpoint->rx_packets;
	const struct io_ops *ops = trial->io->ops;
	uint32_t n;

	while (trial_now(trial) < trial->start.start_ns &&
	       (n = ops->rx_burst(trial->io, packets, trial->start.burst)))
		ops->rx_release(trial->io, packets, n);
}

void trial_begin(struct trial *trial, struct endpoint *endpoint, const struct control_start *start)
{
	uint64_t now_ns;

	*trial = (struct trial){ .endpoint = endpoint, .io = endpoint->io, .clock = &endpoint->config.clock,
		.start = *start, .result = &endpoint->result, .stop_sent = UINT64_MAX,
		.begin_ns = start->start_ns + start->warmup_ns };
	trial->end_ns = trial->begin_ns + start->duration_ns;
	endpoint->rx = (struct control_rx){ 0 };
	*trial->result = (struct control_result){ .role = endpoint->config.role, .rx_count = 1,
		.rx = &endpoint->rx };
	histogram_reset(&endpoint->rx.latency);
	account_reset(&endpoint->account);
	trial_discard(trial);
	trial->io->ops->stats(trial->io, &trial->stats_before);
	endpoint_announce(endpoint);

	now_ns = trial_now(trial);
	trial->look_ns = now_ns;
	trial->announce_ns = now_ns + ANNOUNCE_NS;
	if (now_ns > start->start_ns)
		trial->result->late_start_ns = now_ns - start->start_ns;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

static void cpu_begin(struct trial *trial, uint64_t now_ns)
{
	getrusage(RUSAGE_THREAD, &trial->cpu_before);
	trial->cpu_begin_ns = now_ns;
}

static void cpu_end(struct trial *trial, uint64_t now_ns)
{
	const struct rusage *before = &trial->cpu_before;
	struct control_result *result = trial->result;
	struct rusage after;

	getrusage(RUSAGE_THREAD, &after);
	trial->cpu_end_ns = now_ns;
	result->cpu_user_s = seconds(&after.ru_utime) - seconds(&before->ru_utime);
	result->cpu_system_s = seconds(&after.ru_stime) - seconds(&before->ru_stime);
	result->cpu_window_ns = now_ns - trial->cpu_begin_ns;
	result->switches_voluntary = (uint64_t)(after.ru_nvcsw - before->ru_nvcsw);
	result->switches_involuntary = (uint64_t)(after.ru_nivcsw - before->ru_nivcsw);
}

static uint64_t counter(const uint64_t *packets)
{
	return packets ? *packets : 0;
}

/* End of the second that the next sample tells of. */
static uint64_t sample_due(const struct trial *trial)
{
	uint64_t due_ns = trial->begin_ns + (trial->sampled.second + 1) * NS_PER_S;

	return due_ns <= trial->end_ns ? due_ns : UINT64_MAX;
}

static void trial_sample(struct trial *trial)
{
	struct control_sample now = {
		.second = trial->sampled.second + 1,
		.tx_packets = counter(trial->tx_packets),
		.rx_packets = counter(trial->rx_packets),
	};
	struct control_sample sample = {
		.second = now.second,
		.tx_packets = now.tx_packets - trial->sampled.tx_packets,
		.rx_packets = now.rx_packets - trial->sampled.rx_packets,
	};

	trial->sampled = now;
	if (channel_say_sample(&trial->endpoint->channel, &sample, &trial->error))
		trial->state = TRIAL_BROKEN;
}

static void trial_hear(struct trial *trial)
{
	struct channel *channel = &trial->endpoint->channel;
	struct control_message message;
	int ret = channel_hear(channel, 0, &message, &trial->error);

	if (ret < 0) {
		trial->state = TRIAL_BROKEN;
	} else if (ret == 0) {
		if (channel->ended)
			trial->state = TRIAL_QUIT;
	} else {
		if (message.type == CONTROL_QUIT) {
			trial->state = TRIAL_QUIT;
		} else if (message.type == CONTROL_STOP) {
			trial->stop_sent = message.stop.sent;
			if (trial->state < TRIAL_STOPPED)
				trial->state = TRIAL_STOPPED;
		} else {
			error_set(&trial->error, EPROTO, NULL,
				  "only stop and quit are understood during a trial");
			trial->state = TRIAL_BROKEN;
		}
		control_free(&message);
	}
}

/* Of wall_ns, what this thread did not run. */
static uint64_t time_away(const struct rusage *before, const struct rusage *after, uint64_t wall_ns)
{
	double ran_s = seconds(&after->ru_utime) - seconds(&before->ru_utime) +
		       seconds(&after->ru_stime) - seconds(&before->ru_stime);
	double away_ns = (double)wall_ns - ran_s * 1e9;

	return away_ns > 0 ? (uint64_t)away_ns : 0;
}

/*
 * Time in the measured window for which this loop stood still. It comes by far more often than looks are due,
 * but for bursts of many packets: there, a delay that may be the burst's own work counts only if another
 * thread has run, and only what the thread was away. (That alone would not do: the kernel may count
 * interrupts as time away, and knows nothing of a hypervisor.)
 */
static void trial_note_stall(struct trial *trial, uint64_t now_ns)
{
	uint64_t since_ns = later(trial->look_ns, trial->begin_ns);
	uint64_t until_ns = now_ns < trial->end_ns ? now_ns : trial->end_ns;
	struct rusage before = trial->looked;
	uint64_t late_ns, away_ns;

	getrusage(RUSAGE_THREAD, &trial->looked);
	if (until_ns < since_ns + STALL_NS)
		return;
	late_ns = until_ns - since_ns;
	if (late_ns < STALL_NS + trial->start.burst * STALL_PACKET_NS) {
		if (trial->looked.ru_nivcsw == before.ru_nivcsw)
			return;
		away_ns = time_away(&before, &trial->looked, now_ns - trial->looked_ns);
		late_ns = away_ns < late_ns ? away_ns : late_ns;
	}
	trial->result->stalled_ns += late_ns;
	trial->result->stall_max_ns = later(trial->result->stall_max_ns, late_ns);
}

static uint64_t next_look(const struct trial *trial, uint64_t now_ns)
{
	uint64_t next_ns = now_ns + LOOK_NS;

	if (!trial->cpu_begin_ns && trial->begin_ns < next_ns)
		next_ns = trial->begin_ns;
	if (!trial->cpu_end_ns && trial->end_ns < next_ns)
		next_ns = trial->end_ns;
	if (sample_due(trial) < next_ns)
		next_ns = sample_due(trial);
	return later(next_ns, now_ns + 1);
}

__attribute__((noinline, cold)) enum trial_state trial_look(struct trial *trial, uint64_t now_ns)
{
	trial_note_stall(trial, now_ns);
	if (!trial->cpu_begin_ns && now_ns >= trial->begin_ns)
		cpu_begin(trial, now_ns);
	while (now_ns >= sample_due(trial) && trial->state < TRIAL_BROKEN)
		trial_sample(trial);
	if (!trial->cpu_end_ns && now_ns >= trial->end_ns)
		cpu_end(trial, now_ns);
	if (trial->io->failure.code && trial->state < TRIAL_FAILED) {
		trial->error = trial->io->failure;
		trial->state = TRIAL_FAILED;
	}
	/* A sender and a client are heard of anyway, and their buffers are in use. */
	if (now_ns >= trial->announce_ns && (trial->endpoint->config.role == ROLE_RECEIVER ||
					     trial->endpoint->config.role == ROLE_SERVER)) {
		endpoint_announce(trial->endpoint);
		trial->announce_ns = now_ns + ANNOUNCE_NS;
	}
	if (trial->state < TRIAL_FAILED)
		trial_hear(trial);
	trial->look_ns = next_look(trial, now_ns);
	trial->looked_ns = now_ns;
	return trial->state;
}

void trial_end(struct trial *trial)
{
	struct control_result *result = trial->result;
	uint64_t now_ns = trial_now(trial);
	struct io_stats stats;

	trial_look(trial, now_ns);
	if (!trial->cpu_begin_ns)
		cpu_begin(trial, now_ns);
	if (!trial->cpu_end_ns)
		cpu_end(trial, now_ns);
	trial->io->ops->stats(trial->io, &stats);
	result->tx_calls = stats.tx_calls - trial->stats_before.tx_calls;
	result->rx_calls = stats.rx_calls - trial->stats_before.rx_calls;
	result->port_dropped = stats.rx_dropped - trial->stats_before.rx_dropped;
	result->port_dropped_known = stats.rx_dropped_known;
	result->tx_bytes = result->tx_packets * trial->start.sizes[0].size;
}

void trial_inspector(struct trial *trial, struct inspector *inspector)
{
	const struct control_open *config = &trial->endpoint->config;
	const struct control_start *start = &trial->start;
	const struct control_port *port = &config->ports[0];
	uint32_t size = start->sizes[0].size;
	bool frames = trial->io->ops->layer == IO_LAYER_FRAME;

	*inspector = (struct inspector){ .layer = trial->io->ops->layer, .mode = start->payload,
		.frame_size = size, .size = frames ? size : size - WIRE_HEADERS_LEN,
		.test = start->test, .warmup_test = start->warmup_test, .stream = config->stream,
		.verify_checksum = frames, .clock = trial->clock, .begin_ns = trial->begin_ns,
		.account = &trial->endpoint->account, .latency = &trial->endpoint->rx.latency };
	envelope_make(&inspector->envelope, size, start->payload, &port->peer, &port->local);
	trial->rx_packets = &inspector->account->received;
}

void trial_inspector_report(struct trial *trial, const struct inspector *inspector)
{
	const struct account *account = inspector->account;
	struct control_rx *rx = &trial->endpoint->rx;

	rx->rx_packets = account->received;
	rx->rx_bytes = account->bytes;
	rx->rx_duplicated = account->duplicated;
	rx->rx_reordered = account->reordered;
	rx->rx_corrupted = account->corrupted;
	rx->rx_foreign = account->foreign;
	rx->rx_late = account->late;
	rx->rx_first_ns = inspector->first_ns;
	rx->rx_last_ns = inspector->last_ns;
	rx->clock_ahead_ns = inspector->clock_ahead_ns;
	rx->flow_min = rx->flow_max = account->received;
	rx->flows_seen = account->received > 0;
}
