/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the switch ovs share. Nobody else includes this. */
#ifndef LB_TESTBED_SWITCH_OVS_H
#define LB_TESTBED_SWITCH_OVS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "testbed/host/program_user.h"
#include "testbed/switch/switch.h"

/* In the switch's directory. */
#define OVS_DATABASE "conf.db"
#define OVS_DATABASE_SOCKET "db.sock"
#define OVS_COMMAND_SOCKET "vswitchd.ctl"
#define OVS_PORT_SOCKET "port"  /* of port N, once the endpoint has made it: "portN" */
/* In the database. */
#define OVS_BRIDGE "br"
#define OVS_PORT "p"            /* port N: "pN", in OpenFlow: */
#define OVS_OFPORT(index) ((index) + 1)

enum { OVS_VSWITCHD, OVS_SERVER, OVS_PROCESSES };

struct ovs {
	struct vswitch base;
	struct ledger *ledger;
	int netns;
	char *directory;
	int directory_fd, log_fd;
	char *environment[7];           /* see daemon_environment; NULL-terminated */
	struct packet_memory memory;
	struct program_user user;       /* of all its programs */
	int *processors;
	unsigned processor_count;
	unsigned ports, attached;
	struct switch_port **port;
	uint32_t max_frame;
	bool join;
	uint32_t queues;
	enum switch_affinity affinity;
	bool *added;                    /* of each port: it is in the database */
	struct process process[OVS_PROCESSES];
};

/* ---- ovs_daemons.c: its programs ----------------------------------------------------------------------- */

/* All programs and files that it needs are here, and its ovs-vswitchd is one with DPDK. */
int ovs_find(struct error *err);
/* "Open vSwitch 3.1.0, DPDK 22.11.11"; "" where there is none. */
void ovs_version(char *text, size_t size);
/* Database, ovsdb-server and ovs-vswitchd: until the latter forwards (nothing yet). */
int ovs_server_start(struct ovs *ovs, struct error *err);
int ovs_vswitchd_start(struct ovs *ovs, struct error *err);
/* Has one of them ended? 0, or -ECHILD with the last error in its log. */
int ovs_check(struct ovs *ovs, struct error *err);
/* The last line of its log that tells of an error, of those with `part` in it (NULL = any); "" = none. */
void ovs_last_error(const struct ovs *ovs, const char *part, char *text, size_t size);

/* ---- ovs_database.c: its configuration ----------------------------------------------------------------- */

/* So few ports that each has packet buffers of its own: then they need less memory than one pool for all. */
bool ovs_memory_per_port(unsigned ports, uint32_t queues);
uint32_t ovs_megabytes(unsigned ports, uint32_t queues, uint32_t ring, uint32_t max_frame);
int ovs_configure(struct ovs *ovs, struct error *err);
/* Ports of these indexes; their sockets are there. */
int ovs_add_ports(struct ovs *ovs, const unsigned *indexes, unsigned count, struct error *err);
/* The thread, of those it has, that shall poll a queue of a port; not to be asked with SWITCH_AFFINITY_AUTO. */
unsigned ovs_queue_thread(const struct ovs *ovs, unsigned index, unsigned queue);
/* 1 = ovs-vswitchd has done all that the database says, 0 = not yet, or -errno. */
int ovs_configured(struct ovs *ovs, struct error *err);
/* Columns (taken over) of all rows of a table: *rows is a new reference to an array. */
int ovs_select(struct ovs *ovs, const char *table, json_t *columns, json_t **rows, struct error *err);

/* ---- ovs_flows.c: flows from port to port --------------------------------------------------------------- */

/* Where it joins links: a flow from each attached port to its peer. The bridge is there; ports need not be. */
int ovs_add_flows(struct ovs *ovs, struct error *err);

/* ---- ovs_effective.c: what is read back ---------------------------------------------------------------- */

/* How many ports forward; or -errno. */
int ovs_forwarding(struct ovs *ovs, struct error *err);
int ovs_dropped(struct vswitch *sw, uint64_t *packets);
json_t *ovs_effective(struct vswitch *sw);

#endif
