/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated, seeded, noisy switch and its sender, whose true rates are known in advance.
 *
 * Loss has three causes. Overload: what is above the capacity is lost. Full queues: just below the capacity
 * bursts overflow now and then, the more often the nearer. Hiccups: at any load, now and then, a late
 * interrupt or a migrated thread loses all that comes for a while.
 */
#ifndef LB_TESTS_SEARCH_SWITCH_H
#define LB_TESTS_SEARCH_SWITCH_H

#include "search/plan.h"
#include "search_random.h"

struct search_switch {
	struct search_random random;
	double capacity;         /* packets/s */
	double ramp;             /* overflows begin at capacity * (1 - ramp) */
	double overflows;        /* per second, at the capacity; in proportion on the way there */
	double hiccups;          /* per second */
	double hiccup_min_s, hiccup_max_s;
	double loss;             /* share that is lost always */
	double sender_max;       /* the sender reaches no more */
	double offered_noise;    /* offered is off by up to this share, either way */
	double overhead_s;       /* what a trial takes beyond its duration, up to twice that */
	double void_share;       /* so many trials are void for no reason that the load knows */
	/* counted */
	unsigned trials;
	double traffic_s;
};

/* A usual one: capacity 0.2 to 15 Mpps, sender up to three times as fast, a hiccup each 10 s. */
struct search_switch search_switch_usual(uint64_t seed);

/* One without any noise. */
struct search_switch search_switch_quiet(double capacity, double sender_max);

/* A preset of which we know that it is there; max_load 0: to be measured. */
struct search_config search_preset_of(const char *name, double max_load);

/* What comes of a trial. Void where the offered load is more than 1 % off. */
struct load_trial search_switch_trial(struct search_switch *sut, const struct load_step *step);

/* Run a plan to its end. Fails the test if the plan is not content with its trials. */
void search_switch_run(struct search_switch *sut, struct load_plan *plan, struct load_result *result);

/*
 * The true answer: the load at which a trial as long as `goal` wants loses more than the goal's loss ratio
 * with the goal's exceed ratio as probability; for goals without loss and with exceed ratio above 0, and for
 * goals with a loss ratio far above what hiccups lose.
 */
double search_switch_true(const struct search_switch *sut, const struct search_goal *goal);

#endif
