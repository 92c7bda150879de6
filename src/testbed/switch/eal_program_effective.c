/* SPDX-License-Identifier: Apache-2.0 */
/* What is in effect in a switch that is a DPDK process: asked by telemetry, or found in what it says. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testbed/switch/eal_program.h"

#define OUTPUT_MAX (64u << 10)

const char *eal_program_output(struct eal_program *program)
{
	char rest[4096];
	ssize_t size = 1;

	if (!program->output)
		program->output = calloc(1, OUTPUT_MAX + 1);
	while (size > 0 || (size < 0 && errno == EINTR)) {
		size_t room = program->output ? OUTPUT_MAX - program->output_size : 0;
		bool keep = room > 0;

		size = keep ? read(program->process.socket, program->output + program->output_size, room) :
		       read(program->process.socket, rest, sizeof(rest));
		if (keep && size > 0)
			program->output_size += (size_t)size;
	}
	return program->output ? program->output : "";
}

/* {"count", "bytes", "cache"} of the pool of packet buffers, and the size of the pages that it lies in. */
static void add_pool(struct eal_program *program, json_t *configuration)
{
	json_t *list, *pool = NULL;
	const char *name;

	if (telemetry_ask(&program->telemetry, &list, NULL, "/mempool/list"))
		return;
	name = json_string_value(json_array_get(list, 0));
	if (name && !telemetry_ask(&program->telemetry, &pool, NULL, "/mempool/info,%s", name)) {
		json_int_t page = json_integer_value(json_object_get(pool, "mz_hugepage_sz"));

		json_object_set_new(configuration, "buffers", json_pack("{s:O?, s:O?, s:O?}",
				    "count", json_object_get(pool, "size"),
				    "bytes", json_object_get(pool, "elt_size"),
				    "cache", json_object_get(pool, "cache_size")));
		json_object_set_new(configuration, "page_kb", json_integer(page / 1024));
	}
	json_decref(pool);
	json_decref(list);
}

static json_t *port_json(struct eal_program *program, unsigned index)
{
	char socket[32];
	json_t *port = json_object();

	snprintf(socket, sizeof(socket), EAL_PROGRAM_SOCKET "%u", index);
	program->kind->port_effective(program, index, socket, port);
	return port;
}

json_t *eal_program_effective(struct vswitch *sw)
{
	struct eal_program *program = (struct eal_program *)sw;
	json_t *configuration, *ports = json_array();

	if (program->telemetry.fd < 0 && eal_program_ready(sw, NULL)) {
		json_decref(ports);
		return NULL;
	}
	/* vhost copies each packet, into a buffer and out of it: there is no other way since DPDK 20.11. */
	configuration = json_pack("{s:s, s:b}", "dpdk", program->telemetry.version, "zero_copy", false);
	add_pool(program, configuration);
	program->kind->effective(program, configuration);
	for (unsigned i = 0; i < program->ports; i++)
		json_array_append_new(ports, port_json(program, i));
	json_object_set_new(configuration, "ports", ports);
	return configuration;
}
