/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/display.h"
#include "report_bench.h"

#define TRIALS_MAX 256

json_t *trials[TRIALS_MAX], *tests;
struct record_view view;
struct report_options options;
char *text;

const struct sample base = {
	.switch_name = "veth", .io = "udp", .dimension = "throughput", .size = 64, .repeat = 1, .repeats = 1,
	.forwarded_pps = 412345.6, .loss_ratio = 0.0123, .p50_us = 12.34, .p99_us = 456.7, .busy = 1.5,
};

int setup(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	tests = json_array();
	view = (struct record_view){ .trials = trials };
	options = (struct report_options){ 0 };
	return 0;
}

int teardown(void **state)
{
	while (view.count)
		json_decref(trials[--view.count]);
	json_decref(view.run);
	json_decref(tests);
	free(text);
	text = NULL;
	return 0;
}

void add(json_t *trial)
{
	assert_in_range(view.count, 0, TRIALS_MAX - 1);
	assert_non_null(trial);
	trials[view.count++] = trial;
}

void plan(const struct sample *s)
{
	json_array_append_new(tests, sample_test(s));
}

json_t *measured(const char *sw, const char *io, double pps)
{
	struct sample s = base;

	s.switch_name = sw;
	s.io = io;
	s.forwarded_pps = pps;
	return sample_trial(&s, NULL);
}

const char *report_text(report_writer *write)
{
	struct error err = { 0 };
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	if (!view.run)
		view.run = sample_run("quickstart", "done", json_incref(tests));
	assert_int_equal(write(out, &view, &err), 0);
	fclose(out);
	assert_int_equal(strlen(text), size);
	return text;
}

static int table_write(FILE *out, const struct record_view *record, struct error *err)
{
	return report_table(out, record, "results/quickstart-1", &options, err);
}

const char *table(void)
{
	return report_text(table_write);
}

void expect(const char *part)
{
	if (strstr(text, part))
		return;
	fprintf(stderr, "%s\n", text); /* whole: cmocka cuts messages */
	fail_msg("'%s' is not in the report", part);
}

void expect_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

void expect_width(size_t width)
{
	char *copy = strdup(text), *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (text_columns(line) > width)
			fail_msg("%zu columns: %s", text_columns(line), line);
		if (*line && line[strlen(line) - 1] == ' ')
			fail_msg("blanks at the end of: %s", line);
	}
	free(copy);
}
