/* SPDX-License-Identifier: Apache-2.0 */
/* Files that nobody can reach by a path, and that leave nothing behind. */
#ifndef LB_SYSTEM_MEMORY_H
#define LB_SYSTEM_MEMORY_H

#include <sys/types.h>

#include "util/error.h"

/*
 * A file system in memory, of a limited size, that is mounted nowhere: it is gone with the last descriptor of it
 * and the last process that works in it. Its root belongs to `owner` alone. Needs root (also in a user namespace). Returns a descriptor of
 * that directory (close-on-exec) or -errno.
 */
int memory_directory(unsigned megabytes, uid_t owner, struct error *err);

#endif
