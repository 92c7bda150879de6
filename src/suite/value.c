/* SPDX-License-Identifier: Apache-2.0 */
/* The values of parameters: from text and JSON, and to JSON. */
#include "suite/parameter.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "search/rate.h"
#include "suite/excerpt.h"
#include "suite/format.h"
#include "suite/sizes.h"
#include "util/list.h"
#include "util/suggest.h"

#define REMEDY_SIZE sizeof(((struct error *)0)->remedy)
#define PROCESSORS 1024 /* the parameter's max + 1 */
#define DIGITS_MAX 40   /* of a number, before we stop believing that it is one */

static const struct catalogue_list *catalogue_names(const struct parameter *parameter,
						    const struct catalogue *catalogue)
{
	switch (parameter->id) {
	case PARAMETER_RUNTIME: return &catalogue->runtimes;
	case PARAMETER_SWITCH:  return &catalogue->switches;
	default:                return &catalogue->ios;
	}
}

/* The names that the catalogue has, for a remedy. */
static void names_format(const struct catalogue_list *list, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "known:");

	for (unsigned i = 0; i < list->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s %s", i ? "," : "",
					 list->entry[i].name);
}

/* -EINVAL with "unknown <parameter> 'text' (did you mean 'x'?)". */
static int unknown_name(const struct parameter *parameter, const char *text, const char *const *candidates,
			const char *remedy, struct error *err)
{
	const char *near = suggest(text, candidates);

	return error_set(err, EINVAL, remedy,
			 near ? "unknown %s '%s' (did you mean '%s'?)" : "unknown %s '%s'", parameter->name,
			 excerpt(text).text, near);
}

static int parse_name(const struct parameter *parameter, const char *text, const struct catalogue *catalogue,
		      struct value *value, struct error *err)
{
	const char *candidates[CATALOGUE_MAX + 1] = { NULL };
	const struct catalogue_list *list;
	char remedy[REMEDY_SIZE];

	if (!catalogue) {
		if (strlen(text) >= sizeof(value->text))
			return error_set(err, EINVAL, NULL, "%s '%s' is too long for a name", parameter->name,
					 excerpt(text).text);
	} else {
		list = catalogue_names(parameter, catalogue);
		if (!catalogue_find(list, text)) {
			for (unsigned i = 0; i < list->count; i++)
				candidates[i] = list->entry[i].name;
			names_format(list, remedy, sizeof(remedy));
			return unknown_name(parameter, text, candidates, remedy, err);
		}
	}
	snprintf(value->text, sizeof(value->text), "%s", text);
	return 0;
}

static int parse_choice(const struct parameter *parameter, const char *text, struct value *value,
			struct error *err)
{
	char remedy[REMEDY_SIZE];

	for (int i = 0; parameter->choices[i]; i++) {
		if (strcmp(parameter->choices[i], text))
			continue;
		snprintf(value->text, sizeof(value->text), "%s", text);
		return 0;
	}
	snprintf(remedy, sizeof(remedy), "allowed: ");
	parameter_allowed(parameter, remedy + strlen(remedy), sizeof(remedy) - strlen(remedy));
	return unknown_name(parameter, text, parameter->choices, remedy, err);
}

/* -EINVAL with "<parameter> <cause>" and what is allowed. */
static int __attribute__((format(printf, 3, 4)))
not_allowed(const struct parameter *parameter, struct error *err, const char *cause, ...)
{
	char text[sizeof(err->cause)], remedy[REMEDY_SIZE] = "allowed: ";
	va_list args;

	va_start(args, cause);
	vsnprintf(text, sizeof(text), cause, args);
	va_end(args);
	parameter_allowed(parameter, remedy + strlen(remedy), sizeof(remedy) - strlen(remedy));
	return error_set(err, EINVAL, remedy, "%s %s", parameter->name, text);
}

static bool is_power_of_two(double number)
{
	return frexp(number, &(int){ 0 }) == 0.5;
}

/* The power of two nearest to a number of at least 1. */
static double nearest_power_of_two(double number)
{
	double below = ldexp(1, ilogb(number));

	return number - below < 2 * below - number ? below : 2 * below;
}

/* Is number within the parameter's limits? `text`: what the user wrote. Fills value. */
static int set_number(const struct parameter *parameter, double number, const char *text, struct value *value,
		      struct error *err)
{
	bool low = number < parameter->min;
	const char *why = low ? parameter->least : parameter->most;
	char limit[64];

