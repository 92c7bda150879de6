/* SPDX-License-Identifier: Apache-2.0 */
#include "report/columns.h"

#include <stdio.h>
#include <string.h>

#include "report/figures.h"
#include "report/words.h"

/* Figures, in order. */
struct column_kind_of {
	struct column column; /* unit, measure NULL: that of packets or bits, by the largest */
	/* WITH_FIGURE: where some test has it */
	enum { ALWAYS, WITH_REPEATS, WITH_FIGURE, WITH_BOUNDS } when;
};

#define COLUMN(kind_, figure_, name_, unit_, title_, measure_, leave_out_, when_) \
	{ { .kind = COLUMN_##kind_, .figure = figure_, .name = name_, .unit = unit_, .title = title_, \
	    .measure = measure_, .number = COLUMN_##kind_ != COLUMN_NOTES, .leave_out = leave_out_ }, when_ }

static const struct column_kind_of throughput_columns[] = {
	COLUMN(RATE, FIGURE_OFFERED, "offered", NULL, "offered", NULL, 0, WITH_FIGURE),
	COLUMN(RATE, FIGURE_REFERENCE, "reference", NULL, "reference", NULL, 5, WITH_FIGURE),
	COLUMN(RATE, FIGURE_FORWARDED, "forwarded", NULL, "forwarded", NULL, 0, ALWAYS),
	COLUMN(RATE_RANGE, FIGURE_FORWARDED, NULL, NULL, NULL, NULL, 2, WITH_REPEATS),
	COLUMN(TRIALS, FIGURE_COUNT, "n", "", "trials", "", 5, WITH_REPEATS),
	COLUMN(BOUNDS, FIGURE_LOWER, "lower..upper", NULL, "lower..upper", NULL, 1, WITH_BOUNDS),
	COLUMN(ANSWER, FIGURE_COUNT, "answer", "", "answer", "", 0, WITH_BOUNDS),
	COLUMN(COUNT, FIGURE_TRIALS, "search", "trials", "trials of the search", "", 4, WITH_FIGURE),
	COLUMN(COUNT, FIGURE_SPENT, "", "s", "time of the search", "s", 5, WITH_FIGURE),
	COLUMN(BITS, FIGURE_BITS, "frames", NULL, "frames", NULL, 6, ALWAYS),
	COLUMN(LOSS, FIGURE_LOSS, "loss", "%", "loss", "%", 0, WITH_FIGURE),
	COLUMN(TIME, FIGURE_P50, "one-way", "p50 us", "one-way latency, p50", "us", 4, WITH_FIGURE),
	COLUMN(TIME, FIGURE_P99, "latency", "p99 us", "one-way latency, p99", "us", 3, WITH_FIGURE),
	COLUMN(BUSY, FIGURE_BUSY, "cpu", "busy", "busy, machine", "processors", 5, WITH_FIGURE),
	COLUMN(BUSY, FIGURE_SWITCH, "", "switch", "busy, switch", "processors", 5, WITH_FIGURE),
	COLUMN(COUNT, FIGURE_COST, "", "ns/pkt", "processor time a packet", "ns", 6, WITH_FIGURE),
	COLUMN(COUNT, FIGURE_HOP_COST, "", "ns/hop", "of a forwarder", "ns", 6, WITH_FIGURE),
	COLUMN(NOTES, FIGURE_COUNT, "notes", "", "notes", "", 0, ALWAYS),
};

static const struct column_kind_of latency_columns[] = {
	COLUMN(RATE, FIGURE_OFFERED, "offered", NULL, "offered", NULL, 1, WITH_FIGURE),
	COLUMN(RATE, FIGURE_REFERENCE, "reference", NULL, "reference", NULL, 7, WITH_FIGURE),
	COLUMN(TIME, FIGURE_P50, "round trip", "p50 us", "round trip, p50", "us", 0, ALWAYS),
	COLUMN(TIME_RANGE, FIGURE_P50, NULL, "of p50", NULL, "us", 2, WITH_REPEATS),
	COLUMN(TRIALS, FIGURE_COUNT, "n", "", "trials", "", 5, WITH_REPEATS),
	COLUMN(TIME, FIGURE_P90, "", "p90 us", "p90", "us", 6, ALWAYS),
	COLUMN(TIME, FIGURE_P99, "", "p99 us", "p99", "us", 1, ALWAYS),
	COLUMN(TIME, FIGURE_P99_9, "", "p99.9 us", "p99.9", "us", 5, ALWAYS),
	COLUMN(TIME, FIGURE_P99_99, "", "p99.99 us", "p99.99", "us", 5, ALWAYS),
	COLUMN(TIME, FIGURE_MAX, "", "max us", "max", "us", 3, ALWAYS),
	COLUMN(TIME, FIGURE_DEVIATION, "", "sd us", "standard deviation", "us", 7, WITH_FIGURE),
	COLUMN(RATE, FIGURE_FORWARDED, "answered", NULL, "answered", NULL, 6, ALWAYS),
	COLUMN(LOSS, FIGURE_LOSS, "loss", "%", "loss", "%", 0, ALWAYS),
	COLUMN(BUSY, FIGURE_BUSY, "cpu", "busy", "busy, machine", "processors", 4, ALWAYS),
	COLUMN(BUSY, FIGURE_SWITCH, "", "switch", "busy, switch", "processors", 4, WITH_FIGURE),
	COLUMN(NOTES, FIGURE_COUNT, "notes", "", "notes", "", 0, ALWAYS),
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
_Static_assert(COUNT_OF(throughput_columns) + PARAMETER_COUNT <= COLUMNS_MAX,
	       "struct results has room for all");
_Static_assert(COUNT_OF(latency_columns) + PARAMETER_COUNT <= COLUMNS_MAX, "struct results has room for all");

const char *range_name(const struct results *results)
{
	return !results->intervals ? "min..max" : results->ranges ? "interval" : "95 % CI";
}

static bool is_shown(const struct results *results, const struct column_kind_of *one)
{
	return one->when == WITH_REPEATS ? results->repeated || results->spread :
	       one->when == WITH_BOUNDS ? results->searches :
	       one->when == WITH_FIGURE ? results->any[one->column.figure] : true;
}

/* What its head says, as far as it depends on the figures. */
static void column_complete(struct column *column, const struct results *results)
{
	const char *unit = column->kind == COLUMN_BITS ? results->bits.name : results->packets.name;

	if (!column->name)
		column->name = column->title = range_name(results);
	if (!column->unit)
		column->unit = unit;
	if (!column->measure)
		column->measure = unit;
}

static struct column parameter_column(enum parameter_id id)
{
	const char *name = parameter_table[id].name, *unit = words_unit(id);

	return (struct column){
		.kind = COLUMN_PARAMETER, .parameter = id, .figure = FIGURE_COUNT, .name = name, .unit = unit,
		.title = name, .measure = unit, .number = words_is_number(id),
	};
}

void columns_choose(struct results *results)
{
	const struct column_kind_of *figures = results->latency ? latency_columns : throughput_columns;
	size_t count = results->latency ? COUNT_OF(latency_columns) : COUNT_OF(throughput_columns);

	for (int p = 0; p < PARAMETER_COUNT; p++)
		if (results->varies[p])
			results->column[results->columns++] = parameter_column((enum parameter_id)p);
	for (size_t c = 0; c < count; c++) {
		if (!is_shown(results, &figures[c]))
			continue;
		results->column[results->columns] = figures[c].column;
		column_complete(&results->column[results->columns++], results);
	}
}

const char *search_answer(const struct digest_row *row)
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

/* ---- cells --------------------------------------------------------------------------------------------- */

/* In that unit; NULL: nanoseconds as microseconds. */
static void range_text(const struct unit *unit, double low, double high, char *text)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (unit) {
		format_in_unit(a, low, unit);
		format_in_unit(b, high, unit);
	} else {
		format_microseconds(a, low);
		format_microseconds(b, high);
	}
	snprintf(text, COLUMN_TEXT, "%s..%s", a, b);
}

static void figure_text(const struct results *results, const struct column *column, const struct spread *s,
			char *text)
{
	/* A single trial has no range; the trials of a single MRR have. */
	const bool single = s->n < 2 && !(s->low < s->high);

	switch (column->kind) {
	case COLUMN_RATE:
		format_in_unit(text, s->median, &results->packets);
		break;
	case COLUMN_RATE_RANGE:
		if (!single)
			range_text(&results->packets, s->low, s->high, text);
		break;
	case COLUMN_COUNT:
		format_number(text, s->median, 0);
		break;
	case COLUMN_BITS:
		format_in_unit(text, s->median, &results->bits);
		break;
	case COLUMN_LOSS:
		format_percent(text, s->median);
		break;
	case COLUMN_TIME:
		format_microseconds(text, s->median);
		break;
	case COLUMN_TIME_RANGE:
		if (!single)
			range_text(NULL, s->low, s->high, text);
		break;
	default:
		format_number(text, s->median, 2);
		break;
	}
}

/* How many trials the figures are of; and how many there should be, if some are missing, void or failed. */
static void trials_text(const struct digest_row *row, char *text)
{
	snprintf(text, COLUMN_TEXT, row->ok < row->planned ? "%zu/%u" : "%zu", row->ok, row->planned);
}

void column_text(const struct results *results, const struct column *column, const struct digest_row *row,
		 char *text)
{
	struct remarks ignored = { 0 };

	*text = 0;
	switch (column->kind) {
	case COLUMN_PARAMETER:
		words_value(row, column->parameter, text, COLUMN_TEXT);
		break;
	case COLUMN_TRIALS:
		trials_text(row, text);
		break;
	case COLUMN_BOUNDS:
		if (*search_answer(row))
			range_text(&results->packets, row->figure[FIGURE_LOWER].median,
				   row->figure[FIGURE_UPPER].median, text);
		break;
	case COLUMN_ANSWER:
		snprintf(text, COLUMN_TEXT, "%s", search_answer(row));
		break;
	case COLUMN_NOTES:
		remarks_of_row(&ignored, row, text);
		break;
	default:
		figure_text(results, column, &row->figure[column->figure], text);
		break;
	}
}
