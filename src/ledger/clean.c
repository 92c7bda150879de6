/* SPDX-License-Identifier: Apache-2.0 */
/* What dead runs have left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/file.h"
#include "system/deadline.h"
#include "system/start_time.h"

/*
 * A lock outlives its owner for a moment where a child of it was just forked: wait so long for it
 * when the owner is dead.
 */
#define ORPHAN_LOCK_MS 2000
#define PAUSE_US 5000

/*
 * Lock the ledger of a dead run. 1 = locked and the run is dead; 0 = it lives, or somebody else has just
 * cleaned it; or -errno.
 */
static int lock_dead(struct ledger *ledger, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(ORPHAN_LOCK_MS);
	struct stat opened;
	off_t complete;

	for (bool first = true;; first = false) {
		if (!flock(ledger->fd, LOCK_EX | LOCK_NB))
			break;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, NULL, "cannot lock the ledger in %s",
					   ledger->directory);
		if (first && ledger_file_read(ledger, NULL, &complete, err))
			return 0;
		if (!ledger->owner || process_start_time(ledger->owner) == ledger->owner_start ||
		    !deadline_pause(&deadline, PAUSE_US))
			return 0;
	}
	return !fstat(ledger->fd, &opened) && opened.st_nlink > 0;
}

/* The directory, and what its ledger did not tell of: it may be lost, or cut off. */
static int remove_run(const struct ledger *ledger, const struct ledger_kind *const *kinds, struct error *err)
{
	for (; *kinds; kinds++)
		if ((*kinds)->undo_lost)
			(*kinds)->undo_lost(ledger->directory);
	return ledger_remove_directory(ledger, err);
}

/*
 * Take over the run `run_id` if it is dead. 1 with *taken, locked and read (NULL: it died before it had a
 * ledger, and its directory is removed); 0 = it lives; or -errno.
 */
static int take_dead(const char *run_id, const struct ledger_kind *const *kinds, struct ledger **taken,
		     struct error *err)
{
	struct ledger *ledger = ledger_file_new(run_id);
	off_t complete;
	int state, rc;

	*taken = NULL;
	if (!ledger)
		return error_set(err, ENOMEM, NULL, "out of memory");
	state = ledger_lock_state(false, err);
	if (state < 0) {
		ledger_file_free(ledger);
		return state == -ENOENT ? 0 : state;
	}
	rc = ledger_file_open(ledger, 0);
	if (rc == -ENOENT) {
		rc = remove_run(ledger, kinds, err);
		rc = rc ? rc : 1;
		goto out;
	}
	if (rc) {
		error_errno(err, -rc, NULL, "cannot open the ledger in %s", ledger->directory);
		goto out;
	}
	rc = lock_dead(ledger, err);
	if (rc <= 0)
		goto out;
	rc = ledger_file_read(ledger, kinds, &complete, err);
	if (rc)
		goto out;
	rc = 1;
	/* A line that was not completed: nothing that we append may join it. */
	if (ftruncate(ledger->fd, complete))
		rc = error_errno(err, errno, NULL, "cannot write the ledger in %s", ledger->directory);
	if (rc == 1)
		*taken = ledger;
out:
	close(state);
	if (!*taken)
		ledger_file_free(ledger);
	return rc;
}

/* Clean one run if it is dead. 1 = cleaned, 0 = it lives, or -errno. */
static int clean_run(const char *run_id, const struct ledger_kind *const *kinds, ledger_report *report,
		     void *context, struct error *err)
{
	struct ledger *ledger;
	int rc = take_dead(run_id, kinds, &ledger, err);

	if (rc != 1 || !ledger)
		return rc;
	rc = ledger_undo_all(ledger, report, context, err);
	rc = rc ? rc : remove_run(ledger, kinds, err);
	ledger_file_free(ledger);
	return rc ? rc : 1;
}

int ledger_clean(const struct ledger_kind *const *kinds, ledger_report *report, void *context,
		 struct error *err)
{
	struct dirent **runs;
	int count = scandir(ledger_state_directory(), &runs, ledger_is_run, alphasort);
	int cleaned = 0, first = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL,
							 "cannot read the state directory %s",
							 ledger_state_directory());
	for (int i = 0; i < count; i++) {
		struct error failed = { 0 };
		int rc = clean_run(runs[i]->d_name, kinds, report, context, &failed);

		if (rc > 0)
			cleaned++;
		if (rc < 0 && !first) {
			first = rc;
			if (err)
				*err = failed;
		}
		free(runs[i]);
	}
	free(runs);
	ledger_remove_state();
	return first ? first : cleaned;
}
