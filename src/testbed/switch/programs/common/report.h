/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program tells of itself by DPDK's telemetry, beside what DPDK tells of its ports (/ethdev/stats):
 *
 *   /switch/info    {"threads", "burst"}
 *   /switch/dropped   {"packets"}: those received that no port took, of all ports so far
 *   /switch/port,N  {"connected": 0 or 1, "features", "rx_ring", "tx_ring"}: the virtio features agreed
 *                     upon with the port's peer, and the sizes of its rings, as the switch sees them
 */
#ifndef LB_SWITCH_PROGRAM_REPORT_H
#define LB_SWITCH_PROGRAM_REPORT_H

/* 0 or -errno. Once EAL runs, and before the ports are started: who sees them started may ask. */
int report_open(void);

#endif
