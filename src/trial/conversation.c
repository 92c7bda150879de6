/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/conversation.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure/clock.h"

#define END_MS 100          /* from the end of what an endpoint says to its own */
#define LOOK_MS 200         /* after the switch, and whether the run is cancelled, at least as often */
#define LATE_READING_NS UINT64_C(2000000000) /* once a deadline has passed, for what lies there */
#define SAY_TIMEOUT_MS 2000 /* a message is far smaller than a socket's buffer: an endpoint that blocks it has hung */

/* "the receiver of pair 2" */
void conversation_name(const struct conversation *conversation, unsigned who, char *text, size_t size)
{
	const struct speaker *speaker = &conversation->speakers[who];

	if (speaker->io[0])
		topology_name_node(&conversation->testbed->topology, who, control_role_name(speaker->role), text,
				   size);
	else
		snprintf(text, size, "endpoint %u", who);
}

int conversation_unasked(const struct conversation *conversation, unsigned who, struct error *err)
{
	char name[64];

	conversation_name(conversation, who, name, sizeof(name));
	return error_set(err, EPROTO, NULL, "%s said what it was not asked for", name);
}

/* Whose error it is, before its cause; returns its code. */
static int conversation_blame(const struct conversation *conversation, unsigned who, const char *what, struct error *err)
{
	char name[64];

	conversation_name(conversation, who, name, sizeof(name));
	return error_prefix(err, "%s%s", name, what);
}

int conversation_open(struct conversation *conversation, struct testbed *testbed, struct error *err)
{
	memset(conversation, 0, sizeof(*conversation));
	conversation->testbed = testbed;
	conversation->speakers = calloc(testbed->count, sizeof(*conversation->speakers));
	if (!conversation->speakers)
		return error_errno(err, ENOMEM, NULL, "cannot talk with %u endpoints", testbed->count);
	conversation->count = testbed->count;
	for (unsigned who = 0; who < conversation->count; who++) {
		conversation->speakers[who].endpoint = &testbed->endpoints[who];
		conversation->speakers[who].longest = CONTROL_LINE_EACH * (1 + testbed->topology.nodes[who].receive_count);
	}
	return 0;
}

void conversation_close(struct conversation *conversation)
{
	const struct control_message quit = { .type = CONTROL_QUIT };

	for (unsigned who = 0; who < conversation->count; who++) {
		struct speaker *speaker = &conversation->speakers[who];

		conversation_say(conversation, who, &quit, NULL);
		json_decref(speaker->effective);
		free(speaker->line);
	}
	free(conversation->speakers);
	memset(conversation, 0, sizeof(*conversation));
}

static int conversation_ended(struct conversation *conversation, unsigned who, struct error *err)
{
	struct process *process = &conversation->speakers[who].endpoint->process;
	char name[64], end[128];

	conversation_name(conversation, who, name, sizeof(name));
	/* Its output closes a moment before it can be reaped. */
	if (process_wait(process, END_MS))
		process_describe_end(process, end, sizeof(end));
	else
		snprintf(end, sizeof(end), "closed its output");
	return error_set(err, EPIPE, "its last words are in the record's logs/ folder", "%s %s", name, end);
}

int conversation_say(struct conversation *conversation, unsigned who, const struct control_message *message,
		     struct error *err)
{
	int fd = conversation->speakers[who].endpoint->process.socket;
	char *line = control_encode(message);
	size_t done = 0, length = line ? strlen(line) : 0;
	int result = 0;

	if (!line)
		return error_errno(err, ENOMEM, NULL, "cannot encode a message");
	while (done < length && !result) {
		ssize_t n = send(fd, line + done, length - done, MSG_NOSIGNAL);
		struct pollfd wait = { .fd = fd, .events = POLLOUT };

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && errno != EAGAIN)
			result = conversation_ended(conversation, who, err);
		else if (poll(&wait, 1, SAY_TIMEOUT_MS) == 0)
			result = error_set(err, ETIMEDOUT, NULL, "endpoint %u does not read its messages", who);
	}
	free(line);
	return result;
}

/* Take one whole line out of the speaker's buffer. 1, 0 = there is none yet, or -errno. */
static int speaker_take_line(struct speaker *speaker, struct control_message *message, struct error *err)
{
	char *end = speaker->used ? memchr(speaker->line, '\n', speaker->used) : NULL;
	size_t length;
	int result;

	if (!end)
		return 0;
	length = (size_t)(end - speaker->line) + 1;
	result = control_decode(speaker->line, length, message, err);
	speaker->used -= length;
	memmove(speaker->line, speaker->line + length, speaker->used);
	return result ? result : 1;
}

