/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LB_TESTBED_HOST_MOUNT_H
#define LB_TESTBED_HOST_MOUNT_H

#include "ledger/ledger.h"
#include "util/error.h"

/* Subject: a mount point. Undo: detach whatever is mounted there. */
extern const struct ledger_kind mount_kind;

/*
 * Mount a file system in memory upon a directory, for at most so many megabytes and files: for what whoever is not
 * trusted may write to. Returns its number in the ledger, by which it is undone, or -errno.
 */
int mount_memory(const char *path, unsigned megabytes, unsigned files, struct ledger *ledger, struct error *err);

#endif
