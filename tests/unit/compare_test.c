/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons of records: what matches, what is real, what cannot be told; and how often that is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/hypothesis.h"
#include "report/compare/compare.h"
#include "report/compare/internal.h"
#include "report/report.h"
#include "report/terminal/sheet.h"
#include "sample_record.h"

#define TRIALS_MAX 512

/* base, new and a third one */
static struct record_view views[3];
static json_t *room[3][TRIALS_MAX];
static const char *const names[] = { "base", "new", "third" };
static struct compare compare;
static struct compare_options options;
static struct error err;
static char *text;

static const struct sample plain = {
	.switch_name = "veth", .io = "udp", .dimension = "throughput", .size = 64, .repeat = 1, .repeats = 8,
	.forwarded_pps = 400e3, .loss_ratio = 0.01, .p50_us = 10, .p99_us = 100, .busy = 1.5,
};

static int setup(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	memset(views, 0, sizeof(views));
	memset(&compare, 0, sizeof(compare));
	options = (struct compare_options){ .by = PARAMETER_COUNT };
	for (int v = 0; v < 3; v++) {
		views[v].trials = room[v];
		views[v].run = sample_run(names[v], "done", NULL);
	}
	return 0;
}

static int teardown(void **state)
{
	compare_free(&compare);
	for (int v = 0; v < 3; v++) {
		while (views[v].count)
			json_decref(views[v].trials[--views[v].count]);
		json_decref(views[v].run);
	}
	free(text);
	text = NULL;
	return 0;
}

static void add(int view, json_t *trial)
{
	assert_non_null(trial);
	assert_in_range(views[view].count, 0, TRIALS_MAX - 1);
	views[view].trials[views[view].count++] = trial;
}

/* 0 <= x < 1, and a normal deviate; seeded, the same on every machine. */
static uint64_t seed;

static double uniform(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	double u = 1 - uniform();

	return sqrt(-2 * log(u)) * cos(2 * M_PI * uniform());
}

/* `count` trials around a rate, 1 % apart: no two are equal. */
static void add_repeats(int view, const struct sample *sample, double pps, int count)
{
	struct sample s = *sample;

	for (int i = 0; i < count; i++) {
		s.repeat = i + 1;
		s.forwarded_pps = pps * (1 + 0.01 * (i - count / 2.0));
		s.p50_us = sample->p50_us * (1 + 0.01 * i);
		s.p99_us = sample->p99_us * (1 + 0.01 * i);
		add(view, sample_trial(&s, NULL));
	}
}

static const struct compare_set *make(size_t count)
{
	compare_free(&compare);
	if (compare_make(&compare, views, names, count, &options, &err) != 0)
		fail_msg("%s", err.cause);
	return &compare.set[0];
}

/* The comparison of the test with this io, and figure. */
static const struct comparison *of(const char *io, enum figure figure)
{
	for (size_t i = 0; i < compare.set[0].count; i++) {
		const struct comparison *c = &compare.set[0].comparison[i];

		if (c->figure == figure &&
		    !strcmp((c->base ? c->base : c->new)->value[PARAMETER_IO].text, io))
			return c;
	}
	fail_msg("no comparison of %s", io);
	return NULL;
}

static const char *written(compare_write *write, double fail_on)
{
	const struct report_options report = { .width = 100 };
	const struct compare_output how = { .fail_on = fail_on, .report = &report };
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	assert_int_equal(write(out, &compare, &how, &err), 0);
	fclose(out);
	return text;
}

static void has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void has_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

/* ---- verdicts ------------------------------------------------------------------------------------------ */

