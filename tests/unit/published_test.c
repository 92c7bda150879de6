/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of papers: the file that we carry, others of its form, and beside which tests they stand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/digest.h"
#include "report/published.h"
#include "sample_record.h"

#define FOUND_MAX 16

extern const char published_csv[];

/* Between what no machine reaches and what no test would show: a wrong unit is a factor of 1,000. */
static bool is_sane(const struct published *p)
{
	if (strstr(p->figure_name, "_stddev_ns"))
		return p->value >= 100 && p->value < 1e6;
	if (strstr(p->figure_name, "_ns"))
		return p->value >= 1e3 && p->value < 1e9 && !(p->low < 1e3);
	if (strstr(p->figure_name, "_pps"))
		return p->value >= 1e5 && p->value < 100e6;
	if (strstr(p->figure_name, "_bps"))
		return p->value >= 1e8 && p->value < 100e9;
	if (strstr(p->figure_name, "_ratio"))
		return p->value <= 1;
	return strstr(p->figure_name, "_busy") && p->value >= 1 && p->value < 64;
}

static void carries_sound_rows(void **state)
{
	struct published_list list;
	struct error err = { 0 };

	if (published_parse(&list, published_csv, &err) != 0)
		fail_msg("published.csv, %s", err.cause);
	assert_int_equal(list.count, published_all()->count);
	assert_in_range(list.count, 40, 1000);
	for (size_t i = 0; i < list.count; i++) {
		const struct published *p = &list.row[i];

		if (!is_sane(p) || strlen(p->source) < 10 || strlen(p->title) < 20)
			fail_msg("row %zu (%s): %s %g [%g, %g]", i, p->source, p->figure_name, p->value, p->low,
				 p->high);
		for (const char *c = p->note; *c; c++)
			assert_in_range(*c, ' ', '~');
		/* What stands beside an experiment that is another one says so. */
		if (p->match == PUBLISHED_SUITE)
			assert_true(strstr(p->note, "second host") || strstr(p->note, "not the whole machine") ||
				    strstr(p->note, "in words") || strstr(p->note, "plateau"));
		if (p->match != PUBLISHED_NONE)
			assert_true(*p->test[PARAMETER_DIMENSION].text && *p->test[PARAMETER_SWITCH].text);
	}
	published_free(&list);
}

static void expect_problem(const char *csv, const char *words)
{
	struct published_list list;
	struct error err = { 0 };

	assert_int_equal(published_parse(&list, csv, &err), -EINVAL);
	if (!strstr(err.cause, words))
		fail_msg("'%s' is not in '%s'", words, err.cause);
	published_free(&list);
}

#define HEAD "source,title,match,suite,figure,value,low,high,size,note\n"

static void names_the_line_of_a_problem(void **state)
{
	expect_problem("source,colour\n", "line 1: unknown column 'colour'");
	expect_problem(HEAD "s,t,none,,x,1,,,,\ns,t,none,,x,1,,,\n", "line 3: 9 fields instead of 10");
	expect_problem(HEAD "s,t,none,,x,1,,,,\"a\nb\"\ns,t,some,,x,1,,,,\n", "line 4: 'some' is not one of");
	expect_problem(HEAD "s,t,none,,x,1k,,,,\n", "line 2: '1k' is not a number");
	expect_problem(HEAD "s,t,none,,x,-1,,,,\n", "'-1' is not a number");
	expect_problem(HEAD "s,t,none,,x,nan,,,,\n", "'nan' is not a number");
	expect_problem(HEAD "s,t,none,,x,,,,,\n", "value is missing");
	expect_problem(HEAD "s,t,none,,x,5,6,7,,\n", "not between low and high");
	expect_problem(HEAD "s,t,none,,x,5,,,20,\n", "size 20 is below");
	expect_problem(HEAD "s,t,test,u,x,5,,,64,\n", "a figure that is none");
	expect_problem(HEAD "s,t,test,,forwarded_pps,5,,,64,\n", "or no suite");
	expect_problem(HEAD "s,t,none,,x,1,,,,\"open\n", "0 fields");
	expect_problem(HEAD "s,t,none,,x,1,,,,\"", "0 fields");
	expect_problem(HEAD "s,t,none,,x,1,,,,\"a\"\"", "0 fields");
	expect_problem(HEAD "s,t,none,,x,1,,,,\"a\"b\n", "0 fields");
}

