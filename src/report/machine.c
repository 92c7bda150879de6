/* SPDX-License-Identifier: Apache-2.0 */
#include "report/machine.h"

#include <stdio.h>
#include <string.h>

#include "report/figures.h"
#include "util/list.h"
#include "util/text.h"

#define USABLE_MAX 4096

/* A list (as text or array), or a number. */
int machine_processors(const json_t *run)
{
	const json_t *usable = trial_value(run, "environment.processor.usable");
	int list[USABLE_MAX], count;

	if (json_is_integer(usable))
		return json_integer_value(usable) > 0 && json_integer_value(usable) <= USABLE_MAX
		       ? (int)json_integer_value(usable) : 0;
	if (json_is_array(usable))
		return (int)json_array_size(usable);
	count = json_is_string(usable) ? list_parse(json_string_value(usable), list, USABLE_MAX, NULL) : 0;
	return count > 0 ? count : 0;
}

void machine_words(const json_t *run, char *text, size_t size)
{
	const char *model = trial_text(run, "environment.processor.model");
	const char *kernel = trial_text(run, "environment.kernel.release");
	const char *distribution = trial_text(run, "environment.distribution");
	const char *hypervisor = trial_text(run, "environment.hypervisor");
	int processors = machine_processors(run);
	char usable[48] = "";

	if (processors > 0)
		snprintf(usable, sizeof(usable), ", %d usable processor%s", processors,
			 plural((size_t)processors));
	snprintf(text, size, "%s%s, Linux %s%s%s%s%s%s", *model ? model : "unknown processor", usable,
		 *kernel ? kernel : "(unknown)", *distribution ? ", " : "", distribution,
		 *hypervisor ? ", virtual (" : "", hypervisor, *hypervisor ? ")" : "");
}

void machine_time(const json_t *run, char *text, size_t size)
{
	const char *started = trial_text(run, "started");

	if (strlen(started) == strlen("2026-11-21T20:35:19Z") && started[10] == 'T' && started[19] == 'Z')
		snprintf(text, size, "%.10s %.5s UTC", started, started + 11);
	else
		snprintf(text, size, "%s", *started ? started : "at an unknown time");
}