static void a_real_difference_is_worse_or_better(void **state)
{
	struct sample slow = plain, fast = plain, same = plain;

	slow.io = "raw";
	fast.io = "raw-mmsg";
	add_repeats(0, &slow, 400e3, 8);
	add_repeats(1, &slow, 300e3, 8);
	add_repeats(0, &fast, 400e3, 8);
	add_repeats(1, &fast, 600e3, 8);
	add_repeats(0, &same, 400e3, 8);
	add_repeats(1, &same, 401e3, 8);
	make(2);
	assert_int_equal(compare.set[0].count, 3);
	assert_int_equal(of("raw", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	assert_true(fabs(of("raw", FIGURE_FORWARDED)->change + 0.25) < 1e-9);
	assert_true(of("raw", FIGURE_FORWARDED)->interval.high < 0);
	assert_int_equal(of("raw-mmsg", FIGURE_FORWARDED)->verdict, VERDICT_BETTER);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_SAME);
	assert_int_equal(compare_regressions(&compare, 0.05), 1);
	assert_int_equal(compare_regressions(&compare, 0.3), 0);
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_REGRESSION);
	assert_int_equal(compare_gate(&compare, 0.3, &err), GATE_PASSED);
	written(compare_table, 0.05);
	has("new against base: 1 of 3 tests is worse, 1 is better, 1 shows no difference.");
	has("Fails: 1 figure is worse by more than 5 %.");
	assert_true(strstr(text, "Worse: 1") < strstr(text, "Better: 1"));
	has("-25.0 %");
}

/* Less latency is better, and more is worse. */
static void direction_is_that_of_the_figure(void **state)
{
	struct sample s = plain;

	s.dimension = "latency";
	s.rate = 1000;
	add_repeats(0, &s, 1000, 8);
	s.p50_us = 20;
	s.p99_us = 50;
	add_repeats(1, &s, 1000, 8);
	make(2);
	assert_int_equal(compare.set[0].count, 2);
	assert_int_equal(of("udp", FIGURE_P50)->verdict, VERDICT_WORSE);
	assert_int_equal(of("udp", FIGURE_P99)->verdict, VERDICT_BETTER);
	assert_int_equal(compare.set[0].test_verdicts[VERDICT_WORSE], 1); /* the test counts once */
	assert_int_equal(compare.set[0].tests, 1);
	written(compare_table, NAN);
	has("round trip p50");
}

static void too_few_trials_prove_nothing(void **state)
{
	static const struct { int base, new; enum verdict verdict; } cases[] = {
		{ 1, 1, VERDICT_UNPROVEN }, { 1, 8, VERDICT_UNPROVEN }, { 2, 2, VERDICT_UNPROVEN },
		{ 3, 3, VERDICT_UNPROVEN }, /* least p: 10 % */
		{ 2, 8, VERDICT_WORSE }, { 4, 4, VERDICT_WORSE }, { 5, 5, VERDICT_WORSE }, /* 4.4, 2.9, 0.8 % */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		teardown(state);
		setup(state);
		add_repeats(0, &plain, 400e3, cases[i].base);
		add_repeats(1, &plain, 200e3, cases[i].new);
		make(2);
		assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, cases[i].verdict);
		assert_int_equal(compare_gate(&compare, 0.05, &err),
				 cases[i].verdict == VERDICT_WORSE ? GATE_REGRESSION : GATE_BLIND);
		assert_false(of("udp", FIGURE_FORWARDED)->has_interval);
	}
	teardown(state);
	setup(state);
	add_repeats(0, &plain, 400e3, 3);
	add_repeats(1, &plain, 200e3, 3);
	make(2);
	assert_non_null(strstr(of("udp", FIGURE_FORWARDED)->why, "10 %"));
	assert_string_equal(of("udp", FIGURE_FORWARDED)->remedy, "4 repeats each");
	written(compare_table, 0.05);
	has("Nothing could be judged.");
	has("ranges apart");
}

/* Four trials each can show one difference, not one among twenty. */
static void many_comparisons_need_more_trials(void **state)
{
	struct sample s = plain;

	for (int i = 0; i < 20; i++) {
		s.size = 64 + i;
		add_repeats(0, &s, 400e3, 4);
		add_repeats(1, &s, i ? 400e3 : 200e3, 4);
	}
	make(2);
	assert_int_equal(compare.set[0].verdicts[VERDICT_UNPROVEN], 20);
	assert_non_null(strstr(compare.set[0].comparison[0].remedy, "6 repeats each"));
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_BLIND);
}

