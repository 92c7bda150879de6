/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talking with the endpoints of a testbed: sending a message, and waiting for whichever endpoint answers
 * next, ends, or lets its time pass. One thread.
 */
#ifndef LB_TRIAL_CONVERSATION_H
#define LB_TRIAL_CONVERSATION_H

#include <stdint.h>

#include "control/message.h"
#include "testbed/testbed.h"
#include "util/error.h"

struct speaker {
	struct testbed_endpoint *endpoint;
	enum control_role role;   /* of its open ports */
	char io[32];              /* technique of its open ports; "" = none open */
	unsigned flows;           /* of each sender, for which it was told its streams */
	uint32_t max_frame, max_burst; /* with which it was opened */
	json_t *effective;        /* what `ready` said */
	bool asked;               /* to open its ports, and has not answered */
	char *line;               /* bytes received and not yet a whole line */
	size_t used, room;
	size_t longest;           /* line that it may have a use for: a histogram of each flow that it receives */
};

struct conversation {
	struct testbed *testbed;
	struct speaker *speakers; /* one an endpoint */
	unsigned count;
	unsigned next;            /* whose turn it is to be read first */
	uint64_t late_ns;         /* when a deadline was first seen to have passed, 0 = it has not */
};

int conversation_open(struct conversation *conversation, struct testbed *testbed, struct error *err);
void conversation_close(struct conversation *conversation); /* says quit */

/* Send to endpoint `who`. 0 or -errno: the endpoint has ended, or does not read. */
int conversation_say(struct conversation *conversation, unsigned who, const struct control_message *message,
		     struct error *err);

/*
 * Wait until CLOCK_MONOTONIC deadline_ns for the next message of any endpoint; one that lies there already is read even
 * where the deadline has passed. Returns 1 with *who and
 * *message (free it with control_free), 0 when the time is over, -EINTR when *cancel became nonzero, or
 * another -errno: an endpoint ended, said something unreadable, or reported an error, which err then tells
 * with its name; or -ECHILD: a process of the switch ended (testbed_check, looked at every 200 ms).
 */
int conversation_hear(struct conversation *conversation, uint64_t deadline_ns, const volatile int *cancel,
		      unsigned *who, struct control_message *message, struct error *err);

/* It said what nobody had asked it for, or twice: -EPROTO, with its name. */
int conversation_unasked(const struct conversation *conversation, unsigned who, struct error *err);

/* "the receiver of pair 2" */
void conversation_name(const struct conversation *conversation, unsigned who, char *text, size_t size);

#endif
