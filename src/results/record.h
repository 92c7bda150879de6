/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a run: a directory with run.json, trials.jsonl and logs/. Everything that is reported
 * derives from it alone. docs/results.md documents every field; docs/results.schema.json is its schema.
 *
 * run.json, written when the run starts (and again when it ends, by rename):
 *   schema 1, lanebench (version), name, description, suite (YAML text or null), command (argument vector),
 *   tests (list of test objects, expanded), environment (results/environment.h), started, ended, state
 *   (running, done, interrupted), catalogue (versions of switches and runtimes under test), tuning (what was
 *   set for the run, host/tuning.h; null = nothing), clock, testbeds
 *
 * trials.jsonl, one object a line, appended and synced as each trial ends:
 *   kind       trial (also where it is missing) | step (a trial that a search or sweep made) | search (its
 *              conclusion) | reference (the conclusion of a search for what shares refer to)
 *   trial      number in this run, from 1; that of the test for all lines of its search
 *   test       the tuple: every parameter (suite/parameter.h)
 *   repeat     1 .. repeats
 *   status     ok | void | failed | skipped;  reason, remedy: texts, "" when ok
 *   flags      list of: oversubscribed, siblings, nodes, contended, offered_warn (> 0.1 % off), offered_off
 *              (> 1 % off), clock, late_start, disturbed, unstable, no_hugepages
 *   started    RFC 3339 UTC
 *   duration_s length of the measured window
 *   setup_s    time beside the trial (from the end of the one before)
 *   load       step: {step, purpose, attempt, rate_pps, share}; trial at a share: {rate_pps, share, of,
 *              reference_pps}
 *   search     search and reference, which have no tx, rx, latency, cpu, samples, pairs: {method, preset,
 *              end, senders, goal, trials, void_trials, spent_s, traffic_s, min_load_pps, max_load_pps,
 *              sender_limited, mrr, forwarded_pps}
 *   tx         intended_pps (null for max), offered_pps, packets, refused, late_max_ns, bias_ns (null = not
 *              known)
 *   rx         forwarded_pps, forwarded_bps (frame bits), packets, lost, loss_ratio, duplicated, reordered,
 *              corrupted, foreign, late, port_dropped, switch_dropped (null = not known)
 *   latency    one_way_ns or round_trip_ns: count, min, mean, stddev, p50, p90, p99, p99_9, p99_99, max, histogram;
 *              null when empty
 *   cpu        endpoints: [{pair, role, processor, user_s, system_s, busy, switches_voluntary,
 *              switches_involuntary, stalled_ns, stall_max_ns, tx_calls, rx_calls}], machine: {user_s,
 *              nice_s, system_s, softirq_s, irq_s, steal_s, iowait_s, idle_s, busy}, processors: {"0":
 *              {same}},
 *              window_s, resolution_s, switch: {user_s, system_s, total_s, busy, source, threads: [{process,
 *              name, processor, user_s, system_s, total_s}]} (null = it has no processes),
 *              baseline, net, cost, counters, energy, interrupts, softirqs, throttled, missing
 *              (docs/methodology.md)
 *   steady     {window_s, drift_ratio, deviation_ratio, from_s}; null = not judged (measure/steady.h)
 *   samples    [{second, tx_packets, rx_packets}]
 *   pairs      the same tx, rx, latency, samples pair by pair
 *   effective  configuration read back from testbed and ports
 */
#ifndef LB_RESULTS_RECORD_H
#define LB_RESULTS_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define RECORD_SCHEMA 1
/* How numbers are written wherever a trial is: 15 digits are what a double surely holds; 17 would turn 0.1
 * into 0.10000000000000001. */
#define RECORD_NUMBERS JSON_REAL_PRECISION(15)

struct record; /* open for writing; one thread */

/*
 * Make the directory, with parents (must not exist, or be empty), and run.json in it. `run` gets the field
 * schema and, where it is missing, lanebench; the record shares it (record_run), the caller keeps its
 * reference. Under sudo the record belongs to the user who called sudo. On failure nothing of it stays
 * behind.
 */
int record_create(struct record **record, const char *directory, json_t *run, struct error *err);
/*
 * Open a record to go on with it: a line cut off by a kill is removed; -EBUSY if another run writes it. What is read of
 * it before may be a step behind: record_read_own comes after.
 */
int record_resume(struct record **record, const char *directory, struct error *err);
const char *record_directory(const struct record *record); /* its path, for messages */
/*
 * logs/ in the record's directory, borrowed: under sudo it is another user's, who may put a link in the place of any
 * name, so files in it are opened below this (system/below.h), never by a path.
 */
int record_logs_fd(const struct record *record);
json_t *record_run(struct record *record); /* borrowed: run.json's object */
/* Append one trial and sync it to disk. -ENOSPC and the like: nothing of the line stays behind. */
int record_append(struct record *record, json_t *trial, struct error *err);
/* Rewrite run.json with changed fields (state, ended). */
int record_update(struct record *record, struct error *err);
void record_close(struct record *record);

/* A record for reading. */
struct record_view {
	json_t *run;
	json_t **trials;
	size_t count;
	char *directory;   /* it was read from; NULL = made in memory, by a test */
	int dir;           /* that directory, open, where there is one: all that is read or written again is below it */
	bool reduced;      /* record_read_figures read it: the trials lack what is large */
	char warning[256]; /* e.g. "trials.jsonl:17: last line is cut off, ignored"; "" else */
};
/*
 * Errors name file and line: truncated, foreign, of a newer schema. A trial of a view is an object with an
 * object `test` and a known `status`; nothing else about it is certain.
 */
int record_read(struct record_view *view, const char *directory, struct error *err);
/*
 * The same with what tables need alone, for thousands of trials: without histograms, samples, effective
 * configuration, and of `cpu` processors, counters, interrupts, softirqs, the threads of the switch, the
 * packages of energy and, of endpoints, all but `busy`. `pairs` keeps their number: a list of nulls. What
 * else is null, outside `test`, is missing. Equal parts of trials and of run.json are the same json_t: do not
 * change them.
 */
int record_read_figures(struct record_view *view, const char *directory, struct error *err);
/* The same of a record that is open for writing: of that one, whatever its path leads to meanwhile. */
int record_read_own(struct record_view *view, const struct record *record, struct error *err);
void record_view_free(struct record_view *view);

/*
 * Visit each trial of a view whole, with histograms, samples, pairs, effective configuration, in order;
 * `index` is that of view->trials. Reads the record again, a line at a time, where the view has only figures.
 * `trial` is borrowed for the call. What `visit` returns other than 0 ends it and is returned (it then fills
 * err); -EPROTO where the record was changed meanwhile.
 */
typedef int record_visit(void *context, size_t index, json_t *trial, struct error *err);
int record_scan(const struct record_view *view, record_visit *visit, void *context, struct error *err);
/* Only trials whose wanted[index] is true: to parse a trial whole takes most of a millisecond. */
int record_scan_some(const struct record_view *view, const bool *wanted, record_visit *visit, void *context,
		     struct error *err);

/*
 * Does the line conclude a test: its trial, or its search? False for the trials of a search (kind "step") and
 * for what shares refer to ("reference"), which stand before the line that concludes the test.
 */
bool record_line_concludes(const json_t *line);

#endif