	if (low || number > parameter->max) {
		limit_format(parameter, low ? parameter->min : parameter->max, limit, sizeof(limit));
		return not_allowed(parameter, err, "%s is %s %s%s%s", excerpt(text).text,
				   low ? "below" : "above", limit, why ? ", " : "", why ? why : "");
	}
	if (parameter->power_of_two && !is_power_of_two(number))
		return not_allowed(parameter, err, "%s is not a power of two (did you mean %.0f?)",
				   excerpt(text).text, nearest_power_of_two(number));
	if (parameter->kind == PARAMETER_KIND_TIME || parameter->kind == PARAMETER_KIND_SHARE)
		number = round(number * 1e9) / 1e9;
	value->number = number;
	number_format(parameter, number, value->text, sizeof(value->text));
	return 0;
}

/*
 * A decimal number, optional sign and fraction, then a unit. Not strtod: that reads hexadecimal, infinities
 * and exponents, and depends on the locale. False where the text does not begin with a number or is absurdly
 * long; *unit then is NULL; else it is what follows the number.
 */
static bool read_decimal(const char *text, double *digits, double *over, const char **unit)
{
	const char *at = text;
	bool negative = *at == '-', any = false, fraction = false;

	*digits = 0;
	*over = 1;
	for (at += negative; at - text <= DIGITS_MAX; at++) {
		if (*at == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*at < '0' || *at > '9')
			break;
		any = true;
		*digits = *digits * 10 + (*at - '0');
		if (fraction)
			*over *= 10;
	}
	if (!any || at - text > DIGITS_MAX || at[-1] == '.')
		return false;
	if (negative && *digits > 0)
		*digits = -*digits;
	*unit = at + strspn(at, " ");
	return true;
}

static bool is_whole(const struct parameter *parameter)
{
	return parameter->kind == PARAMETER_KIND_NUMBER || parameter->kind == PARAMETER_KIND_SIZE;
}

static int parse_number(const struct parameter *parameter, const char *text, struct value *value,
			struct error *err)
{
	const struct unit *unit = parameter_units(parameter);
	double digits, over, number;
	const char *rest;

	if (!read_decimal(text, &digits, &over, &rest))
		return not_allowed(parameter, err, "'%s' is not a number", excerpt(text).text);
	while (unit->name && strcmp(unit->name, rest))
		unit++;
	if (!unit->name)
		return not_allowed(parameter, err, "'%s' has the unknown unit '%s'", excerpt(text).text,
				   excerpt(rest).text);
	number = digits * unit->times / (over * unit->over);
	if (is_whole(parameter) && number != trunc(number))
		return not_allowed(parameter, err, "%s is not a whole number", excerpt(text).text);
	if (parameter->bare_max > 0 && !*rest && number >= parameter->bare_max && number <= parameter->max)
		return error_set(err, EINVAL, "say which with %", "%s %s would be %g %%: write %s%%, or %g%%",
				 parameter->name, excerpt(text).text, number * 100, excerpt(text).text, number * 100);
	return set_number(parameter, number, text, value, err);
}

/* Digits at *at, past them; -1 if there are none. Too many for a double make it infinite, not wrong. */
static double read_count(const char **at)
{
	size_t length = strspn(*at, "0123456789");
	double count = length ? 0 : -1;

	for (; length > 0; length--, (*at)++)
		count = count * 10 + (**at - '0');
	return count;
}

static int parse_set(const struct parameter *parameter, const char *text, struct value *value,
		     struct error *err)
{
	const char *at = text;
	double left, right = -1;

	left = read_count(&at);
	if (left >= 0 && at[0] == 'v' && at[1] == 's') {
		at += 2;
		right = read_count(&at);
	}
	if (right < 0 || *at)
		return not_allowed(parameter, err, "'%s' is not of the form NvsN", excerpt(text).text);
	if (left != right && right != 1)
		return not_allowed(parameter, err, "%s has two numbers that differ, and the second is not 1",
				   excerpt(text).text);
	if (set_number(parameter, left, text, value, err))
		return -EINVAL;
	if (right == 1)
		snprintf(value->text, sizeof(value->text), "%.0fvs1", left);
	return 0;
}

static int parse_processors(const struct parameter *parameter, const char *text, struct value *value,
			    struct error *err)
{
	int list[PROCESSORS], count;

	if (!strcmp(text, "auto")) {
		snprintf(value->text, sizeof(value->text), "auto");
		return 0;
	}
	count = list_parse(text, list, PROCESSORS, err);
	if (count < 0)
		return error_prefix(err, "%s", parameter->name);
	list_format(list, (unsigned)count, value->text, sizeof(value->text));
	return 0;
}

/* max and plain numbers are ours; all else is what search/rate.h reads. */
static int parse_rate(const struct parameter *parameter, const char *text, struct value *value,
		      struct error *err)
{
	struct rate rate;
	int result;

