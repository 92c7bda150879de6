/* SPDX-License-Identifier: Apache-2.0 */
/* The page's text; what a browser makes of it is tests/integration/page.bats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report_bench.h"

#define HOSTILE "<script>alert('x')</script> & \"q\" \x1b[31m \xe2\x80\xae"

static struct html_options html;

/* The page of the record as it is by now; it is `text`, too. */
static const char *page(const char *name, const char *state)
{
	struct error err = { 0 };
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	json_decref(view.run);
	view.run = sample_run(name, state, json_incref(tests));
	assert_int_equal(report_html(out, &view, &html, &err), 0);
	fclose(out);
	return text;
}

static size_t occurrences(const char *part)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		count++;
	return count;
}

static void answers_first(void **state)
{
	add(measured("veth", "udp", 1e6));
	add(measured("linux-bridge", "udp", 5e5));
	page("quickstart", "done");
	expect("<h1>quickstart</h1>");
	expect("veth</p>");
	expect("<b>1.00 Mpps</b>");
	expect("2.00 times as fast as the next, linux-bridge, <span class=\"nowrap\">500 kpps");
	assert_true(strstr(text, "id=\"answer\"") < strstr(text, "id=\"tests\""));
	/* in full precision, whatever is shown */
	expect("data-v=\"500000\"");
	expect_not("id=\"without\"");
}

static void says_what_is_not_certain(void **state)
{
	add(measured("veth", "udp", 1.01e6));
	add(measured("linux-bridge", "udp", 1e6));
	page("quickstart", "done");
	expect("<strong>Not certain:</strong> too close to tell from one trial");
	expect("class=\"star open\"");
}

/* Under a rate that all of them carry, the paths compete, and none is named as if it were alone. */
static void all_carry_the_load(void **state)
{
	static const char *const paths[] = { "veth", "linux-bridge", "macvlan" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sample s = base;

		s.switch_name = paths[i];
		s.rate = 100000;
		s.forwarded_pps = 100000;
		s.loss_ratio = 0;
		add(sample_trial(&s, NULL));
	}
	page("quickstart", "done");
	expect("id=\"answer\"");
	for (size_t i = 0; i < 3; i++)
		expect(paths[i]);
}

/* What is to be said of several wins is said once. */
static void doubts_once(void **state)
{
	static const int sizes[] = { 64, 256, 1500 };

	for (size_t i = 0; i < 3; i++) {
		struct sample s = base;

		s.size = sizes[i];
		s.forwarded_pps = 1e6;
		add(sample_trial(&s, NULL));
		s.switch_name = "linux-bridge";
		s.forwarded_pps = 5e5;
		add(sample_trial(&s, NULL));
	}
	page("quickstart", "done");
	expect("in front at 3 of 3 loads");
	expect("<strong>Not certain at any load:</strong>");
	assert_int_equal(occurrences("Not certain"), 1);
	expect_not("bound to"); /* the answer has the loads already */
}

/* That a path is faster without a neighbour is no merit of it: they compete beside the same one. */
static void competes_beside_the_same_neighbour(void **state)
{
	static const char *const neighbours[] = { "none", "cpu" };

	for (size_t i = 0; i < 4; i++) {
		json_t *trial = measured(i % 2 ? "veth" : "linux-bridge", "udp", 1e6 / (double)(1 + i));

		json_object_set_new(json_object_get(trial, "test"), "neighbour", json_string(neighbours[i / 2]));
		add(trial);
	}
	page("quickstart", "done");
	expect("linux-bridge</p>\n<p class=\"tally\">in front at 2 of 2 loads</p>");
	expect("<p class=\"load\">neighbour cpu</p>");
	expect("<p class=\"load\">neighbour none</p>");
}

/* One path at several rates: what it carries, and the most that came out of it. */
static void tells_of_one_path(void **state)
{
	for (int i = 1; i <= 4; i++) {
		struct sample s = base;

		s.rate = 1e6 * i;
		s.forwarded_pps = i > 2 ? 2.5e6 : s.rate;
		s.loss_ratio = i > 2 ? 0.25 : 0;
		add(sample_trial(&s, NULL));
	}
	page("quickstart", "done");
	expect("<b>2.00 Mpps</b>");
	expect("Most that arrived:</p>\n<p class=\"figure\"><b>2.50 Mpps</b> at rate 3M");
	expect_not("and at");
}

