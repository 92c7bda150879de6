/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of one trial object. A trial is foreign data: whatever is missing or of another type is NAN. */
#ifndef LB_REPORT_FIGURES_H
#define LB_REPORT_FIGURES_H

#include <jansson.h>
#include <stdbool.h>

/* Value at a path such as "rx.forwarded_pps"; NULL if there is none (or null). Borrowed. */
const json_t *trial_value(const json_t *trial, const char *path);
double trial_number(const json_t *trial, const char *path);
/* The text at a path, "" if there is none. Borrowed. */
const char *trial_text(const json_t *trial, const char *path);
/* Its status is ok: it has figures that count. */
bool trial_is_ok(const json_t *trial);
bool trial_has_flag(const json_t *trial, const char *flag);

/* Processors busy on the whole machine in the window: user, nice, system, irq and softirq time over it. */
double trial_busy(const json_t *trial);
/* The same for the endpoints alone: their threads' user and system time. */
double trial_endpoints_busy(const json_t *trial);
/* Those and the switch's own processes, where it has some: what Ara et al. (section 4.6) call CPU utilization. */
double trial_processes_busy(const json_t *trial);
/* Of a chain, ns: processor time of a forwarder for each packet that it took in, the mean of all hops. */
double trial_hop_cost(const json_t *trial);

#endif
