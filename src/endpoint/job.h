/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: an endpoint's part in a trial. The clock of the measured window, and what has to be done beside the
 * packets: samples, processor time, messages, announcements. The role loops tell the time by calling
 * job_attend after every burst; all of the rest happens in there, about once a millisecond.
 */
#ifndef LB_ENDPOINT_JOB_H
#define LB_ENDPOINT_JOB_H

#include <sched.h>
#include <sys/resource.h>

#include "endpoint/endpoint.h"
#include "endpoint/inspector.h"

/* A processor that is shared is given away only while there is at least this much time to the next burst. */
#define JOB_YIELD_NS 10000u

/* In this order: each says more firmly than the one before that the trial is over. */
enum job_state {
	JOB_RUNNING,
	JOB_STOPPED,  /* lanebench said stop; what is under way may still arrive */
	JOB_FAILED,   /* the port failed: job.error */
	JOB_QUIT,     /* lanebench said quit or is gone */
	JOB_BROKEN,   /* the channel failed: job.error; the endpoint cannot go on */
};

struct job {
	struct endpoint *endpoint;
	struct endpoint_port *tx, *rx;     /* the first and the last port, or the only one */
	const struct clock_scale *clock;
	struct control_start start;
	struct control_result *result;     /* the endpoint's */
	enum job_state state;
	struct error error;
	uint64_t begin_ns, end_ns;         /* measured window */
	uint64_t look_ns;                  /* when job_look is due */
	uint64_t stop_sent;                /* JOB_STOPPED: what control_stop.sent said */

	const uint64_t *tx_packets, *rx_packets; /* counters of the samples, set by the role; NULL = 0 */
	uint64_t in, out;                  /* for a role whose own counters are gone when the job ends */
	struct control_sample sampled;     /* number of the last sample, counters as they were at it */
	uint64_t announce_ns;              /* when the next announcement is due */
	struct io_stats stats_before[CONTROL_PORTS_MAX];
	uint64_t cpu_begin_ns, cpu_end_ns; /* 0 = not yet */
	struct rusage cpu_before;
	uint64_t looked_ns;                /* the last job_look, and what had been used by then */
	struct rusage looked;
};

void job_begin(struct job *job, struct endpoint *endpoint, const struct control_start *start);
/* Complete the result. */
void job_end(struct job *job);

/* An inspector of what arrives on this port in the trial, for the endpoint's accounts and result. */
void job_inspector(struct job *job, const struct endpoint_port *port, struct inspector *inspector);

enum job_state job_look(struct job *job, uint64_t now_ns);

static inline uint64_t job_now(const struct job *job)
{
	return clock_now_ns(job->clock);
}

static inline enum job_state job_attend(struct job *job, uint64_t now_ns)
{
	return __builtin_expect(now_ns < job->look_ns, 1) ? job->state : job_look(job, now_ns);
}

/* Nothing to do before due_ns. */
static inline void job_idle(const struct job *job, uint64_t now_ns, uint64_t due_ns)
{
	if (job->endpoint->config.yield && due_ns - now_ns >= JOB_YIELD_NS)
		sched_yield();
}

#endif