static void zeroes_and_shares_are_compared_by_difference(void **state)
{
	bool figures[FIGURE_COUNT] = { [FIGURE_LOSS] = true, [FIGURE_FORWARDED] = true };
	struct sample s = plain;

	options.figures = figures;
	for (int i = 0; i < 8; i++) {
		s.repeat = i + 1;
		s.loss_ratio = 0;
		s.forwarded_pps = i;
		s.io = "udp";
		add(0, sample_trial(&s, NULL));
		s.io = "raw";
		s.forwarded_pps = 0;
		add(0, sample_trial(&s, NULL));
		s.forwarded_pps = 1000 + i;
		add(1, sample_trial(&s, NULL));
		s.io = "udp";
		s.loss_ratio = 0.07 + 0.001 * i;
		s.forwarded_pps = 0;
		add(1, sample_trial(&s, NULL));
	}
	make(2);
	assert_int_equal(of("udp", FIGURE_LOSS)->verdict, VERDICT_WORSE);
	assert_true(isnan(of("udp", FIGURE_LOSS)->ratio));
	assert_true(fabs(of("udp", FIGURE_LOSS)->change - 0.0735) < 1e-9);
	assert_true(of("udp", FIGURE_LOSS)->has_interval && of("udp", FIGURE_LOSS)->interval.low > 0.06);
	assert_int_equal(compare_regressions(&compare, 0.06), 2);
	assert_int_equal(of("raw", FIGURE_LOSS)->verdict, VERDICT_SAME); /* 0 and 0 */
	assert_int_equal(of("raw", FIGURE_FORWARDED)->verdict, VERDICT_BETTER);
	assert_true(isinf(of("raw", FIGURE_FORWARDED)->change));
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE); /* to nothing at all */
	assert_true(of("udp", FIGURE_FORWARDED)->change == -1);
	written(compare_table, 0.05);
	has("from 0");
	has("pts");
	written(compare_json, 0.05);
	has_not("inf");
	has_not("nan");
}

/* ---- what matches -------------------------------------------------------------------------------------- */

static void repeats_and_duration_do_not_tell_tests_apart(void **state)
{
	struct sample s = plain;

	add_repeats(0, &s, 400e3, 8);
	s.repeats = 12;
	add_repeats(1, &s, 300e3, 12);
	for (size_t i = 0; i < views[1].count; i++)
		json_object_set_new(json_object_get(views[1].trials[i], "test"), "duration", json_real(0.5));
	make(2);
	assert_int_equal(compare.set[0].count, 1);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	assert_string_equal(compare.set[0].how, "repeats 8 and 12, duration 2s and 500ms");
	/* But the longest of all grows with the time that one waits for it. */
	options.figures = (const bool[FIGURE_COUNT]){ [FIGURE_MAX] = true };
	make(2);
	assert_int_equal(of("udp", FIGURE_MAX)->verdict, VERDICT_INCOMPARABLE);
}

/* Unless a record has tests that differ in nothing else. */
static void durations_of_one_record_tell_them_apart(void **state)
{
	for (int v = 0; v < 2; v++) {
		add_repeats(v, &plain, 400e3, 8);
		add_repeats(v, &plain, 300e3, 8);
		for (size_t i = 8; i < 16; i++)
			json_object_set_new(json_object_get(views[v].trials[i], "test"), "duration",
					    json_real(0.5));
	}
	make(2);
	assert_int_equal(compare.set[0].count, 2);
	assert_int_equal(compare.set[0].verdicts[VERDICT_SAME], 2);
}

