/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The technique dpdk: two endpoint programs over memif, and over virtio-user with DPDK's own testpmd as the
 * switch. All without hugepages and without any privilege. Times to wait are long, rates low and rings large:
 * what counts here is packets, also on a machine that is busy.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "endpoint/pacing.h"
#include "endpoint_nodes.h"

#define RING 4096
#define MEGABYTES 96
#define SWITCH_MS 10000
#define OPEN_MS 12000

struct bed {
	struct bench bench;
	char root[64], sockets[96], log[96]; /* of sockets nothing may be left, the log is the switch's */
	pid_t sw;                            /* 0 = none */
	int sw_in;                           /* its command line */
};

static const struct bench_trial paced = { .io = "dpdk", .role = { ROLE_SENDER, ROLE_RECEIVER }, .size = 60,
	.burst = 7, .rate = 9973, .warmup_ms = 30, .duration_ms = 150, .drain_ms = 2000 };

static bool installed(const char *program)
{
	const char *path = getenv("PATH");
	char list[4096], file[4200], *save = NULL;

	snprintf(list, sizeof(list), "%s", path ? path : "");
	for (char *folder = strtok_r(list, ":", &save); folder; folder = strtok_r(NULL, ":", &save)) {
		snprintf(file, sizeof(file), "%s/%s", folder, program);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

static int setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	if (!bed)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	strcpy(bed->root, "/tmp/lanebench-dpdk-XXXXXX");
	if (!mkdtemp(bed->root))
		return -1;
	snprintf(bed->sockets, sizeof(bed->sockets), "%s/sockets", bed->root);
	snprintf(bed->log, sizeof(bed->log), "%s/log", bed->root);
	if (mkdir(bed->sockets, 0700))
		return -1;
	bed->bench.middle = -1;
	for (unsigned i = 0; i < 2; i++) {
		struct bench_end *end = &bed->bench.end[i];

		end->program = DPDK_PROGRAM;
		end->netns = -1;
		end->interface = i ? "end1" : "end0";
		end->port.ring = RING;
		end->memory.megabytes = MEGABYTES;
		wire_address_make(&end->address, i);
		bench_start(end);
	}
	*state = bed;
	return 0;
}

static void switch_stop(struct bed *bed)
{
	if (!bed->sw)
		return;
	kill(bed->sw, SIGKILL);
	waitpid(bed->sw, NULL, 0);
	close(bed->sw_in);
	bed->sw = 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;
	struct dirent *entry;
	DIR *directory;

	bench_down(&bed->bench);
	switch_stop(bed);
	directory = opendir(bed->sockets);
	while (directory && (entry = readdir(directory)))
		if (*entry->d_name != '.')
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(bed->sockets);
	unlink(bed->log);
	rmdir(bed->root);
	free(bed);
	return 0;
}

static void expect_no_sockets(const struct bed *bed)
{
	DIR *directory = opendir(bed->sockets);
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory)))
		if (*entry->d_name != '.')
			fail_msg("%s is left behind", entry->d_name);
	closedir(directory);
}

static void quit(struct bed *bed)
{
	struct control_message message = { .type = CONTROL_QUIT };

	for (unsigned i = 0; i < 2; i++) {
		bench_say(&bed->bench.end[i], &message);
		assert_int_equal(bench_wait(&bed->bench.end[i], 5000), 0);
	}
}

static void ports_memif(struct bed *bed)
{
	for (unsigned i = 0; i < 2; i++) {
		struct port *port = &bed->bench.end[i].port;

		port->kind = PORT_MEMIF;
		port->listens = i == 1;
		snprintf(port->address, sizeof(port->address), "%s/m", bed->sockets);
	}
}

