/* SPDX-License-Identifier: Apache-2.0 */
#include "run/run_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "results/environment.h"
#include "testbed/container/container.h"
#include "testbed/host/processors.h"
#include "testbed/switch/switch.h"

void run_record_time(char *text, size_t size, bool short_form)
{
	time_t now = time(NULL);
	struct tm t;

	gmtime_r(&now, &t);
	strftime(text, size, short_form ? "%Y%m%dT%H%M%SZ" : "%Y-%m-%dT%H:%M:%SZ", &t);
}

static json_t *run_versions(const struct suite *suite)
{
	json_t *versions = json_object();
	char text[128];

	for (size_t i = 0; i < suite->count; i++) {
		const char *sw = test_text(&suite->tests[i], PARAMETER_SWITCH);
		const char *runtime = test_text(&suite->tests[i], PARAMETER_RUNTIME);
		const struct container_ops *container = container_find(runtime);
		const struct switch_ops *ops = switch_find(sw);

		if (ops && ops->version && !json_object_get(versions, sw)) {
			ops->version(text, sizeof(text));
			json_object_set_new(versions, sw, json_string(text));
		}
		if (container && container->version && !json_object_get(versions, runtime)) {
			container->version(text, sizeof(text));
			json_object_set_new(versions, runtime, json_string(text));
		}
	}
	return versions;
}

static json_t *run_describe(const struct suite *suite, int argc, char **argv)
{
	json_t *tests = json_array(), *command = json_array(), *environment = environment_read();
	char started[40];

	for (size_t i = 0; i < suite->count; i++)
		json_array_append_new(tests, test_to_json(&suite->tests[i]));
	json_array_append_new(command, json_string("lanebench"));
	for (int i = 0; i < argc; i++)
		json_array_append_new(command, json_string(argv[i]));
	json_object_set_new(environment, "processor", processors_describe());
	json_object_set_new(environment, "clock_tick_s", json_real(1.0 / (double)sysconf(_SC_CLK_TCK)));
	run_record_time(started, sizeof(started), false);
	return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:s, s:n, s:s, s:o, s:n, s:[]}", "schema", RECORD_SCHEMA,
			 "lanebench", LANEBENCH_VERSION, "name", suite->name, "description", suite->description,
			 "suite", suite->source ? json_string(suite->source) : json_null(),
			 "command", command, "tests", tests, "order", order_name(suite->order.kind),
			 "seed", suite->order.seeded ? json_integer((json_int_t)suite->order.seed) : json_null(),
			 "environment", environment, "started", started,
			 "ended", "state", "running", "catalogue", run_versions(suite), "tuning", "testbeds");
}

int run_record_create(struct record **record, const char *directory, const struct suite *suite, int argc, char **argv,
		      struct error *err)
{
	char path[512], time_text[32];
	json_t *run = run_describe(suite, argc, argv);
	int result = -EEXIST;

	run_record_time(time_text, sizeof(time_text), true);
	if (!run)
		return error_set(err, EILSEQ, "use UTF-8", "the command line or the suite is not UTF-8");
	if (directory)
		result = record_create(record, directory, run, err);
	/* Two runs of one suite may begin in the same second. */
	for (int i = 0; !directory && i < 100 && (result == -EEXIST || result == -ENOTEMPTY); i++) {
		snprintf(path, sizeof(path), "results/%s-%s%.0d", suite->name, time_text, i ? -i : 0);
		result = record_create(record, path, run, err);
	}
	json_decref(run);
	return result;
}

/* Records of a lanebench that knew no order have the given one. */
static void run_load_order(struct suite_order *order, const json_t *run)
{
	const char *kind = json_string_value(json_object_get(run, "order"));
	const json_t *seed = json_object_get(run, "seed");

	*order = (struct suite_order){ .kind = ORDER_GIVEN };
	if (!kind || order_parse(kind, &order->kind, NULL) || (order->kind == ORDER_SHUFFLED && !json_is_integer(seed)))
		order->kind = ORDER_GIVEN;
	else if (json_is_integer(seed))
		*order = (struct suite_order){ order->kind, true, (uint64_t)json_integer_value(seed) };
}

int run_record_load(struct suite *suite, const struct record_view *view, struct error *err)
{
	json_t *tests = json_object_get(view->run, "tests"), *test;
	const char *name = json_string_value(json_object_get(view->run, "name"));
	size_t i;

	memset(suite, 0, sizeof(*suite));
	snprintf(suite->name, sizeof(suite->name), "%s", name ? name : "");
	run_load_order(&suite->order, view->run);
	suite->tests = calloc(json_array_size(tests) + 1, sizeof(*suite->tests));
	if (!suite->tests)
		return error_errno(err, ENOMEM, NULL, "cannot resume");
	json_array_foreach(tests, i, test) {
		int result = test_from_json(test, &suite->tests[suite->count++], err);

		if (result)
			return error_prefix(err, "run.json, test %zu", i + 1);
	}
	return 0;
}

/* What a step and its trial have in common. malloc'd; NULL without memory. Takes `test`. */
static char *step_key(json_t *test, json_int_t repeat)
{
	json_t *pair = json_pack("[o, I]", test, repeat);
	char *key = pair ? json_dumps(pair, JSON_COMPACT | JSON_SORT_KEYS | RECORD_NUMBERS) : NULL;

	json_decref(pair);
	return key;
}

/* {key: index} of all steps; NULL without memory. */
static json_t *steps_index(const struct schedule *schedule, const struct suite *suite)
{
	json_t *index = json_object();

	for (size_t i = 0; index && i < schedule->count; i++) {
		const struct schedule_step *step = &schedule->steps[i];
		char *key = step_key(test_to_json(&suite->tests[step->test]), step->repeat);

		if (!key || json_object_set_new(index, key, json_integer((json_int_t)i))) {
			json_decref(index);
			index = NULL;
		}
		free(key);
	}
	return index;
}

/* The step that a trial concludes; NULL = none. Borrowed. */
static const json_t *step_of_trial(const json_t *index, const json_t *trial)
{
	char *key = step_key(test_complete(json_object_get(trial, "test")),
			     json_integer_value(json_object_get(trial, "repeat")));
	const json_t *step = key ? json_object_get(index, key) : NULL;

	free(key);
	return step;
}

bool *run_record_done(const struct schedule *schedule, const struct suite *suite, const struct record_view *view,
		      size_t *numbers)
{
	json_t *index = steps_index(schedule, suite);
	bool *done = index ? calloc(schedule->count + 1, sizeof(*done)) : NULL, same = true;
	json_int_t highest = 0;

	for (size_t i = 0; done && i < view->count; i++) {
		const char *status = json_string_value(json_object_get(view->trials[i], "status"));
		json_int_t number = json_integer_value(json_object_get(view->trials[i], "trial"));
		const json_t *step;

		highest = number > highest ? number : highest;
		if (!record_line_concludes(view->trials[i]))
			continue;
		step = step_of_trial(index, view->trials[i]);
		same &= step && json_integer_value(step) + 1 == number;
		if (step)
			done[json_integer_value(step)] = strcmp(status, "ok") == 0 || strcmp(status, "void") == 0;
	}
	*numbers = same ? 0 : (size_t)highest;
	json_decref(index);
	return done;
}
