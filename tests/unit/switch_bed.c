/* SPDX-License-Identifier: Apache-2.0 */
#include "switch_bed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "testbed/host/netlink.h"
#include "system/program.h"
#include "testbed/host/child.h"

#define OWNER 54321
#define ANSWER_MS 30000
#define CONNECT_MS 5

static char state_directory[] = "/tmp/lanebench-test-XXXXXX";

int beds_open(void)
{
	return !mkdtemp(state_directory) || chmod(state_directory, 0711) ||
	       setenv("LANEBENCH_STATE", state_directory, 1);
}

/* The last ledger has removed it, or this does; if not, somebody has left something in it. */
int beds_close(void)
{
	if (rmdir(state_directory) && errno != ENOENT)
		print_message("%s is not empty\n", state_directory);
	return access(state_directory, F_OK) == 0;
}

uid_t owner(void)
{
	return geteuid() ? geteuid() : OWNER;
}

/* The switch on the last processor of ours, what loads it on the first. */
static void choose_processors(struct bed *bed)
{
	cpu_set_t set;
	int first = -1, last = -1;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &set))
			continue;
		first = first < 0 ? i : first;
		last = i;
	}
	for (int i = 0; i < PORTS_MAX; i++)
		bed->processors[i] = last;
	bed->load_processor = first;
}

void bed_make(struct bed *bed, const char *name, unsigned ports, unsigned threads)
{
	struct error err = { 0 };

	*bed = (struct bed){ .ops = switch_find(name) };
	assert_non_null(bed->ops);
	if (bed->ops->probe(&err)) {
		print_message("%s; %s\n", err.cause, err.remedy);
		skip();
	}
	choose_processors(bed);
	assert_int_equal(ledger_open(&bed->ledger, &err), 0);
	snprintf(bed->directory, sizeof(bed->directory), "%s/switch", ledger_directory(bed->ledger));
	bed->log = memfd_create("switch.log", MFD_CLOEXEC);
	assert_true(bed->log >= 0 && !fcntl(bed->log, F_SETFL, O_APPEND));
	assert_int_equal(mkdir(bed->directory, 0700), 0);
	bed->netns = netlink_scratch_namespace(NULL); /* -1 where we may not: not all switches need one */
	bed->spec = (struct switch_spec){
		.ledger = bed->ledger, .directory = bed->directory, .log_fd = bed->log, .netns = bed->netns,
		.ports = ports, .mtu = 1500, .processors = bed->processors, .processor_count = threads,
		.ring = 256, .max_frame = 1514,
	};
	bed->spec.memory.megabytes = bed->ops->megabytes ? bed->ops->megabytes(ports, 1, 256, 1514) : 0;
	for (unsigned i = 0; i < ports; i++) {
		struct switch_port *port = &bed->port[i];

		*port = (struct switch_port){
			.index = i, .peer = &bed->port[i ^ 1], .end = i % 2, .entered = i % 2 == 0, .netns = -1, .owner = owner(),
			.port = { .kind = PORT_VHOST_USER, .ring = 256 },
		};
		memcpy(port->address.mac, (uint8_t[]){ 0x02, 0, 0, 0, (uint8_t)(i / 2), i % 2 }, 6); /* of load_begin */
		snprintf(port->host_directory, sizeof(port->host_directory), "%s/port-%u",
			 ledger_directory(bed->ledger), i);
		snprintf(port->directory, sizeof(port->directory), "%s", port->host_directory);
		assert_int_equal(mkdir(port->host_directory, 0700), 0);
	}
}

static int bed_attach(struct bed *bed, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < bed->spec.ports && !rc; i++)
		rc = bed->ops->attach(bed->sw, &bed->port[i], err);
	return rc;
}

int bed_start(struct bed *bed, struct error *err)
{
	int rc = bed->ops->start(&bed->sw, &bed->spec, err);

	rc = rc ? rc : bed_attach(bed, err);
	return rc || !bed->ops->ready ? rc : bed->ops->ready(bed->sw, err);
}

