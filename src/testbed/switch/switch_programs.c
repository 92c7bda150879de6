/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switches that are programs of our own (programs/), one for each line SWITCH_PROGRAM of switches.def: they are
 * started, asked and told of alike.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/program.h"
#include "testbed/switch/eal_program.h"
#include "testbed/switch/switch.h"
#include "testbed/switch/vhost_user.h"

#define BUILT "testbed/switch/programs" /* where the build leaves them, below its src/ */
#define ASK_MS 5000
#define VERSION_SIZE 64

static int switch_program_find(const char *name, char *path, size_t size, struct error *err)
{
	/* Installed: LIBEXECDIR. Not installed: where they were built; the last is for the tests. */
	static const char *const beside[] = { ".", "../" BUILT, "../../src/" BUILT };
	char self[PATH_MAX] = "";
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *folder = length > 0 ? dirname(self) : NULL;

	for (size_t i = 0; folder && i < sizeof(beside) / sizeof(beside[0]); i++) {
		if (snprintf(path, size, "%s/%s/%s", folder, beside[i], name) < (int)size && !access(path, X_OK))
			return 0;
	}
	if (snprintf(path, size, "%s/%s", LANEBENCH_LIBEXECDIR, name) < (int)size && !access(path, X_OK))
		return 0;
	return error_set(err, ENOENT, "apt install libdpdk-dev, and build lanebench again",
			 "there is no %s: lanebench was built without DPDK", name);
}

/* "lanebench-basicfwd 0.1.0, DPDK 22.11.11"; fails where DPDK is not the one that it was built with. */
static int switch_program_ask(const char *name, char *version, size_t size, struct error *err)
{
	char called[VERSION_SIZE], *argv[] = { called, (char[]){ "--version" }, NULL };
	char path[PATH_MAX], *output = NULL;
	const struct program ask = { .path = path, .argv = argv, .netns = -1 };
	int rc = switch_program_find(name, path, sizeof(path), err);

	if (rc)
		return rc;
	snprintf(called, sizeof(called), "%s", name);
	rc = program_run(&ask, ASK_MS, &output, PROCESS_NO_HOOK, err);
	if (rc && err)
		snprintf(err->remedy, sizeof(err->remedy),
			 "build lanebench again, with the DPDK that is here");
	if (!rc)
		snprintf(version, size, "%.*s", (int)strcspn(output, "\n"), output);
	free(output);
	return rc;
}

static void switch_program_arguments(const struct eal_program *program, struct eal_arguments *arguments)
{
	eal_argument(arguments, "--buffers=%u", eal_program_buffers(program->ports));
	eal_argument(arguments, "--buffer-size=%u", eal_program_buffer_size(program->max_frame));
	for (unsigned i = 0; i < program->ports; i++) {
		const uint8_t *mac = program->port[i]->address.mac;

		eal_argument(arguments, "--mac=%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			     mac[4], mac[5]);
	}
}

static void switch_program_effective(struct eal_program *program, json_t *configuration)
{
	json_t *info;

	if (telemetry_ask(&program->telemetry, &info, NULL, "/switch/info"))
		return;
	json_object_update(configuration, info);
	json_decref(info);
}

static void switch_program_port_effective(struct eal_program *program, unsigned index, const char *socket,
					  json_t *port)
{
	json_t *told = NULL, *features;

	(void)socket;
	telemetry_ask(&program->telemetry, &told, NULL, "/switch/port,%u", index);
	features = json_object_get(told, "features");
	json_object_set_new(port, "virtio", features ?
			    vhost_user_features((uint64_t)json_integer_value(features)) : json_null());
	if (features) {
		json_object_set(port, "rx_ring", json_object_get(told, "rx_ring"));
		json_object_set(port, "tx_ring", json_object_get(told, "tx_ring"));
	}
	json_decref(told);
}

static int switch_program_dropped(struct eal_program *program, uint64_t *packets)
{
	json_t *told;
	int rc = telemetry_ask(&program->telemetry, &told, NULL, "/switch/dropped");

	if (rc)
		return rc;
	*packets = (uint64_t)json_integer_value(json_object_get(told, "packets"));
	json_decref(told);
	return 0;
}

/* What each of them differs in is its name alone. */
#define SWITCH(id)
#define SWITCH_PROGRAM(id, what)                                                                             \
	static const struct eal_program_kind id##_kind = {                                                   \
		.name = "lanebench-" #id,                                                                    \
		.find = switch_program_find,                                                                 \
		.arguments = switch_program_arguments,                                                       \
		.effective = switch_program_effective,                                                       \
		.port_effective = switch_program_port_effective,                                             \
		.dropped = switch_program_dropped,                                                           \
	};                                                                                                   \
                                                                                                             \
	static int id##_probe(struct error *err)                                                             \
	{                                                                                                    \
		char version[VERSION_SIZE];                                                                  \
                                                                                                             \
		return switch_program_ask(id##_kind.name, version, sizeof(version), err);                    \
	}                                                                                                    \
                                                                                                             \
	static void id##_version(char *text, size_t size)                                                    \
	{                                                                                                    \
		static char version[VERSION_SIZE]; /* does not change while we run */                        \
                                                                                                             \
		if (!version[0])                                                                             \
			switch_program_ask(id##_kind.name, version, sizeof(version), NULL);                  \
		snprintf(text, size, "%s", version);                                                         \
	}                                                                                                    \
                                                                                                             \
	static int id##_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)        \
	{                                                                                                    \
		return eal_program_start(sw, spec, &id##_kind, err);                                         \
	}                                                                                                    \
                                                                                                             \
	extern const struct switch_ops id##_switch;                                                          \
	const struct switch_ops id##_switch = {                                                              \
		.name = #id,                                                                                 \
		.summary = what,                                                                             \
		EAL_PROGRAM_OPS,                                                                             \
		.probe = id##_probe,                                                                         \
		.start = id##_start,                                                                         \
		.version = id##_version,                                                                     \
	};

#include "testbed/switch/switches.def"
