/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the switch ovs tells of itself while it runs. The database's statistics are some seconds old; what
 * ovs-vswitchd answers to a command is not, so counters come from there, as text made for people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testbed/switch/ovs.h"
#include "testbed/switch/ovs_rpc.h"
#include "testbed/switch/vhost_user.h"

#define DATAPATH "netdev@ovs-netdev" /* what Open vSwitch calls its one data path in user space */

/* Each line of `text`, which it cuts up; none where that is NULL. */
#define FOR_EACH_LINE(line, text, rest)                                    \
	for ((line) = (text) ? strtok_r(text, "\n", &(rest)) : NULL; (line); \
	     (line) = strtok_r(NULL, "\n", &(rest)))

/* argument: NULL = none. The answer is to be freed. */
static int command(struct ovs *ovs, const char *name, const char *argument, char **text, struct error *err)
{
	return ovs_command(ovs->directory_fd, OVS_COMMAND_SOCKET, name,
			   argument ? json_pack("[s]", argument) : json_array(), text, err);
}

/* A value of a map of RFC 7047, or NULL. */
static const char *map_get(const json_t *map, const char *key)
{
	json_t *pair;
	size_t i;

	json_array_foreach(json_array_get(map, 1), i, pair)
		if (!strcmp(json_string_value(json_array_get(pair, 0)), key))
			return json_string_value(json_array_get(pair, 1));
	return NULL;
}

/* "  port: p0                queue-id:  0 (enabled)   pmd usage: NOT AVAIL" */
static bool polled_line(const char *line, unsigned *port, unsigned *queue)
{
	return sscanf(line, " port: " OVS_PORT "%u queue-id: %u", port, queue) == 2 && strstr(line, "(enabled)");
}

static int lines_count(struct ovs *ovs, const char *name, bool (*is_one)(const char *line), struct error *err)
{
	char *text, *rest, *line;
	int count = 0, rc = command(ovs, name, NULL, &text, err);

	if (rc)
		return rc;
	FOR_EACH_LINE(line, text, rest)
		count += is_one(line);
	free(text);
	return count;
}

static bool is_polled(const char *line)
{
	unsigned port, queue;

	return polled_line(line, &port, &queue);
}

/* "mempool <ovs6ffa666e00021580020512>@0x1101ce300" */
static bool is_pool(const char *line)
{
	return strncmp(line, "mempool <ovs", 12) == 0;
}

static int ports_connected(struct ovs *ovs, struct error *err)
{
	json_t *rows, *row;
	int count = 0, rc = ovs_select(ovs, "Interface", json_pack("[s]", "status"), &rows, err);
	size_t i;

	if (rc)
		return rc;
	json_array_foreach(rows, i, row) {
		const char *status = map_get(json_object_get(row, "status"), "status");

		count += status && !strcmp(status, "connected");
	}
	json_decref(rows);
	return count;
}

/*
 * A port's rings are polled from when it is added; once its other side is there it gets its packet buffers, which
 * interrupts all forwarding for some milliseconds. So it is these that tell. (To ask for the buffers of one
 * port kills Open vSwitch 3.1 where it has none.) A pool for all ports tells nothing: there the database's word
 * counts, which may be a moment early.
 */
int ovs_forwarding(struct ovs *ovs, struct error *err)
{
	int polled = lines_count(ovs, "dpif-netdev/pmd-rxq-show", is_polled, err), served;

	if (polled <= 0)
		return polled;
	polled /= (int)ovs->queues; /* all queues of all ports, before the last port counts */
	served = ovs_memory_per_port(ovs->ports, ovs->queues) ?
		 lines_count(ovs, "netdev-dpdk/get-mempool-info", is_pool, err) : ports_connected(ovs, err);
	return served < polled ? served : polled;
}

/*
 * Of dpctl/show -s:
 *
 *     netdev@ovs-netdev:
 *       lookups: hit:751263 missed:1 lost:1024
 *       flows: 1
 *       port 2: p0 (dpdkvhostuserclient: ...)
 *         RX packets:752288 errors:? dropped:0 overruns:? frame:?
 *         TX packets:0 errors:? dropped:0 aborted:? carrier:?
 *
 * lost: found no flow, and none could be made for it then. dropped of TX: the ring was full, among others. Of the
 * bridge's own tap devices, which nobody listens to, nothing counts.
 */
static uint64_t dropped_of(char *text)
{
	uint64_t sum = 0, number;
	bool ours = false;
	char *rest, *line;
	unsigned port;

	FOR_EACH_LINE(line, text, rest) {
		const char *dropped = strstr(line, " dropped:"), *lost = strstr(line, " lost:");

		if (strstr(line, " port "))
			ours = sscanf(line, " port %*u: " OVS_PORT "%u (", &port) == 1;
		else if (lost && sscanf(lost, " lost:%" SCNu64, &number) == 1)
			sum += number;
		else if (ours && dropped && sscanf(dropped, " dropped:%" SCNu64, &number) == 1)
			sum += number;
	}
	return sum;
}

int ovs_dropped(struct vswitch *sw, uint64_t *packets)
{
	struct ovs *ovs = (struct ovs *)sw;
	char *text;
	/* Named, or it looks for the kernel's data paths, too, and warns that there are none. */
	int rc = ovs_command(ovs->directory_fd, OVS_COMMAND_SOCKET, "dpctl/show",
			     json_pack("[s, s]", "-s", DATAPATH), &text, NULL);

	if (rc)
		return rc;
	*packets = dropped_of(text);
	free(text);
	return 0;
}

/* ---- configuration in effect --------------------------------------------------------------------------- */

