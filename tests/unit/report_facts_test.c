/* SPDX-License-Identifier: Apache-2.0 */
/* The facts and pieces that all reports are made of, asked for by themselves. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/columns.h"
#include "report/export/csv_field.h"
#include "report/figures.h"
#include "report/machine.h"
#include "report/remarks.h"
#include "report/terminal/grid.h"
#include "report/words.h"
#include "report_bench.h"

static void digest_all(struct digest *digest)
{
	struct error err = { 0 };

	if (!view.run)
		view.run = sample_run("quickstart", "done", json_incref(tests));
	assert_int_equal(digest_make(digest, &view, &err), 0);
}

static void a_remark_hides_its_weaker_one(void **state)
{
	struct remarks remarks = { 0 };
	char letters[REMARKS_MAX + 1];
	struct digest digest;

	add(sample_trial(&base, "offered_off"));
	json_array_append_new(json_object_get(trials[0], "flags"), json_string("offered_warn"));
	digest_all(&digest);
	remarks_of_row(&remarks, &digest.rows[0], letters);
	assert_string_equal(letters, "R");
	digest_free(&digest);
}

static void an_unknown_flag_is_named(void **state)
{
	const char *const flags[] = { "jumbled", "" }, *const named[] = { "jumbled", "?" };

	for (int i = 0; i < 2; i++) {
		const unsigned last = remarks_count() - 1;
		struct remarks remarks = { 0 };
		char letters[REMARKS_MAX + 1];
		struct digest digest;

		add(sample_trial(&base, flags[i]));
		digest_all(&digest);
		remarks_of_row(&remarks, &digest.rows[0], letters);
		assert_string_equal(letters, "?");
		assert_string_equal(remark_subject(&remarks, last), named[i]);
		assert_string_equal(remark_subject(&remarks, 0), "");
		digest_free(&digest);
		json_decref(trials[--view.count]);
	}
}

/* One after the other in the record, as a matrix has them. */
static void the_same_reason_is_one_cause(void **state)
{
	static const struct { const char *io, *reason; int repeat; } lost[] = {
		{ "udp", "b: no port", 1 }, { "udp", "b: no port", 2 }, { "raw", "a: no memory", 1 },
		{ "dpdk", "b: no port", 1 },
	};
	struct causes causes;
	struct digest digest;
	char head[CAUSE_HEAD];

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		struct sample s = base;

		s.io = lost[i].io;
		s.repeat = lost[i].repeat;
		s.repeats = 2;
		add(sample_without_figures(&s, "failed", lost[i].reason, ""));
	}
	digest_all(&digest);
	assert_int_equal(causes_collect(&causes, &digest), 0);
	assert_int_equal(causes.count, 2);
	assert_int_equal(causes.trials, 4);
	assert_string_equal(causes.cause[0].reason, "b: no port"); /* the order of the tests */
	assert_int_equal(causes.cause[0].trials, 3);
	assert_int_equal(causes.cause[0].row_count, 2);
	assert_ptr_equal(causes.cause[0].rows[1], &digest.rows[2]);
	cause_head(&causes.cause[0], head);
	assert_string_equal(head, "Failed: 3 trials");
	cause_head(&causes.cause[1], head);
	assert_string_equal(head, "Failed: 1 trial (raw)");
	assert_string_equal(reason_words(""), "no reason was recorded");
	causes_free(&causes);
	digest_free(&digest);
}

static json_t *searched(const char *status)
{
	return json_pack("{s:{s:{s:s}}}", "search", "goal", "status", status);
}

static void of_several_answers_the_worst_counts(void **state)
{
	json_t *search[] = { searched("at_min"), searched("found"), searched("open") };
	const json_t *in_order[] = { search[0], search[1], search[2] };
	struct digest_row row = { .trials = in_order, .count = 3 };

	assert_string_equal(search_answer(&row), "loss at every rate");
	row = (struct digest_row){ .trials = in_order + 1, .count = 2 };
	assert_string_equal(search_answer(&row), "found");
	row = (struct digest_row){ .trials = in_order + 2, .count = 1 };
	assert_string_equal(search_answer(&row), "");
	for (int i = 0; i < 3; i++)
		json_decref(search[i]);
}

static void a_single_trial_has_a_range_only_of_its_own(void **state)
{
	const struct results results = { .packets = unit_packet_rate(3e5) };
	const struct column column = { .kind = COLUMN_RATE_RANGE, .figure = FIGURE_FORWARDED };
	struct digest_row row = { .count = 1 };
	char range[COLUMN_TEXT];

	row.figure[FIGURE_FORWARDED] = (struct spread){ .median = 3e5, .low = 3e5, .high = 3e5, .n = 1 };
	column_text(&results, &column, &row, range);
	assert_string_equal(range, "");
	row.figure[FIGURE_FORWARDED].low = 2e5; /* an MRR: of its own trials */
	column_text(&results, &column, &row, range);
	assert_string_equal(range, "200.0..300.0");
	row.figure[FIGURE_FORWARDED] = (struct spread){ .median = 3e5, .low = 3e5, .high = 3e5, .n = 2 };
	column_text(&results, &column, &row, range);
	assert_string_equal(range, "300.0..300.0");
}

