/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program that shall not have the host's files sees of them: programs and libraries (/usr and its like, with
 * all that is mounted below), the loader's cache, processors, NUMA nodes and pools of hugepages in /sys, all of it
 * read-only; a /proc of its own processes; harmless devices; a small /tmp; and directories of its own. All by the
 * same paths as on the host. Nothing of it outlives the program, and the host is not changed.
 */
#ifndef LB_SYSTEM_VIEW_H
#define LB_SYSTEM_VIEW_H

struct view {
	const char *const *own;     /* directories that it may write in, also such that are mount points; NULL-terminated */
	const char *const *devices; /* beside null, zero, full, random and urandom; NULL-terminated; NULL = none */
};

/*
 * In a child, before it gives up being root: a mount namespace of its own with that view. The working directory is
 * the root afterwards. 0 or -errno.
 */
int view_enter(const struct view *view);

#endif
