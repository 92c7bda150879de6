/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/parameter.h"

#include <string.h>

#include "control/message.h"
#include "topology/topology.h"

#define MINUTE 60.0
#define HOUR   3600.0

static const char *const hosts[] = { "local", "remote", NULL };
static const char *const dimensions[] = { "throughput", "latency", NULL };
static const char *const payloads[] = { "full", "headers", NULL };
/* The arrangements in the order of enum topology_kind; auto becomes one of them with each test. */
static const char *const topologies[] = { "pairs", "chain", "fan-in", "loop", "auto", NULL };
static const char *const directions[] = { "one-way", "both", NULL };
static const char *const flow_orders[] = { "round", "random", NULL };
static const char *const stamps[] = { "departure", "fill", NULL };
static const char *const sides[] = { "host", "container", NULL };
static const char *const ports[] = {
	"auto",
#define PORT(kind, name, ...) name,
#include "control/ports.def"
#undef PORT
	NULL,
};
static const char *const forwardings[] = { "auto", "learning", "ports", NULL };
static const char *const rxq_affinities[] = { "auto", "together", "apart", "first", NULL };
static const char *const hugepages[] = { "auto", "none", "2M", "1G", NULL };
static const char *const places[] = { "pinned", "free", NULL };
static const char *const neighbours[] = { "none", "cpu", "cache", "memory", "command", NULL };
static const char *const searches[] = { "quick", "csit", "rfc2544", "tst009", "binary", NULL };

/*
 * `help` says what a parameter means. What it may be comes from kind, min, max and choices: see
 * parameter_allowed. Neither names a switch, a technique or a runtime: `lanebench list` does.
 */