static void results_tell_the_weakest_interval(void **state)
{
	struct digest_row rows[2] = { { .ok = 6, .planned = 6 }, { .ok = 6, .planned = 6 } };
	const struct digest digest = { .rows = rows, .count = 2 };
	struct results results;
	bool told = false;

	for (int f = 0; f < FIGURE_COUNT; f++)
		rows[0].figure[f] = rows[1].figure[f] = (struct spread){ .median = NAN };
	rows[0].figure[FIGURE_FORWARDED] = (struct spread){ 3e5, 3e5, 3e5, 3e5, 3e5, 0.96875, 6 };
	rows[1].figure[FIGURE_FORWARDED] = (struct spread){ 4e5, 4e5, 4e5, 4e5, 4e5, 0.978515625, 10 };
	rows[0].figure[FIGURE_BIAS].median = 200;
	rows[1].figure[FIGURE_BIAS].median = 400;
	assert_int_equal(results_make(&results, &digest, false), 0);
	assert_true(results.coverage == 0.96875);
	assert_true(results.repeated);
	for (unsigned i = 0; i < 8; i++) {
		char legend[LEGEND_TEXT];

		told |= results_legend(&results, 2, i, legend) &&
			strstr(legend, "tool itself is 0.20 to 0.40 us");
	}
	assert_true(told);
	results_free(&results);
	rows[0].ok = rows[1].ok = 1; /* of several, one has figures */
	rows[0].count = rows[1].count = 0;
	assert_int_equal(results_make(&results, &digest, false), 0);
	assert_false(results.repeated);
	results_free(&results);
}

static void a_long_list_is_cut(void **state)
{
	const struct digest_row *rows[9];
	bool varies[PARAMETER_COUNT];
	struct digest digest;
	char words[512];

	for (int i = 0; i < 9; i++) {
		struct sample s = base;

		s.size = 100 + i;
		add(sample_trial(&s, NULL));
	}
	digest_all(&digest);
	for (int i = 0; i < 9; i++)
		rows[i] = &digest.rows[i];
	words_varying(rows, 9, varies);
	words_compared(rows, 9, varies, words, sizeof(words));
	assert_string_equal(words, "9 packet sizes (100, 101, 102, 103, 104, 105, 106, 107, ...)");
	words_compared(rows, 8, varies, words, sizeof(words));
	assert_string_equal(words, "8 packet sizes (100, 101, 102, 103, 104, 105, 106, 107)");
	digest_free(&digest);
}

static void only_a_time_in_utc_is_told_as_one(void **state)
{
	static const char *const times[][2] = {
		{ "2026-11-21T20:35:19Z", "2026-11-21 20:35 UTC" },
			{ "2026-11-21T20:35:19x", "2026-11-21T20:35:19x" },
		{ "2026-11-21 20:35:19Z", "2026-11-21 20:35:19Z" }, { "", "at an unknown time" },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		json_t *run = json_pack("{s:s}", "started", times[i][0]);
		char when[64];

		machine_time(run, when, sizeof(when));
		assert_string_equal(when, times[i][1]);
		json_decref(run);
	}
}

static void a_flag_is_found_by_its_whole_name(void **state)
{
	json_t *trial = json_pack("{s:s, s:[i, s, s]}", "status", "ok", "flags", 1, "disturbed", "nodes");

	assert_true(trial_is_ok(trial));
	assert_true(trial_has_flag(trial, "nodes"));
	assert_false(trial_has_flag(trial, "node"));
	assert_false(trial_has_flag(NULL, "nodes"));
	assert_false(trial_is_ok(NULL));
	json_decref(trial);
}

