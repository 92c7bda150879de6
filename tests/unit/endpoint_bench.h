/* SPDX-License-Identifier: Apache-2.0 */
/* Two network namespaces, a path between them, an endpoint program in each. All vanishes with the test. */
#ifndef LB_TEST_ENDPOINT_BENCH_H
#define LB_TEST_ENDPOINT_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/message.h"
#include "endpoint/channel.h"
#include "testbed/host/links.h"

#define BENCH_MTU 1500
#define BENCH_STREAM 5
#define BENCH_TEST 20
#define BENCH_WARMUP_TEST 19

struct bench_end {
	const char *program;    /* NULL = the endpoint with the techniques that every machine has */
	int netns;              /* -1 = that of the test */
	const char *interface;  /* what the end is called, too */
	struct port port;
	struct packet_memory memory;
	struct wire_address address;
	pid_t pid;              /* of its endpoint, 0 = none */
	struct channel channel; /* to its endpoint */
};

struct bench {
	struct bench_end end[2];
	int middle;             /* namespace between the two where frames can be tampered with; -1 = none */
};

/* What a trial is to do; times in ms. */
struct bench_trial {
	const char *io;
	enum control_role role[2];
	uint32_t size, burst;
	double rate;
	unsigned warmup_ms, duration_ms, drain_ms;
	enum wire_payload_mode payload;
};

bool bench_privileged(void);
/* A network namespace that lives as long as its descriptor. */
int bench_netns(void);
/* A link of BENCH_MTU, quiet and up at both ends. */
void bench_veth(const struct link_end *a, const struct link_end *b);

/* An `open` as the trial needs it. */
void bench_open_message(const struct bench *bench, unsigned end, const struct bench_trial *trial,
			struct control_message *message);
/* With `middle`, interfaces "middle0" and "middle1" of bench.middle lie on the path. */
void bench_up(struct bench *bench, bool middle);
void bench_down(struct bench *bench);

/* Start the program in end's namespace; its exit status (-1: none within timeout_ms, or a signal). */
void bench_start(struct bench_end *end);
int bench_wait(struct bench_end *end, int timeout_ms);

void bench_say(struct bench_end *end, const struct control_message *message);
/* The next message; fails the test when none comes within timeout_ms. */
void bench_hear(struct bench_end *end, int timeout_ms, struct control_message *message);

/* open at both ends (already started), as the trial needs it, and start; lead in ms from now. */
void bench_open(struct bench *bench, const struct bench_trial *trial);
void bench_launch(struct bench *bench, const struct bench_trial *trial, unsigned lead_ms);
/* Hear results of both ends, end 1 stopped when end 0 has ended. Results to be freed. Returns samples heard
 * at each end in samples[] (number) and their sums of packets in sampled[]. */
struct bench_outcome {
	struct control_result *result[2];
	unsigned samples[2];
	uint64_t sampled[2]; /* tx packets at end 0, rx packets at end 1 */
};
void bench_finish(struct bench *bench, struct bench_outcome *outcome);
void bench_outcome_free(struct bench_outcome *outcome);

#endif
