/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime netns: a container that is a network namespace and nothing else. Its programs share the file
 * system, the processes and the user of lanebench, but not its capabilities. Works without root inside a
 * user namespace.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "system/confine.h"
#include "testbed/container/container.h"
#include "testbed/host/namespace.h"

extern const struct container_ops netns_runtime;

struct netns_container {
	struct container base;
	struct net_namespace ns;
};

static struct netns_container *to_netns(struct container *container)
{
	return (struct netns_container *)container;
}

/* Tried out in a child of its own: the one way to know whether capabilities, limits and filters let us. */
static int try_namespace(void *context)
{
	return unshare(CLONE_NEWNET) ? errno : 0;
}

static int netns_probe(struct error *err)
{
	int code = process_try(try_namespace, NULL, err);

	if (code < 0)
		return error_prefix(err, "cannot try a network namespace");
	if (!code)
		return 0;
	return error_errno(err, code, code == ENOSPC ? "raise sysctl user.max_net_namespaces" :
			   "run lanebench as root, or allow user namespaces (see: lanebench doctor)",
			   "cannot make a network namespace");
}

static int netns_create(struct container **made, const struct container_spec *spec, struct ledger *ledger,
			struct error *err)
{
	struct netns_container *container = calloc(1, sizeof(*container));
	int rc;

	*made = NULL;
	if (!container)
		return error_set(err, ENOMEM, NULL, "cannot make container %s: out of memory", spec->name);
	snprintf(container->base.name, sizeof(container->base.name), "%s", spec->name);
	rc = confine_parse(spec->capabilities, &container->base.capabilities, err);
	if (!rc)
		rc = namespace_create(&container->ns, spec->name, ledger, err);
	if (!rc)
		rc = container_group_make(&container->base.programs, spec->name, &spec->limits, ledger, err);
	if (rc) {
		namespace_destroy(&container->ns);
		free(container);
		return rc;
	}
	container->base.ops = &netns_runtime;
	container->base.netns = container->ns.fd;
	container->base.pidfd = -1;
	container->base.pid = container->ns.holder.pid;
	*made = &container->base;
	return 0;
}

static int netns_destroy(struct container *base, struct ledger *ledger, struct error *err)
{
	struct netns_container *container = to_netns(base);
	int rc = container_group_remove(&base->programs, ledger, err);

	namespace_destroy(&container->ns);
	free(container);
	return rc;
}

static int netns_reap(const char *name, const char *directory, struct error *err)
{
	return 0; /* its holder and its cgroup are in the ledger themselves */
}

static void netns_version(char *text, size_t size)
{
	struct utsname kernel;

	snprintf(text, size, "kernel %s", uname(&kernel) ? "?" : kernel.release);
}

const struct container_ops netns_runtime = {
	.name = "netns",
	.summary = "network namespaces alone; also without root, where the kernel allows user namespaces",
	.unprivileged = true,
	.namespaces = CLONE_NEWNET,
	.probe = netns_probe,
	.create = netns_create,
	.destroy = netns_destroy,
	.reap = netns_reap,
	.version = netns_version,
};
