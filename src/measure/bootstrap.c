/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "measure/random.h"

/* How many samples all groups have together; 0 if one has too few or too many. */
static size_t groups_total(const struct bootstrap_group *groups, size_t count)
{
	size_t total = 0;

	for (size_t g = 0; g < count; g++) {
		if (groups[g].n < BOOTSTRAP_LEAST || groups[g].n > BOOTSTRAP_MOST)
			return 0;
		total += groups[g].n;
	}
	return total;
}

/* Draw each group again, into `room`, and make `resample` of it. */
static void groups_draw(struct bootstrap_group *resample, double *room, const struct bootstrap_group *groups,
			size_t count, uint64_t *state)
{
	for (size_t g = 0; g < count; g++) {
		resample[g] = (struct bootstrap_group){ room, groups[g].n };
		for (size_t i = 0; i < groups[g].n; i++)
			*room++ = groups[g].samples[random_index(state, groups[g].n)];
	}
}

int bootstrap_interval(const struct bootstrap_group *groups, size_t count, bootstrap_statistic statistic,
		       const void *context, double confidence, struct interval *interval)
{
	const long cut = lround((1 - confidence) / 2 * (BOOTSTRAP_RESAMPLES + 1));
	const size_t total = groups_total(groups, count);
	struct bootstrap_group *resample;
	double *room, *values;
	uint64_t state = 0;
	int result = 0;

	if (!total || cut < 1 || cut > BOOTSTRAP_RESAMPLES / 2)
		return -ERANGE;
	resample = calloc(count, sizeof(*resample));
	room = calloc(total, sizeof(*room));
	values = calloc(BOOTSTRAP_RESAMPLES, sizeof(*values));
	if (!resample || !room || !values)
		result = -ENOMEM;
	for (size_t i = 0; i < BOOTSTRAP_RESAMPLES && !result; i++) {
		groups_draw(resample, room, groups, count, &state);
		values[i] = statistic(resample, count, context);
		result = isfinite(values[i]) ? 0 : -EDOM;
	}
	if (!result) {
		statistics_sort(values, BOOTSTRAP_RESAMPLES);
		*interval = (struct interval){ values[cut - 1], values[BOOTSTRAP_RESAMPLES - cut], confidence };
	}
	free(values);
	free(room);
	free(resample);
	return result;
}

double bootstrap_median_ratio(const struct bootstrap_group *groups, size_t count, const void *unused)
{
	return statistics_median(groups[0].samples, groups[0].n) / statistics_median(groups[1].samples, groups[1].n);
}
