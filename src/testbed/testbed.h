/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A testbed: everything that a test needs in place: containers, ports, switch, and in each container
 * an endpoint program waiting for messages. Brought up once for all tests that can share it.
 */
#ifndef LB_TESTBED_TESTBED_H
#define LB_TESTBED_TESTBED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "testbed/container/container.h"
#include "testbed/host/namespace.h"
#include "testbed/host/processors.h"
#include "testbed/interference.h"
#include "ledger/ledger.h"
#include "system/log_file.h"
#include "system/process.h"
#include "testbed/provision.h"
#include "testbed/switch/switch.h"
#include "topology/topology.h"
#include "util/error.h"

struct testbed_spec {
	const char *runtime, *switch_name; /* names of the tables */
	struct topology_spec topology;
	uint32_t mtu;
	bool addresses;                  /* give the ports IP addresses (the technique needs them) */
	const char *const *capabilities; /* of the containers; NULL-terminated */
	enum port_kind port_kind;        /* that technique and switch agree upon */
	uint32_t max_frame, max_burst;   /* largest that will be used */
	uint32_t ring;                   /* descriptors of a port's rings */
	unsigned threads;                /* of the switch, if it has any */
	bool join;                       /* a switch that learns joins the two ends of each link instead */
	uint32_t queues;                 /* of each port in each direction */
	enum switch_affinity affinity;
	bool switch_contained;           /* its processes run in a container of their own */
	const char *hugepages;           /* parameter hugepages: auto, none, 2M, 1G */
	int endpoint_program;            /* descriptor of lanebench-endpoint */
	int log_directory;               /* for endpoint-<n>.log, switch.log, container-<n>.log (appended); see log_file.h */
	struct interference_spec interference;
};

/* The endpoint of a node of the topology. */
struct testbed_endpoint {
	struct container *container;
	struct process process;
	struct log_file log, container_log;
	struct packet_memory memory;     /* as the container sees it; all 0 where its ports need none */
	int processor;
	bool shared;                     /* its processor is shared: yield */
};

struct testbed {
	struct topology topology;
	struct testbed_endpoint *endpoints; /* one a node */
	unsigned count;
	struct switch_port *ports;       /* as the topology numbers them */
	struct vswitch *sw;
	struct container *switch_container; /* NULL = the switch is on the host */
	struct log_file switch_log;
	struct net_namespace switch_namespace;
	struct placement placement;
	struct processors *processors; /* whose placement it is; not owned */
	struct provision provision;
	struct interference interference;
	char cpuset[1024];               /* processors that its containers may use, as a list */
	bool no_hugepages;               /* endpoints bring their own packet buffers, and have no hugepages for them */
	unsigned generation;             /* set by the caller: how many this run had before; part of names */
	double up_s;                     /* how long it took to bring up */
};

/*
 * Bring it up; on failure everything made so far is removed, and all but `generation` is zero. 0 or -errno
 * with err. *cancel (may be NULL) is looked at between steps: nonzero ends the attempt with -EINTR.
 */
int testbed_up(struct testbed *testbed, const struct testbed_spec *spec, struct ledger *ledger,
	       struct processors *processors, const volatile int *cancel, struct error *err);
/* Remove everything, in reverse order. 0, or the first failure. Safe on a zeroed testbed. */
int testbed_down(struct testbed *testbed, struct ledger *ledger, struct error *err);

/*
 * Has a process of the switch, or the neighbour, ended? 0, or -ECHILD with how ("testpmd was killed by signal
 * 9 (Killed)").
 */
int testbed_check(const struct testbed *testbed, struct error *err);

/* What its programs have said so far into the record; what cannot be kept now is an error of testbed_down. */
void testbed_keep_logs(struct testbed *testbed);

/* What is in effect, read back: switch, ports, containers, processors, quotas, neighbour. New reference. */
json_t *testbed_effective(struct testbed *testbed);

#endif
