/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What users write for R: a rate, a search, a sweep. Grammar (blanks around ".." and "step" are free):
 *
 *	max                          as fast as the sender can
 *	N                            packets per second; 1.5M: suffixes k, M, G are powers of 1000
 *	ndr | pdr | mrr | loss-curve what to search for: no drop rate, partial drop rate, maximum receive
 *	                             rate, RFC 2544's frame loss curve
 *	(ndr | pdr | mrr):P%         a share of what that search finds
 *	N..N step N                  a sweep
 *	P%..P% [step P%]             a sweep in shares of the MRR; step 10% if not given
 *	best:N..N step N             the most that arrives at any point of that sweep
 *
 * A list ("pdr:10%,pdr:50%") is the caller's to split. Pure; reentrant; independent of the locale.
 */
#ifndef LB_SEARCH_RATE_H
#define LB_SEARCH_RATE_H

#include <stddef.h>

#include "util/error.h"

#define RATE_PPS_MIN 1.0
#define RATE_PPS_MAX 1e9
#define RATE_SHARE_MIN 0.0001  /* 0.01 % */
#define RATE_SHARE_MAX 10.0    /* 1000 %: overload is a fair question */
#define RATE_POINTS_MAX 1000
#define RATE_TEXT_SIZE 64      /* enough for every canonical text */

enum rate_kind {
	RATE_UNLIMITED,   /* max */
	RATE_FIXED,       /* from */
	RATE_NDR,
	RATE_PDR,
	RATE_MRR,
	RATE_LOSS_CURVE,
	RATE_SHARE,       /* from, of what `of` finds */
	RATE_SWEEP,       /* from, to, step */
	RATE_SWEEP_SHARE, /* from, to, step, of the MRR */
	RATE_BEST         /* from, to, step of the sweep whose best point is looked for */
};

struct rate {
	enum rate_kind kind;
	enum rate_kind of;     /* RATE_SHARE: RATE_NDR, RATE_PDR or RATE_MRR */
	double from, to, step; /* packets/s, to a thousandth; or shares, to a millionth; 0 where unused */
};

/* 0, or -EINVAL with a cause that names the place ("at character 5") and a remedy. */
int rate_parse(const char *text, struct rate *rate, struct error *err);

/* The canonical text, which reads back as the same rate; cut if it does not fit. */
void rate_format(const struct rate *rate, char *text, size_t size);

/*
 * Points of a sweep: from, from + step, ... and `to`, which is a point of its own where the steps miss it;
 * rising. 0 points for anything else.
 */
unsigned rate_points(const struct rate *rate);
double rate_point(const struct rate *rate, unsigned n); /* n < rate_points() */

#endif
