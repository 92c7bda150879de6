/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LB_TESTBED_HOST_MOUNT_H
#define LB_TESTBED_HOST_MOUNT_H

#include "ledger/ledger.h"

/* Subject: a mount point. Undo: detach whatever is mounted there. */
extern const struct ledger_kind mount_kind;

#endif
