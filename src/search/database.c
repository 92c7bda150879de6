/* SPDX-License-Identifier: Apache-2.0 */
/* Trials by load. */
#include "search/database.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int load_database_init(struct load_database *db, unsigned capacity, struct error *err)
{
	memset(db, 0, sizeof(*db));
	db->load = calloc(capacity, sizeof(*db->load));
	db->trial = calloc(capacity, sizeof(*db->trial));
	db->capacity = capacity;
	if (db->load && db->trial)
		return 0;
	load_database_free(db);
	return error_set(err, ENOMEM, "allow fewer trials", "no memory for %u trials of a search", capacity);
}

void load_database_free(struct load_database *db)
{
	free(db->load);
	free(db->trial);
	memset(db, 0, sizeof(*db));
}

/* How many loads lie below `number`: also its place. */
static unsigned place(const struct load_database *db, int number)
{
	unsigned low = 0, high = db->loads;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (db->load[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct load_entry *load_database_find(const struct load_database *db, int number)
{
	unsigned at = place(db, number);

	return at < db->loads && db->load[at].number == number ? &db->load[at] : NULL;
}

/* The entry of a load, made if need be. There are never more loads than trials, so there is room. */
static struct load_entry *entry_of(struct load_database *db, int number)
{
	unsigned at = place(db, number);

	if (at == db->loads || db->load[at].number != number) {
		memmove(&db->load[at + 1], &db->load[at], (db->loads - at) * sizeof(*db->load));
		db->load[at] = (struct load_entry){ .number = number, .offered_share = INFINITY };
		db->loads++;
	}
	return &db->load[at];
}

static void insert(struct goal_trial **at, struct goal_trial *added)
{
	while (*at && (*at)->loss_ratio < added->loss_ratio)
		at = &(*at)->next;
	added->next = *at;
	*at = added;
}

int load_database_add(struct load_database *db, int number, const struct goal_trial *trial,
		      double offered_share)
{
	struct goal_trial *added;
	struct load_entry *entry;

	if (db->trials == db->capacity)
		return -ENOSPC;
	added = &db->trial[db->trials++];
	*added = *trial;
	entry = entry_of(db, number);
	insert(&entry->trials, added);
	entry->offered_share = fmin(entry->offered_share, offered_share);
	return 0;
}

struct load_bounds load_database_bounds(const struct load_database *db, const struct search_goal *goal)
{
	struct load_bounds bounds = { LOAD_NONE, LOAD_NONE };

	for (unsigned i = 0; i < db->loads && bounds.upper == LOAD_NONE; i++) {
		struct goal_sums sums = search_goal_sum(goal, db->load[i].trials);

		switch (search_goal_classify(goal, &sums)) {
		case LOAD_LOWER: bounds.lower = db->load[i].number; break;
		case LOAD_UPPER: bounds.upper = db->load[i].number; break;
		case LOAD_UNDECIDED: break;
		}
	}
	return bounds;
}
