/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sets of trials of the same tests: which differences are real, which are noise, which cannot be told.
 * docs/methodology.md ("Comparing runs") has definitions and formulas.
 */
#ifndef LB_REPORT_COMPARE_COMPARE_H
#define LB_REPORT_COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/digest.h"
#include "results/record.h"
#include "util/error.h"

enum verdict {
	VERDICT_BETTER, VERDICT_WORSE,   /* real */
	VERDICT_SAME,                    /* noise: the interval of the ratio contains 1 */
	VERDICT_UNPROVEN,                /* they differ, and there are too few trials to tell whether it is noise */
	VERDICT_INCOMPARABLE,            /* the environment differs in what bears on the figure */
	VERDICT_MISSING,                 /* one of the two has no such test, or no figure of it */
	VERDICT_COUNT
};

/* A figure of one test in base and new. */
struct comparison {
	const struct digest_row *base, *new; /* NULL: there is no such test */
	enum figure figure;
	enum verdict verdict;
	double ratio;                   /* new / base, of the medians; NAN: not known */
	bool has_interval;
	struct interval interval;       /* of that ratio */
	const char *method;             /* "bootstrap", "ranges", "single trials" */
	char why[256];                  /* incomparable, missing, unproven: the reason */
};

struct compare_options {
	enum parameter_id by;      /* within one record: base and new differ in this parameter alone; else PARAMETER_COUNT */
	const char *base_value;    /* its value in base; NULL = the first one */
	const char *const *across; /* properties of the environment that may differ (NULL-terminated); NULL = none */
};

/* A pair of sets: base, and one of the new ones. */
struct compare_set {
	const char *base_name, *new_name;
	char differs[16][192];     /* "kernel: 6.1.0 and 6.18.5", what differs in the environment */
	size_t differences;
	struct comparison *comparison;
	size_t count, verdicts[VERDICT_COUNT];
};

struct compare {
	struct compare_set *set;
	size_t count;
	/* what the sets borrow from */
	struct digest *digest;
	size_t digests;
};

/* views[0] is base. One view alone: options->by must name a parameter. compare_free also after a failure. */
int compare_make(struct compare *compare, const struct record_view *views, const char *const *names, size_t count,
		 const struct compare_options *options, struct error *err);
void compare_free(struct compare *compare);

/* How many comparisons are worse by more than `limit` (0.05 = 5 %) and really so. */
size_t compare_regressions(const struct compare *compare, double limit);

struct report_options;
int compare_table(FILE *out, const struct compare *compare, const struct report_options *options, struct error *err);
int compare_markdown(FILE *out, const struct compare *compare, struct error *err);
int compare_html(FILE *out, const struct compare *compare, struct error *err);
int compare_json(FILE *out, const struct compare *compare, struct error *err);

#endif
