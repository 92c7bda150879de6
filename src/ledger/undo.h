/* SPDX-License-Identifier: Apache-2.0 */
/* How each kind of thing in the ledger is undone: idempotent, and bounded in time. */
#ifndef LB_LEDGER_UNDO_H
#define LB_LEDGER_UNDO_H

#include "ledger/file.h"
#include "util/error.h"

/* How long undoing waits for one process to be gone. */
#define UNDO_WAIT_MS 5000

/* The thing in words: "process 4711". */
void undo_describe(enum ledger_kind kind, const char *subject, char *text, size_t size);

/*
 * Undo one entry of the ledger, and leave it there. What runs share is undone with the state directory locked.
 * 0, also where there is nothing left to undo, or -errno with err.
 */
int undo_entry(struct ledger *ledger, const struct ledger_entry *entry, struct error *err);

/*
 * Remove a run's own directory, and hugetlbfs that is still mounted in there. Its ledger goes last: as long as
 * anything else stays, so does what is known of it.
 */
int undo_run(const char *path, struct error *err);

#endif
