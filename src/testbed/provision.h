/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ports that bypass the kernel need on the host, all below one directory of the testbed's:
 *
 *   RUN/t-G            for sockets a file system in memory of a limited size: containers may write below it
 *   RUN/t-G/switch     the switch's own files
 *   RUN/t-G/port-K     the socket of port K (or of a link: link-L); its container's root owns it
 *   RUN/t-G/memory-K   the hugetlbfs of endpoint K; memory-switch: that of the switch
 *
 * A container gets to see the directories of its own sockets and its own memory, and nothing else of it.
 */
#ifndef LB_TESTBED_PROVISION_H
#define LB_TESTBED_PROVISION_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "control/port.h"
#include "testbed/container/container.h"
#include "testbed/host/hugepages.h"
#include "ledger/ledger.h"
#include "system/identity.h"
#include "testbed/host/processors.h"
#include "testbed/switch/switch.h"
#include "topology/topology.h"
#include "util/error.h"

#define PROVISION_SHARES_MAX (TOPOLOGY_NODE_PORTS + 1)

/* Who uses what, and where. */
struct provision_place {
	struct identity identity;           /* a user of its own, where the runtime gives a container one */
	uid_t user;                         /* the host's ids: that one's, or the caller's */
	gid_t group;
	int node;                           /* NUMA node, -1 = not known */
};

struct provision {
	struct provision_place *places;     /* endpoints' by number, then the switch's */
	unsigned place_count;
	char directory[PORT_ADDRESS_SIZE];  /* "" = none made */
	int entry;                          /* ledger number of its mount, 0 = none */
	char switch_directory[PORT_ADDRESS_SIZE];
	struct hugepages_mount *mounts;     /* endpoints' by number, then the switch's */
	unsigned mount_count;
	uint32_t page_kb;                   /* of all mounts; 0 = memory without hugepages */
	uint32_t megabytes, switch_megabytes; /* for each port of an endpoint, of the switch; 0 = none needed */
	char note[256];                     /* why there are no hugepages, where that was not the wish */
};

struct provision_spec {
	const struct container_ops *runtime;
	const struct switch_ops *ops;
	enum port_kind port_kind;
	const struct topology *topology;
	unsigned generation;
	bool switch_contained;              /* the switch has a container, and so a user, of its own */
	uint32_t ring, queues, max_frame, max_burst;
	const char *hugepages;              /* the parameter: auto, none, 2M, 1G */
	const struct placement *placement;  /* memory is on the NUMA node of who uses it */
};

/* Make it all. On failure what was made is removed. */
int provision_make(struct provision *provision, const struct provision_spec *spec, struct ledger *ledger,
		   struct error *err);
/* Safe on a zeroed one. 0, or the first failure. */
int provision_remove(struct provision *provision, struct ledger *ledger, struct error *err);

/*
 * What endpoint `index` gets: the directories of its ports among `ports`, which are all of the topology's, its
 * memory, and the shares of its container (their paths are the provision's and the ports'). Returns how many shares.
 */
unsigned provision_endpoint(const struct provision *provision, const struct provision_spec *spec, unsigned index,
			    struct switch_port *ports, struct packet_memory *memory,
			    struct container_share shares[PROVISION_SHARES_MAX]);
/* What the switch gets. */
void provision_switch(const struct provision *provision, struct packet_memory *memory);

/*
 * For a switch in a container: shares of it, by the same paths as on the host; the texts are the provision's and the
 * switch's. Returns how many.
 */
unsigned provision_switch_shares(const struct provision *provision, const struct switch_ops *ops,
				 struct container_share shares[PROVISION_SHARES_MAX]);

/* {"hugepages": "2M" or "none", "note", "endpoint_megabytes", "switch_megabytes"}; null where nobody needs any. */
json_t *provision_effective(const struct provision *provision);

#endif
