/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switches that are one process built on DPDK with a vhost-user port for each container ("net_vhost"), and
 * that forward between the two ends of a link. The process gets all its ports on its command line: so it is
 * started by the last attach. It runs without capabilities in the switch's own directory: its run time files,
 * its telemetry socket and the sockets of its ports (socket_port.h) are made there, by relative paths.
 */
#ifndef LB_TESTBED_SWITCH_EAL_PROGRAM_H
#define LB_TESTBED_SWITCH_EAL_PROGRAM_H

#include <stdbool.h>

#include "testbed/host/program_user.h"
#include "testbed/switch/switch.h"
#include "testbed/switch/telemetry.h"

/* The socket of port N in the switch's directory, until it is handed over: EAL_PROGRAM_SOCKET "N". */
#define EAL_PROGRAM_SOCKET "port"

/* DPDK has a table of this many ports (RTE_MAX_ETHPORTS as everybody builds it). */
#define EAL_PROGRAM_PORTS_MAX 32

/* Of EAL's files; nobody else's are in the switch's directory. */
#define EAL_PROGRAM_PREFIX "switch"

struct eal_program;

/* An argument vector being made. */
struct eal_arguments {
	char **list; /* NULL-terminated */
	size_t count;
	bool failed; /* memory ran out */
};

/* What tells one such switch from another. */
struct eal_program_kind {
	const char *name;                        /* of the program */
	int (*find)(const char *name, char *path, size_t size, struct error *err); /* the executable */
	/* Its own arguments, which follow those of EAL and "--". */
	void (*arguments)(const struct eal_program *program, struct eal_arguments *arguments);
	/*
	 * Add to the effective configuration what it can tell of itself, and of one of its ports, which it
	 * has called `socket`.
	 */
	void (*effective)(struct eal_program *program, json_t *configuration);
	void (*port_effective)(struct eal_program *program, unsigned index, const char *socket,
			       json_t *port);
	/* Packets that it dropped so far. NULL = it cannot tell: what it has received less what it has sent. */
	int (*dropped)(struct eal_program *program, uint64_t *packets);
};

struct eal_program {
	struct vswitch base;
	const struct eal_program_kind *kind;
	struct ledger *ledger;
	int netns;
	char *directory;
	int directory_fd, log_fd;
	struct packet_memory memory;
	struct program_user user;
	int *processors;
	unsigned processor_count;
	unsigned ports, attached;
	struct switch_port **port;
	uint32_t max_frame;
	struct process process;
	struct telemetry telemetry;
	char *output;                            /* see eal_program_output */
	size_t output_size;
};

/* Append one; a failure is remembered. */
void eal_argument(struct eal_arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The program's name, EAL's arguments, "--", and those of its kind. */
void eal_arguments_make(const struct eal_program *program, struct eal_arguments *arguments);
void eal_arguments_free(struct eal_arguments *arguments);

/* Packet buffers for so many ports, and the bytes of each: data room of an mbuf. */
unsigned eal_program_buffers(unsigned ports);
unsigned eal_program_buffer_size(uint32_t max_frame);

/* Forwarding threads: no more than there are ports to poll. */
unsigned eal_program_threads(const struct eal_program *program);

/* What it has written to the log. To be freed; NULL = nothing. */
char *eal_program_log(const struct eal_program *program);
/* The first of what it printed on its standard output; the rest is read and forgotten. */
const char *eal_program_output(struct eal_program *program);

/* For switch_ops. */
uint32_t eal_program_megabytes(unsigned ports, uint32_t queues, uint32_t ring, uint32_t max_frame);
int eal_program_start(struct vswitch **sw, const struct switch_spec *spec,
		      const struct eal_program_kind *kind, struct error *err);
int eal_program_attach(struct vswitch *sw, struct switch_port *port, struct error *err);
int eal_program_ready(struct vswitch *sw, struct error *err);
struct process *eal_program_processes(struct vswitch *sw, unsigned *count);
/*
 * Packets that a ring had no room for. Where the program does not count them, it is what it has received and not
 * sent on: exact to the packet while none are under way (before and after a trial).
 */
int eal_program_dropped(struct vswitch *sw, uint64_t *packets);
json_t *eal_program_effective(struct vswitch *sw);
void eal_program_stop(struct vswitch *sw);

/* What all their switch_ops have in common. */
#define EAL_PROGRAM_OPS \
	.ports = PORT_BIT(PORT_VHOST_USER), \
	.max_ports = EAL_PROGRAM_PORTS_MAX, \
	.threads = true, \
	.megabytes = eal_program_megabytes, \
	.attach = eal_program_attach, \
	.ready = eal_program_ready, \
	.processes = eal_program_processes, \
	.dropped = eal_program_dropped, \
	.effective = eal_program_effective, \
	.stop = eal_program_stop

#endif
