/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of the switch ovs, as rows of its database (ovs-vswitchd.conf.db(5)). Everything that is not
 * said here stays at Open vSwitch's default.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/message.h"
#include "testbed/host/processors.h"
#include "testbed/switch/ovs.h"
#include "testbed/switch/ovs_rpc.h"

/* ---- memory -------------------------------------------------------------------------------------------- */

/*
 * How Open vSwitch sizes its pools of packet buffers: one for all ports has 262144; where each port has its own
 * (per-port-memory), that has 16384, and for each of its queues those of a receive and a transmit queue of a card
 * (2048 each) and a burst. A smaller pool is not tried in every case where one does not fit, so the memory must
 * suffice at once.
 */
#define SHARED_BUFFERS 262144u
#define PORT_BUFFERS(queues) (16384u + (queues) * (2 * 2048u + 32u))
/*
 * A buffer: room for the packet in whole KB, its headroom and headers, Open vSwitch's own data (960 bytes were
 * seen); in memory without hugepages it is moved to where it does not cross a page.
 */
#define BUFFER_EXTRA 960u
#define FRAME_EXTRA 192u
#define PAGE 4096u
/* Beside the buffers: caches and rings of pools for each port and queue, and what EAL and the vhost library need. */
#define PORT_MEGABYTES 2u
#define FIXED_MEGABYTES 24u

#define MTU_DEFAULT 1500u

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static uint64_t buffer_bytes(uint32_t max_frame)
{
	const uint32_t usual = MTU_DEFAULT + WIRE_ETHERNET_LEN;
	uint32_t frame = max_frame > usual ? max_frame : usual;

	return round_up(round_up(frame + FRAME_EXTRA, 1024) + BUFFER_EXTRA, PAGE);
}

bool ovs_memory_per_port(unsigned ports, uint32_t queues)
{
	return (uint64_t)ports * PORT_BUFFERS(queues) <= SHARED_BUFFERS;
}

uint32_t ovs_megabytes(unsigned ports, uint32_t queues, uint32_t ring, uint32_t max_frame)
{
	uint64_t buffers = ovs_memory_per_port(ports, queues) ? (uint64_t)ports * PORT_BUFFERS(queues) : SHARED_BUFFERS;

	(void)ring; /* lies in the endpoints' memory */
	return FIXED_MEGABYTES + ports * queues * PORT_MEGABYTES +
	       (uint32_t)(buffers * buffer_bytes(max_frame) >> 20) + 1;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

/* A map of RFC 7047, from keys and values alternately; NULL ends it. */
static json_t *map_make(const char *key, ...)
{
	json_t *pairs = json_array();
	va_list rest;

	va_start(rest, key);
	for (; key; key = va_arg(rest, const char *))
		json_array_append_new(pairs, json_pack("[s, s]", key, va_arg(rest, const char *)));
	va_end(rest);
	return json_pack("[s, o]", "map", pairs);
}

static json_t *row_insert(const char *table, const char *id, json_t *row)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "op", "insert", "table", table, "uuid-name", id, "row", row);
}

static json_t *named(const char *id)
{
	return json_pack("[s, s]", "named-uuid", id);
}

#define MASK_DIGITS (PROCESSORS_MAX / 4)

/* "0x12": bits above the 64th need a longer text than any number of C's. */
static void mask_format(const int *processors, unsigned count, char *text, size_t size)
{
	char digits[MASK_DIGITS] = { 0 };
	int highest = 0;
	size_t used;

	for (unsigned i = 0; i < count; i++) {
		digits[processors[i] / 4] |= (char)(1 << processors[i] % 4);
		if (processors[i] / 4 > highest)
			highest = processors[i] / 4;
	}
	used = (size_t)snprintf(text, size, "0x");
	for (; highest >= 0 && used < size - 1; highest--)
		used += (size_t)snprintf(text + used, size - used, "%x", digits[highest]);
}

