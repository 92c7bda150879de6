/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a runtime: one file in this folder, one line in runtimes.def.
 *
 * A container has a network namespace with nothing in it but loopback; the testbed gives it its port. A runtime
 * makes and removes it; lanebench enters it (container_exec), so that what a program in it may do and use is the
 * same whatever has made it. It is never privileged: programs in it have the capabilities that the spec names and
 * no other.
 */
#ifndef LB_TESTBED_CONTAINER_H
#define LB_TESTBED_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "system/log_file.h"
#include "system/process.h"
#include "system/program.h"
#include "testbed/container/limits.h"
#include "util/error.h"

/* A directory of the host's (or the root of a file system mounted there) that a container gets to see. */
struct container_share {
	const char *source;      /* on the host */
	const char *target;      /* in the container: an absolute path; taken only where own_files */
	bool device;             /* it is a node of /dev, and its target the same path */
};

struct container_spec {
	const char *name;        /* "lb-RUNID-3": unique on this machine */
	/* Of the entry that a container has in the ledger where its runtime must remove it by name: container_kind. */
	const struct ledger_kind *kind;
	const struct log_file *log; /* for the runtime's own messages; open for as long as the container */
	/* Host's ids of the user that runs in it, and is root there; the caller's where it has no user namespace. */
	uid_t user;
	gid_t group;
	const char *const *capabilities; /* "net_raw", ...; NULL-terminated; NULL = none */
	const struct container_share *shares;
	unsigned share_count;
	struct container_limits limits;
};

/* Common head of a runtime's state. */
struct container {
	const struct container_ops *ops;
	char name[64];
	uint64_t capabilities;
	int netns;               /* descriptor of its network namespace, owned by the container */
	pid_t pid;               /* a process that holds the namespaces, for people (nsenter -t PID -n) */
	int pidfd;               /* of that process; -1 where the network namespace is all that there is */
	struct container_group programs; /* what lanebench runs in it, with its limits */
};

struct container_ops {
	const char *name;        /* the value of the parameter runtime */
	const char *summary;
	bool unprivileged;       /* works without root, inside a user namespace of the caller's */
	bool own_files;          /* has a file system tree of its own; else it sees the host's, shares at their source */
	int namespaces;          /* that it has of its own: CLONE_NEWNET, ...; CLONE_NEWUSER: and a user of its own */

	int (*probe)(struct error *err); /* can this machine (and this user) do it? */
	int (*create)(struct container **container, const struct container_spec *spec, struct ledger *ledger,
		      struct error *err);
	/* Stop and remove; frees the container in every case. */
	int (*destroy)(struct container *container, struct ledger *ledger, struct error *err);
	/* Remove by name alone what a dead run left (its directory is `directory`). No such container = 0. */
	int (*reap)(const char *name, const char *directory, struct error *err);
	/* Versions worth recording: writes e.g. "liblxc 5.0.2"; may be NULL. */
	void (*version)(char *text, size_t size);
};

/*
 * Run the program behind descriptor program_fd (an executable, open for reading, on the host) with argv inside the
 * container, its standard input and output in *process, its standard error error_fd (-1 = /dev/null).
 */
int container_exec(struct container *container, int program_fd, char *const argv[], int error_fd,
		   struct process *process, struct ledger *ledger, struct error *err);

/*
 * The container as a place for programs of a switch: they run in its limits and namespaces, as its user, with the
 * capabilities that the program names. The container must outlive the place's use.
 */
struct program_place container_place(struct container *container);

/* Ledger entry. Subject: name, detail: runtime. Undo: the runtime's reap. */
extern const struct ledger_kind container_kind;

extern const struct container_ops *const container_table[]; /* NULL-terminated */
const struct container_ops *container_find(const char *name);

#endif
