/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a run starts: each is in its ledger from before its first act until it has ended. */
#ifndef LB_TESTBED_HOST_CHILD_H
#define LB_TESTBED_HOST_CHILD_H

#include "ledger/ledger.h"
#include "system/process.h"

/* For process_spawn, program_start and their like. The ledger outlives the process. NULL: none is told. */
struct process_hook child_hook(struct ledger *ledger);

#endif