/*
 * The arguments of EAL: never the host's devices (the default would take its cards away), no sockets of its own,
 * no files but in the switch's directory, memory in the switch's own hugetlbfs. EAL reads nothing behind "--"; so
 * what Open vSwitch adds there goes unread, too: processors that it would choose, and --in-memory, with which EAL
 * takes its pages from anywhere (and which it adds unless it finds the word --legacy-mem).
 */
static void eal_arguments(const struct ovs *ovs, char *text, size_t size)
{
	char memory[PORT_ADDRESS_SIZE + 64];

	if (ovs->memory.directory[0])
		snprintf(memory, sizeof(memory), "--huge-dir=%s --huge-unlink=always", ovs->memory.directory);
	else
		snprintf(memory, sizeof(memory), "--no-huge -m %u", ovs->memory.megabytes);
	snprintf(text, size, "--lcores=0@%d --no-pci --no-telemetry --no-shconf --iova-mode=va %s "
		 "-- --legacy-mem", ovs->processors[0], memory);
}

/* Addresses that were learned stay learned for longer than a suite runs. */
#define AGING_S "86400"

/* One that joins links has the flows alone that it is given (ovs_flows.c): in secure mode there is no NORMAL. */
static json_t *bridge_row(const struct ovs *ovs)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:o}", "name", OVS_BRIDGE,
			 "datapath_type", "netdev", "fail_mode", ovs->join ? "secure" : "standalone", "stp_enable", false,
			 "rstp_enable", false, "mcast_snooping_enable", false, "other_config",
			 map_make("mac-aging-time", AGING_S, "disable-in-band", "true", NULL),
			 "ports", named("port"));
}

/*
 * pmd-auto-lb is off, or ports would change their threads in mid-trial. Ports are spread over the threads in turn,
 * not by what they have cost so far.
 */
static json_t *settings_row(const struct ovs *ovs)
{
	char eal[512], mask[2 + MASK_DIGITS + 1];

	eal_arguments(ovs, eal, sizeof(eal));
	mask_format(ovs->processors, ovs->processor_count, mask, sizeof(mask));
	return json_pack("{s:o, s:o, s:i}", "bridges", named("bridge"), "other_config",
			 map_make("dpdk-init", "true", "dpdk-extra", eal, "pmd-cpu-mask", mask,
				  "pmd-auto-lb", "false", "pmd-rxq-assign", "roundrobin",
				  "userspace-tso-enable", "false", "per-port-memory",
				  ovs_memory_per_port(ovs->ports, ovs->queues) ? "true" : "false", NULL),
			 "next_cfg", 1);
}

int ovs_configure(struct ovs *ovs, struct error *err)
{
	json_t *operations = json_array();

	json_array_append_new(operations, row_insert("Interface", "interface",
			      json_pack("{s:s, s:s}", "name", OVS_BRIDGE, "type", "internal")));
	json_array_append_new(operations, row_insert("Port", "port",
			      json_pack("{s:s, s:o}", "name", OVS_BRIDGE, "interfaces", named("interface"))));
	json_array_append_new(operations, row_insert("Bridge", "bridge", bridge_row(ovs)));
	json_array_append_new(operations, row_insert("Open_vSwitch", "settings", settings_row(ovs)));
	return ovs_transact(ovs->directory_fd, OVS_DATABASE_SOCKET, operations, NULL, err);
}

/* Queues of the ports before this one that are entered, or that are not. */
static unsigned queues_before(const struct ovs *ovs, unsigned index, bool entered)
{
	unsigned count = 0;

	for (unsigned i = 0; i < index; i++)
		if (ovs->port[i] && ovs->port[i]->entered == entered)
			count += ovs->queues;
	return count;
}

unsigned ovs_queue_thread(const struct ovs *ovs, unsigned index, unsigned queue)
{
	bool entered = ovs->port[index]->entered;
	unsigned number = queues_before(ovs, index, entered) + queue, others = ovs->processor_count - 1;

	if (!others)
		return 0;
	if (ovs->affinity == SWITCH_AFFINITY_APART)
		return (number + !entered) % ovs->processor_count;
	if (entered && (ovs->affinity == SWITCH_AFFINITY_TOGETHER || !queue))
		return 0;
	return 1 + number % others;
}