static void a_field_of_csv_is_only_ever_text(void **state)
{
	static const char *const fields[][2] = {
		{ "plain text", "plain text" }, { "a,b", "\"a,b\"" }, { "say \"x\"", "\"say \"\"x\"\"\"" },
		{ " first", "\" first\"" }, { "two\r\nlines", "two  lines" }, { "=1+1", "'=1+1" },
			{ "+1", "'+1" },
		{ "-1", "'-1" }, { "@sum", "'@sum" }, { "-1,5", "\"'-1,5\"" }, { "\033[2J", " [2J" },
			{ "a\177b", "a b" },
		{ "\302\205\302\2332J", "  2J" }, { "\u00a0\u00e9", "\u00a0\u00e9" }, { "", "" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		json_t *value = json_string(fields[i][0]);
		size_t size;
		FILE *out;

		free(text);
		out = open_memstream(&text, &size);
		csv_value(out, value);
		fclose(out);
		assert_string_equal(text, fields[i][1]);
		json_decref(value);
	}
}

static void a_range_has_no_coverage(void **state)
{
	add(measured("veth", "udp", 4e5));
	report_text(report_summary);
	expect(",forwarded_pps,1,1,1,400000,400000,400000,range,,400000,400000\r\n");
}

/* What `grid`, filled with a name and a share each row, looks like; it is `text`. */
static void grid_text(const char *const *names, const double *shares, size_t rows, unsigned width)
{
	struct sheet sheet = { .width = width };
	struct grid grid = { 0 };
	size_t size;

	grid_column(&grid, "name", "", false, 0);
	grid_bar_column(&grid, "bar", 1);
	assert_int_equal(grid_open(&grid, rows), 0);
	for (size_t r = 0; r < rows; r++) {
		grid_cell(&grid, r, 0, names[r]);
		grid_bar(&grid, r, 1, shares[r]);
	}
	free(text);
	sheet.out = open_memstream(&text, &size);
	grid_print(&grid, &sheet);
	fclose(sheet.out);
	grid_free(&grid);
}

/* To the width of the terminal, and not a column more. */
static void a_grid_is_cut_to_fit(void **state)
{
	static const char *const names[] = { "short", "0123456789abcdefghijklmnopqrstuvwxyz" };
	static const double shares[] = { 1, 1 };

	grid_text(names, shares, 2, 30);
	assert_string_equal(text, "name\nshort\n0123456789abcdefghijklmnopqrs~\n");
}

static void what_is_more_than_nothing_has_a_bar(void **state)
{
	static const char *const names[] = { "none", "some", "all", "more", "less", "no one knows" };
	static const double shares[] = { 0, 0.0001, 1, 2, -1, NAN };

	grid_text(names, shares, 6, 60);
	assert_string_equal(text, "name          bar\nnone\nsome          #\nall           ##########\n"
			    "more          ##########\nless\nno one knows\n");
}

/* The program by its name alone, arguments to be typed again, settings in words. */
static void markdown_says_how_it_was_made(void **state)
{
	json_t *environment;

	add(measured("veth", "udp", 4e5));
	view.run = sample_run("quickstart", "done", json_incref(tests));
	environment = json_object_get(view.run, "environment");
	json_object_set_new(view.run, "command", json_pack("[s, s, s]", "/home/jo/bin/lanebench", "run",
							   "-Vveth"));
	json_object_set_new(environment, "turbo", json_true());
	json_object_set_new(environment, "smt", json_false());
	json_object_set_new(environment, "isolated", json_string(""));
	report_text(report_markdown);
	expect("- Command: lanebench run -Vveth\n");
	expect("- Settings: turbo on, hyper-threads off, isolated processors none\n");
	expect("- Versions: lanebench ");
}

/* What follows from which switch it is does not vary; as soon as one switch has two values it does. */
static void how_a_switch_is_set_up_is_told_once(void **state)
{
	static const struct { const char *sw; int threads; } made[] = { { "l2fwd", 1 }, { "ovs", 3 }, { "ovs", 1 } };

	for (size_t i = 0; i < 3; i++) {
		json_t *trial = measured(made[i].sw, "dpdk", 1e6), *test = json_object_get(trial, "test");

		json_object_set_new(test, "threads", json_integer(made[i].threads));
		json_object_set_new(test, "forwarding", json_string(i ? "ports" : "auto"));
		add(trial);
		if (i == 1) {
			table();
			expect("Throughput of 2 switches (l2fwd, ovs).\n");
			expect("ovs: 3-thread switch, forwarding ports.\n");
		}
	}
	table();
	expect("Throughput of 2 switches (l2fwd, ovs) x 2 numbers of switch threads (1, 3)");
	expect("ovs: forwarding ports.\n");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		TEST(a_remark_hides_its_weaker_one),
		TEST(how_a_switch_is_set_up_is_told_once),
		TEST(an_unknown_flag_is_named),
		TEST(the_same_reason_is_one_cause),
		TEST(of_several_answers_the_worst_counts),
		TEST(a_single_trial_has_a_range_only_of_its_own),
		TEST(results_tell_the_weakest_interval),
		TEST(a_long_list_is_cut),
		TEST(only_a_time_in_utc_is_told_as_one),
		TEST(a_flag_is_found_by_its_whole_name),
		TEST(a_field_of_csv_is_only_ever_text),
		TEST(a_range_has_no_coverage),
		TEST(a_grid_is_cut_to_fit),
		TEST(what_is_more_than_nothing_has_a_bar),
		TEST(markdown_says_how_it_was_made),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
