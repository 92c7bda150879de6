/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the switches of the kernel's own have in common: ports that are network interfaces.
 *
 * Their stop() deletes no link: the namespaces, which the testbed destroys right afterwards, take their
 * links along, all at once and in the background. Deleted one by one, each costs RCU grace periods of its
 * own: 10 to 30 ms.
 */
#ifndef LB_TESTBED_SWITCH_NETDEV_H
#define LB_TESTBED_SWITCH_NETDEV_H

#include <stddef.h>

#include "testbed/host/links.h"
#include "testbed/switch/switch.h"

/* The container's end of a port. */
struct link_end netdev_end(const struct switch_port *port);

/*
 * Can this kernel, and this user, do what `make` does? Tries it in a network namespace that nobody else
 * sees.
 */
int netdev_probe(int (*make)(int netns, struct error *err), struct error *err);

/* Wait until the link is up (and forwards, if it is a port of a bridge): 0, or -ETIMEDOUT after 5 s. */
int netdev_wait(int netns, const char *name, bool forwarding, struct error *err);

/* "kernel 6.1.0-38-amd64" */
void netdev_version(char *text, size_t size);

#endif
