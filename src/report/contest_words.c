/* SPDX-License-Identifier: Apache-2.0 */
/* A contest in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/contest.h"
#include "report/format.h"
#include "report/words.h"

void contest_load(const struct contest *contest, const bool varies[PARAMETER_COUNT], char *text, size_t size)
{
	bool load[PARAMETER_COUNT];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		load[p] = varies[p] && merit_is_load(contest->merit, (enum parameter_id)p);
	words_test(contest->best, load, text, size);
}

/* At a given rate all that keep up forward the same: what counts is who does. */
static void carried_sentence(const struct contest *contest, const char *load, char *text, size_t size)
{
	char rate[FORMAT_MAX];

	format_packet_rate(rate, contest->best->value[PARAMETER_RATE].number);
	snprintf(text, size, "Load carried%s: %zu of %zu tests kept up %s a sender and lost at most 0.1 %%.", load,
		 contest->carried, contest->rows, rate);
}

/* How certain the lead is: "; ratio 1.10..1.35 with 95 % confidence (bootstrap); their trials overlap". */
static void certainty_format(const struct contest *contest, char *text, size_t size)
{
	char ratio[96] = "";

	if (contest->has_ratio)
		snprintf(ratio, sizeof(ratio), "; ratio %.2f..%.2f with 95 %% confidence (bootstrap)",
			 contest->ratio.low, contest->ratio.high);
	snprintf(text, size, "%s%s%s", ratio, contest->doubt ? "; " : "", contest->doubt ? contest->doubt : "");
}

static void lead_sentence(const struct contest *contest, const char *load, const bool by[PARAMETER_COUNT],
			  char *text, size_t size)
{
	char name[256], name_next[256], value[FORMAT_MAX], value_next[FORMAT_MAX], certainty[256];
	const double lead = contest_lead(contest);

	words_test(contest->best, by, name, sizeof(name));
	words_test(contest->next, by, name_next, sizeof(name_next));
	merit_format(contest->merit, contest->best->figure[merit_figure(contest->merit)].median, value);
	merit_format(contest->merit, contest->next->figure[merit_figure(contest->merit)].median, value_next);
	certainty_format(contest, certainty, sizeof(certainty));
	if (contest->merit == MERIT_THROUGHPUT)
		snprintf(text, size, "Fastest%s: %s, %s, %.2f times the next (%s, %s)%s.", load, name, value, lead,
			 name_next, value_next, certainty);
	else if (contest->merit == MERIT_LATENCY)
		snprintf(text, size, "Shortest round trip%s: %s, %s (p50); the next (%s) takes %s, %.2f times as long%s.",
			 load, name, value, name_next, value_next, lead, certainty);
	else
		snprintf(text, size, "Least processor time%s: %s, %s; the next (%s) takes %s, %.2f times as much%s.",
			 load, name, value, name_next, value_next, lead, certainty);
}

void contest_sentence(const struct contest *contest, const bool varies[PARAMETER_COUNT], char *text, size_t size)
{
	bool by[PARAMETER_COUNT];
	char load[256], where[300];

	*text = 0;
	if (!contest->next)
		return;
	for (int p = 0; p < PARAMETER_COUNT; p++)
		by[p] = varies[p] && !merit_is_load(contest->merit, (enum parameter_id)p);
	contest_load(contest, varies, load, sizeof(load));
	snprintf(where, sizeof(where), "%s%s", *load ? " at " : "", load);
	if (contest->paced)
		carried_sentence(contest, where, text, size);
	else
		lead_sentence(contest, where, by, text, size);
}
