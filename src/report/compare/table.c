/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for the terminal: the answer first, then what is worse, then what is better. */
#include <errno.h>
#include <string.h>

#include "report/compare/internal.h"
#include "report/internal.h"
#include "report/report.h"
#include "report/terminal/grid.h"
#include "report/terminal/sheet.h"
#include "report/words.h"

#define DIFFERENCES_SHOWN 12

/* Columns of a group: parameters that vary, then the figures. */
struct columns {
	unsigned parameter[PARAMETER_COUNT], figure, base, new, change, interval, trials, remark;
};

static void columns_make(struct columns *columns, struct grid *grid, const struct compare_set *set, bool real)
{
	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p])
			columns->parameter[p] = grid_column(grid, parameter_table[p].name, words_unit((enum parameter_id)p),
							    parameter_table[p].kind == PARAMETER_KIND_NUMBER, 0);
	columns->figure = grid_column(grid, "figure", "", false, 0);
	columns->base = grid_column(grid, "base", "", true, 0);
	columns->new = grid_column(grid, "new", "", true, 0);
	columns->change = grid_column(grid, "change", "", true, 0);
	columns->interval = real ? grid_column(grid, "95 % CI", "", true, 2) : 0;
	columns->trials = grid_column(grid, "n", "", true, 3);
	columns->remark = grid_column(grid, "notes", "", false, 4);
}

static void row_fill(struct grid *grid, const struct columns *columns, size_t row, const struct compare_set *set,
		     const struct comparison *comparison)
{
	const struct digest_row *test = comparison->base ? comparison->base : comparison->new;
	char text[400], cell[FORMAT_MAX * 2];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (set->varies[p]) {
			words_value(test, (enum parameter_id)p, text, sizeof(text));
			grid_cell(grid, row, columns->parameter[p], text);
		}
	measure_title(comparison->figure, test->latency, text, sizeof(text));
	grid_cell(grid, row, columns->figure, text);
	measure_format(comparison->figure, comparison_spread(comparison, false)->median, cell);
	grid_cell(grid, row, columns->base, cell);
	measure_format(comparison->figure, comparison_spread(comparison, true)->median, cell);
	grid_cell(grid, row, columns->new, cell);
	measure_format_change(comparison->figure, comparison->change, cell);
	grid_cell(grid, row, columns->change, cell);
	if (columns->interval) {
		comparison_interval(comparison, cell);
		grid_cell(grid, row, columns->interval, cell);
	}
	comparison_trials(comparison, cell);
	grid_cell(grid, row, columns->trials, cell);
	comparison_remark(comparison, text, sizeof(text));
	grid_cell(grid, row, columns->remark, text);
}

static const struct {
	const char *title;
	enum style style;
} groups[VERDICT_COUNT] = {
	[VERDICT_WORSE] = { "Worse", STYLE_BAD }, [VERDICT_BETTER] = { "Better", STYLE_GOOD },
	[VERDICT_SAME] = { "No difference", STYLE_HEADING }, [VERDICT_UNPROVEN] = { "Unproven: too few trials", STYLE_WARNING },
	[VERDICT_INCOMPARABLE] = { "Not comparable", STYLE_WARNING }, [VERDICT_MISSING] = { "Missing", STYLE_WARNING },
};

/* Rows of a group that are shown; they stand together in the set, from `begin`. */
static size_t group_shown(const struct compare_set *set, size_t begin, enum verdict verdict, bool all)
{
	size_t shown = 0;

	for (size_t i = begin; i < begin + set->verdicts[verdict]; i++)
		shown += comparison_is_shown(set, &set->comparison[i], all, shown);
	return shown;
}

static void left_out_print(const struct grid *grid, const struct sheet *sheet)
{
	char names[128] = "";

	for (unsigned c = 0; c < grid->columns; c++) {
		size_t used = strlen(names);

		if (grid->column[c].left_out)
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", grid->column[c].name);
	}
	sheet_text(sheet, STYLE_FAINT, 0, 2, "no room for: %s (--width, or another --format, shows them)", names);
}

