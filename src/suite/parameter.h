/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of parameters. Command-line options, suite keys, --help, the man page,
 * `list parameters`, record fields and CSV columns all come from it. A new parameter is a line in
 * parameter.c, an identifier here, and the code that obeys it.
 */
#ifndef LB_SUITE_PARAMETER_H
#define LB_SUITE_PARAMETER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "suite/catalogue.h"
#include "suite/sizes.h"
#include "util/error.h"

/* Order = order of the matrix (the first varies slowest), of records and of columns. */
enum parameter_id {
	PARAMETER_RUNTIME,    /* name        lxc | netns                                            default lxc */
	PARAMETER_HOSTS,      /* choice -L   local | remote                                         local */
	PARAMETER_SWITCH,     /* name   -V                                                          veth */
	PARAMETER_CONTAINERS, /* set    -S   NvsN, N 1..64                                          1vs1 */
	PARAMETER_TOPOLOGY,   /* choice      pairs | chain | fan-in | loop | auto                   pairs */
	PARAMETER_HOPS,       /* number      forwarders of each chain, 1..8                          1 */
	PARAMETER_DIRECTION,  /* choice      one-way | both                                         one-way */
	PARAMETER_FLOWS,      /* number      UDP flows of each sender, 1..4096                       1 */
	PARAMETER_FLOW_ORDER, /* choice      round | random                                         round */
	PARAMETER_IO,         /* name   -I                                                          udp */
	PARAMETER_DIMENSION,  /* choice -D   throughput | latency                                   throughput */
	PARAMETER_SIZE,       /* size   -P   frame bytes without FCS, 60..9014; imix or a mix       64 */
	PARAMETER_RATE,       /* rate   -R   pps of each sender, max, a search or a sweep (search/rate.h) max */
	PARAMETER_BURST,      /* number -B   1..1024                                                32 */
	PARAMETER_PAYLOAD,    /* choice      full | headers                                         full */
	PARAMETER_DURATION,   /* time   -t   measured window, 10ms..24h                             10s */
	PARAMETER_WARMUP,     /* time   -w   sent before it and not counted, 0..1h                  1s */
	PARAMETER_DRAIN,      /* time        silence after which stragglers are given up, 0..60s    100ms */
	PARAMETER_REPEATS,    /* number -n   trials of each test, 1..1000                           1 */
	PARAMETER_PROCESSORS, /* text        which processors may be used: list as 2-5,8; or auto   auto */
	PARAMETER_PORT,       /* choice      auto | a kind of port (control/ports.def)                 auto */
	PARAMETER_RING,       /* number      descriptors of each ring of a port, 64..32768, power of two 1024 */
	PARAMETER_THREADS,    /* number      threads of the switch, where it has any, 1..64          1 */
	PARAMETER_HUGEPAGES,  /* choice      auto | none | 2M | 1G                                   auto */
	PARAMETER_SEARCH,     /* choice      csit | rfc2544 | tst009 | quick | binary               quick */
	PARAMETER_LOSS,       /* share       loss ratio of the PDR, above 0 to 50 %                 0.5% */
	PARAMETER_LIMIT,      /* time        longest search; 0 = as its preset says, to 24h         0s */
	PARAMETER_TRIALS,     /* number      of the MRR: duration is divided among them, 1..1000    10 */
	PARAMETER_SWITCH_QUOTA,    /* share  of a processor for each thread of the switch, 1 %..100 %, or none  none */
	PARAMETER_ENDPOINT_QUOTA,  /* share  of a processor for each endpoint, 1 %..100 %, or none  none */
	PARAMETER_SWITCH_PLACE,    /* choice pinned | free: where threads of the switch may run     pinned */
	PARAMETER_SWITCH_IN,       /* choice host | container: where the switch's processes run         host */
	PARAMETER_NEIGHBOUR,       /* choice none | cpu | cache | memory | command                  none */
	PARAMETER_NEIGHBOUR_PLACE, /* choice pinned | free: where the neighbour may run             pinned */
	PARAMETER_FORWARDING, /* choice      auto | learning | ports                                  auto */
	PARAMETER_RXQS,       /* number      queues of each port in each direction, 1..8             1 */
	PARAMETER_RXQ_AFFINITY, /* choice    auto | together | apart | first                         auto */
	PARAMETER_BACKGROUND, /* number      packets a second beside each client's probes, or none     none */
	PARAMETER_COOLDOWN,   /* time        sent behind the measured window and not counted, 0..1h   0s */
	PARAMETER_RX_RATE,    /* number      packets a second that each receiver takes, or none       none */
	PARAMETER_STAMP,      /* choice      departure | fill                                        departure */
	PARAMETER_CACHE_WAYS, /* number      of the last-level cache for the switch alone, 1..63, or none none */
	PARAMETER_COUNT
};

