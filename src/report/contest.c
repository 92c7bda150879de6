/* SPDX-License-Identifier: Apache-2.0 */
#include "report/contest.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "measure/hypothesis.h"
#include "report/digest_row.h"
#include "report/figures.h"
#include "report/format.h"

#define CARRIED 0.001    /* loss up to which a paced load counts as carried, ... */
#define OFFERED 0.99     /* ... if at least this share of it was forwarded: senders may fall short, too */

enum figure merit_figure(enum merit merit)
{
	return merit == MERIT_LATENCY ? FIGURE_P50 : merit == MERIT_COST ? FIGURE_COST : FIGURE_FORWARDED;
}

void merit_format(enum merit merit, double value, char *text)
{
	char number[FORMAT_MAX];

	if (merit == MERIT_THROUGHPUT) {
		format_packet_rate(text, value);
		return;
	}
	if (merit == MERIT_LATENCY)
		format_microseconds(number, value);
	else
		format_number(number, value, value < 100 ? 1 : 0);
	snprintf(text, FORMAT_MAX, "%.32s %s", number, merit == MERIT_LATENCY ? "us" : "ns a packet");
}

bool merit_is_load(enum merit merit, enum parameter_id id)
{
	switch (id) {
	case PARAMETER_HOSTS:
	case PARAMETER_CONTAINERS:
	case PARAMETER_TOPOLOGY:
	case PARAMETER_HOPS:
	case PARAMETER_DIRECTION:
	case PARAMETER_FLOWS:
	case PARAMETER_FLOW_ORDER:
	case PARAMETER_SIZE:
	case PARAMETER_RATE:
	/* Hindrances: that a path is faster without is no merit of it. */
	case PARAMETER_SWITCH_QUOTA:
	case PARAMETER_ENDPOINT_QUOTA:
	case PARAMETER_NEIGHBOUR:
	case PARAMETER_NEIGHBOUR_PLACE:
		return true;
	case PARAMETER_BURST:
		return merit == MERIT_LATENCY;
	default:
		return false;
	}
}

static const struct spread *row_merit(const struct digest_row *row, enum merit merit)
{
	return &row->figure[merit_figure(merit)];
}

static bool less_is_better(enum merit merit)
{
	return merit != MERIT_THROUGHPUT;
}

static bool row_carries(const struct digest_row *row)
{
	double load = row->value[PARAMETER_RATE].number * row_senders(row);

	return row->figure[FIGURE_LOSS].max <= CARRIED && row->figure[FIGURE_FORWARDED].min >= OFFERED * load;
}

/* At a given rate, one that carries it is ahead of one that does not, whatever the last packet says. */
static bool is_better(const struct contest *contest, const struct digest_row *a, const struct digest_row *b)
{
	double x = row_merit(a, contest->merit)->median, y = row_merit(b, contest->merit)->median;

	if (contest->paced && row_carries(a) != row_carries(b))
		return row_carries(a);
	return less_is_better(contest->merit) ? x < y : x > y;
}

/* At 10 % of what each of them can, the fastest is who can most: that is no contest at these 10 %. */
static bool is_share(const struct digest_row *row)
{
	const char *rate = row->value[PARAMETER_RATE].text;

	return *rate && rate[strlen(rate) - 1] == '%';
}

static bool may_enter(const struct digest_row *row, enum merit merit)
{
	double value = row_merit(row, merit)->median;

	/* Who polls costs a processor for each end whatever the rate: at a lower one more a packet. */
	return isfinite(value) && value > 0 && !(merit != MERIT_LATENCY && is_share(row));
}

bool contest_enter(struct contest *contest, const struct digest_row *row)
{
	if (!may_enter(row, contest->merit))
		return false;
	contest->rows++;
	contest->paced = contest->merit == MERIT_THROUGHPUT && row->value[PARAMETER_RATE].number > 0;
	contest->carried += contest->paced && row_carries(row);
	if (!contest->best || is_better(contest, row, contest->best)) {
		contest->next = contest->best;
		contest->best = row;
	} else if (!contest->next || is_better(contest, row, contest->next)) {
		contest->next = row;
	}
	return true;
}

