/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/section.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/format.h"
#include "report/terminal/grid.h"
#include "report/terminal/notes.h"
#include "report/words.h"

#define BAR_COLUMNS 10

struct section {
	const struct digest_row **rows;
	size_t count;
	bool latency, repeated;
	bool spread;               /* the trials of one MRR differ */
	bool intervals, ranges;    /* some repeated rows have a confidence interval, some too few trials */
	double coverage;           /* the least of those intervals */
	bool searches;             /* some rows are answers of a search for ndr or pdr */
	bool varies[PARAMETER_COUNT];
	double largest[FIGURE_COUNT];
	bool any[FIGURE_COUNT];    /* some row has it */
	struct unit packets, bits;
	struct remarks remarks;
	struct contests contests;
};

/* Columns of figures, in order. What is left out first where there is no room has the highest number. */
enum column_kind {
	TRIALS, RATE, RATE_RANGE, BOUNDS, ANSWER, COUNT, BITS, LOSS, TIME, TIME_RANGE, BUSY, BAR, NOTES
};

struct column {
	enum column_kind kind;
	enum figure figure;
	const char *name, *unit;
	int leave_out;
	/* WITH_FIGURE: where some test has it */
	enum { ALWAYS, WITH_REPEATS, WITH_FIGURE, WITH_BOUNDS } when;
};

static const struct column throughput_columns[] = {
	{ RATE, FIGURE_OFFERED, "offered", NULL, 0, WITH_FIGURE },
	{ RATE, FIGURE_REFERENCE, "reference", NULL, 5, WITH_FIGURE },
	{ RATE, FIGURE_FORWARDED, "forwarded", NULL, 0, ALWAYS },
	{ RATE_RANGE, FIGURE_FORWARDED, "min..max", NULL, 3, WITH_REPEATS },
	{ TRIALS, FIGURE_COUNT, "n", "", 5, WITH_REPEATS },
	{ BOUNDS, FIGURE_LOWER, "lower..upper", NULL, 1, WITH_BOUNDS },
	{ ANSWER, FIGURE_COUNT, "answer", "", 0, WITH_BOUNDS },
	{ COUNT, FIGURE_TRIALS, "search", "trials", 4, WITH_FIGURE },
	{ COUNT, FIGURE_SPENT, "", "s", 5, WITH_FIGURE },
	{ BITS, FIGURE_BITS, "frames", NULL, 6, ALWAYS },
	{ LOSS, FIGURE_LOSS, "loss", "%", 0, WITH_FIGURE },
	{ TIME, FIGURE_P50, "one-way", "p50 us", 4, WITH_FIGURE },
	{ TIME, FIGURE_P99, "latency", "p99 us", 2, WITH_FIGURE },
	{ BUSY, FIGURE_BUSY, "cpu", "busy", 5, WITH_FIGURE },
	{ BUSY, FIGURE_SWITCH, "", "switch", 5, WITH_FIGURE },
	{ COUNT, FIGURE_COST, "", "ns/pkt", 6, WITH_FIGURE },
	{ BAR, FIGURE_FORWARDED, "", "", 7, ALWAYS },
	{ NOTES, FIGURE_COUNT, "notes", "", 0, ALWAYS },
};

static const struct column latency_columns[] = {
	{ RATE, FIGURE_OFFERED, "offered", NULL, 1, WITH_FIGURE },
	{ RATE, FIGURE_REFERENCE, "reference", NULL, 7, WITH_FIGURE },
	{ TIME, FIGURE_P50, "round trip", "p50 us", 0, ALWAYS },
	{ TIME_RANGE, FIGURE_P50, "min..max", "of p50", 3, WITH_REPEATS },
	{ TRIALS, FIGURE_COUNT, "n", "", 5, WITH_REPEATS },
	{ TIME, FIGURE_P90, "", "p90 us", 6, ALWAYS },
	{ TIME, FIGURE_P99, "", "p99 us", 0, ALWAYS },
	{ TIME, FIGURE_P99_9, "", "p99.9 us", 5, ALWAYS },
	{ TIME, FIGURE_P99_99, "", "p99.99 us", 5, ALWAYS },
	{ TIME, FIGURE_MAX, "", "max us", 2, ALWAYS },
	{ RATE, FIGURE_FORWARDED, "answered", NULL, 6, ALWAYS },
	{ LOSS, FIGURE_LOSS, "loss", "%", 0, ALWAYS },
	{ BUSY, FIGURE_BUSY, "cpu", "busy", 4, ALWAYS },
	{ BUSY, FIGURE_SWITCH, "", "switch", 4, WITH_FIGURE },
	{ NOTES, FIGURE_COUNT, "notes", "", 0, ALWAYS },
};

