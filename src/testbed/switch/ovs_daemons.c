/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs that the switch ovs consists of: where they are, how they are started, what they say.
 *
 * ovs-vswitchd keeps one capability, CAP_NET_ADMIN, in the switch's network namespace: it makes the tap device
 * that each of its bridges has. ovsdb-server keeps none. Neither writes to syslog.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/deadline.h"
#include "system/program.h"
#include "testbed/host/child.h"
#include "testbed/switch/ovs.h"
#include "testbed/switch/ovs_rpc.h"

#define ASK_MS 5000
#define CREATE_MS 10000
#define SERVER_MS 5000
#define PAUSE_US 500
#define LOG_TAIL (256 << 10)
#define REMEDY "apt install openvswitch-switch-dpdk, or without its services: scripts/install-packages run"
#define WORD(text) ((char[]){ text }) /* an argument: not const, though nobody writes to it */

/* The first is Debian's, beside one without DPDK at which the host's own link may point. */
static const char *const vswitchds[] = {
	"/usr/local/sbin/ovs-vswitchd", "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk",
	"/usr/sbin/ovs-vswitchd", NULL,
};
static const char *const servers[] = { "/usr/local/sbin/ovsdb-server", "/usr/sbin/ovsdb-server", NULL };
static const char *const tools[] = { "/usr/local/bin/ovsdb-tool", "/usr/bin/ovsdb-tool", NULL };
static const char *const schemas[] = {
	"/usr/local/share/openvswitch/vswitch.ovsschema", "/usr/share/openvswitch/vswitch.ovsschema", NULL,
};

/* What was found, once: programs do not come and go while we run. */
static struct {
	const char *vswitchd, *server, *tool, *schema;
	char version[96];
} found;

/* "ovs-vswitchd (Open vSwitch) 3.1.0\nDPDK 22.11.11\n" -> "Open vSwitch 3.1.0, DPDK 22.11.11" */
static int vswitchd_ask(const char *path, char *version, size_t size, struct error *err)
{
	char *argv[] = { WORD("ovs-vswitchd"), WORD("--version"), NULL };
	const struct program ask = { .path = path, .argv = argv, .netns = -1 };
	const char *own, *dpdk;
	char *output;
	int rc = program_run(&ask, ASK_MS, &output, PROCESS_NO_HOOK, err);

	if (rc)
		return rc;
	own = strstr(output, "(Open vSwitch) ");
	dpdk = strstr(output, "\nDPDK ");
	if (own && dpdk)
		snprintf(version, size, "Open vSwitch %.*s, %.*s", (int)strcspn(own + 15, " \n"), own + 15,
			 (int)strcspn(dpdk + 1, "\n"), dpdk + 1);
	else
		rc = error_set(err, ENOTSUP, REMEDY, "%s was built without DPDK", path);
	free(output);
	return rc;
}

/* The first that works; where none does, the first that is there says why. */
static int vswitchd_find(struct error *err)
{
	struct error first = { 0 }, one = { 0 };

	for (const char *const *path = vswitchds; *path; path++) {
		if (access(*path, X_OK))
			continue;
		if (!vswitchd_ask(*path, found.version, sizeof(found.version), &one)) {
			found.vswitchd = *path;
			return 0;
		}
		if (!first.code)
			first = one;
	}
	if (first.code)
		return error_set(err, first.code, first.remedy[0] ? first.remedy : "apt install --reinstall "
				 "openvswitch-switch-dpdk, with the DPDK that it was built with", "%s", first.cause);
	return error_set(err, ENOENT, REMEDY, "there is no ovs-vswitchd here");
}

static const char *file_find(const char *const *paths)
{
	for (; *paths; paths++)
		if (!access(*paths, R_OK))
			return *paths;
	return NULL;
}

int ovs_find(struct error *err)
{
	if (found.vswitchd)
		return 0;
	found.server = program_find(servers);
	if (!found.server)
		return error_set(err, ENOENT, REMEDY, "there is no ovsdb-server here");
	found.tool = program_find(tools);
	if (!found.tool)
		return error_set(err, ENOENT, REMEDY, "there is no ovsdb-tool here");
	found.schema = file_find(schemas);
	if (!found.schema)
		return error_set(err, ENOENT, REMEDY, "there is no schema of Open vSwitch's database, "
				 "/usr/share/openvswitch/vswitch.ovsschema");
	return vswitchd_find(err);
}

void ovs_version(char *text, size_t size)
{
	snprintf(text, size, "%s", ovs_find(NULL) ? "" : found.version);
}

/* ---- what they say ------------------------------------------------------------------------------------- */

/*
 * Lines are "2026-01-31T12:00:00Z|00017|netdev_dpdk|ERR|text"; what is said before the log is open, about wrong
 * arguments for example, is "ovs-vswitchd: text".
 */
static void log_last_error(char *log, const char *part, char *text, size_t size)
{
	char *rest, *line;

	text[0] = 0;
	for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *error = strstr(line, "|ERR|"), *worst = strstr(line, "|EMER|");

		if (part && !strstr(line, part))
			continue;
		if (error || worst)
			snprintf(text, size, "%s", error ? error + 5 : worst + 6);
		else if (!strncmp(line, "ovs", 3) && strstr(line, ": "))
			snprintf(text, size, "%s", line);
	}
}

