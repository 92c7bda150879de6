/* SPDX-License-Identifier: Apache-2.0 */
/* Log files of endpoints and runtimes, which lie in a record: a folder that may be another user's. */
#ifndef LB_SYSTEM_LOG_FILE_H
#define LB_SYSTEM_LOG_FILE_H

#include "util/error.h"

/*
 * Open a log to append to, or make it; close-on-exec. Root writes here where a user may have been first: a
 * link that leads elsewhere, or a pipe that nobody reads, is refused. Returns the descriptor or -errno.
 */
int log_file_open(const char *path, struct error *err);

#endif
