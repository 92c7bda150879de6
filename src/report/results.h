/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests of one dimension that have figures, and the columns that they are shown in: what the table in the
 * terminal, the page and Markdown have in common, each in a form of its own.
 */
#ifndef LB_REPORT_RESULTS_H
#define LB_REPORT_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/contest.h"
#include "report/digest.h"
#include "report/format.h"
#include "report/remarks.h"

#define COLUMNS_MAX (PARAMETER_COUNT + 20)
#define COLUMN_TEXT 128

enum column_kind {
	COLUMN_PARAMETER, COLUMN_TRIALS, COLUMN_RATE, COLUMN_RATE_RANGE, COLUMN_BOUNDS, COLUMN_ANSWER,
	COLUMN_COUNT, COLUMN_BITS, COLUMN_LOSS, COLUMN_TIME, COLUMN_TIME_RANGE, COLUMN_BUSY, COLUMN_NOTES
};

struct column {
	enum column_kind kind;
	enum parameter_id parameter; /* of COLUMN_PARAMETER */
	enum figure figure;          /* FIGURE_COUNT: none */
	const char *name, *unit;     /* a head of two lines; "": it belongs to the column to the left */
	const char *title;           /* a head of one line, that stands for itself: "one-way latency, p50" */
	const char *measure;         /* the unit alone: "us"; "" = none */
	bool number;                 /* to be aligned right */
	int leave_out;               /* 0 = never; where there is no room, the highest goes first */
};

struct results {
	bool latency;                /* round trips; else what was forwarded */
	const struct digest_row **rows;
	size_t count;
	bool varies[PARAMETER_COUNT]; /* among the rows; never the dimension */
	struct contests contests;    /* of the rows: fastest, or shortest round trip; without bootstrap */
	struct remarks remarks;      /* of all rows */
	bool repeated;               /* some row is of several trials */
	bool spread;                 /* the trials of one MRR differ */
	bool intervals, ranges;      /* some repeated rows have a confidence interval, some too few trials */
	double coverage;             /* the least of those intervals */
	bool searches;               /* some rows are answers of a search for ndr or pdr */
	double largest[FIGURE_COUNT];
	bool any[FIGURE_COUNT];      /* some row has it */
	struct unit packets, bits;   /* of all rows */
	struct column column[COLUMNS_MAX];
	unsigned columns;            /* parameters that vary, then figures, then notes */
};

/* 0 or -ENOMEM; count is 0 where there are no such tests. Borrows from the digest. results_free also after a
 * failure. */
int results_make(struct results *results, const struct digest *digest, bool latency);
void results_free(struct results *results);
enum merit results_merit(const struct results *results);

/* The figure as people read it, in the unit of its column, COLUMN_TEXT bytes: "1.040", "300.0..340.0",
 * "od". */
void column_text(const struct results *results, const struct column *column, const struct digest_row *row,
		 char *text);

/* "2 switches (veth, linux-bridge) x 3 I/O techniques (udp, raw, raw-mmsg)", or "one test". */
void results_compared(const struct results *results, char *text, size_t size);
/* "runtime lxc, 1vs1, 64-byte frames, ...": what is the same for all. */
void results_shared(const struct results *results, char *text, size_t size);

/* What the columns mean, paragraph by paragraph: `text` gets number i, from 0. False: there are no more.
 * `processors`: that the run could use; 0 = not known. */
#define LEGEND_TEXT 640
bool results_legend(const struct results *results, int processors, unsigned i, char text[LEGEND_TEXT]);

#endif
