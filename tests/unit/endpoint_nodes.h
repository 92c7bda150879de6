/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoint programs with one port or two, linked as a case wants it, and trials in which each has a role of
 * its own. Who says what when is what lanebench does: see control/message.h.
 */
#ifndef LB_TEST_ENDPOINT_NODES_H
#define LB_TEST_ENDPOINT_NODES_H

#include "endpoint_bench.h"

#define NODES_TEST 20
#define NODES_WARMUP_TEST 19

struct node {
	struct bench_end end;          /* program, namespace and channel; its port is not used */
	struct control_open open;
	struct control_result *result; /* of the last trial */
	uint64_t sent;                 /* what it said before its result; UINT64_MAX = nothing */
	unsigned samples;
};

/* A program that runs in netns (-1 = that of the test), with so many ports that have addresses. */
void node_start(struct node *node, const char *program, int netns, unsigned number, unsigned ports);
/* It is told to quit, and must end well. */
void node_stop(struct node *node);

/* Port pa of a and port pb of b are the ends of a link. */
void nodes_link(struct node *a, unsigned pa, struct node *b, unsigned pb);
/* The packets of a go to b, which expects them; where b is not next to a, both have been linked to who is. */
void nodes_stream(struct node *a, struct node *b, uint16_t stream);

/* Tell all to open, then hear that all have. */
void nodes_open(struct node *const *nodes, unsigned count, const char *io);
void node_expect_error(struct node *node, const struct control_message *message, int code, const char *word);

/* A start message for all; rate 0 = unlimited, times in ms. Lists and flows may be changed before it is said. */
struct control_start nodes_trial(uint32_t size, uint32_t burst, double rate, unsigned duration_ms);
void nodes_launch(struct node *const *nodes, unsigned count, struct control_start *start, unsigned lead_ms);
/* Until its result, or until it says what it has sent. */
void node_hear(struct node *node);
void node_say_stop(struct node *node, uint64_t sent);
void nodes_forget(struct node *const *nodes, unsigned count); /* frees the results */

#endif
