/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of packets between the ends of a chain, forwarder by forwarder (results/record.h, `hops`). Pure but for
 * allocation.
 *
 *   in, out, refused  of the measured packets: arrived at the forwarder, accepted by its other port, turned down by
 *                     that and dropped; in = out + refused
 *   lost_before       sent by the one before, and not arrived here: dropped by the switch, or by this one's port
 *   lost_after        the same of the last forwarder's and the end of the flow
 */
#ifndef LB_TRIAL_HOPS_H
#define LB_TRIAL_HOPS_H

#include <jansson.h>

#include "topology/topology.h"
#include "trial/ends.h"

/*
 * Of one flow, whose end accounts `rx`: {"forwarders": [...], "lost_after"}, in the order in which it crosses them;
 * of round trips the way there, and "back" of each forwarder. Null where it crosses none. New reference.
 */
json_t *hops_of_flow(const struct topology *topology, const struct outcome_end *ends, unsigned flow,
		     const struct control_rx *rx);

/*
 * Hop by hop, all chains and directions together: [{"hop", "in", "out", "refused", "lost_before", "busy",
 * "packet_ns"}]; lost_before: of round trips both ways, too; busy: of a processor, all forwarders of the hop;
 * packet_ns: their time for each packet that they took in. Null without forwarders. New reference.
 */
json_t *hops_of_all(const struct topology *topology, const struct outcome_end *ends);

#endif
