/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far two processors are from each other: the time in which a cache line goes from one to the other and back. All
 * that passes packets through shared memory lives by it. It is a property of the machine, and in a virtual one of the
 * moment: a hypervisor that moves a virtual processor to another core, or to the sibling of one, changes it by a factor
 * of several, and with it every figure.
 */
#ifndef LB_TESTBED_HOST_LINE_H
#define LB_TESTBED_HOST_LINE_H

#include "measure/clock.h"
#include "util/error.h"

/*
 * Median of some hundred round trips in ns between two threads, each bound to one of the processors; a millisecond's
 * work. 0: not known, since one of the threads did not get its processor in time. -errno with err: they could not be
 * started.
 */
int line_measure(int first, int second, const struct clock_scale *clock, double *round_trip_ns, struct error *err);

#endif
