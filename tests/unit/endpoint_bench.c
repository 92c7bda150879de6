/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint_bench.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX 15
#define HEAR_MS 10000

static void done(int ret, const struct error *err)
{
	if (ret)
		fail_msg("%s", err->cause);
}

bool bench_privileged(void)
{
	static int answer = -1;

	if (answer < 0) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(unshare(CLONE_NEWNET) != 0);
		answer = waitpid(pid, &status, 0) == pid && status == 0;
	}
	return answer;
}

int bench_netns(void)
{
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), made;

	assert_true(here >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	made = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(made >= 0);
	assert_int_equal(setns(here, CLONE_NEWNET), 0);
	close(here);
	return made;
}

void bench_veth(const struct link_end *a, const struct link_end *b)
{
	const struct link_end *ends[] = { a, b };
	struct error err = { 0 };

	done(link_create_veth(a, b, BENCH_MTU, &err), &err);
	for (int i = 0; i < 2; i++) {
		done(link_quiet(ends[i]->netns, ends[i]->name, &err), &err);
		done(link_set_up(ends[i]->netns, ends[i]->name, &err), &err);
	}
}

void bench_up(struct bench *bench, bool middle)
{
	static const char *const names[] = { "end0", "end1" };
	struct link_end end[2];
	struct error err = { 0 };

	signal(SIGPIPE, SIG_IGN);
	memset(bench, 0, sizeof(*bench));
	bench->middle = middle ? bench_netns() : -1;
	for (unsigned i = 0; i < 2; i++) {
		bench->end[i].netns = bench_netns();
		bench->end[i].interface = names[i];
		strcpy(bench->end[i].port.address, names[i]);
		wire_address_make(&bench->end[i].address, i);
		end[i] = (struct link_end){ .netns = bench->end[i].netns, .name = names[i],
			.mac = bench->end[i].address.mac };
	}
	if (middle) {
		bench_veth(&end[0], &(struct link_end){ .netns = bench->middle, .name = "middle0" });
		bench_veth(&(struct link_end){ .netns = bench->middle, .name = "middle1" }, &end[1]);
	} else {
		bench_veth(&end[0], &end[1]);
	}
	for (unsigned i = 0; i < 2; i++) {
		done(link_set_address(end[i].netns, names[i], &bench->end[i].address, PREFIX, &err), &err);
		done(link_add_neighbour(end[i].netns, names[i], &bench->end[1 - i].address, &err), &err);
	}
}

void bench_down(struct bench *bench)
{
	for (unsigned i = 0; i < 2; i++) {
		struct bench_end *end = &bench->end[i];

		if (end->pid)
			kill(end->pid, SIGKILL);
		bench_wait(end, HEAR_MS);
		if (end->netns >= 0)
			close(end->netns);
	}
	if (bench->middle >= 0)
		close(bench->middle);
}

