/* SPDX-License-Identifier: Apache-2.0 */
/*
 * testpmd: DPDK's own test program, which forwards what it receives at one end of a link to the other,
 * without a look at it ("io" mode). No switch, but what a switch in user space is measured against.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/program.h"
#include "testbed/switch/eal_program.h"
#include "testbed/switch/switch.h"
#include "testbed/switch/vhost_user.h"

#define PROGRAM "dpdk-testpmd"
#define ASK_MS 5000
#define BURST 32 /* testpmd's default, said so that it stays what it is */

static int testpmd_find(const char *name, char *path, size_t size, struct error *err)
{
	static const char *const places[] = { "/usr/local/bin/" PROGRAM, "/usr/bin/" PROGRAM, NULL };
	const char *place = program_find(places);

	if (!place)
		return error_set(err, ENOENT, "apt install dpdk-dev", "there is no %s here", name);
	snprintf(path, size, "%s", place);
	return 0;
}

/* Starts nothing: EAL reads these arguments and is done. "EAL: RTE Version: 'DPDK 22.11.11'" */
static int testpmd_ask(char *version, size_t size, struct error *err)
{
	char *argv[] = { (char[]){ PROGRAM }, (char[]){ "-v" }, (char[]){ "--help" }, NULL };
	char path[4096], *output = NULL, *found;
	const struct program help = { .path = path, .argv = argv, .netns = -1, .merge = true };
	int rc = testpmd_find(PROGRAM, path, sizeof(path), err);

	if (rc)
		return rc;
	rc = program_run(&help, ASK_MS, &output, PROCESS_NO_HOOK, err);
	if (rc && err)
		snprintf(err->remedy, sizeof(err->remedy), "apt install --reinstall dpdk-dev");
	found = output ? strstr(output, "RTE Version: '") : NULL;
	if (found)
		snprintf(version, size, "%.*s", (int)strcspn(found + 14, "'\n"), found + 14);
	free(output);
	return rc;
}

static int testpmd_probe(struct error *err)
{
	char version[64];

	return testpmd_ask(version, sizeof(version), err);
}

static void testpmd_version(char *text, size_t size)
{
	static char version[64]; /* does not change while we run */

	if (!version[0])
		testpmd_ask(version, sizeof(version), NULL);
	snprintf(text, size, "%s", version);
}

static void testpmd_arguments(const struct eal_program *program, struct eal_arguments *arguments)
{
	eal_argument(arguments, "--forward-mode=io");
	eal_argument(arguments, "--port-topology=paired");
	eal_argument(arguments, "--nb-cores=%u", eal_program_threads(program));
	eal_argument(arguments, "--burst=%u", BURST);
	eal_argument(arguments, "--total-num-mbufs=%u", eal_program_buffers(program->ports));
	eal_argument(arguments, "--mbuf-size=%u", eal_program_buffer_size(program->max_frame));
	/* It would wait 9 s for endpoints that are to come later. */
	eal_argument(arguments, "--disable-link-check");
	eal_argument(arguments, "--no-lsc-interrupt");
}

/* "io packet forwarding - ports=2 - cores=1 - streams=2 - ...", "io packet forwarding packets/burst=32" */
static void testpmd_effective(struct eal_program *program, json_t *configuration)
{
	const char *output = eal_program_output(program), *line;
	unsigned threads, burst;
	char mode[16];

	line = strstr(output, " packet forwarding - ports=");
	while (line && line > output && line[-1] != '\n')
		line--;
	if (line && sscanf(line, "%15s packet forwarding - ports=%*u - cores=%u", mode, &threads) == 2) {
		json_object_set_new(configuration, "forwarding", json_string(mode));
		json_object_set_new(configuration, "threads", json_integer(threads));
	}
	line = strstr(output, "packets/burst=");
	if (line && sscanf(line, "packets/burst=%u", &burst) == 1)
		json_object_set_new(configuration, "burst", json_integer(burst));
}

/* Only its log tells: "VHOST_CONFIG: (port0) negotiated Virtio features: 0x950008000"; the last counts. */
static void testpmd_port_effective(struct eal_program *program, unsigned index, const char *socket,
				   json_t *port)
{
	char *log = eal_program_log(program), wanted[128];
	const char *found = NULL, *next = log;

	(void)index;
	snprintf(wanted, sizeof(wanted), "(%s) negotiated Virtio features: ", socket);
	while (next && (next = strstr(next, wanted)))
		found = next += strlen(wanted);
	json_object_set_new(port, "virtio", found ?
			    vhost_user_features(strtoull(found, NULL, 16)) : json_null());
	free(log);
}

static const struct eal_program_kind testpmd = {
	.name = PROGRAM,
	.find = testpmd_find,
	.arguments = testpmd_arguments,
	.effective = testpmd_effective,
	.port_effective = testpmd_port_effective,
};

static int testpmd_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	return eal_program_start(sw, spec, &testpmd, err);
}

const struct switch_ops testpmd_switch = {
	.name = "testpmd",
	.summary = "DPDK's test program between the two ends of a link, vhost-user",
	EAL_PROGRAM_OPS,
	.probe = testpmd_probe,
	.start = testpmd_start,
	.version = testpmd_version,
};
