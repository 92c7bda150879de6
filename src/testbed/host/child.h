/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a run starts: each is in its ledger from before its first act until it has ended. */
#ifndef LB_TESTBED_HOST_CHILD_H
#define LB_TESTBED_HOST_CHILD_H

#include "ledger/ledger.h"
#include "system/process.h"

/*
 * Subject: pid, detail: start time, so that a pid that was given to another process is left alone. Undo: kill
 * it and wait until it is gone.
 */
extern const struct ledger_kind process_kind;

/* For process_spawn, program_start and their like. The ledger outlives the process. NULL: none is told. */
struct process_hook child_hook(struct ledger *ledger);
/* For a process that exists but has not begun its work. Returns the entry's number or -errno. */
int child_note(struct ledger *ledger, pid_t pid, struct error *err);

#endif
