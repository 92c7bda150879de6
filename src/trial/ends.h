/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints of a trial have reported, one for each node of its topology. */
#ifndef LB_TRIAL_ENDS_H
#define LB_TRIAL_ENDS_H

#include "control/message.h"

/* What the endpoint of a node reported. */
struct outcome_end {
	struct control_result *result;
	const struct control_sample *samples; /* of each second */
	unsigned sample_count;
	int processor;
	bool shared;                          /* its processor has others to run, too */
};

#endif
