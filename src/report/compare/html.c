/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison as a page: the answer, what differs, every comparison in a sortable table, how to read it.
 */
#include <math.h>

#include "report/compare/internal.h"
#include "report/html/frame.h"
#include "report/internal.h"
#include "report/markup.h"
#include "report/words.h"

static void header_cell(FILE *out, const char *name, const char *unit, bool number)
{
	fprintf(out, "<th scope=\"col\"%s data-sort=\"%s\">%s", number ? " class=\"num\"" : "",
		number ? "number" : "text", name);
	if (*unit)
		fprintf(out, "<small>%s</small>", unit);
	fputs("</th>", out);
}

static void head_write(FILE *out, const struct compare_set *set)
{
	fputs("<thead><tr>", out);
	header_cell(out, "verdict", "", false);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p])
			header_cell(out, parameter_table[p].name, words_unit((enum parameter_id)p), false);
	header_cell(out, "figure", "", false);
	header_cell(out, "base", "", true);
	header_cell(out, "new", "", true);
	header_cell(out, "change", set->intervals ? "95 % CI" : "", true);
	header_cell(out, "n", "base, new", false);
	header_cell(out, "notes", "", false);
	fputs("</tr></thead>\n", out);
}

/* A figure to be sorted by in full precision. */
static void number_cell(FILE *out, double value, const char *text, const char *small)
{
	fputs("<td class=\"num\"", out);
	if (isfinite(value))
		fprintf(out, " data-v=\"%.15g\"", value);
	fputc('>', out);
	markup_text(out, text);
	if (*small) {
		fputs("<small>", out);
		markup_text(out, small);
		fputs("</small>", out);
	}
	fputs("</td>", out);
}

static void text_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	markup_text(out, text);
	fputs("</td>", out);
}

static void median_cell(FILE *out, const struct comparison *comparison, bool new)
{
	const struct spread *spread = comparison_spread(comparison, new);
	char text[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX], range[FORMAT_MAX * 2 + 3] = "";

	measure_format(comparison->figure, spread->median, text);
	if (spread->n > 1) {
		measure_format(comparison->figure, spread->min, low);
		measure_format(comparison->figure, spread->max, high);
		snprintf(range, sizeof(range), "%s..%s", low, high);
	}
	number_cell(out, spread->median, text, range);
}

static void row_write(FILE *out, const struct compare_set *set, const struct comparison *comparison,
		      const bool reasons[VERDICT_COUNT])
{
	const struct digest_row *test = comparison->base ? comparison->base : comparison->new;
	static const char *const marks[VERDICT_COUNT] = { "\u25bc ", "\u25b2 ", "", "", "", "" };
	const bool real = comparison->verdict <= VERDICT_BETTER;
	char text[400], cell[FORMAT_MAX * 2], change[FORMAT_MAX];

	fprintf(out, "<tr><th scope=\"row\"%s>%s%s</th>", real ? "" : " class=\"side\"",
		marks[comparison->verdict], verdict_word(comparison->verdict));
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p]) {
			words_value(test, (enum parameter_id)p, text, sizeof(text));
			text_cell(out, text);
		}
	measure_title(comparison->figure, test->latency, text, sizeof(text));
	text_cell(out, text);
	median_cell(out, comparison, false);
	median_cell(out, comparison, true);
	measure_format_change(comparison->figure, comparison->change, change);
	comparison_interval(comparison, cell);
	number_cell(out, comparison->change, change, cell);
	comparison_trials(comparison, cell);
	text_cell(out, cell);
	comparison_remark(comparison, reasons[comparison->verdict], text, sizeof(text));
	fputs("<td class=\"notes\">", out);
	markup_text(out, text);
	fputs("</td></tr>\n", out);
}

static void table_write(FILE *out, const struct compare_set *set, size_t number)
{
	bool reasons[VERDICT_COUNT];

	if (!set->count)
		return;
	if (set->count > 10)
		fprintf(out,
			"<p class=\"controls\" hidden=\"hidden\"><label>Filter "
			"<input type=\"search\" data-table=\"set-%zu\"/></label><output "
			"data-of=\"set-%zu\"></output></p>\n",
			number, number);
	fputs("<div class=\"scroller\" role=\"region\" tabindex=\"0\" aria-label=\"Comparisons\">\n", out);
	fprintf(out,
		"<table class=\"tests\" id=\"set-%zu\">\n<caption>Medians, and below them the range of the "
		"trials; the worst first.</caption>\n", number);
	head_write(out, set);
	reasons_of_rows(set, reasons);
	fputs("<tbody>\n", out);
	for (size_t i = 0; i < set->count; i++)
		row_write(out, set, &set->comparison[i], reasons);
	fputs("</tbody></table>\n</div>\n", out);
}

static void notice(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<li class=\"notice%s\">", class);
	markup_text(out, text);
	fputs("</li>\n", out);
}

static void set_write(FILE *out, const struct compare_set *set, const struct compare_output *how,
		      size_t number)
{
	char text[600];

	fprintf(out, "<section aria-labelledby=\"set-%zu-h\">\n<h2 id=\"set-%zu-h\">", number, number);
	markup_format(out, "%s against %s", set->new_name, set->base_name);
	fputs("</h2>\n<ul class=\"notices\">\n", out);
	set_sentence(set, text, sizeof(text));
	notice(out, set->test_verdicts[VERDICT_WORSE] ? " bad" : set->judged ? " good" : " warning", text);
	for (size_t i = 0; i < set->differences; i++) {
		difference_sentence(&set->difference[i], text, sizeof(text));
		notice(out, set->difference[i].bears && !set->difference[i].across ? " warning" : "", text);
	}
	fputs("</ul>\n", out);
	table_write(out, set, number);
	for (unsigned n = 0; set_note(set, how, n, text, sizeof(text)); n++) {
		fputs("<p class=\"hint\">", out);
		markup_text(out, text);
		fputs("</p>\n", out);
	}
	fputs("</section>\n", out);
}

int compare_html(FILE *out, const struct compare *compare, const struct compare_output *how,
		 struct error *err)
{
	char text[600];

	frame_open(out, "lanebench comparison", "comparison");
	fputs("<header>\n<h1>Comparison</h1>\n", out);
	if (gate_sentence(compare, how, text, sizeof(text)))
		fprintf(out, "<p class=\"lead\"><strong>%s</strong></p>\n", text);
	fputs("</header>\n<main id=\"main\">\n", out);
	for (size_t i = 0; i < compare->count; i++)
		set_write(out, &compare->set[i], how, i + 1);
	if (method_sentence(compare, text, sizeof(text)))
		fprintf(out, "<section>\n<h2>How to read it</h2>\n<p class=\"hint\">%s</p>\n</section>\n",
			text);
	fputs("</main>\n", out);
	frame_close(out, "from the records alone");
	return report_finish(out, err);
}
