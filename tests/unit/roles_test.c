/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoint program in the roles that topologies other than a pair need: loops, chains, both directions,
 * several senders, flows and mixes of sizes, over real links. For root.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/io/io.h"
#include "endpoint/pacing.h"
#include "endpoint_nodes.h"
#include "network.h"

#define MS UINT64_C(1000000)
#define LEAD_MS 10

/* Nodes in a row: port 1 of each is linked to port 0 of the next. The first and the last have one port. */
#define ROW_MAX 4

struct row {
	struct node node[ROW_MAX];
	struct node *nodes[ROW_MAX];
	int netns[ROW_MAX];
	unsigned count;
};

static const char *const frame_techniques[] = { "raw", "raw-mmsg" };
#define TECHNIQUES 2

static struct row row;

static int privileged_setup(void **state)
{
	*state = bench_privileged() ? &row : NULL;
	memset(&row, 0, sizeof(row));
	return 0;
}

static void need(void **state)
{
	if (!*state)
		skip();
}

static void node_make(unsigned i, unsigned ports)
{
	row.netns[i] = bench_netns();
	row.nodes[i] = &row.node[i];
	node_start(&row.node[i], NULL, row.netns[i], i, ports);
	for (unsigned p = 0; p < ports; p++)
		snprintf(row.node[i].open.ports[p].port.address, PORT_ADDRESS_SIZE, "n%up%u", i, p);
	row.count++;
}

static void link_make(unsigned a, unsigned pa, unsigned b, unsigned pb)
{
	struct control_port *one = &row.node[a].open.ports[pa], *other = &row.node[b].open.ports[pb];

	bench_veth(&(struct link_end){ row.netns[a], one->port.address, one->local.mac },
		   &(struct link_end){ row.netns[b], other->port.address, other->local.mac });
	nodes_link(&row.node[a], pa, &row.node[b], pb);
}

static void row_make(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		node_make(i, i == 0 || i == count - 1 ? 1 : 2);
	for (unsigned i = 0; i + 1 < count; i++)
		link_make(i, row.node[i].open.port_count - 1, i + 1, 0);
}

/* One node, whose two ports are the ends of a link. */
static void loop_make(void)
{
	node_make(0, 2);
	link_make(0, 0, 0, 1);
}

static int row_end(void **state)
{
	for (unsigned i = 0; i < row.count; i++) {
		node_stop(&row.node[i]);
		close(row.netns[i]);
	}
	return 0;
}

static void roles(enum control_role first, enum control_role middle, enum control_role last)
{
	for (unsigned i = 0; i < row.count; i++)
		row.node[i].open.role = i == 0 ? first : i == row.count - 1 ? last : middle;
}

static void open_all(const char *io)
{
	nodes_open(row.nodes, row.count, io);
}

static void launch(struct control_start *start)
{
	nodes_launch(row.nodes, row.count, start, LEAD_MS);
}

static uint64_t packets_of(const struct control_start *start)
{
	return pacing_bursts(start->rate, start->burst, start->duration_ns) * start->burst;
}

/* All that came is whole, and is what was sent. */
static void expect_all(const struct control_result *tx, const struct control_rx *rx)
{
	assert_true(tx->tx_packets > 0);
	assert_int_equal(rx->rx_packets, tx->tx_packets);
	assert_int_equal(rx->rx_bytes, tx->tx_bytes);
	assert_int_equal(rx->latency.count, tx->tx_packets);
	assert_int_equal(rx->rx_duplicated + rx->rx_reordered + rx->rx_late, 0);
	assert_int_equal(rx->rx_corrupted + rx->rx_foreign, 0);
}

static void imix(struct control_start *start)
{
	start->size_count = 3;
	start->sizes[0] = (struct mix_size){ 64, 7 };
	start->sizes[1] = (struct mix_size){ 570, 4 };
	start->sizes[2] = (struct mix_size){ 1514, 1 };
}