static void what_is_missing_says_why(void **state)
{
	struct sample s = plain;

	add_repeats(0, &s, 400e3, 8);
	add(1, sample_without_figures(&s, "failed", "the bridge fell down", ""));
	s.io = "raw";
	add_repeats(0, &s, 400e3, 8);
	s.io = "raw-mmsg";
	add_repeats(1, &s, 400e3, 8);
	make(2);
	assert_int_equal(compare.set[0].verdicts[VERDICT_MISSING], 3);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->why, "failed in new: the bridge fell down");
	assert_true(of("udp", FIGURE_FORWARDED)->lost);
	assert_string_equal(of("raw", FIGURE_FORWARDED)->why, "no such test in new");
	assert_false(of("raw", FIGURE_FORWARDED)->lost);
	assert_string_equal(of("raw-mmsg", FIGURE_FORWARDED)->why, "no such test in base");
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_BLIND);
	/* With one that can be judged, the failed one is what keeps the gate shut. */
	s.io = "udp-mmsg";
	add_repeats(0, &s, 400e3, 8);
	add_repeats(1, &s, 400e3, 8);
	make(2);
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_INCOMPLETE);
	assert_non_null(strstr(err.cause, "the bridge fell down"));
}

static void values_of_one_run_are_compared(void **state)
{
	struct sample s = plain;

	add_repeats(0, &s, 400e3, 8);
	s.switch_name = "linux-bridge";
	add_repeats(0, &s, 300e3, 8);
	s.switch_name = "macvlan";
	add_repeats(0, &s, 500e3, 8);
	options.by = PARAMETER_SWITCH;
	make(1);
	assert_int_equal(compare.count, 2);
	assert_string_equal(compare.set[0].base_name, "veth");
	assert_string_equal(compare.set[0].new_name, "linux-bridge");
	assert_int_equal(compare.set[0].comparison[0].verdict, VERDICT_WORSE);
	assert_int_equal(compare.set[1].comparison[0].verdict, VERDICT_BETTER);
	options.base_value = "macvlan";
	make(1);
	assert_string_equal(compare.set[0].base_name, "macvlan");
	assert_int_equal(compare.set[0].comparison[0].verdict, VERDICT_WORSE);
	assert_int_equal(compare.set[1].comparison[0].verdict, VERDICT_WORSE);
	compare_free(&compare);
	options.base_value = "ovs";
	assert_int_equal(compare_make(&compare, views, names, 1, &options, &err), -EINVAL);
	assert_string_equal(err.remedy, "known: veth, linux-bridge, macvlan");
	compare_free(&compare);
	options.by = PARAMETER_IO;
	options.base_value = NULL;
	assert_int_equal(compare_make(&compare, views, names, 1, &options, &err), -EINVAL);
}

static void several_new_ones_each_against_base(void **state)
{
	add_repeats(0, &plain, 400e3, 8);
	add_repeats(1, &plain, 300e3, 8);
	add_repeats(2, &plain, 500e3, 8);
	make(3);
	assert_int_equal(compare.count, 2);
	assert_int_equal(compare.set[0].comparison[0].verdict, VERDICT_WORSE);
	assert_int_equal(compare.set[1].comparison[0].verdict, VERDICT_BETTER);
	written(compare_markdown, 0.05);
	has("### new against base");
	has("### third against base");
}

/* ---- the environment ----------------------------------------------------------------------------------- */

static void set_at(int view, const char *first, const char *second, const char *third, json_t *value)
{
	const char *const path[] = { first, second, third };
	json_t *object = views[view].run;
	size_t depth = *third ? 2 : 1;

	for (size_t i = 0; i < depth; i++) {
		if (!json_object_get(object, path[i]))
			json_object_set_new(object, path[i], json_object());
		object = json_object_get(object, path[i]);
	}
	json_object_set_new(object, path[depth], value);
}

