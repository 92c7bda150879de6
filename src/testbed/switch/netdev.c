/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "testbed/host/netlink.h"

#define WAIT_STEP_NS 500000L
#define WAIT_STEPS (5L * 1000000000L / WAIT_STEP_NS)

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
	const struct timespec step = { .tv_nsec = WAIT_STEP_NS };
	struct link_state state;

	for (long i = 0; i < WAIT_STEPS; i++) {
		int rc = link_read(netns, name, &state, err);

		if (rc < 0)
			return rc;
		if (state.up && (state.forwarding || !forwarding))
			return 0;
		nanosleep(&step, NULL);
	}
	return error_set(err, ETIMEDOUT, NULL, "link %s is not %s after 5 s", name,
			 forwarding ? "forwarding" : "up");
}

void netdev_version(char *text, size_t size)
{
	struct utsname system;

	uname(&system);
	snprintf(text, size, "kernel %s", system.release);
}
