/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint program, in real network namespaces, with every technique in every role. For root. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/io/io.h"
#include "endpoint/pacing.h"
#include "endpoint_bench.h"
#include "endpoint_relay.h"
#include "testbed/host/links.h"

static int setup_path(void **state, bool middle)
{
	static struct bench bench;

	*state = NULL;
	if (!bench_privileged())
		return 0;
	bench_up(&bench, middle);
	for (unsigned i = 0; i < 2; i++)
		bench_start(&bench.end[i]);
	*state = &bench;
	return 0;
}

static int setup(void **state)
{
	return setup_path(state, false);
}

static int setup_middle(void **state)
{
	return setup_path(state, true);
}

static int teardown(void **state)
{
	if (*state)
		bench_down(*state);
	return 0;
}

static struct bench *need(void **state)
{
	if (!*state)
		skip();
	return *state;
}

static void run(struct bench *bench, const struct bench_trial *trial, struct bench_outcome *outcome)
{
	bench_launch(bench, trial, 5);
	bench_finish(bench, outcome);
}

static const struct bench_trial paced = { .role = { ROLE_SENDER, ROLE_RECEIVER }, .size = 60, .burst = 7,
	.rate = 9973, .warmup_ms = 30, .duration_ms = 150, .drain_ms = 200 };

/* The times of a trial, as far as they are the same for every trial. */
static void check_window(const struct bench_trial *trial, const struct control_result *tx)
{
	uint64_t duration_ns = trial->duration_ms * UINT64_C(1000000);

	assert_true(tx->tx_first_ns <= tx->tx_last_ns);
	assert_true(tx->tx_window_ns + 1 >= tx->tx_last_ns - tx->tx_first_ns);
	/* An unlimited sender's window begins with its first packet, which may be a scheduling slice late. */
	assert_true(tx->tx_window_ns >= (trial->rate > CONTROL_RATE_MAX ? duration_ns : duration_ns * 3 / 4));
	assert_true(tx->cpu_window_ns > 0);
	assert_true(tx->cpu_user_s + tx->cpu_system_s > 0);
	assert_int_equal(tx->tx_bytes, tx->tx_packets * trial->size);
}

static void sender_to_receiver(struct bench *bench, const struct bench_trial *trial)
{
	uint64_t expected = pacing_bursts(trial->rate, trial->burst, trial->duration_ms * UINT64_C(1000000)) *
			    trial->burst;
	struct bench_outcome outcome;
	struct control_result *tx, *rx;

	run(bench, trial, &outcome);
	tx = outcome.result[0];
	rx = outcome.result[1];
	assert_int_equal(tx->tx_packets, expected);
	assert_int_equal(rx->rx->rx_packets, expected);
	assert_int_equal(rx->rx->rx_bytes, expected * trial->size);
	assert_int_equal(rx->rx->latency.count, expected);
	assert_int_equal(rx->rx->rx_duplicated + rx->rx->rx_reordered + rx->rx->rx_late, 0);
	assert_int_equal(rx->rx->rx_corrupted + rx->rx->rx_foreign, 0);
	assert_true(rx->port_dropped_known);
	assert_int_equal(rx->port_dropped, 0);
	assert_int_equal(rx->rx->clock_ahead_ns, 0);
	assert_true(rx->rx->rx_first_ns > tx->tx_first_ns && rx->rx->rx_last_ns >= rx->rx->rx_first_ns);
	assert_true(rx->rx_calls > 0 && tx->tx_calls > 0);
	check_window(trial, tx);
	bench_outcome_free(&outcome);
}

static void every_technique_moves_every_packet(void **state)
{
	static const uint32_t sizes[] = { 60, 61, 1514 };
	struct bench *bench = need(state);

	for (const struct io_ops *const *ops = io_table; *ops; ops++) {
		struct bench_trial trial = paced;

		trial.io = (*ops)->name;
		bench_open(bench, &trial);
		for (size_t i = 0; i < 3; i++) {
			trial.size = sizes[i];
			trial.payload = i % 2 ? WIRE_PAYLOAD_HEADERS : WIRE_PAYLOAD_FULL;
			sender_to_receiver(bench, &trial);
		}
	}
}