static void loops_know_what_they_sent(void **state)
{
	need(state);
	loop_make();
	row.node[0].open.role = ROLE_EXCHANGE;
	nodes_stream(&row.node[0], &row.node[0], 7);
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		open_all(frame_techniques[t]);
		for (unsigned kind = 0; kind < 8; kind++) {
			struct control_start start = nodes_trial(61, 7, kind % 2 ? 9973 : 0, 120);
			const struct control_result *result;

			start.flows = kind & 2 ? 100 : 1;
			if (kind & 4)
				imix(&start);
			launch(&start);
			node_hear(&row.node[0]);
			result = row.node[0].result;
			assert_int_equal(row.node[0].sent, UINT64_MAX); /* nobody has to be told */
			expect_all(result, result->rx);
			assert_int_equal(result->rx->flows_seen, start.flows);
			/* Without a rate it begins with the first packet. */
			assert_true(result->tx_window_ns >= start.duration_ns * 3 / 4);
			assert_true(result->rx->rx_last_ns > result->tx_first_ns);
			assert_true(result->tx_calls && result->rx_calls && result->port_dropped_known);
			assert_true(result->tx_bias_ns > 0);
			if (kind % 2)
				assert_int_equal(result->tx_packets, packets_of(&start));
		}
	}
}

static void an_echo_is_its_own_server(void **state)
{
	need(state);
	loop_make();
	row.node[0].open.role = ROLE_ECHO;
	nodes_stream(&row.node[0], &row.node[0], 7);
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		open_all(frame_techniques[t]);
		for (unsigned kind = 0; kind < 8; kind++) {
			struct control_start start = nodes_trial(60, 5, kind % 2 ? 5000 : 0, 100);

			start.flows = kind & 2 ? 33 : 1;
			if (kind & 4)
				imix(&start);
			launch(&start);
			node_hear(&row.node[0]);
			expect_all(row.node[0].result, row.node[0].result->rx);
			assert_int_equal(row.node[0].result->tx_packets % 5, 0);
		}
	}
}

static void expect_hop(const struct control_forward *hop, uint64_t in, uint64_t out)
{
	assert_int_equal(hop->in, in);
	assert_int_equal(hop->out, out);
	assert_int_equal(hop->refused, in - out);
}

/* Sender and receiver first, whose results say what the forwarders must have had. */
static void finish_chain(void)
{
	unsigned last = row.count - 1;

	node_hear(&row.node[0]);
	if (row.node[last].open.role != ROLE_EXCHANGE)
		node_say_stop(&row.node[last], row.node[0].result->tx_packets);
	node_hear(&row.node[last]);
	for (unsigned i = 1; i < last; i++) {
		node_say_stop(&row.node[i], UINT64_MAX);
		node_hear(&row.node[i]);
		assert_int_equal(row.node[i].result->forward_count, 2);
	}
}

static void chains_hand_on_every_packet(void **state)
{
	need(state);
	row_make(4);
	roles(ROLE_SENDER, ROLE_FORWARDER, ROLE_RECEIVER);
	nodes_stream(&row.node[0], &row.node[3], 3);
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		open_all(frame_techniques[t]);
		for (unsigned kind = 0; kind < 4; kind++) {
			struct control_start start = nodes_trial(kind ? 60 : 1514, 9, 9973, 150);
			uint64_t packets = packets_of(&start);

			start.payload = kind == 1 ? WIRE_PAYLOAD_HEADERS : WIRE_PAYLOAD_FULL;
			start.flows = kind == 2 ? 64 : 1;
			if (kind == 3)
				imix(&start);
			launch(&start);
			finish_chain();
			assert_int_equal(row.node[0].result->tx_packets, packets);
			expect_all(row.node[0].result, row.node[3].result->rx);
			for (unsigned i = 1; i < 3; i++) {
				expect_hop(&row.node[i].result->forward[0], packets, packets);
				expect_hop(&row.node[i].result->forward[1], 0, 0);
				assert_int_equal(row.node[i].result->rx->rx_foreign, 0);
			}
		}
	}
}

/* At full rate, whatever is lost is lost somewhere. */
static void chains_account_for_what_they_lose(void **state)
{
	need(state);
	row_make(4);
	roles(ROLE_SENDER, ROLE_FORWARDER, ROLE_RECEIVER);
	nodes_stream(&row.node[0], &row.node[3], 3);
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		struct control_start start = nodes_trial(60, 32, CONTROL_RATE_MAX, 300);
		const struct control_rx *rx;
		uint64_t before;

		open_all(frame_techniques[t]);
		launch(&start);
		finish_chain();
		before = row.node[0].result->tx_packets;
		for (unsigned i = 1; i < 3; i++) {
			const struct control_forward *hop = &row.node[i].result->forward[0];

			assert_true(hop->in > 0 && hop->in <= before);
			assert_int_equal(hop->in, hop->out + hop->refused);
			before = hop->out;
		}
		rx = row.node[3].result->rx;
		assert_true(rx->rx_packets <= before);
		assert_int_equal(rx->rx_duplicated + rx->rx_corrupted, 0);
	}
}

