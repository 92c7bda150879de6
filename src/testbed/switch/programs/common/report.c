/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/programs/common/report.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_eth_vhost.h>
#include <rte_ethdev.h>
#include <rte_telemetry.h>
#include <rte_vhost.h>

#include "testbed/switch/programs/common/ports.h"
#include "testbed/switch/programs/common/program.h"

/* Queues of a virtio network device, by the driver's names (virtio 1.1, section 5.1.2). */
#define QUEUE_RECEIVE 0
#define QUEUE_TRANSMIT 1

static int tell_info(const char *question, const char *parameters, struct rte_tel_data *answer)
{
	(void)question;
	(void)parameters;
	rte_tel_data_start_dict(answer);
	rte_tel_data_add_dict_int(answer, "threads", (int)ports_threads());
	rte_tel_data_add_dict_int(answer, "burst", PROGRAM_BURST);
	return 0;
}

static int tell_dropped(const char *question, const char *parameters, struct rte_tel_data *answer)
{
	(void)question;
	(void)parameters;
	rte_tel_data_start_dict(answer);
	return rte_tel_data_add_dict_u64(answer, "packets", ports_dropped());
}

/* What the driver receives from, we transmit to. */
static int tell_ring(int vid, uint16_t queue, const char *name, struct rte_tel_data *answer)
{
	struct rte_vhost_vring ring;

	if (rte_vhost_get_vhost_vring(vid, queue, &ring))
		return 0;
	return rte_tel_data_add_dict_int(answer, name, ring.size);
}

static int tell_port(const char *question, const char *parameters, struct rte_tel_data *answer)
{
	uint64_t features;
	unsigned long port;
	char *end;
	int vid;

	(void)question;
	if (!parameters)
		return -EINVAL;
	port = strtoul(parameters, &end, 10);
	if (end == parameters || *end || port >= RTE_MAX_ETHPORTS ||
	    !rte_eth_dev_is_valid_port((uint16_t)port))
		return -EINVAL;
	rte_tel_data_start_dict(answer);
	vid = rte_eth_vhost_get_vid_from_port_id((uint16_t)port);
	if (vid < 0 || rte_vhost_get_negotiated_features(vid, &features))
		return rte_tel_data_add_dict_int(answer, "connected", 0);
	rte_tel_data_add_dict_int(answer, "connected", 1);
	rte_tel_data_add_dict_u64(answer, "features", features);
	tell_ring(vid, QUEUE_TRANSMIT, "rx_ring", answer);
	return tell_ring(vid, QUEUE_RECEIVE, "tx_ring", answer);
}

int report_open(void)
{
	int rc = rte_telemetry_register_cmd("/switch/info", tell_info, "Threads and burst. No parameters");

	if (!rc)
		rc = rte_telemetry_register_cmd("/switch/dropped", tell_dropped,
						"Packets that no port took. No parameters");
	if (!rc)
		rc = rte_telemetry_register_cmd("/switch/port", tell_port,
						"Features and rings of a port. Parameter: port");
	return rc;
}