static void what_differs_in_the_environment_forbids(void **state)
{
	static const char *const kernel[] = { "kernel", NULL };

	add_repeats(0, &plain, 400e3, 8);
	add_repeats(1, &plain, 300e3, 8);
	set_at(1, "environment", "kernel", "release", json_string("6.1.0"));
	make(2);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_INCOMPARABLE);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->why, "kernel differs");
	assert_string_equal(of("udp", FIGURE_FORWARDED)->remedy, "--across kernel");
	assert_true(fabs(of("udp", FIGURE_FORWARDED)->change + 0.25) < 1e-9); /* told all the same */
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_BLIND);
	assert_string_equal(err.remedy, "--across kernel");
	options.across = kernel;
	make(2);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	assert_true(compare.set[0].difference[0].across);
	set_at(1, "environment", "governor", "", json_string("powersave"));
	make(2); /* base has no field of that name: an older lanebench did not look */
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	set_at(0, "environment", "governor", "", json_string("performance"));
	make(2);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->why, "governor differs");
	/* What counts is what it was during the run. */
	set_at(1, "tuning", "governor", "now", json_string("performance"));
	make(2);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	set_at(1, "environment", "distribution", "", json_string("Elsewhere 1"));
	make(2); /* told, and no more */
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	set_at(1, "environment", "processor", "usable", json_string("4-5"));
	make(2); /* others, but as many */
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_WORSE);
	set_at(1, "environment", "processor", "usable", json_string("0-7"));
	make(2);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->remedy, "--across processors");
}

/* A switch's version bears on its own tests alone; what the kernel brings is told as the kernel. */
static void versions_bear_on_their_own_tests(void **state)
{
	struct sample s = plain;

	for (int v = 0; v < 2; v++) {
		s.io = "udp";
		s.switch_name = "veth";
		add_repeats(v, &s, 400e3, 8);
		s.io = "dpdk";
		s.switch_name = "ovs";
		add_repeats(v, &s, 400e3, 8);
	}
	set_at(0, "catalogue", "ovs", "", json_string("3.1.0"));
	set_at(1, "catalogue", "ovs", "", json_string("3.3.0"));
	make(2);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_SAME);
	assert_string_equal(of("dpdk", FIGURE_FORWARDED)->why, "version of ovs differs");
	options.across = (const char *const[]){ "version", "kernel", NULL };
	set_at(0, "catalogue", "veth", "", json_string("kernel 6.18.44"));
	set_at(1, "catalogue", "veth", "", json_string("kernel 6.1.0"));
	set_at(1, "environment", "kernel", "release", json_string("6.1.0"));
	make(2);
	assert_int_equal(compare.set[0].verdicts[VERDICT_SAME], 2);
	options.across = (const char *const[]){ "kernel", NULL };
	make(2);
	assert_int_equal(of("udp", FIGURE_FORWARDED)->verdict, VERDICT_SAME);
	assert_int_equal(of("dpdk", FIGURE_FORWARDED)->verdict, VERDICT_INCOMPARABLE);
}

static void flags_of_one_side_are_shown(void **state)
{
	add_repeats(0, &plain, 400e3, 8);
	add_repeats(1, &plain, 300e3, 8);
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(views[1].trials[i], "flags",
				    json_pack("[s, s, i]", "disturbed", "disturbed", 7));
	make(2);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->flags, "disturbed (0/8, 3/8)");
	for (size_t i = 0; i < 8; i++)
		json_object_set_new(views[0].trials[i], "flags", json_pack("[s]", "no_hugepages"));
	make(2);
	assert_string_equal(of("udp", FIGURE_FORWARDED)->remedy, "--across hugepages");
}

/* ---- output -------------------------------------------------------------------------------------------- */

