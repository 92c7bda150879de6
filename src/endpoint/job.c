/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/job.h"

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
 * What lies in the ports of earlier trials: announcements, which a sender never looks at, and frames that
 * were flooded. They would fill its ring, or its socket, in the end, and then be counted as dropped.
 */
static void job_discard(struct job *job, const struct endpoint_port *port)
{
	const struct io_ops *ops = port->io->ops;
	uint32_t n;

	while (job_now(job) < job->start.start_ns &&
	       (n = ops->rx_burst(port->io, port->rx_packets, job->start.burst)))
		ops->rx_release(port->io, port->rx_packets, n);
}

static void result_begin(struct control_result *result, const struct endpoint *endpoint)
{
	*result = (struct control_result){ .role = endpoint->config.role, .rx = endpoint->rx,
		.rx_count = endpoint->config.rx_flows };
	for (uint32_t i = 0; i < result->rx_count; i++) {
		result->rx[i] = (struct control_rx){ 0 };
		histogram_reset(&result->rx[i].latency);
	}
}

void job_begin(struct job *job, struct endpoint *endpoint, const struct control_start *start)
{
	uint32_t ports = endpoint->config.port_count;
	uint64_t now_ns;

	*job = (struct job){ .endpoint = endpoint, .tx = &endpoint->ports[0],
		.rx = &endpoint->ports[ports - 1], .clock = &endpoint->config.clock, .start = *start,
		.result = &endpoint->result, .stop_sent = UINT64_MAX, .begin_ns = start->start_ns + start->warmup_ns };
	job->end_ns = job->begin_ns + start->duration_ns;
	result_begin(job->result, endpoint);
	for (uint32_t i = 0; i < ports; i++) {
		struct endpoint_port *port = &endpoint->ports[i];

		job_discard(job, port);
		port->io->ops->stats(port->io, &job->stats_before[i]);
		endpoint_announce(endpoint, port);
	}
	now_ns = job_now(job);
	job->look_ns = now_ns;
	job->announce_ns = now_ns + ANNOUNCE_NS;
	if (now_ns > start->start_ns)
		job->result->late_start_ns = now_ns - start->start_ns;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

static void cpu_begin(struct job *job, uint64_t now_ns)
{
	getrusage(RUSAGE_THREAD, &job->cpu_before);
	job->cpu_begin_ns = now_ns;
}

static void cpu_end(struct job *job, uint64_t now_ns)
{
	const struct rusage *before = &job->cpu_before;
	struct control_result *result = job->result;
	struct rusage after;

	getrusage(RUSAGE_THREAD, &after);
	job->cpu_end_ns = now_ns;
	result->cpu_user_s = seconds(&after.ru_utime) - seconds(&before->ru_utime);
	result->cpu_system_s = seconds(&after.ru_stime) - seconds(&before->ru_stime);
	result->cpu_window_ns = now_ns - job->cpu_begin_ns;
	result->switches_voluntary = (uint64_t)(after.ru_nvcsw - before->ru_nvcsw);
	result->switches_involuntary = (uint64_t)(after.ru_nivcsw - before->ru_nivcsw);
}

static uint64_t counter(const uint64_t *packets)
{
	return packets ? *packets : 0;
}

/* End of the second that the next sample tells of. */
static uint64_t sample_due(const struct job *job)
{
	uint64_t due_ns = job->begin_ns + (job->sampled.second + 1) * NS_PER_S;

	return due_ns <= job->end_ns ? due_ns : UINT64_MAX;
}

static void job_sample(struct job *job)
{
	struct control_sample now = {
		.second = job->sampled.second + 1,
		.tx_packets = counter(job->tx_packets),
		.rx_packets = counter(job->rx_packets),
	};
	struct control_sample sample = {
		.second = now.second,
		.tx_packets = now.tx_packets - job->sampled.tx_packets,
		.rx_packets = now.rx_packets - job->sampled.rx_packets,
	};

	job->sampled = now;
	if (channel_say_sample(&job->endpoint->channel, &sample, &job->error))
		job->state = JOB_BROKEN;
}

static void job_hear(struct job *job)
{
	struct channel *channel = &job->endpoint->channel;
	struct control_message message;
	int ret = channel_hear(channel, 0, &message, &job->error);

	if (ret < 0) {
		job->state = JOB_BROKEN;
	} else if (ret == 0) {
		if (channel->ended)
			job->state = JOB_QUIT;
	} else {
		if (message.type == CONTROL_QUIT) {
			job->state = JOB_QUIT;
		} else if (message.type == CONTROL_STOP) {
			job->stop_sent = message.stop.sent;
			if (job->state < JOB_STOPPED)
				job->state = JOB_STOPPED;
		} else {
			error_set(&job->error, EPROTO, NULL,
				  "only stop and quit are understood during a trial");
			job->state = JOB_BROKEN;
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
static void job_note_stall(struct job *job, uint64_t now_ns)
{
	uint64_t since_ns = later(job->look_ns, job->begin_ns);
	uint64_t until_ns = now_ns < job->end_ns ? now_ns : job->end_ns;
	struct rusage before = job->looked;
	uint64_t late_ns, away_ns;

	getrusage(RUSAGE_THREAD, &job->looked);
	if (until_ns < since_ns + STALL_NS)
		return;
	late_ns = until_ns - since_ns;
	if (late_ns < STALL_NS + job->start.burst * STALL_PACKET_NS) {
		if (job->looked.ru_nivcsw == before.ru_nivcsw)
			return;
		away_ns = time_away(&before, &job->looked, now_ns - job->looked_ns);
		late_ns = away_ns < late_ns ? away_ns : late_ns;
	}
	job->result->stalled_ns += late_ns;
	job->result->stall_max_ns = later(job->result->stall_max_ns, late_ns);
}

static uint64_t next_look(const struct job *job, uint64_t now_ns)
{
	uint64_t next_ns = now_ns + LOOK_NS;

	if (!job->cpu_begin_ns && job->begin_ns < next_ns)
		next_ns = job->begin_ns;
	if (!job->cpu_end_ns && job->end_ns < next_ns)
		next_ns = job->end_ns;
	if (sample_due(job) < next_ns)
		next_ns = sample_due(job);
	return later(next_ns, now_ns + 1);
}

static void job_note_failure(struct job *job)
{
	for (uint32_t i = 0; i < job->endpoint->config.port_count && job->state < JOB_FAILED; i++) {
		const struct io *io = job->endpoint->ports[i].io;

		if (io->failure.code) {
			job->error = io->failure;
			job->state = JOB_FAILED;
		}
	}
}

/* Ports that do not send by themselves. Of the others is heard anyway, and their buffers are in use. */
static void job_announce(struct job *job, uint64_t now_ns)
{
	const struct control_open *config = &job->endpoint->config;
	bool all = config->role == ROLE_RECEIVER || config->role == ROLE_SERVER ||
		   config->role == ROLE_FORWARDER;

	if (now_ns < job->announce_ns)
		return;
	if (all)
		endpoint_announce(job->endpoint, job->tx);
	if (job->rx != job->tx && (all || config->role == ROLE_EXCHANGE))
		endpoint_announce(job->endpoint, job->rx);
	job->announce_ns = now_ns + ANNOUNCE_NS;
}

__attribute__((noinline, cold)) enum job_state job_look(struct job *job, uint64_t now_ns)
{
	job_note_stall(job, now_ns);
	if (!job->cpu_begin_ns && now_ns >= job->begin_ns)
		cpu_begin(job, now_ns);
	while (now_ns >= sample_due(job) && job->state < JOB_BROKEN)
		job_sample(job);
	if (!job->cpu_end_ns && now_ns >= job->end_ns)
		cpu_end(job, now_ns);
	job_note_failure(job);
	job_announce(job, now_ns);
	if (job->state < JOB_FAILED)
		job_hear(job);
	job->look_ns = next_look(job, now_ns);
	job->looked_ns = now_ns;
	return job->state;
}

void job_end(struct job *job)
{
	struct control_result *result = job->result;
	uint64_t now_ns = job_now(job);

	job_look(job, now_ns);
	if (!job->cpu_begin_ns)
		cpu_begin(job, now_ns);
	if (!job->cpu_end_ns)
		cpu_end(job, now_ns);
	result->port_dropped_known = true;
	for (uint32_t i = 0; i < job->endpoint->config.port_count; i++) {
		const struct endpoint_port *port = &job->endpoint->ports[i];
		const struct io_stats *before = &job->stats_before[i];
		struct io_stats stats;

		port->io->ops->stats(port->io, &stats);
		result->tx_calls += stats.tx_calls - before->tx_calls;
		result->rx_calls += stats.rx_calls - before->rx_calls;
		result->port_dropped += stats.rx_dropped - before->rx_dropped;
		result->port_dropped_known &= stats.rx_dropped_known;
	}
}

void job_inspector(struct job *job, const struct endpoint_port *port, struct inspector *inspector)
{
	struct endpoint *endpoint = job->endpoint;
	ptrdiff_t number = port - endpoint->ports;

	inspector_begin(inspector, &(struct inspector_config){ .layer = port->io->ops->layer,
			.open = &endpoint->config, .start = &job->start,
			.port = &endpoint->config.ports[number], .accounts = endpoint->accounts,
			.rx = endpoint->rx, .mixed = &endpoint->inspector_mixed[number] });
	job->rx_packets = inspector_received(inspector);
}

