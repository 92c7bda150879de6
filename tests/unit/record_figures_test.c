/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of trials in little memory, and each of them whole when it is asked for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/record.h"
#include "results/reduce.h"
#include "sample_record.h"

static char root[256], directory[300];
static struct error err;

static int setup(void **state)
{
	snprintf(root, sizeof(root), "%s", sample_directory());
	snprintf(directory, sizeof(directory), "%s/results/x", root);
	return 0;
}

static int teardown(void **state)
{
	sample_remove(root);
	return 0;
}

static const char *trials_file(void)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/trials.jsonl", directory);
	return path;
}

/* A trial with all that is large, and figures beside it. */
static json_t *large_trial(int number)
{
	json_t *trial = sample_trial(&sample_plain, NULL), *latency;

	latency = json_pack("{s:n, s:{s:i, s:{s:i, s:[[i,i,i],[i,i,i]]}}}", "round_trip_ns", "one_way_ns",
			    "p50", 1500, "histogram", "count", 12, "buckets", 1490, 1510, 7, 1511, 1520, 5);
	json_object_set_new(trial, "latency", latency);
	json_object_set_new(trial, "trial", json_integer(number));
	json_object_set_new(trial, "samples", json_pack("[{s:i}]", "second", 1));
	json_object_set_new(trial, "pairs", json_pack("[{s:O},{s:i}]", "latency", latency, "pair", 1));
	json_object_set_new(trial, "effective", json_pack("[i]", 1));
	json_object_set_new(json_object_get(trial, "cpu"), "interrupts",
			    json_pack("{s:{s:i}}", "0", "LOC", 3));
	return trial;
}

static const char *const large[] = { "samples", "effective" };

/* Trials of these numbers. */
static void append(int first, int last)
{
	json_t *run = sample_run("x", "running", NULL);
	struct record *record;

	if (first == 1)
		assert_int_equal(record_create(&record, directory, run, &err), 0);
	else
		assert_int_equal(record_resume(&record, directory, &err), 0);
	for (int i = first; i <= last; i++) {
		json_t *trial = large_trial(i);

		assert_int_equal(record_append(record, trial, &err), 0);
		json_decref(trial);
	}
	record_close(record);
	json_decref(run);
}

/* The figures alone: all that the tables need, nothing of what fills the memory. */
static void reads_figures_alone(void **state)
{
	struct record_view view;
	json_t *one_way, *trial;

	append(1, 2);
	assert_int_equal(record_read_figures(&view, directory, &err), 0);
	assert_int_equal(view.count, 2);
	trial = view.trials[0];
	for (size_t i = 0; i < sizeof(large) / sizeof(*large); i++)
		assert_null(json_object_get(trial, large[i]));
	assert_int_equal(json_array_size(json_object_get(trial, "pairs")), 2);
	assert_true(json_is_null(json_array_get(json_object_get(trial, "pairs"), 1)));
	assert_null(json_object_get(json_object_get(trial, "cpu"), "interrupts"));
	assert_non_null(json_object_get(json_object_get(trial, "cpu"), "machine"));
	assert_null(json_object_get(json_object_get(trial, "latency"), "round_trip_ns"));
	one_way = json_object_get(json_object_get(trial, "latency"), "one_way_ns");
	assert_int_equal(json_integer_value(json_object_get(one_way, "p50")), 1500);
	assert_null(json_object_get(one_way, "histogram"));
	assert_non_null(json_object_get(trial, "rx"));
	assert_ptr_equal(json_object_get(trial, "test"), json_object_get(view.trials[1], "test"));
	assert_ptr_not_equal(trial, view.trials[1]);
	record_view_free(&view);
}

