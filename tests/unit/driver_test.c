/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trial is said to have failed of when processes die in it. The switch here is a process that does
 * nothing but live, the endpoints are processes that open their port and then do what the case wants: real
 * ones all, with real signals.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/message.h"
#include "testbed/host/child.h"
#include "trial/conversation.h"
#include "trial/trial.h"

enum deed {
	DEED_WAIT, DEED_KILL_SWITCH, DEED_REPORT_THEN_KILL_SWITCH, DEED_REPORT, DEED_DIE,
	/* lies */
	DEED_READY_TWICE, DEED_READY_LONG, DEED_READY_AGAIN, DEED_LATE_SECOND, DEED_SENT, DEED_TWO_RESULTS,
	DEED_OTHER_ROLE, DEED_NO_WINDOW, DEED_TOO_MANY, DEED_ALL_FROM_NOTHING, DEED_NO_FORWARD, DEED_BAD_SUM, DEED_NO_END,
};

#define ENDPOINTS 3

static char state_directory[] = "/tmp/lanebench-driver-XXXXXX";
static struct ledger *ledger;
static struct process switch_process;
static enum deed deeds[ENDPOINTS];
static struct trial_driver *driver;
static struct testbed testbed;
static struct testbed_endpoint endpoints[ENDPOINTS];
static struct switch_port ports[4];
static struct error err;

static struct process *sample_processes(struct vswitch *sw, unsigned *count)
{
	*count = 1;
	return &switch_process;
}

static const struct switch_ops sample_ops = { .name = "sample", .processes = sample_processes };
static struct vswitch sample_switch = { &sample_ops };

static int switch_child(void *context)
{
	for (;;)
		pause();
	return 0;
}

static void say(const struct control_message *message)
{
	char *line = control_encode(message);

	if (!line || write(STDOUT_FILENO, line, strlen(line)) < 0)
		_exit(1);
	free(line);
}

static void report(void)
{
	struct control_message message = { .type = CONTROL_ERROR };

	error_set(&message.error.error, EPIPE, "", "the port has gone");
	say(&message);
}

/* `packets` in a window of so long, with one call. */
static void say_packets(enum control_role role, uint64_t packets, uint64_t window_ns)
{
	struct control_rx rx = { .rx_packets = role == ROLE_RECEIVER ? packets : 0 };
	const struct control_message message = { .type = CONTROL_RESULT, .result = &(struct control_result){
		.role = role, .rx_count = 1, .rx = &rx, .tx_packets = role == ROLE_SENDER ? packets : 0,
		.tx_calls = role == ROLE_SENDER, .tx_window_ns = window_ns } };

	say(&message);
}

static void say_result(enum control_role role, uint32_t forward_count, uint64_t in)
{
	static struct control_rx rx;
	struct control_result result = { .role = role, .forward_count = forward_count, .rx_count = 1, .rx = &rx,
					 .tx_window_ns = 1 };
	const struct control_message message = { .type = CONTROL_RESULT, .result = &result };

	result.forward[0] = (struct control_forward){ .in = in, .out = 2, .refused = 1 };
	say(&message);
}

static void say_ready(enum deed deed)
{
	static char text[CONTROL_LINE_EACH + 1];
	struct control_message ready = { .type = CONTROL_READY };

	if (deed == DEED_READY_LONG) {
		memset(text, 'x', sizeof(text) - 1);
		ready.effective = json_pack("{s:s}", "x", text);
	}
	for (int i = 0; i <= (deed == DEED_READY_TWICE); i++)
		say(&ready);
	json_decref(ready.effective);
}