void bed_must_start(struct bed *bed)
{
	struct error err = { 0 };
	int rc = bed_start(bed, &err);

	if (rc)
		print_message("%s; %s\n", err.cause, err.remedy);
	assert_int_equal(rc, 0);
}

void bed_remove(struct bed *bed)
{
	struct error err = { 0 };

	if (bed->sw)
		bed->ops->stop(bed->sw);
	close(bed->log);
	assert_int_equal(ledger_close(bed->ledger, &err), 0);
	if (bed->netns >= 0)
		close(bed->netns);
}

void bed_mount(struct bed *bed, struct hugepages_mount *mount)
{
	struct error err = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/hugepages", ledger_directory(bed->ledger));
	if (hugepages_mount(mount, path, 2048, bed->spec.memory.megabytes, -1, geteuid(), bed->ledger, &err)) {
		print_message("%s; %s\n", err.cause, err.remedy);
		bed_remove(bed);
		skip();
	}
	snprintf(bed->spec.memory.directory, sizeof(bed->spec.memory.directory), "%s", mount->path);
}

void bed_remove_mounted(struct bed *bed, struct hugepages_mount *mount)
{
	struct error err = { 0 };

	bed->ops->stop(bed->sw);
	bed->sw = NULL;
	assert_int_equal(hugepages_unmount(mount, bed->ledger, &err), 0);
	bed_remove(bed);
}

/* ---- traffic ------------------------------------------------------------------------------------------- */

void load_begin(struct load *load, struct bed *bed, unsigned pair, const char *count, const char *size,
		const char *mode)
{
	char device[2][256], lcores[32], runtime[300];
	char *const argv[] = {
		(char[]){ "switch_load" }, lcores, (char[]){ "--no-pci" }, (char[]){ "--no-huge" },
		(char[]){ "--no-shconf" }, (char[]){ "--no-telemetry" }, (char[]){ "-m" }, (char[]){ "64" },
		(char[]){ "--iova-mode=va" }, (char[]){ "--file-prefix=load" }, device[0], device[1],
		(char[]){ "--" }, strdup(count), strdup(size), strdup(mode), NULL,
	};
	char *const environment[] = { runtime, NULL };
	const struct program program = {
		.path = SWITCH_LOAD, .argv = argv, .environment = environment, .netns = -1, .log_fd = bed->log,
		.talks = true,
		.capabilities = geteuid() ? NULL : (const char *const[]){ "dac_override", NULL },
	};
	struct error err = { 0 };
	int rc;

	snprintf(lcores, sizeof(lcores), "--lcores=0@%d", bed->load_processor);
	for (unsigned i = 0; i < 2; i++) {
		const struct port *port = &bed->port[2 * pair + i].port;

		snprintf(device[i], sizeof(device[i]), "--vdev=net_virtio_user%u,queue_size=256,server=%d,path=%s,"
			 "mac=02:00:00:00:%02x:%02x", i, port->listens, port->address, pair, i);
	}
	snprintf(runtime, sizeof(runtime), "RUNTIME_DIRECTORY=%s", ledger_directory(bed->ledger));
	rc = program_start(&program, &load->process, child_hook(bed->ledger), &err);
	if (rc)
		print_message("%s\n", err.cause);
	assert_int_equal(rc, 0);
	for (int i = 13; i < 16; i++)
		free(argv[i]);
}

static void load_read(struct load *load, char *text, size_t size)
{
	struct pollfd answer = { .fd = load->process.socket, .events = POLLIN };
	ssize_t length;

	assert_int_equal(poll(&answer, 1, ANSWER_MS), 1);
	length = read(load->process.socket, text, size - 1);
	assert_true(length > 0);
	text[length] = 0;
}

int bed_connect(struct bed *bed, struct error *err)
{
	int rc = bed->ops->connect ? 1 : 0;

	for (int left = ANSWER_MS / CONNECT_MS; left > 0 && rc > 0; left--) {
		rc = bed->ops->connect(bed->sw, err);
		poll(NULL, 0, CONNECT_MS);
	}
	return rc;
}

