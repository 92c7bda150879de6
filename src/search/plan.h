/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which load to measure next: load searches, sweeps and repeated trials behind one iterator, so that whoever
 * makes the trials needs one loop and knows nothing of methods:
 *
 *	while (load_plan_next(plan, &step)) {
 *		make the trial that `step` asks for, put what came of it into `trial`
 *		if (load_plan_feed(plan, &trial, &err) < 0) ...
 *	}
 *	load_plan_result(plan, &result);
 *
 * Units: loads and rates are packets per second, of each sender or of all of them: the caller's choice, one
 * for a whole plan. Times are seconds. Shares, ratios and relative widths are 1 for 100 %.
 *
 * Pure: no system call, no clock, no allocation but in load_plan_...(). A plan that is fed the same trials
 * asks for the same loads: an interrupted search goes on by feeding it what was recorded.
 *
 * A trial is void where its offered load was off (the generator fell behind), or where the caller says so
 * for another reason. A void trial is no measurement of its load. It is repeated, limits.void_repeats times.
 * Then a search takes the highest rate that the sender reached in those attempts as its highest load from
 * now on. It ends (LOAD_END_VOID), with the bounds known so far, if that explains nothing: where a higher
 * load was measured before, or where the sender reached the load and the trials are void nevertheless. Sweeps
 * and repeated trials go on with their next point. A warm-up is never void.
 *
 * Thread rules: a plan is used by one thread at a time.
 */
#ifndef LB_SEARCH_PLAN_H
#define LB_SEARCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "search/goal.h"
#include "search/rate.h"

/* A load: as fast as the sender can. The same as the rate "max" elsewhere. */
#define LOAD_UNLIMITED (-1.0)

struct load_limits {
	double time_limit_s;     /* trials and all around them; no trial is begun that would go beyond. > 0 */
	unsigned max_trials;     /* void ones count; 1 to 1000000 */
	unsigned void_repeats;   /* further attempts at a load after a void trial; at most 100 */
};

/* 1200 s, 10000 trials, 2 repeats. */
extern const struct load_limits load_limits_default;

enum load_purpose {
	LOAD_WARMUP,    /* the result is thrown away */
	LOAD_REFERENCE, /* finds the highest load, or what percentages refer to */
	LOAD_MEASURE
};

struct load_step {
	double load;           /* or LOAD_UNLIMITED */
	double duration_s;
	enum load_purpose purpose;
	unsigned number;       /* of the trial, from 1, void ones included */
	unsigned attempt;      /* 0, or how many void trials at this load went before */
};

struct load_trial {
	double load;           /* of the step, unchanged */
	double duration_s;     /* of the step, unchanged */
	double offered_pps;    /* what was really offered, in the unit of `load` */
	uint64_t offered;      /* packets; loss ratio = lost / offered */
	uint64_t lost;         /* at most `offered` */
	double effective_s;    /* Trial Effective Duration (RFC 9971): adds to duration sums; 0: duration_s */
	double spent_s;        /* with all waiting, for the time limit; 0: effective_s */
	bool valid;            /* false: void; so is a trial that offered nothing */
};

enum load_end {
	LOAD_END_NOT,    /* still going on */
	LOAD_END_DONE,   /* every goal has its answer, every point was tried */
	LOAD_END_TIME,   /* limits.time_limit_s */
	LOAD_END_TRIALS, /* limits.max_trials */
	LOAD_END_VOID    /* loads that the sender did not offer, time after time */
};

enum goal_status {
	GOAL_OPEN,        /* the search goes on, or ended early: bounds as far as known */
	GOAL_FOUND,       /* both bounds, no further apart than the goal's width: a regular result */
	GOAL_AT_MAX,      /* the highest load is a lower bound: there is no upper one, or none near */
	GOAL_AT_MIN       /* the least load is an upper bound: loss at every rate */
};

struct goal_result {
	enum goal_status status;
	double lower;          /* relevant lower bound, NAN if there is none */
	double upper;          /* relevant upper bound, NAN if there is none */
	double throughput;     /* conditional throughput at `lower`; NAN if there is none */
	double offered_share;  /* lowest offered / intended of the trials at `lower`; NAN if there is none */
	/*
	 * GOAL_OPEN without both bounds: those of the finest of the goal's coarser targets that has any, NAN
	 * else. They rest on fewer or shorter trials than the goal asks for: a hint, no result.
	 */
	double coarse_lower, coarse_upper;
};