void ovs_last_error(const struct ovs *ovs, const char *part, char *text, size_t size)
{
	char *log = malloc(LOG_TAIL + 1);
	off_t end = lseek(ovs->log_fd, 0, SEEK_END);
	ssize_t length = log ? pread(ovs->log_fd, log, LOG_TAIL, end > LOG_TAIL ? end - LOG_TAIL : 0) : 0;

	text[0] = 0;
	if (length > 0) {
		log[length] = 0;
		log_last_error(log, part, text, size);
	}
	free(log);
}

/* The causes that have a remedy of their own. */
static const char *remedy_of(const char *said)
{
	if (strstr(said, "memory") || strstr(said, "hugepage") || strstr(said, "Cannot init EAL"))
		return "give it more memory: more hugepages, fewer containers, smaller frames";
	return "its log in the record says more: logs/switch.log";
}

int ovs_check(struct ovs *ovs, struct error *err)
{
	static const char *const names[OVS_PROCESSES] = { "ovs-vswitchd", "ovsdb-server" };
	char end[128], said[400];

	for (unsigned i = 0; i < OVS_PROCESSES; i++) {
		if (!ovs->process[i].pid || !process_ended(&ovs->process[i]))
			continue;
		process_describe_end(&ovs->process[i], end, sizeof(end));
		ovs_last_error(ovs, NULL, said, sizeof(said));
		return error_set(err, ECHILD, remedy_of(said), "%s %s%s%s", names[i], end,
				 said[0] ? ": " : "", said);
	}
	return 0;
}

/* ---- starting them ------------------------------------------------------------------------------------- */

/* Every place that they would look for something of the host's: all are the switch's own directory. */
static int daemon_environment(struct ovs *ovs, struct error *err)
{
	static const char *const names[] = { "OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR",
					     "RUNTIME_DIRECTORY" };
	const size_t count = sizeof(names) / sizeof(names[0]);

	_Static_assert(sizeof(names) + 2 * sizeof(char *) == sizeof(ovs->environment), "one more, and NULL");
	for (size_t i = 0; i < count; i++)
		if (asprintf(&ovs->environment[i], "%s=%s", names[i], ovs->directory) < 0) {
			ovs->environment[i] = NULL;
			return error_errno(err, ENOMEM, NULL, "cannot start Open vSwitch");
		}
	ovs->environment[count] = strdup("OVS_SYSLOG_METHOD=null"); /* what they say is for the record alone */
	return ovs->environment[count] ? 0 : error_errno(err, ENOMEM, NULL, "cannot start Open vSwitch");
}

static int daemon_start(struct ovs *ovs, unsigned which, const char *path, char *const argv[],
			const char *const *capabilities, struct error *err)
{
	struct program daemon = {
		.path = path,
		.argv = argv,
		.environment = ovs->environment,
		.directory = ovs->directory,
		.capabilities = capabilities,
		.netns = ovs->netns,
		.filter = true,
		.log_fd = ovs->log_fd,
		.processors = ovs->processors,
		.processor_count = ovs->processor_count,
	};

	program_user_apply(&ovs->user, &daemon);
	return program_start(&daemon, &ovs->process[which], child_hook(ovs->ledger), err);
}

static int database_create(struct ovs *ovs, struct error *err)
{
	char *argv[] = { WORD("ovsdb-tool"), WORD("create"), WORD(OVS_DATABASE), strdup(found.schema), NULL };
	struct program create = {
		.path = found.tool,
		.argv = argv,
		.environment = ovs->environment,
		.directory = ovs->directory,
		.netns = -1,
	};
	int rc;

	program_user_apply(&ovs->user, &create);
	rc = argv[3] ? program_run(&create, CREATE_MS, NULL, child_hook(ovs->ledger), err) :
	     error_errno(err, ENOMEM, NULL, "cannot make a database");
	free(argv[3]);
	return rc;
}

int ovs_server_start(struct ovs *ovs, struct error *err)
{
	char *argv[] = {
		WORD("ovsdb-server"), WORD(OVS_DATABASE), WORD("--remote=punix:" OVS_DATABASE_SOCKET),
		WORD("--unixctl=server.ctl"), WORD("--no-chdir"), WORD("-vconsole:info"), NULL
	};
	struct deadline deadline;
	int rc = daemon_environment(ovs, err);

	rc = rc ? rc : database_create(ovs, err);
	rc = rc ? rc : daemon_start(ovs, OVS_SERVER, found.server, argv, NULL, err);
	if (rc)
		return rc;
	deadline = deadline_after_ms(SERVER_MS);
	do {
		json_t *result;

		rc = ovs_check(ovs, err);
		if (rc)
			return rc;
		if (!ovs_call(ovs->directory_fd, OVS_DATABASE_SOCKET, "list_dbs", json_array(), &result,
			      NULL)) {
			json_decref(result);
			return 0;
		}
	} while (deadline_pause(&deadline, PAUSE_US));
	return error_set(err, ETIMEDOUT, NULL, "ovsdb-server does not answer within %d s", SERVER_MS / 1000);
}

int ovs_vswitchd_start(struct ovs *ovs, struct error *err)
{
	static const char *const capabilities[] = { "net_admin", NULL };
	char *argv[] = {
		WORD("ovs-vswitchd"), WORD("unix:" OVS_DATABASE_SOCKET),
		WORD("--unixctl=" OVS_COMMAND_SOCKET), WORD("--no-chdir"), WORD("-vconsole:info"), NULL
	};

	return daemon_start(ovs, OVS_VSWITCHD, found.vswitchd, argv, capabilities, err);
}