static void unlimited_senders_account_for_all(void **state)
{
	struct bench *bench = need(state);

	for (const struct io_ops *const *ops = io_table; *ops; ops++) {
		struct bench_trial trial = paced;
		struct bench_outcome outcome;
		struct control_result *rx;

		trial.io = (*ops)->name;
		trial.rate = CONTROL_RATE_MAX;
		trial.burst = 64;
		bench_open(bench, &trial);
		run(bench, &trial, &outcome);
		rx = outcome.result[1];
		assert_true(outcome.result[0]->tx_packets > 1000);
		assert_true(rx->rx->rx_packets > 0 && rx->rx->rx_packets <= outcome.result[0]->tx_packets);
		assert_int_equal(rx->rx->rx_duplicated + rx->rx->rx_reordered, 0);
		assert_int_equal(rx->rx->rx_corrupted + rx->rx->rx_foreign, 0);
		check_window(&trial, outcome.result[0]);
		bench_outcome_free(&outcome);
	}
}

static void client_and_server(struct bench *bench, const struct bench_trial *trial)
{
	struct bench_outcome outcome;
	struct control_result *client, *server;

	run(bench, trial, &outcome);
	client = outcome.result[0];
	server = outcome.result[1];
	assert_true(client->tx_packets >= trial->burst);
	assert_int_equal(client->tx_packets % trial->burst, 0);
	assert_int_equal(client->rx->rx_packets, client->tx_packets);
	assert_int_equal(client->rx->latency.count, client->tx_packets);
	assert_int_equal(client->rx->rx_corrupted + client->rx->rx_foreign + client->rx->rx_duplicated, 0);
	assert_int_equal(server->rx->rx_packets, client->tx_packets);
	assert_int_equal(server->tx_packets, client->tx_packets);
	assert_int_equal(server->rx->rx_corrupted + server->rx->rx_foreign, 0);
	check_window(trial, client);
	bench_outcome_free(&outcome);
}

static void every_technique_goes_round(void **state)
{
	struct bench *bench = need(state);

	for (const struct io_ops *const *ops = io_table; *ops; ops++) {
		struct bench_trial trial = paced;

		trial.io = (*ops)->name;
		trial.role[0] = ROLE_CLIENT;
		trial.role[1] = ROLE_SERVER;
		bench_open(bench, &trial);
		client_and_server(bench, &trial);
		trial.size = 1500;
		trial.rate = CONTROL_RATE_MAX;
		trial.burst = 5;
		client_and_server(bench, &trial);
	}
}

/* 3000 packets, of each hundred one for each trick. */
static void tricks(struct bench *bench, const struct io_ops *ops)
{
	bool frames = ops->layer == IO_LAYER_FRAME;
	struct bench_trial trial = paced;
	struct bench_outcome outcome;
	struct control_result *rx;
	struct relay relay;
	const uint64_t each = 30;

	trial.io = ops->name;
	trial.size = 100;
	trial.burst = 4;
	trial.rate = 10000;
	trial.duration_ms = 300;
	relay_start(&relay, bench->middle, !frames);
	usleep(20000); /* the wire is there before the first packet */
	bench_open(bench, &trial);
	run(bench, &trial, &outcome);
	relay_stop(&relay);
	rx = outcome.result[1];
	assert_int_equal(outcome.result[0]->tx_packets, 100 * each);
	assert_int_equal(relay.measured, 100 * each);
	assert_int_equal(rx->rx->rx_duplicated, each);
	assert_int_equal(rx->rx->rx_reordered, each);
	/* A packet whose IP header is damaged is seen by a packet socket; for a UDP socket the kernel drops
	 * it, as it does with what goes to another port. */
	assert_int_equal(rx->rx->rx_corrupted, 3 * each + (frames ? each : 0));
	assert_int_equal(rx->rx->rx_foreign, 2 * each + (frames ? each : 0));
	assert_int_equal(rx->rx->rx_packets, 100 * each - each - 4 * each);
	assert_int_equal(rx->rx->rx_late, 0);
	assert_int_equal(rx->rx->latency.count, rx->rx->rx_packets);
	bench_outcome_free(&outcome);
}

