/* SPDX-License-Identifier: Apache-2.0 */
/* What a test wants done to its switch and endpoints, from its parameters. */
#ifndef LB_RUN_TEST_INTERFERENCE_H
#define LB_RUN_TEST_INTERFERENCE_H

#include "suite/suite.h"
#include "testbed/interference.h"

/* `neighbour_command` is that of the command line; NULL = none. The texts are the test's own. */
struct interference_spec test_interference(const struct test *test, char *const *neighbour_command);

#endif
