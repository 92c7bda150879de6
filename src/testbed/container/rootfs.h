/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root file system of a container: an empty directory with mount points, upon which the container's own
 * mount namespace puts the host's programs and libraries, read-only. Nothing is copied and nothing
 * downloaded.
 */
#ifndef LB_TESTBED_CONTAINER_ROOTFS_H
#define LB_TESTBED_CONTAINER_ROOTFS_H

#include "testbed/container/container.h"
#include "util/error.h"

/*
 * Make `path` (its parent exists) with mount points, symbolic links and the init's table. 0 or -errno with
 * err.
 */
int rootfs_make(const char *path, const struct container_share *shares, unsigned share_count,
		struct error *err);

/*
 * Call add(context, line) with each mount in the form of fstab(5), targets relative to the root. Ends at an
 * error.
 */
int rootfs_mounts(const struct container_share *shares, unsigned share_count,
		  int (*add)(void *context, const char *line), void *context);

/*
 * In the calling process, which gets a mount namespace of its own: the host's programs and libraries, with whatever
 * is mounted below them, can be neither written to nor give rights nor devices, here and in what is made from here.
 * 0 or -errno, with a line in the form of liblxc's on standard error.
 */
int rootfs_seal(void);

/* The init: a BusyBox of the host's, by its path in the container; NULL = none there. */
const char *rootfs_busybox(void);

#endif
