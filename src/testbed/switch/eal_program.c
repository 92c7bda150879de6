/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/switch/eal_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/deadline.h"
#include "system/program.h"
#include "testbed/host/child.h"
#include "testbed/switch/socket_port.h"
#include "testbed/switch/vhost_user.h"
#include "util/text.h"

#define TELEMETRY_SOCKET "dpdk/" EAL_PROGRAM_PREFIX "/dpdk_telemetry.v2"
#define START_MS 10000                       /* many hugepages take time to be cleared */
#define READY_MS 5000
#define STOP_GRACE_MS 1000
#define PAUSE_US 500
#define LOG_MAX (1u << 20)

/* ---- starting it --------------------------------------------------------------------------------------- */

static int process_start(struct eal_program *program, struct error *err)
{
	char *environment[] = { (char[]){ "RUNTIME_DIRECTORY=." }, NULL };
	struct eal_arguments arguments = { 0 };
	char path[4096];
	const struct program start = {
		.path = path,
		.environment = environment,
		.directory = program->directory,
		.netns = program->netns,
		.filter = true,
		.log_fd = program->log_fd,
		.talks = true,
		.processors = program->processors,
		.processor_count = program->processor_count,
	};
	struct program with = start;
	int rc = program->kind->find(program->kind->name, path, sizeof(path), err);

	if (rc)
		return rc;
	eal_arguments_make(program, &arguments);
	with.argv = arguments.list;
	program_user_apply(&program->user, &with);
	if (arguments.failed)
		rc = error_errno(err, ENOMEM, NULL, "cannot start %s", program->kind->name);
	else
		rc = program_start(&with, &program->process, child_hook(program->ledger), err);
	eal_arguments_free(&arguments);
	return rc;
}

/* They come in the order of their numbers. */
static bool socket_made(const struct eal_program *program, unsigned index)
{
	struct stat st;
	char name[32];

	snprintf(name, sizeof(name), EAL_PROGRAM_SOCKET "%u", index);
	return !fstatat(program->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW);
}

char *eal_program_log(const struct eal_program *program)
{
	char *text = malloc(LOG_MAX + 1);
	ssize_t size;

	if (!text)
		return NULL;
	size = pread(program->log_fd, text, LOG_MAX, 0);
	if (size <= 0) {
		free(text);
		return NULL;
	}
	text[size] = 0;
	return text;
}

/* It has ended: how, and its last words. */
static int process_failed(struct eal_program *program, struct error *err)
{
	char *log = eal_program_log(program);
	const char *line = log ? text_last_line(log) : "";
	char end[128];

	process_describe_end(&program->process, end, sizeof(end));
	error_set(err, ECHILD, "its last words are in the record: logs/switch.log", "%s %s%s%s",
		  program->kind->name, end, *line ? ": " : "", line);
	free(log);
	return -ECHILD;
}

static int sockets_wait(struct eal_program *program, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(START_MS);
	unsigned made = 0;

	do {
		while (made < program->ports && socket_made(program, made))
			made++;
		if (made == program->ports)
			return 0;
		if (process_ended(&program->process))
			return process_failed(program, err);
	} while (deadline_pause(&deadline, PAUSE_US));
	return error_set(err, ETIMEDOUT,
			 "its log in the record may say why: logs/switch.log; DPDK is built for a number of "
			 "ports (RTE_MAX_ETHPORTS, 32 in Debian's)",
			 "%s has made %u of %u sockets in %d s", program->kind->name, made, program->ports,
			 START_MS / 1000);
}

static int sockets_hand_over(struct eal_program *program, struct error *err)
{
	char made[32];
	int rc = 0;

	for (unsigned i = 0; i < program->ports && !rc; i++) {
		snprintf(made, sizeof(made), EAL_PROGRAM_SOCKET "%u", i);
		rc = socket_port_hand_over(program->port[i], program->directory_fd, made, err);
	}
	return rc;
}

/* ---- switch_ops ---------------------------------------------------------------------------------------- */

static void program_free(struct eal_program *program)
{
	if (program->directory_fd >= 0)
		close(program->directory_fd);
	free(program->output);
	free(program->port);
	free(program->processors);
	free(program->directory);
	program_user_release(&program->user);
	free(program);
}