/* For each ok trial 1 if it carries its load, else 0. How many there are. */
static size_t carriage_samples(const struct digest_row *row, double *samples)
{
	const double load = row->value[PARAMETER_RATE].number * row_senders(row);
	size_t n = 0;

	for (size_t i = 0; i < row->count; i++) {
		const json_t *trial = row->trials[i];

		if (!trial_is_ok(trial))
			continue;
		samples[n++] = trial_number(trial, "rx.loss_ratio") <= CARRIED &&
			       trial_number(trial, "rx.forwarded_pps") >= OFFERED * load;
	}
	return n;
}

/* What counts in the contest, trial by trial: where one alone carries the load, who does. */
static size_t contest_samples(const struct contest *contest, const struct digest_row *row, double *samples)
{
	return contest->carried ? carriage_samples(row, samples) :
				digest_samples(row, merit_figure(contest->merit), samples);
}

static bool is_less(const struct contest *contest)
{
	return !contest->carried && less_is_better(contest->merit);
}

/* The rank test of the first two. False where not even ranges that lie apart would be no chance. */
static bool contest_test(struct contest *contest, bool *ahead)
{
	const size_t room = contest->best->count + contest->next->count;
	double *samples = calloc(room + 1, sizeof(*samples)), above = NAN;
	size_t n, m;

	contest->p = NAN;
	*ahead = false;
	if (!samples)
		return false;
	n = contest_samples(contest, contest->best, samples);
	m = contest_samples(contest, contest->next, samples + n);
	contest->p = rank_test(samples, n, samples + n, m, &above);
	*ahead = is_less(contest) ? above < 0.5 : above > 0.5; /* as the medians have it */
	free(samples);
	return rank_test_least(n, m) <= SIGNIFICANT;
}

static bool ranges_overlap(const struct contest *contest)
{
	const struct spread *best = row_merit(contest->best, contest->merit),
			    *next = row_merit(contest->next, contest->merit);

	return less_is_better(contest->merit) ? best->max >= next->min : best->min <= next->max;
}

/* The same rule as between runs (docs/methodology.md, "Comparing runs"), of each contest by itself. */
static void contest_doubt(struct contest *contest)
{
	const bool single = contest->best->ok < 2 || contest->next->ok < 2;
	bool ahead;

	contest->few = !contest_test(contest, &ahead);
	if (contest->few) {
		contest->close = !contest->carried &&
				 (contest_lead(contest) < CONTEST_CLOSE || (!single && ranges_overlap(contest)));
		contest->doubt = contest->close && single ? "too close to tell from one trial; --repeats 6 tells more" :
				 contest->close ? "too few trials, and they overlap; --repeats 6 tells more" :
				 single ? "one trial may come out otherwise; --repeats 6 tells more" :
				 "so few trials may lie so by chance; --repeats 6 tells more";
	} else if (contest->p > SIGNIFICANT || !ahead) {
		contest->close = true;
		contest->doubt = "their trials overlap, so chance may have made that lead (rank test)";
	}
}

void contest_judge(struct contest *contest)
{
	contest->certain = contest->close = contest->few = false;
	contest->doubt = NULL;
	contest->p = NAN;
	if (!contest->next)
		return;
	/* At a given rate it is no question of distance: some carry it, or one, or none. */
	if (contest->carried > 1) {
		contest->doubt = "more than one carries that load";
		contest->close = true;
	} else {
		contest_doubt(contest);
	}
	contest->certain = !contest->doubt;
}

void contest_tell_ratio(struct contest *contest)
{
	bool less = less_is_better(contest->merit);

	contest->has_ratio = contest->next &&
			     digest_ratio(less ? contest->next : contest->best, less ? contest->best : contest->next,
					  merit_figure(contest->merit), &contest->ratio);
	if (!contest->has_ratio || contest->doubt || contest->carried || contest->ratio.low > 1)
		return;
	contest->doubt = "that ratio may as well be 1, so the lead is not certain";
	contest->certain = false;
}

