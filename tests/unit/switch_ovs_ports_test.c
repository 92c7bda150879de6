/* SPDX-License-Identifier: Apache-2.0 */
/* The switch ovs with flows from port to port, and with its queues on threads of our choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "switch_bed.h"
#include "testbed/switch/ovs.h"

/* Threads of the queues of four ports, port by port; 0 and 2 are entered. */
static void queues_have_their_threads(void **state)
{
	static const struct {
		enum switch_affinity affinity;
		unsigned threads, queues, thread[8];
	} cases[] = {
		{ SWITCH_AFFINITY_TOGETHER, 2, 1, { 0, 1, 0, 1 } },
		{ SWITCH_AFFINITY_TOGETHER, 3, 2, { 0, 0, 1, 2, 0, 0, 1, 2 } },
		{ SWITCH_AFFINITY_APART, 2, 1, { 0, 1, 1, 0 } },
		{ SWITCH_AFFINITY_APART, 4, 2, { 0, 1, 1, 2, 2, 3, 3, 0 } },
		{ SWITCH_AFFINITY_FIRST, 3, 2, { 0, 2, 1, 2, 0, 2, 1, 2 } },
		{ SWITCH_AFFINITY_FIRST, 1, 2, { 0 } },
	};
	struct switch_port ports[4] = { { .entered = true }, { 0 }, { .entered = true }, { 0 } };
	struct switch_port *list[4] = { &ports[0], &ports[1], &ports[2], &ports[3] };

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		const struct ovs ovs = { .port = list, .ports = 4, .processor_count = cases[c].threads,
					 .queues = cases[c].queues, .affinity = cases[c].affinity };

		for (unsigned i = 0; i < 4 * cases[c].queues; i++)
			assert_int_equal(ovs_queue_thread(&ovs, i / cases[c].queues, i % cases[c].queues),
					 cases[c].thread[i]);
	}
}

static void ovs_make(struct bed *bed)
{
	if (geteuid()) {
		print_message("needs root\n");
		skip();
	}
	bed_make(bed, "ovs", 4, 2);
	for (unsigned i = 0; i < 4; i++)
		bed->port[i].owner = geteuid();
}

/* Two pairs send; what is in effect then, a new reference. Nothing is lost, and nothing reaches the other pair. */
static json_t *effective_under_load(struct bed *bed)
{
	struct error err = { 0 };
	struct load load[2];
	json_t *effective;

	bed_must_start(bed);
	for (unsigned pair = 0; pair < 2; pair++)
		load_begin(&load[pair], bed, pair, "2000", "60", "closed");
	assert_int_equal(bed_connect(bed, &err), 0);
	for (unsigned pair = 0; pair < 2; pair++)
		load_go(&load[pair]);
	effective = bed->ops->effective(bed->sw);
	for (unsigned pair = 0; pair < 2; pair++) {
		assert_int_equal(load[pair].received, 2000);
		assert_int_equal(load[pair].wrong, 0);
		load_end(&load[pair], bed);
	}
	bed_remove(bed);
	return effective;
}

static void flows_go_from_port_to_port(void **state)
{
	static const char *const actions[] = { "output:2", "output:1", "output:4", "output:3" };
	struct bed bed;
	json_t *effective;

	(void)state;
	ovs_make(&bed);
	bed.spec.join = true;
	effective = effective_under_load(&bed);
	assert_string_equal(json_string_value(json_object_get(effective, "forwarding")), "ports");
	assert_int_equal(json_integer_value(json_object_get(effective, "addresses")), 0); /* nothing was learned */
	assert_int_equal(json_array_size(json_object_get(effective, "actions")), 4);
	for (size_t i = 0; i < 4; i++) {
		bool there = false;

		for (size_t k = 0; k < 4; k++)
			there |= !strcmp(json_string_value(json_array_get(json_object_get(effective, "actions"), k)),
					 actions[i]);
		assert_true(there);
	}
	json_decref(effective);
}

/* The threads that serve the two senders' ports, as ovs-vswitchd tells. */
static void senders_threads(struct bed *bed, enum switch_affinity affinity, json_int_t processor[4])
{
	json_t *effective, *thread, *port;
	size_t i, k;

	bed->spec.affinity = affinity;
	bed->processors[0] = bed->load_processor;
	effective = effective_under_load(bed);
	assert_string_equal(json_string_value(json_object_get(effective, "forwarding")), "learning");
	json_array_foreach(json_object_get(effective, "threads"), i, thread)
		json_array_foreach(json_object_get(thread, "ports"), k, port)
			processor[json_integer_value(port)] = json_integer_value(json_object_get(thread, "processor"));
	json_decref(effective);
}

static void senders_share_a_thread_or_do_not(void **state)
{
	json_int_t processor[4] = { -1, -1, -1, -1 };
	struct bed bed;

	(void)state;
	ovs_make(&bed);
	if (bed.processors[1] == bed.load_processor) {
		print_message("needs two processors\n");
		bed_remove(&bed);
		skip();
	}
	senders_threads(&bed, SWITCH_AFFINITY_TOGETHER, processor);
	assert_int_equal(processor[0], processor[2]);
	assert_int_equal(processor[1], processor[3]);
	assert_int_not_equal(processor[0], processor[1]);
	ovs_make(&bed);
	senders_threads(&bed, SWITCH_AFFINITY_APART, processor);
	assert_int_not_equal(processor[0], processor[2]);
	assert_int_equal(processor[0], processor[3]);
	assert_int_equal(processor[1], processor[2]);
}

static int group_open(void **state)
{
	(void)state;
	return beds_open();
}

static int group_close(void **state)
{
	(void)state;
	return beds_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_have_their_threads),
		cmocka_unit_test(flows_go_from_port_to_port),
		cmocka_unit_test(senders_share_a_thread_or_do_not),
	};

	return cmocka_run_group_tests(tests, group_open, group_close);
}
