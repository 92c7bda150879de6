/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a virtual switch: one file in this folder, one line in switches.def.
 *
 * A testbed has one switch, and ports in containers; a container has one or two of them. A switch that learns
 * is a plain learning L2 switch: each port reaches all others. The other switches join links: port 2l and port
 * 2l + 1 are the two ends of link l, and what enters one leaves by the other. A switch gets processors to run on;
 * it never picks them.
 * Kernel objects of a switch live in a network namespace of the testbed's own (spec.netns), never
 * in the host's: what the host filters, bridges or manages does not touch them, and they vanish with it.
 */
#ifndef LB_TESTBED_SWITCH_H
#define LB_TESTBED_SWITCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/port.h"
#include "ledger/ledger.h"
#include "system/process.h"
#include "system/program.h"
#include "util/error.h"
#include "wire/frame.h"

/*
 * Which of its threads polls which queue, in the order of the parameter's choices. A port is entered where packets of
 * a flow come into the switch (switch_port.entered).
 */
enum switch_affinity {
	SWITCH_AFFINITY_AUTO,     /* as the switch deals them out itself */
	SWITCH_AFFINITY_TOGETHER, /* all queues of entered ports on the first thread, all other queues on the others */
	SWITCH_AFFINITY_APART,    /* those of entered ports over the threads in turn; the others, too, one further */
	SWITCH_AFFINITY_FIRST,    /* the first queue of entered ports on the first thread, all other queues on the others */
};

struct switch_spec {
	struct ledger *ledger;
	const char *directory;   /* for the switch's own files; the testbed's, removed with it */
	int log_fd;              /* for what its programs say; to be read, too; open until it is stopped */
	int netns;               /* network namespace for the switch's kernel objects */
	unsigned ports;          /* how many will be attached */
	uint32_t mtu;
	const int *processors;   /* for its threads */
	unsigned processor_count; /* 0 = it has no threads of its own (switch_ops.threads) */
	uint32_t ring;           /* descriptors of each ring of a port, where the switch makes the rings */
	uint32_t max_frame;
	bool join;               /* join the two ends of each link (switch_ops.joins) */
	uint32_t queues;         /* of each port, in each direction; more than 1 with switch_ops.queues alone */
	enum switch_affinity affinity;
	struct packet_memory memory; /* of its own: what switch_ops.megabytes asked for */
	/*
	 * Where its processes run (start NULL = on the host), and who owns its files there: for program_user_enter.
	 * Paths are the same inside.
	 */
	struct program_place place;
	uid_t owner;
};

struct switch_port {
	unsigned index;              /* 0 .. ports - 1 */
	struct switch_port *peer;    /* the other end of its link; NULL = it faces several (switch_ops.learns) */
	unsigned end;                /* which end of its link: 0 or 1 */
	bool entered;                /* packets of a flow enter the switch here: a sender or forwarder sends by it */
	int netns;                   /* the container's network namespace */
	struct wire_address address;
	/*
	 * As the container sees it. The testbed sets kind and ring, and the name of a network interface; attach
	 * fills in the rest.
	 */
	struct port port;
	/*
	 * Ports that are sockets: a directory for the socket and nothing else, by its path on the host and in
	 * the container; the port's own, or its link's (switch_ops.link_directory).
	 */
	char host_directory[PORT_ADDRESS_SIZE], directory[PORT_ADDRESS_SIZE];
	uid_t owner;                 /* host's id (and group's) of who opens the port in the container */
};

struct vswitch {
	const struct switch_ops *ops;
};

struct switch_ops {
	const char *name;            /* the value of the parameter switch */
	const char *summary;
	uint32_t ports;              /* mask: PORT_BIT of each kind that it gives */
	bool remote;                 /* can reach another host */
	bool learns;                 /* all its ports reach all others; else it joins the two ends of each link */
	bool joins;                  /* of one that learns: it can be told to join links instead (switch_spec.join) */
	bool queues;                 /* its ports may have several queues, and it can be told which of its threads
				      * polls which of them (switch_spec.queues, .affinity) */
	unsigned max_ports;          /* most ports that it can have, 0 = no limit of its own */
	bool threads;                /* has threads that poll, each on a processor of its own; else it runs in
				      * its users' context */
	bool link_directory;         /* the two ends of a link share the directory of their socket */
	const char *const *devices;  /* of /dev, that its processes need; NULL-terminated; NULL = none */
	/* Memory for packets that it needs itself; NULL = none. */
	uint32_t (*megabytes)(unsigned ports, uint32_t queues, uint32_t ring, uint32_t max_frame);

	int (*probe)(struct error *err);
	int (*start)(struct vswitch **sw, const struct switch_spec *spec, struct error *err);
	/*
	 * Give the container its port. A network interface: called port->port.address in port->netns with
	 * the MAC address port->address.mac and the spec's MTU; left down (the testbed brings it up). Sockets:
	 * one in port->host_directory (or its peer will make one there: port.listens), which port->owner may
	 * connect to. All ports of the testbed have their fields filled before the first call, so a switch may
	 * make both ends of a link at once.
	 */
	int (*attach)(struct vswitch *sw, struct switch_port *port, struct error *err);
	/*
	 * All ports attached, and network interfaces up: is it forwarding? Waits if it must (up to 10 s). Called
	 * before the endpoints run, so what only they can complete (a socket's other side) is not waited for.
	 * May be NULL.
	 */
	int (*ready)(struct vswitch *sw, struct error *err);
	/*
	 * Sockets that the endpoints make (port.listens) are there only once they have been told to open their
	 * ports. Asked from then on, every few milliseconds, until all ports forward: connects to what is there by
	 * now, waits for nothing. Returns 0 = all forward, the number of ports that do not yet, or -errno. May be
	 * NULL.
	 */
	int (*connect)(struct vswitch *sw, struct error *err);
	/*
	 * The processes that it consists of: they must live as long as it does, and their time is its cost. The
	 * array is the switch's. May be NULL.
	 */
	struct process *(*processes)(struct vswitch *sw, unsigned *count);
	/* Packets that the switch itself dropped so far; -ENOTSUP where it cannot tell. May be NULL. */
	int (*dropped)(struct vswitch *sw, uint64_t *packets);
	json_t *(*effective)(struct vswitch *sw); /* configuration read back; new reference; may be NULL */
	void (*version)(char *text, size_t size); /* "kernel 6.1.0-38"; may be NULL */
	void (*stop)(struct vswitch *sw);         /* remove what would outlive the namespaces, free */
};

extern const struct switch_ops *const switch_table[]; /* NULL-terminated */
const struct switch_ops *switch_find(const char *name);

#endif
