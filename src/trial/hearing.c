/* SPDX-License-Identifier: Apache-2.0 */
/* While a trial runs: what its endpoints say, and what they are told in return. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial/running.h"

#define NS_PER_S UINT64_C(1000000000)

static int running_stop(struct running *r, unsigned who, uint64_t sent, struct error *err)
{
	struct control_message message = { .type = CONTROL_STOP, .stop.sent = sent };

	r->answers[who].stopped = true;
	return conversation_say(&r->driver->conversation, who, &message, err);
}

/* Of the flows that a node receives: how many packets were sent; false until all of them are over. */
static bool running_sent(const struct running *r, const struct topology_node *node, uint64_t *sent)
{
	const struct topology *topology = &r->driver->conversation.testbed->topology;

	*sent = 0;
	for (unsigned i = 0; i < node->receive_count; i++) {
		unsigned from = topology->flows[(unsigned)node->receives + i].from;
		const struct answer *source = &r->answers[topology->ports[from].node];

		if (!source->sent_known)
			return false;
		*sent += source->sent;
	}
	return node->receive_count;
}

static bool running_ends_answered(const struct running *r)
{
	const struct topology *topology = &r->driver->conversation.testbed->topology;

	for (unsigned who = 0; who < topology->node_count; who++)
		if (topology->nodes[who].part != TOPOLOGY_FORWARDER && !r->answers[who].result)
			return false;
	return true;
}

/*
 * Who sends is done by himself. Who receives waits to hear how much was sent to him; forwarders, until nobody waits
 * for a packet any more.
 */
static int running_stop_waiting(struct running *r, struct error *err)
{
	const struct topology *topology = &r->driver->conversation.testbed->topology;
	bool answered = running_ends_answered(r);
	int result = 0;

	for (unsigned who = 0; who < topology->node_count && !result; who++) {
		const struct topology_node *node = &topology->nodes[who];
		uint64_t sent = UINT64_MAX;

		if (r->answers[who].stopped || r->answers[who].result)
			continue;
		if (node->part == TOPOLOGY_FORWARDER ? answered :
		    node->part != TOPOLOGY_LOOPED && running_sent(r, node, &sent))
			result = running_stop(r, who, sent, err);
	}
	return result;
}

static bool role_sends(enum control_role role)
{
	return role != ROLE_RECEIVER && role != ROLE_SERVER && role != ROLE_FORWARDER;
}

static bool role_receives(enum control_role role)
{
	return role != ROLE_SENDER && role != ROLE_SERVER && role != ROLE_FORWARDER;
}

static void running_observe(struct running *r, unsigned who, const struct control_sample *sample)
{
	enum control_role role = r->driver->conversation.speakers[who].role;
	double elapsed = (double)(clock_monotonic_ns() - running_begin(r)) / 1e9;
	double total = (double)(r->start.warmup_ns + r->start.duration_ns) / 1e9;

	if (role_sends(role))
		r->second_tx += sample->tx_packets;
	if (role_receives(role))
		r->second_rx += sample->rx_packets;
	if (++r->second_count < r->driver->conversation.count)
		return;
	if (r->observer && r->observer->second)
		r->observer->second(r->observer->context, elapsed, total, (double)r->second_tx, (double)r->second_rx);
	r->second_tx = r->second_rx = r->second_count = 0;
}

/* Of a second that the window has. */
static int running_note_sample(struct running *r, unsigned who, const struct control_sample *sample,
			       struct error *err)
{
	struct answer *answer = &r->answers[who];
	struct control_sample *samples;

	if (sample->second > r->start.duration_ns / NS_PER_S)
		return conversation_unasked(&r->driver->conversation, who, err);
	if (sample->second > answer->sample_count) {
		samples = realloc(answer->samples, sample->second * sizeof(*samples));
		if (!samples)
			return error_errno(err, ENOMEM, NULL, "cannot keep the samples");
		memset(samples + answer->sample_count, 0,
		       (sample->second - answer->sample_count) * sizeof(*samples));
		answer->samples = samples;
		answer->sample_count = sample->second;
	}
	answer->samples[sample->second - 1] = *sample;
	running_observe(r, who, sample);
	return 0;
}

