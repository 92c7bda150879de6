/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/testbed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/clock.h"
#include "testbed/interfaces.h"
#include "wire/frame.h"

#define INTERFACE "lb%u"       /* of a container: lb0, and lb1 where it has two */
#define ENDPOINT_GRACE_MS 500  /* for its last words after the end of its input */

/* What the steps of bringing up share. */
struct builder {
	struct testbed *testbed;
	const struct testbed_spec *spec;
	const struct container_ops *runtime;
	const struct switch_ops *ops;
	struct provision_spec provision;
	struct ledger *ledger;
	struct processors *processors;
	const volatile int *cancel;
};

static int check_cancelled(const struct builder *builder, struct error *err)
{
	return interfaces_cancelled(builder->cancel, err);
}

static void make_port(struct builder *builder, unsigned index)
{
	const struct testbed_spec *spec = builder->spec;
	const struct topology_port *place = &builder->testbed->topology.ports[index];
	struct switch_port *port = &builder->testbed->ports[index];

	port->index = index;
	port->end = place->end;
	port->entered = topology_port_entered(&builder->testbed->topology, index);
	port->peer = place->link == TOPOLOGY_NONE ? NULL : &builder->testbed->ports[place->peer];
	port->netns = -1;
	wire_address_make(&port->address, index);
	port->port.kind = spec->port_kind;
	port->port.ring = spec->ring;
	port->port.queues = spec->queues;
	if (port_traits[spec->port_kind].netdev)
		snprintf(port->port.address, sizeof(port->port.address), INTERFACE, place->place);
}

static int build_endpoints(struct builder *builder, struct error *err)
{
	struct testbed *testbed = builder->testbed;
	unsigned count;
	int rc;

	processors_list(builder->processors, testbed->cpuset, sizeof(testbed->cpuset));
	rc = topology_make(&testbed->topology, &builder->spec->topology);
	if (rc < 0)
		return error_errno(err, -rc, NULL, "cannot arrange the containers of a testbed");
	count = testbed->topology.node_count;
	rc = processors_place(builder->processors, count, builder->ops->threads ? builder->spec->threads : 0,
			      &testbed->placement, builder->ledger, err);
	if (rc < 0)
		return rc;
	testbed->endpoints = calloc(count, sizeof(*testbed->endpoints));
	testbed->ports = calloc(testbed->topology.port_count, sizeof(*testbed->ports));
	if (!testbed->endpoints || !testbed->ports)
		return error_errno(err, ENOMEM, NULL, "cannot bring up a testbed of %u containers", count);
	testbed->count = count;
	for (unsigned i = 0; i < count; i++) {
		struct testbed_endpoint *endpoint = &testbed->endpoints[i];

		endpoint->process = (struct process)PROCESS_NONE;
		endpoint->processor = testbed->placement.endpoint[i];
		endpoint->shared = testbed->placement.endpoint_shared[i];
	}
	for (unsigned i = 0; i < testbed->topology.port_count; i++)
		make_port(builder, i);
	return 0;
}

static int build_provision(struct builder *builder, struct error *err)
{
	const struct testbed_spec *spec = builder->spec;
	struct testbed *testbed = builder->testbed;
	int rc;

	builder->provision = (struct provision_spec){
		.runtime = builder->runtime,
		.ops = builder->ops,
		.port_kind = spec->port_kind,
		.topology = &testbed->topology,
		.generation = testbed->generation,
		.ring = spec->ring,
		.queues = spec->queues,
		.max_frame = spec->max_frame,
		.max_burst = spec->max_burst,
		.hugepages = spec->hugepages,
		.placement = &testbed->placement,
		.switch_contained = spec->switch_contained,
	};
	rc = provision_make(&testbed->provision, &builder->provision, builder->ledger, err);
	testbed->no_hugepages = testbed->provision.megabytes && !testbed->provision.page_kb;
	return rc;
}

static int build_namespace(struct builder *builder, struct error *err)
{
	char name[64];

	snprintf(name, sizeof(name), "lb-%s-%u-switch", ledger_run_id(builder->ledger),
		 builder->testbed->generation);
	return namespace_create(&builder->testbed->switch_namespace, name, builder->ledger, err);
}

static int build_containers(struct builder *builder, struct error *err)
{
	struct testbed *testbed = builder->testbed;

	for (unsigned i = 0; i < testbed->count; i++) {
		struct testbed_endpoint *endpoint = &testbed->endpoints[i];
		struct container_share shares[PROVISION_SHARES_MAX];
		char name[64], log[32];
		struct container_spec spec = {
			.name = name,
			.kind = &container_kind,
			.log = &endpoint->container_log,
			.user = testbed->provision.places[i].user,
			.group = testbed->provision.places[i].group,
			.capabilities = builder->spec->capabilities,
			.shares = shares,
			.share_count = provision_endpoint(&testbed->provision, &builder->provision, i,
							  testbed->ports, &endpoint->memory, shares),
		};
		int rc = check_cancelled(builder, err);

		if (rc < 0)
			return rc;
		snprintf(name, sizeof(name), "lb-%s-%u-%u", ledger_run_id(builder->ledger),
			 testbed->generation, i);
		snprintf(log, sizeof(log), "container-%u.log", i);
		spec.limits.packet_megabytes = endpoint->memory.megabytes;
		spec.limits.cpuset = testbed->cpuset;
		rc = log_file_open(&endpoint->container_log, builder->spec->log_directory, log, err);
		rc = rc ? rc : builder->runtime->create(&endpoint->container, &spec, builder->ledger, err);
		if (rc < 0)
			return rc;
		for (unsigned p = 0; p < testbed->topology.nodes[i].port_count; p++)
			testbed->ports[testbed->topology.nodes[i].ports[p]].netns = endpoint->container->netns;
	}
	return 0;
}