void load_go(struct load *load)
{
	char text[256];

	load_read(load, text, sizeof(text));
	assert_string_equal(text, "open\n");
	assert_int_equal(write(load->process.socket, "\n", 1), 1);
	load_read(load, text, sizeof(text));
	if (sscanf(text, "sent %lu received %lu wrong %lu", &load->sent, &load->received, &load->wrong) != 3)
		fail_msg("the load says: %s", text);
}

/*
 * Until the load's ports are open, the switch is asked to connect: one that was connected to an earlier load may
 * not have seen yet that it is gone.
 */
static void bed_connect_load(struct bed *bed, const struct load *load)
{
	struct pollfd answer = { .fd = load->process.socket, .events = POLLIN };
	struct error err = { 0 };
	int rc = 0;

	for (int left = ANSWER_MS / CONNECT_MS; left > 0 && rc >= 0 && !poll(&answer, 1, CONNECT_MS); left--)
		rc = bed->ops->connect ? bed->ops->connect(bed->sw, &err) : 0;
	if (rc < 0 || bed_connect(bed, &err))
		fail_msg("the switch does not forward: %s", err.cause);
}

void load_start(struct load *load, struct bed *bed, unsigned pair, const char *count, const char *size,
		const char *mode)
{
	load_begin(load, bed, pair, count, size, mode);
	bed_connect_load(bed, load);
	load_go(load);
}

void load_end(struct load *load, struct bed *bed)
{
	process_stop(&load->process, 1000);
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "re");
	assert_non_null(file);
	return file;
}

static void check_rights(pid_t pid, unsigned long long capabilities)
{
	FILE *status = open_proc(pid, "status");
	unsigned found = 0, ids[4];
	char line[256];

	while (fgets(line, sizeof(line), status)) {
		unsigned long long set;

		if (sscanf(line, "CapPrm: %llx", &set) == 1 || sscanf(line, "CapEff: %llx", &set) == 1 ||
		    sscanf(line, "CapBnd: %llx", &set) == 1) {
			assert_int_equal(set, capabilities);
			found++;
		}
		found += strcmp(line, "NoNewPrivs:\t1\n") == 0;
		if (sscanf(line, "Uid: %u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4 ||
		    sscanf(line, "Gid: %u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4) {
			for (unsigned i = 0; !geteuid() && i < 4; i++)
				assert_true(ids[i] != 0 && ids[i] == ids[0] && ids[i] != owner());
			found++;
		}
		if (!geteuid() && !strncmp(line, "Groups:", 7))
			assert_int_equal(strspn(line + 7, "\t \n"), strlen(line + 7));
	}
	fclose(status);
	assert_int_equal(found, 6);
}

static void check_mounts(const struct bed *bed, pid_t pid)
{
	const char *const writable[] = { bed->directory, bed->spec.memory.directory, "/proc", "/tmp" };
	FILE *mounts = open_proc(pid, "mountinfo");
	char line[1024], path[512], options[256];
	unsigned own = 0;

	while (fgets(line, sizeof(line), mounts)) {
		bool allowed = false;

		assert_int_equal(sscanf(line, "%*s %*s %*s %*s %511s %255s", path, options), 2);
		for (unsigned i = 0; i < 4; i++)
			allowed |= !strcmp(path, writable[i]);
		own += !strcmp(path, bed->directory);
		if (!allowed && strncmp(options, "ro", 2))
			fail_msg("%s can be written to", path);
	}
	fclose(mounts);
	assert_int_equal(own, 1);
}

void bed_check_confined(const struct bed *bed, pid_t pid, unsigned long long capabilities)
{
	static const char *const hidden[] = { "etc/shadow", "root", "home", "run", "var", "dev/mem", "sys/fs" };
	char path[64];

	check_rights(pid, capabilities);
	if (geteuid())
		return;
	for (unsigned i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		/* The way to the switch's directory is there. */
		if (!strncmp(bed->directory + 1, hidden[i], strlen(hidden[i])))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/root/%s", (int)pid, hidden[i]);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(errno, ENOENT);
	}
	check_mounts(bed, pid);
}

uint64_t bed_dropped(struct bed *bed)
{
	uint64_t dropped = 0;

	assert_int_equal(bed->ops->dropped(bed->sw, &dropped), 0);
	return dropped;
}