static void reads_quoted_fields(void **state)
{
	struct published_list list;
	struct error err = { 0 };

	assert_int_equal(published_parse(&list, HEAD "\"a, \"\"b\"\"\nc\",\"t\",none,,x,1.5,,2,1k,\r\n"
					 "\"\"\"s\",t,none,,x,0,0,,,\"\"", &err), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.row[0].source, "a, \"b\"\nc");
	assert_string_equal(list.row[0].test[PARAMETER_SIZE].text, "1000");
	assert_true(list.row[0].figure == FIGURE_COUNT && isnan(list.row[0].low));
	assert_string_equal(list.row[1].source, "\"s");
	assert_string_equal(list.row[1].note, "");
	published_free(&list);
}

/* ---- beside a test --------------------------------------------------------------------------------------- */

static const struct published *found[FOUND_MAX];

/* The values beside a test that has these further parameters (pairs of name and value, as in the record). */
static size_t beside(const char *run, struct sample sample, json_t *further)
{
	struct record_view view = { 0 };
	struct digest digest;
	struct error err;
	json_t *test = sample_test(&sample);
	size_t count;

	json_object_update(test, further);
	json_decref(further);
	view.run = sample_run("x", "done", json_pack("[o]", test));
	assert_int_equal(digest_make(&digest, &view, &err), 0);
	assert_int_equal(digest.count, 1);
	count = published_for(&digest.rows[0], run, found, FOUND_MAX);
	digest_free(&digest);
	json_decref(view.run);
	return count;
}

static const struct sample table2 = { .switch_name = "linux-bridge", .io = "raw", .dimension = "throughput", .size = 64,
				      .rate = 1e6, .repeats = 1 };

static void stands_beside_the_same_test_in_any_run(void **state)
{
	struct sample other = table2;

	assert_int_equal(beside("adhoc", table2, json_pack("{s:i}", "burst", 64)), 1);
	assert_string_equal(found[0]->source, "Ara et al. 2021, Table 2");
	assert_string_equal(found[0]->suite, "paper-table2");
	assert_true(found[0]->figure == FIGURE_FORWARDED && found[0]->value == 360e3);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:i}", "burst", 64, "duration", 60)), 1);
	assert_int_equal(beside("paper-table2", table2, json_pack("{s:i}", "burst", 32)), 0);
	assert_int_equal(beside("paper-table2", table2, json_pack("{s:i, s:s}", "burst", 64, "runtime", "netns")), 0);
	other.rate = 2e6;
	assert_int_equal(beside("paper-table2", other, json_pack("{s:i}", "burst", 64)), 0);
	other = table2;
	other.dimension = "latency";
	assert_int_equal(beside("paper-table2", other, json_pack("{s:i}", "burst", 64)), 0);
	other = table2;
	other.io = "packet-mmap";
	assert_int_equal(beside("paper-table2", other, json_pack("{s:i}", "burst", 64)), 0);
}

static void never_beside_a_test_that_was_disturbed(void **state)
{
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, "neighbour", "cpu")), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:f}", "burst", 64, "endpoint-quota", 0.5)), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, "topology", "loop")), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, "direction", "both")), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:i}", "burst", 64, "flows", 8)), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, "hosts", "remote")), 0);
	/* A record from anywhere. */
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:[]}", "burst", 64, "io")), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:n}", "burst", 64, "switch")), 0);
}

static void never_beside_another_arrangement(void **state)
{
	static const char *const other[][2] = { { "topology", "chain" }, { "topology", "loop" }, { "topology", "fan-in" },
						{ "direction", "both" }, { "switch-in", "container" } };

	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		if (beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, other[i][0], other[i][1])) != 0)
			fail_msg("beside %s %s", other[i][0], other[i][1]);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:i}", "burst", 64, "flows", 8)), 0);
	assert_int_equal(beside(NULL, table2, json_pack("{s:i, s:s}", "burst", 64, "topology", "pairs")), 1);
}

