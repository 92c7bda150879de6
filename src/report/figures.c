/* SPDX-License-Identifier: Apache-2.0 */
#include "report/figures.h"

#include <math.h>
#include <string.h>

const json_t *trial_value(const json_t *trial, const char *path)
{
	char part[32];

	while (trial && path) {
		const char *dot = strchr(path, '.');
		size_t length = dot ? (size_t)(dot - path) : strlen(path);

		if (length >= sizeof(part))
			return NULL;
		memcpy(part, path, length);
		part[length] = 0;
		trial = json_object_get(trial, part);
		path = dot ? dot + 1 : NULL;
	}
	return json_is_null(trial) ? NULL : trial;
}

double trial_number(const json_t *trial, const char *path)
{
	const json_t *value = trial_value(trial, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *trial_text(const json_t *trial, const char *path)
{
	const char *text = json_string_value(trial_value(trial, path));

	return text ? text : "";
}

bool trial_is_ok(const json_t *trial)
{
	return !strcmp(trial_text(trial, "status"), "ok");
}

bool trial_has_flag(const json_t *trial, const char *flag)
{
	const json_t *flags = trial_value(trial, "flags");

	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *text = json_string_value(json_array_get(flags, i));

		if (text && !strcmp(text, flag))
			return true;
	}
	return false;
}

double trial_busy(const json_t *trial)
{
	static const char *const kinds[] = { "cpu.machine.user_s", "cpu.machine.nice_s",
					     "cpu.machine.system_s", "cpu.machine.irq_s",
					     "cpu.machine.softirq_s" };
	double window = trial_number(trial, "cpu.window_s"), busy = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		busy += trial_number(trial, kinds[i]);
	return window > 0 ? busy / window : NAN;
}

double trial_endpoints_busy(const json_t *trial)
{
	const json_t *endpoints = trial_value(trial, "cpu.endpoints");
	double busy = 0;

	for (size_t i = 0; i < json_array_size(endpoints); i++)
		busy += trial_number(json_array_get(endpoints, i), "busy");
	return json_array_size(endpoints) ? busy : NAN;
}

double trial_processes_busy(const json_t *trial)
{
	const json_t *own = trial_value(trial, "cpu.switch");

	/* Null is a switch without processes, or one whose time could not be read. */
	if (!own && trial_value(trial, "cpu.missing.window"))
		return NAN;
	return trial_endpoints_busy(trial) + (own ? trial_number(trial, "cpu.switch.busy") : 0);
}

double trial_hop_cost(const json_t *trial)
{
	const json_t *hops = trial_value(trial, "hops");
	double sum = 0;

	for (size_t i = 0; i < json_array_size(hops); i++)
		sum += trial_number(json_array_get(hops, i), "packet_ns");
	return json_array_size(hops) ? sum / (double)json_array_size(hops) : NAN;
}