/* testpmd between two sockets, at which it listens, or the endpoints do. */
static void switch_run(struct bed *bed, bool endpoints_listen, int in)
{
	int log = open(bed->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char vdev[2][160];

	for (int i = 0; i < 2; i++)
		snprintf(vdev[i], sizeof(vdev[i]), "net_vhost%d,iface=%s/p%d,client=%d", i, bed->sockets, i,
			 endpoints_listen);
	if (log < 0 || dup2(in, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(126);
	setenv("RUNTIME_DIRECTORY", "/dev/null", 1);
	execlp("dpdk-testpmd", "dpdk-testpmd", "--lcores", "(0,1)@0", "--no-pci", "--no-telemetry",
	       "--no-shconf", "--iova-mode=va", "--no-huge", "-m", "128", "--vdev", vdev[0], "--vdev",
	       vdev[1], "--", "-i", "--auto-start", "--no-flush-rx", "--no-mlockall", "--forward-mode=io",
	       "--total-num-mbufs=24576", "--rxd=1024", "--txd=1024", (char *)NULL);
	_exit(127);
}

static void switch_start(struct bed *bed, bool endpoints_listen)
{
	struct stat st;
	char path[120];
	int in[2];

	for (unsigned i = 0; i < 2; i++) {
		struct port *port = &bed->bench.end[i].port;

		port->kind = PORT_VHOST_USER;
		port->listens = endpoints_listen;
		snprintf(port->address, sizeof(port->address), "%s/p%u", bed->sockets, i);
	}
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	bed->sw = fork();
	assert_true(bed->sw >= 0);
	if (bed->sw == 0)
		switch_run(bed, endpoints_listen, in[0]);
	close(in[0]);
	bed->sw_in = in[1];
	for (int waited = 0; !endpoints_listen; waited += 10) {
		snprintf(path, sizeof(path), "%s/p1", bed->sockets);
		if (!stat(path, &st))
			break;
		assert_int_equal(waitpid(bed->sw, NULL, WNOHANG), 0);
		assert_in_range(waited, 0, SWITCH_MS);
		usleep(10000);
	}
}

/* End the switch by its own command; what it has said is put into `text`. */
static void switch_quit(struct bed *bed, char *text, size_t size)
{
	static const char command[] = "stop\nquit\n";
	size_t used = 0;
	ssize_t n;
	int log;

	assert_int_equal(write(bed->sw_in, command, sizeof(command) - 1), sizeof(command) - 1);
	assert_int_equal(waitpid(bed->sw, NULL, 0), bed->sw);
	bed->sw = 0;
	close(bed->sw_in);
	log = open(bed->log, O_RDONLY | O_CLOEXEC);
	assert_true(log >= 0);
	while (used < size - 1 && (n = read(log, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = 0;
	close(log);
}

static unsigned occurrences(const char *text, const char *word)
{
	unsigned n = 0;

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		n++;
	return n;
}

static void need_switch(void)
{
	if (installed("dpdk-testpmd"))
		return;
	print_message("dpdk-testpmd (package dpdk-dev) is not installed\n");
	skip();
}

static void run(struct bed *bed, const struct bench_trial *trial, struct bench_outcome *outcome)
{
	bench_launch(&bed->bench, trial, 20);
	bench_finish(&bed->bench, outcome);
}

static uint64_t packets_of(const struct bench_trial *trial)
{
	uint64_t duration_ns = trial->duration_ms * UINT64_C(1000000);

	return pacing_bursts(trial->rate, trial->burst, duration_ns) * trial->burst;
}

static void sender_to_receiver(struct bed *bed, const struct bench_trial *trial)
{
	struct bench_outcome outcome;
	struct control_result *rx;

	run(bed, trial, &outcome);
	rx = outcome.result[1];
	assert_int_equal(outcome.result[0]->tx_packets, packets_of(trial));
	assert_int_equal(rx->rx->rx_packets, packets_of(trial));
	assert_int_equal(rx->rx->rx_bytes, packets_of(trial) * trial->size);
	assert_int_equal(rx->rx->latency.count, packets_of(trial));
	assert_int_equal(rx->rx->rx_duplicated + rx->rx->rx_reordered + rx->rx->rx_late, 0);
	assert_int_equal(rx->rx->rx_corrupted + rx->rx->rx_foreign, 0);
	assert_int_equal(rx->rx->clock_ahead_ns, 0);
	assert_true(rx->rx_calls > 0 && outcome.result[0]->tx_calls > 0);
	bench_outcome_free(&outcome);
}

static void client_and_server(struct bed *bed, const struct bench_trial *trial)
{
	struct control_result *client, *server;
	struct bench_outcome outcome;

	run(bed, trial, &outcome);
	client = outcome.result[0];
	server = outcome.result[1];
	assert_true(client->tx_packets > 0);
	assert_int_equal(client->rx->rx_packets, client->tx_packets);
	assert_int_equal(client->rx->latency.count, client->rx->rx_packets);
	assert_int_equal(client->rx->rx_corrupted + client->rx->rx_foreign + client->rx->rx_duplicated, 0);
	assert_int_equal(server->rx->rx_packets, client->tx_packets);
	assert_int_equal(server->tx_packets, client->tx_packets);
	bench_outcome_free(&outcome);
}

/* Every size and mode, one way; then there and back, by schedule and as fast as replies come. */
static void all_ways(struct bed *bed)
{
	static const uint32_t sizes[] = { 60, 61, 64, 1514 };
	struct bench_trial trial = paced;

	bench_open(&bed->bench, &trial);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		trial.size = sizes[i];
		trial.payload = i % 2 ? WIRE_PAYLOAD_HEADERS : WIRE_PAYLOAD_FULL;
		sender_to_receiver(bed, &trial);
	}
	trial.role[0] = ROLE_CLIENT;
	trial.role[1] = ROLE_SERVER;
	trial.size = 60;
	bench_open(&bed->bench, &trial);
	client_and_server(bed, &trial);
	trial.rate = CONTROL_RATE_MAX;
	trial.burst = 5;
	trial.size = 1500;
	client_and_server(bed, &trial);
}

static void memif_moves_every_packet(void **state)
{
	struct bed *bed = *state;

	ports_memif(bed);
	all_ways(bed);
	quit(bed);
	expect_no_sockets(bed);
}

/* The sender cannot overrun a memif: it waits for room in the ring. */
static void memif_loses_nothing_at_full_rate(void **state)
{
	struct bench_trial trial = paced;
	struct bench_outcome outcome;
	struct bed *bed = *state;

	ports_memif(bed);
	trial.rate = CONTROL_RATE_MAX;
	trial.burst = 32;
	bench_open(&bed->bench, &trial);
	run(bed, &trial, &outcome);
	assert_true(outcome.result[0]->tx_packets > 10000);
	assert_int_equal(outcome.result[1]->rx->rx_packets, outcome.result[0]->tx_packets);
	assert_int_equal(outcome.result[1]->rx->rx_corrupted + outcome.result[1]->rx->rx_duplicated, 0);
	bench_outcome_free(&outcome);
}

/* Without the peer in the way, and with rings that another size of burst does not fit: all is made anew. */
static void memif_opens_again(void **state)
{
	struct bed *bed = *state;
	struct bench_trial trial = paced;

	for (int i = 0; i < 3; i++) {
		ports_memif(bed);
		snprintf(bed->bench.end[0].port.address, PORT_ADDRESS_SIZE, "%s/m%d", bed->sockets, i);
		strcpy(bed->bench.end[1].port.address, bed->bench.end[0].port.address);
		bench_open(&bed->bench, &trial);
		sender_to_receiver(bed, &trial);
	}
	quit(bed);
	expect_no_sockets(bed);
}

/* Nodes that have memifs for ports, each with a process of DPDK of its own. */
static void memif_node(struct node *node, unsigned number, unsigned ports)
{
	node_start(node, DPDK_PROGRAM, -1, number, ports);
	node->open.memory.megabytes = MEGABYTES;
}

/* b's port listens. */
static void memif_link(struct bed *bed, struct node *a, unsigned pa, struct node *b, unsigned pb,
		       unsigned number)
{
	struct port port = { .kind = PORT_MEMIF, .ring = RING };

	snprintf(port.address, sizeof(port.address), "%s/m%u", bed->sockets, number);
	a->open.ports[pa].port = port;
	port.listens = true;
	b->open.ports[pb].port = port;
	nodes_link(a, pa, b, pb);
}

static void expect_all(const struct control_result *tx, const struct control_rx *rx)
{
	assert_true(tx->tx_packets > 0);
	assert_int_equal(rx->rx_packets, tx->tx_packets);
	assert_int_equal(rx->rx_bytes, tx->tx_bytes);
	assert_int_equal(rx->latency.count, tx->tx_packets);
	assert_int_equal(rx->rx_duplicated + rx->rx_reordered + rx->rx_late, 0);
	assert_int_equal(rx->rx_corrupted + rx->rx_foreign, 0);
}

/* A switch may drop what comes at full rate. */
static void loop_run(struct node *node, enum control_role role, bool may_lose)
{
	for (unsigned kind = 0; kind < 8; kind++) {
		struct control_start start = nodes_trial(60, 7, kind % 2 ? 9973 : CONTROL_RATE_MAX, 100);

		start.drain_ns = 2000000000;
		start.flows = kind & 2 ? 40 : 1;
		if (kind & 4) {
			start.size_count = 2;
			start.sizes[1] = (struct mix_size){ 1500, 1 };
		}
		node->open.role = role;
		nodes_open(&node, 1, "dpdk");
		nodes_launch(&node, 1, &start, 20);
		node_hear(node);
		if (may_lose && role == ROLE_EXCHANGE && kind % 2 == 0) {
			assert_in_range(node->result->rx->rx_packets, 1, node->result->tx_packets);
			assert_int_equal(node->result->rx->rx_duplicated + node->result->rx->rx_corrupted, 0);
		} else {
			expect_all(node->result, node->result->rx);
		}
		assert_int_equal(node->result->rx->flows_seen, start.flows);
	}
}

/* Both ends of a link in one process, whichever of them listens; and opened again. */
static void a_memif_may_lead_back_to_where_it_starts(void **state)
{
	struct bed *bed = *state;
	struct node node;

	memif_node(&node, 0, 2);
	nodes_stream(&node, &node, 3);
	for (unsigned listens = 0; listens < 2; listens++) {
		memif_link(bed, &node, !listens, &node, listens, listens);
		loop_run(&node, ROLE_EXCHANGE, false);
		loop_run(&node, ROLE_ECHO, false);
	}
	node_stop(&node);
	expect_no_sockets(bed);
}

/* Forwarders hand on the very buffers that they received. */
static void memif_chains_hand_on_every_packet(void **state)
{
	struct bed *bed = *state;
	static struct node node[4];
	struct node *nodes[] = { &node[0], &node[1], &node[2], &node[3] };
	struct control_start start = nodes_trial(60, 7, 2999, 300);

	start.drain_ns = 3000000000;
	start.back = true;
	for (unsigned i = 0; i < 4; i++)
		memif_node(&node[i], i, i % 3 ? 2 : 1);
	for (unsigned i = 0; i < 3; i++)
		memif_link(bed, &node[i], i > 0, &node[i + 1], 0, i);
	nodes_stream(&node[0], &node[3], 9);
	nodes_stream(&node[3], &node[0], 9);
	for (unsigned latency = 0; latency < 2; latency++) {
		node[0].open.role = latency ? ROLE_CLIENT : ROLE_SENDER;
		node[1].open.role = node[2].open.role = ROLE_FORWARDER;
		node[3].open.role = latency ? ROLE_SERVER : ROLE_RECEIVER;
		nodes_open(nodes, 4, "dpdk");
		for (unsigned trial = 0; trial < 3; trial++) {
			const struct control_rx *rx;
			uint64_t packets;

			start.sizes[0].size = trial == 1 ? 1514 : 60;
			start.rate = trial == 2 ? CONTROL_RATE_MAX : 2999;
			nodes_launch(nodes, 4, &start, 20);
			node_hear(&node[0]);
			packets = node[0].result->tx_packets;
			node_say_stop(&node[3], packets);
			node_hear(&node[3]);
			for (unsigned i = 1; i < 3; i++) {
				const struct control_forward *hop;

				node_say_stop(&node[i], UINT64_MAX);
				node_hear(&node[i]);
				hop = node[i].result->forward;
				for (unsigned k = 0; k < 2; k++)
					assert_int_equal(hop[k].in, hop[k].out + hop[k].refused);
				assert_true(hop[0].in <= packets && hop[0].in > 0);
				if (trial < 2)
					assert_int_equal(hop[0].out, packets);
			}
			rx = node[latency ? 0 : 3].result->rx;
			if (trial < 2 || latency)
				expect_all(node[0].result, rx);
			/* A memif does not lose what it has taken: what is missing, a hop had refused. */
			assert_int_equal(rx->rx_packets + node[1].result->forward[0].refused +
					 node[2].result->forward[0].refused, packets);
		}
	}
	for (unsigned i = 0; i < 4; i++)
		node_stop(nodes[i]);
	expect_no_sockets(bed);
}

/* A switch between the two ports of one process; then the ports of a pair with both directions. */
static void a_loop_through_a_switch(void **state)
{
	struct bed *bed = *state;
	struct node node;

	need_switch();
	switch_start(bed, false);
	memif_node(&node, 0, 2);
	for (unsigned i = 0; i < 2; i++)
		node.open.ports[i].port = bed->bench.end[i].port;
	nodes_link(&node, 0, &node, 1);
	nodes_stream(&node, &node, 3);
	loop_run(&node, ROLE_EXCHANGE, true);
	loop_run(&node, ROLE_ECHO, true);
	node_stop(&node);
}

static void memif_takes_both_directions(void **state)
{
	struct bed *bed = *state;
	static struct node node[2];
	struct node *nodes[] = { &node[0], &node[1] };
	struct control_start start = nodes_trial(60, 16, CONTROL_RATE_MAX, 200);

	start.drain_ns = 3000000000;
	for (unsigned i = 0; i < 2; i++) {
		memif_node(&node[i], i, 1);
		node[i].open.role = ROLE_EXCHANGE;
	}
	memif_link(bed, &node[0], 0, &node[1], 0, 0);
	nodes_stream(&node[0], &node[1], 1);
	nodes_stream(&node[1], &node[0], 2);
	nodes_open(nodes, 2, "dpdk");
	for (unsigned trial = 0; trial < 2; trial++) {
		start.rate = trial ? 5000 : CONTROL_RATE_MAX;
		nodes_launch(nodes, 2, &start, 20);
		for (unsigned i = 0; i < 2; i++)
			node_hear(&node[i]);
		for (unsigned i = 0; i < 2; i++)
			node_say_stop(&node[i], node[1 - i].sent);
		for (unsigned i = 0; i < 2; i++)
			node_hear(&node[i]);
		for (unsigned i = 0; i < 2; i++)
			expect_all(node[i].result, node[1 - i].result->rx);
	}
	for (unsigned i = 0; i < 2; i++)
		node_stop(nodes[i]);
}

static void through_a_switch(struct bed *bed, bool endpoints_listen)
{
	need_switch();
	switch_start(bed, endpoints_listen);
	all_ways(bed);
	quit(bed);
	if (endpoints_listen)
		expect_no_sockets(bed);
}

static void virtio_user_moves_every_packet(void **state)
{
	through_a_switch(*state, false);
}

static void virtio_user_that_listens_moves_every_packet(void **state)
{
	through_a_switch(*state, true);
}

/* Each end is heard of when it opens, before any trial: once, at its own port of the switch. Which role comes
 * next changes nothing about the connection. */
static void ports_are_announced_and_stay(void **state)
{
	struct bench_trial trial = paced;
	struct bed *bed = *state;
	static char text[1 << 18];

	need_switch();
	switch_start(bed, false);
	bench_open(&bed->bench, &trial);
	trial.role[0] = ROLE_CLIENT;
	trial.role[1] = ROLE_SERVER;
	bench_open(&bed->bench, &trial);
	usleep(500000); /* the switch may be busy elsewhere */
	switch_quit(bed, text, sizeof(text));
	/* Two opens of two ends. (What the first one said may have found the other port not yet open.) */
	assert_int_equal(occurrences(text, "RX-packets: 2 "), 2);
	assert_int_equal(occurrences(text, "new vhost user connection"), 2);
}

static void effective_tells_what_is_there(void **state)
{
	struct bench_trial trial = paced;
	struct bed *bed = *state;
	struct control_message message;
	json_t *effective;

	need_switch();
	switch_start(bed, false);
	for (unsigned i = 0; i < 2; i++) {
		bench_open_message(&bed->bench, i, &trial, &message);
		bench_say(&bed->bench.end[i], &message);
		bench_hear(&bed->bench.end[i], OPEN_MS, &message);
		assert_int_equal(message.type, CONTROL_READY);
		effective = message.effective;
		assert_string_equal(json_string_value(json_object_get(effective, "driver")),
				    "net_virtio_user");
		assert_int_equal(json_integer_value(json_object_get(effective, "rx_ring")), RING);
		assert_int_equal(json_integer_value(json_object_get(effective, "tx_ring")), RING);
		assert_string_equal(json_string_value(json_object_get(effective, "rx_path")), "inorder");
		assert_string_equal(json_string_value(json_object_get(effective, "tx_path")), "inorder");
		assert_true(json_is_string(json_object_get(effective, "virtio_features")));
		assert_true(json_is_false(json_object_get(effective, "hugepages")));
		assert_ptr_equal(strstr(json_string_value(json_object_get(effective, "dpdk")), "DPDK "),
				 json_string_value(json_object_get(effective, "dpdk")));
		control_free(&message);
	}
}

static void say_open(struct bed *bed, unsigned end)
{
	struct control_message message;

	bench_open_message(&bed->bench, end, &paced, &message);
	bench_say(&bed->bench.end[end], &message);
}

/* The answer must be this error, and speak of `word`. */
static void hear_refusal(struct bed *bed, unsigned end, int code, const char *word)
{
	struct control_message message;

	bench_hear(&bed->bench.end[end], OPEN_MS, &message);
	assert_int_equal(message.type, CONTROL_ERROR);
	if (code)
		assert_int_equal(message.error.error.code, code);
	if (!strstr(message.error.error.cause, word))
		fail_msg("'%s' does not speak of '%s'", message.error.error.cause, word);
	assert_string_not_equal(message.error.error.remedy, "");
	control_free(&message);
}

static void expect_refusal(struct bed *bed, unsigned end, int code, const char *word)
{
	say_open(bed, end);
	hear_refusal(bed, end, code, word);
}

static int socket_make(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* None of them is the end of the endpoint. */
static void wrong_ports_are_refused(void **state)
{
	struct bed *bed = *state;
	struct port *port = &bed->bench.end[0].port, *other = &bed->bench.end[1].port;
	int fd;

	port->kind = other->kind = PORT_VHOST_USER;
	snprintf(port->address, sizeof(port->address), "%s/p", bed->sockets);
	snprintf(other->address, sizeof(other->address), "%s/q", bed->sockets);
	other->listens = true;
	other->ring = RING;
	expect_refusal(bed, 0, ENOENT, "no socket");
	port->ring = 32;
	expect_refusal(bed, 0, EINVAL, "ring of 32");
	port->ring = 1000;
	expect_refusal(bed, 0, EINVAL, "ring of 1000");
	port->ring = RING;
	fd = socket_make(port->address); /* nobody listens at it */
	expect_refusal(bed, 0, 0, "refused");
	assert_int_equal(listen(fd, 1), 0); /* now somebody does, who never says a word; and nobody comes to the other end */
	for (unsigned end = 0; end < 2; end++)
		say_open(bed, end);
	for (unsigned end = 0; end < 2; end++)
		hear_refusal(bed, end, ETIMEDOUT, "no peer");
	close(fd);
	unlink(port->address);
	port->listens = true;
	strcat(port->address, ",server=0");
	expect_refusal(bed, 0, EINVAL, ",server=0");
	port->kind = PORT_MEMIF;
	snprintf(port->address, sizeof(port->address), "%s/m", bed->sockets);
	port->ring = 32768;
	expect_refusal(bed, 0, EINVAL, "32768");
	port->kind = PORT_NETDEV;
	expect_refusal(bed, 0, EINVAL, "kind of port");
	expect_no_sockets(bed);
	ports_memif(bed);
	port->ring = RING;
	all_ways(bed);
}

static void memory_that_is_not_there_is_refused(void **state)
{
	struct bed *bed = *state;
	struct packet_memory *memory = &bed->bench.end[0].memory;

	ports_memif(bed);
	memory->megabytes = CONTROL_MEGABYTES_MAX;
	expect_refusal(bed, 0, ENOMEM, "1048576 MB");
	strcpy(memory->directory, bed->root);
	memory->megabytes = MEGABYTES;
	expect_refusal(bed, 0, EINVAL, "no hugetlbfs");
	memory->directory[0] = 0;
	memory->megabytes = 8;
	expect_refusal(bed, 0, ENOMEM, "8 MB");
	memory->megabytes = MEGABYTES; /* DPDK has started with less */
	expect_refusal(bed, 0, EBUSY, "8 MB");
}

static void expect_failure(struct bench_end *end)
{
	struct control_message message;

	do
		bench_hear(end, OPEN_MS, &message);
	while (message.type == CONTROL_SAMPLE);
	assert_int_equal(message.type, CONTROL_ERROR);
	assert_int_equal(message.error.error.code, ENOTCONN);
	control_free(&message);
}

static void launch_long(struct bed *bed, double rate)
{
	struct bench_trial trial = paced;

	trial.duration_ms = 60000;
	trial.rate = rate;
	bench_open(&bed->bench, &trial);
	bench_launch(&bed->bench, &trial, 0);
	usleep(200000);
}

/* Listening at a low rate, connecting at full rate; and after that, another switch serves. */
static void a_switch_that_dies_is_told(void **state)
{
	struct bed *bed = *state;

	need_switch();
	for (int i = 0; i < 2; i++) {
		switch_start(bed, i == 0);
		launch_long(bed, i == 0 ? 1000 : CONTROL_RATE_MAX);
		switch_stop(bed);
		for (unsigned k = 0; k < 2; k++)
			expect_failure(&bed->bench.end[k]);
		/* Its sockets it leaves behind. */
		unlink(bed->bench.end[0].port.address);
		unlink(bed->bench.end[1].port.address);
	}
	switch_start(bed, true);
	all_ways(bed);
}

static void an_endpoint_that_dies_is_told(void **state)
{
	struct bed *bed = *state;
	struct bench_end *end = &bed->bench.end[1];

	ports_memif(bed);
	launch_long(bed, 1000);
	kill(end->pid, SIGKILL);
	assert_int_equal(bench_wait(end, 5000), -1);
	expect_failure(&bed->bench.end[0]);
	/* The socket that it has left is no obstacle to its successor. */
	bench_start(end);
	all_ways(bed);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(memif_moves_every_packet),
		CASE(memif_loses_nothing_at_full_rate),
		CASE(memif_opens_again),
		CASE(a_memif_may_lead_back_to_where_it_starts),
		CASE(memif_chains_hand_on_every_packet),
		CASE(memif_takes_both_directions),
		CASE(a_loop_through_a_switch),
		CASE(virtio_user_moves_every_packet),
		CASE(virtio_user_that_listens_moves_every_packet),
		CASE(ports_are_announced_and_stay),
		CASE(effective_tells_what_is_there),
		CASE(wrong_ports_are_refused),
		CASE(memory_that_is_not_there_is_refused),
		CASE(a_switch_that_dies_is_told),
		CASE(an_endpoint_that_dies_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
