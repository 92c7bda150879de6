/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy: most machines that build this are virtual and have no counters of it. So a tree of files is mounted over
 * the kernel's, in a mount namespace of the test's own; the machine's own counters serve where it has some.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "testbed/host/namespace.h"
#include "trial/energy.h"

#define OVER "/sys/class" /* which is always there, as its powercap/ is not */

static bool root;

static void put(const char *zone, const char *file, const char *text)
{
	char path[128];
	FILE *stream;

	mkdir(ENERGY_ROOT, 0755);
	snprintf(path, sizeof(path), ENERGY_ROOT "/%s", zone);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), ENERGY_ROOT "/%s/%s", zone, file);
	stream = fopen(path, "we");
	assert_non_null(stream);
	assert_true(fprintf(stream, "%s\n", text) > 0);
	assert_int_equal(fclose(stream), 0);
}

static void put_package(const char *zone, const char *name, const char *energy_uj)
{
	put(zone, "name", name);
	put(zone, "max_energy_range_uj", "262143328850");
	put(zone, "energy_uj", energy_uj);
}

static int new_machine(void **state)
{
	return root ? mount("tmpfs", OVER, "tmpfs", 0, NULL) : 0;
}

static int drop_machine(void **state)
{
	return root ? umount2(OVER, MNT_DETACH) : 0;
}

static void skip_without_root(void)
{
	if (!root) {
		print_message("skipped: needs root\n");
		skip();
	}
}

static void nap(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%g is not %g to within %g", value, expected, tolerance);
}

static void packages_are_added_and_nothing_else(void **state)
{
	struct energy energy;
	struct error err = { 0 };
	json_t *json;

	skip_without_root();
	put_package("intel-rapl:0", "package-0", "1000");
	put_package("intel-rapl:0:0", "core", "500");
	put_package("intel-rapl:0:1", "dram", "500");
	put_package("intel-rapl:1", "package-1", "700000");
	put_package("intel-rapl:2", "psys", "9000");
	put_package("intel-rapl-mmio:0", "package-0", "1000");
	put("intel-rapl", "enabled", "1");
	assert_int_equal(energy_open(&energy, &err), 0);
	assert_int_equal(energy.count, 2);
	assert_int_equal(energy_begin(&energy), 0);
	put_package("intel-rapl:0", "package-0", "3001000");
	put_package("intel-rapl:1", "package-1", "1700000");
	put_package("intel-rapl:2", "psys", "99000000");
	nap(100);
	assert_int_equal(energy_end(&energy), 0);
	assert_near(energy_joules(&energy), 4, 1e-9);
	assert_true(energy_watts(&energy) > 4 && energy_watts(&energy) <= 40);
	json = energy_json(&energy);
	assert_near(json_number_value(json_object_get(json, "joules")), 4, 1e-9);
	assert_near(json_number_value(json_object_get(json_object_get(json, "packages"), "package-0")), 3, 1e-9);
	assert_near(json_number_value(json_object_get(json_object_get(json, "packages"), "package-1")), 1, 1e-9);
	json_decref(json);
}

static void a_counter_that_wraps_around(void **state)
{
	struct energy energy;
	struct error err = { 0 };

	skip_without_root();
	put_package("intel-rapl:0", "package-0", "262143328000");
	assert_int_equal(energy_open(&energy, &err), 0);
	assert_int_equal(energy_begin(&energy), 0);
	put_package("intel-rapl:0", "package-0", "1999149");
	assert_int_equal(energy_end(&energy), 0);
	assert_near(energy_joules(&energy), 2, 1e-9); /* 850 to its largest, one to 0, 1999149 from there */
}

/* Twice within a measurement: seen only if it is looked at in between; and no more than once a second. */
static void looked_at_in_between(void **state)
{
	struct energy energy;
	struct error err = { 0 };

	skip_without_root();
	put_package("intel-rapl:0", "package-0", "0");
	assert_int_equal(energy_open(&energy, &err), 0);
	assert_int_equal(energy_begin(&energy), 0);
	put_package("intel-rapl:0", "package-0", "200000000000");
	assert_int_equal(energy_watch(&energy), 0); /* too early: not read */
	assert_near(energy_joules(&energy), 0, 0);
	nap(1010);
	assert_int_equal(energy_watch(&energy), 0);
	assert_near(energy_joules(&energy), 200000, 1e-6);
	put_package("intel-rapl:0", "package-0", "137856671149");
	assert_int_equal(energy_end(&energy), 0);
	assert_near(energy_joules(&energy), 400000, 1e-6);
}

static void a_machine_without(void **state)
{
	struct energy energy;
	struct error err = { 0 };

	skip_without_root();
	assert_int_equal(energy_open(&energy, &err), -ENOENT);
	assert_int_equal(energy.count, 0);
	assert_non_null(strstr(err.cause, "no counter of energy"));
	assert_true(*err.remedy);
	put("dtpm", "enabled", "1");
	put_package("intel-rapl:0", "psys", "0");
	assert_int_equal(energy_open(&energy, &err), -ENOENT);
}

static void what_is_no_number(void **state)
{
	struct energy energy;
	struct error err = { 0 };

	skip_without_root();
	put_package("intel-rapl:0", "package-0", "a lot");
	assert_int_equal(energy_open(&energy, &err), -EINVAL);
	assert_int_equal(energy.count, 0);
	put_package("intel-rapl:0", "package-0", "10");
	assert_int_equal(energy_open(&energy, &err), 0);
	assert_int_equal(energy_begin(&energy), 0);
	assert_int_equal(unlink(ENERGY_ROOT "/intel-rapl:0/energy_uj"), 0);
	assert_int_equal(energy_end(&energy), -ENOENT);
}

static void this_machines_own(void **state)
{
	struct energy energy;
	struct error err = { 0 };

	if (energy_open(&energy, &err)) {
		print_message("skipped: %s\n", err.cause);
		skip();
	}
	assert_int_equal(energy_begin(&energy), 0);
	nap(200);
	assert_int_equal(energy_end(&energy), 0);
	assert_true(energy_watts(&energy) > 0.1 && energy_watts(&energy) < 5000);
}

static int set_up(void **state)
{
	root = namespace_is_root();
	return root && (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) ? -1 : 0;
}

#define ON_A_MACHINE(name) cmocka_unit_test_setup_teardown(name, new_machine, drop_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_MACHINE(packages_are_added_and_nothing_else),
		ON_A_MACHINE(a_counter_that_wraps_around),
		ON_A_MACHINE(looked_at_in_between),
		ON_A_MACHINE(a_machine_without),
		ON_A_MACHINE(what_is_no_number),
		cmocka_unit_test(this_machines_own),
	};

	return cmocka_run_group_tests_name("energy", tests, set_up, NULL);
}
