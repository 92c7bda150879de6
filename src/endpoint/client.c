/* SPDX-License-Identifier: Apache-2.0 */
/* Client: endpoint/client.h on one port, whose server is another endpoint. */
#include "endpoint/client.h"

static uint64_t client_look(void *context)
{
	struct client *client = context;

	return sink_take(&client->sink) ? client->sink.heard_ns : job_now(client->sink.job);
}

static void client_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	const struct client *client = context;

	if (now_ns != client->sink.heard_ns)
		job_idle(client->sink.job, now_ns, due_ns);
}

static void client_refused(void *context, uint64_t now_ns)
{
	client_idle(context, client_look(context), UINT64_MAX);
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
