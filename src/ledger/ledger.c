/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/file.h"
#include "system/tree.h"

const char *ledger_run_id(const struct ledger *ledger)
{
	return ledger->run_id;
}

const char *ledger_directory(const struct ledger *ledger)
{
	return ledger->directory;
}

/* Make a directory with a name that no other run has. The state directory is locked. */
static int make_run(struct ledger **made, struct error *err)
{
	struct ledger *ledger;
	char run_id[9];
	uint32_t random;

	for (;;) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return error_errno(err, errno, NULL, "cannot draw a run id");
		snprintf(run_id, sizeof(run_id), "%08" PRIx32, random);
		ledger = ledger_file_new(run_id);
		if (!ledger)
			return error_set(err, ENOMEM, NULL, "out of memory");
		if (!mkdir(ledger->directory, 0711))
			break;
		if (errno != EEXIST) {
			int code = errno;

			error_errno(err, code, NULL, "cannot make the run's directory %s", ledger->directory);
			ledger_file_free(ledger);
			return -code;
		}
		ledger_file_free(ledger);
	}
	*made = ledger;
	return chmod(ledger->directory, 0711) ? /* whatever the umask says: containers pass through it */
	       error_errno(err, errno, NULL, "cannot set the mode of %s", ledger->directory) : 0;
}

int ledger_remove_directory(const struct ledger *ledger, struct error *err)
{
	return tree_remove(ledger->directory, LEDGER_FILE, err);
}

int ledger_open(struct ledger **opened, struct error *err)
{
	struct ledger *ledger = NULL;
	int state, rc;

	*opened = NULL;
	state = ledger_lock_state(true, err);
	if (state < 0)
		return state;
	rc = make_run(&ledger, err);
	if (rc)
		goto out;
	rc = ledger_file_open(ledger, O_CREAT | O_EXCL);
	if (!rc && flock(ledger->fd, LOCK_EX | LOCK_NB))
		rc = -errno;
	if (rc) {
		error_errno(err, -rc, NULL, "cannot make the ledger in %s", ledger->directory);
		goto out;
	}
	rc = ledger_file_owner(ledger, err);
out:
	if (rc && ledger) {
		ledger_remove_directory(ledger, NULL);
		ledger_file_free(ledger);
		ledger = NULL;
	}
	close(state);
	*opened = ledger;
	return rc;
}

int ledger_add(struct ledger *ledger, const struct ledger_kind *kind, const char *subject, const char *detail,
	       struct error *err)
{
	return ledger_file_add(ledger, kind, subject, detail, err);
}

bool ledger_has(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
		const char *detail)
{
	for (unsigned i = 0; i < ledger->count; i++) {
		const struct ledger_entry *entry = &ledger->entries[i];

		if (!strcmp(entry->kind_name, kind->name) && !strcmp(entry->subject, subject) &&
		    entry->detail && !strcmp(entry->detail, detail))
			return true;
	}
	return false;
}

int ledger_amend(struct ledger *ledger, int number, const char *detail, struct error *err)
{
	struct ledger_entry *entry = ledger_file_find(ledger, number);

	return entry ? ledger_file_amend(ledger, entry, detail, err) :
	       error_set(err, ENOENT, NULL, "the ledger has no entry %d", number);
}

int ledger_strike(struct ledger *ledger, int number, struct error *err)
{
	struct ledger_entry *entry = ledger_file_find(ledger, number);

	return entry ? ledger_file_strike(ledger, entry, err) : 0;
}

/*
 * Undo an entry and strike it. What runs share is undone by the last of them: so that of two that end at once
 * neither takes the other for that one, undoing and striking are one step to the others.
 */
static int undo_and_strike(struct ledger *ledger, struct ledger_entry *entry, bool forget, struct error *err)
{
	int state, rc;

	if (!entry->kind)
		return error_set(err, ENOTSUP, "use the lanebench that wrote it",
				 "the ledger has an entry of an unknown kind, '%s'", entry->kind_name);
	state = entry->kind->shared ? ledger_lock_state(false, err) : -ENOENT;
	if (state < 0 && state != -ENOENT)
		return state;
	rc = entry->kind->undo(ledger, entry, err);
	if (!rc) {
		rc = ledger_file_strike(ledger, entry, forget ? NULL : err);
		/* On a full disk the strike fails; then the next try undoes it once more, to no effect. */
		if (rc && forget) {
			ledger_file_forget(ledger, entry);
			rc = 0;
		}
	}
	if (state >= 0)
		close(state);
	return rc;
}

int ledger_undo(struct ledger *ledger, int number, struct error *err)
{
	struct ledger_entry *entry = ledger_file_find(ledger, number);

	return entry ? undo_and_strike(ledger, entry, false, err) : 0;
}

int ledger_undo_all(struct ledger *ledger, ledger_report *report, void *context, struct error *err)
{
	char what[4200];
	int first = 0;

	for (unsigned i = ledger->count; i-- > 0;) {
		struct ledger_entry *entry = &ledger->entries[i];
		struct error failed = { 0 };
		int rc;

		/* A machine that was started anew since has forgotten most things. */
		if (!ledger->this_boot && entry->kind && !entry->kind->survives_boot)
			continue;
		snprintf(what, sizeof(what), "%s %s", entry->kind ? entry->kind->noun : entry->kind_name,
			 entry->subject);
		rc = undo_and_strike(ledger, entry, true, &failed);
		if (report)
			report(context, ledger->run_id, what, &failed);
		if (rc && !first) {
			first = rc;
			if (err)
				*err = failed;
		}
	}
	return first;
}

int ledger_close(struct ledger *ledger, struct error *err)
{
	int rc;

	if (!ledger)
		return 0;
	rc = ledger_undo_all(ledger, NULL, NULL, err);
	rc = rc ? rc : ledger_remove_directory(ledger, err);
	ledger_file_free(ledger);
	ledger_remove_state();
	return rc;
}
