/* SPDX-License-Identifier: Apache-2.0 */
/* All tests with every figure, one table a dimension: sortable and filterable where scripts run, complete without. */
#include <math.h>

#include "report/columns.h"
#include "report/html/page.h"
#include "report/markup.h"
#include "report/words.h"

/* A browser takes seconds to lay out tables of more; trials.csv has them all. */
#define ROWS_SHOWN 1000

enum form { RATE, BITS, PERCENT, TIME, NANOSECONDS, PROCESSORS, COUNT, SECONDS };

/* A figure with its interval, as a column. `side` is where it was taken. */
struct shown {
	enum form form;
	enum figure figure;
	const char *name, *side;
	bool more_is_better;
};

static const struct shown throughput_columns[] = {
	{ RATE, FIGURE_FORWARDED, "forwarded", "rx", true },
	{ BITS, FIGURE_BITS, "frames", "rx", true },
	{ PERCENT, FIGURE_LOSS, "loss", "rx", false },
	{ RATE, FIGURE_LOWER, "lower bound", "tx", true },
	{ RATE, FIGURE_UPPER, "upper bound", "tx", true },
	{ RATE, FIGURE_OFFERED, "offered", "tx", true },
	{ RATE, FIGURE_REFERENCE, "reference", "tx", true },
	{ TIME, FIGURE_P50, "one-way p50", "rx", false },
	{ TIME, FIGURE_P90, "one-way p90", "rx", false },
	{ TIME, FIGURE_P99, "one-way p99", "rx", false },
	{ TIME, FIGURE_P99_9, "one-way p99.9", "rx", false },
	{ TIME, FIGURE_P99_99, "one-way p99.99", "rx", false },
	{ TIME, FIGURE_MAX, "one-way max", "rx", false },
	{ TIME, FIGURE_MEAN, "one-way mean", "rx", false },
	{ TIME, FIGURE_DEVIATION, "std dev", "rx", false },
	{ PROCESSORS, FIGURE_BUSY, "cpu busy", "machine", false },
	{ PROCESSORS, FIGURE_PROCESSES, "cpu processes", "endpoints, switch", false },
	{ PROCESSORS, FIGURE_SWITCH, "cpu switch", "switch", false },
	{ NANOSECONDS, FIGURE_COST, "cpu ns/pkt", "machine", false },
	{ NANOSECONDS, FIGURE_HOP_COST, "cpu ns/hop", "forwarder", false },
	{ TIME, FIGURE_BIAS, "sender\u2019s own", "tx", false },
	{ COUNT, FIGURE_TRIALS, "trials of search", "tx", false },
	{ SECONDS, FIGURE_SPENT, "search took", "tx", false },
};

static const struct shown latency_columns[] = {
	{ TIME, FIGURE_P50, "round trip p50", "rx, client", false },
	{ TIME, FIGURE_P90, "p90", "rx, client", false },
	{ TIME, FIGURE_P99, "p99", "rx, client", false },
	{ TIME, FIGURE_P99_9, "p99.9", "rx, client", false },
	{ TIME, FIGURE_P99_99, "p99.99", "rx, client", false },
	{ TIME, FIGURE_MAX, "max", "rx, client", false },
	{ TIME, FIGURE_MEAN, "mean", "rx, client", false },
	{ TIME, FIGURE_DEVIATION, "std dev", "rx, client", false },
	{ RATE, FIGURE_FORWARDED, "answered", "rx, client", true },
	{ PERCENT, FIGURE_LOSS, "loss", "rx, client", false },
	{ RATE, FIGURE_OFFERED, "offered", "tx, client", true },
	{ RATE, FIGURE_REFERENCE, "reference", "tx, client", true },
	{ PROCESSORS, FIGURE_BUSY, "cpu busy", "machine", false },
	{ PROCESSORS, FIGURE_SWITCH, "cpu switch", "switch", false },
	{ NANOSECONDS, FIGURE_COST, "cpu ns/pkt", "machine", false },
	{ TIME, FIGURE_BIAS, "client\u2019s own", "tx, client", false },
};

/* A table on its way out. */
struct tests {
	const struct page *page;
	const struct results *part;
	const struct shown *columns;
	size_t count;
};

