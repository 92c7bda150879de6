/* SPDX-License-Identifier: Apache-2.0 */
#include "report/digest_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "search/rate.h"
#include "suite/suite.h"
#include "suite/test_rate.h"

/* What a value of another kind than expected looks like: its text as it stands. */
static void value_foreign(const json_t *json, struct value *value)
{
	const char *text = json_string_value(json);

	value->number = 0;
	snprintf(value->text, sizeof(value->text), "%s", text ? text : "?");
}

bool test_is_sweep(const json_t *test)
{
	const char *text = json_string_value(json_object_get(test, parameter_table[PARAMETER_RATE].name));
	struct rate rate;

	return text && rate_parse(text, &rate, NULL) == 0 &&
	       (rate.kind == RATE_SWEEP || rate.kind == RATE_SWEEP_SHARE || rate.kind == RATE_LOSS_CURVE);
}

static void row_mark_unused(struct digest_row *row)
{
	enum rate_kind target = RATE_UNLIMITED;
	struct rate rate;

	if (rate_parse(row->value[PARAMETER_RATE].text, &rate, NULL) == 0)
		target = rate_target(&rate);
	for (int i = 0; i < PARAMETER_COUNT; i++)
		row->unused[i] = !rate_uses(target, (enum parameter_id)i);
	if (!strcmp(row->value[PARAMETER_NEIGHBOUR].text, parameter_table[PARAMETER_NEIGHBOUR].fallback))
		row->unused[PARAMETER_NEIGHBOUR_PLACE] = true; /* of none */
	row->unused[PARAMETER_HOPS] = strcmp(row->value[PARAMETER_TOPOLOGY].text, "chain") != 0;
	row->unused[PARAMETER_FLOW_ORDER] = row->value[PARAMETER_FLOWS].number == 1;
}

void row_read_test(struct digest_row *row, const json_t *test)
{
	const char *dimension;

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		const json_t *json = json_object_get(test, parameter->name);
		struct error ignored;

		if (!json || parameter_from_json(parameter, json, &row->value[i], &ignored) != 0)
			value_foreign(json, &row->value[i]);
	}
	row_mark_unused(row);
	dimension = json_string_value(json_object_get(test, parameter_table[PARAMETER_DIMENSION].name));
	row->latency = dimension && !strcmp(dimension, "latency");
	row->sweep = test_is_sweep(test);
	row->planned = 1;
	if (row->value[PARAMETER_REPEATS].number >= 1 && row->value[PARAMETER_REPEATS].number <= 1e6)
		row->planned = (unsigned)row->value[PARAMETER_REPEATS].number;
}

double row_senders(const struct digest_row *row)
{
	const struct value *value = row->value;
	const struct topology_spec topology = topology_spec_of(value[PARAMETER_TOPOLOGY].text,
		value[PARAMETER_CONTAINERS].number, value[PARAMETER_HOPS].number, value[PARAMETER_DIRECTION].text);

	return fmax(topology_flows(&topology), 1);
}
