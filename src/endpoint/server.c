/* SPDX-License-Identifier: Apache-2.0 */
/* Server: sends every packet of its streams back whence it came, until stop. */
#include "endpoint/server.h"

uint32_t server_sort_mixed(struct server *server, uint32_t n, uint64_t now_ns, uint32_t *warmup)
{
	return server_sort(server, n, now_ns, warmup, inspector_classify_mixed);
}

void server_begin(struct server *server, struct job *job, const struct endpoint_port *port)
{
	*server = (struct server){ .job = job, .io = port->io, .packets = port->rx_packets,
		.others = port->tx_packets };
	job_inspector(job, port, &server->inspector);
	server->inspector.mode = WIRE_PAYLOAD_HEADERS;
	server->inspector.verify_checksum = false;
}

void server_count_mixed(struct server *server, uint32_t n, uint32_t warmup, uint32_t accepted)
{
	uint32_t headers = server->inspector.layer == IO_LAYER_FRAME ? 0 : WIRE_HEADERS_LEN;

	for (uint32_t i = warmup; i < n; i++) {
		server->received_bytes += server->packets[i].size + headers;
		if (i < accepted)
			server->accepted_bytes += server->packets[i].size + headers;
	}
}

static void server_report(const struct server *server, struct control_result *result)
{
	struct control_rx *rx = result->rx;

	result->background_received = server->background;
	result->tx_packets = server->accepted;
	result->tx_bytes = server->accepted_bytes;
	result->tx_refused = server->refused;
	result->tx_first_ns = server->tx_first_ns;
	result->tx_last_ns = server->tx_last_ns;
	rx->rx_packets = server->received;
	rx->rx_bytes = server->received_bytes;
	rx->rx_corrupted = server->corrupted;
	rx->rx_foreign = server->foreign;
	rx->rx_first_ns = server->rx_first_ns;
	rx->rx_last_ns = server->rx_last_ns;
	if (!server->inspector.mixed) {
		result->tx_bytes = server->accepted * server->inspector.frame_size;
		rx->rx_bytes = server->received * server->inspector.frame_size;
	}
}

static void server_refused(void *context, uint64_t now_ns)
{
	const struct server *server = context;

	job_idle(server->job, now_ns, UINT64_MAX);
}

void server_run(struct job *job)
{
	struct server server;
	uint64_t now_ns;

	server_begin(&server, job, job->rx);
	job->tx_packets = &server.accepted;
	job->rx_packets = &server.received;
	do {
		if (!server_burst(&server, &now_ns, server_refused, &server))
			job_idle(job, now_ns, UINT64_MAX);
	} while (job_attend(job, now_ns) == JOB_RUNNING);
	server_report(&server, job->result);
	job->tx_packets = &job->result->tx_packets; /* the server goes away */
	job->rx_packets = &job->result->rx->rx_packets;
}
