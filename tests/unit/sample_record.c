/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_record.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct sample sample_plain = {
	.switch_name = "veth", .io = "udp", .dimension = "throughput", .size = 64, .repeat = 1, .repeats = 1,
	.forwarded_pps = 412345.6, .loss_ratio = 0.01, .p50_us = 12.3, .p99_us = 45.6, .busy = 1.5,
};

json_t *sample_run(const char *name, const char *state, json_t *tests)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:n, s:[s, s, s], s:o, s:s, s:o, s:s, s:{s:{s:s, s:s}, s:s, "
	"s:s,"
			 " s:{s:s, s:s}}}",
			 "schema", 1, "lanebench", "0.1.0", "name", name, "description",
			 "What the kernel's own paths give",
			 "suite", "command", "lanebench", "run", "suites/x.yaml",
			 "tests", tests ? tests : json_array(), "started", "2026-11-21T20:35:19Z",
			 "ended", strcmp(state, "done") ? json_null() : json_string("2026-11-21T20:36:00Z"),
			 "state", state,
			 "environment", "kernel", "release", "6.18.44", "version", "#1 SMP",
			 "distribution", "Debian GNU/Linux 12 (bookworm)", "hypervisor", "KVMKVMKVM",
			 "processor", "model", "Xeon Example 8000", "usable", "0-1");
}

json_t *sample_test(const struct sample *s)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:i, s:s, s:f, s:f, s:f, s:i, s:s, s:i, s:i, s:s}",
			 "runtime", "lxc", "hosts", "local", "switch", s->switch_name, "containers", "1vs1",
			 "io", s->io, "dimension", s->dimension, "size", s->size,
			 "rate", s->rate > 0 ? json_real(s->rate) : json_string("max"),
			 "burst", strcmp(s->dimension, "latency") ? 32 : 1, "payload", "full", "duration",
			 2.0,
			 "warmup", 1.0, "drain", 0.1, "repeats", s->repeats, "processors", "auto",
			 "ring", 1024, "threads", 1, "hugepages", "auto");
}

static json_t *sample_latency(const struct sample *s, double packets)
{
	json_int_t p50 = (json_int_t)(s->p50_us * 1e3), p99 = (json_int_t)(s->p99_us * 1e3);

	return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:f, s:[[I, I, "
	"I]]}}",
			 "count", (json_int_t)packets, "min", p50 / 2, "mean", (double)p50 * 1.1, "p50", p50,
			 "p90", (p50 + p99) / 2, "p99", p99, "p99_9", p99 * 2, "p99_99", p99 * 3, "max",
			 p99 * 4,
			 "histogram", "count", (json_int_t)packets, "min", p50 / 2, "max", p99 * 4,
			 "mean", (double)p50 * 1.1, "buckets", p50, p50, (json_int_t)packets);
}

static json_t *sample_switch(const struct sample *s, double window)
{
	double used = s->switch_busy * window;

	if (!(s->switch_busy > 0))
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f, s:s, s:[{s:s, s:s, s:i, s:f, s:f, s:f}]}", "user_s", used, "system_s", 0.0,
			 "total_s", used, "busy", s->switch_busy, "source", "schedstat", "threads",
			 "process", "switch", "name", "worker-1", "processor", 1, "user_s", used, "system_s", 0.0,
			 "total_s", used);
}

static json_t *sample_cpu(const struct sample *s)
{
	double window = 2;

	return json_pack("{s:[{s:i, s:s, s:i, s:f, s:f, s:f}, {s:i, s:s, s:i, s:f, s:f, s:f}],"
			 " s:{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}, s:{}, s:f, s:f, s:o}",
			 "endpoints",
			 "pair", 0, "role", "sender", "processor", 1, "user_s", 0.5, "system_s", 1.4, "busy",
			 0.95,
			 "pair", 0, "role", "receiver", "processor", 0, "user_s", 0.4, "system_s", 1.0,
			 "busy", 0.7,
			 "machine", "user_s", 0.25 * s->busy * window, "nice_s", 0.0,
			 "system_s", 0.5 * s->busy * window, "softirq_s", 0.25 * s->busy * window, "irq_s",
			 0.0,
			 "steal_s", 0.5, "iowait_s", 0.5, "idle_s", (2 - s->busy) * window, "busy", s->busy,
			 "processors", "window_s", window, "resolution_s", 0.01,
			 "switch", sample_switch(s, window));
}

static json_t *sample_figures(const struct sample *s)
{
	double offered = s->forwarded_pps / (1 - s->loss_ratio), sent = offered * 2,
	got = s->forwarded_pps * 2;

	return json_pack("{s:{s:o, s:f, s:I, s:I, s:n}, s:{s:f, s:f, s:I, s:I, s:f, s:I, s:I, s:I, s:I, "
	"s:I, s:n, s:n},"
			 " s:{s:o}, s:[{s:i, s:I, s:I}]}",
			 "tx", "intended_pps", s->rate > 0 ? json_real(s->rate) : json_null(), "offered_pps",
			 offered,
			 "packets", (json_int_t)sent, "refused", (json_int_t)17, "late_max_ns",
			 "rx", "forwarded_pps", s->forwarded_pps, "forwarded_bps",
			 s->forwarded_pps * s->size * 8,
			 "packets", (json_int_t)got, "lost", (json_int_t)(sent - got), "loss_ratio",
			 s->loss_ratio,
			 "duplicated", (json_int_t)0, "reordered", (json_int_t)0, "corrupted", (json_int_t)0,
			 "foreign", (json_int_t)0, "late", (json_int_t)0, "port_dropped", "switch_dropped",
			 "latency", strcmp(s->dimension, "latency") ? "one_way_ns" : "round_trip_ns",
			 sample_latency(s, got),
			 "samples", "second", 1, "tx_packets", (json_int_t)(sent / 2), "rx_packets",
			 (json_int_t)(got / 2));
}

static json_t *sample_head(const struct sample *s, const char *status, const char *reason, const char *remedy,
			   const char *flag)
{
	static int number;
	json_t *flags = json_array();

	if (flag)
		json_array_append_new(flags, json_string(flag));
	return json_pack("{s:i, s:o, s:i, s:s, s:s, s:s, s:o, s:s}", "trial", ++number, "test",
	sample_test(s),
			 "repeat", s->repeat, "status", status, "reason", reason, "remedy", remedy, "flags",
			 flags,
			 "started", "2026-11-21T20:35:21Z");
}

json_t *sample_trial(const struct sample *s, const char *flag)
{
	json_t *trial = sample_head(s, "ok", "", "", flag), *figures = sample_figures(s),
	*pair = json_deep_copy(figures);

	json_object_set_new(pair, "pair", json_integer(0));
	json_object_set_new(trial, "duration_s", json_real(2));
	json_object_set_new(trial, "setup_s", json_real(0.031));
	json_object_update(trial, figures);
	json_object_set_new(trial, "cpu", sample_cpu(s));
	json_object_set_new(trial, "pairs", json_pack("[o]", pair));
	json_object_set_new(trial, "effective", json_pack("{s:{s:i}}", "switch", "mtu", 1500));
	json_decref(figures);
	return trial;
}

json_t *sample_without_figures(const struct sample *s, const char *status, const char *reason,
	const char *remedy)
{
	return sample_head(s, status, reason, remedy, NULL);
}

const char *sample_directory(void)
{
	static char path[256];
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/lanebench-test-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(path);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

void sample_remove(const char *directory)
{
	nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
