/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a suite (YAML) and the command line to a list of tests. A suite is data: nothing in it is
 * executed or interpolated.
 *
 *   name: quickstart                # letters, digits, - _ . ; names the record
 *   description: one line           # optional
 *   parameters:                     # optional: for all tests below
 *     duration: 2s
 *   order: shuffled                 # optional, of the trials; seed: 1 beside it repeats one
 *   tests:                          # list of matrices
 *     - switch: [veth, linux-bridge]
 *       io: [udp, raw]
 *       size: 64
 *
 * Every scalar may be a list where the parameter allows it; a matrix has one test for each combination.
 * Equal tests (from overlapping matrices) are kept once.
 */
#ifndef LB_SUITE_SUITE_H
#define LB_SUITE_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/catalogue.h"
#include "suite/order.h"
#include "suite/parameter.h"
#include "topology/topology.h"
#include "util/error.h"

#define SUITE_TESTS_MAX 100000

struct test {
	struct value value[PARAMETER_COUNT];
	bool looped; /* topology auto was asked for, and made it a loop */
};

static inline double test_number(const struct test *test, enum parameter_id id)
{
	return test->value[id].number;
}
static inline const char *test_text(const struct test *test, enum parameter_id id)
{
	return test->value[id].text;
}

/* Does it measure round trips? */
bool test_is_latency(const struct test *test);

/* One thing that is wrong with a suite or a command line, and where. */
struct suite_problem {
	char where[512];     /* "suites/x.yaml:12:7" or "option -V" */
	struct error error;
};

struct suite {
	char name[64];
	char description[256];
	struct suite_order order;
	char *source; /* the YAML text as read, for the record; NULL for the command line alone */
	struct test *tests;
	size_t count;
	struct suite_problem *problems; /* in order of place */
	size_t problem_count;
};

/* Values given by options: text of each parameter, comma-separated for lists; NULL = not given. */
struct suite_options {
	const char *text[PARAMETER_COUNT];
};

/*
 * Read the suite at `path` ("-": standard input; NULL: only the options make the tests, name "adhoc"), put the
 * options over it, expand. All problems are collected, none stops at the first. 0 if there are none, -EINVAL if there
 * are (suite->problems says which, err how many), -errno with err for a file that cannot be read.
 *
 * A combination that is impossible whatever the machine (burst above what the technique or a ring takes, a
 * frame that it cannot carry, a switch whose port it cannot use or that connects fewer pairs, hosts remote
 * on a local switch) is a problem too, named once per cause at the place of the value that makes it so.
 * What is only unavailable on this machine is not: such tests are skipped at run time. suite_free in every
 * case.
 */
int suite_load(struct suite *suite, const char *path, const struct suite_options *options,
	       const struct catalogue *catalogue, struct error *err);
void suite_free(struct suite *suite);

/* How its containers are arranged; and the same from the values of its parameters. */
struct topology_spec test_topology(const struct test *test);
struct topology_spec topology_spec_of(const char *topology, double containers, double hops, const char *direction);

/*
 * Topology auto becomes loop where the switch polls, the technique hands over whole frames, and there are fewer
 * processors than the pairs and the switch's threads want; else pairs.
 */
void test_choose_topology(struct test *test, const struct catalogue *catalogue);

/*
 * Which tests that made loops, and why, as a sentence: "topology auto: loops for testpmd, ovs: ...". "" where it made
 * none.
 */
void suite_tell_loops(const struct suite *suite, const struct catalogue *catalogue, char *text, size_t size);

/* Record form of a test: an object with a field for each parameter, in table order. And back: a field that is
 * missing has the default (a record of an older lanebench), one that is unknown is ignored. */
json_t *test_to_json(const struct test *test);
int test_from_json(const json_t *json, struct test *test, struct error *err);

/*
 * A copy of a test's record form that has every parameter: one that is missing (in a record of an older
 * lanebench) gets its default. Nothing of what is there is looked at. New reference; NULL when out of
 * memory.
 */
json_t *test_complete(const json_t *json);

/*
 * The papers' tuple, and what else is not the default: "(throughput, local, 1vs1, veth, 64, max, 32) raw, topology
 * chain, hops 2", for people.
 */
void test_tuple(const struct test *test, char *text, size_t size);

#endif
