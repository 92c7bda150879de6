/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials brought together: a row for each test, in the order of the suite's matrix, with the spread of each
 * figure over its repeats. Where a trial was run again (a resumed run), the later one counts.
 */
#ifndef LB_REPORT_DIGEST_H
#define LB_REPORT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/statistics.h"
#include "results/record.h"
#include "suite/parameter.h"
#include "util/error.h"

enum figure {
	FIGURE_FORWARDED,  /* packets per second that arrived */
	FIGURE_BITS,       /* the same as bits of frames per second */
	FIGURE_LOSS,       /* lost / sent */
	FIGURE_P50, FIGURE_P90, FIGURE_P99, FIGURE_P99_9, FIGURE_P99_99, FIGURE_MAX, /* ns: one way, or round trip in a latency test */
	FIGURE_MEAN, FIGURE_DEVIATION, /* the same; standard deviation */
	FIGURE_BUSY,       /* processors, whole machine */
	FIGURE_SWITCH,     /* those of them that the switch's own threads took */
	FIGURE_PROCESSES,  /* processors that the endpoints and the switch's own threads took: processes, not the machine */
	FIGURE_COST,       /* ns of processor time that a packet cost, net of the idle machine */
	FIGURE_OFFERED,    /* packets per second, where the load is a share or a point of a sweep */
	FIGURE_REFERENCE,  /* what the load is a share of, packets per second */
	FIGURE_LOWER, FIGURE_UPPER, /* bounds that a search has found, packets per second */
	FIGURE_TRIALS,     /* that a search made, ... */
	FIGURE_SPENT,      /* ... and the seconds that it took */
	FIGURE_BIAS,       /* ns of each latency that are the sender itself */
	FIGURE_HOP_COST,   /* ns of a forwarder's processor time for each packet that it took in, mean of a chain's hops */
	FIGURE_COUNT
};

#define CONFIDENCE 0.95 /* of the intervals in all reports */
#define SIGNIFICANT 0.05 /* p up to which the rank test has found a difference: who wins, and what is worse */

/* A figure over the ok trials of a test; NAN: not known. */
struct spread {
	double median, min, max;
	double low, high;   /* confidence interval of the median by order statistics; where there is none, min and max */
	double coverage;    /* what the interval really covers, CONFIDENCE or more; 0 = there is none: too few trials */
	size_t n;           /* trials that have the figure */
};

struct digest_row {
	json_t *test;             /* in the form of the record, every parameter */
	struct value value[PARAMETER_COUNT];
	bool unused[PARAMETER_COUNT]; /* nothing to this test: its value is a default that says nothing */
	bool latency;             /* its dimension */
	bool point;               /* one load of a sweep or loss curve; its rate says which */
	bool sweep;               /* a sweep or loss curve as a whole: its points are rows of their own */
	unsigned planned;         /* trials */
	const json_t **trials;    /* one a repeat; borrowed from the view */
	size_t count, ok;         /* trials recorded, and those of them with status ok */
	struct spread figure[FIGURE_COUNT]; /* over the ok ones */
};

struct digest {
	struct digest_row *rows;
	size_t count;
	size_t planned, recorded; /* trials */
};

/* As programs call it: "forwarded_pps". */
const char *figure_name(enum figure figure);

/* digest_free also after a failure. */
int digest_make(struct digest *digest, const struct record_view *view, struct error *err);
void digest_free(struct digest *digest);

/* A figure of the ok trials that have it, in their order, into `samples`, which has room for row->count. How many. */
size_t digest_samples(const struct digest_row *row, enum figure figure, double *samples);

/*
 * Interval of the ratio of two tests' medians by the bootstrap (measure/bootstrap.h). False where it cannot be told:
 * too few trials, or a median of 0.
 */
bool digest_ratio(const struct digest_row *a, const struct digest_row *b, enum figure figure,
		  struct interval *interval);

#endif