/* Read what is there; no whole line is. 1 = something, 0 = end of file, -EAGAIN, or another -errno. */
static int speaker_read(struct speaker *speaker, struct error *err)
{
	ssize_t n;

	if (speaker->used > speaker->longest)
		return error_set(err, EPROTO, NULL, "a message is longer than %zu bytes", speaker->longest);
	if (speaker->room - speaker->used < 4096) {
		size_t room = speaker->room ? speaker->room * 2 : 65536;
		char *line;

		line = realloc(speaker->line, room);
		if (!line)
			return error_errno(err, ENOMEM, NULL, "cannot read an endpoint's message");
		speaker->line = line;
		speaker->room = room;
	}
	n = read(speaker->endpoint->process.socket, speaker->line + speaker->used, speaker->room - speaker->used);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? -EAGAIN : -errno;
	speaker->used += (size_t)n;
	return n > 0;
}

/*
 * A message that is whole already. Endpoints take turns, so that one that talks a lot does not hide the
 * others.
 */
static int conversation_take(struct conversation *conversation, unsigned *who,
			     struct control_message *message, struct error *err)
{
	for (unsigned i = 0; i < conversation->count; i++) {
		unsigned turn = (conversation->next + i) % conversation->count;
		int result = speaker_take_line(&conversation->speakers[turn], message, err);

		if (result == 0)
			continue;
		*who = turn;
		conversation->next = turn + 1;
		if (result < 0)
			return conversation_blame(conversation, turn, " said something unreadable", err);
		if (message->type != CONTROL_ERROR)
			return 1;
		*err = message->error.error;
		if (!err->code)
			err->code = EPROTO;
		return conversation_blame(conversation, turn, "", err);
	}
	return 0;
}

/* Read what arrives within timeout_ms. 1 = something, 0 = nothing, or -errno. */
static int conversation_wait(struct conversation *conversation, int timeout_ms, struct error *err)
{
	struct pollfd fds[conversation->count];
	int some = 0;

	for (unsigned who = 0; who < conversation->count; who++)
		fds[who] = (struct pollfd){ .fd = conversation->speakers[who].endpoint->process.socket, .events = POLLIN };
	if (poll(fds, conversation->count, timeout_ms) <= 0)
		return 0;
	for (unsigned who = 0; who < conversation->count; who++) {
		int result;

		if (!fds[who].revents)
			continue;
		result = speaker_read(&conversation->speakers[who], err);
		if (result == -EPROTO || result == -ENOMEM)
			return conversation_blame(conversation, who, "", err);
		if (result == 0 || (result < 0 && result != -EAGAIN))
			return conversation_ended(conversation, who, err);
		some |= result > 0;
	}
	return some;
}

/*
 * Wait for more, until the deadline at most. Where it has passed, what lies there already is read all the same: it may
 * be lanebench that was late, and not the endpoint. 1 = look again, 0 = the time is over, or -errno.
 */
static int conversation_wait_until(struct conversation *conversation, uint64_t deadline_ns, struct error *err)
{
	uint64_t now = clock_monotonic_ns();
	int result;

	if (now < deadline_ns)
		conversation->late_ns = 0;
	else if (!conversation->late_ns)
		conversation->late_ns = now;
	if (conversation->late_ns && now - conversation->late_ns > LATE_READING_NS)
		return 0; /* an endpoint that never stops talking */
	/* Nothing will arrive any more: no use in waiting for what the endpoints make of that. */
	result = testbed_check(conversation->testbed, err);
	if (result)
		return result;
	if (now >= deadline_ns)
		return conversation_wait(conversation, 0, err);
	now = (deadline_ns - now) / 1000000 + 1;
	result = conversation_wait(conversation, now > LOOK_MS ? LOOK_MS : (int)now, err);
	return result < 0 ? result : 1;
}

int conversation_hear(struct conversation *conversation, uint64_t deadline_ns, const volatile int *cancel,
		      unsigned *who, struct control_message *message, struct error *err)
{
	for (;;) {
		int result = conversation_take(conversation, who, message, err);

		if (result == 0) {
			/* Ctrl-C reaches the endpoints, too: what they then say is no failure of theirs. */
			if (cancel && *cancel)
				return error_set(err, EINTR, NULL, "interrupted");
			result = conversation_wait_until(conversation, deadline_ns, err);
			if (result == 0)
				return 0;
			if (result > 0)
				continue;
		}
		if (result && cancel && *cancel) {
			if (result > 0)
				control_free(message);
			return error_set(err, EINTR, NULL, "interrupted");
		}
		if (result)
			return result;
	}
}
