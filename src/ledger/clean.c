/* SPDX-License-Identifier: Apache-2.0 */
/* What dead runs have left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "system/start_time.h"
#include "ledger/file.h"
#include "ledger/undo.h"

/*
 * A lock outlives its owner for a moment where a child of it was just forked: wait so long for it
 * when the owner is dead.
 */
#define ORPHAN_LOCK_MS 2000

/*
 * Lock the ledger of a dead run. 1 = locked and the run is dead; 0 = it lives, or somebody else has just
 * cleaned it; or -errno.
 */
static int lock_dead(struct ledger *ledger, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct stat opened;
	off_t complete;

	for (int waited_ms = 0;; waited_ms += 5) {
		if (!flock(ledger->fd, LOCK_EX | LOCK_NB))
			break;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, NULL, "cannot lock the ledger in %s",
					   ledger->directory);
		if (waited_ms == 0 && ledger_file_read(ledger, &complete, err))
			return 0;
		if (waited_ms >= ORPHAN_LOCK_MS || !ledger->owner ||
		    process_start_time(ledger->owner) == ledger->owner_start)
			return 0;
		nanosleep(&pause, NULL);
	}
	return !fstat(ledger->fd, &opened) && opened.st_nlink > 0;
}

/*
 * Take over the run `run_id` if it is dead. 1 with *taken, locked and read (NULL: it died before it had a
 * ledger, and its directory is removed); 0 = it lives; or -errno.
 */
static int take_dead(const char *run_id, struct ledger **taken, struct error *err)
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
		rc = undo_run(ledger->directory, err);
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
	rc = ledger_file_read(ledger, &complete, err);
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
static int clean_run(const char *run_id, ledger_report *report, void *context, struct error *err)
{
	struct ledger *ledger;
	int rc = take_dead(run_id, &ledger, err);

	if (rc != 1 || !ledger)
		return rc;
	rc = ledger_undo_all(ledger, report, context, err);
	ledger_file_free(ledger);
	return rc ? rc : 1;
}

static int is_run(const struct dirent *entry)
{
	return strlen(entry->d_name) == 8 && strspn(entry->d_name, "0123456789abcdef") == 8;
}

static int is_lock(const struct dirent *entry)
{
	const char *suffix = strrchr(entry->d_name, '.');

	return suffix && strcmp(suffix, ".lock") == 0;
}

/* Go through the ledgers of all runs but this one, until matches() of one is true. Was it? */
static bool any_other(const struct ledger *ledger, bool (*matches)(const struct ledger *other, void *context),
		      void *context)
{
	struct dirent **runs;
	int count = scandir(ledger_state_directory(), &runs, is_run, NULL);
	bool found = false;
	off_t complete;

	for (int i = 0; i < count; i++) {
		struct ledger *other = strcmp(runs[i]->d_name, ledger->run_id) && !found ?
				       ledger_file_new(runs[i]->d_name) : NULL;

		if (other) {
			found = !ledger_file_open(other, 0) && !ledger_file_read(other, &complete, NULL) &&
				other->this_boot && matches(other, context);
			ledger_file_free(other);
		}
		free(runs[i]);
	}
	if (count >= 0)
		free(runs);
	return found;
}

struct sought {
	enum ledger_kind kind;
	const char *subject, *detail;
	char *found;
};

static bool has_entry(const struct ledger *other, void *context)
{
	const struct sought *sought = context;

	return ledger_has(other, sought->kind, sought->subject, sought->detail);
}

bool ledger_others_have(const struct ledger *ledger, enum ledger_kind kind, const char *subject,
			const char *detail)
{
	struct sought sought = { .kind = kind, .subject = subject, .detail = detail };

	return any_other(ledger, has_entry, &sought);
}

static bool has_setting(const struct ledger *other, void *context)
{
	struct sought *sought = context;

	for (unsigned i = 0; i < other->count && !sought->found; i++) {
		const struct ledger_entry *entry = &other->entries[i];

		if (entry->kind == LEDGER_SETTING && !strcmp(entry->subject, sought->subject) && entry->detail)
			sought->found = strdup(entry->detail);
	}
	return sought->found;
}

char *ledger_others_setting(const struct ledger *ledger, const char *path)
{
	struct sought sought = { .subject = path };

	any_other(ledger, has_setting, &sought);
	return sought.found;
}

/* A dead run's reservations (processors.c) ended with it; their files are left. */
static void remove_locks(void)
{
	struct dirent **locks;
	int state = ledger_lock_state(false, NULL), count;

	if (state < 0)
		return;
	count = scandir(ledger_state_directory(), &locks, is_lock, NULL);
	for (int i = 0; i < count; i++) {
		int fd = openat(state, locks[i]->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

		if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
			unlinkat(state, locks[i]->d_name, 0);
		if (fd >= 0)
			close(fd);
		free(locks[i]);
	}
	if (count >= 0)
		free(locks);
	close(state);
}

int ledger_clean(ledger_report *report, void *context, struct error *err)
{
	struct dirent **runs;
	int count = scandir(ledger_state_directory(), &runs, is_run, alphasort);
	int cleaned = 0, first = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL,
							 "cannot read the state directory %s",
							 ledger_state_directory());
	for (int i = 0; i < count; i++) {
		struct error failed = { 0 };
		int rc = clean_run(runs[i]->d_name, report, context, &failed);

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
	remove_locks();
	ledger_remove_state();
	return first ? first : cleaned;
}
