/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine that a record was made on: host name left out. Each value is read from the system; what cannot
 * be read is null. New reference. Fields: kernel {release, version, architecture, command_line (of its
 * parameters those that bear on figures)}, distribution, processor (null: put in by the caller, from
 * host/processors), memory_bytes, mitigations {name: text}, governor, turbo, smt, isolated, nohz_full,
 * clocksource, hypervisor, cgroup (v1, v2, hybrid), lsm, hugepages {size in kB: {total, free}}, load_average,
 * rmem_max, wmem_max, netdev_max_backlog, versions {libc, liblxc, libnl, ...}.
 */
#ifndef LB_RESULTS_ENVIRONMENT_H
#define LB_RESULTS_ENVIRONMENT_H

#include <jansson.h>

json_t *environment_read(void);

#endif