/* Nothing in it but what its processes need; it has no port: packets come to it through memory. */
static int build_switch_container(struct builder *builder, struct error *err)
{
	struct testbed *testbed = builder->testbed;
	const struct provision_place *place = &testbed->provision.places[testbed->count];
	struct container_share shares[PROVISION_SHARES_MAX];
	char name[64];
	const struct container_spec spec = {
		.name = name,
		.kind = &container_kind,
		.log = &testbed->switch_log,
		.user = place->user,
		.group = place->group,
		.shares = shares,
		.share_count = provision_switch_shares(&testbed->provision, builder->ops, shares),
		.limits.packet_megabytes = testbed->provision.switch_megabytes,
		.limits.cpuset = testbed->cpuset,
	};

	snprintf(name, sizeof(name), "lb-%s-%u-vswitch", ledger_run_id(builder->ledger), testbed->generation);
	return builder->runtime->create(&testbed->switch_container, &spec, builder->ledger, err);
}

static int build_switch(struct builder *builder, struct error *err)
{
	struct testbed *testbed = builder->testbed;
	struct switch_spec spec = {
		.ledger = builder->ledger,
		.directory = testbed->provision.switch_directory,
		.netns = testbed->switch_namespace.fd,
		.ports = testbed->topology.port_count,
		.mtu = builder->spec->mtu,
		.processors = testbed->placement.switch_thread,
		.processor_count = testbed->placement.switch_threads,
		.ring = builder->spec->ring,
		.max_frame = builder->spec->max_frame,
		.join = builder->spec->join,
		.queues = builder->spec->queues,
		.affinity = builder->spec->affinity,
	};
	int rc = 0;

	provision_switch(&testbed->provision, &spec.memory);
	if (builder->ops->processes)
		rc = log_file_open(&testbed->switch_log, builder->spec->log_directory, "switch.log", err);
	spec.log_fd = testbed->switch_log.fd;
	if (!rc && builder->spec->switch_contained)
		rc = build_switch_container(builder, err);
	if (testbed->switch_container) {
		spec.place = container_place(testbed->switch_container);
		spec.owner = testbed->provision.places[testbed->count].user;
	}
	rc = rc ? rc : builder->ops->start(&testbed->sw, &spec, err);
	if (rc < 0)
		return rc;
	testbed->sw->ops = builder->ops;
	for (unsigned i = 0; i < testbed->topology.port_count && !rc; i++) {
		rc = check_cancelled(builder, err);
		if (!rc)
			rc = builder->ops->attach(testbed->sw, &testbed->ports[i], err);
	}
	return rc;
}

static int build_ports(struct builder *builder, struct error *err)
{
	const struct testbed *testbed = builder->testbed;
	int rc = 0;

	if (port_traits[builder->spec->port_kind].netdev)
		rc = interfaces_up(&testbed->topology, testbed->ports, builder->spec->addresses, builder->cancel, err);
	if (!rc && builder->ops->ready)
		rc = builder->ops->ready(builder->testbed->sw, err);
	return rc;
}

static int start_endpoint(struct builder *builder, unsigned i, struct error *err)
{
	static char program[] = "lanebench-endpoint";
	struct testbed_endpoint *endpoint = &builder->testbed->endpoints[i];
	char *argv[] = { program, NULL };
	char log[32];
	int rc;

	snprintf(log, sizeof(log), "endpoint-%u.log", i);
	rc = log_file_open(&endpoint->log, builder->spec->log_directory, log, err);
	return rc ? rc : container_exec(endpoint->container, builder->spec->endpoint_program, argv, endpoint->log.fd,
					&endpoint->process, builder->ledger, err);
}

static int start_endpoints(struct builder *builder, struct error *err)
{
	struct testbed *testbed = builder->testbed;
	char end[128];
	int rc = 0;

	for (unsigned i = 0; i < testbed->count && !rc; i++) {
		rc = check_cancelled(builder, err);
		if (!rc)
			rc = start_endpoint(builder, i, err);
	}
	/* One that dies later is noticed by whoever talks to it. */
	for (unsigned i = 0; i < testbed->count && !rc; i++) {
		struct process *process = &testbed->endpoints[i].process;

		if (!process_ended(process))
			continue;
		process_describe_end(process, end, sizeof(end));
		rc = error_set(err, ECHILD, NULL,
			       "the endpoint in container %u %s at once; its words: logs/endpoint-%u.log", i, end, i);
	}
	return rc;
}

