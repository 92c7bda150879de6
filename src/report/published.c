/* SPDX-License-Identifier: Apache-2.0 */
#include "report/published.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

#define COLUMNS_MAX (16 + PARAMETER_COUNT)
#define FIELDS (sizeof(field_names) / sizeof(*field_names))

extern const char published_csv[]; /* made of published.csv, whose columns are these and parameters by their names */

enum field { SOURCE, TITLE, MACHINE, MATCH, SUITE, FIGURE, VALUE, LOW, HIGH, NOTE };

static const char *const field_names[] = {
	[SOURCE] = "source", [TITLE] = "title", [MACHINE] = "machine", [MATCH] = "match", [SUITE] = "suite",
	[FIGURE] = "figure", [VALUE] = "value", [LOW] = "low", [HIGH] = "high", [NOTE] = "note",
};

/* What each column holds: a field (below FIELDS), or FIELDS + a parameter. */
struct columns {
	unsigned holds[COLUMNS_MAX];
	size_t count;
};

/* ---- the file -------------------------------------------------------------------------------------------- */

/*
 * Cut one record of RFC 4180 into fields, in place; *cursor goes behind it. A field never grows, so that the quotes
 * can be taken out where they are. Returns how many fields, 0 if it is none: an open quote, or more than `max`.
 */
static size_t record_cut(char **cursor, char *field[], size_t max, unsigned *line)
{
	char *in = *cursor, *out = in;

	for (size_t count = 0; count < max;) {
		bool quoted = *in == '"', open = quoted;
		char end;

		field[count++] = out;
		in += quoted;
		while (*in && (open || !strchr(",\r\n", *in))) {
			if (open && *in == '"' && *++in != '"') {
				open = false;
				break;
			}
			*line += *in == '\n';
			*out++ = *in++;
		}
		end = *in;
		if (open || (end && !strchr(",\r\n", end)))
			return 0;
		in += end ? 1 + (end == '\r' && in[1] == '\n') : 0;
		*out++ = 0;
		if (end != ',') {
			*line += end != 0;
			*cursor = in;
			return count;
		}
	}
	return 0;
}

static int columns_read(struct columns *columns, char *const name[], size_t count, struct error *err)
{
	columns->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct parameter *parameter = parameter_find(name[i]);
		unsigned f = 0;

		while (f < FIELDS && strcmp(field_names[f], name[i]) != 0)
			f++;
		if (f == FIELDS && !parameter)
			return error_set(err, EINVAL, NULL, "unknown column '%s'", name[i]);
		columns->holds[i] = parameter ? (unsigned)(FIELDS + parameter->id) : f;
	}
	return 0;
}

/* A number that is not negative; empty is NAN. */
static int number_read(const char *text, double *number, struct error *err)
{
	char *end;

	*number = *text ? strtod(text, &end) : NAN;
	if (*text && (*end || !isfinite(*number) || *number < 0))
		return error_set(err, EINVAL, NULL, "'%s' is not a number", text);
	return 0;
}

static int match_read(const char *text, enum published_match *match, struct error *err)
{
	static const char *const names[] = {
		[PUBLISHED_NONE] = "none", [PUBLISHED_TEST] = "test", [PUBLISHED_SUITE] = "suite",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		*match = (enum published_match)i;
		if (!strcmp(text, names[i]))
			return 0;
	}
	return error_set(err, EINVAL, NULL, "'%s' is not one of none, test, suite", text);
}

static enum figure figure_find(const char *name)
{
	int f = 0;

	while (f < FIGURE_COUNT && strcmp(figure_name((enum figure)f), name) != 0)
		f++;
	return (enum figure)f;
}

/* `text` lives as long as the list. */
static int field_read(struct published *row, unsigned holds, const char *text, struct error *err)
{
	switch (holds) {
	case SOURCE:  row->source = text; return 0;
	case TITLE:   row->title = text; return 0;
	case MACHINE: row->machine = text; return 0;
	case SUITE:   row->suite = text; return 0;
	case NOTE:    row->note = text; return 0;
	case MATCH:   return match_read(text, &row->match, err);
	case VALUE:   return number_read(text, &row->value, err);
	case LOW:     return number_read(text, &row->low, err);
	case HIGH:    return number_read(text, &row->high, err);
	case FIGURE:
		row->figure_name = text;
		row->figure = figure_find(text);
		return 0;
	default: /* any name will do: a paper may have switches that are not here */
		return !*text ? 0 : parameter_parse(&parameter_table[holds - FIELDS], text, NULL,
						    &row->test[holds - FIELDS], err);
	}
}

/* Is the row whole: does nothing that matches lack what it is matched by, and what it says? */
static int row_check(const struct published *row, struct error *err)
{
	if (!*row->source || !*row->title || !*row->figure_name || !isfinite(row->value))
		return error_set(err, EINVAL, NULL, "source, title, figure or value is missing");
	if (row->match != PUBLISHED_NONE && (row->figure == FIGURE_COUNT || !*row->suite))
		return error_set(err, EINVAL, NULL, "it has a match, and a figure that is none, or no suite");
	if (row->low > row->value || row->high < row->value)
		return error_set(err, EINVAL, NULL, "the value is not between low and high");
	return 0;
}