/* What is left out is left out only where it is beyond doubt what it seems. */
static void skims_what_is_surely_a_histogram(void **state)
{
	static const struct {
		const char *line, *copy;
	} cases[] = {
		{ "{\"buckets\":[[1,2,3],[40,50,6]],\"a\":1}", "{\"buckets\":[],\"a\":1}" },
		{ "[{\"buckets\":[[0]]},{\"buckets\":[[7]]}]", "[{\"buckets\":[]},{\"buckets\":[]}]" },
		{ "{\"buckets\":[]}", NULL },
		{ "{\"buckets\":[[1,2,3],[4]", NULL },
		{ "{\"buckets\":[[1,2,3],]}", NULL },
		{ "{\"buckets\":[[1,2,],[4]]}", NULL },
		{ "{\"buckets\":[[01]]}", NULL },
		{ "{\"buckets\":[[-1]]}", NULL },
		{ "{\"buckets\":[[1.5]]}", NULL },
		{ "{\"buckets\":[[1,[2]]]}", NULL },
		{ "{\"buckets\":[[123456789012345678]]}", "{\"buckets\":[]}" },
		{ "{\"buckets\":[[1234567890123456789]]}", NULL },
		{ "{\"buckets\":[\"a\"]}", NULL },
		{ "{\"x\\\"buckets\":[[1]]}", NULL },
		{ "\"buckets\":[", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *expected = cases[i].copy ? cases[i].copy : cases[i].line;
		size_t size = strlen(cases[i].line), length;
		char *copy = malloc(size + 1);

		length = line_skim(cases[i].line, size, copy);
		copy[length] = 0;
		assert_string_equal(copy, expected);
		free(copy);
	}
}

/* What is null says nothing, but in a test: tests are compared whole. */
static void drops_what_says_nothing(void **state)
{
	json_t *trial = json_pack("{s:{s:n, s:i}, s:{s:n, s:{s:n, s:i}}, s:[n, n], s:n}", "test", "size",
				  "burst", 1, "tx", "late_max_ns", "deep", "gone", "stays", 2, "pairs",
				  "steady");
	char *text;

	trial_reduce(trial);
	text = json_dumps(trial, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"pairs\":[null,null],\"test\":{\"burst\":1,\"size\":null},"
			    "\"tx\":{\"deep\":{\"stays\":2}}}");
	free(text);
	json_decref(trial);
}

static int expect_whole(void *context, size_t index, json_t *trial, struct error *error)
{
	json_t *expected = large_trial((int)index + 1);
	char *its = json_dumps(trial, RECORD_NUMBERS), *mine = json_dumps(expected, RECORD_NUMBERS);
	size_t *visited = context;

	assert_string_equal(its, mine);
	free(its);
	free(mine);
	json_decref(expected);
	++*visited;
	return 0;
}

static int give_up(void *context, size_t index, json_t *trial, struct error *error)
{
	assert_non_null(trial);
	return index == 1 ? error_set(error, ENOTTY, NULL, "enough") : 0;
}

static void scans_trials_whole(void **state)
{
	const bool second[] = { false, true, false };
	struct record_view view;
	size_t visited = 0;

	append(1, 3);
	assert_int_equal(record_read_figures(&view, directory, &err), 0);
	append(4, 4); /* goes on while it is read */
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), 0);
	assert_int_equal(visited, 3);
	assert_int_equal(record_scan_some(&view, second, expect_whole, &visited, &err), 0);
	assert_int_equal(visited, 4);
	assert_int_equal(record_scan(&view, give_up, NULL, &err), -ENOTTY);
	record_view_free(&view);
}

/* Read whole, or made in memory: what is there needs no file. */
static void scans_memory(void **state)
{
	struct record_view view;
	size_t visited = 0;

	append(1, 2);
	assert_int_equal(record_read(&view, directory, &err), 0);
	assert_int_equal(unlink(trials_file()), 0);
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), 0);
	assert_int_equal(visited, 2);
	record_view_free(&view);
}

static void replace(const char *text)
{
	FILE *file = fopen(trials_file(), "w");

	assert_true(file && fputs(text, file) >= 0 && !fclose(file));
}

static void tells_that_a_record_changed(void **state)
{
	struct record_view view;
	size_t visited = 0;
	struct stat st;

	append(1, 3);
	assert_int_equal(record_read_figures(&view, directory, &err), 0);
	assert_int_equal(stat(trials_file(), &st), 0);
	assert_int_equal(truncate(trials_file(), st.st_size - 5), 0);
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), -EPROTO);
	assert_int_equal(visited, 2);
	assert_non_null(strstr(err.cause, "trials.jsonl:3: the record has changed"));

	replace("{\"test\":{},\"status\":\"ok\"}\n");
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), -EPROTO);
	assert_non_null(strstr(err.cause, "trials.jsonl:1: the record has changed"));

	replace("nothing\n");
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), -EPROTO);
	assert_non_null(strstr(err.cause, "trials.jsonl:1:"));
	assert_int_equal(unlink(trials_file()), 0);
	assert_int_equal(record_scan(&view, expect_whole, &visited, &err), -ENOENT);
	record_view_free(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_figures_alone, setup, teardown),
		cmocka_unit_test(skims_what_is_surely_a_histogram),
		cmocka_unit_test(drops_what_says_nothing),
		cmocka_unit_test_setup_teardown(scans_trials_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(scans_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_that_a_record_changed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
