/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LB_TESTBED_HOST_DIRECTORY_H
#define LB_TESTBED_HOST_DIRECTORY_H

#include <sys/types.h>

#include "ledger/ledger.h"
#include "util/error.h"

/*
 * A directory of the host's that was not there before: subject: its path. Undo: remove it if it is empty,
 * unless another run that lives has the same entry.
 */
extern const struct ledger_kind directory_kind;

/*
 * See to it that it is there. In the ledger, if it was not or another run of ours has made it. 0 or -errno.
 */
int directory_provide(const char *path, mode_t mode, struct ledger *ledger, struct error *err);

#endif
