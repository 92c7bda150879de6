/* SPDX-License-Identifier: Apache-2.0 */
/* What CI asks of a comparison: is something worse, and could that have been seen? */
#include <errno.h>
#include <math.h>

#include "report/compare/internal.h"
#include "util/text.h"

bool comparison_regressed(const struct comparison *comparison, double limit)
{
	return comparison->verdict == VERDICT_WORSE && fabs(comparison->change) > limit;
}

size_t compare_regressions(const struct compare *compare, double limit)
{
	size_t count = 0;

	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->set[s].count; i++)
			count += comparison_regressed(&compare->set[s].comparison[i], limit);
	return count;
}

/* The first reason why a set could not be judged, with its remedy. */
static int gate_blind(const struct compare_set *set, struct error *err)
{
	const struct comparison *first = set->count ? &set->comparison[0] : NULL;
	char remedy[200] = "compare records of the same suite";

	if (first && *first->remedy)
		snprintf(remedy, sizeof(remedy), "%s", first->remedy);
	error_set(err, ENODATA, remedy,
		  "nothing can be judged, so no regression would have been seen: %.60s against %.60s: %s",
		  set->new_name, set->base_name, first && *first->why ? first->why : "they have no test");
	return GATE_BLIND;
}

/* By how much a figure could be worse at most: no rate falls by more than 100 %, no loss rises above them. */
static double worst_change(const struct comparison *comparison)
{
	const struct measure *measure = measure_of(comparison->figure);

	if (measure->by_difference)
		return 1 - comparison->base->figure[comparison->figure].median;
	return measure->direction > 0 ? 1 : INFINITY;
}

/* Is there a figure that could have been worse by more than the limit? */
static bool gate_can_fail(const struct compare *compare, double limit)
{
	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->set[s].count; i++)
			if (compare->set[s].comparison[i].verdict <= VERDICT_SAME &&
			    worst_change(&compare->set[s].comparison[i]) > limit)
				return true;
	return false;
}

enum gate compare_gate(const struct compare *compare, double limit, struct error *err)
{
	const struct comparison *lost = NULL;
	size_t count = 0;

	if (compare_regressions(compare, limit))
		return GATE_REGRESSION;
	for (size_t s = 0; s < compare->count; s++) {
		if (!compare->set[s].judged)
			return gate_blind(&compare->set[s], err);
		for (size_t i = 0; i < compare->set[s].count; i++)
			if (compare->set[s].comparison[i].lost && count++ == 0)
				lost = &compare->set[s].comparison[i];
	}
	if (!lost && !gate_can_fail(compare, limit)) {
		error_set(err, ENODATA, "a lower --fail-on",
			  "no figure that was compared can be worse by %.4g %%", limit * 100);
		return GATE_BLIND;
	}
	if (!lost)
		return GATE_PASSED;
	error_set(err, ENODATA, "see why, and run them again (lanebench run --resume)",
		  "no regression, but %zu figure%s of base %s missing, or lack%s trials: %s", count,
		  plural(count), count == 1 ? "is" : "are", count == 1 ? "s" : "", lost->why);
	return GATE_INCOMPLETE;
}