/* Names from a foreign record are only ever names. */
static void hostile_names(void **state)
{
	static const char hostile[] = "<b>@me</b>|`#1`\x1b[31m\xe2\x80\xae,\"=1";
	struct sample s = plain;

	for (int v = 0; v < 2; v++)
		for (int i = 0; i < 2; i++) {
			s.io = i ? "udp" : hostile;
			add_repeats(v, &s, v && !i ? 100e3 : 400e3, 8);
		}
	set_at(1, "environment", "kernel", "release", json_string(hostile));
	set_at(1, "environment", "kernel", "version", json_integer(5));
	set_at(0, "catalogue", hostile, "", json_string("1"));
	set_at(1, "catalogue", hostile, "", json_string("2"));
	options.across = (const char *const[]){ "kernel", "version", NULL };
	make(2);
	written(compare_table, 0.05);
	assert_null(strchr(text, '\x1b'));
	has_not("\xe2\x80\xae");
	written(compare_markdown, 0.05);
	has_not("<b>");
	has_not("@me");
	has_not("`#1`");
	has_not("|`");
	has("<code>&#60;b&#62;&#64;me");
	written(compare_html, 0.05);
	has_not("<b>@me");
	has("&lt;b&gt;@me&lt;/b&gt;");
	assert_null(strchr(text, '\x1b'));
	json_decref(json_loads(written(compare_json, 0.05), 0, NULL));
	has("\\u202E"); /* escaped, and whole */
}

static void the_same_records_give_the_same_bytes(void **state)
{
	compare_write *const write[] = { compare_table, compare_markdown, compare_html, compare_json,
					 compare_csv };

	add_repeats(0, &plain, 400e3, 8);
	add_repeats(1, &plain, 300e3, 8);
	for (size_t w = 0; w < sizeof(write) / sizeof(*write); w++) {
		char *first;

		make(2);
		first = strdup(written(write[w], 0.05));
		make(2);
		assert_string_equal(written(write[w], 0.05), first);
		free(first);
	}
}

static void figures_are_read(void **state)
{
	bool wanted[FIGURE_COUNT];

	assert_int_equal(compare_figures_parse("forwarded,p99,cpu_packet_ns", wanted, &err), 0);
	assert_true(wanted[FIGURE_FORWARDED] && wanted[FIGURE_P99] && wanted[FIGURE_COST] &&
		    !wanted[FIGURE_P50]);
	assert_int_equal(compare_figures_parse("all", wanted, &err), 0);
	assert_true(wanted[FIGURE_LOSS] && wanted[FIGURE_MAX] && !wanted[FIGURE_TRIALS] &&
		    !wanted[FIGURE_OFFERED]);
	assert_int_equal(compare_figures_parse("forwarde", wanted, &err), -EINVAL);
	assert_non_null(strstr(err.cause, "'forwarded'"));
	assert_int_equal(compare_figures_parse("", wanted, &err), -EINVAL);
	assert_int_equal(compare_figures_parse("p50,", wanted, &err), -EINVAL);
}

/* Nothing of a foreign record is what it should be. */
static void foreign_records(void **state)
{
	add(0, json_pack("{s:{s:i, s:n}, s:s, s:s, s:{s:[]}}", "test", "size", 0, "rate", "status", "ok",
			 "flags", "no", "rx", "forwarded_pps"));
	add(1, json_pack("{s:{}, s:s}", "test", "status", "void"));
	json_object_set_new(views[0].run, "environment", json_integer(3));
	json_object_set_new(views[1].run, "catalogue", json_string("no"));
	json_object_set_new(views[1].run, "tests", json_pack("[n, {}, i]", 3));
	make(2);
	for (size_t i = 0; i < compare.set[0].count; i++)
		assert_int_equal(compare.set[0].comparison[i].verdict, VERDICT_MISSING);
	assert_int_equal(compare_gate(&compare, 0.05, &err), GATE_BLIND);
	written(compare_table, 0.05);
	written(compare_html, 0.05);
	written(compare_markdown, 0.05);
}

/* ---- how often it is wrong ----------------------------------------------------------------------------- */

#define FAMILY 24   /* tests of a run */
#define REPEATS 8
#define RUNS 600

/* A trial: `noise` as a share, skewed as rates are, and `outliers` of all trials at half the rate. */
struct noise {
	double noise, outliers;
};

static double noisy(const struct noise *noise, double mean)
{
	return mean * exp(noise->noise * normal()) * (uniform() < noise->outliers ? 0.5 : 1);
}

