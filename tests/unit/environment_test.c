/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "results/environment.h"

static json_t *environment;

static int setup(void **state)
{
	environment = environment_read();
	return environment ? 0 : -1;
}

static int teardown(void **state)
{
	json_decref(environment);
	return 0;
}

/* Every promised field is there, as its type or null. */
static void has_every_field(void **state)
{
	static const struct { const char *name; json_type type; } fields[] = {
		{ "kernel", JSON_OBJECT },
		{ "distribution", JSON_STRING },
		{ "processor", JSON_OBJECT },
		{ "memory_bytes", JSON_INTEGER },
		{ "mitigations", JSON_OBJECT },
		{ "governor", JSON_STRING },
		{ "turbo", JSON_TRUE },
		{ "smt", JSON_TRUE },
		{ "isolated", JSON_STRING },
		{ "nohz_full", JSON_STRING },
		{ "tick_hz", JSON_INTEGER },
		{ "nmi_watchdog", JSON_INTEGER },
		{ "irq_affinity", JSON_STRING },
		{ "idle_driver", JSON_STRING },
		{ "clocksource", JSON_STRING },
		{ "hypervisor", JSON_STRING },
		{ "cgroup", JSON_STRING },
		{ "limits", JSON_OBJECT },
		{ "lsm", JSON_STRING },
		{ "hugepages", JSON_OBJECT },
		{ "load_average", JSON_ARRAY },
		{ "rmem_max", JSON_INTEGER },
		{ "wmem_max", JSON_INTEGER },
		{ "netdev_max_backlog", JSON_INTEGER },
		{ "versions", JSON_OBJECT },
	};

	assert_int_equal(json_object_size(environment), sizeof(fields) / sizeof(*fields));
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const json_t *value = json_object_get(environment, fields[i].name);

		if (!value)
			fail_msg("%s is missing", fields[i].name);
		if (json_is_null(value) || (json_is_boolean(value) && fields[i].type == JSON_TRUE))
			continue;
		if (json_typeof(value) != fields[i].type)
			fail_msg("%s has type %d", fields[i].name, (int)json_typeof(value));
	}
}

static void tells_this_kernel(void **state)
{
	const json_t *kernel = json_object_get(environment, "kernel");
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_string_equal(json_string_value(json_object_get(kernel, "release")), name.release);
	assert_string_equal(json_string_value(json_object_get(kernel, "version")), name.version);
	assert_true(json_integer_value(json_object_get(environment, "memory_bytes")) > 1 << 20);
	assert_int_equal(json_array_size(json_object_get(environment, "load_average")), 3);
	/* What the architectures' Kconfig allows: Alpha has the most. */
	assert_in_range(json_integer_value(json_object_get(environment, "tick_hz")), 24, 1200);
}

/* No value is the host's name; a part of one (a path, a version) may look like it. */
static void expect_no_name_in(json_t *json, const char *host)
{
	const char *key;
	json_t *value;

	if (json_is_string(json))
		assert_string_not_equal(json_string_value(json), host);
	json_object_foreach(json, key, value) {
		assert_string_not_equal(key, "hostname");
		expect_no_name_in(value, host);
	}
}

static void keeps_the_host_name(void **state)
{
	char host[256] = "";

	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	expect_no_name_in(environment, host);
}

/* What of the command line is kept was on it, and none of what tells whose machine it is. */
static void keeps_the_rest_of_the_command_line(void **state)
{
	const json_t *kernel = json_object_get(environment, "kernel");
	const char *kept = json_string_value(json_object_get(kernel, "command_line"));
	static const char *const secret[] = { "root=", "ip=", "rd.luks", "BOOT_IMAGE=", "init=", "--" };
	char line[8192] = "", *copy, *save = NULL;
	FILE *file = fopen("/proc/cmdline", "r");

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_non_null(kept);
	for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
		assert_null(strstr(kept, secret[i]));
	copy = strdup(kept);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		assert_non_null(strstr(line, word));
	free(copy);
}

static void tells_the_libraries(void **state)
{
	const json_t *versions = json_object_get(environment, "versions");

	assert_string_equal(json_string_value(json_object_get(versions, "jansson")), jansson_version_str());
	assert_non_null(json_string_value(json_object_get(versions, "libc")));
	assert_non_null(json_string_value(json_object_get(versions, "liblxc")));
	assert_int_equal(strncmp(json_string_value(json_object_get(versions, "libnl")), "3.", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_every_field),
		cmocka_unit_test(tells_this_kernel),
		cmocka_unit_test(keeps_the_host_name),
		cmocka_unit_test(keeps_the_rest_of_the_command_line),
		cmocka_unit_test(tells_the_libraries),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
