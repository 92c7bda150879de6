/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/words.h"

#define LEADERS_MAX 64  /* told apart; whoever comes later counts as "others" */

void parameters_no_load(const struct results *part, enum merit merit, bool by[PARAMETER_COUNT])
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		by[p] = part->varies[p] && !merit_is_load(merit, (enum parameter_id)p);
}

static struct leader *leader_of(struct standings *standings, const char *name, bool shared)
{
	struct leader *leader;

	for (size_t i = 0; i < standings->count; i++)
		if (standings->leader[i].shared == shared && !strcmp(standings->leader[i].name, name))
			return &standings->leader[i];
	if (standings->count == LEADERS_MAX)
		return NULL;
	leader = &standings->leader[standings->count++];
	leader->shared = shared;
	snprintf(leader->name, sizeof(leader->name), "%s", name);
	return leader;
}

static void standings_add(struct standings *standings, const struct contest *contest, const bool by[PARAMETER_COUNT])
{
	struct leader *leader;
	char name[256] = "";
	bool shared = contest->carried > 1;

	if (!shared)
		words_test(contest->best, by, name, sizeof(name));
	standings->contests++;
	leader = leader_of(standings, name, shared);
	if (!leader) {
		standings->others++;
		return;
	}
	if (leader->wins < LOADS_SHOWN)
		leader->won[leader->wins] = contest;
	leader->wins++;
}

/* Most wins first, loads without a winner last, else as they came. */
static bool leader_is_behind(const struct leader *a, const struct leader *b)
{
	return a->shared != b->shared ? b->shared : a->wins > b->wins;
}

static void standings_sort(struct standings *standings)
{
	for (size_t i = 1; i < standings->count; i++)
		for (size_t k = i; k > 0 && leader_is_behind(&standings->leader[k], &standings->leader[k - 1]); k--) {
			struct leader leader = standings->leader[k];

			standings->leader[k] = standings->leader[k - 1];
			standings->leader[k - 1] = leader;
		}
}

bool standings_make(struct standings *standings, const struct page *page, enum merit merit)
{
	const struct contests *contests = merit_contests(page, merit);
	bool by[PARAMETER_COUNT];

	*standings = (struct standings){ .leader = calloc(LEADERS_MAX, sizeof(*standings->leader)) };
	if (!standings->leader)
		return false;
	parameters_no_load(merit_part(page, merit), merit, by);
	for (size_t i = 0; i < contests->count; i++)
		standings->competes |= contests->contest[i].next != NULL;
	for (size_t i = 0; i < contests->count; i++)
		if (!standings->competes || contests->contest[i].next)
			standings_add(standings, &contests->contest[i], by);
	standings_sort(standings);
	return standings->count > 0;
}