static int program_open(struct eal_program *program, const struct switch_spec *spec, struct error *err)
{
	program->directory = strdup(spec->directory);
	program->port = calloc(spec->ports, sizeof(struct switch_port *));
	program->processors = calloc(spec->processor_count, sizeof(int));
	if (!program->directory || !program->port || !program->processors)
		return error_errno(err, ENOMEM, NULL, "cannot start %s", program->kind->name);
	memcpy(program->processors, spec->processors, spec->processor_count * sizeof(int));
	program->directory_fd = open(spec->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (program->directory_fd < 0)
		return error_errno(err, errno, NULL, "cannot open %s", spec->directory);
	if (spec->place.start) {
		program_user_enter(&program->user, spec->place, spec->owner);
		return 0;
	}
	return program_user_take(&program->user, program->directory, program->memory.directory, NULL, err);
}

int eal_program_start(struct vswitch **sw, const struct switch_spec *spec,
		      const struct eal_program_kind *kind, struct error *err)
{
	struct eal_program *program;
	int rc;

	if (!spec->processor_count)
		return error_set(err, EINVAL, NULL, "%s needs a processor to run on", kind->name);
	program = calloc(1, sizeof(*program));
	if (!program)
		return error_errno(err, ENOMEM, NULL, "cannot start %s", kind->name);
	program->kind = kind;
	program->ledger = spec->ledger;
	program->netns = spec->netns;
	program->memory = spec->memory;
	program->ports = spec->ports;
	program->max_frame = spec->max_frame;
	program->processor_count = spec->processor_count;
	program->process = (struct process)PROCESS_NONE;
	program->user = (struct program_user)PROGRAM_USER_NONE;
	program->directory_fd = program->telemetry.fd = -1;
	program->log_fd = spec->log_fd;
	rc = program_open(program, spec, err);
	if (rc)
		program_free(program);
	else
		*sw = &program->base;
	return rc;
}

int eal_program_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	struct eal_program *program = (struct eal_program *)sw;
	int rc = socket_port_fill(port, VHOST_USER_SOCKET, false, err);

	if (rc)
		return rc;
	program->port[port->index] = port;
	if (++program->attached < program->ports)
		return 0;
	rc = process_start(program, err);
	rc = rc ? rc : sockets_wait(program, err);
	return rc ? rc : sockets_hand_over(program, err);
}

/* A port forwards once it is started; until then telemetry may not even know it. */
static bool port_started(struct eal_program *program, unsigned index)
{
	json_t *info;
	bool started;

	if (telemetry_ask(&program->telemetry, &info, NULL, "/ethdev/info,%u", index))
		return false;
	started = json_integer_value(json_object_get(info, "dev_started")) == 1;
	json_decref(info);
	return started;
}

static int telemetry_connect(struct eal_program *program, struct error *err)
{
	if (program->telemetry.fd >= 0)
		return 0;
	return telemetry_open(&program->telemetry, program->directory_fd, TELEMETRY_SOCKET, err);
}

int eal_program_ready(struct vswitch *sw, struct error *err)
{
	struct eal_program *program = (struct eal_program *)sw;
	const struct deadline deadline = deadline_after_ms(READY_MS);
	unsigned started = 0;

	do {
		if (process_ended(&program->process))
			return process_failed(program, err);
		if (!telemetry_connect(program, err))
			while (started < program->ports && port_started(program, started))
				started++;
		if (started == program->ports)
			return 0;
	} while (deadline_pause(&deadline, PAUSE_US));
	return error_set(err, ETIMEDOUT, "its log in the record says how far it came: logs/switch.log",
			 "%s has not started its ports within %d s", program->kind->name, READY_MS / 1000);
}

struct process *eal_program_processes(struct vswitch *sw, unsigned *count)
{
	*count = 1;
	return &((struct eal_program *)sw)->process;
}

static int not_sent(struct eal_program *program, uint64_t *packets)
{
	int64_t difference = 0;
	int rc = 0;

	for (unsigned i = 0; i < program->ports && !rc; i++) {
		json_t *stats;

		rc = telemetry_ask(&program->telemetry, &stats, NULL, "/ethdev/stats,%u", i);
		if (rc)
			break;
		difference += json_integer_value(json_object_get(stats, "ipackets"));
		difference -= json_integer_value(json_object_get(stats, "opackets"));
		json_decref(stats);
	}
	*packets = difference > 0 ? (uint64_t)difference : 0;
	return rc;
}

int eal_program_dropped(struct vswitch *sw, uint64_t *packets)
{
	struct eal_program *program = (struct eal_program *)sw;
	int rc = telemetry_connect(program, NULL);

	if (rc)
		return rc;
	return program->kind->dropped ? program->kind->dropped(program, packets) : not_sent(program, packets);
}

void eal_program_stop(struct vswitch *sw)
{
	struct eal_program *program = (struct eal_program *)sw;

	telemetry_close(&program->telemetry);
	process_stop(&program->process, STOP_GRACE_MS);
	program_free(program);
}
