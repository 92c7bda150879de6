/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial as its endpoint lives through it: the clock of the measured window, and what has to be done beside
 * the packets: samples, processor time, messages, announcements. The role loops tell the time by calling
 * trial_attend after every burst; all of the rest happens in there, about once a millisecond.
 */
#ifndef LB_ENDPOINT_TRIAL_H
#define LB_ENDPOINT_TRIAL_H

#include <sched.h>
#include <sys/resource.h>

#include "endpoint/endpoint.h"
#include "endpoint/inspector.h"

/* A processor that is shared is given away only while there is at least this much time to the next burst. */
#define TRIAL_YIELD_NS 10000u

/* In this order: each says more firmly than the one before that the trial is over. */
enum trial_state {
	TRIAL_RUNNING,
	TRIAL_STOPPED,  /* lanebench said stop; what is under way may still arrive */
	TRIAL_FAILED,   /* the port failed: trial.error */
	TRIAL_QUIT,     /* lanebench said quit or is gone */
	TRIAL_BROKEN,   /* the channel failed: trial.error; the endpoint cannot go on */
};

struct trial {
	struct endpoint *endpoint;
	struct io *io;
	const struct clock_scale *clock;
	struct control_start start;
	struct control_result *result;     /* the endpoint's */
	enum trial_state state;
	struct error error;
	uint64_t begin_ns, end_ns;         /* measured window */
	uint64_t look_ns;                  /* when trial_look is due */
	uint64_t stop_sent;                /* TRIAL_STOPPED: what control_stop.sent said */

	const uint64_t *tx_packets, *rx_packets; /* counters of the samples, set by the role; NULL = 0 */
	struct control_sample sampled;     /* number of the last sample, counters as they were at it */
	uint64_t announce_ns;              /* when the next announcement is due */
	struct io_stats stats_before;
	uint64_t cpu_begin_ns, cpu_end_ns; /* 0 = not yet */
	struct rusage cpu_before;
	uint64_t looked_ns;                /* the last trial_look, and what had been used by then */
	struct rusage looked;
};

void trial_begin(struct trial *trial, struct endpoint *endpoint, const struct control_start *start);
/* Complete the result. */
void trial_end(struct trial *trial);

/* An inspector of what the peer sends in this trial, into the endpoint's account and result. */
void trial_inspector(struct trial *trial, struct inspector *inspector);
void trial_inspector_report(struct trial *trial, const struct inspector *inspector);

enum trial_state trial_look(struct trial *trial, uint64_t now_ns);

static inline uint64_t trial_now(const struct trial *trial)
{
	return clock_now_ns(trial->clock);
}

static inline enum trial_state trial_attend(struct trial *trial, uint64_t now_ns)
{
	return __builtin_expect(now_ns < trial->look_ns, 1) ? trial->state : trial_look(trial, now_ns);
}

/* Nothing to do before due_ns. */
static inline void trial_idle(const struct trial *trial, uint64_t now_ns, uint64_t due_ns)
{
	if (trial->endpoint->config.yield && due_ns - now_ns >= TRIAL_YIELD_NS)
		sched_yield();
}

#endif
