/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/excerpt.h"
#include "util/suggest.h"

/* Values in one file. Only aliases of long lists bring a file of DOCUMENT_SIZE_MAX near it. */
#define VALUES_MAX SUITE_TESTS_MAX

enum top_key { TOP_NAME, TOP_DESCRIPTION, TOP_ORDER, TOP_SEED, TOP_PARAMETERS, TOP_TESTS, TOP_COUNT };
static const char *const top_keys[TOP_COUNT + 1] = {
	"name", "description", "order", "seed", "parameters", "tests", NULL,
};

struct reader {
	yaml_document_t *document;
	const struct catalogue *catalogue;
	struct problems *problems;
	const char *parameter_names[PARAMETER_COUNT + 1];
	size_t values;
};

static const yaml_node_t *node_at(const struct reader *reader, int index)
{
	return yaml_document_get_node(reader->document, index);
}

/* Report that a node is not of the kind that is wanted. */
static void wrong_kind(struct reader *reader, const yaml_node_t *node, const char *what, const char *wanted,
		       const char *remedy)
{
	struct place place = node_place(node);

	if (node->type == YAML_SCALAR_NODE && !node->data.scalar.length)
		problems_addf(reader->problems, &place, remedy, "%s has no value, %s is needed", what,
			      wanted);
	else
		problems_addf(reader->problems, &place, remedy, "%s is %s, %s is needed", what,
			      node_kind(node), wanted);
}

/* The text of a single value; NULL and a problem where it is none. */
static const char *scalar_text(struct reader *reader, const yaml_node_t *node, const char *what)
{
	struct place place = node_place(node);
	const char *text = node_text(node);

	if (node->type != YAML_SCALAR_NODE)
		wrong_kind(reader, node, what, "a single value", NULL);
	else if (!text)
		problems_addf(reader->problems, &place, NULL, "%s contains a zero byte", what);
	return text;
}

/* What the key was meant to be: a name nearby, or the parameter of a letter of the papers or the options. */
static const char *key_meant(const char *key, const char *const *names)
{
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		char letter[2] = { parameter->option, 0 };

		if (key[0] && (!strcmp(key, parameter->symbol) || !strcmp(key, letter)))
			return names == top_keys ? NULL : parameter->name;
	}
	return suggest(key, names);
}

static void unknown_key(struct reader *reader, const struct place *place, const char *key,
			const char *const *names)
{
	const char *meant = key_meant(key, names);
	char remedy[sizeof(((struct error *)0)->remedy)];
	size_t used = (size_t)snprintf(remedy, sizeof(remedy), "keys here:");

	if (names == top_keys && parameter_find(key)) {
		problems_addf(reader->problems, place,
			      "put it below 'parameters' (for all tests) or into an entry of 'tests'",
			      "parameter '%s' stands outside of 'parameters' and 'tests'", key);
		return;
	}
	if (!strcmp(key, "<<")) {
		problems_addf(reader->problems, place,
			      "put what entries have in common below 'parameters'; an alias (*x) may stand for a value",
			      "merge keys ('<<') are not part of a suite");
		return;
	}
	for (int i = 0; names[i] && used < sizeof(remedy); i++)
		used += (size_t)snprintf(remedy + used, sizeof(remedy) - used, "%s %s", i ? "," : "",
					 names[i]);
	problems_addf(reader->problems, place, remedy,
		      meant ? "unknown key '%s' (did you mean '%s'?)" : "unknown key '%s'", excerpt(key).text,
		      meant);
}

/* Which of `names` is the key? -1 and a problem if none, or if it was seen before. */
static int read_key(struct reader *reader, const yaml_node_t *node, const char *const *names, bool *seen)
{
	struct place place = node_place(node);
	const char *key = scalar_text(reader, node, "a key");

	if (!key)
		return -1;
	for (int i = 0; names[i]; i++) {
		if (strcmp(key, names[i]))
			continue;
		if (!seen[i]) {
			seen[i] = true;
			return i;
		}
		problems_addf(reader->problems, &place,
			      "keep one of them; for several values write a list: [a, b]",
			      "key '%s' is there twice", key);
		return -1;
	}
	unknown_key(reader, &place, key, names);
	return -1;
}

static void read_value(struct reader *reader, const struct parameter *parameter, const yaml_node_t *node,
		       struct axis *axis)
{
	struct place place = node_place(node);
	struct error error = { 0 };
	struct value value;
	const char *text = scalar_text(reader, node, parameter->name);

	if (!text)
		return;
	if (++reader->values > VALUES_MAX) {
		problems_addf(reader->problems, &place, NULL, "the suite has more than %d values",
			      VALUES_MAX);
		return;
	}
	if (parameter_parse(parameter, text, reader->catalogue, &value, &error)) {
		if (strchr(text, ',') && parameter->matrix)
			snprintf(error.remedy, sizeof(error.remedy), "write a list in brackets: [a, b]");
		problems_add(reader->problems, &place, &error);
		return;
	}
	if (!axis_add(axis, &value, &place))
		reader->problems->out_of_memory = true;
}

static void read_axis(struct reader *reader, const struct parameter *parameter, const yaml_node_t *node,
		      struct axis *axis)
{
	struct place place = node_place(node);
	const yaml_node_item_t *item;

	axis->given = true;
	if (node->type == YAML_MAPPING_NODE) {
		wrong_kind(reader, node, parameter->name,
			   parameter->matrix ? "a value or a list of values" : "a value", NULL);
		return;
	}
	if (node->type == YAML_SCALAR_NODE) {
		read_value(reader, parameter, node, axis);
		return;
	}
	if (!parameter->matrix) {
		wrong_kind(reader, node, parameter->name, "a single value",
			   parameter->kind == PARAMETER_KIND_PROCESSORS ? "write it plainly: 2-5,8" : NULL);
		return;
	}
	item = node->data.sequence.items.start;
	if (item == node->data.sequence.items.top)
		problems_addf(reader->problems, &place, "give it a value, or leave it out for the default",
			      "%s is an empty list", parameter->name);
	for (; item < node->data.sequence.items.top && reader->values <= VALUES_MAX; item++)
		read_value(reader, parameter, node_at(reader, *item), axis);
}

