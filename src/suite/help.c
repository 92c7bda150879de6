/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/parameter.h"

#define COLUMNS 80
#define INDENT 29 /* where the texts begin, behind the options */

/* All that is said of a parameter: its help, what is allowed, its default, its letter in the papers. */
static void describe(const struct parameter *parameter, char *text, size_t size)
{
	char allowed[256], papers[32] = "";

	parameter_allowed(parameter, allowed, sizeof(allowed));
	if (parameter->symbol[0])
		snprintf(papers, sizeof(papers), " In the papers: %s.", parameter->symbol);
	snprintf(text, size, "%s Allowed: %s. Default: %s.%s", parameter->help, allowed, parameter->fallback,
		 papers);
}

/* Write `text` in lines of at most COLUMNS, the first of which has `column` characters already. */
static void write_wrapped(FILE *out, const char *text, int column)
{
	const char *gap = "";

	if (column >= INDENT) {
		fputc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", INDENT - column, "");
	column = INDENT;
	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column > INDENT && column + 1 + length > COLUMNS) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
			gap = "";
		}
		column += fprintf(out, "%s%.*s", gap, length, text);
		gap = " ";
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void write_text(FILE *out, const struct parameter *parameter)
{
	char option[8] = "    ", text[1024];
	int column;

	if (parameter->option)
		snprintf(option, sizeof(option), "-%c, ", parameter->option);
	column = fprintf(out, "  %s--%s %s%s", option, parameter->name, parameter->placeholder,
			 parameter->matrix ? "[,...]" : "");
	describe(parameter, text, sizeof(text));
	write_wrapped(out, text, column);
}

/* For troff: hyphens that stay hyphens, nothing taken for an escape or, where a line starts, a request. */
static void write_escaped(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
}

static void write_roff(FILE *out, const struct parameter *parameter)
{
	char text[1024];

	fputs(".TP\n", out);
	if (parameter->option)
		fprintf(out, "\\fB\\-%c\\fR, ", parameter->option);
	fputs("\\fB\\-\\-", out);
	write_escaped(out, parameter->name);
	fprintf(out, "\\fR \\fI%s\\fR%s\n", parameter->placeholder, parameter->matrix ? "[,...]" : "");
	describe(parameter, text, sizeof(text));
	write_escaped(out, text);
	fputc('\n', out);
}

static char *write_all(void (*write_one)(FILE *out, const struct parameter *parameter))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (int i = 0; i < PARAMETER_COUNT; i++)
		write_one(out, &parameter_table[i]);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

char *help_parameters_text(void)
{
	return write_all(write_text);
}

char *help_parameters_roff(void)
{
	return write_all(write_roff);
}

static const char *kind_name(enum parameter_kind kind)
{
	switch (kind) {
	case PARAMETER_KIND_CHOICE:     return "choice";
	case PARAMETER_KIND_NAME:       return "name";
	case PARAMETER_KIND_SET:        return "set";
	case PARAMETER_KIND_SIZE:       return "size";
	case PARAMETER_KIND_NUMBER:     return "number";
	case PARAMETER_KIND_RATE:       return "rate";
	case PARAMETER_KIND_TIME:       return "time";
	case PARAMETER_KIND_SHARE:      return "share";
	case PARAMETER_KIND_PROCESSORS: return "processors";
	}
	return "";
}

static json_t *choices_to_json(const char *const *choices)
{
	json_t *array = choices ? json_array() : json_null();

	for (int i = 0; choices && choices[i]; i++)
		json_array_append_new(array, json_string(choices[i]));
	return array;
}

static json_t *limit_to_json(const struct parameter *parameter, double limit)
{
	if (parameter->max <= 0)
		return json_null();
	return limit == (double)(json_int_t)limit ? json_integer((json_int_t)limit) : json_real(limit);
}

static json_t *parameter_describe(const struct parameter *parameter)
{
	char allowed[256], option[3] = { '-', parameter->option, 0 };

	parameter_allowed(parameter, allowed, sizeof(allowed));
	return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:b, s:s, s:s}",
			 "name", parameter->name,
			 "option", parameter->option ? option : NULL,
			 "placeholder", parameter->placeholder,
			 "symbol", parameter->symbol,
			 "kind", kind_name(parameter->kind),
			 "unit", parameter->unit,
			 "default", parameter->fallback,
			 "min", limit_to_json(parameter, parameter->min),
			 "max", limit_to_json(parameter, parameter->max),
			 "power_of_two", parameter->power_of_two,
			 "choices", choices_to_json(parameter->choices),
			 "matrix", parameter->matrix,
			 "allowed", allowed,
			 "help", parameter->help);
}

json_t *help_parameters_json(void)
{
	json_t *array = json_array();

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		/* Takes the new object even where it fails; NULL (no memory) fails too. */
		if (json_array_append_new(array, parameter_describe(&parameter_table[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}
