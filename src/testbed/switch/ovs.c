/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ovs: Open vSwitch with DPDK, as a plain learning switch: one bridge whose only flow is NORMAL, or with flows from
 * port to port alone (ovs_flows.c), in its data path in user space, with a dpdkvhostuserclient port for each container.
 *
 * A private instance: its own ovsdb-server and ovs-vswitchd, with database and sockets in the switch's
 * directory, in the switch's network namespace (where the bridge's own tap devices are, of which nobody makes
 * use). An Open vSwitch that the host runs has other sockets, another database, another namespace.
 *
 * The type of its ports is the one that Open vSwitch recommends: the endpoint makes the socket, Open vSwitch
 * connects to it. It tries that when a port is added, and then once a second. So a port is added when its
 * socket is there (ovs_connect). A socket is first taken out of the hands of its container, into the
 * switch's directory: so nothing that a container does can lead Open vSwitch to another socket, and it needs
 * no right to open what belongs to others.
 */
#include "testbed/switch/ovs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/deadline.h"
#include "testbed/switch/socket_port.h"
#include "testbed/switch/vhost_user.h"

#define READY_MS 10000 /* many hugepages take time to be cleared */
#define PAUSE_US 1000
#define STOP_GRACE_MS 500

static const char *const devices[] = { "/dev/net/tun", NULL }; /* for its bridge's own interface */

static void ovs_free(struct ovs *ovs)
{
	for (size_t i = 0; ovs->environment[i]; i++)
		free(ovs->environment[i]);
	if (ovs->directory_fd >= 0)
		close(ovs->directory_fd);
	free(ovs->added);
	free(ovs->port);
	free(ovs->processors);
	program_user_release(&ovs->user);
	free(ovs->directory);
	free(ovs);
}

static int ovs_open(struct ovs *ovs, const struct switch_spec *spec, struct error *err)
{

	ovs->directory = strdup(spec->directory);
	ovs->log_fd = spec->log_fd;
	ovs->processors = calloc(spec->processor_count, sizeof(*ovs->processors));
	ovs->port = calloc(spec->ports, sizeof(struct switch_port *));
	ovs->added = calloc(spec->ports, sizeof(*ovs->added));
	if (!ovs->directory || !ovs->processors || !ovs->port || !ovs->added)
		return error_errno(err, ENOMEM, NULL, "cannot start Open vSwitch");
	memcpy(ovs->processors, spec->processors, spec->processor_count * sizeof(*ovs->processors));
	ovs->directory_fd = open(spec->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ovs->directory_fd < 0)
		return error_errno(err, errno, NULL, "cannot open %s", spec->directory);
	if (spec->place.start) {
		program_user_enter(&ovs->user, spec->place, spec->owner);
		return 0;
	}
	return program_user_take(&ovs->user, ovs->directory, ovs->memory.directory, devices, err);
}

static void ovs_stop(struct vswitch *sw)
{
	struct ovs *ovs = (struct ovs *)sw;

	for (unsigned i = 0; i < OVS_PROCESSES; i++)
		process_stop(&ovs->process[i], STOP_GRACE_MS);
	ovs_free(ovs);
}

/* Both daemons run when this returns, but for what ready waits for. */
static int ovs_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	struct ovs *ovs;
	int rc = ovs_find(err);

	if (rc)
		return rc;
	if (!spec->processor_count)
		return error_set(err, EINVAL, NULL, "ovs needs a processor to run on");
	ovs = calloc(1, sizeof(*ovs));
	if (!ovs)
		return error_errno(err, ENOMEM, NULL, "cannot start Open vSwitch");
	ovs->ledger = spec->ledger;
	ovs->netns = spec->netns;
	ovs->memory = spec->memory;
	ovs->ports = spec->ports;
	ovs->max_frame = spec->max_frame;
	ovs->join = spec->join;
	ovs->queues = spec->queues ? spec->queues : 1;
	ovs->affinity = spec->affinity;
	ovs->processor_count = spec->processor_count;
	ovs->directory_fd = -1;
	ovs->user = (struct program_user)PROGRAM_USER_NONE;
	for (unsigned i = 0; i < OVS_PROCESSES; i++)
		ovs->process[i] = (struct process)PROCESS_NONE;
	rc = ovs_open(ovs, spec, err);
	rc = rc ? rc : ovs_server_start(ovs, err);
	rc = rc ? rc : ovs_configure(ovs, err);
	rc = rc ? rc : ovs_vswitchd_start(ovs, err);
	if (rc)
		ovs_stop(&ovs->base);
	else
		*sw = &ovs->base;
	return rc;
}