static void round_trips_go_through_chains(void **state)
{
	need(state);
	row_make(4);
	roles(ROLE_CLIENT, ROLE_FORWARDER, ROLE_SERVER);
	nodes_stream(&row.node[0], &row.node[3], 3);
	nodes_stream(&row.node[3], &row.node[0], 3); /* a client gets its own */
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		open_all(frame_techniques[t]);
		for (unsigned kind = 0; kind < 4; kind++) {
			struct control_start start = nodes_trial(64, 3, kind % 2 ? 1000 : 0, 200);
			uint64_t packets;

			start.back = true;
			start.flows = kind / 2 ? 10 : 1;
			launch(&start);
			finish_chain();
			packets = row.node[0].result->tx_packets;
			expect_all(row.node[0].result, row.node[0].result->rx);
			assert_int_equal(row.node[3].result->tx_packets, packets);
			assert_int_equal(row.node[3].result->tx_bytes, row.node[0].result->tx_bytes);
			for (unsigned i = 1; i < 3; i++) {
				expect_hop(&row.node[i].result->forward[0], packets, packets);
				expect_hop(&row.node[i].result->forward[1], packets, packets);
			}
		}
	}
}

/* While it does not run, its socket keeps what comes: late, and all there. */
static void a_forwarder_that_pauses_loses_nothing(void **state)
{
	struct control_start start = nodes_trial(60, 8, 8000, 600);
	uint64_t packets = packets_of(&start);

	need(state);
	row_make(3);
	roles(ROLE_SENDER, ROLE_FORWARDER, ROLE_RECEIVER);
	nodes_stream(&row.node[0], &row.node[2], 3);
	open_all("raw-mmsg");
	launch(&start);
	usleep(200000);
	kill(row.node[1].end.pid, SIGSTOP);
	usleep(200000);
	kill(row.node[1].end.pid, SIGCONT);
	finish_chain();
	expect_all(row.node[0].result, row.node[2].result->rx);
	expect_hop(&row.node[1].result->forward[0], packets, packets);
	assert_true(row.node[1].result->stall_max_ns >= 150 * MS);
	assert_true(row.node[2].result->rx->latency.max >= 150 * MS);
}

/* Not even its socket can keep all: then the port says what it dropped, packet by packet. */
static void a_forwarder_that_pauses_long_tells_what_its_port_dropped(void **state)
{
	struct control_start start = nodes_trial(1514, 8, 20000, 800);
	const struct control_result *hop;

	need(state);
	row_make(3);
	roles(ROLE_SENDER, ROLE_FORWARDER, ROLE_RECEIVER);
	nodes_stream(&row.node[0], &row.node[2], 3);
	open_all("raw-mmsg");
	launch(&start);
	usleep(150000);
	kill(row.node[1].end.pid, SIGSTOP);
	usleep(500000);
	kill(row.node[1].end.pid, SIGCONT);
	finish_chain();
	hop = row.node[1].result;
	assert_true(hop->port_dropped > 0);
	assert_int_equal(row.node[0].result->tx_packets, hop->forward[0].in + hop->port_dropped);
	assert_int_equal(hop->forward[0].in, hop->forward[0].out + hop->forward[0].refused);
	assert_int_equal(hop->forward[0].out,
			 row.node[2].result->rx->rx_packets + row.node[2].result->port_dropped);
}

