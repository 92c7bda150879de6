/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports that are sockets (vhost-user, memif): where they are, and how they come into the hands of a container.
 *
 * A switch makes its sockets in a directory that nobody else enters (switch_spec.directory); there each
 * gets its owner, and then it is moved to where the container sees it: a socket is found by its inode, so
 * its listener does not notice. So nobody else can put something in its place before it has its rights, and the
 * switch itself needs no right at all in a directory that a container may write to.
 */
#ifndef LB_TESTBED_SWITCH_SOCKET_PORT_H
#define LB_TESTBED_SWITCH_SOCKET_PORT_H

#include <stdbool.h>

#include "testbed/switch/switch.h"
#include "util/error.h"

/* Fill in port->port: the socket called `name` in the port's directory. -ENAMETOOLONG with the remedy. */
int socket_port_fill(struct switch_port *port, const char *name, bool listens, struct error *err);

/*
 * Move the socket `made` of the directory behind `directory` to the port's, under the name of its address;
 * only port->owner can connect to it then. Follows no link; something that is in its place already is an error.
 */
int socket_port_hand_over(const struct switch_port *port, int directory, const char *made, struct error *err);

/*
 * The other way round, where the endpoint makes the socket (port.listens). Is it there? And: move it to the
 * directory behind `directory` as `name`, in the place of what is there; only `owner` can connect to it
 * then. So a switch connects to what was looked at, and the container can put nothing else in its place. What
 * is not a socket, or belongs to somebody else than port->owner, is an error.
 */
bool socket_port_exists(const struct switch_port *port);
int socket_port_take(const struct switch_port *port, int directory, const char *name, uid_t owner,
		     struct error *err);

#endif
