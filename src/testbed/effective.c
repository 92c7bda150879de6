/* SPDX-License-Identifier: Apache-2.0 */
/* What is in effect in a testbed, as it reads back. */
#include "testbed/host/links.h"
#include "testbed/testbed.h"

static json_t *port_json(const struct switch_port *port)
{
	const bool netdev = port_traits[port->port.kind].netdev;
	const char *what = netdev ? "interface" : "address";
	json_t *effective = netdev ? link_effective(port->netns, port->port.address) :
			    json_pack("{s:b, s:i}", "listens", port->port.listens, "ring", (int)port->port.ring);

	if (!effective)
		return json_null();
	json_object_set_new(effective, what, json_string(port->port.address));
	json_object_set_new(effective, "port", json_string(port_traits[port->port.kind].name));
	return effective;
}

static json_t *ports_json(const struct testbed *testbed)
{
	json_t *ports = json_array();

	for (unsigned i = 0; i < testbed->topology.port_count; i++)
		json_array_append_new(ports, port_json(&testbed->ports[i]));
	return ports;
}

static json_t *placement_json(const struct placement *placement)
{
	json_t *endpoints = json_array(), *threads = json_array();

	for (unsigned i = 0; i < placement->endpoints; i++)
		json_array_append_new(endpoints, json_integer(placement->endpoint[i]));
	for (unsigned i = 0; i < placement->switch_threads; i++)
		json_array_append_new(threads, json_integer(placement->switch_thread[i]));
	return json_pack("{s:o, s:o, s:b, s:b, s:b, s:b}", "endpoints", endpoints, "switch_threads", threads,
			 "oversubscribed", placement->oversubscribed, "siblings", placement->siblings,
			 "nodes", placement->nodes, "contended", placement->contended);
}

json_t *testbed_effective(struct testbed *testbed)
{
	const struct container_ops *runtime;
	const struct switch_ops *ops;
	char switch_version[128] = "", runtime_version[128] = "";
	json_t *configuration = NULL;

	if (!testbed->sw || !testbed->count)
		return json_object();
	ops = testbed->sw->ops;
	runtime = testbed->endpoints[0].container->ops;
	if (ops->version)
		ops->version(switch_version, sizeof(switch_version));
	if (runtime->version)
		runtime->version(runtime_version, sizeof(runtime_version));
	if (ops->effective)
		configuration = ops->effective(testbed->sw);
	return json_pack("{s:{s:s, s:s, s:s, s:o}, s:{s:s, s:s, s:o}, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "switch", "name", ops->name, "version", switch_version,
			 "in", testbed->switch_container ? "container" : "host",
			 "effective", configuration ? configuration : json_null(),
			 "containers", "runtime", runtime->name, "version", runtime_version, "limits",
			 container_group_effective(&testbed->endpoints[0].container->programs),
			 "ports", ports_json(testbed), "memory", provision_effective(&testbed->provision),
			 "placement", placement_json(&testbed->placement),
			 "cache", interference_cache(&testbed->interference), "quota", interference_quota(&testbed->interference),
			 "neighbour", neighbour_effective(testbed->interference.neighbour));
}
