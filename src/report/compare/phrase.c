/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a comparison, the same in every form. */
#include <math.h>
#include <string.h>

#include "report/compare/internal.h"
#include "util/text.h"

#define SHOWN_WORSE 100 /* comparisons that are shown where not all are asked for */
#define SHOWN_OTHER 20

const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_WORSE] = "worse",
		[VERDICT_BETTER] = "better",
		[VERDICT_SAME] = "no difference",
		[VERDICT_UNPROVEN] = "unproven",
		[VERDICT_INCOMPARABLE] = "not comparable",
		[VERDICT_MISSING] = "missing",
		[VERDICT_COUNT] = "",
	};

	return words[verdict];
}

void set_sentence(const struct compare_set *set, char *text, size_t size)
{
	/* Behind a number: of one, of several. */
	static const char *const clause[VERDICT_COUNT][2] = {
		[VERDICT_WORSE] = { "is worse", "are worse" },
		[VERDICT_BETTER] = { "is better", "are better" },
		[VERDICT_SAME] = { "shows no difference", "show no difference" },
		[VERDICT_UNPROVEN] = { "has too few trials to tell", "have too few trials to tell" },
		[VERDICT_INCOMPARABLE] = { "cannot be compared", "cannot be compared" },
		[VERDICT_MISSING] = { "is missing on one side", "are missing on one side" },
	};
	bool first = true;

	*text = 0;
	if (!set->tests) {
		text_append(text, size, "There is no test to compare.");
		return;
	}
	for (int v = 0; v < VERDICT_COUNT; v++) {
		const size_t n = set->test_verdicts[v];
		char number[24];

		if (!n && v > VERDICT_BETTER) /* none worse and none better is an answer, too */
			continue;
		snprintf(number, sizeof(number), "%zu", n);
		if (!n)
			snprintf(number, sizeof(number), first ? "None" : "none");
		text_append(text, size, first ? "%s of %zu test%s %s" : ", %s", number, set->tests,
		       plural(set->tests), clause[v][n > 1]);
		if (!first)
			text_append(text, size, " %s", clause[v][n > 1]);
		first = false;
	}
	text_append(text, size, ".");
}

/* How many without a difference were measured too coarsely to exclude one of `limit`. */
static size_t count_coarse(const struct compare_set *set, double limit)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct comparison *comparison = &set->comparison[i];

		if (comparison->verdict == VERDICT_SAME && comparison->has_interval)
			count += fmax(fabs(comparison->interval.low), fabs(comparison->interval.high)) >
				 limit;
	}
	return count;
}

static const struct comparison *first_of(const struct compare_set *set, enum verdict verdict)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->comparison[i].verdict == verdict)
			return &set->comparison[i];
	return NULL;
}

bool reason_is_shared(const struct compare_set *set, enum verdict verdict)
{
	const struct comparison *first = first_of(set, verdict);

	for (size_t i = 0; i < set->count; i++)
		if (set->comparison[i].verdict == verdict && strcmp(set->comparison[i].why, first->why) != 0)
			return false;
	return true;
}

void reasons_of_rows(const struct compare_set *set, bool reasons[VERDICT_COUNT])
{
	for (int v = 0; v < VERDICT_COUNT; v++)
		reasons[v] = v <= VERDICT_SAME || !reason_is_shared(set, (enum verdict)v);
}

/* Why comparisons have this verdict, as the first of them says. */
static bool note_reason(const struct compare_set *set, enum verdict verdict, char *text, size_t size)
{
	const struct comparison *first = first_of(set, verdict);

	if (!first)
		return false;
	text_append(text, size, "%zu comparison%s %s%s: %s%s%s.", set->verdicts[verdict],
	       set->verdicts[verdict] == 1 ? " is" : "s are", verdict_word(verdict),
	       reason_is_shared(set, verdict) ? "" : ", for example", first->why,
	       *first->remedy ? "; remedy: " : "", first->remedy);
	return true;
}

bool method_sentence(const struct compare *compare, char *text, size_t size)
{
	bool judged = false, intervals = false;

	for (size_t i = 0; i < compare->count; i++) {
		judged |= compare->set[i].judged > 0;
		intervals |= compare->set[i].intervals;
	}
	*text = 0;
	if (!judged)
		return false;
	text_append(text, size,
	       "Worse and better: told from chance by the rank test, among all comparisons together "
	       "(%.0f %% false ones among them on average; of two runs that differ in nothing, %.0f %% have "
	       "any)",
	       COMPARE_FALSE * 100, COMPARE_FALSE * 100);
	if (intervals)
		text_append(text, size, "; %.0f %% CI: of the change, by the bootstrap, each for itself",
		       CONFIDENCE * 100);
	text_append(text, size,
	       ". That says that the runs differ, not why: to know, make them alternately on a quiet "
	       "machine.");
	return true;
}

static bool note_coarse(const struct compare_set *set, const struct compare_output *how, char *text,
			size_t size)
{
	const double limit = how->fail_on > 0 ? how->fail_on : 0.05;
	const size_t coarse = count_coarse(set, limit);

	if (!coarse)
		return false;
	text_append(text, size,
	       "Of %zu without a difference, %zu scatter too much to exclude one of %.4g %%: more repeats, "
	       "or a "
	       "quieter machine, tell.",
	       set->verdicts[VERDICT_SAME], coarse, limit * 100);
	return true;
}

