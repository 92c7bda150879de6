/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/problems.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_place(const struct place *a, const struct place *b)
{
	return a->source == b->source && a->line == b->line && a->column == b->column &&
	       a->parameter == b->parameter;
}

/* A value that serves many tests is looked at many times: its problem is one. */
static bool problems_have(const struct problems *problems, const struct place *place,
			  const struct error *error)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->problem[i];

		if (same_place(&problem->place, place) && !strcmp(problem->error.cause, error->cause))
			return true;
	}
	return false;
}

static bool problems_grow(struct problems *problems)
{
	size_t capacity = problems->capacity ? 2 * problems->capacity : 8;
	struct problem *problem = reallocarray(problems->problem, capacity, sizeof(*problem));

	if (!problem) {
		problems->out_of_memory = true;
		return false;
	}
	problems->problem = problem;
	problems->capacity = capacity;
	return true;
}

void problems_add(struct problems *problems, const struct place *place, const struct error *error)
{
	if (problems_have(problems, place, error))
		return;
	if (problems->count == PROBLEMS_MAX) {
		problems->omitted++;
		return;
	}
	if (problems->count == problems->capacity && !problems_grow(problems))
		return;
	problems->problem[problems->count] = (struct problem){ *place, *error, problems->count };
	problems->count++;
}

void problems_addf(struct problems *problems, const struct place *place, const char *remedy,
		   const char *cause, ...)
{
	struct error error = { 0 };
	char text[sizeof(error.cause)];
	va_list args;

	va_start(args, cause);
	vsnprintf(text, sizeof(text), cause, args);
	va_end(args);
	error_set(&error, EINVAL, remedy, "%s", text);
	problems_add(problems, place, &error);
}

static int compare_problems(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;

	if (a->place.source != b->place.source)
		return a->place.source < b->place.source ? -1 : 1;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	if (a->place.parameter != b->place.parameter)
		return a->place.parameter < b->place.parameter ? -1 : 1; /* the table's order */
	return a->number < b->number ? -1 : 1;
}

static void place_format(const struct place *place, const char *path, char *text, size_t size)
{
	switch (place->source) {
	case PLACE_FILE:
		snprintf(text, size, "%.460s:%zu:%zu", path, place->line, place->column);
		break;
	case PLACE_OPTION:
		if (place->parameter->option)
			snprintf(text, size, "option -%c", place->parameter->option);
		else
			snprintf(text, size, "option --%s", place->parameter->name);
		break;
	case PLACE_NOWHERE:
		snprintf(text, size, "%.500s", path ? path : "options");
		break;
	}
}

int problems_finish(struct problems *problems, const char *path, struct suite *suite)
{
	size_t count = problems->count;

	if (problems->out_of_memory)
		return -ENOMEM;
	if (!count)
		return 0;
	suite->problems = calloc(count + 1, sizeof(*suite->problems));
	if (!suite->problems)
		return -ENOMEM;
	qsort(problems->problem, count, sizeof(*problems->problem), compare_problems);
	for (size_t i = 0; i < count; i++) {
		place_format(&problems->problem[i].place, path, suite->problems[i].where,
			     sizeof(suite->problems[i].where));
		suite->problems[i].error = problems->problem[i].error;
	}
	if (problems->omitted) {
		struct place nowhere = { 0 };

		place_format(&nowhere, path, suite->problems[count].where,
			     sizeof(suite->problems[count].where));
		error_set(&suite->problems[count].error, EINVAL, "repair those above first",
			  "%zu more problems are not shown", problems->omitted);
		count++;
	}
	suite->problem_count = count;
	return 0;
}

void problems_free(struct problems *problems)
{
	free(problems->problem);
	memset(problems, 0, sizeof(*problems));
}