	if (!strcmp(text, "max")) {
		value->number = RATE_MAX;
		snprintf(value->text, sizeof(value->text), "max");
		return 0;
	}
	if (!isalpha((unsigned char)text[0]) && !strchr(text, '%') && !strstr(text, ".."))
		return parse_number(parameter, text, value, err);
	result = rate_parse(text, &rate, err);
	if (result)
		return result;
	value->number = rate.kind == RATE_UNLIMITED ? RATE_MAX : RATE_PLAN;
	rate_format(&rate, value->text, sizeof(value->text));
	return 0;
}

/* A size alone is a number; of a mix each size must be one that would do alone. */
static int parse_size(const struct parameter *parameter, const char *text, struct value *value, struct error *err)
{
	struct sizes sizes;
	int result;

	if (strcmp(text, "imix") && !strchr(text, ':') && !strchr(text + 1, '+'))
		return parse_number(parameter, text, value, err);
	result = sizes_parse(text, &sizes, err);
	if (result)
		return error_prefix(err, "%s", parameter->name);
	for (unsigned i = 0; i < sizes.count; i++) {
		char one[16];

		snprintf(one, sizeof(one), "%u", sizes.list[i].size);
		result = set_number(parameter, sizes.list[i].size, one, value, err);
		if (result)
			return result;
	}
	value->number = mix_largest(sizes.list, sizes.count);
	sizes_format(&sizes, value->text, sizeof(value->text));
	return 0;
}

bool value_is_mix(const struct value *value)
{
	return !strcmp(value->text, "imix") || strchr(value->text, ':');
}

void value_sizes(const struct value *value, struct sizes *sizes)
{
	if (!value_is_mix(value) || sizes_parse(value->text, sizes, NULL))
		*sizes = (struct sizes){ .list = { { (uint32_t)value->number, 1 } }, .count = 1 };
}

int parameter_parse(const struct parameter *parameter, const char *text, const struct catalogue *catalogue,
		    struct value *value, struct error *err)
{
	memset(value, 0, sizeof(*value));
	if (!text[0])
		return not_allowed(parameter, err, "has no value");
	if (parameter->none && !strcmp(text, "none")) {
		snprintf(value->text, sizeof(value->text), "none");
		return 0;
	}
	switch (parameter->kind) {
	case PARAMETER_KIND_NAME:
		return parse_name(parameter, text, catalogue, value, err);
	case PARAMETER_KIND_CHOICE:
		return parse_choice(parameter, text, value, err);
	case PARAMETER_KIND_SET:
		return parse_set(parameter, text, value, err);
	case PARAMETER_KIND_PROCESSORS:
		return parse_processors(parameter, text, value, err);
	case PARAMETER_KIND_RATE:
		return parse_rate(parameter, text, value, err);
	case PARAMETER_KIND_SIZE:
		return parse_size(parameter, text, value, err);
	case PARAMETER_KIND_NUMBER:
	case PARAMETER_KIND_SHARE:
	case PARAMETER_KIND_TIME:
		return parse_number(parameter, text, value, err);
	}
	return error_set(err, EINVAL, NULL, "%s is of a kind that nobody reads", parameter->name);
}

static bool is_numeric(const struct parameter *parameter)
{
	return is_whole(parameter) || parameter->kind == PARAMETER_KIND_RATE ||
	       parameter->kind == PARAMETER_KIND_TIME || parameter->kind == PARAMETER_KIND_SHARE;
}

json_t *parameter_to_json(const struct parameter *parameter, const struct value *value)
{
	if (!is_numeric(parameter) || (parameter->kind == PARAMETER_KIND_RATE && value->number < 0) ||
	    (parameter->kind == PARAMETER_KIND_SIZE && value_is_mix(value)) ||
	    (parameter->none && value->number == 0))
		return json_string(value->text);
	if (value->number == trunc(value->number))
		return json_integer((json_int_t)value->number);
	return json_real(value->number);
}

int parameter_from_json(const struct parameter *parameter, const json_t *json, struct value *value,
			struct error *err)
{
	char text[64];

	memset(value, 0, sizeof(*value));
	if (is_numeric(parameter) && json_is_number(json)) {
		if (is_whole(parameter) && !json_is_integer(json))
			return not_allowed(parameter, err, "of the record is not a whole number");
		snprintf(text, sizeof(text), "%.15g", json_number_value(json));
		return set_number(parameter, json_number_value(json), text, value, err);
	}
	if (parameter->kind == PARAMETER_KIND_SIZE && json_is_string(json) &&
	    (parameter_parse(parameter, json_string_value(json), NULL, value, err) || value_is_mix(value)))
		return value->text[0] ? 0 : -EINVAL;
	if (json_is_string(json) && (!is_numeric(parameter) || parameter->kind == PARAMETER_KIND_RATE || parameter->none))
		return parameter_parse(parameter, json_string_value(json), NULL, value, err);
	return not_allowed(parameter, err, "of the record is not a %s",
			   is_numeric(parameter) ? "number" : "text");
}