static void warns_in_place(void **state)
{
	struct sample s = base;

	add(sample_trial(&s, "oversubscribed"));
	s.switch_name = "ovs";
	add(sample_without_figures(&s, "skipped", "no Open vSwitch <here>", "apt-get install it"));
	s.switch_name = "macvlan";
	add(sample_without_figures(&s, "failed", "", ""));
	page("quickstart", "done");
	expect("<span class=\"chip\">oversubscribed</span>");
	expect("(1 of 1 test): fewer processors");
	expect("no Open vSwitch &lt;here&gt;");
	expect("<b>Remedy:</b> apt-get install it");
	expect("No reason was recorded.");
	expect("class=\"notice bad\"");
}

static void has_nothing_to_show(void **state)
{
	page("empty", "running");
	expect("There is nothing to compare.");
	expect_not("id=\"answer\"");
	expect_not("id=\"tests\"");
	expect_not("#answer");
}

static void shows_names_as_text(void **state)
{
	struct sample s = base;

	s.switch_name = s.io = HOSTILE;
	add(sample_trial(&s, HOSTILE));
	add(measured("veth", "udp", 2e6));
	s.switch_name = "macvlan";
	add(sample_without_figures(&s, "failed", HOSTILE, HOSTILE));
	page(HOSTILE, "done");
	assert_int_equal(occurrences("<script"), 1); /* its own */
	assert_int_equal(occurrences("</script"), 1);
	expect("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;");
	expect_not("\x1b");
	expect_not("\xe2\x80\xae");
}

static void links_where_it_is_told(void **state)
{
	add(measured("veth", "udp", 2e6));
	page("quickstart", "done");
	expect_not("href=\"run.json");
	expect_not("trials.csv\"");
	html = (struct html_options){ .record_link = "java script:x\"", .beside = true };
	page("quickstart", "done");
	expect("<a href=\"./java%20script:x%22/run.json\">run.json</a>");
	expect("<a href=\"trials.csv\">");
	html = (struct html_options){ .record_link = ".." };
	page("quickstart", "done");
	expect("<a href=\"../trials.jsonl\">");
	html = (struct html_options){ 0 };
}

static void has_no_style_attributes(void **state)
{
	add(measured("veth", "udp", 2e6));
	add(measured("linux-bridge", "raw", 1e6));
	page("quickstart", "done");
	expect("default-src 'none'; style-src 'sha256-");
	expect_not(" style=\"");
	expect_not(" onclick=");
}

static void names_the_highest_rate_carried(void **state)
{
	struct sample s = base;

	s.loss_ratio = 0;
	for (s.rate = 1e5; s.rate <= 3e5; s.rate += 1e5) {
		s.switch_name = "veth";
		s.forwarded_pps = s.rate;
		add(sample_trial(&s, NULL));
		s.switch_name = "macvlan";
		s.forwarded_pps = s.rate < 2e5 ? s.rate : 1.5e5;
		add(sample_trial(&s, NULL));
	}
	page("rates", "done");
	expect("<li><b>300 kpps</b> veth</li>\n<li><b>100 kpps</b> macvlan</li>");
	expect("several keep up, and nobody is in front: rate 100k (2 of 2).");
}

static void is_the_same_each_time(void **state)
{
	char *once;

	add(measured("veth", "udp", 2e6));
	add(measured("linux-bridge", "raw", 1e6));
	once = strdup(page("quickstart", "done"));
	assert_string_equal(page("quickstart", "done"), once);
	free(once);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		TEST(answers_first), TEST(says_what_is_not_certain),
		TEST(all_carry_the_load), TEST(doubts_once),
		TEST(competes_beside_the_same_neighbour), TEST(tells_of_one_path), TEST(warns_in_place),
		TEST(has_nothing_to_show), TEST(shows_names_as_text), TEST(links_where_it_is_told),
		TEST(has_no_style_attributes),
		TEST(names_the_highest_rate_carried), TEST(is_the_same_each_time),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
