/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups by name alone, wherever they are: every mounted hierarchy, v1 and v2, at any depth. For cleaning
 * up; who makes them (a runtime's library, cpu_group.h) gives them names that are unique on this machine.
 */
#ifndef LB_TESTBED_HOST_CGROUP_H
#define LB_TESTBED_HOST_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "util/error.h"

/* Subject: name of a cgroup. Undo: cgroup_remove. */
extern const struct ledger_kind cgroup_kind;

/*
 * Kill every process in the cgroups called `name`, and in those below them, and remove them. Waits for the
 * processes up to timeout_ms. Returns how many cgroups were removed, or -errno with err.
 */
int cgroup_remove(const char *name, int timeout_ms, struct error *err);

/* Is any cgroup file system mounted where cgroups can be made? 0, or -errno with cause and remedy. */
int cgroup_probe(struct error *err);

struct cgroup_hierarchy {
	char path[192];   /* where it is mounted */
	bool unified;     /* cgroup v2 */
};

/* Is the word in the file `name` (cgroup.controllers, ...) of the cgroup of v2 at `path`? */
bool cgroup_file_has_word(const char *path, const char *name, const char *word);

/*
 * Where cgroups with this controller are made, below which base: in v1 the cgroup that lanebench is in, so that what
 * limits it limits what it starts, too. (In v2 that one has processes, and so no cgroups with controllers below it: the
 * hierarchy's top.) 0, or -errno with cause and remedy.
 */
int cgroup_find_base(const char *controller, struct cgroup_hierarchy *found, char base[256], struct error *err);

/* The hierarchy that has this controller ("cpu"). 0, or -errno with cause and remedy. */
int cgroup_find(const char *controller, struct cgroup_hierarchy *found, struct error *err);

#endif
