/* SPDX-License-Identifier: Apache-2.0 */
#include "report/noise.h"

#include <math.h>
#include <stdio.h>

#include "report/figures.h"
#include "report/format.h"
#include "util/text.h"

#define NOISE_LARGE 0.01

/* The processor that lost most, in any of the run's surveys. */
struct worst {
	const char *processor; /* NULL: nothing was measured; borrowed from the record */
	double lost, rate, max_ns;
	size_t processors;     /* that were measured together with it */
};

static void worst_look(struct worst *worst, json_t *processors)
{
	const char *name;
	json_t *noise;

	json_object_foreach(processors, name, noise) {
		double lost = trial_number(noise, "lost_ratio");

		if (!isfinite(lost) || (worst->processor && lost <= worst->lost))
			continue;
		*worst = (struct worst){ .processor = name, .lost = lost,
					 .rate = trial_number(noise, "gaps_per_s"),
					 .max_ns = trial_number(noise, "max_ns"),
					 .processors = json_object_size(processors) };
	}
}

static size_t disturbed_trials(const struct record_view *view)
{
	size_t disturbed = 0;

	for (size_t i = 0; i < view->count; i++)
		disturbed += trial_has_flag(view->trials[i], "disturbed");
	return disturbed;
}

bool noise_sentence(const struct record_view *view, char *text, size_t size, bool *large)
{
	const json_t *surveys = json_object_get(view->run, "noise");
	size_t disturbed = disturbed_trials(view);
	char share[FORMAT_MAX], rate[FORMAT_MAX], longest[FORMAT_MAX];
	struct worst worst = { 0 };

	for (size_t i = 0; i < json_array_size(surveys); i++)
		worst_look(&worst, json_object_get(json_array_get(surveys, i), "processors"));
	*large = worst.processor && worst.lost > NOISE_LARGE;
	if (!worst.processor || (!disturbed && !*large))
		return false;
	format_percent(share, worst.lost);
	format_number(rate, worst.rate, 0);
	format_microseconds(longest, worst.max_ns);
	snprintf(text, size,
		 "Noise of the machine before the first trial: of %zu processor%s, number %s lost most: %s "
		 "%% of its time, in %s interruptions a second of up to %s us.%s", worst.processors,
		 plural(worst.processors), worst.processor, share, rate, longest,
		 *large ? " Latency and loss suffer from that, and so does what is compared." :
		 " So what disturbed trials came later.");
	return true;
}