static void lie(enum deed deed)
{
	const struct control_message sent = { .type = CONTROL_SENT, .sent.packets = 1 };
	const struct control_message sample = { .type = CONTROL_SAMPLE, .sample.second = 61 };

	if (deed == DEED_READY_AGAIN)
		say_ready(deed);
	if (deed == DEED_LATE_SECOND)
		say(&sample);
	if (deed == DEED_SENT)
		say(&sent);
	if (deed == DEED_TWO_RESULTS)
		say_result(ROLE_SENDER, 0, 0);
	if (deed == DEED_TWO_RESULTS || deed == DEED_OTHER_ROLE)
		say_result(deed == DEED_OTHER_ROLE ? ROLE_EXCHANGE : ROLE_SENDER, 0, 0);
	if (deed == DEED_NO_WINDOW || deed == DEED_TOO_MANY) /* the default is a burst of 32 */
		say_packets(ROLE_SENDER, deed == DEED_TOO_MANY ? 33 : 32, deed == DEED_TOO_MANY);
	if (deed == DEED_ALL_FROM_NOTHING)
		say_packets(ROLE_RECEIVER, 1, 0);
	if (deed == DEED_NO_FORWARD || deed == DEED_BAD_SUM)
		say_result(ROLE_FORWARDER, deed == DEED_BAD_SUM ? 2 : 1, deed == DEED_BAD_SUM ? 4 : 3);
	for (int i = 0; deed == DEED_NO_END && i < 1 << 16; i++)
		if (write(STDOUT_FILENO, "{\"type\":", 8) < 0)
			_exit(1);
}

static void behave(enum deed deed)
{
	const struct timespec moment = { .tv_nsec = 20000000 };

	lie(deed);
	if (deed == DEED_DIE)
		kill(getpid(), SIGKILL);
	if (deed == DEED_REPORT || deed == DEED_REPORT_THEN_KILL_SWITCH)
		report();
	if (deed == DEED_REPORT_THEN_KILL_SWITCH)
		nanosleep(&moment, NULL);
	if (deed == DEED_KILL_SWITCH || deed == DEED_REPORT_THEN_KILL_SWITCH)
		kill(switch_process.pid, SIGKILL);
}

static int endpoint_child(void *context)
{
	const enum deed *deed = context;
	struct control_message message;
	struct error wrong = { 0 };
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		if (control_decode(line, strlen(line), &message, &wrong)) {
			fprintf(stderr, "%s\n", wrong.cause);
			return 1;
		}
		if (message.type == CONTROL_OPEN)
			say_ready(*deed);
		else if (message.type == CONTROL_START)
			behave(*deed);
		control_free(&message);
	}
	return 0;
}

/* Switch, endpoints that will do this when they are told to start, and who drives them. `hop`: of a forwarder, if any. */
static void begin_chain(enum deed active, const enum deed *hop, enum deed passive)
{
	double usual_ns = 0;
	const struct topology_spec spec = { .kind = hop ? TOPOLOGY_CHAIN : TOPOLOGY_PAIRS, .groups = 1, .hops = 1 };
	struct clock_scale clock;
	const char *why;

	clock_calibrate(&clock, 1000000, &why);
	assert_int_equal(ledger_open(&ledger, &err), 0);
	assert_int_equal(process_spawn(&switch_process, child_hook(ledger), false, -1, switch_child, NULL, &err), 0);
	assert_int_equal(topology_make(&testbed.topology, &spec), 0);
	testbed.endpoints = endpoints;
	testbed.count = topology_nodes(&spec);
	testbed.ports = ports;
	testbed.sw = &sample_switch;
	deeds[0] = active;
	deeds[1] = hop ? *hop : passive;
	deeds[2] = passive;
	for (unsigned i = 0; i < topology_ports(&spec); i++)
		ports[i] = (struct switch_port){ .index = i, .port = { .address = "none", .ring = 1024 } };
	for (unsigned i = 0; i < testbed.count; i++) {
		endpoints[i] = (struct testbed_endpoint){ .processor = -1 };
		assert_int_equal(process_spawn(&endpoints[i].process, child_hook(ledger), true, STDERR_FILENO, endpoint_child,
					       &deeds[i], &err), 0);
	}
	assert_int_equal(trial_driver_open(&driver, &testbed, &clock, 64, 1, 1, &usual_ns, &err), 0);
}

static void begin(enum deed active, enum deed passive)
{
	begin_chain(active, NULL, passive);
}

static void end(void)
{
	trial_driver_close(driver);
	topology_free(&testbed.topology);
	for (unsigned i = 0; i < testbed.count; i++)
		process_stop(&endpoints[i].process, 500);
	process_stop(&switch_process, 0);
	assert_int_equal(ledger_close(ledger, &err), 0);
}

