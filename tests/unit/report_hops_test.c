/* SPDX-License-Identifier: Apache-2.0 */
/* Chains, loops and mixes of sizes in every form of report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_bench.h"

static json_t *with(json_t *trial, const char *parameter, json_t *value)
{
	json_object_set_new(json_object_get(trial, "test"), parameter, value);
	return trial;
}

/* Of 1000 packets 100 are lost before the first hop, 200 refused by the last, 50 lost behind it. */
static json_t *chained(const char *sw, int hops, double rate)
{
	struct sample s = base;
	json_t *trial, *list = json_array();

	s.switch_name = sw;
	s.rate = rate;
	s.forwarded_pps = 1e6 / hops;
	trial = with(with(sample_trial(&s, NULL), "topology", json_string("chain")), "hops", json_integer(hops));
	for (int i = 1; i <= hops; i++)
		json_array_append_new(list, json_pack("{s:i, s:i, s:i, s:i, s:f, s:f}", "hop", i, "in", 900, "refused",
						      i == hops ? 200 : 0, "lost_before", i == 1 ? 100 : 0, "busy", 1.0,
						      "packet_ns", 1000.0 + 20 * i));
	json_object_set_new(trial, "hops", list);
	json_object_set_new(json_object_get(trial, "tx"), "packets", json_integer(1000));
	json_object_set_new(json_object_get(trial, "rx"), "lost", json_integer(350));
	return trial;
}

static void shows_where_packets_are_lost(void **state)
{
	add(chained("veth", 1, 0));
	add(chained("veth", 3, 0));
	table();
	expect("Chains, hop by hop:");
	expect("1  lost %     10.0              5.00\n");
	expect("1  refused %  20.0\n");
	expect("1  ns/pkt     1020\n");
	expect("3  lost %     10.0  0.00  0.00  5.00\n");
	expect("3  refused %  0.00  0.00  20.0\n");
	expect("3  ns/pkt     1020  1040  1060\n");
	expect_width(100);
}

static void medians_are_of_ok_trials(void **state)
{
	json_t *other = with(chained("veth", 1, 0), "repeats", json_integer(2)), *first = with(chained("veth", 1, 0), "repeats",
		json_integer(2));

	json_object_set_new(json_array_get(json_object_get(other, "hops"), 0), "packet_ns", json_real(2020));
	json_object_set_new(other, "repeat", json_integer(2));
	add(first);
	add(other);
	table();
	expect("ns/pkt     1520\n");
}

/* Who polls takes a processor whatever there is to forward; a pair has no hops. */
static void says_nothing_where_there_is_nothing(void **state)
{
	json_t *paced = chained("veth", 2, 10000);

	json_object_set_new(json_object_get(paced, "rx"), "lost", json_integer(0));
	for (size_t i = 0; i < 2; i++) {
		json_t *hop = json_array_get(json_object_get(paced, "hops"), i);

		json_object_set_new(hop, "refused", json_integer(0));
		json_object_set_new(hop, "lost_before", json_integer(0));
	}
	add(paced);
	add(measured("veth", "udp", 1e6));
	table();
	expect_not("hop by hop");
	expect("pairs      max      1.000     512  1.23     12.3      457  1.50       -"); /* ns/hop */
}

/* What a record says may be of any kind. */
static void foreign_hops_do_no_harm(void **state)
{
	json_t *texts = chained("veth", 2, 0), *none = chained("ovs", 3, 0), *many = chained("macvlan", 2, 0);

	json_object_set_new(texts, "hops", json_pack("[s, i]", "<script>", 7));
	json_object_set_new(none, "hops", json_string("hops"));
	for (int i = 0; i < 40; i++)
		json_array_append_new(json_object_get(many, "hops"), json_object());
	with(many, "hops", json_integer(1000000));
	add(texts);
	add(none);
	add(many);
	table();
	expect_not("<script");
	report_text(report_markdown);
	report_text(report_csv);
}

static void markdown_and_csv_have_them(void **state)
{
	add(chained("veth", 2, 0));
	report_text(report_markdown);
	expect("<summary>Throughput of chains, hop by hop</summary>");
	expect("| the test | lost % | 10.0 | 0.00 | 5.00 |");
	expect("| the test | ns/pkt | 1020 | 1040 |  |");
	report_text(report_csv);
	expect(",hops_in,hops_refused,hops_lost_before,hops_busy,hops_packet_ns,hop_packet_ns,one_way_stddev_ns,");
	expect(",900 900,0 200,100 0,1 1,1020 1040,1030,,,1.65\r\n");
	report_text(report_summary);
	expect("hop_packet_ns,1,1,1,1030,");
}

static void the_page_has_them(void **state)
{
	struct html_options html = { 0 };
	struct error err = { 0 };
	size_t size;
	FILE *out;

	add(chained("veth", 2, 0));
	add(chained("linux-bridge", 2, 0));
	free(text);
	out = open_memstream(&text, &size);
	view.run = sample_run("chains", "done", json_incref(tests));
	assert_int_equal(report_html(out, &view, &html, &err), 0);
	fclose(out);
	expect("<h3>Throughput of chains, hop by hop</h3>");
	expect("<th scope=\"row\">linux-bridge</th><td>lost %</td><td class=\"num\" data-v=\"0.1\">10.0</td>");
	expect("cpu ns/hop");
}

/* Loops compete with loops: one processor does there what two do in pairs. */
static void loops_compete_with_loops(void **state)
{
	add(with(measured("testpmd", "dpdk", 9e6), "topology", json_string("loop")));
	add(with(measured("ovs", "dpdk", 6e6), "topology", json_string("loop")));
	add(measured("veth", "udp", 1e6));
	add(measured("linux-bridge", "udp", 8e5));
	table();
	expect("Fastest at topology loop: dpdk on testpmd");
	expect("Fastest at topology pairs: udp on veth");
}

/* A mix is told as such, and what a search finds of it in bits is of its mean frame: (7 * 60 + 4 * 566 + 1514) / 12. */
static void mixes_have_words_and_bits(void **state)
{
	struct sample s = base;
	json_t *line = with(sample_without_figures(&s, "ok", "", ""), "rate", json_string("ndr"));

	json_object_set_new(line, "kind", json_string("search"));
	json_object_set_new(line, "search", json_pack("{s:f, s:i}", "forwarded_pps", 1e6, "senders", 1));
	add(with(line, "size", json_string("imix")));
	table();
	expect("imix frames");
	expect_not("imix-byte");
	report_text(report_summary);
	expect("forwarded_bps,1,1,1,2798666666.67,");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		TEST(shows_where_packets_are_lost), TEST(medians_are_of_ok_trials),
		TEST(says_nothing_where_there_is_nothing), TEST(foreign_hops_do_no_harm),
		TEST(markdown_and_csv_have_them), TEST(the_page_has_them), TEST(loops_compete_with_loops),
		TEST(mixes_have_words_and_bits),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
