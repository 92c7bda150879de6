/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a runtime: one file in this folder, one line in runtimes.def.
 *
 * A container has a network namespace with nothing in it but loopback; the testbed gives it its port.
 * It is never privileged: processes in it have the capabilities that the spec names and no other.
 */
#ifndef LB_TESTBED_CONTAINER_H
#define LB_TESTBED_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "system/process.h"
#include "util/error.h"

/* A directory of the host's (or the root of a file system mounted there) that a container gets to see. */
struct container_share {
	const char *source;      /* on the host */
	const char *target;      /* in the container: an absolute path; taken only where own_files */
};

struct container_spec {
	const char *name;        /* "lb-RUNID-3": unique on this machine */
	const char *log_path;    /* for the runtime's own messages */
	const char *const *capabilities; /* "net_raw", ...; NULL-terminated; NULL = none */
	const struct container_share *shares;
	unsigned share_count;
};

/* Common head of a runtime's state. */
struct container {
	const struct container_ops *ops;
	char name[64];
	int netns;               /* descriptor of its network namespace, owned by the container */
	pid_t pid;               /* a process that holds the namespaces, for people (nsenter -t PID -n) */
};

struct container_ops {
	const char *name;        /* the value of the parameter runtime */
	const char *summary;
	bool unprivileged;       /* works without root, inside a user namespace of the caller's */
	bool own_files;          /* has a file system tree of its own; else it sees the host's, shares at their source */
	uid_t owner;             /* host's id (and group's) of the user that runs in the container */

	int (*probe)(struct error *err); /* can this machine (and this user) do it? */
	int (*create)(struct container **container, const struct container_spec *spec, struct ledger *ledger,
		      struct error *err);
	/*
	 * Run the program behind descriptor program_fd (an executable, open for reading, on the host) with
	 * argv inside the container, its standard input and output in *process, its standard error
	 * error_fd.
	 */
	int (*exec)(struct container *container, int program_fd, char *const argv[], int error_fd,
		    struct process *process, struct ledger *ledger, struct error *err);
	/* Stop and remove; frees the container in every case. */
	int (*destroy)(struct container *container, struct ledger *ledger, struct error *err);
	/* Remove by name alone what a dead run left (its directory is `directory`). No such container = 0. */
	int (*reap)(const char *name, const char *directory, struct error *err);
	/* Versions worth recording: writes e.g. "liblxc 5.0.2"; may be NULL. */
	void (*version)(char *text, size_t size);
};

/* Ledger entry. Subject: name, detail: runtime. Undo: the runtime's reap. */
extern const struct ledger_kind container_kind;

extern const struct container_ops *const container_table[]; /* NULL-terminated */
const struct container_ops *container_find(const char *name);

#endif
