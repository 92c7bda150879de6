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

/* In the order in which they are told. */
enum verdict {
	VERDICT_WORSE,
	VERDICT_BETTER, /* real: by the rank test, among all comparisons of the set, and by the interval */
	VERDICT_SAME, /* no difference was found, and one could have been */
	VERDICT_UNPROVEN, /* too few trials to tell any difference from chance */
	VERDICT_INCOMPARABLE, /* the environment differs in what bears on the figure */
	VERDICT_MISSING, /* one of the two has no such test, or no figure of it */
	VERDICT_COUNT
};

/* Of what is called real so much is expected not to be; where nothing differs, the chance that anything is.
 */
#define COMPARE_FALSE SIGNIFICANT

/* A figure of one test in base and new. */
struct comparison {
	const struct digest_row *base, *new; /* NULL: there is no such test */
	enum figure figure;
	enum verdict verdict;
	double ratio;               /* new / base, of the medians; NAN: not known, or base is 0 */
	double difference;          /* new - base, of the medians; NAN: not known */
	double change; /* what counts: ratio - 1, of loss the difference; infinite where base is 0 */
	bool has_interval;
	struct interval interval;   /* of `change`, by the bootstrap; at CONFIDENCE, each for itself */
	double above; /* how probable it is that a trial of new is above one of base; NAN: no test */
	double p, adjusted;         /* of the rank test; among all comparisons of the set. NAN: no test */
	const char *method;         /* "rank test, bootstrap", "rank test", "none" */
	char why[256];              /* unproven, incomparable, missing: the reason; "" else */
	char remedy[160];           /* may be "" */
	char flags[128];            /* of another share of base's and new's trials: "disturbed (0/8, 5/8)" */
	bool lost; /* base has the figure, and new planned the test, but has none or too few trials of it */
};

/* What differs in the environment. */
struct compare_difference {
	const char *property;      /* as --across calls it */
	char of[48];               /* the switch or runtime whose version it is; "" else */
	char base[160], new[160];
	bool bears;                /* on figures; else it is only told */
	bool across;               /* it is meant to differ */
};

#define COMPARE_DIFFERENCES_MAX 40

struct compare_options {
	enum parameter_id by; /* within one record: base and new differ in it alone; else PARAMETER_COUNT */
	const char *base_value;    /* its value in base; NULL = the first one */
	const char *const
		*across; /* properties of the environment that may differ, NULL-terminated; or NULL */
	const bool *figures;       /* [FIGURE_COUNT]; NULL = the usual ones (measure_by_default) */
};

/* A pair of sets: base, and one of the new ones. */
struct compare_set {
	const char *base_name, *new_name;
	struct compare_difference difference[COMPARE_DIFFERENCES_MAX];
	size_t differences;
	char how[160]; /* "repeats 8 and 3": differs in how well it was measured; "" = nothing */
	struct comparison
		*comparison; /* the worst first, then the best, then the others in the tests' order */
	size_t count, verdicts[VERDICT_COUNT];
	size_t tests, test_verdicts[VERDICT_COUNT]; /* a test has the first verdict that a figure of it has */
	size_t judged;                 /* comparisons that could have been found to differ, or were */
	char unrecorded[160]; /* properties that one record alone has; "" = none */
	/* What a record lacks: lines that cannot be read, trials still to come; "" = nothing. */
	char unfinished[300];
	enum parameter_id by; /* in which tests of one record differ; PARAMETER_COUNT: between records */
	bool varies[PARAMETER_COUNT];  /* what names a test */
	bool intervals;                /* some comparison has one */
};

struct compare {
	struct compare_set *set;
	size_t count;
	/* what the sets borrow from */
	struct digest *digest;
	size_t digests;
	char (*names)[64];
	enum parameter_id by;
};

/*
 * views[0] is base. One view alone: its tests are compared by options->by, or by what competes in it.
 * Views and names must outlive it; compare_free also after a failure.
 */
int compare_make(struct compare *compare, const struct record_view *views, const char *const *names,
		 size_t count, const struct compare_options *options, struct error *err);
void compare_free(struct compare *compare);

/* How many comparisons are worse by more than `limit` (0.05 = 5 %; of loss 5 points) and really so. */
size_t compare_regressions(const struct compare *compare, double limit);
bool comparison_regressed(const struct comparison *comparison, double limit);

/* What a gate says. */
enum gate {
	GATE_PASSED,
	GATE_REGRESSION,
	GATE_BLIND,      /* not one comparison could be judged: it could not have failed */
	GATE_INCOMPLETE  /* no regression, but tests that base has figures of gave none in new */
};
enum gate compare_gate(const struct compare *compare, double limit, struct error *err);

/* The names that --across takes; NULL-terminated. */
const char *const *compare_properties(void);
/*
 * "forwarded,p99" or "all" into wanted[FIGURE_COUNT]; names of figures as --figure and as programs call them.
 * -EINVAL with the nearest one.
 */
int compare_figures_parse(const char *text, bool *wanted, struct error *err);

struct report_options;
struct compare_output {
	double fail_on;   /* NAN = no gate */
	bool all;         /* every comparison, not only those that say something */
	const struct report_options *report; /* of the table */
};

typedef int compare_write(FILE *out, const struct compare *compare, const struct compare_output *how,
			  struct error *err);

compare_write compare_table, compare_markdown, compare_html;
compare_write compare_json, compare_csv; /* all of it; docs/compare.schema.json, docs/compare.md */

#endif
