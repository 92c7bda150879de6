/* SPDX-License-Identifier: Apache-2.0 */
/*
 * basicfwd: a program of our own (src/basicfwd) that forwards between the two ports of a pair and does
 * nothing else: the least that a switch built on DPDK costs.
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

#define PROGRAM "lanebench-basicfwd"
#define ASK_MS 5000

static int basicfwd_find(char *path, size_t size, struct error *err)
{
	/* Installed: LIBEXECDIR. Not installed: in its source folder's twin; the last is for the tests. */
	static const char *const beside[] = {
		PROGRAM, "../basicfwd/" PROGRAM, "../../src/basicfwd/" PROGRAM,
	};
	char self[PATH_MAX] = "";
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *folder = length > 0 ? dirname(self) : NULL;

	for (size_t i = 0; folder && i < sizeof(beside) / sizeof(beside[0]); i++) {
		if (snprintf(path, size, "%s/%s", folder, beside[i]) < (int)size && !access(path, X_OK))
			return 0;
	}
	snprintf(path, size, "%s", LANEBENCH_LIBEXECDIR "/" PROGRAM);
	if (!access(path, X_OK))
		return 0;
	return error_set(err, ENOENT, "apt install libdpdk-dev, and build lanebench again",
			 "there is no " PROGRAM ": lanebench was built without DPDK");
}

/* "lanebench-basicfwd 0.1.0, DPDK 22.11.11"; fails where DPDK is not the one that it was built with. */
static int basicfwd_ask(char *version, size_t size, struct error *err)
{
	char *argv[] = { (char[]){ PROGRAM }, (char[]){ "--version" }, NULL };
	char path[PATH_MAX], *output = NULL;
	const struct program ask = { .path = path, .argv = argv, .netns = -1 };
	int rc = basicfwd_find(path, sizeof(path), err);

	if (rc)
		return rc;
	rc = program_run(&ask, ASK_MS, &output, PROCESS_NO_HOOK, err);
	if (rc && err)
		snprintf(err->remedy, sizeof(err->remedy),
			 "build lanebench again, with the DPDK that is here");
	if (!rc)
		snprintf(version, size, "%.*s", (int)strcspn(output, "\n"), output);
	free(output);
	return rc;
}

static int basicfwd_probe(struct error *err)
{
	char version[64];

	return basicfwd_ask(version, sizeof(version), err);
}

static void basicfwd_version(char *text, size_t size)
{
	static char version[64]; /* does not change while we run */

	if (!version[0])
		basicfwd_ask(version, sizeof(version), NULL);
	snprintf(text, size, "%s", version);
}

static void basicfwd_arguments(const struct eal_program *program, struct eal_arguments *arguments)
{
	eal_argument(arguments, "--buffers=%u", eal_program_buffers(program->ports));
	eal_argument(arguments, "--buffer-size=%u", eal_program_buffer_size(program->max_frame));
}

static void basicfwd_effective(struct eal_program *program, json_t *configuration)
{
	json_t *info;

	if (telemetry_ask(&program->telemetry, &info, NULL, "/basicfwd/info"))
		return;
	json_object_update(configuration, info);
	json_decref(info);
}

static void basicfwd_port_effective(struct eal_program *program, unsigned index, const char *socket,
				    json_t *port)
{
	json_t *told = NULL, *features;

	(void)socket;
	telemetry_ask(&program->telemetry, &told, NULL, "/basicfwd/port,%u", index);
	features = json_object_get(told, "features");
	json_object_set_new(port, "virtio", features ?
			    vhost_user_features((uint64_t)json_integer_value(features)) : json_null());
	if (features) {
		json_object_set(port, "rx_ring", json_object_get(told, "rx_ring"));
		json_object_set(port, "tx_ring", json_object_get(told, "tx_ring"));
	}
	json_decref(told);
}

static const struct eal_program_kind basicfwd = {
	.name = PROGRAM,
	.find = basicfwd_find,
	.arguments = basicfwd_arguments,
	.effective = basicfwd_effective,
	.port_effective = basicfwd_port_effective,
};

static int basicfwd_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	return eal_program_start(sw, spec, &basicfwd, err);
}

const struct switch_ops basicfwd_switch = {
	.name = "basicfwd",
	.summary = "the least that DPDK can do between the two ports of a pair, vhost-user",
	.ports = PORT_BIT(PORT_VHOST_USER),
	.max_ports = EAL_PROGRAM_PORTS_MAX,
	.threads = true,
	.megabytes = eal_program_megabytes,
	.probe = basicfwd_probe,
	.start = basicfwd_start,
	.attach = eal_program_attach,
	.ready = eal_program_ready,
	.processes = eal_program_processes,
	.dropped = eal_program_dropped,
	.effective = eal_program_effective,
	.version = basicfwd_version,
	.stop = eal_program_stop,
};
