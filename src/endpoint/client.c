/* SPDX-License-Identifier: Apache-2.0 */
/* Client: endpoint/client.h on one port, whose server is another endpoint. */
#include "endpoint/client.h"

void client_background_begin(struct client *client)
{
	struct client_background *background = &client->background;
	struct source *source = &client->source;
	struct endpoint *endpoint = source->job->endpoint;
	const struct control_start *start = &source->job->start;
	const struct control_port *port = &endpoint->config.ports[0];

	*background = (struct client_background){ .on = start->background > 0 };
	if (!background->on)
		return;
	/* The headers that are in a buffer are the same for both. */
	generator_begin(&background->generator, source->io->ops->layer, start, endpoint->config.stream, &port->local,
			&port->peer, source->job->tx->prepared, &endpoint->generator_mixed);
	generator_enter(&background->generator, start->background_test);
	pacing_begin(&background->pacing, start->start_ns, start->background, start->burst);
}

static uint64_t client_take(struct client *client)
{
	return sink_take(&client->sink) ? client->sink.heard_ns : job_now(client->sink.job);
}

static uint64_t client_look(void *context)
{
	struct client *client = context;

	return client_background_send(client, client_take(client));
}

static void client_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	const struct client *client = context;

	if (now_ns != client->sink.heard_ns)
		job_idle(client->sink.job, now_ns, due_ns);
}

static void client_refused(void *context, uint64_t now_ns)
{
	client_idle(context, client_take(context), UINT64_MAX);
}

static const struct source_hooks client_hooks = { .look = client_look, .idle = client_idle,
	.refused = client_refused };

void client_run(struct job *job)
{
	struct client client;

	source_begin(&client.source, job);
	sink_begin(&client.sink, job, job->rx);
	client_work(&client, &client_hooks, &client);
}
