/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/format.h"

#include <math.h>
#include <stdio.h>

static const struct unit decimal_units[] = {
	{ "G", 1e9, 1 }, { "M", 1e6, 1 }, { "k", 1e3, 1 }, { "K", 1e3, 1 }, { "", 1, 1 }, { NULL, 0, 0 },
};

static const struct unit time_units[] = {
	{ "h", 3600, 1 }, { "m", 60, 1 }, { "s", 1, 1 }, { "", 1, 1 }, { "ms", 1, 1e3 }, { "us", 1, 1e6 },
	{ "ns", 1, 1e9 }, { NULL, 0, 0 },
};

static const struct unit share_units[] = {
	{ "%", 1, 100 }, { "", 1, 1 }, { NULL, 0, 0 },
};

const struct unit *parameter_units(const struct parameter *parameter)
{
	if (parameter->kind == PARAMETER_KIND_SHARE)
		return share_units;
	return parameter->kind == PARAMETER_KIND_TIME ? time_units : decimal_units;
}

/* Canonical text of seconds: the largest unit in which they are a whole number. */
static void time_format(double seconds, char *text, size_t size)
{
	double ns = round(seconds * 1e9);

	if (ns == 0) {
		snprintf(text, size, "0s");
		return;
	}
	for (const struct unit *unit = time_units; unit->name; unit++) {
		double one = unit->times * 1e9 / unit->over;

		if (unit->name[0] && fmod(ns, one) == 0) {
			snprintf(text, size, "%.0f%s", ns / one, unit->name);
			return;
		}
	}
}

void number_format(const struct parameter *parameter, double number, char *text, size_t size)
{
	if (parameter->kind == PARAMETER_KIND_TIME)
		time_format(number, text, size);
	else if (parameter->kind == PARAMETER_KIND_SET)
		snprintf(text, size, "%.0fvs%.0f", number, number);
	else if (parameter->kind == PARAMETER_KIND_SHARE)
		snprintf(text, size, "%.12g%%", number * 100);
	else
		snprintf(text, size, "%.15g", number);
}

/* The rate as people say it: 1.5M, 10k; plain where that would be longer. */
static void pps_format(double rate, char *text, size_t size)
{
	for (const struct unit *unit = decimal_units; unit->name; unit++)
		if (rate >= unit->times && fmod(rate, unit->times / 10) == 0 && unit->times > 1) {
			snprintf(text, size, "%.15g%s", rate / unit->times, unit->name);
			return;
		}
	snprintf(text, size, "%.15g", rate);
}

void parameter_brief(const struct parameter *parameter, const struct value *value, char *text, size_t size)
{
	if (parameter->kind == PARAMETER_KIND_RATE && value->number > 0)
		pps_format(value->number, text, size);
	else
		snprintf(text, size, "%s", value->text);
}

void limit_format(const struct parameter *parameter, double limit, char *text, size_t size)
{
	if (parameter->kind == PARAMETER_KIND_RATE)
		pps_format(limit, text, size);
	else
		number_format(parameter, limit, text, size);
}

/* "a, b or c" of a NULL-terminated list */
static void choices_format(const char *const *choices, char *text, size_t size)
{
	size_t used = 0;

	for (int i = 0; choices[i] && used < size; i++) {
		const char *before = !i ? "" : choices[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(text + used, size - used, "%s%s", before, choices[i]);
	}
}

/* What `lanebench list` calls the names of this parameter. */
static const char *list_word(enum parameter_id id)
{
	switch (id) {
	case PARAMETER_RUNTIME: return "runtimes";
	case PARAMETER_SWITCH:  return "switches";
	default:                return "io";
	}
}

void parameter_allowed(const struct parameter *parameter, char *text, size_t size)
{
	char min[64], max[64];

	limit_format(parameter, parameter->min, min, sizeof(min));
	limit_format(parameter, parameter->max, max, sizeof(max));
	switch (parameter->kind) {
	case PARAMETER_KIND_CHOICE:
		choices_format(parameter->choices, text, size);
		break;
	case PARAMETER_KIND_NAME:
		snprintf(text, size, "a name that 'lanebench list %s' shows", list_word(parameter->id));
		break;
	case PARAMETER_KIND_SET:
		snprintf(text, size, "%s to %s, the same number on both sides; of a fan-in Nvs1", min, max);
		break;
	case PARAMETER_KIND_SIZE:
		snprintf(text, size, "%s to %s %s; imix, or sizes with weights such as 64:7+1500:1", min, max,
			 parameter->unit);
		break;
	case PARAMETER_KIND_NUMBER:
		snprintf(text, size, "%s to %s %s%s", min, max, parameter->unit,
			 parameter->power_of_two ? ", a power of two" :
			 parameter->max < 1000 ? "" : "; suffixes k, M, G");
		break;
	case PARAMETER_KIND_RATE:
		snprintf(text, size, "max, or %s to %s %s; suffixes k, M, G; fractions such as 1.5M; or ndr, pdr, "
			 "mrr, loss-curve, pdr:50%%, 1M..20M step 1M, 10%%..100%%, best:1M..20M step 1M", min, max, parameter->unit);
		break;
	case PARAMETER_KIND_SHARE:
		snprintf(text, size, "%s%s to %s %s", parameter->none ? "none, or " : "", min, max, parameter->unit);
		break;
	case PARAMETER_KIND_TIME:
		snprintf(text, size, "%s to %s; units ns, us, ms, s, m, h; without a unit: seconds", min,
			 max);
		break;
	case PARAMETER_KIND_PROCESSORS:
		snprintf(text, size, "auto, or numbers and ranges from %s to %s such as 2-5,8", min, max);
		break;
	}
}