const struct parameter parameter_table[PARAMETER_COUNT] = {
	[PARAMETER_RUNTIME] = {
		.id = PARAMETER_RUNTIME, .name = "runtime", .symbol = "",
		.kind = PARAMETER_KIND_NAME, .unit = "", .fallback = "lxc",
		.matrix = true, .placeholder = "NAME",
		.help = "What makes the containers.",
	},
	[PARAMETER_HOSTS] = {
		.id = PARAMETER_HOSTS, .name = "hosts", .option = 'L', .symbol = "L",
		.kind = PARAMETER_KIND_CHOICE, .choices = hosts, .unit = "", .fallback = "local",
		.matrix = true, .placeholder = "WHERE",
		.help = "Where the two ends of a pair run: both on this host (local), or one of them on a "
			"second host (remote).",
	},
	[PARAMETER_SWITCH] = {
		.id = PARAMETER_SWITCH, .name = "switch", .option = 'V', .symbol = "V",
		.kind = PARAMETER_KIND_NAME, .unit = "", .fallback = "veth",
		.matrix = true, .placeholder = "NAME",
		.help = "What connects the containers: a virtual switch, or a plain link between the two of "
			"a pair.",
	},
	[PARAMETER_CONTAINERS] = {
		.id = PARAMETER_CONTAINERS, .name = "containers", .option = 'S', .symbol = "S",
		.kind = PARAMETER_KIND_SET, .min = 1, .max = 64, .unit = "", .fallback = "1vs1",
		.matrix = true, .placeholder = "NvsN",
		.help = "Senders and receivers (or clients and servers) that run at once, each in a container of "
			"its own: 4vs4 is four pairs, or four chains or loops; 4vs1 is a fan-in of four senders.",
	},
	[PARAMETER_TOPOLOGY] = {
		.id = PARAMETER_TOPOLOGY, .name = "topology", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = topologies, .unit = "", .fallback = "pairs",
		.matrix = true, .placeholder = "HOW",
		.help = "How the containers are arranged: each sender with a receiver (pairs); the same with "
			"--hops forwarding containers in between (chain); all senders to one receiver, on a "
			"switch that learns (fan-in); containers of two ports that send on one and receive on "
			"the other in one thread, so that a polling switch needs two processors in place of "
			"three (loop). auto is a loop where a switch polls and processors are too few for "
			"pairs, and pairs else.",
	},
	[PARAMETER_HOPS] = {
		.id = PARAMETER_HOPS, .name = "hops", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = TOPOLOGY_HOPS_MAX, .unit = "forwarders",
		.fallback = "1", .matrix = true, .placeholder = "N",
		.help = "Forwarding containers that packets cross in a chain. Each takes frames from one port, "
			"rewrites the Ethernet addresses, and hands them to its other port.",
	},
	[PARAMETER_DIRECTION] = {
		.id = PARAMETER_DIRECTION, .name = "direction", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = directions, .unit = "", .fallback = "one-way",
		.matrix = true, .placeholder = "WHICH",
		.help = "Whether only the first container of a pair or chain sends (one-way), or both ends send "
			"and receive at the same time, each at --rate (both).",
	},
	[PARAMETER_FLOWS] = {
		.id = PARAMETER_FLOWS, .name = "flows", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = CONTROL_FLOWS_MAX, .unit = "flows", .fallback = "1",
		.matrix = true, .placeholder = "N",
		.help = "UDP flows of each sender, which differ in their source port. Each has sequence numbers "
			"and an account of its own.",
	},
	[PARAMETER_FLOW_ORDER] = {
		.id = PARAMETER_FLOW_ORDER, .name = "flow-order", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = flow_orders, .unit = "", .fallback = "round",
		.matrix = true, .placeholder = "HOW",
		.help = "Which flow a packet belongs to: each flow in turn (round), or one drawn at random by the "
			"run's seed (random).",
	},
	[PARAMETER_IO] = {
		.id = PARAMETER_IO, .name = "io", .option = 'I', .symbol = "",
		.kind = PARAMETER_KIND_NAME, .unit = "", .fallback = "udp",
		.matrix = true, .placeholder = "NAME",
		.help = "Packet I/O technique: how the program in a container reaches its port.",
	},
	[PARAMETER_DIMENSION] = {
		.id = PARAMETER_DIMENSION, .name = "dimension", .option = 'D', .symbol = "D",
		.kind = PARAMETER_KIND_CHOICE, .choices = dimensions, .unit = "", .fallback = "throughput",
		.matrix = true, .placeholder = "WHAT",
		.help = "What is measured: packets forwarded and lost between a sender and a receiver "
			"(throughput), or round trips between a client and a server that sends back what it "
			"gets (latency).",
	},
	[PARAMETER_SIZE] = {
		.id = PARAMETER_SIZE, .name = "size", .option = 'P', .symbol = "P",
		.kind = PARAMETER_KIND_SIZE, .min = 60, .max = 9014, .unit = "bytes", .fallback = "64",
		.least = "the least that Ethernet carries without FCS",
		.most = "the whole frame at an MTU of 9000",
		.matrix = true, .placeholder = "SIZE",
		.help = "Packet size: the Ethernet frame with its header and without its FCS. What RFC 2544 "
			"calls a 64-byte frame counts the FCS and is 60 here. Or a mix of sizes with weights, "
			"such as 64:7+1500:1; imix is 60:7+566:4+1514:1, that is 64, 570 and 1518 with FCS.",
	},
	[PARAMETER_RATE] = {
		.id = PARAMETER_RATE, .name = "rate", .option = 'R', .symbol = "R",
		.kind = PARAMETER_KIND_RATE, .min = 1, .max = 1e9, .unit = "packets per second",
		.fallback = "max",
		.matrix = true, .placeholder = "RATE",
		.help = "Load that each sender or client intends to offer; max is as fast as it can. Or what "
			"to look for: ndr and pdr (the highest load without loss, and with at most the loss "
			"of --loss), mrr (what arrives at the highest load), a share of one of them "
			"(pdr:50%), a sweep (1M..20M step 1M, or 10%..100% of the MRR), the most that arrives at "
			"any of its points (best:1M..20M step 1M), RFC 2544's loss-curve.",
	},
	[PARAMETER_BURST] = {
		.id = PARAMETER_BURST, .name = "burst", .option = 'B', .symbol = "B",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 1024, .unit = "packets", .fallback = "32",
		.matrix = true, .placeholder = "BURST",
		.help = "Packets that are handed to the port, and asked of it, in one go. A technique may "
			"take fewer.",
	},
	[PARAMETER_PAYLOAD] = {
		.id = PARAMETER_PAYLOAD, .name = "payload", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = payloads, .unit = "", .fallback = "full",
		.matrix = true, .placeholder = "HOW",
		.help = "Whether every byte of a packet is produced by the sender and checked by the "
			"receiver, as an application would (full), or only the header of the test payload "
			"(headers).",
	},
	[PARAMETER_DURATION] = {
		.id = PARAMETER_DURATION, .name = "duration", .option = 't', .symbol = "",
		.kind = PARAMETER_KIND_TIME, .min = 0.01, .max = 24 * HOUR, .unit = "seconds",
		.fallback = "10s",
		.matrix = true, .placeholder = "TIME",
		.help = "Measured window of a trial.",
	},
	[PARAMETER_WARMUP] = {
		.id = PARAMETER_WARMUP, .name = "warmup", .option = 'w', .symbol = "",
		.kind = PARAMETER_KIND_TIME, .min = 0, .max = HOUR, .unit = "seconds", .fallback = "1s",
		.matrix = true, .placeholder = "TIME",
		.help = "Traffic sent before the measured window and not counted.",
	},
	[PARAMETER_DRAIN] = {
		.id = PARAMETER_DRAIN, .name = "drain", .symbol = "",
		.kind = PARAMETER_KIND_TIME, .min = 0, .max = MINUTE, .unit = "seconds", .fallback = "100ms",
		.placeholder = "TIME",
		.help = "Silence at the end of a trial after which packets still under way are given up as "
			"lost.",
	},
	[PARAMETER_REPEATS] = {
		.id = PARAMETER_REPEATS, .name = "repeats", .option = 'n', .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 1000, .unit = "trials", .fallback = "1",
		.matrix = true, .placeholder = "N",
		.help = "Trials of each test; with several, reports show their median and their spread.",
	},
	[PARAMETER_PROCESSORS] = {
		.id = PARAMETER_PROCESSORS, .name = "processors", .symbol = "",
		.kind = PARAMETER_KIND_PROCESSORS, .min = 0, .max = 1023, .unit = "", .fallback = "auto",
		.placeholder = "LIST",
		.help = "Processors for the containers and the switch. auto chooses among all that lanebench "
			"may use: whole cores of one NUMA node first.",
	},
	[PARAMETER_PORT] = {
		.id = PARAMETER_PORT, .name = "port", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = ports, .unit = "", .fallback = "auto",
		.matrix = true, .placeholder = "KIND",
		.help = "Kind of the ports between containers and switch, where switch and I/O technique have "
			"several in common; auto is the first of those.",
	},
	[PARAMETER_RING] = {
		.id = PARAMETER_RING, .name = "ring", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 64, .max = 32768, .power_of_two = true,
		.unit = "descriptors", .fallback = "1024",
		.most = "what virtio can number",
		.matrix = true, .placeholder = "N",
		.help = "Descriptors of each ring of a port, of those ports that have rings in shared memory; "
			"what the kernel's network interfaces have is not touched. At least a burst.",
	},
	[PARAMETER_THREADS] = {
		.id = PARAMETER_THREADS, .name = "threads", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 64, .unit = "threads", .fallback = "1",
		.matrix = true, .placeholder = "N",
		.help = "Threads of the switch that move packets, each on a processor of its own; no more "
			"than there are ports, and 1 for a switch that has none of its own.",
	},
	[PARAMETER_HUGEPAGES] = {
		.id = PARAMETER_HUGEPAGES, .name = "hugepages", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = hugepages, .unit = "", .fallback = "auto",
		.matrix = true, .placeholder = "PAGES",
		.help = "Pages of the memory that packets lie in, where an I/O technique or a switch brings its "
			"own: of 2 MB or 1 GB, or none larger than usual. auto is 2M if they can be had, "
			"else none, and the record says so.",
	},
	[PARAMETER_SEARCH] = {
		.id = PARAMETER_SEARCH, .name = "search", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = searches, .unit = "", .fallback = "quick",
		.matrix = true, .placeholder = "HOW",
		.help = "How ndr and pdr are searched for: by MLRsearch (RFC 9971) for a first look "
			"(quick, width 3 %), for figures to publish (csit, width 0.5 %), or as the "
			"standards want it (rfc2544, tst009: ndr only, trials of a minute); or by a plain "
			"binary search with trials of --duration (binary).",
	},
	[PARAMETER_LOSS] = {
		.id = PARAMETER_LOSS, .name = "loss", .symbol = "",
		.kind = PARAMETER_KIND_SHARE, .min = 1e-6, .max = 0.5, .bare_max = 0.1, .unit = "of the packets sent",
		.fallback = "0.5%", .least = "since pdr without loss is ndr",
		.matrix = true, .placeholder = "SHARE",
		.help = "Share of the packets that may be lost at the rate that pdr looks for.",
	},
	[PARAMETER_LIMIT] = {
		.id = PARAMETER_LIMIT, .name = "limit", .symbol = "",
		.kind = PARAMETER_KIND_TIME, .min = 0, .max = 24 * HOUR, .unit = "seconds", .fallback = "0s",
		.placeholder = "TIME",
		.help = "Longest time that a search for ndr or pdr may take; it then tells the bounds known by "
			"then. 0 is what the kind of search sets itself: quick 60s, csit 20m, others 2h.",
	},
	[PARAMETER_TRIALS] = {
		.id = PARAMETER_TRIALS, .name = "trials", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 1000, .unit = "trials", .fallback = "10",
		.matrix = true, .placeholder = "N",
		.help = "Trials of which mrr is the mean; --duration is divided among them.",
	},
	[PARAMETER_SWITCH_QUOTA] = {
		.id = PARAMETER_SWITCH_QUOTA, .name = "switch-quota", .symbol = "",
		.kind = PARAMETER_KIND_SHARE, .min = 0.01, .max = 1, .none = true,
		.unit = "of a processor for each of the switch's threads", .fallback = "none",
		.least = "the least that the kernel takes",
		.most = "all that its threads could use",
		.matrix = true, .placeholder = "SHARE",
		.help = "Processor time that a switch with threads may use, as a container runtime would limit "
			"it: 100% is a processor for each of its threads.",
	},
	[PARAMETER_ENDPOINT_QUOTA] = {
		.id = PARAMETER_ENDPOINT_QUOTA, .name = "endpoint-quota", .symbol = "",
		.kind = PARAMETER_KIND_SHARE, .min = 0.01, .max = 1, .none = true,
		.unit = "of a processor", .fallback = "none",
		.least = "the least that the kernel takes",
		.most = "all that its one thread could use",
		.matrix = true, .placeholder = "SHARE",
		.help = "Processor time that each sender, receiver, client and server may use.",
	},
	[PARAMETER_SWITCH_PLACE] = {
		.id = PARAMETER_SWITCH_PLACE, .name = "switch-place", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = places, .unit = "", .fallback = "pinned",
		.matrix = true, .placeholder = "WHERE",
		.help = "Whether each thread of the switch stays on a processor of its own (pinned), or the "
			"kernel moves it among all that lanebench may use (free).",
	},
	[PARAMETER_SWITCH_IN] = {
		.id = PARAMETER_SWITCH_IN, .name = "switch-in", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = sides, .unit = "", .fallback = "host",
		.matrix = true, .placeholder = "WHERE",
		.help = "Where the processes of a switch that has some run: on the host, or in an unprivileged "
			"container of their own.",
	},
	[PARAMETER_NEIGHBOUR] = {
		.id = PARAMETER_NEIGHBOUR, .name = "neighbour", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = neighbours, .unit = "", .fallback = "none",
		.matrix = true, .placeholder = "LOAD",
		.help = "A noisy neighbour: other work while the packets flow, one worker for each processor "
			"of the switch. It takes processor time alone (cpu), the shared cache (cache) or the "
			"memory's bandwidth (memory), which are loads of stress-ng; or it is what "
			"--neighbour-command says (command).",
	},
	[PARAMETER_NEIGHBOUR_PLACE] = {
		.id = PARAMETER_NEIGHBOUR_PLACE, .name = "neighbour-place", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = places, .unit = "", .fallback = "pinned",
		.matrix = true, .placeholder = "WHERE",
		.help = "Whether the neighbour stays on the switch's own processors (pinned; those of the "
			"endpoints, for a switch without threads), or runs on any that lanebench may use (free).",
	},
	[PARAMETER_FORWARDING] = {
		.id = PARAMETER_FORWARDING, .name = "forwarding", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = forwardings, .unit = "", .fallback = "auto",
		.matrix = true, .placeholder = "HOW",
		.help = "How a switch finds the port that a packet leaves by: by the addresses that it has learned "
			"(learning), or as the other end of the link that it came from (ports). auto is learning "
			"for a switch that learns, and ports for all others; `lanebench list switches` says which.",
	},
	[PARAMETER_RXQS] = {
		.id = PARAMETER_RXQS, .name = "rxqs", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = CONTROL_QUEUES_MAX, .unit = "queues", .fallback = "1",
		.matrix = true, .placeholder = "N",
		.help = "Queues of each port in each direction, where a switch's ports may have several. An endpoint "
			"hands its bursts to them in turn, and takes what arrives from each in turn.",
	},
	[PARAMETER_RXQ_AFFINITY] = {
		.id = PARAMETER_RXQ_AFFINITY, .name = "rxq-affinity", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = rxq_affinities, .unit = "", .fallback = "auto",
		.matrix = true, .placeholder = "HOW",
		.help = "Which of the switch's threads polls which queue: in turn, as the switch itself deals them "
			"out (auto); those of all ports that traffic enters by on one thread (together), or on each "
			"thread in turn (apart); or the first queue of each such port on the first thread (first). "
			"All other queues then go to the other threads in turn.",
	},
	[PARAMETER_BACKGROUND] = {
		.id = PARAMETER_BACKGROUND, .name = "background", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 1e9, .unit = "packets per second", .fallback = "none",
		.none = true, .matrix = true, .placeholder = "RATE",
		.help = "Load that each client of a latency test sends beside its probes, in bursts of the same size. The "
			"server counts it and sends none of it back; it is in no latency.",
	},
	[PARAMETER_COOLDOWN] = {
		.id = PARAMETER_COOLDOWN, .name = "cooldown", .symbol = "",
		.kind = PARAMETER_KIND_TIME, .min = 0, .max = HOUR, .unit = "seconds", .fallback = "0s",
		.matrix = true, .placeholder = "TIME",
		.help = "Traffic sent behind the measured window and not counted.",
	},
	[PARAMETER_RX_RATE] = {
		.id = PARAMETER_RX_RATE, .name = "rx-rate", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 1e9, .unit = "packets per second", .fallback = "none",
		.none = true, .matrix = true, .placeholder = "RATE",
		.help = "Packets that each receiver of a throughput test takes a second, at most; none: all that it can.",
	},
	[PARAMETER_STAMP] = {
		.id = PARAMETER_STAMP, .name = "stamp", .symbol = "",
		.kind = PARAMETER_KIND_CHOICE, .choices = stamps, .unit = "", .fallback = "departure",
		.matrix = true, .placeholder = "WHEN",
		.help = "Where a packet's latency begins: at its burst's departure, as scheduled (departure), or when the "
			"packet itself is made (fill), which leaves out what it waits for a sender that is late.",
	},
	[PARAMETER_CACHE_WAYS] = {
		.id = PARAMETER_CACHE_WAYS, .name = "cache-ways", .symbol = "",
		.kind = PARAMETER_KIND_NUMBER, .min = 1, .max = 63, .unit = "ways", .fallback = "none",
		.none = true, .matrix = true, .placeholder = "N",
		.help = "Ways of the last-level cache that the switch (the endpoints, where it has no threads) has for itself; "
			"all else on the machine, the neighbour too, has the others. Needs the kernel's resctrl.",
	},
};

const struct parameter *parameter_find(const char *name)
{
	for (int i = 0; i < PARAMETER_COUNT; i++)
		if (!strcmp(parameter_table[i].name, name))
			return &parameter_table[i];
	return NULL;
}

const struct parameter *parameter_by_option(int option)
{
	for (int i = 0; i < PARAMETER_COUNT; i++)
		if (option && parameter_table[i].option == option)
			return &parameter_table[i];
	return NULL;
}