/* A forwarder hands on nothing but packets of the trial that are for it. */
static void other_frames_end_at_a_forwarder(void **state)
{
	struct control_start start = nodes_trial(60, 1, 1000, 400);
	const struct control_port *sender, *hop;
	struct wire_address elsewhere;
	uint64_t packets = packets_of(&start);
	int tap;

	need(state);
	row_make(3);
	roles(ROLE_SENDER, ROLE_FORWARDER, ROLE_RECEIVER);
	nodes_stream(&row.node[0], &row.node[2], 3);
	open_all("raw");
	sender = &row.node[0].open.ports[0];
	hop = &row.node[1].open.ports[0];
	wire_address_make(&elsewhere, 99);
	tap = network_tap(row.netns[0], sender->port.address);
	assert_true(tap >= 0);
	launch(&start);
	usleep(150000);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(network_send(tap, &sender->local, &hop->local, 0x5a)); /* another test id */
		assert_true(network_send(tap, &sender->local, &elsewhere, 0));     /* not for it */
		assert_true(network_send(tap, &sender->local, &hop->local, 0));    /* an announcement */
	}
	finish_chain();
	close(tap);
	expect_all(row.node[0].result, row.node[2].result->rx);
	expect_hop(&row.node[1].result->forward[0], packets, packets);
	assert_int_equal(row.node[1].result->rx->rx_foreign, 5);
}

static void both_directions_at_once(void **state)
{
	need(state);
	row_make(2);
	roles(ROLE_EXCHANGE, ROLE_EXCHANGE, ROLE_EXCHANGE);
	nodes_stream(&row.node[0], &row.node[1], 3);
	nodes_stream(&row.node[1], &row.node[0], 503);
	for (unsigned t = 0; t < TECHNIQUES; t++) {
		open_all(frame_techniques[t]);
		for (unsigned kind = 0; kind < 4; kind++) {
			struct control_start start = nodes_trial(60, 16, kind % 2 ? 9000 : 0, 200);

			start.flows = kind / 2 ? 500 : 1;
			launch(&start);
			for (unsigned i = 0; i < 2; i++)
				node_hear(&row.node[i]);
			for (unsigned i = 0; i < 2; i++)
				node_say_stop(&row.node[i], row.node[1 - i].sent);
			for (unsigned i = 0; i < 2; i++) {
				node_hear(&row.node[i]);
				assert_int_equal(row.node[i].result->tx_packets, row.node[i].sent);
			}
			for (unsigned i = 0; i < 2 && kind % 2; i++)
				expect_all(row.node[i].result, row.node[1 - i].result->rx);
		}
	}
}

/* Before it has said what it sent: then its result says it, and no `sent` is left to come. */
static void an_exchange_can_be_stopped_early(void **state)
{
	struct control_start start = nodes_trial(60, 4, 1000, 60000);

	need(state);
	row_make(2);
	roles(ROLE_EXCHANGE, ROLE_EXCHANGE, ROLE_EXCHANGE);
	nodes_stream(&row.node[0], &row.node[1], 3);
	nodes_stream(&row.node[1], &row.node[0], 4);
	open_all("raw");
	launch(&start);
	usleep(200000);
	for (unsigned i = 0; i < 2; i++)
		node_say_stop(&row.node[i], UINT64_MAX);
	for (unsigned i = 0; i < 2; i++) {
		node_hear(&row.node[i]);
		assert_int_equal(row.node[i].sent, UINT64_MAX);
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(row.node[i].result->rx->rx_packets, row.node[1 - i].result->tx_packets);
}

/* Three senders, at one end of a link, and the receiver that tells them apart at the other. */
static void several_senders_one_receiver(void **state)
{
	struct node *receiver = &row.node[3];
	const struct wire_address *local;

	need(state);
	node_make(0, 1);
	node_make(3, 1);
	row.nodes[1] = receiver;
	link_make(0, 0, 3, 0);
	row.count = 4;
	for (unsigned i = 1; i < 3; i++) {
		node_start(&row.node[i], NULL, row.netns[0], i, 1);
		row.node[i].open.ports[0].port = row.node[0].open.ports[0].port;
		row.netns[i] = -1;
	}
	for (unsigned i = 0; i < 4; i++)
		row.nodes[i] = &row.node[i];
	local = &receiver->open.ports[0].local;
	receiver->open.role = ROLE_RECEIVER;
	receiver->open.rx_flows = receiver->open.source_count = 3;
	receiver->open.rx_stream = 40;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct control_start start = nodes_trial(60, 4, 3000, 150);
		uint64_t sent = 0;

		start.flows = kind % 2 ? 20 : 1;
		if (kind / 2)
			imix(&start);
		for (unsigned i = 0; i < 3; i++) {
			row.node[i].open.stream = (uint16_t)(40 + i * start.flows);
			row.node[i].open.ports[0].peer = *local;
			receiver->open.sources[i] = row.node[i].open.ports[0].local;
		}
		open_all("raw-mmsg");
		launch(&start);
		for (unsigned i = 0; i < 3; i++) {
			node_hear(&row.node[i]);
			sent += row.node[i].result->tx_packets;
		}
		node_say_stop(receiver, sent);
		node_hear(receiver);
		assert_int_equal(receiver->result->rx_count, 3);
		for (unsigned i = 0; i < 3; i++) {
			expect_all(row.node[i].result, &receiver->result->rx[i]);
			assert_int_equal(receiver->result->rx[i].flows_seen, start.flows);
		}
	}
}

