/* SPDX-License-Identifier: Apache-2.0 */
/* Records as a run writes them, made of figures that the test chooses. */
#ifndef LB_TESTS_SAMPLE_RECORD_H
#define LB_TESTS_SAMPLE_RECORD_H

#include <jansson.h>

struct sample {
	const char *switch_name, *io, *dimension;
	int size;
	double rate;                       /* 0 = max */
	int repeat, repeats;
	double forwarded_pps, loss_ratio;
	double p50_us, p99_us;             /* one way or round trip, as the dimension says */
	double busy;                       /* processors, whole machine */
	double switch_busy;                /* those of the switch's processes; 0 = it has none */
};

/* One trial of udp over veth, for tests that do not look at its figures. */
extern const struct sample sample_plain;

/* run.json of a run with these planned tests (NULL: none); state running, done or interrupted. New
 * references. */
json_t *sample_run(const char *name, const char *state, json_t *tests);
json_t *sample_test(const struct sample *sample);
json_t *sample_trial(const struct sample *sample, const char *flag);
json_t *sample_without_figures(const struct sample *sample, const char *status, const char *reason,
			       const char *remedy);

/* A new empty directory below the temporary directory (static storage); and its end, with all that is in it.
 */
const char *sample_directory(void);
void sample_remove(const char *directory);

#endif
