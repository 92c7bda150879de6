/* SPDX-License-Identifier: Apache-2.0 */
#include "report/winner.h"

#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/format.h"
#include "report/words.h"

#define LOADS_MAX 8      /* sentences */
#define CLOSE 1.05       /* single trials nearer than this are not told apart */
#define CARRIED 0.001    /* loss up to which a paced load counts as carried, ... */
#define OFFERED 0.99     /* ... if at least this share of it was forwarded: senders may fall short, too */

/* First and second of the rows under one load. */
struct contest {
	const struct digest_row *best, *next;
	size_t rows, carried;
};

static bool is_load(int parameter, bool latency)
{
	return parameter == PARAMETER_HOSTS || parameter == PARAMETER_CONTAINERS ||
	       parameter == PARAMETER_SIZE || parameter == PARAMETER_RATE ||
	       (latency && parameter == PARAMETER_BURST);
}

static bool same_load(const struct digest_row *a, const struct digest_row *b, bool latency)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (is_load(p, latency) && strcmp(a->value[p].text, b->value[p].text) != 0)
			return false;
	return true;
}

static bool carries(const struct digest_row *row)
{
	double load = row->value[PARAMETER_RATE].number * row->value[PARAMETER_CONTAINERS].number;

	return row->figure[FIGURE_LOSS].max <= CARRIED && row->figure[FIGURE_FORWARDED].min >= OFFERED * load;
}

static enum figure merit_figure(bool latency)
{
	return latency ? FIGURE_P50 : FIGURE_FORWARDED;
}

static const struct spread *merit(const struct digest_row *row, bool latency)
{
	return &row->figure[merit_figure(latency)];
}

static bool is_better(const struct digest_row *a, const struct digest_row *b, bool latency)
{
	double x = merit(a, latency)->median, y = merit(b, latency)->median;

	return latency ? x < y : x > y;
}

static struct contest contest_hold(const struct digest_row *const *rows, size_t count, size_t which,
				   bool latency)
{
	struct contest contest = { 0 };

	for (size_t i = 0; i < count; i++) {
		double value = merit(rows[i], latency)->median;

		if (!same_load(rows[i], rows[which], latency) || !isfinite(value) || value <= 0)
			continue;
		contest.rows++;
		contest.carried += carries(rows[i]);
		if (!contest.best || is_better(rows[i], contest.best, latency)) {
			contest.next = contest.best;
			contest.best = rows[i];
		} else if (!contest.next || is_better(rows[i], contest.next, latency)) {
			contest.next = rows[i];
		}
	}
	return contest;
}

/* Is rows[i] the first with its load? */
static bool begins_contest(const struct digest_row *const *rows, size_t i, bool latency)
{
	for (size_t j = 0; j < i; j++)
		if (same_load(rows[j], rows[i], latency))
			return false;
	return true;
}

bool winner_is(const struct digest_row *const *rows, size_t count, size_t i, bool latency)
{
	struct contest contest = contest_hold(rows, count, i, latency);

	return contest.next && contest.best == rows[i];
}

static void merit_format(const struct digest_row *row, bool latency, char text[FORMAT_MAX])
{
	char number[FORMAT_MAX];

	if (!latency) {
		format_packet_rate(text, merit(row, false)->median);
		return;
	}
	format_microseconds(number, merit(row, true)->median);
	snprintf(text, FORMAT_MAX, "%.40s us", number);
}

/* Did something else take processor time from one of its trials? */
static bool was_disturbed(const struct digest_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		const json_t *flags = json_object_get(row->trials[i], "flags"), *flag;
		size_t f;

		if (strcmp(trial_text(row->trials[i], "status"), "ok") != 0)
			continue;
		json_array_foreach(flags, f, flag) {
			const char *name = json_string_value(flag);

			if (name && (!strcmp(name, "disturbed") || !strcmp(name, "contended")))
				return true;
		}
	}
	return false;
}

