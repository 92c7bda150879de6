/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/directory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define MADE "made" /* entries are compared by their details, too */

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	if (ledger_others_have(ledger, &directory_kind, entry->subject, MADE))
		return 0;
	/* Whoever has put something into it meanwhile keeps it. */
	if (!rmdir(entry->subject) || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
		return 0;
	return error_errno(err, errno, NULL, "cannot remove %s", entry->subject);
}

const struct ledger_kind directory_kind = {
	.name = "directory", .noun = "directory", .shared = true, .undo = undo,
};

static int provide(const char *path, mode_t mode, struct ledger *ledger, struct error *err)
{
	struct stat found;
	int entry, rc;

	if (ledger_has(ledger, &directory_kind, path, MADE))
		return 0;
	if (!lstat(path, &found) && !ledger_others_have(ledger, &directory_kind, path, MADE))
		return 0;
	entry = ledger_add(ledger, &directory_kind, path, MADE, err);
	if (entry < 0)
		return entry;
	if (!mkdir(path, mode) || errno == EEXIST)
		return 0;
	rc = error_errno(err, errno, NULL, "cannot make %s", path);
	ledger_strike(ledger, entry, NULL);
	return rc;
}

int directory_provide(const char *path, mode_t mode, struct ledger *ledger, struct error *err)
{
	int state = ledger_lock_state(false, err);
	int rc = state < 0 ? state : provide(path, mode, ledger, err);

	if (state >= 0)
		close(state);
	return rc;
}
