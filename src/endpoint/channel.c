/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM_LEAST (1u << 16) /* all that an endpoint is told fits */

int channel_open(struct channel *channel, int in, int out, struct error *err)
{
	*channel = (struct channel){ .in = in, .out = out, .room = ROOM_LEAST,
		.buffer = malloc(ROOM_LEAST) };
	if (!channel->buffer)
		return error_errno(err, ENOMEM, NULL, "cannot make room for messages");
	return 0;
}

void channel_close(struct channel *channel)
{
	free(channel->buffer);
	channel->buffer = NULL;
}

/* Decode the first line of the buffer, if there is a whole one, and remove it. */
static int buffer_take(struct channel *channel, struct control_message *message, struct error *err)
{
	char *end = memchr(channel->buffer + channel->searched, '\n', channel->used - channel->searched);
	size_t length;
	int ret;

	channel->searched = channel->used;
	if (!end)
		return 0;
	channel->searched = 0;
	length = (size_t)(end - channel->buffer) + 1;
	ret = control_decode(channel->buffer, length, message, err);
	channel->used -= length;
	memmove(channel->buffer, end + 1, channel->used);
	return ret < 0 ? ret : 1;
}

static int buffer_grow(struct channel *channel, struct error *err)
{
	char *buffer;

	if (channel->room == CONTROL_LINE_MAX)
		return error_set(err, EPROTO, NULL, "a message is longer than %u bytes", CONTROL_LINE_MAX);
	buffer = realloc(channel->buffer, 2 * channel->room);
	if (!buffer)
		return error_errno(err, ENOMEM, NULL, "cannot make room for messages");
	channel->buffer = buffer;
	channel->room *= 2;
	return 0;
}

/* Read what is there into the buffer. */
static int buffer_fill(struct channel *channel, struct error *err)
{
	int ret = channel->used == channel->room ? buffer_grow(channel, err) : 0;
	ssize_t n;

	if (ret)
		return ret;
	n = read(channel->in, channel->buffer + channel->used, channel->room - channel->used);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return error_errno(err, errno, NULL, "cannot read messages");
	if (n == 0)
		channel->ended = true;
	channel->used += (size_t)n;
	return 0;
}

int channel_hear(struct channel *channel, int timeout_ms, struct control_message *message, struct error *err)
{
	struct pollfd waiting = { .fd = channel->in, .events = POLLIN };
	int ret;

	while (!(ret = buffer_take(channel, message, err)) && !channel->ended) {
		ret = poll(&waiting, 1, timeout_ms);
		if (ret == 0)
			return 0;
		if (ret < 0 && errno != EINTR)
			return error_errno(err, errno, NULL, "cannot wait for messages");
		if (ret > 0) {
			ret = buffer_fill(channel, err);
			if (ret)
				return ret;
		}
	}
	return ret;
}

static int channel_write(struct channel *channel, const char *text, size_t length, struct error *err)
{
	while (length) {
		ssize_t n = write(channel->out, text, length);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd waiting = { .fd = channel->out, .events = POLLOUT };

			poll(&waiting, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return error_errno(err, errno, NULL, "cannot write messages");
		} else if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

int channel_say(struct channel *channel, const struct control_message *message, struct error *err)
{
	char *line = control_encode(message);
	int ret;

	if (!line)
		return error_errno(err, ENOMEM, NULL, "cannot write a message");
	ret = channel_write(channel, line, strlen(line), err);
	free(line);
	return ret;
}

int channel_say_sample(struct channel *channel, const struct control_sample *sample, struct error *err)
{
	char line[160]; /* what control_encode would make of it; the unit test compares */
	int length = snprintf(line, sizeof(line),
			      "{\"type\":\"sample\",\"second\":%" PRIu32 ",\"tx_packets\":%" PRIu64
			      ",\"rx_packets\":%" PRIu64 "}\n",
			      sample->second, sample->tx_packets, sample->rx_packets);

	return channel_write(channel, line, (size_t)length, err);
}
