/* SPDX-License-Identifier: Apache-2.0 */
/* The cost of a packet, the baseline that is subtracted from it, and the kernel's tables of interrupts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial/baseline.h"
#include "trial/cost.h"
#include "trial/interrupts.h"

static const char *why;

static double number(const json_t *json, const char *field)
{
	const json_t *value = json_object_get(json, field);

	if (!json_is_number(value))
		fail_msg("%s is not a number", field);
	return json_number_value(value);
}

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
		fail_msg("%.15g instead of %.15g", value, expected);
}

static void assert_null_field(const json_t *json, const char *field)
{
	assert_true(json_is_null(json_object_get(json, field)));
}

/* ---- cost ---------------------------------------------------------------------------------------------- */

static void parts_add_up(void **state)
{
	json_t *cost = cost_json(&(struct cost_rates){ .forwarded_pps = 2e6, .machine = 3, .endpoints = 1.5, .vswitch = 1,
						       .cycles = 6e9, .instructions = 12e9, .watts = 10 }, &why);

	assert_near(number(cost, "packet_ns"), 1500);
	assert_near(number(cost, "endpoints_ns"), 750);
	assert_near(number(cost, "switch_ns"), 500);
	assert_near(number(cost, "rest_ns"), 250);
	assert_near(number(cost, "pps_per_processor"), 2e6 / 3);
	assert_near(number(cost, "packet_cycles"), 3000);
	assert_near(number(cost, "packet_instructions"), 6000);
	assert_near(number(cost, "packet_nj"), 5000);
	assert_null(why);
	json_decref(cost);
}

static void the_rest_is_never_negative(void **state)
{
	json_t *cost = cost_json(&(struct cost_rates){ .forwarded_pps = 1e6, .machine = 1.99, .endpoints = 2 }, &why);

	assert_near(number(cost, "rest_ns"), 0);
	assert_null(why); /* the kernel's ticks are not so exact */
	json_decref(cost);
}

/* Others ran all the time until the test took their processors: no figure is made of that. */
static void a_machine_that_was_busy_before(void **state)
{
	json_t *cost = cost_json(&(struct cost_rates){ .forwarded_pps = 1e6, .machine = 0.5, .endpoints = 0.9,
						       .vswitch = 1 }, &why);

	assert_null_field(cost, "packet_ns");
	assert_null_field(cost, "rest_ns");
	assert_null_field(cost, "pps_per_processor");
	assert_near(number(cost, "endpoints_ns"), 900);
	assert_near(number(cost, "switch_ns"), 1000);
	assert_non_null(strstr(why, "others were busy"));
	json_decref(cost);
}

static void what_is_not_known_is_null(void **state)
{
	const struct cost_rates rates = { .forwarded_pps = 1e6, .machine = NAN, .endpoints = 2, .vswitch = 0,
					  .cycles = NAN, .instructions = NAN, .watts = NAN };
	json_t *cost = cost_json(&rates, &why);

	assert_near(number(cost, "endpoints_ns"), 2000);
	assert_near(number(cost, "switch_ns"), 0);
	assert_null_field(cost, "packet_ns");
	assert_null_field(cost, "rest_ns");
	assert_null_field(cost, "pps_per_processor");
	assert_null_field(cost, "packet_cycles");
	assert_null_field(cost, "packet_instructions");
	assert_null_field(cost, "packet_nj");
	json_decref(cost);
	/* A switch whose time could not be read: it is not taken for the rest. */
	cost = cost_json(&(struct cost_rates){ .forwarded_pps = 1e6, .machine = 3, .endpoints = 2, .vswitch = NAN }, &why);
	assert_null_field(cost, "switch_ns");
	assert_null_field(cost, "rest_ns");
	assert_near(number(cost, "packet_ns"), 3000);
	json_decref(cost);
}

static void without_packets_nothing_has_a_price(void **state)
{
	json_t *cost = cost_json(&(struct cost_rates){ .machine = 2, .endpoints = 2, .cycles = 1e9, .watts = 10 }, &why);
	const char *field;
	json_t *value;

	json_object_foreach(cost, field, value)
		assert_true(json_is_null(value));
	assert_string_equal(why, "no packet arrived");
	json_decref(cost);
}

