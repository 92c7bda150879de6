/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint_nodes.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>

#define HEAR_MS 15000

void node_start(struct node *node, const char *program, int netns, unsigned number, unsigned ports)
{
	struct control_open *open = &node->open;

	signal(SIGPIPE, SIG_IGN);
	memset(node, 0, sizeof(*node));
	node->end.program = program;
	node->end.netns = netns;
	node->end.interface = "a node";
	open->port_count = ports;
	for (unsigned i = 0; i < ports; i++)
		wire_address_make(&open->ports[i].local, 2 * number + i);
	open->processor = -1;
	open->yield = true;
	open->rx_flows = 1;
	open->max_frame = BENCH_MTU + WIRE_ETHERNET_LEN;
	open->max_burst = 64;
	clock_scale_monotonic(&open->clock);
	bench_start(&node->end);
}

void node_stop(struct node *node)
{
	const struct control_message quit = { .type = CONTROL_QUIT };

	control_result_free(node->result);
	node->result = NULL;
	if (!node->end.pid)
		return;
	bench_say(&node->end, &quit);
	assert_int_equal(bench_wait(&node->end, HEAR_MS), 0);
}

void nodes_link(struct node *a, unsigned pa, struct node *b, unsigned pb)
{
	a->open.ports[pa].peer = b->open.ports[pb].local;
	b->open.ports[pb].peer = a->open.ports[pa].local;
}

void nodes_stream(struct node *a, struct node *b, uint16_t stream)
{
	struct control_port *from = &a->open.ports[0], *to = &b->open.ports[b->open.port_count - 1];

	a->open.stream = b->open.rx_stream = stream;
	from->peer.ip = to->local.ip;
	to->peer.ip = from->local.ip;
}

void nodes_open(struct node *const *nodes, unsigned count, const char *io)
{
	for (unsigned i = 0; i < count; i++) {
		struct control_message message = { .type = CONTROL_OPEN };

		strcpy(nodes[i]->open.io, io);
		message.open = nodes[i]->open;
		bench_say(&nodes[i]->end, &message);
	}
	for (unsigned i = 0; i < count; i++) {
		struct control_message message;

		bench_hear(&nodes[i]->end, HEAR_MS, &message);
		if (message.type == CONTROL_ERROR)
			fail_msg("node %u: %s", i, message.error.error.cause);
		assert_int_equal(message.type, CONTROL_READY);
		assert_string_equal(json_string_value(json_object_get(message.effective, "io")), io);
		assert_int_equal(json_is_object(json_object_get(message.effective, "second_port")),
				 nodes[i]->open.port_count == 2);
		control_free(&message);
	}
}

void node_expect_error(struct node *node, const struct control_message *message, int code, const char *word)
{
	struct control_message answer;

	bench_say(&node->end, message);
	bench_hear(&node->end, HEAR_MS, &answer);
	if (answer.type != CONTROL_ERROR)
		fail_msg("no error that speaks of '%s'", word);
	assert_int_equal(answer.error.error.code, code);
	if (!strstr(answer.error.error.cause, word))
		fail_msg("'%s' does not speak of '%s'", answer.error.error.cause, word);
	control_free(&answer);
}

struct control_start nodes_trial(uint32_t size, uint32_t burst, double rate, unsigned duration_ms)
{
	return (struct control_start){ .test = NODES_TEST, .warmup_test = NODES_WARMUP_TEST,
		.warmup_ns = 30000000, .duration_ns = duration_ms * UINT64_C(1000000), .drain_ns = 500000000,
		.size_count = 1, .sizes = { { size, 1 } }, .burst = burst, .rate = rate, .flows = 1 };
}

void nodes_launch(struct node *const *nodes, unsigned count, struct control_start *start, unsigned lead_ms)
{
	struct control_message message = { .type = CONTROL_START };

	start->start_ns = clock_monotonic_ns() + lead_ms * UINT64_C(1000000);
	message.start = *start;
	for (unsigned i = 0; i < count; i++) {
		nodes[i]->sent = UINT64_MAX;
		bench_say(&nodes[i]->end, &message);
	}
}

void node_hear(struct node *node)
{
	struct control_message message;

	do {
		bench_hear(&node->end, HEAR_MS, &message);
		node->samples += message.type == CONTROL_SAMPLE;
	} while (message.type == CONTROL_SAMPLE);
	if (message.type == CONTROL_ERROR)
		fail_msg("%s", message.error.error.cause);
	if (message.type == CONTROL_SENT) {
		assert_int_equal(node->sent, UINT64_MAX);
		node->sent = message.sent.packets;
		return;
	}
	assert_int_equal(message.type, CONTROL_RESULT);
	control_result_free(node->result);
	node->result = message.result;
}

void node_say_stop(struct node *node, uint64_t sent)
{
	const struct control_message stop = { .type = CONTROL_STOP, .stop.sent = sent };

	bench_say(&node->end, &stop);
}

void nodes_forget(struct node *const *nodes, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		control_result_free(nodes[i]->result);
		nodes[i]->result = NULL;
	}
}