static void tricks_on_the_path_are_accounted_exactly(void **state)
{
	struct bench *bench = need(state);

	for (const struct io_ops *const *ops = io_table; *ops; ops++)
		tricks(bench, *ops);
}

static void samples_come_each_second(void **state)
{
	struct bench *bench = need(state);
	struct bench_trial trial = paced;
	struct bench_outcome outcome;

	trial.io = "udp-mmsg";
	trial.rate = 1000;
	trial.burst = 1;
	trial.duration_ms = 2000;
	bench_open(bench, &trial);
	run(bench, &trial, &outcome);
	assert_int_equal(outcome.samples[0], 2);
	assert_int_equal(outcome.samples[1], 2);
	/* What is still to be sent, or on its way, when the last second ends is in no sample. */
	assert_in_range(outcome.sampled[0], 1900, outcome.result[0]->tx_packets);
	assert_in_range(outcome.sampled[1], 1900, 2000);
	bench_outcome_free(&outcome);
}

static void launch_long(struct bench *bench, struct bench_trial *trial, const char *io, bool latency)
{
	*trial = paced;
	trial->io = io;
	trial->role[0] = latency ? ROLE_CLIENT : ROLE_SENDER;
	trial->role[1] = latency ? ROLE_SERVER : ROLE_RECEIVER;
	trial->rate = 1000;
	trial->duration_ms = 60000;
	bench_open(bench, trial);
	bench_launch(bench, trial, 0);
	usleep(100000);
}

static void stop_ends_a_sender_early(void **state)
{
	struct control_message stop = { .type = CONTROL_STOP, .stop.sent = UINT64_MAX };
	struct bench *bench = need(state);
	struct bench_outcome outcome;
	struct bench_trial trial;
	struct control_result *tx;

	for (int latency = 0; latency < 2; latency++) {
		launch_long(bench, &trial, "raw", latency);
		bench_say(&bench->end[0], &stop);
		bench_finish(bench, &outcome);
		tx = outcome.result[0];
		assert_int_equal(outcome.result[1]->rx->rx_packets, tx->tx_packets);
		assert_true(tx->tx_packets > 0 && tx->tx_window_ns < UINT64_C(5000000000));
		assert_true((double)tx->tx_packets / (double)tx->tx_window_ns * 1e9 < 1500);
		bench_outcome_free(&outcome);
	}
	bench_say(&bench->end[0], &stop); /* crossed its result: means nothing */
	trial = paced;
	trial.io = "raw";
	bench_open(bench, &trial);
	sender_to_receiver(bench, &trial);
}

static void ends_when_lanebench_dies(void **state)
{
	struct bench *bench = need(state);
	struct bench_trial trial;

	for (int latency = 0; latency < 2; latency++) {
		launch_long(bench, &trial, "udp", latency);
		for (unsigned i = 0; i < 2; i++) {
			close(bench->end[i].channel.out);
			bench->end[i].channel.out = -1;
			assert_int_equal(bench_wait(&bench->end[i], 2000), 0);
			bench_start(&bench->end[i]);
		}
	}
}

static void quits(void **state)
{
	struct control_message quit = { .type = CONTROL_QUIT };
	struct bench *bench = need(state);
	struct bench_trial trial;

	launch_long(bench, &trial, "raw-mmsg", false);
	for (unsigned i = 0; i < 2; i++) {
		bench_say(&bench->end[i], &quit);
		assert_int_equal(bench_wait(&bench->end[i], 2000), 0);
	}
}

static void expect_error(struct bench_end *end, int code)
{
	struct control_message message;

	bench_hear(end, 5000, &message);
	assert_int_equal(message.type, CONTROL_ERROR);
	if (code)
		assert_int_equal(message.error.error.code, code);
	assert_string_not_equal(message.error.error.cause, "");
	control_free(&message);
}