/* A UDP socket takes sizes and directions, too; what it cannot is said. */
static void what_sockets_without_headers_can(void **state)
{
	struct control_message message = { .type = CONTROL_START };
	struct control_start start = nodes_trial(60, 8, 5000, 150);
	struct error err = { 0 };

	need(state);
	row_make(2);
	roles(ROLE_EXCHANGE, ROLE_EXCHANGE, ROLE_EXCHANGE);
	nodes_stream(&row.node[0], &row.node[1], 3);
	nodes_stream(&row.node[1], &row.node[0], 4);
	for (unsigned i = 0; i < 2; i++) {
		const struct control_port *port = &row.node[i].open.ports[0];

		assert_int_equal(link_set_address(row.netns[i], port->port.address, &port->local, 15, &err), 0);
		assert_int_equal(link_add_neighbour(row.netns[i], port->port.address, &port->peer, &err), 0);
	}
	imix(&start);
	open_all("udp-mmsg");
	launch(&start);
	for (unsigned i = 0; i < 2; i++)
		node_hear(&row.node[i]);
	for (unsigned i = 0; i < 2; i++)
		node_say_stop(&row.node[i], row.node[1 - i].sent);
	for (unsigned i = 0; i < 2; i++)
		node_hear(&row.node[i]);
	for (unsigned i = 0; i < 2; i++)
		expect_all(row.node[i].result, row.node[1 - i].result->rx);
	message.start = start;
	message.start.flows = 2;
	node_expect_error(&row.node[0], &message, EINVAL, "kernel makes the headers");
}

static void roles_have_their_ports(void **state)
{
	struct control_message message = { .type = CONTROL_OPEN };
	struct control_open *open = &message.open;

	need(state);
	loop_make();
	*open = row.node[0].open;
	strcpy(open->io, "raw");
	for (enum control_role role = ROLE_SENDER; role <= ROLE_ECHO; role++) {
		bool two = role == ROLE_FORWARDER || role == ROLE_ECHO;

		open->role = role;
		open->port_count = two ? 1 : 2;
		if (role != ROLE_EXCHANGE)
			node_expect_error(&row.node[0], &message, EINVAL, control_role_name(role));
	}
	strcpy(open->io, "udp");
	open->role = ROLE_EXCHANGE;
	open->port_count = 2;
	node_expect_error(&row.node[0], &message, EINVAL, "headers");
	row.node[0].open.role = ROLE_EXCHANGE; /* and it works all the same */
	open_all("raw");
	message = (struct control_message){ .type = CONTROL_START, .start = nodes_trial(60, 1, 0, 10) };
	message.start.size_count = 2;
	message.start.sizes[1] = (struct mix_size){ 9000, 1 };
	node_expect_error(&row.node[0], &message, EINVAL, "9000");
	row.node[0].open.rx_stream = UINT16_MAX - 5;
	open_all("raw");
	message.start = nodes_trial(60, 1, 0, 10);
	message.start.flows = 7;
	node_expect_error(&row.node[0], &message, EINVAL, "65530");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, privileged_setup, row_end)
	const struct CMUnitTest tests[] = {
		CASE(loops_know_what_they_sent),
		CASE(an_echo_is_its_own_server),
		CASE(chains_hand_on_every_packet),
		CASE(chains_account_for_what_they_lose),
		CASE(round_trips_go_through_chains),
		CASE(a_forwarder_that_pauses_loses_nothing),
		CASE(a_forwarder_that_pauses_long_tells_what_its_port_dropped),
		CASE(other_frames_end_at_a_forwarder),
		CASE(both_directions_at_once),
		CASE(an_exchange_can_be_stopped_early),
		CASE(several_senders_one_receiver),
		CASE(what_sockets_without_headers_can),
		CASE(roles_have_their_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
