/* SPDX-License-Identifier: Apache-2.0 */
#include "results/reduce.h"

#include <string.h>

/* ---- not even parsed ---------------------------------------------------------------------------------- */

/* Past an integer that surely fits; NULL: it is none. */
static const char *skip_integer(const char *p)
{
	const char *start = p;

	while (*p >= '0' && *p <= '9')
		p++;
	return p == start || p - start > 18 || (*start == '0' && p - start > 1) ? NULL : p;
}

/* Past the bracket that closes a list of integers; `p` is behind the one that opens it. */
static const char *skip_integers(const char *p)
{
	while ((p = skip_integer(p)) && *p == ',')
		p++;
	return p && *p == ']' ? p + 1 : NULL;
}

/* The same of a list of such lists. */
static const char *skip_lists(const char *p)
{
	do {
		if (*p != '[')
			return NULL;
		p = skip_integers(p + 1);
	} while (p && *p++ == ',');
	return p && p[-1] == ']' ? p : NULL;
}

size_t line_skim(const char *line, size_t size, char *copy)
{
	static const char key[] = "\"buckets\":["; /* within a text its quotes would be escaped */
	const char *p = line, *end = line + size, *found;
	char *to = copy;

	while ((found = memmem(p, (size_t)(end - p), key, sizeof(key) - 1))) {
		const char *list = found + sizeof(key) - 1, *behind = NULL;

		if (found > line && found[-1] != '\\')
			behind = skip_lists(list);
		memcpy(to, p, (size_t)(list - p));
		to += list - p;
		p = behind ? behind - 1 : list;
	}
	memcpy(to, p, (size_t)(end - p));
	return (size_t)(to - copy) + (size_t)(end - p);
}

/* ---- dropped ---------------------------------------------------------------------------------------- */

/* Pairs are counted by who has the figures alone. */
static void pairs_reduce(json_t *trial)
{
	json_t *counted = json_array();

	for (size_t i = json_array_size(json_object_get(trial, "pairs")); i; i--)
		json_array_append_new(counted, json_null());
	if (json_object_get(trial, "pairs"))
		json_object_set_new(trial, "pairs", counted);
	else
		json_decref(counted);
}

/* Of each endpoint's thread: how busy it was. */
static void endpoints_reduce(json_t *endpoints)
{
	json_t *endpoint;
	size_t i;

	json_array_foreach(endpoints, i, endpoint) {
		json_t *small = json_object(), *busy = json_object_get(endpoint, "busy");

		if (busy)
			json_object_set(small, "busy", busy);
		json_array_set_new(endpoints, i, small);
	}
}

/* What is null is as good as missing, and takes room. Not of a test: tests are compared whole. */
static void nulls_drop(json_t *object)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, key, value) {
		if (json_is_null(value))
			json_object_del(object, key);
		else if (strcmp(key, "test") != 0)
			nulls_drop(value);
	}
}

void trial_reduce(json_t *trial)
{
	static const char *const large[] = { "samples", "effective" };
	static const char *const detail[] = { "processors", "counters", "interrupts", "softirqs" };
	json_t *cpu = json_object_get(trial, "cpu"), *latency;
	const char *kind;

	for (size_t i = 0; i < sizeof(large) / sizeof(*large); i++)
		json_object_del(trial, large[i]);
	for (size_t i = 0; i < sizeof(detail) / sizeof(*detail); i++)
		json_object_del(cpu, detail[i]);
	json_object_del(json_object_get(cpu, "switch"), "threads");
	json_object_del(json_object_get(cpu, "energy"), "packages");
	endpoints_reduce(json_object_get(cpu, "endpoints"));
	pairs_reduce(trial);
	json_object_foreach(json_object_get(trial, "latency"), kind, latency)
		json_object_del(latency, "histogram");
	nulls_drop(trial);
}
