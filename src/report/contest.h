/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in front, as facts and as a sentence; every report tells the same. Only tests under the same load compete:
 * the same hosts, containers, packet size and rate, quotas and neighbours (and burst, where round trips are measured).
 */
#ifndef LB_REPORT_CONTEST_H
#define LB_REPORT_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "report/digest.h"

/* What is better: more packets forwarded, a shorter round trip (its p50), less processor time a packet. */
enum merit { MERIT_THROUGHPUT, MERIT_LATENCY, MERIT_COST };

enum figure merit_figure(enum merit merit);
/* Is the parameter part of the load, under which alone tests compete? */
bool merit_is_load(enum merit merit, enum parameter_id id);
/* With its unit, as people say it: "1.42 Mpps", "28.4 us", "812 ns a packet". FORMAT_MAX bytes. */
void merit_format(enum merit merit, double value, char *text);

/* Nearer than this is called too close, where it is not certain. */
#define CONTEST_CLOSE 1.05

struct contest {
	enum merit merit;
	const struct digest_row *best, *next; /* of those with that figure; next is NULL where nothing competes */
	size_t rows;              /* that compete */
	bool paced;               /* throughput at a given rate: what counts is who carries it: */
	size_t carried;           /* how many rows did */
	bool certain;             /* the first is told from the second by the rank test, as in comparisons of runs */
	double p;                 /* of that test, of this contest alone; NAN: single trials */
	const char *doubt;        /* why it is not certain, a clause without full stop; NULL = it is */
	bool close;               /* the doubt is how near the two are, not how few trials there are */
	bool few;                 /* no outcome of so few trials could have been certain */
	bool has_ratio;
	struct interval ratio;    /* of the better to the worse figure, above 1 = better; bootstrap */
};

struct contests {
	struct contest *contest;  /* a load each, in the order in which the loads first occur */
	size_t count;
	size_t *of_row;           /* index of the contest that rows[i] takes part in; SIZE_MAX = none */
};

/*
 * Contests among `rows` (borrowed), which are of one dimension. O(n log n). contests_free also after a failure.
 * `intervals` false: leave the bootstrap of ratios out (it costs milliseconds a contest).
 */
int contests_hold(struct contests *contests, const struct digest_row *const *rows, size_t count, enum merit merit,
		  bool intervals);
void contests_free(struct contests *contests);
/* Does rows[i] win? Not where nothing competes with it, nor where others carry the same given rate. */
bool contests_won_by(const struct contests *contests, const struct digest_row *const *rows, size_t i);

/* A contest by hand, {.merit = ...}: rows enter, then it is judged. False: the row lacks the figure, or it is what was
 * forwarded at a share of what the test can, which says nothing about who can more. */
bool contest_enter(struct contest *contest, const struct digest_row *row);
void contest_judge(struct contest *contest);
/* The bootstrap: has_ratio, ratio; a ratio that may as well be 1 is a doubt. */
void contest_tell_ratio(struct contest *contest);
/* How many times better than the next the best is, 1 or more; NAN: nothing competes. */
double contest_lead(const struct contest *contest);

/* "Fastest at 64-byte frames: raw-mmsg on veth, 1.42 Mpps, 1.12 times the next (udp on veth, 1.27 Mpps)." `varies`
 * as words_varying tells it of all rows. Nothing competes: "". */
void contest_sentence(const struct contest *contest, const bool varies[PARAMETER_COUNT], char *text, size_t size);
/* The load alone: "1vs1, 64-byte frames"; "" where no part of it varies. */
void contest_load(const struct contest *contest, const bool varies[PARAMETER_COUNT], char *text, size_t size);

/*
 * The same as a table of few columns: rows are what varies besides the parameter that competes, columns its values.
 * That parameter is the switch where it varies, else the first varying one that is no load (io, runtime, ...).
 */
struct pivot {
	enum parameter_id column; /* what the columns are values of */
	bool by[PARAMETER_COUNT]; /* what names a row */
	enum merit merit;
	size_t rows, columns;
	const struct digest_row **cell;  /* [row * columns + column]; NULL = no such test, or without the figure */
	const struct digest_row **row;   /* any test of each row: names it (words_test with `by`) */
	const struct digest_row **head;  /* any test of each column: names it (words_value) */
	size_t *best;                    /* column of each row's winner; SIZE_MAX = nothing competes */
	bool *certain;                   /* is that winner told from the next of its row */
	struct contest *contest;         /* among the cells of each row */
};

/* False where there is nothing to pivot: no parameter that competes varies, or most cells would be empty; or no memory.
 * pivot_free also then. */
bool pivot_make(struct pivot *pivot, const struct digest_row *const *rows, size_t count, enum merit merit);
void pivot_free(struct pivot *pivot);

/* Who wins a row, in a few words: "raw-mmsg 1.12x" (times better than the next), "too close (raw-mmsg 1.02x)",
 * "overlap (raw-mmsg 1.3x)" (so do their trials), "raw-mmsg 1.3x, few trials" (fewer than 4 each prove nothing),
 * "2 of 3 carry it", "raw alone carries it"; "" where nothing competes. */
void pivot_winner(const struct pivot *pivot, size_t row, char *text, size_t size);

#endif