static bool note_how(const struct compare_set *set, char *text, size_t size)
{
	text_append(text, size, "Differently measured, which forbids nothing: %s.", set->how);
	return *set->how;
}

static bool note_unrecorded(const struct compare_set *set, char *text, size_t size)
{
	text_append(text, size, "Recorded on one side alone, so not known to be the same: %s.", set->unrecorded);
	return *set->unrecorded;
}

static bool note_unfinished(const struct compare_set *set, char *text, size_t size)
{
	text_append(text, size, "%s", set->unfinished);
	return *set->unfinished;
}

static size_t compare_count(const struct compare *compare)
{
	size_t count = 0;

	for (size_t i = 0; i < compare->count; i++)
		count += compare->set[i].count;
	return count;
}

static size_t compare_judged(const struct compare *compare)
{
	size_t judged = 0;

	for (size_t i = 0; i < compare->count; i++)
		judged += compare->set[i].judged;
	return judged;
}

bool gate_sentence(const struct compare *compare, const struct compare_output *how, char *text, size_t size)
{
	const size_t regressions = isnan(how->fail_on) ? 0 : compare_regressions(compare, how->fail_on);

	*text = 0;
	if (isnan(how->fail_on))
		return false;
	if (!compare_judged(compare))
		text_append(text, size, "Nothing could be judged.");
	else if (regressions)
		text_append(text, size, "Fails: %zu figure%s worse by more than %.4g %%.", regressions,
		       regressions == 1 ? " is" : "s are", how->fail_on * 100);
	else
		text_append(text, size,
		       "Nothing that can be judged (%zu of %zu figures) is worse by more than %.4g %%.",
		       compare_judged(compare), compare_count(compare), how->fail_on * 100);
	return true;
}

bool set_note(const struct compare_set *set, const struct compare_output *how, unsigned n, char *text,
	      size_t size)
{
	unsigned at = 0;

	for (unsigned kind = 0; kind < 7; kind++) {
		bool said;

		*text = 0;
		switch (kind) {
		case 0:  said = note_reason(set, VERDICT_INCOMPARABLE, text, size); break;
		case 1:  said = note_reason(set, VERDICT_UNPROVEN, text, size); break;
		case 2:  said = note_reason(set, VERDICT_MISSING, text, size); break;
		case 3:  said = note_coarse(set, how, text, size); break;
		case 4:  said = note_how(set, text, size); break;
		case 5:  said = note_unrecorded(set, text, size); break;
		default: said = note_unfinished(set, text, size); break;
		}
		if (said && at++ == n)
			return true;
	}
	return false;
}

void difference_sentence(const struct compare_difference *difference, char *text, size_t size)
{
	const char *remark = difference->bears ? "" : " (does not bear on figures)";

	snprintf(text, size, "%s%s%s: %s and %s%s", difference->property, *difference->of ? " of " : "",
		 difference->of, difference->base, difference->new,
		 difference->across ? " (meant to differ)" : remark);
}

void comparison_interval(const struct comparison *comparison, char text[FORMAT_MAX * 2])
{
	char low[FORMAT_MAX], high[FORMAT_MAX];

	*text = 0;
	if (!comparison->has_interval)
		return;
	measure_format_change(comparison->figure, comparison->interval.low, low);
	measure_format_change(comparison->figure, comparison->interval.high, high);
	low[strcspn(low, " ")] = 0; /* the unit once */
	snprintf(text, FORMAT_MAX * 2, "%.40s..%.40s", low, high);
}

const struct spread *comparison_spread(const struct comparison *comparison, bool new)
{
	static const struct spread none = { .median = NAN, .min = NAN, .max = NAN, .low = NAN, .high = NAN };
	const struct digest_row *row = new ? comparison->new : comparison->base;

	return row ? &row->figure[comparison->figure] : &none;
}

void comparison_trials(const struct comparison *comparison, char text[FORMAT_MAX])
{
	snprintf(text, FORMAT_MAX, "%zu, %zu", comparison_spread(comparison, false)->n,
		 comparison_spread(comparison, true)->n);
}

/* Of few trials the ranges are what there is to see. */
static const char *ranges_remark(const struct comparison *comparison)
{
	const struct spread *base = comparison_spread(comparison, false),
			    *new = comparison_spread(comparison, true);

	if (comparison->has_interval || base->n < 2 || new->n < 2)
		return "";
	return base->min > new->max || new->min > base->max ? "ranges apart" : "ranges overlap";
}

void comparison_remark(const struct comparison *comparison, bool reason, char *text, size_t size)
{
	const char *const parts[] = { comparison->flags, ranges_remark(comparison),
				      reason ? comparison->why : "" };

	*text = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (*parts[i])
			text_append(text, size, "%s%s", *text ? "; " : "", parts[i]);
}

bool comparison_is_shown(const struct compare_set *set, const struct comparison *comparison, bool all,
			 size_t shown)
{
	if (all)
		return true;
	switch (comparison->verdict) {
	case VERDICT_WORSE:  return shown < SHOWN_WORSE;
	case VERDICT_BETTER: return shown < SHOWN_OTHER;
	case VERDICT_SAME:   return false;
	/* Where nothing could be told, what there is: with its reason. */
	default:             return shown < SHOWN_OTHER && (comparison->lost || !set->judged);
	}
}
