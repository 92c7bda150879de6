/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanebench-basicfwd: pairs of ports, and what comes in at one goes out at the other; nothing else. The
 * least that a switch built on DPDK can do, as the papers measure it. Ports are what EAL is told to make
 * (--vdev), in the order that it is told; it ends with its standard input or by SIGTERM.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_version.h>

#include "basicfwd/forward.h"
#include "basicfwd/report.h"

#define CACHE 256 /* of each thread */

static const char usage[] =
	"Usage: lanebench-basicfwd EAL-OPTION... -- [--buffers N] [--buffer-size BYTES]\n"
	"       lanebench-basicfwd --help | --version\n"
	"\n"
	"Forwards between port 0 and port 1, port 2 and port 3, and so on, in bursts of 32. The main lcore\n"
	"waits for the end of its standard input; the others forward.\n"
	"\n"
	"  --buffers N          packet buffers (4096)\n"
	"  --buffer-size BYTES  of each, 128 bytes headroom included (2176)\n"
	"  --help               print this text\n"
	"  --version            print the version, and that of DPDK\n"
	"\n"
	"  lanebench-basicfwd --lcores 0@2,1@2 --no-pci --vdev net_vhost0,iface=/tmp/a \\\n"
	"                     --vdev net_vhost1,iface=/tmp/b --\n";

struct options {
	unsigned long buffers, buffer_size;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	(void)number;
	signalled = 1;
}

/* No SA_RESTART: the wait for standard input is to end. */
static void signals_catch(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/*
 * Between its releases DPDK promises nothing to who includes its inline functions: built with one and run
 * with another, this is to say so and not to be used.
 */
static int print_version(void)
{
	static const char built[] = RTE_VER_PREFIX " " RTE_STR(RTE_VER_YEAR) ".";
	unsigned month;

	printf("lanebench-basicfwd " LANEBENCH_VERSION ", %s\n", rte_version());
	if (!strncmp(rte_version(), built, strlen(built)) &&
	    sscanf(rte_version() + strlen(built), "%u", &month) == 1 && month == RTE_VER_MONTH)
		return EXIT_SUCCESS;
	fprintf(stderr, "lanebench-basicfwd: built with %s%02u, run with %s\n", built, RTE_VER_MONTH,
		rte_version());
	return EXIT_FAILURE;
}

static bool number_parse(const char *text, unsigned long least, unsigned long most, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *value >= least && *value <= most;
}

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "buffers", required_argument, NULL, 'n' },
		{ "buffer-size", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		bool good = false;

		if (option == 'n')
			good = number_parse(optarg, 64, 1u << 24, &options->buffers);
		else if (option == 's')
			good = number_parse(optarg, 256, UINT16_MAX, &options->buffer_size);
		if (!good) {
			fprintf(stderr, "lanebench-basicfwd: see --help\n");
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lanebench-basicfwd: unexpected argument '%s'; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}

static void wait_for_end(void)
{
	char some[256];
	ssize_t size;

	do
		size = read(STDIN_FILENO, some, sizeof(some));
	while (!signalled && (size > 0 || (size < 0 && errno == EINTR)));
}

static int run(const struct options *options)
{
	struct rte_mempool *pool;
	int rc = report_open();

	if (rc) {
		fprintf(stderr, "lanebench-basicfwd: no telemetry: %s\n", strerror(-rc));
		return rc;
	}
	pool = rte_pktmbuf_pool_create("buffers", (unsigned)options->buffers, CACHE, 0,
				       (uint16_t)options->buffer_size, (int)rte_socket_id());
	if (!pool) {
		fprintf(stderr, "lanebench-basicfwd: cannot make %lu packet buffers of %lu bytes: %s\n",
			options->buffers, options->buffer_size, rte_strerror(rte_errno));
		return -rte_errno;
	}
	rc = forward_open_ports(pool);
	if (!rc)
		rc = forward_start();
	if (!rc)
		wait_for_end();
	forward_stop();
	rte_mempool_free(pool);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options = { .buffers = 4096, .buffer_size = RTE_MBUF_DEFAULT_BUF_SIZE };
	int used, rc;

	if (argc == 2 && !strcmp(argv[1], "--version"))
		return print_version();
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return fputs(usage, stdout) == EOF || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	signals_catch();
	used = rte_eal_init(argc, argv);
	if (used < 0) {
		fprintf(stderr, "lanebench-basicfwd: EAL does not start: %s\n", rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	rc = options_parse(&options, argc - used, argv + used);
	if (!rc)
		rc = run(&options);
	rte_eal_cleanup();
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
