/* SPDX-License-Identifier: Apache-2.0 */
#include "run/survey.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "run/run_record.h"
#include "testbed/host/noise.h"
#include "testbed/host/processors.h"
#include "testbed/switch/switch.h"
#include "util/list.h"

#define CALIBRATION_NS 50000000
#define SPAN_NS UINT64_C(1000000000)

/* Each processor that some test will use. */
struct used {
	bool processor[PROCESSORS_MAX];
	unsigned endpoints, threads; /* of the test that was looked at last */
	bool contended; /* another run has some of them: its figures would suffer from ours */
};

static void used_add(struct used *used, const struct placement *placement)
{
	for (unsigned i = 0; i < placement->endpoints; i++)
		used->processor[placement->endpoint[i]] = true;
	for (unsigned i = 0; i < placement->switch_threads; i++)
		used->processor[placement->switch_thread[i]] = true;
	used->contended |= placement->contended;
}

static int used_add_test(struct used *used, struct processors *processors, const struct test *test,
			 struct error *err)
{
	const struct switch_ops *sw = switch_find(test_text(test, PARAMETER_SWITCH));
	const struct topology_spec topology = test_topology(test);
	unsigned endpoints = topology_nodes(&topology);
	unsigned threads = sw && sw->threads ? (unsigned)test_number(test, PARAMETER_THREADS) : 0;
	struct placement placement;
	int result;

	if (endpoints == used->endpoints && threads == used->threads)
		return 0;
	result = processors_place(processors, endpoints, threads, &placement, NULL, err);
	if (result)
		return result;
	used->endpoints = endpoints;
	used->threads = threads;
	used_add(used, &placement);
	placement_free(&placement);
	return 0;
}

/* As testbed_up will place them. Nothing stays reserved. */
static int used_find(struct used *used, const struct suite *suite, struct error *err)
{
	struct processors *processors = NULL;
	const char *allowed = "";
	int result = 0;

	for (size_t i = 0; i < suite->count && !result; i++) {
		const struct test *test = &suite->tests[i];

		if (strcmp(test_text(test, PARAMETER_PROCESSORS), allowed) != 0) {
			processors_close(processors);
			processors = NULL;
			used->endpoints = 0;
			allowed = test_text(test, PARAMETER_PROCESSORS);
			result = processors_open(&processors, allowed, err);
		}
		if (!result)
			result = used_add_test(used, processors, test, err);
	}
	processors_close(processors);
	if (!result && used->contended)
		result = error_set(err, EBUSY, NULL, "another run uses some of the processors");
	return result;
}

/* New reference; NULL with err where it could not be measured. */
static json_t *survey_noise(const struct suite *suite, const struct clock_scale *clock, const volatile int *cancel,
			    struct error *err)
{
	struct used *used = calloc(1, sizeof(*used));
	struct noise *noise = calloc(PROCESSORS_MAX, sizeof(*noise));
	int *list = calloc(PROCESSORS_MAX, sizeof(*list));
	json_t *json = NULL;
	unsigned count = 0;

	if (!used || !noise || !list) {
		error_errno(err, ENOMEM, NULL, "cannot measure the noise of the processors");
	} else if (used_find(used, suite, err) == 0) {
		for (int i = 0; i < PROCESSORS_MAX; i++)
			if (used->processor[i])
				list[count++] = i;
		if (noise_measure(noise, list, count, SURVEY_NOISE_NS, clock, cancel, err) == 0)
			json = noise_json(noise, count);
	}
	free(list);
	free(noise);
	free(used);
	return json;
}

int survey_make(const struct suite *suite, const struct clock_scale *clock, const volatile int *cancel,
		struct baseline *baseline, json_t *surveys, struct error *err)
{
	struct error why = { 0 };
	char started[40];
	json_t *processors;

	run_record_time(started, sizeof(started), false);
	if (baseline_measure(baseline, SURVEY_BASELINE_NS, cancel, &why))
		baseline->reason = "the idle machine could not be measured";
	processors = *cancel ? NULL : survey_noise(suite, clock, cancel, &why);
	if (*cancel) {
		json_decref(processors);
		return error_set(err, EINTR, NULL, "interrupted");
	}
	json_array_append_new(surveys, json_pack("{s:s, s:o, s:o, s:s}", "started", started,
						 "baseline", baseline_json(baseline), "processors",
						 processors ? processors : json_null(), "reason", why.cause));
	return 0;
}

int survey_usable(const json_t *environment, json_t **noise, struct error *err)
{
	const char *usable = json_string_value(json_object_get(json_object_get(environment, "processor"), "usable"));
	struct noise *measured = calloc(PROCESSORS_MAX, sizeof(*measured));
	int list[PROCESSORS_MAX], count = list_parse(usable ? usable : "", list, PROCESSORS_MAX, err);
	struct clock_scale clock;
	const char *why;
	int result = count < 0 ? count : 0;

	*noise = NULL;
	clock_calibrate(&clock, CALIBRATION_NS, &why);
	if (!measured)
		result = error_errno(err, ENOMEM, NULL, "cannot measure the noise of the processors");
	if (!result)
		result = noise_measure(measured, list, (unsigned)count, SPAN_NS, &clock, NULL, err);
	if (!result)
		*noise = noise_json(measured, (unsigned)count);
	free(measured);
	return result;
}
