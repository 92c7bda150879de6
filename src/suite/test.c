/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/list.h"
#include "util/text.h"

#define PROCESSORS_MAX 1024 /* the parameter's max + 1 */

struct topology_spec topology_spec_of(const char *topology, double containers, double hops, const char *direction)
{
	enum topology_kind kind = TOPOLOGY_PAIRS;

	/* The parameter's choices are in the order of the kinds. */
	for (int i = 0; i <= TOPOLOGY_LOOP; i++)
		if (!strcmp(parameter_table[PARAMETER_TOPOLOGY].choices[i], topology))
			kind = (enum topology_kind)i;
	return (struct topology_spec){ .kind = kind, .groups = (unsigned)containers, .hops = (unsigned)hops,
				       .both = !strcmp(direction, "both") };
}

bool test_is_latency(const struct test *test)
{
	return !strcmp(test_text(test, PARAMETER_DIMENSION), "latency");
}

struct topology_spec test_topology(const struct test *test)
{
	return topology_spec_of(test_text(test, PARAMETER_TOPOLOGY), test_number(test, PARAMETER_CONTAINERS),
				test_number(test, PARAMETER_HOPS), test_text(test, PARAMETER_DIRECTION));
}

static unsigned test_processors(const struct test *test, const struct catalogue *catalogue)
{
	int list[PROCESSORS_MAX], count = list_parse(test_text(test, PARAMETER_PROCESSORS), list, PROCESSORS_MAX, NULL);

	return count > 0 && ((unsigned)count < catalogue->processors || !catalogue->processors) ? (unsigned)count :
	       catalogue->processors;
}

/* Threads that want a processor each where the test is one of pairs: a switch that polls, and both ends. */
static unsigned test_pollers(const struct test *test)
{
	const struct topology_spec pairs = topology_spec_of("pairs", test_number(test, PARAMETER_CONTAINERS), 1, "one-way");

	return topology_nodes(&pairs) + (unsigned)test_number(test, PARAMETER_THREADS);
}

void test_choose_topology(struct test *test, const struct catalogue *catalogue)
{
	const struct parameter *parameter = &parameter_table[PARAMETER_TOPOLOGY];
	const struct catalogue_entry *sw = catalogue_find(&catalogue->switches, test_text(test, PARAMETER_SWITCH));
	const struct catalogue_entry *io = catalogue_find(&catalogue->ios, test_text(test, PARAMETER_IO));
	unsigned there = test_processors(test, catalogue);

	if (strcmp(test_text(test, PARAMETER_TOPOLOGY), "auto"))
		return;
	parameter_parse(parameter, "pairs", NULL, &test->value[PARAMETER_TOPOLOGY], NULL);
	test->looped = sw && sw->threads && io && io->layer_frame && !test_topology(test).both && there &&
		       there < test_pollers(test);
	if (test->looped)
		parameter_parse(parameter, "loop", NULL, &test->value[PARAMETER_TOPOLOGY], NULL);
}

/* Is that the first loop of its switch? */
static bool first_of_switch(const struct suite *suite, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (suite->tests[i].looped && !strcmp(test_text(&suite->tests[i], PARAMETER_SWITCH),
						      test_text(&suite->tests[number], PARAMETER_SWITCH)))
			return false;
	return true;
}

void suite_tell_loops(const struct suite *suite, const struct catalogue *catalogue, char *text, size_t size)
{
	const struct test *least = NULL; /* that wants the fewest processors */
	bool more = false;
	char names[256] = "";

	*text = 0;
	for (size_t i = 0; i < suite->count; i++) {
		const struct test *test = &suite->tests[i];

		if (!test->looped)
			continue;
		if (first_of_switch(suite, i))
			text_append(names, sizeof(names), "%s%s", *names ? ", " : "", test_text(test, PARAMETER_SWITCH));
		more |= least && test_pollers(test) != test_pollers(least);
		if (!least || test_pollers(test) < test_pollers(least))
			least = test;
	}
	if (least)
		snprintf(text, size, "topology auto: loops for %s: pairs with a switch that polls want %u%s processors, "
			 "and there are %u", names, test_pollers(least), more ? " or more" : "",
			 test_processors(least, catalogue));
}

json_t *test_to_json(const struct test *test)
{
	json_t *json = json_object();

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];

		/* Takes the new value even where it fails; NULL (no memory) fails too. */
		if (json_object_set_new(json, parameter->name,
					parameter_to_json(parameter, &test->value[i]))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

int test_from_json(const json_t *json, struct test *test, struct error *err)
{
	memset(test, 0, sizeof(*test));
	if (!json_is_object(json))
		return error_set(err, EINVAL, NULL, "the test of a record is no JSON object");
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		const json_t *field = json_object_get(json, parameter->name);
		int ret;

		if (field)
			ret = parameter_from_json(parameter, field, &test->value[i], err);
		else
			ret = parameter_parse(parameter, parameter->fallback, NULL, &test->value[i], err);
		if (ret)
			return ret;
	}
	return 0;
}

json_t *test_complete(const json_t *json)
{
	json_t *whole = json_deep_copy(json);

	for (int i = 0; whole && i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		struct value value;

		if (!json_object_get(whole, parameter->name) &&
		    !parameter_parse(parameter, parameter->fallback, NULL, &value, NULL))
			json_object_set_new(whole, parameter->name, parameter_to_json(parameter, &value));
	}
	return whole;
}

/* What tells a test from others beside the papers' tuple and the technique; how long and how often does not. */
static bool tells_apart(const struct parameter *parameter)
{
	return parameter->matrix && !*parameter->symbol && parameter->id != PARAMETER_IO &&
	       parameter->id != PARAMETER_WARMUP && parameter->id != PARAMETER_COOLDOWN &&
	       parameter->id != PARAMETER_DURATION &&
	       parameter->id != PARAMETER_REPEATS;
}

void test_tuple(const struct test *test, char *text, size_t size)
{
	static const enum parameter_id order[] = {
		PARAMETER_DIMENSION, PARAMETER_HOSTS, PARAMETER_CONTAINERS, PARAMETER_SWITCH, PARAMETER_SIZE,
		PARAMETER_RATE, PARAMETER_BURST,
	};
	char brief[64];

	*text = 0;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		parameter_brief(&parameter_table[order[i]], &test->value[order[i]], brief, sizeof(brief));
		text_append(text, size, "%s%s", i ? ", " : "(", brief);
	}
	text_append(text, size, ") %s", test_text(test, PARAMETER_IO));
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];

		parameter_brief(parameter, &test->value[i], brief, sizeof(brief));
		if (tells_apart(parameter) && strcmp(brief, parameter->fallback))
			text_append(text, size, ", %s %s", parameter->name, brief);
	}
}