/* "pmd thread numa_id 0 core_id 1:", and lines as above: ports[i] is polled for its queue queues[i]. */
static json_t *threads_json(struct ovs *ovs)
{
	json_t *threads = json_array(), *ports = NULL, *queues = NULL;
	char *text, *rest, *line;
	unsigned core, port, queue;

	command(ovs, "dpif-netdev/pmd-rxq-show", NULL, &text, NULL);
	FOR_EACH_LINE(line, text, rest) {
		if (sscanf(line, "pmd thread numa_id %*d core_id %u:", &core) == 1) {
			ports = json_array();
			queues = json_array();
			json_array_append_new(threads, json_pack("{s:i, s:o, s:o}", "processor", (int)core,
								 "ports", ports, "queues", queues));
		} else if (ports && polled_line(line, &port, &queue)) {
			json_array_append_new(ports, json_integer(port));
			json_array_append_new(queues, json_integer(queue));
		}
	}
	free(text);
	return threads;
}

static json_t *number_or_null(const char *text)
{
	return text ? json_integer(strtoll(text, NULL, 10)) : json_null();
}

static json_t *port_json(const json_t *row)
{
	const json_t *status = json_object_get(row, "status");
	const char *features = map_get(status, "features"), *mode = map_get(status, "mode");
	const char *state = map_get(status, "status");

	return json_pack("{s:s?, s:s?, s:s?, s:o, s:o, s:o, s:O?, s:o}", "mode", mode, "status", state,
			 "rxq_affinity", map_get(json_object_get(row, "other_config"), "pmd-rxq-affinity"),
			 "ring", number_or_null(map_get(status, "vring_0_size")),
			 "rings", number_or_null(map_get(status, "num_of_vrings")),
			 "node", number_or_null(map_get(status, "numa")), "mtu", json_object_get(row, "mtu"),
			 "virtio", features ? vhost_user_features(strtoull(features, NULL, 16)) :
			 json_null());
}

/* In the order of ports: the database knows none. */
static json_t *ports_json(struct ovs *ovs)
{
	json_t *ports = json_array(), *rows, *row;
	size_t i;

	for (unsigned index = 0; index < ovs->attached; index++)
		json_array_append_new(ports, json_null());
	if (ovs_select(ovs, "Interface", json_pack("[s, s, s, s]", "name", "status", "mtu", "other_config"), &rows, NULL))
		return ports;
	json_array_foreach(rows, i, row) {
		unsigned index;

		if (sscanf(json_string_value(json_object_get(row, "name")), OVS_PORT "%u", &index) == 1 &&
		    index < ovs->attached)
			json_array_set_new(ports, index, port_json(row));
	}
	json_decref(rows);
	return ports;
}

/* The number behind `label` in the answer to a command; null where it is not there. */
static json_t *number_of(struct ovs *ovs, const char *name, const char *argument, const char *label)
{
	const char *found;
	json_t *number;
	char *text;

	command(ovs, name, argument, &text, NULL);
	found = text ? strstr(text, label) : NULL;
	number = number_or_null(found ? found + strlen(label) : NULL);
	free(text);
	return number;
}

/* "..., priority=0,n_packets=12,n_bytes=768,actions=NORMAL": of all flows but those of Open vSwitch's own. */
static json_t *actions_json(struct ovs *ovs)
{
	json_t *actions = json_array();
	char *text, *rest, *line;

	command(ovs, "bridge/dump-flows", OVS_BRIDGE, &text, NULL);
	FOR_EACH_LINE(line, text, rest) {
		const char *action = strstr(line, "actions=");

		if (action && !strstr(line, "table_id=254"))
			json_array_append_new(actions, json_string(action + 8));
	}
	free(text);
	return actions;
}

/* As the parameter has it; of flows that are neither, "other". */
static const char *forwarding_of(const json_t *actions)
{
	size_t normal = 0, output = 0, count = json_array_size(actions);

	for (size_t i = 0; i < count; i++) {
		const char *action = json_string_value(json_array_get(actions, i));

		normal += !strcmp(action, "NORMAL");
		output += !strncmp(action, "output:", 7);
	}
	return count && normal == count ? "learning" : count && output == count ? "ports" : "other";
}

static json_t *settings_json(struct ovs *ovs)
{
	json_t *rows, *settings = json_null();

	if (ovs_select(ovs, "Open_vSwitch", json_pack("[s, s]", "dpdk_version", "other_config"), &rows, NULL))
		return settings;
	if (json_array_size(rows)) {
		const json_t *row = json_array_get(rows, 0), *config = json_object_get(row, "other_config");

		settings = json_pack("{s:O?, s:s?, s:s?, s:s?}", "dpdk", json_object_get(row, "dpdk_version"),
				     "eal", map_get(config, "dpdk-extra"),
				     "pmd_cpu_mask", map_get(config, "pmd-cpu-mask"),
				     "rxq_assign", map_get(config, "pmd-rxq-assign"));
	}
	json_decref(rows);
	return settings;
}

#define MAC_ENTRIES "Current/maximum MAC entries in the table: "

json_t *ovs_effective(struct vswitch *sw)
{
	struct ovs *ovs = (struct ovs *)sw;
	json_t *actions = actions_json(ovs);

	return json_pack("{s:s, s:b, s:o, s:o, s:s, s:o, s:b, s:o, s:o, s:o}",
			 "datapath", "netdev", "zero_copy", false, "settings", settings_json(ovs),
			 "actions", actions, "forwarding", forwarding_of(actions), "threads", threads_json(ovs),
			 "memory_per_port", ovs_memory_per_port(ovs->ports, ovs->queues),
			 "buffers", number_of(ovs, "netdev-dpdk/get-mempool-info", NULL, "\n  size="),
			 "addresses", number_of(ovs, "fdb/stats-show", OVS_BRIDGE, MAC_ENTRIES),
			 "ports", ports_json(ovs));
}
