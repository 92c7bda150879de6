/* SPDX-License-Identifier: Apache-2.0 */
/* liblxc tells its errors to a log file only; here they are read back from it. */
#ifndef LB_TESTBED_CONTAINER_LXC_LOG_H
#define LB_TESTBED_CONTAINER_LXC_LOG_H

#include "system/log_file.h"
#include "util/error.h"

/* Append to err's cause what liblxc has logged as errors, and name the log in the remedy. */
void lxc_log_explain(const struct log_file *log, struct error *err);

#endif
