/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "endpoint/endpoint.h"
#include "endpoint/trial.h"

/* In the order of enum control_role. */
static void (*const roles[])(struct trial *trial) = {
	[ROLE_SENDER] = sender_run,
	[ROLE_RECEIVER] = receiver_run,
	[ROLE_CLIENT] = client_run,
	[ROLE_SERVER] = server_run,
};

static int start_check(const struct endpoint *endpoint, const struct control_start *start, struct error *err)
{
	const struct control_open *config = &endpoint->config;

	if (!endpoint->io)
		return error_set(err, EPROTO, NULL, "start without a port that is open");
	if (start->burst > config->max_burst)
		return error_set(err, EINVAL, NULL,
				 "the port was opened for bursts of up to %u packets, not %u",
				 config->max_burst, start->burst);
	if (start->sizes[0].size < endpoint->io->ops->min_frame || start->sizes[0].size > config->max_frame)
		return error_set(err, EINVAL, NULL,
				 "the port was opened for frames of %u to %u bytes, not %u",
				 endpoint->io->ops->min_frame, config->max_frame, start->sizes[0].size);
	return 0;
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
	struct trial trial;

	if (start_check(endpoint, start, &failure))
		return say_error(endpoint, &failure, err);
	trial_begin(&trial, endpoint, start);
	roles[endpoint->config.role](&trial);
	trial_end(&trial);
	switch (trial.state) {
	case TRIAL_BROKEN:
		*err = trial.error;
		return -trial.error.code;
	case TRIAL_QUIT:
		*quit = true;
		return 0;
	case TRIAL_FAILED:
		endpoint_close(endpoint);
		return say_error(endpoint, &trial.error, err);
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