/* The verdicts of one pair of runs; `changed` of the tests are `factor` as fast in new. */
static void simulate(struct comparison *family, struct digest_row *row, const struct noise *noise,
		     size_t changed, double factor)
{
	size_t judged;

	for (size_t i = 0; i < FAMILY; i++) {
		double samples[2 * REPEATS];

		for (size_t r = 0; r < REPEATS; r++) {
			samples[r] = noisy(noise, i < changed ? factor : 1);
			samples[REPEATS + r] = noisy(noise, 1);
		}
		family[i] = (struct comparison){
			.base = row, .new = row, .figure = FIGURE_FORWARDED, .verdict = VERDICT_COUNT,
			.change = statistics_median(samples, REPEATS) -
				  statistics_median(samples + REPEATS, REPEATS),
		};
		family[i].p = rank_test(samples, REPEATS, samples + REPEATS, REPEATS, &family[i].above);
	}
	assert_int_equal(judge_all(family, FAMILY, &judged), 0);
	assert_int_equal(judged, FAMILY);
}

static bool is_real(const struct comparison *comparison)
{
	return comparison->verdict == VERDICT_WORSE || comparison->verdict == VERDICT_BETTER;
}

/*
 * docs/methodology.md promises: where nothing differs, at most 5 % of pairs of runs have anything that is
 * called real; of what is called real at most 5 % is not; and so many of lone differences of 10 % among 24
 * tests are found.
 */
static void false_alarms_and_power(void **state)
{
	static const struct { struct noise noise; int found; } cases[] = { /* %, at least */
		{ { 0.02, 0 }, 99 }, { { 0.03, 0 }, 97 }, { { 0.04, 0 }, 82 }, { { 0.03, 0.05 }, 57 },
	};
	static struct comparison family[FAMILY];
	struct digest_row row = { 0 };

	row.figure[FIGURE_FORWARDED].n = REPEATS;
	seed = 5;
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		const struct noise *noise = &cases[c].noise;
		size_t alarms = 0, found = 0, real = 0, false_real = 0;

		for (int run = 0; run < RUNS; run++) {
			bool any = false;

			simulate(family, &row, noise, 0, 1);
			for (size_t i = 0; i < FAMILY; i++)
				any |= is_real(&family[i]);
			alarms += any;
			simulate(family, &row, noise, 1, 0.9);
			found += family[0].verdict == VERDICT_WORSE;
			simulate(family, &row, noise, FAMILY / 3, 0.9);
			for (size_t i = 0; i < FAMILY; i++) {
				real += is_real(&family[i]);
				false_real += is_real(&family[i]) && i >= FAMILY / 3;
			}
		}
		print_message(
			"# noise %g, outliers %g: alarms in %zu of %d, found %zu, false ones %zu of %zu\n",
			noise->noise, noise->outliers, alarms, RUNS, found, false_real, real);
		assert_in_range(alarms, 1, RUNS * 5 / 100 + 20); /* 3 standard deviations of a binomial */
		assert_in_range(found, RUNS * cases[c].found / 100, RUNS);
		assert_true((double)false_real <= 0.05 * (double)real);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_real_difference_is_worse_or_better),
		TEST(direction_is_that_of_the_figure),
		TEST(too_few_trials_prove_nothing),
		TEST(many_comparisons_need_more_trials),
		TEST(zeroes_and_shares_are_compared_by_difference),
		TEST(repeats_and_duration_do_not_tell_tests_apart),
		TEST(durations_of_one_record_tell_them_apart),
		TEST(what_is_missing_says_why),
		TEST(values_of_one_run_are_compared),
		TEST(several_new_ones_each_against_base),
		TEST(what_differs_in_the_environment_forbids),
		TEST(versions_bear_on_their_own_tests),
		TEST(flags_of_one_side_are_shown),
		TEST(hostile_names),
		TEST(the_same_records_give_the_same_bytes),
		TEST(figures_are_read),
		TEST(foreign_records),
		TEST(false_alarms_and_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
