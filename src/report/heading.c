/* SPDX-License-Identifier: Apache-2.0 */
#include "report/heading.h"

#include <stdio.h>
#include <string.h>

#include "report/figures.h"
#include "report/machine.h"

static const char *text_or(const char *text, const char *otherwise)
{
	return *text ? text : otherwise;
}

void heading_make(struct heading *heading, const struct record_view *view, const struct digest *digest)
{
	const char *state = trial_text(view->run, "state");

	*heading = (struct heading){
		.name = text_or(trial_text(view->run, "name"), "(run without a name)"),
		.description = trial_text(view->run, "description"),
		.version = text_or(trial_text(view->run, "lanebench"), "of unknown version"),
		.processors = machine_processors(view->run),
		.resumable = strcmp(state, "done") != 0 && digest->recorded < digest->planned,
	};
	machine_time(view->run, heading->when, sizeof(heading->when));
	machine_words(view->run, heading->machine, sizeof(heading->machine));
	if (heading->resumable)
		snprintf(heading->progress, sizeof(heading->progress), "%s: %zu of %zu trials are recorded.",
			 strcmp(state, "running") ? "The run was interrupted" :
			 "The run is still going, or was killed", digest->recorded, digest->planned);
}