static int ovs_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	struct ovs *ovs = (struct ovs *)sw;
	int rc = socket_port_fill(port, VHOST_USER_SOCKET, true, err);

	if (!rc) {
		ovs->port[port->index] = port;
		ovs->attached++;
	}
	return rc;
}

static int ovs_ready(struct vswitch *sw, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(READY_MS);
	struct ovs *ovs = (struct ovs *)sw;

	do {
		int rc = ovs_check(ovs, err);

		rc = rc ? rc : ovs_configured(ovs, err);
		if (rc)
			return rc < 0 ? rc : ovs_add_flows(ovs, err);
	} while (deadline_pause(&deadline, PAUSE_US));
	return error_set(err, ETIMEDOUT, "its log in the record says how far it came: logs/switch.log",
			 "Open vSwitch has not started within %d s", READY_MS / 1000);
}

/*
 * Add the ports whose sockets are there by now. One that is opened anew takes the place of the last, which Open
 * vSwitch tries to connect to every second.
 */
static int ports_add(struct ovs *ovs, struct error *err)
{
	unsigned *fresh = calloc(ovs->ports, sizeof(*fresh)), count = 0;
	char name[32];
	int rc = fresh ? 0 : error_errno(err, ENOMEM, NULL, "cannot add ports to Open vSwitch");

	for (unsigned i = 0; !rc && i < ovs->ports; i++) {
		if (!ovs->port[i] || !socket_port_exists(ovs->port[i]))
			continue;
		snprintf(name, sizeof(name), OVS_PORT_SOCKET "%u", i);
		rc = socket_port_take(ovs->port[i], ovs->directory_fd, name, program_user_id(&ovs->user), err);
		if (!ovs->added[i])
			fresh[count++] = i;
	}
	if (!rc && count)
		rc = ovs_add_ports(ovs, fresh, count, err);
	for (unsigned i = 0; !rc && i < count; i++)
		ovs->added[fresh[i]] = true;
	free(fresh);
	return rc;
}

/* A port without memory leaves Open vSwitch's data path without a word but in the log. */
static int ports_failed(const struct ovs *ovs, struct error *err)
{
	char said[512];

	ovs_last_error(ovs, "Failed to create memory pool", said, sizeof(said));
	if (!said[0])
		return 0;
	return error_set(err, ENOMEM, "give it more memory: more hugepages, fewer containers, smaller frames",
			 "Open vSwitch cannot set up a port: %s", said);
}

static int ovs_connect(struct vswitch *sw, struct error *err)
{
	struct ovs *ovs = (struct ovs *)sw;
	int forwarding, rc = ovs_check(ovs, err);

	rc = rc ? rc : ports_add(ovs, err);
	rc = rc ? rc : ports_failed(ovs, err);
	rc = rc ? rc : ovs_configured(ovs, err);
	if (rc < 0)
		return rc;
	forwarding = rc ? ovs_forwarding(ovs, err) : 0;
	return forwarding < 0 ? forwarding : (int)ovs->attached - forwarding;
}

static struct process *ovs_processes(struct vswitch *sw, unsigned *count)
{
	*count = OVS_PROCESSES;
	return ((struct ovs *)sw)->process;
}

const struct switch_ops ovs_switch = {
	.devices = devices,
	.name = "ovs",
	.summary = "Open vSwitch with DPDK, vhost-user",
	.ports = PORT_BIT(PORT_VHOST_USER),
	.learns = true,
	.joins = true,
	.queues = true,
	.threads = true,
	.megabytes = ovs_megabytes,
	.probe = ovs_find,
	.start = ovs_start,
	.attach = ovs_attach,
	.ready = ovs_ready,
	.connect = ovs_connect,
	.processes = ovs_processes,
	.dropped = ovs_dropped,
	.effective = ovs_effective,
	.version = ovs_version,
	.stop = ovs_stop,
};