/* value / best as a bar: eighths of blocks where the terminal has them. */
static void bar_format(char *text, size_t size, double share, bool utf8)
{
	static const char *const eighths[] = { "",       "\u258f", "\u258e", "\u258d",
					       "\u258c", "\u258b", "\u258a", "\u2589" };
	int parts = isfinite(share) && share > 0 ? (int)lround(share * BAR_COLUMNS * 8) : 0, used = 0;

	parts = parts > BAR_COLUMNS * 8 ? BAR_COLUMNS * 8 : parts;
	*text = 0;
	for (; parts >= 8; parts -= 8)
		used += snprintf(text + used, size - (size_t)used, "%s", utf8 ? "\u2588" : "#");
	if (utf8)
		snprintf(text + used, size - (size_t)used, "%s", eighths[parts]);
	else if (parts >= 4)
		snprintf(text + used, size - (size_t)used, "#");
}

static bool section_shows(const struct section *section, const struct column *column)
{
	return column->when == WITH_REPEATS ? section->repeated || section->spread :
	       column->when == WITH_BOUNDS ? section->searches :
	       column->when == WITH_FIGURE ? section->any[column->figure] : true;
}

static void range_format(char *text, size_t size, const char *min, const char *max)
{
	snprintf(text, size, "%s..%s", min, max);
}

/* What the search of a row came to, in two words; of several repeats the worst. "" where there was none. */
static const char *row_answer(const struct digest_row *row)
{
	static const struct { const char *status, *words; } answers[] = {
		{ "found", "found" }, { "at_max", "highest load passes" }, { "at_min", "loss at every rate" },
	};
	size_t worst = 0, known = 0;

	for (size_t i = 0; i < row->count; i++)
		for (size_t a = 0; a < sizeof(answers) / sizeof(*answers); a++) {
			if (strcmp(trial_text(row->trials[i], "search.goal.status"), answers[a].status) != 0)
				continue;
			known++;
			worst = a > worst ? a : worst;
		}
	return known ? answers[worst].words : "";
}

/* How many trials the figures are of; and how many there should be, if some are missing, void or failed. */
static void trials_format(const struct digest_row *row, char *text, size_t size)
{
	snprintf(text, size, row->ok < row->planned ? "%zu/%u" : "%zu", row->ok, row->planned);
}

static void cell_format(struct section *section, const struct digest_row *row, const struct column *column,
			bool utf8, char text[128])
{
	const struct spread none = { .median = NAN };
	const struct spread *s = column->figure < FIGURE_COUNT ? &row->figure[column->figure] : &none;
	char a[FORMAT_MAX] = "", b[FORMAT_MAX] = "";

	switch (column->kind) {
	case TRIALS:
		trials_format(row, text, 128);
		return;
	case RATE:
		format_in_unit(a, s->median, &section->packets);
		break;
	case RATE_RANGE:
		format_in_unit(a, s->low, &section->packets);
		format_in_unit(b, s->high, &section->packets);
		break;
	case BOUNDS:
		format_in_unit(a, s->median, &section->packets);
		format_in_unit(b, row->figure[FIGURE_UPPER].median, &section->packets);
		break;
	case ANSWER:
		snprintf(text, 128, "%s", row_answer(row));
		return;
	case COUNT:
		format_number(a, s->median, 0);
		break;
	case BITS:
		format_in_unit(a, s->median, &section->bits);
		break;
	case LOSS:
		format_percent(a, s->median);
		break;
	case TIME:
		format_microseconds(a, s->median);
		break;
	case TIME_RANGE:
		format_microseconds(a, s->low);
		format_microseconds(b, s->high);
		break;
	case BUSY:
		format_number(a, s->median, 2);
		break;
	case BAR:
		bar_format(text, 128, s->median / section->largest[column->figure], utf8);
		return;
	case NOTES:
		remarks_of_row(&section->remarks, row, a);
		break;
	}
	if (column->kind == BOUNDS && !*row_answer(row))
		*text = 0;
	else if (column->when == WITH_REPEATS || column->kind == BOUNDS)
		range_format(text, 128, a, b);
	else
		snprintf(text, 128, "%s", a);
}

static const char *column_name(const struct section *section, const struct column *column)
{
	if ((column->kind != RATE_RANGE && column->kind != TIME_RANGE) || !section->intervals)
		return column->name;
	return section->ranges ? "interval" : "95 % CI";
}

static const char *column_unit(const struct section *section, const struct column *column)
{
	if (column->unit)
		return column->unit;
	return column->kind == BITS ? section->bits.name : section->packets.name;
}

static void grid_fill_parameters(struct grid *grid, const struct section *section)
{
	unsigned column = 0;
	char text[64];

	for (int p = 0; p < PARAMETER_COUNT; p++) {
		if (!section->varies[p])
			continue;
		for (size_t r = 0; r < section->count; r++) {
			words_value(section->rows[r], (enum parameter_id)p, text, sizeof(text));
			grid_cell(grid, r, column, text);
		}
		column++;
	}
}