static void a_machine_that_was_idle(void **state)
{
	json_t *cost = cost_json(&(struct cost_rates){ .forwarded_pps = 10, .machine = 0, .endpoints = 0 }, &why);

	assert_near(number(cost, "packet_ns"), 0);
	assert_null_field(cost, "pps_per_processor");
	json_decref(cost);
}

/* ---- baseline ------------------------------------------------------------------------------------------ */

/* Two seconds, in which the kinds took so much. */
static void set_times(struct cpu_time *begin, double user, double system, double softirq)
{
	memset(begin, 0, 2 * sizeof(*begin));
	begin[0].machine[CPU_USER] = begin[0].machine[CPU_IDLE] = 100;
	begin[1].taken_ns = 2000000000;
	begin[1].machine[CPU_USER] = 100 + user;
	begin[1].machine[CPU_SYSTEM] = system;
	begin[1].machine[CPU_SOFTIRQ] = softirq;
	begin[1].machine[CPU_IDLE] = 101;
	begin[1].machine[CPU_STEAL] = 5;
}

static void the_baseline_is_subtracted(void **state)
{
	struct baseline baseline = { .known = true, .window_s = 0.5, .watts = NAN };
	struct cpu_time *times = calloc(2, sizeof(*times));
	json_t *net;
	double busy;

	assert_non_null(times);
	baseline.busy[CPU_USER] = 0.25;
	baseline.busy[CPU_NICE] = 0.125;
	baseline.busy[CPU_IDLE] = 2; /* no busy time: not subtracted */
	set_times(times, 3, 1, 0.5);
	net = baseline_subtract(&baseline, &times[0], &times[1], &busy);
	assert_near(busy, 2.25 - 0.375);
	assert_near(number(net, "busy"), busy);
	assert_near(number(net, "user"), 1.25);
	assert_near(number(net, "nice"), 0); /* it had less than in the baseline */
	assert_near(number(net, "system"), 0.5);
	assert_near(number(net, "softirq"), 0.25);
	assert_near(number(net, "irq"), 0);
	json_decref(net);
	/* Less than the baseline altogether. */
	set_times(times, 0.25, 0, 0);
	net = baseline_subtract(&baseline, &times[0], &times[1], &busy);
	assert_near(busy, 0);
	assert_near(number(net, "user"), 0);
	json_decref(net);
	/* None: then nothing is known net of it. */
	baseline.known = false;
	net = baseline_subtract(&baseline, &times[0], &times[1], &busy);
	assert_true(json_is_null(net) && isnan(busy));
	json_decref(net);
	assert_true(json_is_null(net = baseline_json(&baseline)));
	json_decref(net);
	free(times);
}

static void the_machines_own_baseline(void **state)
{
	struct baseline baseline;
	struct error err = { 0 };
	volatile int cancel = 0;
	json_t *json;

	assert_int_equal(baseline_measure(&baseline, 100000000, &cancel, &err), 0);
	assert_true(baseline.known);
	assert_true(baseline.window_s >= 0.1);
	json = baseline_json(&baseline);
	assert_true(number(json, "busy") >= 0);
	/* Ticks at both ends may add one to each processor. */
	assert_true(number(json, "busy") <= (double)sysconf(_SC_NPROCESSORS_ONLN) * 1.3);
	json_decref(json);
	cancel = 1;
	assert_int_equal(baseline_measure(&baseline, 100000000, &cancel, &err), -EINTR);
	assert_false(baseline.known);
}

/* ---- interrupts ---------------------------------------------------------------------------------------- */

static char path[] = "/tmp/lanebench-test-XXXXXX";

static json_t *read_table(const char *text, const int *processors, unsigned count)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return interrupts_read(path, processors, count);
}

static void assert_json(json_t *json, const char *expected)
{
	json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
	char *text = json_dumps(json, JSON_ENCODE_ANY);

	assert_non_null(wanted);
	if (!json_equal(json, wanted))
		fail_msg("%s instead of %s", text, expected);
	free(text);
	json_decref(wanted);
}

