/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "system/deadline.h"
#include "testbed/host/netlink.h"

#define WAIT_MS 5000
#define PAUSE_US 500

struct link_end netdev_end(const struct switch_port *port)
{
	return (struct link_end){
		.netns = port->netns,
		.name = port->port.address,
		.mac = port->address.mac,
	};
}

int netdev_probe(int (*make)(int netns, struct error *err), struct error *err)
{
	int netns = netlink_scratch_namespace(err), rc;

	if (netns < 0)
		return netns;
	rc = make(netns, err);
	close(netns);
	return rc;
}

int netdev_wait(int netns, const char *name, bool forwarding, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(WAIT_MS);
	struct link_state state;

	do {
		int rc = link_read(netns, name, &state, err);

		if (rc < 0)
			return rc;
		if (state.up && (state.forwarding || !forwarding))
			return 0;
	} while (deadline_pause(&deadline, PAUSE_US));
	return error_set(err, ETIMEDOUT, NULL, "link %s is not %s after %d s", name,
			 forwarding ? "forwarding" : "up", WAIT_MS / 1000);
}

void netdev_version(char *text, size_t size)
{
	struct utsname system;

	uname(&system);
	snprintf(text, size, "kernel %s", system.release);
}
