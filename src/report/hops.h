/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains, hop by hop: where packets were lost, and what each forwarder spent on one. A line for each of these figures of
 * each test, medians over its ok trials; figures of nought, and those that say nothing (the processor time of who polls
 * at a low rate), have no line.
 */
#ifndef LB_REPORT_HOPS_H
#define LB_REPORT_HOPS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/format.h"
#include "report/results.h"
#include "topology/topology.h"

enum hop_figure {
	HOP_LOST,    /* sent by the one before (of round trips both ways), and not arrived: share of what was sent */
	HOP_REFUSED, /* turned down by the port of departure, and dropped: share of what was sent */
	HOP_COST,    /* ns of the forwarder's processor time for each packet that it took in */
	HOP_FIGURES
};

struct hop_line {
	const struct digest_row *row; /* borrowed */
	enum hop_figure figure;
	unsigned hops;
	double at[TOPOLOGY_HOPS_MAX + 1]; /* of hop i + 1; behind the last hop its end, of HOP_LOST alone */
};

struct hop_table {
	struct hop_line *line;        /* in the order of the rows */
	size_t count;
	unsigned hops;                /* of the longest chain */
	bool varies[PARAMETER_COUNT]; /* among the lines' tests, beside the dimension */
};

/* Of the tests that have figures; count is 0 where none is a chain. 0 or -ENOMEM. hop_table_free also then. */
int hop_table_make(struct hop_table *table, const struct results *results);
void hop_table_free(struct hop_table *table);

/* "lost %". */
const char *hop_figure_title(enum hop_figure figure);
/* What stands in column i < table->hops + 1, the last of which is the chain's end; "" where there is nothing. */
void hop_text(const struct hop_table *table, const struct hop_line *line, unsigned i, char text[FORMAT_MAX]);
/* What the lines mean. */
extern const char hop_legend[];

#endif
