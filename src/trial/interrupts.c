/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/interrupts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 8192

/* Which processor each column of the table is of: those that are online. */
struct columns {
	int processor[COLUMNS_MAX];
	unsigned count;
};

/* The first line: "  CPU0   CPU2 ". */
static void columns_parse(struct columns *columns, const char *line)
{
	int processor, used;

	columns->count = 0;
	while (columns->count < COLUMNS_MAX && sscanf(line, " CPU%d%n", &processor, &used) == 1) {
		columns->processor[columns->count++] = processor;
		line += used;
	}
}

static json_t *processor_kinds(const json_t *table, int processor)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", processor);
	return json_object_get(table, key);
}

static void kind_add(json_t *kinds, const char *name, uint64_t value)
{
	json_int_t sum = json_integer_value(json_object_get(kinds, name)) + (json_int_t)value;

	json_object_set_new(kinds, name, json_integer(sum));
}

/* Does the line have a number for each column? Some ("ERR:") are of the machine as a whole. */
static bool row_is_whole(const char *numbers, unsigned columns)
{
	char *end;

	for (; columns; columns--, numbers = end) {
		strtoull(numbers, &end, 10);
		if (end == numbers)
			return false;
	}
	return true;
}

/* " 36:   0   954658  PCI-MSIX ...", "LOC:  5116216  4784197  Local timer interrupts". */
static void row_parse(json_t *table, const struct columns *columns, char *line)
{
	char *colon = strchr(line, ':'), *numbers = colon ? colon + 1 : NULL;
	const char *name = line + strspn(line, " ");

	if (!colon || !row_is_whole(numbers, columns->count))
		return;
	*colon = 0;
	if (isdigit((unsigned char)*name))
		name = "devices";
	for (unsigned c = 0; c < columns->count; c++) {
		uint64_t value = strtoull(numbers, &numbers, 10);
		json_t *kinds = processor_kinds(table, columns->processor[c]);

		if (kinds)
			kind_add(kinds, name, value);
	}
}

json_t *interrupts_read(const char *path, const int *processors, unsigned count)
{
	struct columns *columns = calloc(1, sizeof(*columns));
	FILE *file = fopen(path, "re");
	json_t *table = NULL;
	char *line = NULL;
	size_t size = 0;

	if (file && columns && getline(&line, &size, file) > 0) {
		columns_parse(columns, line);
		table = json_object();
		for (unsigned i = 0; i < count; i++) {
			char key[16];

			snprintf(key, sizeof(key), "%d", processors[i]);
			json_object_set_new(table, key, json_object());
		}
		while (getline(&line, &size, file) > 0)
			row_parse(table, columns, line);
	}
	free(line);
	free(columns);
	if (file)
		fclose(file);
	return table;
}

/*
 * The kernel counts most of them in 32 bits. The devices' sum wraps where one of them does: the same holds.
 */
static uint64_t count_between(json_int_t begin, json_int_t end)
{
	return end >= begin ? (uint64_t)(end - begin) : (uint64_t)(end + (INT64_C(1) << 32) - begin);
}

json_t *interrupts_between(json_t *begin, json_t *end)
{
	json_t *between, *kinds, *last;
	const char *processor, *kind;

	if (!begin || !end)
		return json_null();
	between = json_object();
	json_object_foreach(end, processor, kinds) {
		const json_t *first = json_object_get(begin, processor);
		json_t *changed = json_object();
		uint64_t total = 0;

		json_object_foreach(kinds, kind, last) {
			uint64_t came = count_between(json_integer_value(json_object_get(first, kind)),
						      json_integer_value(last));

			if (came)
				json_object_set_new(changed, kind, json_integer((json_int_t)came));
			total += came;
		}
		json_object_set_new(changed, "total", json_integer((json_int_t)total));
		json_object_set_new(between, processor, changed);
	}
	return between;
}