enum parameter_kind {
	PARAMETER_KIND_CHOICE, /* one of `choices` */
	PARAMETER_KIND_NAME,   /* an entry of the catalogue */
	PARAMETER_KIND_SET,    /* NvsN, or Nvs1 of a fan-in */
	PARAMETER_KIND_SIZE,   /* a number, "imix", or sizes with weights: 64:7+1500:1 (suite/sizes.h) */
	PARAMETER_KIND_NUMBER, /* integer with optional k/M/G suffix (powers of 1000) */
	PARAMETER_KIND_RATE,   /* the same, fractions allowed (1.5M), or "max", or what search/rate.h reads */
	PARAMETER_KIND_SHARE,  /* 0.005 or 0.5% */
	PARAMETER_KIND_TIME,   /* number with a unit: ns us ms s m h; bare = seconds */
	PARAMETER_KIND_PROCESSORS, /* "auto" or a list of processors: 0-3,8 */
};

#define RATE_MAX (-1.0)
#define RATE_PLAN (-2.0) /* no rate but a way to some: ndr, pdr:50%, a sweep; rate_parse(text) tells which */

struct value {
	char text[64];   /* canonical, as users may write it: "max", "1vs1", "64", "500ms"; "1M" is "1000000" */
	double number;   /* pps, bytes (of a mix the largest), packets, pairs; seconds; shares of 1; RATE_MAX, RATE_PLAN; 0 for names */
};

struct parameter {
	enum parameter_id id;
	const char *name;       /* suite key, long option (--name), record field, CSV column */
	char option;            /* short option, 0 = none */
	const char *symbol;     /* the papers' letter, or "" */
	enum parameter_kind kind;
	const char *unit;       /* "" where there is none */
	const char *fallback;   /* default, as text */
	double min, max;
	double bare_max;        /* PARAMETER_KIND_SHARE: without '%' less than this (0.5 may mean 0.5 %); 0 = any */
	const char *least, *most; /* why min and max are where they are: "the least that ..."; may be NULL */
	const char *const *choices; /* PARAMETER_KIND_CHOICE, NULL-terminated */
	bool power_of_two;      /* PARAMETER_KIND_NUMBER: only those; min and max are some */
	bool none;              /* numeric kinds: may also be "none", which as a number is 0 */
	bool matrix;            /* may be a list: each value makes tests of its own */
	const char *placeholder;/* in help: SIZE, RATE, ... */
	const char *help;       /* one or two sentences */
};

extern const struct parameter parameter_table[PARAMETER_COUNT];

const struct parameter *parameter_find(const char *name);          /* NULL if there is none */
const struct parameter *parameter_by_option(int option);

/*
 * Read one scalar. 0, or -EINVAL with cause ("size 20 is below 60 ...", "unknown switch 'ovss' (did you
 * mean 'ovs'?)") and remedy (what is allowed). Names are looked up in the catalogue; without one (NULL) any
 * will do.
 */
int parameter_parse(const struct parameter *parameter, const char *text, const struct catalogue *catalogue,
		    struct value *value, struct error *err);

/* PARAMETER_KIND_SIZE: is it a mix of sizes? And the sizes, of which a single one is a mix, too. */
bool value_is_mix(const struct value *value);
void value_sizes(const struct value *value, struct sizes *sizes);

/* What is allowed, for people: "1 to 1024 packets; suffixes k, M, G". */
void parameter_allowed(const struct parameter *parameter, char *text, size_t size);

/* A value as people say it: the rate 1500000 is 1.5M; all others are their canonical text. */
void parameter_brief(const struct parameter *parameter, const struct value *value, char *text, size_t size);

/* The record's form: a JSON number for numeric kinds (seconds for times, pps for rates, 1 for 100 %; "max" for
 * the unlimited rate, "ndr" and the like for searches; "none"), a string else. */
json_t *parameter_to_json(const struct parameter *parameter, const struct value *value);
/* And back (no catalogue: a record may be from another machine). 0 or -EINVAL. */
int parameter_from_json(const struct parameter *parameter, const json_t *json, struct value *value,
			struct error *err);

#endif