/* The columns: parameters that vary, then figures. Returns the number of the first figure. */
static unsigned grid_head(struct grid *grid, const struct section *section, const struct column *columns,
			  size_t count)
{
	unsigned first;

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (section->varies[p])
			grid_column(grid, parameter_table[p].name, words_unit((enum parameter_id)p),
				    parameter_table[p].kind == PARAMETER_KIND_NUMBER ||
				    parameter_table[p].kind == PARAMETER_KIND_RATE, 0);
	first = grid->columns;
	for (size_t c = 0; c < count; c++)
		if (section_shows(section, &columns[c]))
			grid_column(grid, column_name(section, &columns[c]),
				    column_unit(section, &columns[c]), columns[c].kind != BAR &&
				    columns[c].kind != NOTES, columns[c].leave_out);
	return first;
}

/* Columns without which the others are complete in themselves. */
static void section_left_out(const struct grid *grid, const struct sheet *sheet)
{
	char list[256] = "";

	for (unsigned c = 0; c < grid->columns; c++) {
		size_t used = strlen(list);

		if (grid->column[c].left_out && *grid->column[c].name)
			snprintf(list + used, sizeof(list) - used, "%s%s %s", used ? ", " : "",
				 grid->column[c].name, grid->column[c].unit);
	}
	if (*list)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "Left out for want of room: %s (--format csv has them all).", list);
}

static int section_table(struct section *section, const struct column *columns, size_t count,
			 const struct sheet *sheet)
{
	struct grid grid = { 0 };
	char text[128];
	unsigned first = grid_head(&grid, section, columns, count);

	if (grid_open(&grid, section->count) != 0) {
		grid_free(&grid);
		return -ENOMEM;
	}
	grid_fill_parameters(&grid, section);
	for (size_t r = 0; r < section->count; r++) {
		unsigned cell = first;

		for (size_t c = 0; c < count; c++) {
			if (!section_shows(section, &columns[c]))
				continue;
			cell_format(section, section->rows[r], &columns[c], sheet->utf8, text);
			grid_cell(&grid, r, cell++, text);
		}
	}
	for (size_t r = 0; r < section->count; r++)
		grid.highlight[r] = contests_won_by(&section->contests, section->rows, r);
	if (grid_print(&grid, sheet))
		section_left_out(&grid, sheet);
	grid_free(&grid);
	return 0;
}

static void section_intro(const struct section *section, const struct sheet *sheet)
{
	char compared[2048], shared[512];

	words_compared(section->rows, section->count, section->varies, compared, sizeof(compared));
	words_shared(section->rows, section->count, section->varies, shared, sizeof(shared));
	sheet_text(sheet, STYLE_HEADING, 0, 2, "%s of %s.", section->latency ? "Latency" : "Throughput",
		   *compared ? compared : "one test");
	sheet_text(sheet, STYLE_PLAIN, 0, 2, "%s: %s.", *compared ? "The same for all" : "The test", shared);
	sheet_gap(sheet);
}

/* What the tool itself adds to each latency: measured in every trial, without a switch. */
static void section_legend_bias(const struct section *section, const struct sheet *sheet)
{
	double least = INFINITY;
	char low[FORMAT_MAX], high[FORMAT_MAX];

	if (!section->any[FIGURE_BIAS])
		return;
	for (size_t r = 0; r < section->count; r++)
		least = fmin(least, section->rows[r]->figure[FIGURE_BIAS].median);
	format_microseconds(low, least);
	format_microseconds(high, section->largest[FIGURE_BIAS]);
	sheet_text(sheet, STYLE_FAINT, 2, 4,
		   "Of each latency the tool itself is %s%s%s us: a burst is made and handed over after its "
		   "departure is due; measured in each trial, with nothing sent (tx.bias_ns).", low,
		   strcmp(low, high) ? " to " : "", strcmp(low, high) ? high : "");
}

/* What the words of searches, shares and sweeps mean, where there are any. */
static void section_legend_loads(const struct section *section, const struct sheet *sheet)
{
	if (section->searches)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "ndr, pdr: forwarded is the conditional throughput (RFC 9971) at the lower bound; "
			   "lower..upper: the loads that passed and did not pass, all senders together; "
			   "answer: found, if they are no further apart than the search was asked for.");
	if (section->any[FIGURE_OFFERED])
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "offered: what the senders really handed to their ports, where the load "
			   "is a share or a point of a sweep%s.", section->any[FIGURE_REFERENCE] ?
			   "; reference: what it is a share of" : "");
}

