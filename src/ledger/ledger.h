/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: the on-disk list of what a run creates on this machine and must undo.
 *
 * Every run has a directory of its own below the state directory (/run/lanebench for root,
 * $XDG_RUNTIME_DIR/lanebench or /tmp/lanebench-UID else; LANEBENCH_STATE overrides): STATE/RUNID/ledger,
 * one JSON object a line, each appended with a single write before the thing is made. The run holds a lock
 * (flock) on its ledger for as long as it lives; a ledger whose lock can be had belongs to a dead run, and
 * ledger_clean undoes it, in reverse order. Undoing is idempotent: a thing that was never made, or is gone
 * already, is no error.
 *
 * The ledger itself knows no kind of thing. Each kind is a struct ledger_kind in the file that makes such
 * things; whoever cleans up after dead runs hands over a table of them.
 *
 * Two runs never share an entry: names contain the run id (8 hexadecimal digits).
 * Thread rules: one thread per ledger. Failures: 0 or -errno with err.
 */
#ifndef LB_LEDGER_LEDGER_H
#define LB_LEDGER_LEDGER_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

struct ledger;
struct ledger_kind;

struct ledger_entry {
	int number;
	const struct ledger_kind *kind; /* NULL: none of the table's; kind_name tells */
	char *kind_name;
	char *subject, *detail;         /* their meaning is the kind's; detail may be NULL */
};

struct ledger_kind {
	const char *name;    /* in the file: never changed, never used again for something else */
	const char *noun;    /* in messages, before the subject: "hugepages of" */
	/*
	 * Runs beside each other can have entries for one and the same thing. Such an entry is undone and
	 * struck with the state directory locked: of two runs that end at once, neither takes the other for
	 * the last.
	 */
	bool shared;
	bool survives_boot;  /* the thing is still there after the machine was started anew */
	/*
	 * Undo it and leave the entry. Idempotent, and bounded in time. 0, also where there is nothing left
	 * to undo, or -errno with err.
	 */
	int (*undo)(struct ledger *ledger, const struct ledger_entry *entry, struct error *err);
	/* A dead run has lost its ledger: undo what can be recognised below its directory. May be NULL. */
	void (*undo_lost)(const char *directory);
};

/* The state directory for this user (static storage). */
const char *ledger_state_directory(void);
/* Can what is told of it by options and sockets' paths have its name? 0, or -EINVAL with the remedy. */
int ledger_check_state(struct error *err);

/*
 * How this program waits for the state directory while another process holds it. Once, before any other call;
 * without, it waits in silence, and no signal that is caught ends it.
 */
struct ledger_waiting {
	const volatile int *signals; /* how many signals have come that ask for the end; NULL = not counted */
	void (*say)(const char *directory, const char *holder); /* it has been held for a second; may be NULL */
};
void ledger_set_waiting(const struct ledger_waiting *waiting);

/*
 * Start a ledger with a new run id; makes STATE/RUNID (mode 0711 so that containers can pass, its content
 * private).
 */
int ledger_open(struct ledger **ledger, struct error *err);
const char *ledger_run_id(const struct ledger *ledger);
const char *ledger_directory(const struct ledger *ledger);

/* Write down what is about to be made. Returns its number (> 0) or -errno. detail may be NULL. */
int ledger_add(struct ledger *ledger, const struct ledger_kind *kind, const char *subject, const char *detail,
	       struct error *err);
/* Is that entry in this ledger? */
bool ledger_has(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
		const char *detail);
/*
 * Is it in the ledger of another run that lives? For what two runs find changed by each other, and the last
 * of them is to undo. The state directory is locked.
 */
bool ledger_others_have(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
			const char *detail);
/*
 * The detail that another run's ledger has of this subject, be that run alive or dead: what it has changed is
 * not undone yet. malloc'd; NULL = none has it. The state directory is locked.
 */
char *ledger_others_detail(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject);
/*
 * Open and lock the state directory, made if `make`: excludes the other runs while a run looks at what all
 * share (their entries, a setting) and changes it. Entries of shared kinds are undone under this lock:
 * whoever holds it calls neither ledger_undo nor ledger_close. Returns a descriptor, to be closed soon, or
 * -errno (-ENOENT: there is none; -EINTR: a signal came; -ETIMEDOUT: held for a minute, err names the holder).
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
 * Undo what dead runs have left; runs that live are not touched. `kinds`: all that this lanebench knows,
 * NULL-terminated. Returns the number of runs cleaned, or -errno of the first thing that could not be undone:
 * its entry stays for the next try. So does one of a kind that is not in the table (-ENOTSUP): a later
 * version has written it.
 */
int ledger_clean(const struct ledger_kind *const *kinds, ledger_report *report, void *context,
		 struct error *err);

#endif
