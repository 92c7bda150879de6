/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's file. Its first line names the owner:
 *   {"owner": PID, "start": START TIME, "boot": BOOT ID}
 * then come entries, changes of their details, and strikes:
 *   {"add": NUMBER, "kind": KIND, "subject": ..., "detail": ...}
 *   {"amend": NUMBER, "detail": ...}
 *   {"strike": NUMBER}
 * A last line without its newline was never completed: what it would announce was never begun.
 *
 * Making a run's directory and looking for dead runs exclude each other by a lock (flock) on the state
 * directory itself; so nobody takes a run for dead between its mkdir and its own lock.
 */
#ifndef LB_LEDGER_FILE_H
#define LB_LEDGER_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "ledger/ledger.h"

#define LEDGER_FILE "ledger" /* in the run's directory */

struct dirent;

struct ledger {
	char run_id[9];
	char directory[4096];
	int fd;              /* the file; holds the lock */
	struct ledger_entry *entries;
	unsigned count;
	int last_number;
	pid_t owner;         /* as read from the file */
	unsigned long long owner_start;
	bool this_boot;      /* written since the machine was started */
};

/* ---- state.c: the state directory ---- */

/*
 * Remove the state directory if nothing is in it; under its lock, so that nobody is about to make a run in
 * it.
 */
void ledger_remove_state(void);
/* For scandir: a run's directory. */
int ledger_is_run(const struct dirent *entry);

/* ---- file.c ---- */

/* The ledger of run `run_id` in memory, not yet opened; NULL = out of memory. */
struct ledger *ledger_file_new(const char *run_id);
/* Free, and close: the lock goes. */
void ledger_file_free(struct ledger *ledger);

/* 0 or -errno. flags: O_CREAT | O_EXCL for a new one. */
int ledger_file_open(struct ledger *ledger, int flags);
/* Write the first line: the caller is the owner. */
int ledger_file_owner(struct ledger *ledger, struct error *err);
/*
 * Read the file into memory. kinds: NULL-terminated, entries get theirs from it; NULL = names are enough.
 * *complete: the size of its completed lines.
 */
int ledger_file_read(struct ledger *ledger, const struct ledger_kind *const *kinds, off_t *complete,
		     struct error *err);

/* Write and remember an entry. Returns its number, or -errno. */
int ledger_file_add(struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
		    const char *detail, struct error *err);
/* Write that an entry has another detail, and remember that. */
int ledger_file_amend(struct ledger *ledger, struct ledger_entry *entry, const char *detail, struct error *err);
/* Write that an entry is done with, and forget it. */
int ledger_file_strike(struct ledger *ledger, struct ledger_entry *entry, struct error *err);
struct ledger_entry *ledger_file_find(struct ledger *ledger, int number);
void ledger_file_forget(struct ledger *ledger, struct ledger_entry *entry);

/* ---- ledger.c: for clean.c ---- */

/* Undo all entries, newest first. Returns the first failure; what failed stays in the file. */
int ledger_undo_all(struct ledger *ledger, ledger_report *report, void *context, struct error *err);
/* The ledger goes last: as long as anything else stays, so does what is known of it. */
int ledger_remove_directory(const struct ledger *ledger, struct error *err);

#endif
