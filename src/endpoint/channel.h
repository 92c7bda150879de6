/* SPDX-License-Identifier: Apache-2.0 */
/* The two descriptors on which an endpoint talks with lanebench: control messages, a line each. */
#ifndef LB_ENDPOINT_CHANNEL_H
#define LB_ENDPOINT_CHANNEL_H

#include "control/message.h"

struct channel {
	int in, out;
	bool ended;    /* end of file: nobody speaks to us any more */
	char *buffer;  /* what was read and is not yet a message; grows up to CONTROL_LINE_MAX */
	size_t room, used;
	size_t searched; /* of it, for the end of a line */
};

int channel_open(struct channel *channel, int in, int out, struct error *err);
void channel_close(struct channel *channel);

/*
 * The next message, waiting up to timeout_ms for it (-1 = for ever, 0 = not at all: one poll() then).
 * 1 with *message (free it with control_free), 0 = none now or none ever again (channel.ended), or -errno.
 */
int channel_hear(struct channel *channel, int timeout_ms, struct control_message *message, struct error *err);

int channel_say(struct channel *channel, const struct control_message *message, struct error *err);

/* For the middle of a trial: one write() from the stack, no memory allocated. */
int channel_say_sample(struct channel *channel, const struct control_sample *sample, struct error *err);

#endif
