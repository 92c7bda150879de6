/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a difference real: the rank test of two groups of samples, and what becomes of its p values where many
 * are looked at. Pure but for allocation; reentrant.
 *
 * The rank test (Wilcoxon 1945; Mann & Whitney 1947) supposes no distribution: if both groups were drawn from
 * one and the same, every way to deal the m + n ranks out to them would be as likely as any other. p is the
 * share of these ways that put the ranks of the first group at least as far from their mean as they are found
 * to be, in either direction. Equal samples share the mean of their ranks, and p is exact with them, too (the
 * permutation distribution of the ranks that there are).
 */
#ifndef LB_MEASURE_HYPOTHESIS_H
#define LB_MEASURE_HYPOTHESIS_H

#include <stddef.h>

/* Of up to so many samples in both groups together p is exact, beyond from the normal approximation
 * (corrected for ties and continuity). At this size that p is 1 % too large where it is 5 %, 9 % at 0.7 %,
 * 30 % at 0.1 %: it errs to the safe side. */
#define RANK_TEST_EXACT 60

/*
 * Two-sided p; NAN where a group is empty or there is no memory. All samples are finite. *above: how probable
 * it is that one of a is above one of b (half, where they are equal), Vargha and Delaney's A: above 1/2, a is
 * the larger. Medians may point the other way, where both groups have two modes.
 */
double rank_test(const double *a, size_t m, const double *b, size_t n, double *above);

/* The least p that groups of these sizes can have: 2 / C(m + n, m), all of one above all of the other. 1 if
 * one is empty. */
double rank_test_least(size_t m, size_t n);

/*
 * Benjamini & Hochberg (1995): adjusted p values of a family. Calling real what has adjusted[i] <= q keeps
 * the share of false ones among those called real at q on average; where nothing at all differs, the
 * probability of calling anything real is at most q. Holds for independent and for positively dependent p
 * values (Benjamini & Yekutieli 2001). Returns 0 or -ENOMEM.
 */
int false_discovery_adjust(const double *p, size_t count, double *adjusted);

#endif
