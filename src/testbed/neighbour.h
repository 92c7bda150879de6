/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A noisy neighbour: a load that runs beside the switch, in a cgroup of its own. Named loads are those of
 * stress-ng; a program of the user's is told on the command line alone, never by a suite.
 *
 * It has no capabilities. A named load has a user and a view of the file system of its own (program_user.h); the
 * user's program is as whoever typed it would have it: lanebench's user, and the host's namespaces.
 */
#ifndef LB_TESTBED_NEIGHBOUR_H
#define LB_TESTBED_NEIGHBOUR_H

#include <jansson.h>
#include <sys/types.h>

#include "testbed/host/cpu_group.h"
#include "testbed/host/program_user.h"
#include "system/process.h"
#include "util/error.h"

#define NEIGHBOUR_NONE "none"
#define NEIGHBOUR_COMMAND "command" /* the user's */

struct neighbour_spec {
	const char *name;           /* the value of the parameter neighbour, other than none */
	char *const *command;       /* of the user's, NULL-terminated; NULL = none was given */
	const int *processors;      /* that it may run on */
	unsigned processor_count;
	unsigned workers;           /* of a load of stress-ng's */
	const char *directory;      /* for its temporary files; there already */
	int log_fd;                 /* its standard error; what a command prints is not kept; open until it is stopped */
	const char *group;          /* name of its cgroup */
};

struct neighbour {
	struct process process;
	struct cpu_group group;
	struct program_user user;
	char *directory;            /* the user's */
	char name[32], version[64];
	char **argv;
	int *processors;
	unsigned processor_count;
	int log_fd;
};

/* Can this load run here? 0, or -errno with cause and remedy. Looks at name and command alone. */
int neighbour_probe(const struct neighbour_spec *spec, struct error *err);

/* It runs when this returns 0. On failure nothing is left. */
int neighbour_start(struct neighbour *neighbour, const struct neighbour_spec *spec, struct ledger *ledger,
		    struct error *err);
/* All of it; what it is in is the caller's. Safe on a zeroed one and on NULL. 0, or the first failure. */
int neighbour_stop(struct neighbour *neighbour, struct ledger *ledger, struct error *err);

/* Does it still run? 0 (also where there is none: NULL), or -ECHILD with how it ended. */
int neighbour_check(struct neighbour *neighbour, struct error *err);

/* {"name", "version", "argv", "processors", "processes": that it has by now}; null = none. New reference. */
json_t *neighbour_effective(const struct neighbour *neighbour);

#endif