/* Why the first cannot be told from the second; NULL if it can. */
static const char *doubt(const struct contest *contest, bool latency)
{
	const struct spread *best = merit(contest->best, latency), *next = merit(contest->next, latency);

	if (contest->best->ok > 1 && contest->next->ok > 1) {
		/* Where there are too few trials for an interval, low and high are the range. */
		bool overlap = latency ? best->high >= next->low : best->low <= next->high;

		if (best->coverage > 0 && next->coverage > 0)
			return overlap ? "their 95 % confidence intervals overlap, so the lead is not certain" : NULL;
		return overlap ? "their trials overlap, so neither is ahead" : NULL;
	}
	if (fmax(best->median, next->median) < CLOSE * fmin(best->median, next->median))
		return "too close to tell from one trial; --repeats 6 tells more";
	if (was_disturbed(contest->best) || was_disturbed(contest->next))
		return "one of the two was disturbed (notes), so this may not hold; --repeats 6 tells more";
	return NULL;
}

/* How sure the ratio of the two is: "; ratio 1.10..1.35 with 95 % confidence (bootstrap)"; "" where too few trials tell. */
static void ratio_format(const struct contest *contest, bool latency, char *text, size_t size)
{
	const struct digest_row *above = latency ? contest->next : contest->best;
	const struct digest_row *beneath = latency ? contest->best : contest->next;
	struct interval ratio;

	*text = 0;
	if (digest_ratio(above, beneath, merit_figure(latency), &ratio))
		snprintf(text, size, "; ratio %.2f..%.2f with 95 %% confidence (bootstrap)", ratio.low, ratio.high);
}

static void contest_sentence(const struct contest *contest, bool latency, const char *load,
			     const bool by[PARAMETER_COUNT], const struct sheet *sheet)
{
	const double best = merit(contest->best, latency)->median,
		     next = merit(contest->next, latency)->median;
	char name[256], name_next[256], value[FORMAT_MAX], value_next[FORMAT_MAX], ratio[96];
	const char *why = doubt(contest, latency);

	words_test(contest->best, by, name, sizeof(name));
	words_test(contest->next, by, name_next, sizeof(name_next));
	merit_format(contest->best, latency, value);
	merit_format(contest->next, latency, value_next);
	ratio_format(contest, latency, ratio, sizeof(ratio));
	if (latency)
		sheet_text(sheet, STYLE_HEADING, 0, 2,
			   "Shortest round trip%s: %s, %s (p50); the next (%s) takes %s, %.2f "
			   "times as long%s%s%s.",
			   load, name, value, name_next, value_next, next / best, ratio, why ? "; " : "",
			   why ? why : "");
	else
		sheet_text(sheet, STYLE_HEADING, 0, 2, "Fastest%s: %s, %s, %.2f times the next (%s, %s)%s%s%s.",
			   load, name, value, best / next, name_next, value_next, ratio, why ? "; " : "",
			   why ? why : "");
}

/* At a given rate all that keep up forward the same: what counts is who does. */
static void carried_sentence(const struct contest *contest, const char *load, const struct sheet *sheet)
{
	char rate[FORMAT_MAX];

	format_packet_rate(rate, contest->best->value[PARAMETER_RATE].number);
	sheet_text(sheet, STYLE_HEADING, 0, 2,
		   "Load carried%s: %zu of %zu tests kept up %s a sender and lost at most 0.1 %%.", load,
		   contest->carried, contest->rows, rate);
}

void winner_print(const struct digest_row *const *rows, size_t count, bool latency,
		  const bool varies[PARAMETER_COUNT], const struct sheet *sheet)
{
	bool load[PARAMETER_COUNT], by[PARAMETER_COUNT];
	char name[256], where[300];
	size_t sentences = 0;

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		load[p] = varies[p] && is_load(p, latency);
		by[p] = varies[p] && !is_load(p, latency);
	}
	for (size_t i = 0; i < count && sentences < LOADS_MAX; i++) {
		struct contest contest;

		if (!begins_contest(rows, i, latency))
			continue;
		contest = contest_hold(rows, count, i, latency);
		if (!contest.next)
			continue;
		words_test(contest.best, load, name, sizeof(name));
		snprintf(where, sizeof(where), "%s%s", *name ? " at " : "", name);
		if (!latency && contest.best->value[PARAMETER_RATE].number > 0)
			carried_sentence(&contest, where, sheet);
		else
			contest_sentence(&contest, latency, where, by, sheet);
		sentences++;
	}
}