static int group_print(const struct compare_set *set, size_t begin, enum verdict verdict, bool all,
		       const struct sheet *sheet)
{
	const size_t rows = group_shown(set, begin, verdict, all), total = set->verdicts[verdict];
	const bool real = verdict <= VERDICT_SAME && set->intervals, faint = verdict > VERDICT_SAME;
	struct sheet grey = *sheet;
	struct columns columns = { 0 };
	struct grid grid = { 0 };
	unsigned left_out = 0;
	size_t row = 0;
	int rc = 0;

	if (!rows)
		return 0;
	sheet_line(sheet, groups[verdict].style, "%s (%zu)", groups[verdict].title, total);
	columns_make(&columns, &grid, set, real || (verdict == VERDICT_INCOMPARABLE && set->intervals));
	rc = grid_open(&grid, rows);
	for (size_t i = begin; i < begin + total && !rc; i++)
		if (comparison_is_shown(set, &set->comparison[i], all, row))
			row_fill(&grid, &columns, row++, set, &set->comparison[i]);
	if (!rc) {
		grey.colour = sheet->colour && !faint;
		left_out = grid_layout(&grid, &grey);
		fputs(faint ? sheet_style(sheet, STYLE_FAINT) : "", sheet->out);
		grid_print(&grid, &grey);
		fputs(faint ? sheet_style(sheet, STYLE_PLAIN) : "", sheet->out);
		if (left_out)
			left_out_print(&grid, sheet);
		if (rows < total)
			sheet_text(sheet, STYLE_FAINT, 0, 0, "and %zu more (--all lists them)", total - rows);
		sheet_gap(sheet);
	}
	grid_free(&grid);
	return rc;
}

static void differences_print(const struct compare_set *set, const struct sheet *sheet)
{
	char text[480];

	if (!set->differences)
		return;
	sheet_text(sheet, STYLE_HEADING, 0, 2, "What differs in the environment:");
	for (size_t i = 0; i < set->differences && i < DIFFERENCES_SHOWN; i++) {
		const struct compare_difference *difference = &set->difference[i];

		difference_sentence(difference, text, sizeof(text));
		sheet_text(sheet, difference->bears && !difference->across ? STYLE_WARNING : STYLE_PLAIN, 2, 4, "%s", text);
	}
	if (set->differences > DIFFERENCES_SHOWN)
		sheet_text(sheet, STYLE_FAINT, 2, 4, "and %zu more (--format json has them)",
			   set->differences - DIFFERENCES_SHOWN);
	sheet_gap(sheet);
}

static void notes_print(const struct compare_set *set, const struct compare_output *how,
			const struct sheet *sheet)
{
	char text[600];

	for (unsigned n = 0; set_note(set, how, n, text, sizeof(text)); n++)
		sheet_text(sheet, STYLE_PLAIN, 0, 2, "%s", text);
}

static int set_print(const struct compare_set *set, const struct compare_output *how, const struct sheet *sheet)
{
	size_t begin = 0;
	char text[400];
	int rc = 0;

	set_sentence(set, text, sizeof(text));
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s against %s: %s", set->new_name, set->base_name, text);
	sheet_gap(sheet);
	for (int v = 0; v < VERDICT_COUNT && !rc; begin += set->verdicts[v++])
		rc = group_print(set, begin, (enum verdict)v, how->all, sheet);
	differences_print(set, sheet);
	notes_print(set, how, sheet);
	return rc;
}

int compare_table(FILE *out, const struct compare *compare, const struct compare_output *how, struct error *err)
{
	const struct report_options *options = how->report;
	struct sheet sheet = { .out = out, .width = options->width ? options->width : 100, .colour = options->colour };
	char text[200];
	int rc = 0;

	sheet.utf8 = !options->ascii && sheet_locale_is_utf8();
	for (size_t i = 0; i < compare->count && !rc; i++) {
		if (i)
			sheet_gap(&sheet);
		rc = set_print(&compare->set[i], how, &sheet);
	}
	if (!rc && gate_sentence(compare, how, text, sizeof(text)))
		sheet_text(&sheet, compare_regressions(compare, how->fail_on) ? STYLE_BAD : STYLE_PLAIN, 0, 2, "%s", text);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : report_finish(out, err);
}
