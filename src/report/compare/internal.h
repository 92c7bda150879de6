/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room alone. */
#ifndef LB_REPORT_COMPARE_INTERNAL_H
#define LB_REPORT_COMPARE_INTERNAL_H

#include "report/compare/compare.h"
#include "report/format.h"

/* ---- measure.c: which figures can be compared, and how ------------------------------------------------- */

struct measure {
	const char *name;     /* as --figure takes it; NULL: has no direction, so it is not compared */
	const char *title;    /* for people; of a latency the kind goes before it */
	int direction;        /* 1: more is better, -1: less is */
	bool by_difference;   /* compared by the difference: a share, often 0 */
	bool latency;         /* one way, or round trip in a latency test */
};

const struct measure *measure_of(enum figure figure);
/* Is the figure compared by default for this test? */
bool measure_by_default(enum figure figure, const struct digest_row *row);
/* "forwarded", "round trip p50" */
void measure_title(enum figure figure, bool latency_test, char *text, size_t size);
/* With its unit: "1.42 Mpps", "28.4 us", "0.12 %". */
void measure_format(enum figure figure, double value, char text[FORMAT_MAX]);
/* With its sign: "-12.3 %", "+0.20 pts". */
void measure_format_change(enum figure figure, double change, char text[FORMAT_MAX]);

/* ---- match.c: which tests are the same ----------------------------------------------------------------- */

struct pairing {
	const struct digest_row *base, *new;
};

/* Pairs in the order of base, then what only new has. malloc'd. 0, -ENOMEM or -EINVAL with err. */
int match_records(const struct digest *base, const struct digest *new, struct pairing **pairs, size_t *count,
		  struct error *err);
int match_values(const struct digest *digest, enum parameter_id by, const char *base_value,
		 const char *new_value, struct pairing **pairs, size_t *count, struct error *err);

/* ---- set.c: the comparisons of one set ----------------------------------------------------------------- */

/* From the pairs, which it frees, to verdicts: fills in all of `set` but its names, `by` and differences.
 * 0 or -errno with err. */
int set_make(struct compare_set *set, struct pairing *pairs, size_t count,
	     const struct compare_options *options, struct error *err);

/* ---- conditions.c: what differs in the environment ----------------------------------------------------- */

void conditions_compare(struct compare_set *set, const struct record_view *base,
			const struct record_view *new, const char *const *across);
/* Where something that differs bears on this comparison, its verdict, why and remedy are filled in. */
void conditions_forbid(const struct compare_set *set, struct comparison *comparison,
		       const char *const *across);
/* Fills in comparison->flags. */
void conditions_flags(struct comparison *comparison);

/* ---- judge.c: which differences are real --------------------------------------------------------------- */

/* Figures and p values of a comparison whose verdict is VERDICT_COUNT (not known yet). 0 or -ENOMEM. */
int judge_measure(struct comparison *comparison);
/* Verdicts of all whose verdict is VERDICT_COUNT, together. 0 or -ENOMEM. */
int judge_all(struct comparison *comparison, size_t count, size_t *judged);

/* ---- phrase.c: the same words in every form ------------------------------------------------------------ */

/* "worse", "better", "no difference", "unproven", "not comparable", "missing" */
const char *verdict_word(enum verdict verdict);
/* "3 of 24 tests are worse, 1 is better, 18 show no difference, 2 cannot be compared." */
void set_sentence(const struct compare_set *set, char *text, size_t size);
/* What else is to be known, sentence n from 0; false: no more. */
bool set_note(const struct compare_set *set, const struct compare_output *how, unsigned n, char *text,
	      size_t size);
/* How it was told; false where nothing was. */
bool method_sentence(const struct compare *compare, char *text, size_t size);
/* What the gate says; false where there is none. */
bool gate_sentence(const struct compare *compare, const struct compare_output *how, char *text, size_t size);
/* "kernel: 6.1.0 and 6.18.5" */
void difference_sentence(const struct compare_difference *difference, char *text, size_t size);
/* "-14.2..-9.8 %" of the change; "" where there is none. */
void comparison_interval(const struct comparison *comparison, char text[FORMAT_MAX * 2]);
/* Trials: "8, 8". */
void comparison_trials(const struct comparison *comparison, char text[FORMAT_MAX]);
/* Flags, whether ranges overlap where there is no interval, and the reason, if wanted. */
void comparison_remark(const struct comparison *comparison, bool reason, char *text, size_t size);
/* Have all comparisons of this verdict the same reason? Then a note tells it once. */
bool reason_is_shared(const struct compare_set *set, enum verdict verdict);
/* For each verdict: does a row say its reason? Not where a note says it once for all. */
void reasons_of_rows(const struct compare_set *set, bool reasons[VERDICT_COUNT]);
const struct spread *comparison_spread(const struct comparison *comparison, bool new);
/* Is it one of those that are shown where not all are? `shown`: how many of its verdict were before it. */
bool comparison_is_shown(const struct compare_set *set, const struct comparison *comparison, bool all,
			 size_t shown);

/* match.c: parameters that say how well a test was measured, not what was. */
#define COMPARE_HOW 6
extern const enum parameter_id compare_how[COMPARE_HOW];

#endif