void bench_start(struct bench_end *end)
{
	int to[2], from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	end->pid = fork();
	assert_true(end->pid >= 0);
	if (end->pid == 0) {
		if (end->netns >= 0 && setns(end->netns, CLONE_NEWNET))
			_exit(126);
		if (dup2(to[0], 0) < 0 || dup2(from[1], 1) < 0)
			_exit(126);
		execl(end->program ? end->program : ENDPOINT_PROGRAM, "lanebench-endpoint", (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	assert_int_equal(channel_open(&end->channel, from[0], to[1], NULL), 0);
}

int bench_wait(struct bench_end *end, int timeout_ms)
{
	int status = 0;
	pid_t pid = 0;

	if (!end->pid)
		return -1;
	for (int waited = 0; !pid && waited <= timeout_ms; waited += 5) {
		pid = waitpid(end->pid, &status, WNOHANG);
		if (!pid)
			usleep(5000);
	}
	if (pid != end->pid)
		return -1;
	end->pid = 0;
	close(end->channel.in);
	if (end->channel.out >= 0)
		close(end->channel.out);
	channel_close(&end->channel);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void bench_say(struct bench_end *end, const struct control_message *message)
{
	struct error err = { 0 };

	done(channel_say(&end->channel, message, &err), &err);
}

void bench_hear(struct bench_end *end, int timeout_ms, struct control_message *message)
{
	struct error err = { 0 };
	int ret = channel_hear(&end->channel, timeout_ms, message, &err);

	if (ret < 0)
		fail_msg("%s", err.cause);
	if (ret == 0)
		fail_msg("%s says nothing", end->interface);
}

void bench_open_message(const struct bench *bench, unsigned end, const struct bench_trial *trial,
			struct control_message *message)
{
	struct control_open *open = &message->open;

	*message = (struct control_message){ .type = CONTROL_OPEN };
	open->role = trial->role[end];
	strcpy(open->io, trial->io);
	open->port_count = 1;
	open->ports[0] = (struct control_port){ .port = bench->end[end].port, .local = bench->end[end].address,
		.peer = bench->end[1 - end].address };
	open->memory = bench->end[end].memory;
	open->stream = open->rx_stream = BENCH_STREAM;
	open->rx_flows = 1;
	open->processor = -1;
	open->yield = true;
	open->max_frame = BENCH_MTU + WIRE_ETHERNET_LEN;
	open->max_burst = 64;
	clock_scale_monotonic(&open->clock);
}

void bench_open(struct bench *bench, const struct bench_trial *trial)
{
	struct control_message message;

	/* Both are told before either is heard: some ports open only once their other side does. */
	for (unsigned i = 0; i < 2; i++) {
		bench_open_message(bench, i, trial, &message);
		bench_say(&bench->end[i], &message);
	}
	for (unsigned i = 0; i < 2; i++) {
		bench_hear(&bench->end[i], HEAR_MS, &message);
		if (message.type == CONTROL_ERROR)
			fail_msg("%s", message.error.error.cause);
		assert_int_equal(message.type, CONTROL_READY);
		assert_string_equal(json_string_value(json_object_get(message.effective, "io")), trial->io);
		control_free(&message);
	}
}

void bench_launch(struct bench *bench, const struct bench_trial *trial, unsigned lead_ms)
{
	struct control_message message = { .type = CONTROL_START };
	struct control_start *start = &message.start;

	start->test = BENCH_TEST;
	start->warmup_test = BENCH_WARMUP_TEST;
	start->start_ns = clock_monotonic_ns() + lead_ms * UINT64_C(1000000);
	start->warmup_ns = trial->warmup_ms * UINT64_C(1000000);
	start->duration_ns = trial->duration_ms * UINT64_C(1000000);
	start->drain_ns = trial->drain_ms * UINT64_C(1000000);
	start->size_count = 1;
	start->sizes[0] = (struct mix_size){ .size = trial->size, .weight = 1 };
	start->flows = 1;
	start->burst = trial->burst;
	start->rate = trial->rate;
	start->payload = trial->payload;
	for (unsigned i = 0; i < 2; i++)
		bench_say(&bench->end[i], &message);
}

static void hear_result(struct bench *bench, unsigned i, struct bench_outcome *outcome)
{
	struct control_message message;

	for (;;) {
		bench_hear(&bench->end[i], HEAR_MS, &message);
		if (message.type != CONTROL_SAMPLE)
			break;
		outcome->samples[i]++;
		assert_int_equal(message.sample.second, outcome->samples[i]);
		outcome->sampled[i] += i == 0 ? message.sample.tx_packets : message.sample.rx_packets;
	}
	if (message.type == CONTROL_ERROR)
		fail_msg("%s", message.error.error.cause);
	assert_int_equal(message.type, CONTROL_RESULT);
	outcome->result[i] = message.result;
}

void bench_finish(struct bench *bench, struct bench_outcome *outcome)
{
	struct control_message stop = { .type = CONTROL_STOP };

	memset(outcome, 0, sizeof(*outcome));
	hear_result(bench, 0, outcome);
	stop.stop.sent = outcome->result[0]->tx_packets;
	bench_say(&bench->end[1], &stop);
	hear_result(bench, 1, outcome);
}

void bench_outcome_free(struct bench_outcome *outcome)
{
	control_result_free(outcome->result[0]);
	control_result_free(outcome->result[1]);
}
