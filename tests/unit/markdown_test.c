/* SPDX-License-Identifier: Apache-2.0 */
/* The report for an issue: what it says, that no text of a record means anything in it, and that it fits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_page.h"
#include "report_bench.h"

static const char *markdown(void)
{
	return report_text(report_markdown);
}

/* How often a part occurs. */
static size_t count(const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

/* Every row of a table has as many cells as the head above it, and a table stands free. */
static void expect_sound_tables(void)
{
	char *copy = strdup(text), *line = copy, *next;
	size_t cells = 0;
	bool blank = true;

	for (; line; line = next) {
		size_t bars = 0;

		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		for (const char *c = line; *line == '|' && *c; c++)
			bars += *c == '|';
		if (bars && !cells && !blank)
			fail_msg("no blank line before: %s", line);
		if (bars && cells && bars != cells)
			fail_msg("%zu bars instead of %zu: %s", bars, cells, line);
		cells = bars;
		blank = !*line;
	}
	free(copy);
}

static void answers_first(void **state)
{
	add(measured("veth", "udp", 400e3));
	add(measured("linux-bridge", "udp", 300e3));
	markdown();
	assert_memory_equal(text, "## lanebench: quickstart\n\n", 26);
	expect("\n**Throughput** of 2 switches (veth, linux-bridge). The same for all: ");
	expect("\n- Fastest: veth, 400 kpps, 1.33 times the next (linux-bridge, 300 kpps); one trial may come out otherwise; --repeats 6 tells more.\n");
	expect("|  | veth | linux-bridge |\n| --- | ---: | ---: |\n| all | **400 kpps** (?) | 300 kpps |\n");
	expect("- When: 2026-11-21 20:35 UTC\n- Machine: Xeon Example 8000, 2 usable processors, Linux 6.18.44");
	expect("- Versions: lanebench 0.1.0\n");
	expect("- Command: lanebench run suites/x.yaml\n");
	expect("<details><summary>Throughput: 2 tests with all figures</summary>\n\n| switch | forwarded, kpps |");
	expect("\n| veth | **400.0** (?) |");
	expect("\n</details>\n");
	expect_not("Before relying on it");
	expect_not("<code>");
	expect_sound_tables();
}

static void warns_of_what_qualifies_the_figures(void **state)
{
	struct sample s = base;

	add(sample_trial(&s, "oversubscribed"));
	s.io = "raw";
	add(sample_without_figures(&s, "void", "the clock ran backwards", "buy another"));
	s.io = "dpdk";
	add(sample_without_figures(&s, "skipped", "no hugepages", ""));
	plan(&s);
	s.io = "udp-mmsg";
	plan(&s);
	view.run = sample_run("x", "interrupted", json_incref(tests));
	snprintf(view.warning, sizeof(view.warning), "trials.jsonl:17: last line is cut off, ignored");
	markdown();
	expect("**Before relying on it:**\n\n- The run was interrupted: 3 of 4 trials are recorded.\n- **Warning:** ");
	expect("last line is cut off"); /* as code: ":17:" is an emoji */
	expect("Void (measured, but not to be trusted): 1 trial (raw): the clock ran backwards. Remedy: buy another\n");
	expect("Skipped: 1 trial (dpdk): no hugepages\n");
	expect("- oversubscribed (o, 1 of 1 tests): fewer processors");
}

static void says_where_there_is_nothing(void **state)
{
	struct sample s = base;

	view.run = sample_run("x", "done", json_incref(tests));
	markdown();
	expect("**No trial is recorded:** there is nothing to compare.");
	add(sample_without_figures(&s, "failed", "", ""));
	markdown();
	expect("**No test has figures:** ");
	expect("no reason was recorded");
}

static void stands_beside_published_values(void **state)
{
	struct sample s = base;
	json_t *trial;

	s.switch_name = "linux-bridge";
	s.rate = 1e6;
	trial = sample_trial(&s, NULL);
	json_object_set_new(json_object_get(trial, "test"), "burst", json_integer(64));
	add(trial);
	markdown();
	expect("| the test | forwarded | 412 kpps | 338 kpps | Ara et al. 2021, Table 2 | 2 x Intel Xeon E5-2640 v4");
	expect_sound_tables();
}

static void what_is_hostile_is_only_text(void **state)
{
	static const char evil[] = "| a | <img src=x onerror=alert(1)> @everyone #1 [x](http://e.example) `b`\n# c\n- d **e** "
				   "</details>\x1b[2J\xe2\x80\xae";
	struct sample s = base;

	s.io = evil;
	add(sample_trial(&s, evil));
	s.io = "raw";
	add(sample_trial(&s, NULL));
	s.switch_name = evil;
	add(sample_without_figures(&s, "failed", evil, evil));
	view.run = sample_run(evil, "done", json_incref(tests));
	json_object_set_new(view.run, "description", json_string(evil));
	json_object_set_new(view.run, "started", json_string(evil));
	json_object_set_new(view.run, "lanebench", json_string(evil));
	json_object_set_new(view.run, "command", json_pack("[s, s, i]", evil, evil, 5));
	json_object_set_new(view.run, "catalogue", json_pack("{s:s, s:i}", evil, evil, "veth", 7));
	json_object_set_new(json_object_get(view.run, "environment"), "governor", json_string(evil));
	snprintf(view.warning, sizeof(view.warning), "%s\xff", evil);
	markdown();
	expect_not("<img");
	expect_not("@");
	expect_not("#1 ");
	expect_not("](");
	expect_not("`");
	expect_not("\n# c");
	expect_not("\n- d");
	expect_not("\x1b");
	expect_not("\xe2\x80\xae");
	expect_not("\xff");
	assert_int_equal(count("<details>"), count("</details>"));
	expect_sound_tables();
}

static void takes_what_is_missing_or_of_another_type(void **state)
{
	static const char *const fields[] = { "name", "description", "started", "command", "environment", "catalogue", "tests" };

	add(measured("veth", "udp", 1e5));
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		for (int kind = 0; kind < 4; kind++) {
			json_decref(view.run);
			view.run = sample_run("x", "done", json_incref(tests));
			json_object_set_new(view.run, fields[i], kind == 0 ? json_null() : kind == 1 ? json_integer(7) :
					    kind == 2 ? json_pack("[i, s]", 1, "x") : json_pack("{s:[]}", "kernel"));
			markdown();
			expect("## lanebench");
		}
}

/* Rows whose every text is escaped, in more than an issue takes. */
static void fits_into_an_issue(void **state)
{
	char name[64], reason[4000];

	memset(reason, '@', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = 0;
	for (int i = 0; i < 200; i++) {
		struct sample s = base;

		snprintf(name, sizeof(name), "s%d_<&_______________________________________", i);
		s.switch_name = name;
		add(sample_trial(&s, NULL));
	}
	for (int i = 0; i < 50; i++) {
		struct sample s = base;

		snprintf(name, sizeof(name), "x%d", i);
		s.switch_name = name;
		memcpy(reason, name, strlen(name));
		add(sample_without_figures(&s, "failed", reason, reason));
	}
	markdown();
	assert_in_range(strlen(text), PAGE_MAX / 2, PAGE_MAX);
	expect("\nLeft out, since an issue may have 65536 characters: ");
	assert_int_equal(count("<details>"), count("</details>"));
	expect_sound_tables();
}

static void the_same_record_gives_the_same_bytes(void **state)
{
	char *first;

	add(measured("veth", "udp", 400e3));
	add(measured("linux-bridge", "udp", 300e3));
	markdown();
	first = strdup(text);
	assert_string_equal(markdown(), first);
	free(first);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		TEST(answers_first),
		TEST(warns_of_what_qualifies_the_figures),
		TEST(says_where_there_is_nothing),
		TEST(stands_beside_published_values),
		TEST(what_is_hostile_is_only_text),
		TEST(takes_what_is_missing_or_of_another_type),
		TEST(fits_into_an_issue),
		TEST(the_same_record_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
