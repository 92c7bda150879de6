/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch ovs where it joins links: packets that enter a port leave by the other end of its link, whatever their
 * addresses. Its flows are OpenFlow's, which neither the database nor a command of ovs-vswitchd can set, so its own
 * tool does: once for each testbed, with all flows in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "system/program.h"
#include "testbed/host/child.h"
#include "testbed/switch/ovs.h"

#define FLOWS "flows"
#define ADD_MS 10000
#define WORD(text) ((char[]){ text })

static const char *const tools[] = { "/usr/local/bin/ovs-ofctl", "/usr/bin/ovs-ofctl", NULL };

/* The directory is the switch's user's, who must not choose what is written to. */
static int flows_write(const struct ovs *ovs, struct error *err)
{
	int fd = openat(ovs->directory_fd, FLOWS, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	int rc = 0;

	for (unsigned i = 0; file && i < ovs->ports; i++)
		if (ovs->port[i] && ovs->port[i]->peer)
			fprintf(file, "in_port=%u,actions=output:%u\n", OVS_OFPORT(i), OVS_OFPORT(ovs->port[i]->peer->index));
	if (!file || ferror(file))
		rc = error_errno(err, errno, NULL, "cannot write the flows of Open vSwitch");
	if (file && fclose(file) && !rc)
		rc = error_errno(err, errno, NULL, "cannot write the flows of Open vSwitch");
	if (!file && fd >= 0)
		close(fd);
	return rc;
}

int ovs_add_flows(struct ovs *ovs, struct error *err)
{
	char *argv[] = { WORD("ovs-ofctl"), WORD("add-flows"), WORD("unix:" OVS_BRIDGE ".mgmt"), WORD(FLOWS), NULL };
	struct program add = {
		.path = program_find(tools),
		.argv = argv,
		.environment = ovs->environment,
		.directory = ovs->directory,
		.netns = -1,
	};
	int rc;

	if (!ovs->join)
		return 0;
	if (!add.path)
		return error_set(err, ENOENT, "apt install openvswitch-common, or use forwarding: learning",
				 "there is no ovs-ofctl here");
	rc = flows_write(ovs, err);
	if (rc)
		return rc;
	program_user_apply(&ovs->user, &add);
	rc = program_run(&add, ADD_MS, NULL, child_hook(ovs->ledger), err);
	return rc ? error_prefix(err, "cannot set the flows of Open vSwitch") : 0;
}