static void read_layer(struct reader *reader, const yaml_node_t *node, const char *what, struct layer *layer)
{
	bool seen[PARAMETER_COUNT] = { false };
	const yaml_node_pair_t *pair;

	layer->place = node_place(node);
	if (node->type != YAML_MAPPING_NODE) {
		wrong_kind(reader, node, what, "a mapping such as 'size: 64'", NULL);
		return;
	}
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		int id = read_key(reader, node_at(reader, pair->key), reader->parameter_names, seen);

		if (id >= 0)
			read_axis(reader, &parameter_table[id], node_at(reader, pair->value),
				  &layer->axis[id]);
	}
}

static void read_tests(struct reader *reader, const yaml_node_t *node, struct reading *reading)
{
	static const char remedy[] = "begin each with a dash: '- size: 64'";
	struct place place = node_place(node);
	size_t count;

	if (node->type != YAML_SEQUENCE_NODE) {
		wrong_kind(reader, node, "tests", "a list of mappings", remedy);
		return;
	}
	count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (!count) {
		problems_addf(reader->problems, &place, remedy, "tests is an empty list");
		return;
	}
	reading->tests = calloc(count, sizeof(*reading->tests));
	if (!reading->tests) {
		reader->problems->out_of_memory = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		read_layer(reader, node_at(reader, node->data.sequence.items.start[i]), "an entry of tests",
			   &reading->tests[i]);
	reading->test_count = count;
}

static void read_name(struct reader *reader, const yaml_node_t *node, struct suite *suite,
		      struct reading *reading)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *text = scalar_text(reader, node, "name");
	struct place place = node_place(node);

	reading->named = true;
	if (!text)
		return;
	/* It becomes part of a directory's name: not hidden, and nothing that looks like an option. */
	if (!text[0] || text[strspn(text, allowed)] || text[0] == '.' || text[0] == '-' ||
	    strlen(text) >= sizeof(suite->name))
		problems_addf(reader->problems, &place,
			      "allowed: 1 to 63 letters, digits, '.', '_', '-', the first no '.' or '-'",
			      "'%s' cannot be the name of a suite", excerpt(text).text);
	else
		snprintf(suite->name, sizeof(suite->name), "%s", text);
}

static void read_description(struct reader *reader, const yaml_node_t *node, struct suite *suite)
{
	const char *text = scalar_text(reader, node, "description");
	struct place place = node_place(node);
	size_t length;

	if (!text)
		return;
	/* A block scalar (description: |) ends in a newline. */
	length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			continue;
		problems_addf(reader->problems, &place, "for more, use comments",
			      "description is not one line of plain text");
		return;
	}
	if (length >= sizeof(suite->description))
		problems_addf(reader->problems, &place, "for more, use comments",
			      "description is longer than %zu bytes", sizeof(suite->description) - 1);
	else
		snprintf(suite->description, sizeof(suite->description), "%.*s", (int)length, text);
}

static void read_order(struct reader *reader, const yaml_node_t *node, enum top_key key, struct suite *suite)
{
	const char *text = scalar_text(reader, node, top_keys[key]);
	struct place place = node_place(node);
	struct error error = { 0 };

	if (text && (key == TOP_ORDER ? order_parse(text, &suite->order.kind, &error) :
					seed_parse(text, &suite->order, &error)))
		problems_add(reader->problems, &place, &error);
}

static void read_top(struct reader *reader, const yaml_node_t *root, struct suite *suite,
		     struct reading *reading)
{
	struct place place = node_place(root);
	bool seen[TOP_COUNT] = { false };
	const yaml_node_pair_t *pair;

	if (root->type != YAML_MAPPING_NODE) {
		wrong_kind(reader, root, "the suite", "a mapping with the key 'tests'",
			   root->type == YAML_SEQUENCE_NODE ? "write 'tests:' above the list" : NULL);
		return;
	}
	for (pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *value = node_at(reader, pair->value);
		int key = read_key(reader, node_at(reader, pair->key), top_keys, seen);

		if (key == TOP_NAME)
			read_name(reader, value, suite, reading);
		else if (key == TOP_DESCRIPTION)
			read_description(reader, value, suite);
		else if (key == TOP_ORDER || key == TOP_SEED)
			read_order(reader, value, (enum top_key)key, suite);
		else if (key == TOP_PARAMETERS)
			read_layer(reader, value, "parameters", &reading->common);
		else if (key == TOP_TESTS)
			read_tests(reader, value, reading);
	}
	if (!seen[TOP_TESTS])
		problems_addf(reader->problems, &place, "add them; one with all defaults is: tests: [{}]",
			      "the suite has no key 'tests'");
}

void suite_read(struct reading *reading, struct suite *suite, yaml_document_t *document,
		const struct catalogue *catalogue, struct problems *problems)
{
	struct reader reader = { .document = document, .catalogue = catalogue, .problems = problems };

	for (int i = 0; i < PARAMETER_COUNT; i++)
		reader.parameter_names[i] = parameter_table[i].name;
	read_top(&reader, yaml_document_get_root_node(document), suite, reading);
}

void reading_free(struct reading *reading)
{
	for (size_t i = 0; i < reading->test_count; i++)
		layer_free(&reading->tests[i]);
	free(reading->tests);
	layer_free(&reading->common);
}