/* That its own sending is over is said by who then goes on receiving; of the others their results say it. */
static int running_note_sent(struct running *r, unsigned who, uint64_t packets, struct error *err)
{
	const struct topology_node *node = &r->driver->conversation.testbed->topology.nodes[who];
	struct answer *answer = &r->answers[who];

	if (node->part != TOPOLOGY_EXCHANGE || answer->sent_known)
		return conversation_unasked(&r->driver->conversation, who, err);
	answer->sent = packets;
	answer->sent_known = true;
	return running_stop_waiting(r, err);
}

/* What arrived at a forwarder it gave on or was refused. */
static bool forwards_add_up(const struct control_result *result)
{
	for (uint32_t i = 0; i < result->forward_count; i++)
		if (result->forward[i].in != result->forward[i].out + result->forward[i].refused)
			return false;
	return true;
}

static uint64_t bursts(uint64_t packets, uint64_t burst)
{
	return (packets + burst - 1) / burst;
}

/* Who sends does so for a time, and no call moves more packets than a burst. */
static bool result_is_possible(const struct running *r, const struct control_result *result)
{
	uint64_t received = 0;

	for (uint32_t i = 0; i < result->rx_count; i++)
		received += result->rx[i].rx_packets;
	return (!role_sends(result->role) || result->tx_window_ns) &&
	       bursts(result->tx_packets, role_sends(result->role) ? r->start.burst : CONTROL_BURST_MAX) <=
		       result->tx_calls &&
	       bursts(received, CONTROL_BURST_MAX) <= result->rx_calls;
}

/* Has it said what the trial needs of it? A receiver tells its senders apart, a forwarder its directions. */
static int running_check_result(const struct running *r, unsigned who, const struct control_result *result,
				struct error *err)
{
	const struct topology_node *node = &r->driver->conversation.testbed->topology.nodes[who];
	unsigned receives = node->receive_count ? node->receive_count : 1;
	unsigned forwards = node->part == TOPOLOGY_FORWARDER ? TOPOLOGY_NODE_PORTS : 0;
	const struct answer *answer = &r->answers[who];
	char name[64];

	if (answer->result)
		return conversation_unasked(&r->driver->conversation, who, err);
	conversation_name(&r->driver->conversation, who, name, sizeof(name));
	if (result->role != r->driver->conversation.speakers[who].role || result->rx_count != receives ||
	    result->forward_count != forwards)
		return error_set(err, EPROTO, NULL, "%s gave a result that is not of its role", name);
	if (!forwards_add_up(result) || (answer->sent_known && result->tx_packets != answer->sent))
		return error_set(err, EPROTO, NULL, "%s gave a result that does not add up", name);
	if (!result_is_possible(r, result))
		return error_set(err, EPROTO, NULL, "%s gave a result that cannot be: a window of zero, or more packets "
				 "than its calls could have moved", name);
	return 0;
}

static int running_note_result(struct running *r, unsigned who, struct control_message *message,
			       struct error *err)
{
	struct answer *answer = &r->answers[who];
	int result = running_check_result(r, who, message->result, err);

	if (result)
		return result;
	answer->result = message->result;
	message->result = NULL;
	r->outstanding--;
	answer->sent = answer->result->tx_packets;
	answer->sent_known = true;
	return running_stop_waiting(r, err);
}

static int running_note(struct running *r, unsigned who, struct control_message *message, struct error *err)
{
	switch (message->type) {
	case CONTROL_RESULT:
		return running_note_result(r, who, message, err);
	case CONTROL_SENT:
		return running_note_sent(r, who, message->sent.packets, err);
	case CONTROL_SAMPLE:
		return running_note_sample(r, who, &message->sample, err);
	default:
		return conversation_unasked(&r->driver->conversation, who, err);
	}
}

int running_hear(struct running *r, struct error *err)
{
	while (r->outstanding) {
		struct control_message message;
		uint64_t deadline = running_watch_cpu(r);
		unsigned who;
		int result = conversation_hear(&r->driver->conversation, deadline, r->cancel, &who, &message, err);

		if (result < 0)
			return result;
		if (result == 0 && r->end.machine_known && clock_monotonic_ns() >= running_watch_cpu(r))
			return error_set(err, ETIMEDOUT, "see the record's logs/ folder",
					 "%u endpoints gave no result %d s after the trial's end", r->outstanding,
					 (int)(ANSWER_TIMEOUT_NS / 1000000000));
		if (result == 0)
			continue;
		result = running_note(r, who, &message, err);
		control_free(&message);
		if (result < 0)
			return result;
	}
	running_watch_cpu(r);
	return 0;
}