/* Processor 1 is offline; 2 is in use. */
static void tables_of_interrupts(void **state)
{
	static const char first[] = "           CPU0       CPU2       CPU3\n"
		" 24:          1          7          0  IO-APIC   5-edge      ACPI:Ged\n"
		"100:         10          1          3  PCI-MSIX-0000:00:01.0   3-edge  virtio0: x\n"
		"LOC:        100        200        300   Local timer interrupts\n"
		"CAL:          5          5          5   Function call interrupts\n"
		"ERR:          4\nMIS:          0\n";
	static const char second[] = "           CPU0       CPU2       CPU3\n"
		" 24:          1          8          0  IO-APIC   5-edge      ACPI:Ged\n"
		"100:         10          3          3  PCI-MSIX-0000:00:01.0   3-edge  virtio0: x\n"
		"LOC:        350        450        550   Local timer interrupts\n"
		"CAL:          5          5          5   Function call interrupts\n"
		"RES:          0          1          0   new since\n"
		"ERR:          9\nMIS:          0\n";
	const int used[] = { 2, 3 };
	json_t *begin = read_table(first, used, 2), *end = read_table(second, used, 2), *between;

	assert_json(begin, "{\"2\": {\"devices\": 8, \"LOC\": 200, \"CAL\": 5},"
		    " \"3\": {\"devices\": 3, \"LOC\": 300, \"CAL\": 5}}");
	between = interrupts_between(begin, end);
	assert_json(between, "{\"2\": {\"devices\": 3, \"LOC\": 250, \"RES\": 1, \"total\": 254},"
		    " \"3\": {\"LOC\": 250, \"total\": 250}}");
	json_decref(between);
	json_decref(begin);
	json_decref(end);
}

static void counters_of_32_bits_wrap_around(void **state)
{
	const int used[] = { 0 };
	json_t *begin = read_table("  CPU0\nLOC: 4294967290 timer\n", used, 1);
	json_t *end = read_table("  CPU0\nLOC: 4 timer\n", used, 1), *between = interrupts_between(begin, end);

	assert_json(between, "{\"0\": {\"LOC\": 10, \"total\": 10}}");
	json_decref(between);
	json_decref(begin);
	json_decref(end);
}

static void tables_that_are_none(void **state)
{
	const int used[] = { 0 };
	json_t *json = read_table("", used, 1), *other;

	assert_null(json);
	assert_null(interrupts_read("/nonexistent/interrupts", used, 1));
	assert_json(json = interrupts_between(NULL, NULL), "null");
	json_decref(json);
	/* No line of it is right. */
	json = read_table("  CPU0 CPU1\nLOC 1 2\nNMI: 1\n: 3 4\nRES: x y\n\n", used, 1);
	other = json_object_get(json, "0");
	assert_int_equal(json_integer_value(json_object_get(other, "LOC")), 0);
	assert_int_equal(json_integer_value(json_object_get(other, "NMI")), 0);
	json_decref(json);
}

static void this_machines_own(void **state)
{
	int used[] = { sched_getcpu() };
	json_t *begin = interrupts_read(INTERRUPTS_SOFT, used, 1), *between, *end;

	assert_non_null(begin);
	assert_int_equal(json_object_size(begin), 1);
	usleep(50000);
	end = interrupts_read(INTERRUPTS_SOFT, used, 1);
	between = interrupts_between(begin, end);
	assert_true(number(json_object_iter_value(json_object_iter(between)), "total") >= 0);
	json_decref(between);
	json_decref(begin);
	json_decref(end);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(the_rest_is_never_negative),
		cmocka_unit_test(a_machine_that_was_busy_before),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(without_packets_nothing_has_a_price),
		cmocka_unit_test(a_machine_that_was_idle),
		cmocka_unit_test(the_baseline_is_subtracted),
		cmocka_unit_test(the_machines_own_baseline),
		cmocka_unit_test(tables_of_interrupts),
		cmocka_unit_test(counters_of_32_bits_wrap_around),
		cmocka_unit_test(tables_that_are_none),
		cmocka_unit_test(this_machines_own),
	};

	return cmocka_run_group_tests_name("cost", tests, set_up, tear_down);
}
