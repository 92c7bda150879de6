/* SPDX-License-Identifier: Apache-2.0 */
/* liblxc tells its errors to a log file only; here they are read back from it. */
#ifndef LB_TESTBED_CONTAINER_LXC_LOG_H
#define LB_TESTBED_CONTAINER_LXC_LOG_H

#include <sys/types.h>

#include "util/error.h"

/* How long the log is by now; 0 where there is none. */
off_t lxc_log_size(const char *path);

/*
 * Append to err's cause what liblxc has logged as errors since the log had the size `from`, and name the
 * log in the remedy.
 */
void lxc_log_explain(const char *path, off_t from, struct error *err);

#endif
