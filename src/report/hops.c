/* SPDX-License-Identifier: Apache-2.0 */
#include "report/hops.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "report/figures.h"
#include "report/words.h"

const char hop_legend[] =
	"Hop 1 is next to the sender, and the end of the chain is behind the last. lost: sent by the one before and not "
	"arrived, dropped by the switch or by the port of whoever was to take it; refused: turned down by the port to the "
	"next, which was full. Both are of what was sent. ns/pkt: processor time of the forwarder for each packet that it "
	"took in, at the maximum rate.";

const char *hop_figure_title(enum hop_figure figure)
{
	return figure == HOP_LOST ? "lost %" : figure == HOP_REFUSED ? "refused %" : "ns/pkt";
}

/* What a trial has of hop `i`, from 0; NAN: nothing. What is lost behind all hops is what nobody else has lost. */
static double trial_hop(const json_t *trial, const struct hop_line *line, unsigned i)
{
	const json_t *hops = trial_value(trial, "hops");
	double sent = trial_number(trial, "tx.packets"), lost;

	if (line->figure == HOP_COST)
		return trial_number(json_array_get(hops, i), "packet_ns");
	if (line->figure == HOP_REFUSED)
		return trial_number(json_array_get(hops, i), "refused") / sent;
	if (i < line->hops)
		return trial_number(json_array_get(hops, i), "lost_before") / sent;
	lost = trial_number(trial, "rx.lost");
	for (i = 0; i < line->hops; i++)
		lost -= trial_number(json_array_get(hops, i), "lost_before") +
			trial_number(json_array_get(hops, i), "refused");
	return fmax(lost, 0) / sent;
}

static double line_median(const struct hop_line *line, unsigned i, double *samples)
{
	const struct digest_row *row = line->row;
	size_t n = 0;

	for (size_t t = 0; t < row->count; t++) {
		samples[n] = trial_hop(row->trials[t], line, i);
		n += trial_is_ok(row->trials[t]) && isfinite(samples[n]);
	}
	return statistics_median(samples, n);
}

static bool line_fill(struct hop_line *line, double *samples)
{
	const unsigned places = line->hops + (line->figure == HOP_LOST);
	bool tells = false;

	for (unsigned i = 0; i < places; i++) {
		line->at[i] = line_median(line, i, samples);
		tells |= line->at[i] > 0;
	}
	return tells;
}

/* Who polls takes a processor at any rate: it says what a packet costs where there are always some. */
static bool figure_applies(const struct digest_row *row, enum hop_figure figure)
{
	return figure != HOP_COST || (!row->latency && row->value[PARAMETER_RATE].number == RATE_MAX);
}

static int table_add_row(struct hop_table *table, const struct digest_row *row)
{
	const double hops = row->value[PARAMETER_HOPS].number;
	double *samples;

	if (row->unused[PARAMETER_HOPS] || !(hops >= 1 && hops <= TOPOLOGY_HOPS_MAX))
		return 0;
	samples = calloc(row->count + 1, sizeof(*samples));
	if (!samples)
		return -ENOMEM;
	for (int f = 0; f < HOP_FIGURES; f++) {
		struct hop_line *line = &table->line[table->count];

		*line = (struct hop_line){ .row = row, .figure = (enum hop_figure)f, .hops = (unsigned)hops };
		if (!figure_applies(row, line->figure) || !line_fill(line, samples))
			continue;
		table->count++;
		table->hops = line->hops > table->hops ? line->hops : table->hops;
	}
	free(samples);
	return 0;
}

/* What tells the tests of the lines apart. */
static int table_measure(struct hop_table *table)
{
	const struct digest_row **rows = calloc(table->count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < table->count; i++)
		rows[i] = table->line[i].row;
	words_varying(rows, table->count, table->varies);
	table->varies[PARAMETER_DIMENSION] = false;
	free(rows);
	return 0;
}

int hop_table_make(struct hop_table *table, const struct results *results)
{
	int rc = 0;

	*table = (struct hop_table){ .line = calloc(results->count * HOP_FIGURES + 1, sizeof(*table->line)) };
	if (!table->line)
		return -ENOMEM;
	for (size_t r = 0; r < results->count && !rc; r++)
		rc = table_add_row(table, results->rows[r]);
	return rc ? rc : table_measure(table);
}

void hop_table_free(struct hop_table *table)
{
	free(table->line);
	*table = (struct hop_table){ 0 };
}

void hop_text(const struct hop_table *table, const struct hop_line *line, unsigned i, char text[FORMAT_MAX])
{
	const bool end = i == table->hops;
	const unsigned place = end ? line->hops : i;

	*text = 0;
	if (end ? line->figure != HOP_LOST : i >= line->hops)
		return;
	if (line->figure == HOP_COST)
		format_number(text, line->at[place], line->at[place] < 100 ? 1 : 0);
	else
		format_percent(text, line->at[place]);
}