static void unreadable_messages_end_it(void **state)
{
	static const char *const texts[] = {
		"hello\n",
		"{\"type\":\"open\"}\n",
		"{\"type\":\"dance\"}\n",
		"{}\n",
		"{\"type\":\"sample\",\"second\":1,\"tx_packets\":0,\"rx_packets\":0}\n",
		"\n",
	};
	struct bench *bench = need(state);
	struct bench_end *end = &bench->end[0];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(write(end->channel.out, texts[i], strlen(texts[i])),
				 (ssize_t)strlen(texts[i]));
		expect_error(end, EPROTO);
		assert_int_equal(bench_wait(end, 2000), 1);
		bench_start(end);
	}
}

static void a_wrong_message_in_mid_trial_ends_it(void **state)
{
	struct bench *bench = need(state);
	struct bench_trial trial;

	launch_long(bench, &trial, "udp-mmsg", false);
	bench_launch(bench, &trial, 0); /* a second start */
	for (unsigned i = 0; i < 2; i++) {
		expect_error(&bench->end[i], EPROTO);
		assert_int_equal(bench_wait(&bench->end[i], 2000), 1);
	}
}

static void an_open_that_cannot_be_is_survived(void **state)
{
	struct bench *bench = need(state);
	struct bench_end *end = &bench->end[0];
	struct control_message start = {
		.type = CONTROL_START,
		.start = { .test = 1, .duration_ns = 1, .size_count = 1, .sizes = { { 60, 1 } }, .flows = 1,
			   .burst = 1 },
	};
	struct control_message message = { .type = CONTROL_OPEN };
	struct control_open *open = &message.open;
	struct bench_trial trial = paced;

	bench_say(end, &start);
	expect_error(end, EPROTO); /* nothing is open */
	open->port_count = 1;
	open->rx_flows = 1;
	open->ports[0].local = end->address;
	open->ports[0].peer = bench->end[1].address;
	open->processor = -1;
	open->max_frame = 1514;
	open->max_burst = 8;
	clock_scale_monotonic(&open->clock);
	strcpy(open->io, "pigeon");
	strcpy(open->ports[0].port.address, end->interface);
	bench_say(end, &message);
	expect_error(end, EINVAL);
	for (const struct io_ops *const *ops = io_table; *ops; ops++) {
		strcpy(open->io, (*ops)->name);
		strcpy(open->ports[0].port.address, "nowhere0");
		bench_say(end, &message);
		expect_error(end, ENODEV);
		strcpy(open->ports[0].port.address, end->interface);
		open->max_frame = BENCH_MTU + WIRE_ETHERNET_LEN + 1;
		bench_say(end, &message);
		expect_error(end, EMSGSIZE);
		open->max_frame = 1514;
		open->processor = 1000000;
		bench_say(end, &message);
		expect_error(end, EINVAL);
		open->processor = -1;
	}
	trial.io = "udp"; /* and it works all the same */
	bench_open(bench, &trial);
	sender_to_receiver(bench, &trial);
}

static void a_port_that_vanishes_is_told(void **state)
{
	struct bench *bench = need(state);
	struct bench_trial trial;
	struct error err = { 0 };

	launch_long(bench, &trial, "raw-mmsg", false);
	assert_int_equal(link_delete(bench->end[0].netns, bench->end[0].interface, &err), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct control_message quit = { .type = CONTROL_QUIT };

		expect_error(&bench->end[i], 0);
		bench_say(&bench->end[i], &quit);
		assert_int_equal(bench_wait(&bench->end[i], 2000), 0);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_technique_moves_every_packet),
		CASE(unlimited_senders_account_for_all),
		CASE(every_technique_goes_round),
		cmocka_unit_test_setup_teardown(tricks_on_the_path_are_accounted_exactly, setup_middle,
						teardown),
		CASE(samples_come_each_second),
		CASE(stop_ends_a_sender_early),
		CASE(ends_when_lanebench_dies),
		CASE(quits),
		CASE(unreadable_messages_end_it),
		CASE(a_wrong_message_in_mid_trial_ends_it),
		CASE(an_open_that_cannot_be_is_survived),
		CASE(a_port_that_vanishes_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
