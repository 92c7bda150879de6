/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct topology_spec topology_spec_of(const char *topology, double containers, double hops, const char *direction)
{
	enum topology_kind kind = TOPOLOGY_PAIRS;

	/* The parameter's choices are in the order of the kinds. */
	for (int i = 0; parameter_table[PARAMETER_TOPOLOGY].choices[i]; i++)
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

void test_tuple(const struct test *test, char *text, size_t size)
{
	static const enum parameter_id order[] = {
		PARAMETER_DIMENSION, PARAMETER_HOSTS, PARAMETER_CONTAINERS, PARAMETER_SWITCH, PARAMETER_SIZE,
		PARAMETER_RATE, PARAMETER_BURST,
	};
	char tuple[512];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char brief[64];

		parameter_brief(&parameter_table[order[i]], &test->value[order[i]], brief, sizeof(brief));
		used += (size_t)snprintf(tuple + used, sizeof(tuple) - used, "%s%s", i ? ", " : "", brief);
	}
	snprintf(text, size, "(%s) %s", tuple, test_text(test, PARAMETER_IO));
}