/* A trial of a minute, which nothing but a death or an error ends. Returns what it returned. */
static int run_trial(void)
{
	struct test test = { 0 };
	json_t *trial;
	int result;

	for (int i = 0; i < PARAMETER_COUNT; i++)
		assert_int_equal(parameter_parse(&parameter_table[i], parameter_table[i].fallback, NULL,
						 &test.value[i], &err), 0);
	test.value[PARAMETER_DURATION].number = 60;
	memset(&err, 0, sizeof(err));
	result = trial_run(driver, &test, &trial, NULL, NULL, &err);
	assert_null(trial);
	return result;
}

static void a_switch_that_dies_is_noticed_and_named(void **state)
{
	const uint64_t began = clock_monotonic_ns();

	begin(DEED_KILL_SWITCH, DEED_WAIT);
	assert_int_equal(run_trial(), -ECHILD);
	assert_string_equal(err.cause, "switch sample was killed by signal 9 (Killed) in mid-trial");
	assert_non_null(strstr(err.remedy, "logs/"));
	assert_in_range(clock_monotonic_ns() - began, 0, UINT64_C(10000000000));
	end();
}

/* Whoever used it may be the first to notice; and the switch may not even be seen to be dead by then. */
static void what_its_endpoints_say_of_it_is_not_the_cause(void **state)
{
	begin(DEED_WAIT, DEED_REPORT_THEN_KILL_SWITCH);
	assert_int_equal(run_trial(), -ECHILD);
	assert_string_equal(err.cause, "switch sample was killed by signal 9 (Killed) in mid-trial");
	end();
}

static void a_switch_that_is_dead_already(void **state)
{
	begin(DEED_WAIT, DEED_WAIT);
	kill(switch_process.pid, SIGTERM);
	assert_true(process_wait(&switch_process, 5000));
	assert_int_equal(run_trial(), -ECHILD);
	assert_string_equal(err.cause, "switch sample was killed by signal 15 (Terminated) before the trial");
	end();
}

static void endpoints_fail_for_reasons_of_their_own(void **state)
{
	begin(DEED_REPORT, DEED_WAIT);
	assert_int_equal(run_trial(), -EPIPE);
	assert_string_equal(err.cause, "the sender of pair 0: the port has gone");
	end();
	begin(DEED_WAIT, DEED_DIE);
	assert_int_equal(run_trial(), -EPIPE);
	assert_string_equal(err.cause, "the receiver of pair 0 was killed by signal 9 (Killed)");
	end();
}

static void refuses(enum deed active, const enum deed *hop, enum deed passive, const char *cause)
{
	const uint64_t began = clock_monotonic_ns();

	begin_chain(active, hop, passive);
	assert_int_equal(run_trial(), -EPROTO);
	if (!strstr(err.cause, cause))
		fail_msg("'%s', not '%s'", err.cause, cause);
	assert_in_range(clock_monotonic_ns() - began, 0, UINT64_C(10000000000));
	end();
}

/* An endpoint may lie about its figures, but not make lanebench wait, forget others, or keep what it has no use for. */
static void what_nobody_asked_for_is_refused(void **state)
{
	refuses(DEED_READY_TWICE, NULL, DEED_WAIT, "the sender of pair 0 said what it was not asked for");
	refuses(DEED_WAIT, NULL, DEED_READY_AGAIN, "the receiver of pair 0 said what it was not asked for");
	refuses(DEED_LATE_SECOND, NULL, DEED_WAIT, "the sender of pair 0 said what it was not asked for");
	refuses(DEED_SENT, NULL, DEED_WAIT, "the sender of pair 0 said what it was not asked for");
	refuses(DEED_WAIT, NULL, DEED_SENT, "the receiver of pair 0 said what it was not asked for");
	refuses(DEED_TWO_RESULTS, NULL, DEED_WAIT, "the sender of pair 0 said what it was not asked for");
}