static int row_read(struct published *row, const struct columns *columns, char *const field[], size_t count,
		    struct error *err)
{
	int rc = 0;

	*row = (struct published){ .source = "", .title = "", .suite = "", .machine = "", .note = "",
				   .figure_name = "", .figure = FIGURE_COUNT,
				   .value = NAN, .low = NAN, .high = NAN };
	if (count != columns->count)
		return error_set(err, EINVAL, NULL, "%zu fields instead of %zu", count, columns->count);
	for (size_t i = 0; i < count && !rc; i++)
		rc = field_read(row, columns->holds[i], field[i], err);
	return rc ? rc : row_check(row, err);
}

static int list_read(struct published_list *list, struct error *err)
{
	char *cursor = list->text, *field[COLUMNS_MAX];
	struct columns columns;
	unsigned line = 1, at = 1;
	size_t count = record_cut(&cursor, field, COLUMNS_MAX, &line);
	int rc = columns_read(&columns, field, count, err);

	while (!rc && *cursor) {
		at = line;
		count = record_cut(&cursor, field, COLUMNS_MAX, &line);
		rc = row_read(&list->row[list->count], &columns, field, count, err);
		list->count += !rc;
	}
	return rc ? error_prefix(err, "line %u", at) : 0;
}

int published_parse(struct published_list *list, const char *csv, struct error *err)
{
	size_t lines = 1;

	for (const char *c = csv; *c; c++)
		lines += *c == '\n' || *c == '\r';
	*list = (struct published_list){ .row = calloc(lines, sizeof(*list->row)), .text = strdup(csv) };
	if (!list->row || !list->text)
		return error_set(err, ENOMEM, NULL, "out of memory");
	return list_read(list, err);
}

void published_free(struct published_list *list)
{
	free(list->row);
	free(list->text);
	*list = (struct published_list){ 0 };
}

const struct published_list *published_all(void)
{
	static struct published_list list; /* read once; lives as long as the program, as what published_for finds */
	struct error ignored;              /* a unit test reads the file, too */

	if (!list.row && published_parse(&list, published_csv, &ignored) == -ENOMEM)
		published_free(&list);
	return &list;
}

/* ---- beside a test --------------------------------------------------------------------------------------- */

/* What makes another experiment of a test, and what disturbs it: a paper that does not mention it had the default. */
static bool is_as_usual(int parameter)
{
	switch (parameter) {
	case PARAMETER_TOPOLOGY:
	case PARAMETER_DIRECTION:
	case PARAMETER_FLOWS:
	case PARAMETER_SWITCH_QUOTA:
	case PARAMETER_ENDPOINT_QUOTA:
	case PARAMETER_SWITCH_PLACE:
	case PARAMETER_SWITCH_IN:
	case PARAMETER_NEIGHBOUR:
		return true;
	}
	return false;
}

static bool stands_beside(const struct published *published, const struct digest_row *row, const char *run)
{
	if (published->match == PUBLISHED_NONE ||
	    (published->match == PUBLISHED_SUITE && (!run || strcmp(published->suite, run) != 0)))
		return false;
	for (int p = 0; p < PARAMETER_COUNT; p++) {
		const char *text = published->test[p].text;

		if (!*text && is_as_usual(p))
			text = parameter_table[p].fallback;
		if (*text && strcmp(text, row->value[p].text) != 0)
			return false;
	}
	return true;
}

size_t published_for(const struct digest_row *row, const char *run, const struct published **found, size_t max)
{
	const struct published_list *all = published_all();
	size_t count = 0;

	for (size_t i = 0; i < all->count && count < max; i++)
		if (stands_beside(&all->row[i], row, run))
			found[count++] = &all->row[i];
	return count;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), least = strlen(end);

	return length >= least && !strcmp(text + length - least, end);
}

void published_format(const struct published *published, double value, char *text)
{
	const char *name = published->figure_name; /* its end is the unit */
	char number[FORMAT_MAX];

	if (ends_with(name, "_pps")) {
		format_packet_rate(text, value);
	} else if (ends_with(name, "_bps")) {
		const struct unit unit = unit_bit_rate(value);

		format_in_unit(number, value, &unit);
		snprintf(text, FORMAT_MAX, "%.30s %s", number, unit.name);
	} else if (ends_with(name, "_ns")) {
		format_microseconds(number, value);
		snprintf(text, FORMAT_MAX, "%.40s us", number);
	} else if (ends_with(name, "_ratio")) {
		format_percent(number, value);
		snprintf(text, FORMAT_MAX, "%.40s %%", number);
	} else {
		format_number(number, value, 2);
		snprintf(text, FORMAT_MAX, "%.30s processors", number);
	}
}

const char *published_run(const struct record_view *view)
{
	const char *name = json_string_value(json_object_get(view->run, "name"));

	return name ? name : "";
}