/*
 * "0:2,1:4": queue 0 by the thread on processor 2. The queues of all ports are given a thread, since one that has been
 * given some takes no others.
 */
static json_t *affinity_map(const struct ovs *ovs, unsigned index)
{
	char text[CONTROL_QUEUES_MAX * 16] = "";
	size_t used = 0;

	if (ovs->affinity == SWITCH_AFFINITY_AUTO)
		return map_make(NULL);
	for (unsigned queue = 0; queue < ovs->queues; queue++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u:%d", queue ? "," : "", queue,
					 ovs->processors[ovs_queue_thread(ovs, index, queue)]);
	return map_make("pmd-rxq-affinity", text, NULL);
}

static json_t *interface_row(const struct ovs *ovs, unsigned index, const char *name)
{
	char socket[32]; /* relative, as Open vSwitch runs in that directory: the path may be long */
	uint32_t mtu = ovs->max_frame - WIRE_ETHERNET_LEN;

	snprintf(socket, sizeof(socket), OVS_PORT_SOCKET "%u", index);
	return json_pack("{s:s, s:s, s:i, s:i, s:o, s:o}", "name", name, "type", "dpdkvhostuserclient", "mtu_request",
			 (int)(mtu > MTU_DEFAULT ? mtu : MTU_DEFAULT), "ofport_request", (int)OVS_OFPORT(index), "options",
			 map_make("vhost-server-path", socket, NULL), "other_config", affinity_map(ovs, index));
}

static json_t *mutate(const char *table, const char *column, const char *how, json_t *value)
{
	return json_pack("{s:s, s:s, s:[], s:[[s, s, o]]}", "op", "mutate", "table", table, "where",
			 "mutations", column, how, value);
}

int ovs_add_ports(struct ovs *ovs, const unsigned *indexes, unsigned count, struct error *err)
{
	json_t *operations = json_array(), *ports = json_array();

	for (unsigned i = 0; i < count; i++) {
		char name[32], id[32];

		snprintf(name, sizeof(name), OVS_PORT "%u", indexes[i]);
		snprintf(id, sizeof(id), "port%u", indexes[i]);
		json_array_append_new(operations, row_insert("Interface", name,
							     interface_row(ovs, indexes[i], name)));
		json_array_append_new(operations, row_insert("Port", id,
				      json_pack("{s:s, s:o}", "name", name, "interfaces", named(name))));
		json_array_append_new(ports, named(id));
	}
	ports = json_pack("[s, o]", "set", ports);
	json_array_append_new(operations, mutate("Bridge", "ports", "insert", ports));
	json_array_append_new(operations, mutate("Open_vSwitch", "next_cfg", "+=", json_integer(1)));
	return ovs_transact(ovs->directory_fd, OVS_DATABASE_SOCKET, operations, NULL, err);
}

int ovs_select(struct ovs *ovs, const char *table, json_t *columns, json_t **rows, struct error *err)
{
	json_t *select = json_pack("[{s:s, s:s, s:[], s:o}]", "op", "select", "table", table, "where",
				   "columns", columns);
	json_t *results;
	int rc = ovs_transact(ovs->directory_fd, OVS_DATABASE_SOCKET, select, &results, err);

	*rows = NULL;
	if (rc)
		return rc;
	*rows = json_incref(json_object_get(json_array_get(results, 0), "rows"));
	json_decref(results);
	return *rows ? 0 : error_set(err, EPROTO, NULL, "Open vSwitch's database gives no rows of %s", table);
}

int ovs_configured(struct ovs *ovs, struct error *err)
{
	json_t *columns = json_pack("[s, s, s]", "cur_cfg", "next_cfg", "dpdk_initialized"), *rows, *row;
	bool done;
	int rc = ovs_select(ovs, "Open_vSwitch", columns, &rows, err);

	if (rc)
		return rc;
	row = json_array_get(rows, 0);
	done = json_is_true(json_object_get(row, "dpdk_initialized")) &&
	       json_integer_value(json_object_get(row, "cur_cfg")) ==
	       json_integer_value(json_object_get(row, "next_cfg"));
	json_decref(rows);
	return done;
}
