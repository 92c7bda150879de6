/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "endpoint/endpoint.h"
#include "endpoint/job.h"

/* In the order of enum control_role. */
static void (*const roles[])(struct job *job) = {
	[ROLE_SENDER] = sender_run,
	[ROLE_RECEIVER] = receiver_run,
	[ROLE_CLIENT] = client_run,
	[ROLE_SERVER] = server_run,
	[ROLE_FORWARDER] = forwarder_run,
	[ROLE_EXCHANGE] = exchange_run,
	[ROLE_ECHO] = echo_run,
};

static int sizes_check(const struct endpoint *endpoint, const struct control_start *start, struct error *err)
{
	uint32_t least = endpoint->ports[0].io->ops->min_frame, most = endpoint->config.max_frame;

	for (uint32_t i = 0; i < start->size_count; i++)
		if (start->sizes[i].size < least || start->sizes[i].size > most)
			return error_set(err, EINVAL, NULL,
					 "the port was opened for frames of %u to %u bytes, not %u",
					 least, most, start->sizes[i].size);
	return 0;
}

static int flows_check(const struct endpoint *endpoint, const struct control_start *start, struct error *err)
{
	const struct control_open *config = &endpoint->config;
	uint32_t streams = config->rx_flows * start->flows;

	if (start->flows > 1 && endpoint->ports[0].io->ops->layer != IO_LAYER_FRAME)
		return error_set(err, EINVAL, "choose a technique that hands over whole frames",
				 "%s cannot send %u flows: the kernel makes the headers", config->io,
				 start->flows);
	if (streams > CONTROL_STREAMS_MAX)
		return error_set(err, EINVAL, "choose fewer flows", "%u flows of %u senders are more than %u",
				 start->flows, config->rx_flows, CONTROL_STREAMS_MAX);
	if (config->stream + start->flows - 1 > UINT16_MAX || config->rx_stream + streams - 1 > UINT16_MAX ||
	    config->ports[0].local.port + start->flows - 1 > UINT16_MAX)
		return error_set(err, EINVAL, "choose fewer flows",
				 "there are no numbers for %u flows from stream %u, %u and UDP port %u",
				 start->flows, config->stream, config->rx_stream,
				 config->ports[0].local.port);
	return 0;
}

static int start_check(const struct endpoint *endpoint, const struct control_start *start, struct error *err)
{
	const struct control_open *config = &endpoint->config;
	int ret;

	if (!endpoint->ports[0].io)
		return error_set(err, EPROTO, NULL, "start without a port that is open");
	if (start->burst > config->max_burst)
		return error_set(err, EINVAL, NULL,
				 "the port was opened for bursts of up to %u packets, not %u",
				 config->max_burst, start->burst);
	ret = sizes_check(endpoint, start, err);
	return ret ? ret : flows_check(endpoint, start, err);
}

static int say_error(struct endpoint *endpoint, const struct error *error, struct error *err)
{
	struct control_message message = { .type = CONTROL_ERROR, .error.error = *error };

	return channel_say(&endpoint->channel, &message, err);
}

/* What can be repaired by another `open` is told and survived; a return value below 0 is the end. */
static int serve_open(struct endpoint *endpoint, const struct control_open *config, struct error *err)
{
	struct control_message ready = { .type = CONTROL_READY };
	struct error failure = { 0 };
	int ret;

	if (endpoint_open(endpoint, config, &failure))
		return say_error(endpoint, &failure, err);
	ready.effective = endpoint_effective(endpoint);
	ret = channel_say(&endpoint->channel, &ready, err);
	json_decref(ready.effective);
	return ret;
}

static int serve_start(struct endpoint *endpoint, const struct control_start *start, bool *quit,
		       struct error *err)
{
	struct control_message result = { .type = CONTROL_RESULT, .result = &endpoint->result };
	struct error failure = { 0 };
	struct job job;

	if (start_check(endpoint, start, &failure) || endpoint_reserve(endpoint, start, &failure))
		return say_error(endpoint, &failure, err);
	job_begin(&job, endpoint, start);
	roles[endpoint->config.role](&job);
	job_end(&job);
	switch (job.state) {
	case JOB_BROKEN:
		*err = job.error;
		return -job.error.code;
	case JOB_QUIT:
		*quit = true;
		return 0;
	case JOB_FAILED:
		endpoint_close(endpoint);
		return say_error(endpoint, &job.error, err);
	default:
		return channel_say(&endpoint->channel, &result, err);
	}
}

static int serve_message(struct endpoint *endpoint, const struct control_message *message, bool *quit,
			 struct error *err)
{
	switch (message->type) {
	case CONTROL_OPEN:
		return serve_open(endpoint, &message->open, err);
	case CONTROL_START:
		return serve_start(endpoint, &message->start, quit, err);
	case CONTROL_STOP:
		return 0; /* it crossed the result on its way */
	case CONTROL_QUIT:
		*quit = true;
		return 0;
	default:
		return error_set(err, EPROTO, NULL, "an endpoint says such messages, it is not told them");
	}
}

int endpoint_serve(struct endpoint *endpoint, struct error *err)
{
	bool quit = false;
	int ret = 0;

	while (!ret && !quit) {
		struct control_message message;

		ret = channel_hear(&endpoint->channel, -1, &message, err);
		if (ret < 0)
			break;
		if (ret == 0)
			return 0; /* end of file */
		ret = serve_message(endpoint, &message, &quit, err);
		control_free(&message);
	}
	if (ret < 0)
		say_error(endpoint, err, NULL);
	return ret;
}