static int build_interference(struct builder *builder, struct error *err)
{
	return interference_make(builder->testbed, &builder->spec->interference, builder->ledger,
				 builder->processors, builder->spec->log_directory, err);
}

static int find_ingredients(struct builder *builder, struct error *err)
{
	const struct testbed_spec *spec = builder->spec;

	builder->runtime = container_find(spec->runtime);
	if (!builder->runtime)
		return error_set(err, EINVAL, NULL, "unknown runtime '%s'", spec->runtime);
	builder->ops = switch_find(spec->switch_name);
	if (!builder->ops)
		return error_set(err, EINVAL, NULL, "unknown switch '%s'", spec->switch_name);
	if (!(PORT_BIT(spec->port_kind) & builder->ops->ports))
		return error_set(err, EINVAL, NULL, "switch %s has no port that this technique can use",
				 builder->ops->name);
	return 0;
}

int testbed_up(struct testbed *testbed, const struct testbed_spec *spec, struct ledger *ledger,
	       struct processors *processors, const volatile int *cancel, struct error *err)
{
	static int (*const steps[])(struct builder *, struct error *) = {
		build_endpoints, build_provision, build_namespace, build_containers,
		build_switch, build_ports, start_endpoints, build_interference,
	};
	struct builder builder = {
		.testbed = testbed,
		.spec = spec,
		.ledger = ledger,
		.processors = processors,
		.cancel = cancel,
	};
	const uint64_t begin_ns = clock_monotonic_ns();
	int rc;

	*testbed = (struct testbed){ .generation = testbed->generation, .processors = processors };
	rc = find_ingredients(&builder, err);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && !rc; i++) {
		rc = check_cancelled(&builder, err);
		if (!rc)
			rc = steps[i](&builder, err);
	}
	testbed->up_s = (double)(clock_monotonic_ns() - begin_ns) / 1e9;
	if (rc < 0)
		testbed_down(testbed, ledger, NULL); /* the first failure is the one to tell of */
	return rc;
}

int testbed_down(struct testbed *testbed, struct ledger *ledger, struct error *err)
{
	struct error one = { 0 }, first = { 0 };

	/* An endpoint that shall end in good order has the time for it. */
	interference_limit(testbed, false, NULL);
	for (unsigned i = testbed->count; i-- > 0;)
		process_stop(&testbed->endpoints[i].process, ENDPOINT_GRACE_MS);
	if (testbed->sw)
		testbed->sw->ops->stop(testbed->sw);
	if (log_file_close(&testbed->switch_log, &one))
		first = one;
	if (testbed->switch_container &&
	    testbed->switch_container->ops->destroy(testbed->switch_container, ledger, &one) < 0)
		first = one;
	if (interference_remove(&testbed->interference, ledger, &one) && !first.code)
		first = one;
	for (unsigned i = testbed->count; i-- > 0;) {
		struct testbed_endpoint *endpoint = &testbed->endpoints[i];
		struct container *container = endpoint->container;

		if (container && container->ops->destroy(container, ledger, &one) < 0 && !first.code)
			first = one;
		if (log_file_close(&endpoint->log, &one) && !first.code)
			first = one;
		if (log_file_close(&endpoint->container_log, &one) && !first.code)
			first = one;
	}
	if (provision_remove(&testbed->provision, ledger, &one) && !first.code)
		first = one;
	namespace_destroy(&testbed->switch_namespace); /* nothing to do where it was never made */
	placement_free(&testbed->placement);
	free(testbed->endpoints);
	free(testbed->ports);
	topology_free(&testbed->topology);
	*testbed = (struct testbed){ .generation = testbed->generation };
	if (first.code)
		return error_set(err, first.code, first.remedy, "%s", first.cause);
	return 0;
}

void testbed_keep_logs(struct testbed *testbed)
{
	log_file_keep(&testbed->switch_log, NULL);
	log_file_keep(&testbed->interference.log, NULL);
	for (unsigned i = 0; i < testbed->count; i++) {
		log_file_keep(&testbed->endpoints[i].log, NULL);
		log_file_keep(&testbed->endpoints[i].container_log, NULL);
	}
}

int testbed_check(const struct testbed *testbed, struct error *err)
{
	struct process *processes;
	unsigned count = 0;
	char end[128];

	if (!testbed->sw || !testbed->sw->ops->processes)
		return neighbour_check(testbed->interference.neighbour, err);
	processes = testbed->sw->ops->processes(testbed->sw, &count);
	for (unsigned i = 0; i < count; i++) {
		if (!processes[i].pid || !process_ended(&processes[i]))
			continue;
		process_describe_end(&processes[i], end, sizeof(end));
		return error_set(err, ECHILD, "its last words are in the record: logs/switch.log",
				 "switch %s %s", testbed->sw->ops->name, end);
	}
	return neighbour_check(testbed->interference.neighbour, err);
}