static const char *column_unit(const struct tests *tests, const struct shown *column)
{
	switch (column->form) {
	case RATE:        return tests->part->packets.name;
	case BITS:        return tests->part->bits.name;
	case PERCENT:     return "%";
	case TIME:        return "\u00b5s";
	case NANOSECONDS: return "ns";
	case PROCESSORS:  return "processors";
	case SECONDS:     return "s";
	case COUNT:       break;
	}
	return "";
}

static void value_format(const struct tests *tests, const struct shown *column, double value, char text[FORMAT_MAX])
{
	switch (column->form) {
	case RATE:        format_in_unit(text, value, &tests->part->packets); break;
	case BITS:        format_in_unit(text, value, &tests->part->bits); break;
	case PERCENT:     format_percent(text, value); break;
	case TIME:        format_microseconds(text, value); break;
	case NANOSECONDS: format_number(text, value, value < 100 ? 1 : 0); break;
	case PROCESSORS:  format_number(text, value, 2); break;
	case COUNT:       format_number(text, value, 0); break;
	case SECONDS:     format_number(text, value, 1); break;
	}
}

/* ---- head ----------------------------------------------------------------------------------------------- */

static bool parameter_is_number(enum parameter_id id)
{
	return parameter_table[id].kind != PARAMETER_KIND_CHOICE && parameter_table[id].kind != PARAMETER_KIND_NAME &&
	       parameter_table[id].kind != PARAMETER_KIND_PROCESSORS;
}

static void head_write(const struct tests *tests)
{
	FILE *out = tests->page->out;

	fputs("<thead><tr>", out);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (tests->part->varies[p])
			fprintf(out, "<th scope=\"col\" data-sort=\"%s\"%s>%s<small>%s</small></th>",
				parameter_is_number((enum parameter_id)p) ? "number" : "text",
				parameter_is_number((enum parameter_id)p) ? " class=\"num\"" : "",
				parameter_table[p].name, words_unit((enum parameter_id)p));
	for (size_t c = 0; c < tests->count; c++) {
		const struct shown *column = &tests->columns[c];

		if (tests->part->any[column->figure])
			fprintf(out, "<th scope=\"col\" class=\"num\" data-sort=\"number\"%s>%s<small>%s "
				"<span class=\"side\">%s</span></small></th>", column->more_is_better ?
				" data-first=\"descending\"" : "", column->name, column_unit(tests, column),
				column->side);
		if (c == 0)
			fputs("<th scope=\"col\" class=\"num\" data-sort=\"number\">n<small>interval</small></th>"
			      "<th scope=\"col\" data-sort=\"text\">notes<small>explained below</small></th>", out);
		if (c == 0 && tests->part->searches)
			fputs("<th scope=\"col\" data-sort=\"text\">answer<small>of the search</small></th>", out);
	}
	fputs("</tr></thead>\n", out);
}

/* ---- rows ----------------------------------------------------------------------------------------------- */

static void parameters_write(const struct tests *tests, const struct digest_row *row)
{
	FILE *out = tests->page->out;
	bool first = true;
	char text[64];

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		const bool number = parameter_is_number((enum parameter_id)p);

		if (!tests->part->varies[p])
			continue;
		words_value(row, (enum parameter_id)p, text, sizeof(text));
		fprintf(out, first ? "<th scope=\"row\"%s" : "<td%s", number ? " class=\"num\"" : "");
		/* "max" is more than any rate; a search or a share of something sorts behind */
		if (number && !row->unused[p] && row->value[p].number > RATE_PLAN)
			fprintf(out, " data-v=\"%.15g\"", p == PARAMETER_RATE && row->value[p].number == RATE_MAX ?
				1e15 : row->value[p].number);
		fputs(">", out);
		markup_text(out, text);
		fputs(first ? "</th>" : "</td>", out);
		first = false;
	}
	if (first) /* the one test */
		fputs("<th scope=\"row\">the test</th>", out);
}

