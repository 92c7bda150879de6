/* SPDX-License-Identifier: Apache-2.0 */
/* lanebench-endpoint: the traffic program in a container. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/describe.h"
#include "endpoint/endpoint.h"

static const char usage[] =
	"Usage: lanebench-endpoint [--describe | --help | --version]\n"
	"\n"
	"The traffic program of lanebench: it moves packets and measures, in one of the roles sender,\n"
	"receiver, client, server, forwarder, exchange and echo. lanebench starts it in each container\n"
	"and tells it what to do by control messages on its standard input; it answers on its standard\n"
	"output.\n"
	"\n"
	"  --describe  print the I/O techniques and whether they work here, as JSON\n"
	"  --help      print this text\n"
	"  --version   print the version\n";

static int output(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout)) {
		fprintf(stderr, "lanebench-endpoint: cannot write: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int describe(void)
{
	json_t *list = endpoint_describe();
	char *text = list ? json_dumps(list, JSON_INDENT(2)) : NULL;
	int status = EXIT_FAILURE;

	if (!text)
		fprintf(stderr, "lanebench-endpoint: out of memory\n");
	else if (output(text) == EXIT_SUCCESS)
		status = output("\n");
	free(text);
	json_decref(list);
	return status;
}

static int serve(void)
{
	static struct endpoint endpoint; /* with its account too large for the stack */
	struct error err = { 0 };
	int out, ret;

	signal(SIGPIPE, SIG_IGN); /* a write that fails says so itself */
	/* Standard output is for messages, whatever a library thinks that it may print there. */
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		ret = error_errno(&err, errno, NULL, "cannot set standard output apart");
	else
		ret = channel_open(&endpoint.channel, STDIN_FILENO, out, &err);
	if (!ret)
		ret = endpoint_serve(&endpoint, &err);
	endpoint_close(&endpoint);
	channel_close(&endpoint.channel);
	if (!ret)
		return EXIT_SUCCESS;
	fprintf(stderr, "lanebench-endpoint: %s%s%s\n", err.cause, *err.remedy ? "; " : "", err.remedy);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return serve();
	if (argc == 2 && !strcmp(argv[1], "--describe"))
		return describe();
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return output("lanebench-endpoint " LANEBENCH_VERSION "\n");
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return output(usage);
	fprintf(stderr, "lanebench-endpoint: unexpected argument '%s'; --help says what there is\n",
		argc == 2 ? argv[1] : argv[2]);
	return 2;
}
