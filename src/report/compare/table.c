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

/* A group of comparisons with the same verdict; they stand together in the set. */
struct group {
	const struct compare_set *set;
	enum verdict verdict;
	size_t begin, total, shown;
	bool figures;    /* more than one kind of figure: a column */
	bool reasons;    /* they differ, so each row has its own */
	bool intervals;  /* some row has one */
	bool remarks;    /* some row has any */
	struct columns {
		unsigned parameter[PARAMETER_COUNT], figure, base, new, change, interval, trials, remark;
	} column;
};

static const struct digest_row *test_of(const struct comparison *comparison)
{
	return comparison->base ? comparison->base : comparison->new;
}

static void group_survey(struct group *group, bool all)
{
	const struct comparison *first = &group->set->comparison[group->begin];
	char text[400];

	group->reasons = group->verdict <= VERDICT_SAME || !reason_is_shared(group->set, group->verdict);
	for (size_t i = 0; i < group->total; i++) {
		const struct comparison *comparison = first + i;

		group->figures |= comparison->figure != first->figure ||
				  test_of(comparison)->latency != test_of(first)->latency;
		if (!comparison_is_shown(group->set, comparison, all, group->shown))
			continue;
		group->shown++;
		comparison_remark(comparison, group->reasons, text, sizeof(text));
		group->remarks |= *text != 0;
		group->intervals |= comparison->has_interval;
	}
}

static void columns_make(struct group *group, struct grid *grid)
{
	struct columns *columns = &group->column;

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (group->set->varies[p])
			columns->parameter[p] = grid_column(
				grid, parameter_table[p].name, words_unit((enum parameter_id)p),
				words_is_number((enum parameter_id)p), 0);
	if (group->figures)
		columns->figure = grid_column(grid, "figure", "", false, 0);
	columns->base = grid_column(grid, "base", "", true, 0);
	columns->new = grid_column(grid, "new", "", true, 0);
	columns->change = grid_column(grid, "change", "", true, 0);
	if (group->intervals)
		columns->interval = grid_column(grid, "95 % CI", "", true, 2);
	columns->trials = grid_column(grid, "n", "", true, 4);
	if (group->remarks)
		columns->remark = grid_column(grid, "notes", "", false, 3);
}

static void row_fill(struct grid *grid, const struct group *group, size_t row,
		     const struct comparison *comparison)
{
	const struct columns *columns = &group->column;
	char text[400], cell[FORMAT_MAX * 2];

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (group->set->varies[p]) {
			words_value(test_of(comparison), (enum parameter_id)p, text, sizeof(text));
			grid_cell(grid, row, columns->parameter[p], text);
		}
	measure_title(comparison->figure, test_of(comparison)->latency, text, sizeof(text));
	if (group->figures)
		grid_cell(grid, row, columns->figure, text);
	measure_format(comparison->figure, comparison_spread(comparison, false)->median, cell);
	grid_cell(grid, row, columns->base, cell);
	measure_format(comparison->figure, comparison_spread(comparison, true)->median, cell);
	grid_cell(grid, row, columns->new, cell);
	measure_format_change(comparison->figure, comparison->change, cell);
	grid_cell(grid, row, columns->change, cell);
	comparison_interval(comparison, cell);
	if (group->intervals)
		grid_cell(grid, row, columns->interval, cell);
	comparison_trials(comparison, cell);
	grid_cell(grid, row, columns->trials, cell);
	comparison_remark(comparison, group->reasons, text, sizeof(text));
	if (group->remarks)
		grid_cell(grid, row, columns->remark, text);
}

static const struct {
	const char *title;
	enum style style;
} groups[VERDICT_COUNT] = {
	[VERDICT_WORSE] = { "Worse", STYLE_BAD },
	[VERDICT_BETTER] = { "Better", STYLE_GOOD },
	[VERDICT_SAME] = { "No difference", STYLE_HEADING },
	[VERDICT_UNPROVEN] = { "Unproven: too few trials", STYLE_WARNING },
	[VERDICT_INCOMPARABLE] = { "Not comparable", STYLE_WARNING },
	[VERDICT_MISSING] = { "Missing", STYLE_WARNING },
};

