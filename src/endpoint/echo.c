/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Echo: a client on the first port and its server on the second one, in one thread. So a round trip takes two
 * processors, that of this thread and that of the switch, and not three.
 */
#include "endpoint/client.h"
#include "endpoint/server.h"

struct echo {
	struct client client;
	struct server server;
	bool idle; /* nothing came at either port */
};

/* The server's port takes nothing: what waits for the client may be why. */
static void echo_server_refused(void *context, uint64_t now_ns)
{
	struct echo *echo = context;

	if (!sink_take(&echo->client.sink))
		job_idle(echo->server.job, now_ns, UINT64_MAX);
}

static uint64_t echo_take(struct echo *echo)
{
	uint64_t now_ns;
	uint32_t n = server_burst(&echo->server, &now_ns, echo_server_refused, echo);

	if (sink_take(&echo->client.sink)) {
		echo->idle = false;
		return echo->client.sink.heard_ns;
	}
	echo->idle = !n;
	return now_ns;
}

static uint64_t echo_look(void *context)
{
	struct echo *echo = context;

	return client_background_send(&echo->client, echo_take(echo));
}

static void echo_idle(void *context, uint64_t now_ns, uint64_t due_ns)
{
	const struct echo *echo = context;

	if (echo->idle)
		job_idle(echo->server.job, now_ns, due_ns);
}

static void echo_refused(void *context, uint64_t now_ns)
{
	echo_idle(context, echo_take(context), UINT64_MAX);
}

static const struct source_hooks echo_hooks = { .look = echo_look, .idle = echo_idle, .refused = echo_refused,
	.look_always = true };

void echo_run(struct job *job)
{
	struct echo echo = { .idle = true };

	/* In this order: the client's sink is the one that accounts. */
	server_begin(&echo.server, job, job->rx);
	source_begin(&echo.client.source, job);
	sink_begin(&echo.client.sink, job, job->tx);
	client_work(&echo.client, &echo_hooks, &echo);
	job->result->background_received = echo.server.background;
}
