/* SPDX-License-Identifier: Apache-2.0 */
/* How large a switch that is a DPDK process is, and what it is told on its command line. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "testbed/switch/eal_program.h"

/* ---- its size ------------------------------------------------------------------------------------------ */

#define HEADROOM 128u      /* RTE_PKTMBUF_HEADROOM */
#define BUFFER_HEADER 256u /* struct rte_mbuf, a mempool object's own header and padding */
/*
 * Everything but packet buffers: 24 MB were seen in testpmd (its table of all ports that there could be), and
 * memory with hugepages is had in whole pages.
 */
#define FIXED_MEGABYTES 48u

/*
 * A packet stays in the switch for as long as its burst is copied from one ring to another; but the caches of
 * the threads, of which there are as many as ports at most, each keep some hundreds.
 */
unsigned eal_program_buffers(unsigned ports)
{
	return 2048 + 512 * ports;
}

/* A packet always in one buffer; never less than DPDK's usual size, which frames up to 1514 are tuned for. */
unsigned eal_program_buffer_size(uint32_t max_frame)
{
	unsigned size = (max_frame + HEADROOM + 63) & ~63u;

	return size < 2048 + HEADROOM ? 2048 + HEADROOM : size;
}

uint32_t eal_program_megabytes(unsigned ports, uint32_t queues, uint32_t ring, uint32_t max_frame)
{
	uint64_t bytes = (uint64_t)eal_program_buffers(ports) *
			 (eal_program_buffer_size(max_frame) + BUFFER_HEADER);

	(void)queues, (void)ring; /* one queue a port; rings lie in the endpoints' memory */
	return FIXED_MEGABYTES + (uint32_t)((bytes >> 20) + 1);
}

unsigned eal_program_threads(const struct eal_program *program)
{
	return program->processor_count < program->ports ? program->processor_count : program->ports;
}

/* ---- its arguments ------------------------------------------------------------------------------------- */

void eal_argument(struct eal_arguments *arguments, const char *format, ...)
{
	char **list = realloc(arguments->list, (arguments->count + 2) * sizeof(*list));
	va_list values;

	if (!list) {
		arguments->failed = true;
		return;
	}
	arguments->list = list;
	va_start(values, format);
	if (vasprintf(&list[arguments->count], format, values) < 0)
		arguments->failed = true;
	else
		arguments->count++;
	va_end(values);
	list[arguments->count] = NULL;
}

void eal_arguments_free(struct eal_arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		free(arguments->list[i]);
	free(arguments->list);
}

/* "0@5,1@5,2@6": the main thread, which only waits, beside the first of those that forward. */
static void add_lcores(const struct eal_program *program, struct eal_arguments *arguments)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		arguments->failed = true;
		return;
	}
	fprintf(stream, "0@%d", program->processors[0]);
	for (unsigned i = 0; i < eal_program_threads(program); i++)
		fprintf(stream, ",%u@%d", i + 1, program->processors[i]);
	if (fclose(stream))
		arguments->failed = true;
	else
		eal_argument(arguments, "--lcores=%s", text);
	free(text);
}

static void add_memory(const struct eal_program *program, struct eal_arguments *arguments)
{
	eal_argument(arguments, "--no-shconf");
	if (program->memory.directory[0]) {
		eal_argument(arguments, "--huge-dir=%s", program->memory.directory);
		eal_argument(arguments, "--huge-unlink=always");
	} else {
		eal_argument(arguments, "--no-huge");
		eal_argument(arguments, "-m");
		eal_argument(arguments, "%u", program->memory.megabytes);
	}
}

void eal_arguments_make(const struct eal_program *program, struct eal_arguments *arguments)
{
	eal_argument(arguments, "%s", program->kind->name);
	add_lcores(program, arguments);
	add_memory(program, arguments);
	eal_argument(arguments, "--no-pci"); /* never the host's devices */
	eal_argument(arguments, "--iova-mode=va");
	eal_argument(arguments, "--file-prefix=" EAL_PROGRAM_PREFIX);
	for (unsigned i = 0; i < program->ports; i++)
		eal_argument(arguments, "--vdev=net_vhost%u,iface=" EAL_PROGRAM_SOCKET "%u,queues=1", i, i);
	eal_argument(arguments, "--");
	program->kind->arguments(program, arguments);
}