static void figure_write(const struct tests *tests, const struct shown *column, const struct digest_row *row, bool won,
			 bool certain)
{
	const struct spread *spread = &row->figure[column->figure];
	FILE *out = tests->page->out;
	char text[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

	fprintf(out, "<td class=\"num%s\"", won ? " best" : "");
	value_attribute(tests->page, spread->median);
	if (!isfinite(spread->median)) {
		fputs(">\u2013</td>", out);
		return;
	}
	fputs(">", out);
	if (won)
		winner_mark(tests->page, certain);
	value_format(tests, column, spread->median, text);
	fputs(*text == '<' ? "&lt;" : "", out); /* format_percent */
	fputs(*text == '<' ? text + 1 : text, out);
	if (spread->low < spread->high) {
		value_format(tests, column, spread->low, low);
		value_format(tests, column, spread->high, high);
		fputs("<small>", out);
		markup_format(out, "%s\u2013%s", low, high);
		fputs("</small>", out);
	}
	fputs("</td>", out);
}

/* The contests that a figure decides, NULL if none does. */
static const struct contests *figure_contests(const struct tests *tests, enum figure figure)
{
	for (int m = 0; m < MERITS; m++) {
		const enum merit merit = (enum merit)m;

		if (merit_figure(merit) == figure && merit_part(tests->page, merit) == tests->part)
			return merit_contests(tests->page, merit);
	}
	return NULL;
}

/* How many trials the figures are of, what their intervals are, and what is to be said of them. */
static void trials_write(const struct tests *tests, const struct digest_row *row, const struct spread *spread)
{
	FILE *out = tests->page->out;

	fprintf(out, "<td class=\"num\" data-v=\"%zu\">%zu", row->ok, row->ok);
	if (row->ok < row->planned)
		fprintf(out, " of %u", row->planned);
	if (*spread_kind(spread))
		fprintf(out, "<small>%s</small>", spread_kind(spread));
	fputs("</td><td class=\"notes\">", out);
	remark_chips(tests->page, row);
	fputs("</td>", out);
	if (tests->part->searches)
		fprintf(out, "<td>%s</td>", search_answer(row));
}

static void row_write(const struct tests *tests, size_t r)
{
	const struct results *part = tests->part;
	const struct digest_row *row = part->rows[r];
	FILE *out = tests->page->out;

	fputs("<tr>", out);
	parameters_write(tests, row);
	for (size_t c = 0; c < tests->count; c++) {
		const struct contests *contests = figure_contests(tests, tests->columns[c].figure);
		const bool won = contests && contests_won_by(contests, part->rows, r);

		if (part->any[tests->columns[c].figure])
			figure_write(tests, &tests->columns[c], row, won,
				     won && contests->contest[contests->of_row[r]].certain);
		if (c == 0)
			trials_write(tests, row, &row->figure[tests->columns[c].figure]);
	}
	fputs("</tr>\n", out);
}

static void tests_write(const struct tests *tests, const char *id)
{
	const size_t shown = tests->part->count < ROWS_SHOWN ? tests->part->count : ROWS_SHOWN;
	const char *name = tests->part->latency ? "Latency" : "Throughput";
	FILE *out = tests->page->out;

	fprintf(out, "<h3>%s</h3>\n<p class=\"controls\" hidden=\"\"><label>Filter "
		"<input type=\"search\" data-table=\"%s\" placeholder=\"words that a test has\"/></label> "
		"<output data-of=\"%s\"></output></p>\n", name, id, id);
	scroller_open(tests->page, tests->part->latency ? "All latency tests" : "All throughput tests");
	fprintf(out, "<table class=\"tests\" id=\"%s\">\n<caption>%s: median of each test\u2019s trials, below it the "
		"interval.</caption>\n", id, name);
	head_write(tests);
	fputs("<tbody>\n", out);
	for (size_t r = 0; r < shown; r++)
		row_write(tests, r);
	fputs("</tbody>\n</table>\n", out);
	scroller_close(tests->page);
	if (shown < tests->part->count)
		paragraph(tests->page, "hint", "The first %zu of %zu tests, in the order of the suite, so that a browser "
			  "keeps up. All are in the CSV (lanebench report --format summary, or csv for each trial).", shown,
			  tests->part->count);
}

int page_tables(const struct page *page)
{
	const struct tests throughput = { page, &page->part[0], throughput_columns,
					  sizeof(throughput_columns) / sizeof(*throughput_columns) };
	const struct tests latency = { page, &page->part[1], latency_columns,
				       sizeof(latency_columns) / sizeof(*latency_columns) };

	int rc = 0;

	if (!throughput.part->count && !latency.part->count)
		return 0;
	section_open(page, "tests", "All tests");
	if (throughput.part->count)
		tests_write(&throughput, "throughput");
	if (latency.part->count)
		tests_write(&latency, "latency");
	for (int part = 0; part < 2 && !rc; part++)
		rc = page_hops(page, &page->part[part]);
	section_close(page);
	return rc;
}