static void section_legend_statistics(const struct section *section, const struct sheet *sheet)
{
	if (!section->repeated)
		return;
	sheet_text(sheet, STYLE_FAINT, 2, 4, "Each figure is the median of the test's n trials, each on a "
		   "testbed that was brought up anew.");
	if (section->intervals)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "%s: confidence interval of the median by order statistics, for trials of any "
			   "distribution; it covers the median of many more such trials with a probability "
			   "of %.1f %% or more%s.", section->ranges ? "interval" : "95 % CI",
			   section->coverage * 100, section->ranges ?
			   "; of fewer than 6 trials there is none, and min..max stands for it" : "");
}

static void section_legend(const struct section *section, int processors, const struct sheet *sheet)
{
	char of[64] = "";

	if (processors > 0)
		snprintf(of, sizeof(of), ", of %d usable", processors);
	if (section->latency)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "round trip: from the client's scheduled departure to the server and back to the "
			   "client; answered: packets that came back, per second; loss: those that did not.");
	else
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "forwarded: packets that reached the receivers, per second; frames: the same in "
			   "bits, without FCS; loss: packets sent and not received; one-way latency: from "
			   "the sender to the receiver; at the maximum rate it says how long the queues "
			   "are, not how fast the path is.");
	sheet_text(sheet, STYLE_FAINT, 2, 4,
		   "cpu busy: processors busy on the whole machine (user, system, interrupts)%s%s.", of,
		   !section->any[FIGURE_SWITCH] ? "" : "; switch: those of them that its own threads took, "
		   "which poll whether there are packets or not (-: it has none, and works in its users' "
		   "time)");
	if (section->any[FIGURE_COST] && !section->latency)
		sheet_text(sheet, STYLE_FAINT, 2, 4,
			   "cpu ns/pkt: processor time of the whole machine, beyond what it spends idle, for "
			   "each packet forwarded; what pollers wait is in it, so it says most at the "
			   "maximum rate.");
	section_legend_bias(section, sheet);
	section_legend_loads(section, sheet);
	section_legend_statistics(section, sheet);
}

static void section_measure_interval(struct section *section, const struct digest_row *row)
{
	const struct spread *s = &row->figure[section->latency ? FIGURE_P50 : FIGURE_FORWARDED];

	if (s->coverage > 0) {
		section->coverage = section->intervals ? fmin(section->coverage, s->coverage) : s->coverage;
		section->intervals = true;
	} else if (s->n > 1) {
		section->ranges = true;
	}
}

static void section_measure(struct section *section)
{
	words_varying(section->rows, section->count, section->varies);
	section->varies[PARAMETER_DIMENSION] = false;
	for (size_t r = 0; r < section->count; r++) {
		const struct spread *forwarded = &section->rows[r]->figure[FIGURE_FORWARDED];

		section->repeated |= section->rows[r]->ok > 1;
		section_measure_interval(section, section->rows[r]);
		section->spread |= forwarded->min < forwarded->max;
		section->searches |= *row_answer(section->rows[r]) != 0;
		for (int f = 0; f < FIGURE_COUNT; f++) {
			section->largest[f] = fmax(section->largest[f], section->rows[r]->figure[f].median);
			section->any[f] |= isfinite(section->rows[r]->figure[f].median);
		}
	}
	section->packets = unit_packet_rate(section->largest[FIGURE_FORWARDED]);
	section->bits = unit_bit_rate(section->largest[FIGURE_BITS]);
}

int section_print(const struct digest *digest, bool latency, int processors, const struct sheet *sheet)
{
	struct section section = { .latency = latency };
	int rc = 0;

	section.rows = calloc(digest->count + 1, sizeof(*section.rows));
	if (!section.rows)
		return -ENOMEM;
	for (size_t i = 0; i < digest->count; i++)
		if (digest->rows[i].ok && !digest->rows[i].sweep && digest->rows[i].latency == latency)
			section.rows[section.count++] = &digest->rows[i];
	if (!section.count)
		goto out;
	rc = contests_hold(&section.contests, section.rows, section.count,
			   latency ? MERIT_LATENCY : MERIT_THROUGHPUT, false);
	if (rc)
		goto out;
	section_measure(&section);
	section_intro(&section, sheet);
	rc = latency ? section_table(&section, latency_columns,
				     sizeof(latency_columns) / sizeof(*latency_columns), sheet)
		     : section_table(&section, throughput_columns,
				     sizeof(throughput_columns) / sizeof(*throughput_columns), sheet);
	if (rc)
		goto out;
	sheet_gap(sheet);
	notes_contests(&section.contests, section.varies, sheet);
	section_legend(&section, processors, sheet);
	notes_remarks(&section.remarks, section.count, sheet);
	sheet_gap(sheet);
	rc = section.count > INT32_MAX ? INT32_MAX : (int)section.count;
out:
	contests_free(&section.contests);
	free(section.rows);
	return rc;
}
