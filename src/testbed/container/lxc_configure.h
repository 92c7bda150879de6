/* SPDX-License-Identifier: Apache-2.0 */
/* What liblxc is told about a container of ours. */
#ifndef LB_TESTBED_CONTAINER_LXC_CONFIGURE_H
#define LB_TESTBED_CONTAINER_LXC_CONFIGURE_H

#include <lxc/lxccontainer.h>

#include "testbed/container/container.h"
#include "util/error.h"

/* Of the package liblxc-common. */
#define LXC_SECCOMP_PROFILE "/usr/share/lxc/config/common.seccomp"

/* All but the log. root: the directory that rootfs_make has made. 0 or -errno with err. */
int lxc_configure(struct lxc_container *lxc, const struct container_spec *spec, const char *root,
		  struct error *err);
/* Opens the log: in each process that is to write into it. */
int lxc_configure_log(struct lxc_container *lxc, const char *path, struct error *err);

#endif
