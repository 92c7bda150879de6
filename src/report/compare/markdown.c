/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for an issue or a pull request. */
#include "report/compare/internal.h"
#include "report/export/markdown_text.h"
#include "report/internal.h"
#include "report/words.h"

static void head_write(FILE *out, const struct compare_set *set)
{
	unsigned columns = 7;

	fputs("| verdict |", out);
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p]) {
			fprintf(out, " %s |", parameter_table[p].name);
			columns++;
		}
	fputs(" figure | base | new | change | 95 % CI | n | notes |\n|", out);
	for (unsigned c = 0; c <= columns; c++)
		fputs(" --- |", out);
	fputc('\n', out);
}

static void cell(FILE *out, const char *text)
{
	fputc(' ', out);
	markdown_text(out, text);
	fputs(" |", out);
}

static void row_write(FILE *out, const struct compare_set *set, const struct comparison *comparison,
		      const bool reasons[VERDICT_COUNT])
{
	const struct digest_row *test = comparison->base ? comparison->base : comparison->new;
	const bool real = comparison->verdict <= VERDICT_BETTER;
	char text[400], figure[FORMAT_MAX * 2];

	fprintf(out, "| %s%s%s |", real ? "**" : "", verdict_word(comparison->verdict), real ? "**" : "");
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p]) {
			words_value(test, (enum parameter_id)p, text, sizeof(text));
			cell(out, text);
		}
	measure_title(comparison->figure, test->latency, text, sizeof(text));
	cell(out, text);
	/* Figures are ours: a sign in front of them is no list in a cell. */
	measure_format(comparison->figure, comparison_spread(comparison, false)->median, figure);
	fprintf(out, " %s |", figure);
	measure_format(comparison->figure, comparison_spread(comparison, true)->median, figure);
	fprintf(out, " %s |", figure);
	measure_format_change(comparison->figure, comparison->change, figure);
	fprintf(out, " %s |", figure);
	comparison_interval(comparison, figure);
	fprintf(out, " %s |", figure);
	comparison_trials(comparison, figure);
	fprintf(out, " %s |", figure);
	comparison_remark(comparison, reasons[comparison->verdict], text, sizeof(text));
	cell(out, text);
	fputc('\n', out);
}

static void rows_write(FILE *out, const struct compare_set *set, bool all)
{
	size_t shown[VERDICT_COUNT] = { 0 }, rows = 0;
	bool reasons[VERDICT_COUNT];

	reasons_of_rows(set, reasons);
	for (size_t i = 0; i < set->count; i++) {
		const struct comparison *comparison = &set->comparison[i];

		if (!comparison_is_shown(set, comparison, all, shown[comparison->verdict]))
			continue;
		shown[comparison->verdict]++;
		if (rows++ == 0)
			head_write(out, set);
		row_write(out, set, comparison, reasons);
	}
	if (rows)
		fputc('\n', out);
	if (rows && rows < set->count)
		fprintf(out, "%zu more comparisons are not listed.\n\n", set->count - rows);
}

static void set_write(FILE *out, const struct compare_set *set, const struct compare_output *how)
{
	char text[600];

	fputs("### ", out);
	markdown_text(out, set->new_name);
	fputs(" against ", out);
	markdown_text(out, set->base_name);
	set_sentence(set, text, sizeof(text));
	fprintf(out, "\n\n**%s**\n\n", text);
	rows_write(out, set, how->all);
	for (size_t i = 0; i < set->differences; i++) {
		difference_sentence(&set->difference[i], text, sizeof(text));
		fputs(i ? "* " : "What differs in the environment:\n\n* ", out);
		markdown_text(out, text);
		fputs(i + 1 < set->differences ? "\n" : "\n\n", out);
	}
	for (unsigned n = 0; set_note(set, how, n, text, sizeof(text)); n++) {
		fputs("* ", out);
		markdown_text(out, text);
		fputc('\n', out);
	}
	fputc('\n', out);
}

int compare_markdown(FILE *out, const struct compare *compare, const struct compare_output *how,
		     struct error *err)
{
	char text[600];

	for (size_t i = 0; i < compare->count; i++)
		set_write(out, &compare->set[i], how);
	if (method_sentence(compare, text, sizeof(text)))
		fprintf(out, "%s\n\n", text);
	if (gate_sentence(compare, how, text, sizeof(text)))
		fprintf(out, "**%s**\n", text);
	return report_finish(out, err);
}
