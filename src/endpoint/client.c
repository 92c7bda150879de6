/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client: sends bursts and measures the round trip of each packet. With a rate, bursts leave by schedule
 * whether or not replies have come (open loop); without, the next burst leaves when all replies to the last
 * have come, or none has for drain_ns (closed loop).
 */
#include "endpoint/inspector.h"
#include "endpoint/source.h"

struct client {
	struct source source;
	struct inspector inspector;
	uint64_t heard_ns; /* when the last packet arrived */
};

/* Receive one burst of replies. Returns the time after it. */
static inline uint64_t client_receive(struct client *client)
{
	struct trial *trial = client->source.trial;
	struct io_packet *packets = trial->endpoint->rx_packets;
	const struct io_ops *ops = trial->io->ops;
	uint32_t n = ops->rx_burst(trial->io, packets, trial->start.burst);

	if (!n)
		return trial_now(trial);
	inspector_account(&client->inspector, packets, n);
	client->heard_ns = clock_ticks_to_ns(trial->clock, packets[n - 1].ticks);
	ops->rx_release(trial->io, packets, n);
	return client->heard_ns;
}

static uint64_t client_wait(struct source *source, void *context, uint64_t due_ns)
{
	struct client *client = context;
	struct trial *trial = source->trial;

	for (;;) {
		uint64_t now_ns = client_receive(client);

		if (trial_attend(trial, now_ns) != TRIAL_RUNNING || now_ns >= due_ns)
			return now_ns;
		if (now_ns != client->heard_ns)
			trial_idle(trial, now_ns, due_ns);
	}
}

/* Until `replies` fresh ones have arrived, or nothing for drain_ns. */
static uint64_t client_gather(struct client *client, uint64_t replies, uint64_t now_ns)
{
	struct trial *trial = client->source.trial;

	client->heard_ns = now_ns;
	while (client->inspector.fresh < replies && now_ns - client->heard_ns < trial->start.drain_ns &&
	       trial_attend(trial, now_ns) <= TRIAL_STOPPED) {
		now_ns = client_receive(client);
		if (now_ns != client->heard_ns)
			trial_idle(trial, now_ns, UINT64_MAX);
	}
	return now_ns;
}

static void client_closed_loop(struct client *client)
{
	struct source *source = &client->source;
	struct source_phase *phase = source->phase;
	struct trial *trial = source->trial;
	uint64_t end_ns = phase->begin_ns + phase->duration_ns;
	uint64_t now_ns = client_wait(source, client, phase->begin_ns);

	phase->first_ns = now_ns;
	while (now_ns < end_ns && trial_attend(trial, now_ns) == TRIAL_RUNNING) {
		client->inspector.fresh_from = phase->sequence;
		client->inspector.fresh = 0;
		source_burst(source, now_ns, end_ns);
		client_gather(client, phase->sequence - client->inspector.fresh_from, trial_now(trial));
		now_ns = trial_now(trial);
	}
	phase->window_ns = now_ns - phase->first_ns;
}

static void client_phase(struct client *client, struct source_phase *phase)
{
	source_enter(&client->source, phase);
	client->inspector.fresh_test = phase->test;
	client->inspector.fresh_from = 0;
	client->inspector.fresh = 0;
	if (client->source.trial->start.rate > CONTROL_RATE_MAX)
		source_paced(&client->source, client_wait, client);
	else
		client_closed_loop(client);
}

/* Replies that are still under way when the window ends. */
static void client_drain(struct client *client, const struct source_phase *phase)
{
	struct account *account = client->inspector.account;
	struct trial *trial = client->source.trial;
	uint64_t arrived = account->received + account->corrupted;

	client->inspector.fresh = 0;
	client->inspector.fresh_from = 0;
	if (arrived < phase->packets)
		client_gather(client, phase->packets - arrived, trial_now(trial));
}

void client_run(struct trial *trial)
{
	struct source_phase warmup, measured;
	struct client client = { 0 };

	source_begin(&client.source, trial);
	trial_inspector(trial, &client.inspector);
	source_phase_warmup(trial, &warmup);
	source_phase_measured(trial, &measured);
	client_phase(&client, &warmup);
	if (trial->state == TRIAL_RUNNING)
		client_phase(&client, &measured);
	client_drain(&client, &measured);
	source_report(&client.source, &measured);
	trial_inspector_report(trial, &client.inspector);
}