double contest_lead(const struct contest *contest)
{
	double best = row_merit(contest->best, contest->merit)->median,
	       next = contest->next ? row_merit(contest->next, contest->merit)->median : NAN;

	return less_is_better(contest->merit) ? next / best : best / next;
}

/* ---- all contests of a set of rows ---------------------------------------------------------------------- */

/* A row on its way into the contest of its load. */
struct entrant {
	const struct digest_row *row;
	size_t index, group; /* group: index of the first row with its load */
};

static int load_compare(const struct digest_row *a, const struct digest_row *b, enum merit merit)
{
	int order = 0;

	for (int p = 0; p < PARAMETER_COUNT && !order; p++)
		if (merit_is_load(merit, (enum parameter_id)p))
			order = strcmp(a->value[p].text, b->value[p].text);
	return order;
}

static int entrant_by_load(const void *a, const void *b, void *merit)
{
	const struct entrant *x = a, *y = b;
	int order = load_compare(x->row, y->row, *(const enum merit *)merit);

	return order ? order : x->index < y->index ? -1 : 1;
}

static int entrant_by_group(const void *a, const void *b)
{
	const struct entrant *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* Those with the same load together, loads and rows in the order in which they came. */
static void entrants_sort(struct entrant *entrants, size_t count, enum merit merit)
{
	if (!count)
		return;
	qsort_r(entrants, count, sizeof(*entrants), entrant_by_load, &merit);
	for (size_t i = 0; i < count; i++)
		entrants[i].group = i && load_compare(entrants[i - 1].row, entrants[i].row, merit) == 0
				    ? entrants[i - 1].group : entrants[i].index;
	qsort(entrants, count, sizeof(*entrants), entrant_by_group);
}

static void contests_fill(struct contests *contests, const struct entrant *entrants, size_t count, enum merit merit)
{
	for (size_t i = 0; i < count; i++) {
		struct contest *contest;

		if (!i || entrants[i].group != entrants[i - 1].group)
			contests->contest[contests->count++] = (struct contest){ .merit = merit };
		contest = &contests->contest[contests->count - 1];
		contest_enter(contest, entrants[i].row);
		contests->of_row[entrants[i].index] = contests->count - 1;
	}
}

int contests_hold(struct contests *contests, const struct digest_row *const *rows, size_t count, enum merit merit,
		  bool intervals)
{
	struct entrant *entrants = calloc(count + 1, sizeof(*entrants));
	size_t entered = 0;

	*contests = (struct contests){ .contest = calloc(count + 1, sizeof(*contests->contest)),
				       .of_row = calloc(count + 1, sizeof(*contests->of_row)) };
	if (!entrants || !contests->contest || !contests->of_row) {
		free(entrants);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		contests->of_row[i] = SIZE_MAX;
		if (may_enter(rows[i], merit))
			entrants[entered++] = (struct entrant){ .row = rows[i], .index = i };
	}
	entrants_sort(entrants, entered, merit);
	contests_fill(contests, entrants, entered, merit);
	free(entrants);
	for (size_t i = 0; i < contests->count; i++) {
		contest_judge(&contests->contest[i]);
		if (intervals)
			contest_tell_ratio(&contests->contest[i]);
	}
	return 0;
}

void contests_free(struct contests *contests)
{
	free(contests->contest);
	free(contests->of_row);
	*contests = (struct contests){ 0 };
}

bool contests_won_by(const struct contests *contests, const struct digest_row *const *rows, size_t i)
{
	const struct contest *contest = contests->of_row[i] == SIZE_MAX ? NULL :
					&contests->contest[contests->of_row[i]];

	return contest && contest->next && contest->best == rows[i] && contest->carried < 2;
}
