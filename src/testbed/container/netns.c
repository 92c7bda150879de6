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
#include <unistd.h>

#include "system/confine.h"
#include "testbed/container/container.h"
#include "testbed/host/child.h"
#include "testbed/host/namespace.h"

extern const struct container_ops netns_runtime;

struct netns_container {
	struct container base;
	struct net_namespace ns;
	uint64_t capabilities;
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
	rc = confine_parse(spec->capabilities, &container->capabilities, err);
	if (!rc)
		rc = namespace_create(&container->ns, spec->name, ledger, err);
	if (rc) {
		free(container);
		return rc;
	}
	container->base.ops = &netns_runtime;
	container->base.netns = container->ns.fd;
	container->base.pid = container->ns.holder.pid;
	*made = &container->base;
	return 0;
}

struct entry_spec {
	int netns;
	struct confined confined;
};

static int enter(void *context)
{
	const struct entry_spec *spec = context;

	if (setns(spec->netns, CLONE_NEWNET))
		return confine_fail(&spec->confined, errno);
	return confine_exec(&spec->confined);
}

static int netns_exec(struct container *base, int program_fd, char *const argv[], int error_fd,
		      struct process *process, struct ledger *ledger, struct error *err)
{
	struct netns_container *container = to_netns(base);
	struct entry_spec spec = {
		.netns = base->netns,
		.confined = { .program_fd = program_fd, .argv = argv,
			      .capabilities = container->capabilities },
	};
	int report, rc;

	*process = (struct process)PROCESS_NONE;
	rc = confine_open(&spec.confined, &report, err);
	if (rc)
		return error_prefix(err, "container %s", base->name);
	rc = process_spawn(process, child_hook(ledger), true, error_fd, enter, &spec, err);
	if (!rc) {
		rc = confine_wait(&spec.confined, &report, err);
		if (rc)
			process_stop(process, 0);
	}
	confine_close(&spec.confined, &report);
	return rc ? error_prefix(err, "container %s", base->name) : 0;
}

static int netns_destroy(struct container *base, struct ledger *ledger, struct error *err)
{
	struct netns_container *container = to_netns(base);

	namespace_destroy(&container->ns);
	free(container);
	return 0;
}

static int netns_reap(const char *name, const char *directory, struct error *err)
{
	return 0; /* its holder is a process of the ledger's own */
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
	.probe = netns_probe,
	.create = netns_create,
	.exec = netns_exec,
	.destroy = netns_destroy,
	.reap = netns_reap,
	.version = netns_version,
};