static void left_out_print(const struct grid *grid, const struct sheet *sheet)
{
	char names[128] = "";

	for (unsigned c = 0; c < grid->columns; c++) {
		size_t used = strlen(names);

		if (grid->column[c].left_out)
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
				 grid->column[c].name);
	}
	sheet_text(sheet, STYLE_FAINT, 0, 2, "no room for: %s (--width, or another --format, shows them)",
		   names);
}

static void group_heading(const struct group *group, const struct sheet *sheet)
{
	const struct comparison *first = &group->set->comparison[group->begin];
	char title[64];

	measure_title(first->figure, test_of(first)->latency, title, sizeof(title));
	sheet_line(sheet, groups[group->verdict].style, "%s: %zu%s%s", groups[group->verdict].title,
		   group->total, group->figures ? "" : ", ", group->figures ? "" : title);
}

static int group_print(struct group *group, bool all, const struct sheet *sheet)
{
	const struct comparison *first = &group->set->comparison[group->begin];
	const bool faint = group->verdict > VERDICT_SAME;
	struct sheet grey = *sheet;
	struct grid grid = { 0 };
	unsigned left_out;
	int rc;

	columns_make(group, &grid);
	rc = grid_open(&grid, group->shown);
	if (rc)
		goto out;
	for (size_t i = 0, row = 0; i < group->total; i++)
		if (comparison_is_shown(group->set, first + i, all, row))
			row_fill(&grid, group, row++, first + i);
	group_heading(group, sheet);
	grey.colour = sheet->colour && !faint;
	left_out = grid_layout(&grid, &grey);
	fputs(faint ? sheet_style(sheet, STYLE_FAINT) : "", sheet->out);
	grid_print(&grid, &grey);
	fputs(faint ? sheet_style(sheet, STYLE_PLAIN) : "", sheet->out);
	if (left_out)
		left_out_print(&grid, sheet);
	if (group->shown < group->total)
		sheet_text(sheet, STYLE_FAINT, 0, 0, "and %zu more (--all lists them)",
			   group->total - group->shown);
	sheet_gap(sheet);
out:
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
		sheet_text(sheet, difference->bears && !difference->across ? STYLE_WARNING : STYLE_PLAIN, 2,
			   4, "%s", text);
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

static int set_print(const struct compare_set *set, const struct compare_output *how,
		     const struct sheet *sheet)
{
	size_t begin = 0;
	char text[400];
	int rc = 0;

	set_sentence(set, text, sizeof(text));
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s against %s: %s", set->new_name, set->base_name, text);
	sheet_gap(sheet);
	for (int v = 0; v < VERDICT_COUNT && !rc; begin += set->verdicts[v++]) {
		struct group group = {
			.set = set, .verdict = (enum verdict)v, .begin = begin, .total = set->verdicts[v]
		};

		if (group.total)
			group_survey(&group, how->all);
		if (group.shown)
			rc = group_print(&group, how->all, sheet);
	}
	differences_print(set, sheet);
	notes_print(set, how, sheet);
	return rc;
}

int compare_table(FILE *out, const struct compare *compare, const struct compare_output *how,
		  struct error *err)
{
	const struct report_options *options = how->report;
	struct sheet sheet = { .out = out,
			       .colour = options->colour,
			       .width = options->width ? options->width : 100 };
	char text[600];
	int rc = 0;

	sheet.utf8 = !options->ascii && sheet_locale_is_utf8();
	for (size_t i = 0; i < compare->count && !rc; i++) {
		if (i)
			sheet_gap(&sheet);
		rc = set_print(&compare->set[i], how, &sheet);
	}
	if (!rc && method_sentence(compare, text, sizeof(text)))
		sheet_text(&sheet, STYLE_PLAIN, 0, 2, "%s", text);
	if (!rc && gate_sentence(compare, how, text, sizeof(text)))
		sheet_text(&sheet, compare_regressions(compare, how->fail_on) ? STYLE_BAD : STYLE_PLAIN, 0, 2,
			   "%s", text);
	return rc ? error_set(err, ENOMEM, NULL, "out of memory") : report_finish(out, err);
}
