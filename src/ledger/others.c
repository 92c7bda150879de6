/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledgers of other runs say. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "ledger/file.h"

struct sought {
	const char *kind_name, *subject;
	const char *detail; /* NULL = any */
	bool living;        /* of runs that live alone */
	char *found;        /* its detail */
};

/*
 * Nobody but its owner, and whoever cleans up after that one, has the lock. (A child that a dead owner has
 * just forked may have it for a moment: then what the two share is left to the cleaning, which waits.)
 */
static bool is_dead(const struct ledger *other)
{
	return !flock(other->fd, LOCK_EX | LOCK_NB);
}

static bool has_entry(const struct ledger *other, struct sought *sought)
{
	for (unsigned i = 0; i < other->count; i++) {
		const struct ledger_entry *entry = &other->entries[i];

		if (strcmp(entry->kind_name, sought->kind_name) || strcmp(entry->subject, sought->subject) ||
		    !entry->detail || (sought->detail && strcmp(entry->detail, sought->detail)))
			continue;
		sought->found = strdup(entry->detail);
		return true;
	}
	return false;
}

/* Go through the ledgers of all runs but this one, until one has it. */
static void search_others(const struct ledger *ledger, struct sought *sought)
{
	struct dirent **runs;
	int count = scandir(ledger_state_directory(), &runs, ledger_is_run, NULL);
	bool found = false;
	off_t complete;

	for (int i = 0; i < count; i++) {
		struct ledger *other = strcmp(runs[i]->d_name, ledger->run_id) && !found ?
				       ledger_file_new(runs[i]->d_name) : NULL;

		if (other) {
			found = !ledger_file_open(other, 0) && !(sought->living && is_dead(other)) &&
				!ledger_file_read(other, NULL, &complete, NULL) && other->this_boot &&
				has_entry(other, sought);
			ledger_file_free(other);
		}
		free(runs[i]);
	}
	if (count >= 0)
		free(runs);
}

bool ledger_others_have(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
			const char *detail)
{
	struct sought sought = {
		.kind_name = kind->name, .subject = subject, .detail = detail, .living = true,
	};
	bool found;

	search_others(ledger, &sought);
	found = sought.found;
	free(sought.found);
	return found;
}

char *ledger_others_detail(const struct ledger *ledger, const struct ledger_kind *kind, const char *subject)
{
	struct sought sought = { .kind_name = kind->name, .subject = subject };

	search_others(ledger, &sought);
	return sought.found;
}