static void results_of_another_role_are_refused(void **state)
{
	const enum deed no_forward = DEED_NO_FORWARD, bad_sum = DEED_BAD_SUM;

	refuses(DEED_OTHER_ROLE, NULL, DEED_WAIT, "the sender of pair 0 gave a result that is not of its role");
	refuses(DEED_WAIT, &no_forward, DEED_WAIT, "the forwarder 1 of chain 0 gave a result that is not of its role");
	refuses(DEED_WAIT, &bad_sum, DEED_WAIT, "the forwarder 1 of chain 0 gave a result that does not add up");
}

static void results_that_cannot_be_are_refused(void **state)
{
	refuses(DEED_NO_WINDOW, NULL, DEED_WAIT, "the sender of pair 0 gave a result that cannot be: a window of zero");
	refuses(DEED_TOO_MANY, NULL, DEED_WAIT, "the sender of pair 0 gave a result that cannot be");
	refuses(DEED_WAIT, NULL, DEED_ALL_FROM_NOTHING, "the receiver of pair 0 gave a result that cannot be");
}

static void messages_without_end_are_refused(void **state)
{
	refuses(DEED_WAIT, NULL, DEED_READY_LONG, "the receiver of pair 0 said something unreadable: message 'ready' has");
	refuses(DEED_NO_END, NULL, DEED_WAIT, "the sender of pair 0: a message is longer than");
}

static int group_setup(void **state)
{
	signal(SIGPIPE, SIG_IGN); /* as lanebench does: an endpoint that has died is written to */
	if (!mkdtemp(state_directory))
		return -1;
	return setenv("LANEBENCH_STATE", state_directory, 1);
}

static int group_teardown(void **state)
{
	/* The last ledger takes it along, if nothing is left in it. */
	return rmdir(state_directory) && errno != ENOENT ? -1 : 0;
}

static int talker_child(void *context)
{
	const struct control_message sample = { .type = CONTROL_SAMPLE, .sample = { .second = 1 } };

	say(&sample);
	pause();
	return 0;
}

/* It was lanebench that did not run until the deadline had passed: what was said in time is heard. */
static void what_was_said_in_time_is_heard_after_the_deadline(void **state)
{
	struct conversation conversation;
	struct control_message message;
	struct pollfd said;
	unsigned who;

	assert_int_equal(ledger_open(&ledger, &err), 0);
	testbed = (struct testbed){ .endpoints = endpoints, .count = 1, .ports = ports, .sw = &sample_switch };
	assert_int_equal(topology_make(&testbed.topology, &(struct topology_spec){ .groups = 1 }), 0);
	assert_int_equal(process_spawn(&switch_process, child_hook(ledger), false, -1, switch_child, NULL, &err), 0);
	assert_int_equal(process_spawn(&endpoints[0].process, child_hook(ledger), true, STDERR_FILENO, talker_child, NULL,
				       &err), 0);
	assert_int_equal(conversation_open(&conversation, &testbed, &err), 0);
	said = (struct pollfd){ .fd = endpoints[0].process.socket, .events = POLLIN };
	assert_int_equal(poll(&said, 1, 5000), 1);
	assert_int_equal(conversation_hear(&conversation, 1, NULL, &who, &message, &err), 1);
	assert_int_equal(message.type, CONTROL_SAMPLE);
	assert_int_equal(conversation_hear(&conversation, 1, NULL, &who, &message, &err), 0);
	conversation_close(&conversation);
	topology_free(&testbed.topology);
	process_stop(&endpoints[0].process, 0);
	process_stop(&switch_process, 0);
	assert_int_equal(ledger_close(ledger, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_that_dies_is_noticed_and_named),
		cmocka_unit_test(what_its_endpoints_say_of_it_is_not_the_cause),
		cmocka_unit_test(a_switch_that_is_dead_already),
		cmocka_unit_test(endpoints_fail_for_reasons_of_their_own),
		cmocka_unit_test(what_nobody_asked_for_is_refused),
		cmocka_unit_test(results_of_another_role_are_refused),
		cmocka_unit_test(results_that_cannot_be_are_refused),
		cmocka_unit_test(messages_without_end_are_refused),
		cmocka_unit_test(what_was_said_in_time_is_heard_after_the_deadline),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
