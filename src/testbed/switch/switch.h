/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a virtual switch: one file in this folder, one line in switches.def.
 *
 * A testbed has one switch and 2N ports; port 2i and port 2i + 1 belong to pair i. A switch gets
 * processors to run on; it never picks them. With learning, it is a plain learning L2 switch.
 * Kernel objects of a switch live in a network namespace of the testbed's own (spec.netns), never
 * in the host's: what the host filters, bridges or manages does not touch them, and they vanish with it.
 */
#ifndef LB_TESTBED_SWITCH_H
#define LB_TESTBED_SWITCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "testbed/ledger.h"
#include "util/error.h"
#include "wire/frame.h"

/* Kinds of port; the same bits as enum io_port of the endpoint. */
enum switch_port_kind {
	SWITCH_PORT_NETDEV = 1 << 0, /* a network interface moved into the container */
};

struct switch_spec {
	struct ledger *ledger;
	const char *directory;   /* for the switch's own files; below the run's */
	const char *log_path;
	int netns;               /* network namespace for the switch's kernel objects */
	unsigned ports;          /* how many will be attached */
	uint32_t mtu;
	const int *processors;   /* for its threads */
	unsigned processor_count;
};

struct switch_port {
	unsigned index;              /* 0 .. ports - 1 */
	struct switch_port *peer;    /* the other port of the pair */
	int netns;                   /* the container's network namespace */
	struct wire_address address;
	char interface[16];          /* SWITCH_PORT_NETDEV: name inside the container; set by the testbed */
};

struct vswitch {
	const struct switch_ops *ops;
};

struct switch_ops {
	const char *name;            /* the value of the parameter switch */
	const char *summary;
	uint32_t ports;              /* mask of enum switch_port_kind that it gives */
	bool remote;                 /* can reach another host */
	unsigned threads;            /* processors that it wants for itself; 0 = it runs in its users' context */

	int (*probe)(struct error *err);
	int (*start)(struct vswitch **sw, const struct switch_spec *spec, struct error *err);
	/*
	 * Give the container its port: an interface called port->interface in port->netns with the MAC
	 * address port->address.mac and the spec's MTU; left down (the testbed brings it up). All ports of
	 * the testbed have their fields filled before the first call, so a switch may make both of a pair at
	 * once.
	 */
	int (*attach)(struct vswitch *sw, struct switch_port *port, struct error *err);
	/* All ports attached and up: is it forwarding? Waits if it must (up to 5 s). May be NULL. */
	int (*ready)(struct vswitch *sw, struct error *err);
	/* Packets that the switch itself dropped so far; -ENOTSUP where it cannot tell. May be NULL. */
	int (*dropped)(struct vswitch *sw, uint64_t *packets);
	json_t *(*effective)(struct vswitch *sw); /* configuration read back; new reference; may be NULL */
	void (*version)(char *text, size_t size); /* "kernel 6.1.0-38" */
	void (*stop)(struct vswitch *sw);         /* remove what would outlive the namespaces, free */
};

extern const struct switch_ops *const switch_table[]; /* NULL-terminated */
const struct switch_ops *switch_find(const char *name);

#endif
