/* SPDX-License-Identifier: Apache-2.0 */
#include "report/results.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/columns.h"
#include "report/words.h"

enum merit results_merit(const struct results *results)
{
	return results->latency ? MERIT_LATENCY : MERIT_THROUGHPUT;
}

static void measure_interval(struct results *results, const struct digest_row *row)
{
	const struct spread *s = &row->figure[merit_figure(results_merit(results))];

	if (s->coverage > 0) {
		results->coverage = results->intervals ? fmin(results->coverage, s->coverage) : s->coverage;
		results->intervals = true;
	} else if (s->n > 1) {
		results->ranges = true;
	}
}

static void measure_row(struct results *results, const struct digest_row *row)
{
	const struct spread *forwarded = &row->figure[FIGURE_FORWARDED];
	char letters[REMARKS_MAX + 1];

	results->repeated |= row->ok > 1;
	measure_interval(results, row);
	results->spread |= forwarded->min < forwarded->max;
	results->searches |= *search_answer(row) != 0;
	remarks_of_row(&results->remarks, row, letters);
	for (int f = 0; f < FIGURE_COUNT; f++) {
		results->largest[f] = fmax(results->largest[f], row->figure[f].median);
		results->any[f] |= isfinite(row->figure[f].median);
	}
}

int results_make(struct results *results, const struct digest *digest, bool latency)
{
	int rc;

	*results = (struct results){ .latency = latency,
				     .rows = calloc(digest->count + 1, sizeof(*results->rows)) };
	if (!results->rows)
		return -ENOMEM;
	for (size_t i = 0; i < digest->count; i++)
		if (digest->rows[i].ok && !digest->rows[i].sweep && digest->rows[i].latency == latency)
			results->rows[results->count++] = &digest->rows[i];
	words_varying(results->rows, results->count, results->varies);
	results->varies[PARAMETER_DIMENSION] = false;
	rc = contests_hold(&results->contests, results->rows, results->count, results_merit(results), false);
	if (rc)
		return rc;
	for (size_t i = 0; i < results->count; i++)
		measure_row(results, results->rows[i]);
	results->packets = unit_packet_rate(results->largest[FIGURE_FORWARDED]);
	results->bits = unit_bit_rate(results->largest[FIGURE_BITS]);
	columns_choose(results);
	return 0;
}

void results_free(struct results *results)
{
	contests_free(&results->contests);
	free(results->rows);
	*results = (struct results){ 0 };
}

void results_compared(const struct results *results, char *text, size_t size)
{
	words_compared(results->rows, results->count, results->varies, text, size);
	if (!*text)
		snprintf(text, size, "one test");
}

void results_shared(const struct results *results, char *text, size_t size)
{
	words_shared(results->rows, results->count, results->varies, text, size);
}
