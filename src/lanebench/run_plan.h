/* SPDX-License-Identifier: Apache-2.0 */
/* What --dry-run prints. */
#ifndef LB_LANEBENCH_RUN_PLAN_H
#define LB_LANEBENCH_RUN_PLAN_H

#include <stdbool.h>

#include "suite/suite.h"
#include "trial/schedule.h"

void run_plan_print(const struct suite *suite, const struct schedule *schedule, bool json);

#endif
