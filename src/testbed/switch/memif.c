/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memif: no switch at all. The two ends of a link share a directory, and in it the socket through which
 * their endpoints agree upon shared memory: what every switch in user space is to be compared with.
 *
 * The receiving end (end 1) listens: the other one is then the client, which owns the memory and so can
 * send from where its packets lie.
 */
#include <errno.h>
#include <stdlib.h>

#include "testbed/switch/socket_port.h"
#include "testbed/switch/switch.h"

#define SOCKET "memif"

static int memif_probe(struct error *err)
{
	(void)err; /* what it needs, it needs in the endpoints alone */
	return 0;
}

static int memif_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	(void)spec;
	*sw = calloc(1, sizeof(**sw));
	return *sw ? 0 : error_errno(err, ENOMEM, NULL, "cannot start memif");
}

static int memif_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	(void)sw;
	return socket_port_fill(port, SOCKET, port->end == 1, err);
}

static void memif_stop(struct vswitch *sw)
{
	free(sw);
}

const struct switch_ops memif_switch = {
	.name = "memif",
	.summary = "no switch: memory shared by the two ends of a link",
	.ports = PORT_BIT(PORT_MEMIF),
	.link_directory = true,
	.probe = memif_probe,
	.start = memif_start,
	.attach = memif_attach,
	.stop = memif_stop,
};
