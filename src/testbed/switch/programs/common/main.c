/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a switch that is a DPDK process of our own; it ends with its standard input or by SIGTERM. */
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

#include "testbed/switch/programs/common/ports.h"
#include "testbed/switch/programs/common/program.h"
#include "testbed/switch/programs/common/report.h"

#define CACHE 256 /* of each thread */

static const char usage[] =
	"Usage: %s EAL-OPTION... -- [--buffers N] [--buffer-size BYTES] [--mac ADDRESS]...\n"
	"       %s --help | --version\n"
	"\n"
	"%s"
	"Port 0 and port 1 are a link, port 2 and port 3, and so on; frames are received in bursts of 32. The\n"
	"main lcore waits for the end of standard input; the others forward.\n"
	"\n"
	"  --buffers N          packet buffers (4096)\n"
	"  --buffer-size BYTES  of each, 128 bytes headroom included (2176)\n"
	"  --mac ADDRESS        of who is behind port 0; once more for port 1, and so on\n"
	"  --help               print this text\n"
	"  --version            print the version, and that of DPDK\n"
	"\n"
	"  %s --lcores 0@2,1@2 --no-pci --vdev net_vhost0,iface=/tmp/a \\\n"
	"      --vdev net_vhost1,iface=/tmp/b -- --mac 02:00:00:00:00:01 --mac 02:00:00:00:00:02\n";

struct options {
	unsigned long buffers, buffer_size;
};

struct rte_ether_addr program_mac[RTE_MAX_ETHPORTS];
uint16_t program_macs;

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

	printf("%s " LANEBENCH_VERSION ", %s\n", program_invocation_short_name, rte_version());
	if (!strncmp(rte_version(), built, strlen(built)) &&
	    sscanf(rte_version() + strlen(built), "%u", &month) == 1 && month == RTE_VER_MONTH)
		return EXIT_SUCCESS;
	program_error("built with %s%02u, run with %s", built, RTE_VER_MONTH, rte_version());
	return EXIT_FAILURE;
}

static int print_usage(void)
{
	printf(usage, program_invocation_short_name, program_invocation_short_name, switch_program.does,
	       program_invocation_short_name);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool number_parse(const char *text, unsigned long least, unsigned long most, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *value >= least && *value <= most;
}

static bool mac_parse(const char *text)
{
	return program_macs < RTE_MAX_ETHPORTS && !rte_ether_unformat_addr(text, &program_mac[program_macs++]);
}

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "buffers", required_argument, NULL, 'n' },
		{ "buffer-size", required_argument, NULL, 's' },
		{ "mac", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		bool good = false;

		if (option == 'n')
			good = number_parse(optarg, 64, 1u << 24, &options->buffers);
		else if (option == 's')
			good = number_parse(optarg, 256, UINT16_MAX, &options->buffer_size);
		else if (option == 'm')
			good = mac_parse(optarg);
		if (!good) {
			program_error("see --help");
			return -EINVAL;
		}
	}
	if (optind < argc) {
		program_error("unexpected argument '%s'; see --help", argv[optind]);
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
		program_error("no telemetry: %s", strerror(-rc));
		return rc;
	}
	pool = rte_pktmbuf_pool_create("buffers", (unsigned)options->buffers, CACHE, 0,
				       (uint16_t)options->buffer_size, (int)rte_socket_id());
	if (!pool) {
		program_error("cannot make %lu packet buffers of %lu bytes: %s", options->buffers,
			      options->buffer_size, rte_strerror(rte_errno));
		return -rte_errno;
	}
	rc = ports_open(pool);
	if (!rc)
		rc = ports_start();
	if (!rc)
		wait_for_end();
	ports_stop();
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
		return print_usage();
	signals_catch();
	used = rte_eal_init(argc, argv);
	if (used < 0) {
		program_error("EAL does not start: %s", rte_strerror(rte_errno));
		return EXIT_FAILURE;
	}
	rc = options_parse(&options, argc - used, argv + used);
	if (!rc)
		rc = run(&options);
	rte_eal_cleanup();
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
