/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/suite.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/matrix.h"
#include "suite/problems.h"
#include "suite/read.h"

/* All that suite_load works with and frees at its end. */
struct loading {
	const struct catalogue *catalogue;
	struct problems problems;
	struct reading reading;
	struct layer defaults, options;
	struct matrix *matrices;
	size_t matrix_count;
};

static int read_defaults(struct layer *defaults, struct error *err)
{
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct place nowhere = { 0 };
		struct value value;
		const struct parameter *parameter = &parameter_table[i];
		int ret = parameter_parse(parameter, parameter->fallback, NULL, &value, err);

		if (ret)
			return ret;
		if (!axis_add(&defaults->axis[i], &value, &nowhere))
			return error_errno(err, ENOMEM, NULL, "cannot read the defaults");
	}
	return 0;
}

/* One value of an option: a piece of its text, spaces around it dropped. */
static void read_option_value(struct loading *loading, const struct parameter *parameter, char *text,
			      struct axis *axis)
{
	const struct place place = { .source = PLACE_OPTION, .parameter = parameter };
	struct error error = { 0 };
	struct value value;
	char *end;

	text += strspn(text, " ");
	for (end = text + strlen(text); end > text && end[-1] == ' '; end--)
		;
	*end = 0;
	if (parameter_parse(parameter, text, loading->catalogue, &value, &error))
		problems_add(&loading->problems, &place, &error);
	else if (!axis_add(axis, &value, &place))
		loading->problems.out_of_memory = true;
}

static void read_option(struct loading *loading, const struct parameter *parameter, const char *text)
{
	const struct place place = { .source = PLACE_OPTION, .parameter = parameter };
	struct axis *axis = &loading->options.axis[parameter->id];
	char *copy, *rest, *part;

	axis->given = true;
	copy = strdup(text);
	if (!copy) {
		loading->problems.out_of_memory = true;
		return;
	}
	rest = copy;
	/* A list of processors has commas of its own. */
	if (parameter->kind == PARAMETER_KIND_PROCESSORS)
		read_option_value(loading, parameter, copy, axis);
	else if (!parameter->matrix && strchr(text, ','))
		problems_addf(&loading->problems, &place, NULL, "%s is a list, a single value is needed",
			      parameter->name);
	else
		while ((part = strsep(&rest, ",")))
			read_option_value(loading, parameter, part, axis);
	free(copy);
}

/* The suite's name where it gives none: its file's, without folder and extension, fit for a name. */
static void name_from_path(const char *path, char *name, size_t size)
{
	const char *base = strrchr(path, '/');
	char *dot;

	base = base ? base + 1 : path;
	snprintf(name, size, "%s", base);
	dot = strrchr(name, '.');
	if (dot && dot > name)
		*dot = 0;
	for (char *at = name; *at; at++)
		if (!isascii((unsigned char)*at) || (!isalnum((unsigned char)*at) && !strchr("._-", *at)))
			*at = '-';
	if (!name[0] || name[0] == '.' || name[0] == '-')
		snprintf(name, size, "suite");
}

static int read_file(struct loading *loading, struct suite *suite, const char *path, struct error *err)
{
	yaml_document_t document;
	size_t length;
	int ret;

	ret = document_read(path, &suite->source, &length, err);
	if (ret)
		return ret;
	name_from_path(path, suite->name, sizeof(suite->name));
	if (document_parse(suite->source, length, &document, &loading->problems)) {
		suite_read(&loading->reading, suite, &document, loading->catalogue, &loading->problems);
		yaml_document_delete(&document);
	}
	return 0;
}

/* For each parameter the topmost layer that gives it: options, own, common parameters, defaults. */
static void make_matrix(const struct loading *loading, const struct layer *own, struct matrix *matrix)
{
	const struct layer *const layers[] = { &loading->options, own, &loading->reading.common };

	matrix->place = own->place;
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		matrix->axis[i] = &loading->defaults.axis[i];
		for (size_t j = 0; j < sizeof(layers) / sizeof(layers[0]); j++) {
			if (!layers[j]->axis[i].given)
				continue;
			matrix->axis[i] = &layers[j]->axis[i];
			break;
		}
	}
}

/* The matrices of the suite's tests, checked. Without a suite: the one that the options make. */
static int make_matrices(struct loading *loading, bool file)
{
	const struct layer nothing = { 0 };
	size_t count = file ? loading->reading.test_count : 1;
	size_t total = 0;

	loading->matrices = calloc(count + 1, sizeof(*loading->matrices)); /* + 1: calloc(0) may be NULL */
	if (!loading->matrices)
		return -ENOMEM;
	for (; loading->matrix_count < count; loading->matrix_count++) {
		struct matrix *matrix = &loading->matrices[loading->matrix_count];

		make_matrix(loading, file ? &loading->reading.tests[loading->matrix_count] : &nothing,
			    matrix);
		total += matrix_size(matrix);
		if (total > SUITE_TESTS_MAX) {
			problems_addf(&loading->problems, &matrix->place, "take values away from its lists",
				      "with this matrix there are more than %d tests", SUITE_TESTS_MAX);
			return 0;
		}
		/* After the limit: that also bounds the pairs of values to be looked at. */
		matrix_check(matrix, loading->catalogue, &loading->problems);
	}
	return 0;
}

int suite_load(struct suite *suite, const char *path, const struct suite_options *options,
	       const struct catalogue *catalogue, struct error *err)
{
	struct loading loading = { .catalogue = catalogue };
	int ret;

	memset(suite, 0, sizeof(*suite));
	snprintf(suite->name, sizeof(suite->name), "adhoc");
	ret = read_defaults(&loading.defaults, err);
	if (!ret && path)
		ret = read_file(&loading, suite, path, err);
	if (ret)
		goto out;
	for (int i = 0; i < PARAMETER_COUNT; i++)
		if (options->text[i])
			read_option(&loading, &parameter_table[i], options->text[i]);
	ret = make_matrices(&loading, path);
	if (!ret)
		ret = problems_finish(&loading.problems,
				      path && document_is_input(path) ? "standard input" : path, suite);
	if (!ret && !suite->problem_count)
		ret = matrix_expand(loading.matrices, loading.matrix_count, catalogue, suite);
	if (ret)
		error_errno(err, -ret, NULL, "cannot make the tests of suite %s", suite->name);
	else if (suite->problem_count)
		ret = error_set(err, EINVAL, NULL, "suite %s has %zu problem%s", suite->name,
				suite->problem_count, suite->problem_count == 1 ? "" : "s");
out:
	free(loading.matrices);
	layer_free(&loading.options);
	layer_free(&loading.defaults);
	reading_free(&loading.reading);
	problems_free(&loading.problems);
	return ret;
}

void suite_free(struct suite *suite)
{
	free(suite->source);
	free(suite->tests);
	free(suite->problems);
	memset(suite, 0, sizeof(*suite));
}
