/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces held by a small process of ours, so that they vanish with it. */
#ifndef LB_TESTBED_HOST_NAMESPACE_H
#define LB_TESTBED_HOST_NAMESPACE_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "system/process.h"
#include "util/error.h"

struct net_namespace {
	struct process holder; /* sleeps; its name is "lb-hold" (pgrep lb-hold); dies with lanebench */
	int fd;
};

int namespace_create(struct net_namespace *ns, const char *name, struct ledger *ledger, struct error *err);
void namespace_destroy(struct net_namespace *ns);

/*
 * Enter a user namespace in which the caller is root, with a network and a mount namespace of its own; for a
 * user without privileges. 0, or -errno with the remedy (which sysctl forbids it).
 */
int namespace_enter_user(struct error *err);

/* Can this process make user namespaces? Tried in a child; 0, or -errno with the remedy. */
int namespace_probe_user(struct error *err);

/* Is the caller real root (CAP_SYS_ADMIN and CAP_NET_ADMIN in the initial user namespace)? */
bool namespace_is_root(void);

#endif
