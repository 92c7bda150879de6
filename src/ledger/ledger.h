/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: the on-disk list of what a run creates on this machine and must undo.
 *
 * Every run has a directory of its own below the state directory (/run/lanebench for root,
 * $XDG_RUNTIME_DIR/lanebench or /tmp/lanebench-UID else; LANEBENCH_STATE overrides): STATE/RUNID/ledger,
 * one JSON object a line, each appended with a single write before the thing is made. The run holds a lock
 * (flock) on its ledger for as long as it lives; a ledger whose lock can be had belongs to a dead run, and
 * ledger_clean undoes it, in reverse order. Undoing is idempotent: a thing that was never made, or is gone
 * already, is no error. A process is identified by its pid AND start time, so a pid that was given to
 * another process is left alone.
 *
 * Two runs never share an entry: names contain the run id (8 hexadecimal digits).
 * Thread rules: one thread per ledger. Failures: 0 or -errno with err.
 */
#ifndef LB_LEDGER_LEDGER_H
#define LB_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

struct ledger;

enum ledger_kind {
	LEDGER_DIRECTORY, /* subject: path; undo: remove it with everything in it (never crosses a mount) */
	LEDGER_MOUNT,     /* subject: mount point; undo: detach it */
	LEDGER_PROCESS,   /* subject: pid, detail: start time; undo: kill it and wait until it is gone */
	LEDGER_LINK,      /* subject: interface name in the host's own namespace; undo: delete it */
	LEDGER_CONTAINER, /* subject: name, detail: runtime; undo: the runtime's reap */
	LEDGER_CGROUP,    /* subject: name of a cgroup; undo: kill its members, remove it everywhere */
	LEDGER_SETTING,   /* subject: path in /proc/sys or /sys, detail: what to write back; undo: write it, unless
			   * another run has the same entry: then that one does */
	LEDGER_HUGEPAGES, /* subject: path of an nr_hugepages, detail: see host/hugepages.h; undo: give them back */
};

/* The state directory for this user (static storage). */
const char *ledger_state_directory(void);

/*
 * Start a ledger with a new run id; makes STATE/RUNID (mode 0711 so that containers can pass, its content
 * private).
 */
int ledger_open(struct ledger **ledger, struct error *err);
const char *ledger_run_id(const struct ledger *ledger);
const char *ledger_directory(const struct ledger *ledger);

/* Write down what is about to be made. Returns its number (> 0) or -errno. detail may be NULL. */
int ledger_add(struct ledger *ledger, enum ledger_kind kind, const char *subject, const char *detail,
	       struct error *err);
/* For a process that exists but has not begun its work (see process_spawn): pid with its start time. */
int ledger_add_process(struct ledger *ledger, pid_t pid, struct error *err);
/*
 * Is that entry in this ledger; is it in another run's? For what two runs find changed by each other, and
 * the last of them is to undo.
 */
bool ledger_has(const struct ledger *ledger, enum ledger_kind kind, const char *subject, const char *detail);
bool ledger_others_have(const struct ledger *ledger, enum ledger_kind kind, const char *subject,
			const char *detail);
/* Another run has changed this setting: what it is to be set back to at last; malloc'd, NULL = none has. */
char *ledger_others_setting(const struct ledger *ledger, const char *path);
/*
 * Open and lock the state directory, made if `make`: excludes the other runs while a run looks at what all
 * share (their entries, a setting, a pool) and changes it. LEDGER_SETTING and LEDGER_HUGEPAGES are undone and
 * struck under this lock: whoever holds it calls neither ledger_undo nor ledger_close. Returns a descriptor, to
 * be closed soon, or -errno (-ENOENT: there is none).
 */
int ledger_lock_state(bool make, struct error *err);
/* Entry `number` has a new detail: one line in the file, so that a kill leaves the old one or the new. */
int ledger_amend(struct ledger *ledger, int number, const char *detail, struct error *err);
/* The owner has undone entry `number` itself. */
int ledger_strike(struct ledger *ledger, int number, struct error *err);
/* Undo entry `number` now and strike it. */
int ledger_undo(struct ledger *ledger, int number, struct error *err);

/*
 * Undo everything that is left, remove the run's directory, free. Returns the first failure; goes on past
 * it.
 */
int ledger_close(struct ledger *ledger, struct error *err);

/* Called for each thing undone (error code 0) or not (error filled). */
typedef void ledger_report(void *context, const char *run_id, const char *what, const struct error *error);

/*
 * Undo what dead runs have left; runs that live are not touched. Returns the number of runs cleaned,
 * or -errno of the first thing that could not be undone (its entry stays for the next try).
 */
int ledger_clean(ledger_report *report, void *context, struct error *err);

#endif