static void another_experiment_only_in_the_suite_that_repeats_it(void **state)
{
	struct sample quota = { .switch_name = "ovs", .io = "dpdk", .dimension = "throughput", .size = 60,
			       .repeats = 1 };

	assert_int_equal(beside("paper-dissertation-quota", quota, json_pack("{s:f}", "switch-quota", 0.75)), 1);
	assert_true(found[0]->match == PUBLISHED_SUITE && found[0]->value == 10.85e6);
	assert_true(found[0]->low == 10.71e6 && found[0]->high == 10.99e6);
	assert_int_equal(beside("paper-dissertation-quota", quota, json_pack("{s:f}", "switch-quota", 0.7)), 0);
	assert_int_equal(beside("mine", quota, json_pack("{s:f}", "switch-quota", 0.75)), 0);
	assert_int_equal(beside(NULL, quota, json_pack("{s:f}", "switch-quota", 0.75)), 0);
	quota.dimension = "latency";
	quota.rate = 1000;
	assert_int_equal(beside("paper-dissertation-quota", quota, json_pack("{s:f}", "switch-quota", 0.125)), 2);
	assert_true(found[0]->figure == FIGURE_MEAN && found[0]->value == 24490);
	assert_true(found[1]->figure == FIGURE_DEVIATION && found[1]->value == 5250);
	/* Its sizes count the FCS: 64 there is 60 here. */
	quota.size = 64;
	assert_int_equal(beside("paper-dissertation-quota", quota, json_pack("{s:f}", "switch-quota", 0.125)), 0);
}

/* A plateau is no rate: it stands beside the test at the highest rate alone. And what no suite has is nobody's. */
static void a_plateau_is_beside_the_highest_rate(void **state)
{
	struct sample plateau = { .switch_name = "testpmd", .io = "dpdk", .dimension = "throughput", .size = 64,
				 .rate = 13e6, .repeats = 1 };
	const struct published_list *all = published_all();

	assert_int_equal(beside("paper-vitucci-figure9", plateau, json_pack("{s:s}", "payload", "headers")), 0);
	plateau.rate = 0;
	assert_int_equal(beside("paper-vitucci-figure9", plateau, json_pack("{s:s}", "payload", "headers")), 3);
	assert_int_equal(beside("paper-vitucci-section5", plateau, json_pack("{s:s}", "payload", "headers")), 2);
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->row[i].test[PARAMETER_SWITCH].text, "vpp"))
			assert_int_equal(all->row[i].match, PUBLISHED_NONE);
}

static void finds_no_more_than_asked_for(void **state)
{
	struct sample scale = { .switch_name = "ovs", .io = "dpdk", .dimension = "throughput", .size = 64,
			       .repeats = 1 };

	assert_int_equal(beside("paper-figure4ef", scale, json_object()), 2); /* processors: of all processes, of the switch */
	assert_true(found[0]->figure == FIGURE_PROCESSES && found[0]->value == 3);
	assert_int_equal(beside(NULL, scale, json_object()), 0);
	assert_int_equal(published_for(&(struct digest_row){ 0 }, "paper-table2", found, FOUND_MAX), 0);
	assert_int_equal(published_for(&(struct digest_row){ 0 }, NULL, NULL, 0), 0);
}

static void knows_the_name_of_a_run(void **state)
{
	struct record_view view = { .run = json_pack("{s:s}", "name", "paper-table2") };

	assert_string_equal(published_run(&view), "paper-table2");
	json_object_set_new(view.run, "name", json_integer(5));
	assert_string_equal(published_run(&view), "");
	json_decref(view.run);
	view.run = NULL;
	assert_string_equal(published_run(&view), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_sound_rows),
		cmocka_unit_test(names_the_line_of_a_problem),
		cmocka_unit_test(reads_quoted_fields),
		cmocka_unit_test(stands_beside_the_same_test_in_any_run),
		cmocka_unit_test(never_beside_a_test_that_was_disturbed),
		cmocka_unit_test(never_beside_another_arrangement),
		cmocka_unit_test(another_experiment_only_in_the_suite_that_repeats_it),
		cmocka_unit_test(a_plateau_is_beside_the_highest_rate),
		cmocka_unit_test(finds_no_more_than_asked_for),
		cmocka_unit_test(knows_the_name_of_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
