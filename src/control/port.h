/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port as its container sees it, and the memory that packets lie in: the words that the switch which makes
 * a port, the message that tells an endpoint of it, and the technique that opens it have in common. Pure.
 */
#ifndef LB_CONTROL_PORT_H
#define LB_CONTROL_PORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * PORT_NETDEV      a network interface in the container's namespace
 * PORT_VHOST_USER  a vhost-user socket: the endpoint is the virtio driver's side
 * PORT_MEMIF       a memif socket
 * PORT_PCI         a PCI function that the container may drive
 */
enum port_kind {
#define PORT(kind, name, ...) PORT_##kind,
#include "control/ports.def"
#undef PORT
	PORT_KINDS
};

/* What must be handed to a container so that its endpoint can open a port. */
enum port_passes {
	PORT_PASSES_NOTHING,    /* the switch puts the port into the container's network namespace */
	PORT_PASSES_DIRECTORY,  /* in which the port's socket is, or will be */
	PORT_PASSES_DEVICE,     /* nodes of /dev */
	PORT_PASSES_DESCRIPTOR, /* an open file, with the message that tells the endpoint to open the port */
};

/* What others need to know of a kind of port: they ask here and compare no kinds. */
struct port_traits {
	const char *name;
	bool netdev;            /* a network interface: it has a name, an MTU, is brought up, may have addresses */
	bool socket;            /* a Unix socket, which one side makes (port.listens) and the other connects to */
	bool rings;             /* its rings are of a size to choose (port.ring); else they are the kernel's */
	uint32_t max_ring;      /* the longest that it can have; 0 = all that the parameter allows */
	bool queues;            /* it may have several queues in each direction (port.queues) */
	bool memory;            /* the endpoint brings the memory that packets lie in (struct packet_memory) */
	enum port_passes passes;
};

extern const struct port_traits port_traits[PORT_KINDS];
extern const char *const port_names[PORT_KINDS + 1]; /* the same names, NULL-terminated */

/* For masks: what a switch gives, what a technique can use. */
#define PORT_BIT(kind) (UINT32_C(1) << (kind))

/* As much as a Unix socket's address takes (sun_path), its NUL included. */
#define PORT_ADDRESS_SIZE 108

struct port {
	enum port_kind kind;
	char address[PORT_ADDRESS_SIZE]; /* interface name; path of the socket; PCI address "0000:00:05.0" */
	bool listens;                    /* sockets: the endpoint makes the socket and its peer connects to it */
	uint32_t ring;                   /* descriptors of each of its rings; a power of two */
	uint32_t queues;                 /* pairs of rings, where the kind may have several (port_traits.queues); 0 is 1 */
};

/* Where a technique that brings its own packet buffers takes them from. */
struct packet_memory {
	char directory[PORT_ADDRESS_SIZE]; /* a hugetlbfs of its own; "" = memory without hugepages */
	uint32_t megabytes;                /* limit, all that the technique needs included */
};

/* packet_memory.megabytes that suffices for a port's packet buffers and for what goes with them. */
uint32_t port_megabytes(uint32_t ring, uint32_t max_burst, uint32_t max_frame);

#endif