struct load_result {
	enum load_end end;
	unsigned trials;       /* fed, void ones included */
	unsigned void_trials;
	double spent_s;
	double traffic_s;      /* sum of the trials' durations as intended */
	double min_load;       /* NAN where the plan has no limits */
	double max_load;       /* as the limits say, or as the sender reached; NAN if not known (yet) */
	bool sender_limited;   /* void trials lowered max_load */
	double mrr_pps;        /* maximum receive rate: mean forwarded over all unlimited trials; NAN */
	unsigned goals;        /* of a search; 0 else */
	struct goal_result goal[SEARCH_GOALS_MAX]; /* in the order of the configuration */
};

/* "found", "loss at every rate down to the least load", ...; of a result whose plan has ended. */
const char *load_result_text(const struct load_result *result, unsigned goal);

struct search_config {
	struct search_goal goal[SEARCH_GOALS_MAX];
	unsigned goals;
	double min_load;       /* > 0: at least one packet in the shortest trial */
	double max_load;       /* 0: what the sender offers in a first, unlimited trial */
	double warmup_s;       /* a trial at the highest load whose result is thrown away; 0: none */
	struct load_limits limits;
};

/*
 * Fill in a preset: "csit", "rfc2544", "tst009" or "quick" (docs/search.md has the table); max_load is 0.
 * 0, or -EINVAL with the names.
 */
int search_preset(struct search_config *config, const char *name, struct error *err);
extern const char *const search_preset_names[]; /* NULL-terminated */

/* 0, or -EINVAL with what contradicts itself and the remedy. load_plan_search() asks this, too. */
int search_config_check(const struct search_config *config, struct error *err);

struct load_plan;

/* Each makes a plan, to be freed. 0, -EINVAL or -ENOMEM; *plan is then NULL. What it is given is copied. */

/* MLRsearch (RFC 9971). */
int load_plan_search(struct load_plan **plan, const struct search_config *config, struct error *err);

/*
 * Plain binary search as RFC 2544 throughput tests do it: one trial of the goal's final duration at each
 * load, arithmetic middle, until the goal's width. For exactly one goal; of that, duration sum, exceed ratio
 * and preceding targets mean nothing here. One late interrupt makes its answer wrong (docs/search.md).
 */
int load_plan_bisect(struct load_plan **plan, const struct search_config *config, struct error *err);

/* `count` trials at one load. With LOAD_UNLIMITED: MRR. */
int load_plan_repeat(struct load_plan **plan, double load, double duration_s, unsigned count,
		     const struct load_limits *limits, struct error *err);

/*
 * One trial at each point of a sweep (RATE_SWEEP, RATE_SWEEP_SHARE, RATE_BEST; rate_point()). Shares are of the MRR,
 * which a first, unlimited trial finds (LOAD_REFERENCE).
 */
int load_plan_sweep(struct load_plan **plan, const struct rate *rate, double duration_s,
		    const struct load_limits *limits, struct error *err);

/*
 * Frame loss rate of RFC 2544, 26.3: 100 % of the highest load, then down in steps of `step` (0.1 by the
 * RFC, finer is encouraged), until two successive trials without loss. max_load 0: the unlimited rate is the
 * first point, and what was offered there is 100 %.
 */
int load_plan_loss_curve(struct load_plan **plan, double max_load, double step, double duration_s,
			 const struct load_limits *limits, struct error *err);

void load_plan_free(struct load_plan *plan); /* NULL is fine */

/* What to measure next; false: the plan is at its end. Asked again before the trial is fed, the same. */
bool load_plan_next(struct load_plan *plan, struct load_step *step);

/* What came of it. 0; -EINVAL for a trial that nobody asked for or that is impossible: the step stands. */
int load_plan_feed(struct load_plan *plan, const struct load_trial *trial, struct error *err);

/* At any time: as far as known. */
void load_plan_result(const struct load_plan *plan, struct load_result *result);

#endif
