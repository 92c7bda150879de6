/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DPDK's environment (EAL) in an endpoint: started by the first port, it stays until the process ends. It
 * leaves nothing on this machine, however that end comes: no file of its run time directory (it is told of
 * one that cannot be made, which --no-shconf puts up with), no telemetry socket, and packet memory in files
 * without names. It drives no hardware but the PCI functions that are the ports.
 */
#include "endpoint/io/dpdk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fbarray.h>
#include <rte_log.h>
#include <rte_memory.h>
#include <rte_version.h>

#define ARGUMENTS_MAX 24
#define MEMORY_FILES_MAX 8
#define MEGABYTE (UINT64_C(1) << 20)
#define NOWHERE "/dev/null" /* a directory cannot be made in it */

/* A file of packet memory: EAL's descriptor of it, and one of our own. */
struct memory_file {
	int fd, kept;
};

static struct {
	bool running;
	struct error failure;         /* it could not be started, and does not let itself be started twice */
	struct packet_memory memory;  /* as it was asked for */
	uint64_t page_bytes;          /* of the hugepages; 0 = none */
	char pci[IO_PORTS_MAX][PORT_ADDRESS_SIZE]; /* functions that it may drive; "" = none */
	FILE *stream;
	struct dpdk_log log;
	struct memory_file files[MEMORY_FILES_MAX];
	unsigned file_count;
	bool files_noted;             /* all of them */
} eal;

/* The text of a line after `before`, up to `after`. */
static void log_cut(const char *line, const char *before, const char *after, char *into, size_t size)
{
	const char *begin = strstr(line, before), *end;

	if (!begin)
		return;
	begin += strlen(before);
	end = strstr(begin, after);
	if (end)
		snprintf(into, size, "%.*s", (int)(end - begin), begin);
}

/* The function that says it, "EAL: " and the like stand in front: for people, only the text counts. */
static const char *log_text(const char *line)
{
	const char *text = strstr(line, "(): ");

	if (text)
		return text + 4;
	text = strstr(line, ": ");
	return text ? text + 2 : line;
}

/* Complaints at every start about what we mean to be without. */
static bool log_is_idle(const char *line)
{
	return strstr(line, "'" NOWHERE) || strstr(line, "No DPDK runtime directory") ||
	       strstr(line, "Failed to register mp action callback: Operation not supported");
}

static void log_line(const char *line)
{
	struct dpdk_log *log = &eal.log;
	char features[32] = "";

	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR && !*log->error)
		snprintf(log->error, sizeof(log->error), "%.*s", (int)strcspn(log_text(line), "\n"),
			 log_text(line));
	if (strstr(line, " Rx path on port"))
		log_cut(line, "using ", " Rx path", log->rx_path, sizeof(log->rx_path));
	if (strstr(line, " Tx path on port"))
		log_cut(line, "using ", " Tx path", log->tx_path, sizeof(log->tx_path));
	log_cut(line, "features after negotiate = ", "\n", features, sizeof(features));
	if (*features) {
		log->features = strtoull(features, NULL, 16);
		log->features_known = true;
	}
}

/* DPDK writes a message at a time and flushes it. Details are listened to, but not passed on. */
static ssize_t log_write(void *cookie, const char *text, size_t size)
{
	char line[512];

	snprintf(line, sizeof(line), "%.*s", (int)size, text);
	if (log_is_idle(line))
		return (ssize_t)size;
	log_line(line);
	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_INFO)
		fwrite(text, 1, size, stderr);
	return (ssize_t)size;
}

static int log_open(struct error *err)
{
	eal.stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = log_write });
	if (!eal.stream || rte_openlog_stream(eal.stream))
		return error_errno(err, ENOMEM, NULL, "cannot take DPDK's log");
	return 0;
}

void dpdk_log_forget(void)
{
	flockfile(eal.stream); /* EAL's own threads write, too */
	memset(&eal.log, 0, sizeof(eal.log));
	funlockfile(eal.stream);
}

void dpdk_log_recall(struct dpdk_log *log)
{
	flockfile(eal.stream);
	*log = eal.log;
	funlockfile(eal.stream);
}

/* "0@(2,3)": the one thread of EAL's that we are runs where this thread may run now. */
static int lcores_write(char *text, size_t size, struct error *err)
{
	size_t used = (size_t)snprintf(text, size, "0@(");
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return error_errno(err, errno, NULL, "cannot tell on which processors to run");
	for (int i = 0; i < CPU_SETSIZE && used < size; i++)
		if (CPU_ISSET(i, &set))
			used += (size_t)snprintf(text + used, size - used, "%d,", i);
	if (used >= size)
		return error_set(err, E2BIG, "name the processor of the endpoint", "too many processors");
	text[used - 1] = ')';
	return 0;
}

/* Where the pages come from, and how large they are. */
static int memory_check(const struct packet_memory *memory, uint64_t *page_bytes, struct error *err)
{
	uint64_t wanted = memory->megabytes * MEGABYTE, there;
	struct statfs fs;

	*page_bytes = 0;
	if (!*memory->directory) {
		/* DPDK touches all of it at once, and what is not there the kernel takes by killing. */
		there = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
		if (wanted < there)
			return 0;
		return error_set(err, ENOMEM, "choose a smaller ring, burst or packet size",
				 "DPDK is to use %u MB for packets, and this machine has %u",
				 memory->megabytes, (unsigned)(there / MEGABYTE));
	}
	if (statfs(memory->directory, &fs))
		return error_errno(err, errno, "the container must have a hugetlbfs there",
				   "cannot use %s for packet memory", memory->directory);
	if (fs.f_type != HUGETLBFS_MAGIC)
		return error_set(err, EINVAL, "mount a hugetlbfs there", "%s is no hugetlbfs",
				 memory->directory);
	*page_bytes = (uint64_t)fs.f_bsize;
	there = fs.f_bavail * *page_bytes;
	if (fs.f_blocks /* the mount has a limit of its own */ && wanted > there)
		return error_set(err, ENOMEM,
				 "give the mount a larger size, or choose a smaller ring or burst",
				 "DPDK is to use %u MB for packets, and the hugetlbfs %s has %u left",
				 memory->megabytes, memory->directory, (unsigned)(there / MEGABYTE));
	return 0;
}

/* Once mapped, a file of hugepages needs no name; without one its pages are free when the process ends. */
static void file_unname(int fd)
{
	char link[32], path[PORT_ADDRESS_SIZE + 64] = "";
	size_t length = strlen(eal.memory.directory);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!length || readlink(link, path, sizeof(path) - 1) < 0)
		return;
	if (!strncmp(path, eal.memory.directory, length))
		unlink(path);
}

static int file_note(const struct rte_memseg_list *list, void *context)
{
	struct rte_fbarray *segments = (struct rte_fbarray *)(uintptr_t)&list->memseg_arr; /* is only read */
	struct memory_file *file = &eal.files[eal.file_count];
	int i = list->external ? -1 : rte_fbarray_find_next_used(segments, 0);

	if (i < 0)
		return 0;
	if (eal.file_count == MEMORY_FILES_MAX)
		return -1;
	file->fd = rte_memseg_get_fd_thread_unsafe(rte_fbarray_get(segments, (unsigned)i));
	file->kept = file->fd < 0 ? -1 : fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (file->kept < 0)
		return -1;
	file_unname(file->fd);
	eal.file_count++;
	return 0;
}

bool dpdk_eal_files_restore(void)
{
	bool whole = true;

	for (unsigned i = 0; i < eal.file_count; i++) {
		const struct memory_file *file = &eal.files[i];
		struct stat now, then;

		if (fstat(file->fd, &now)) /* closed, and the number is free */
			whole &= fcntl(file->kept, F_DUPFD_CLOEXEC, file->fd) == file->fd;
		else
			whole &= !fstat(file->kept, &then) && now.st_dev == then.st_dev &&
				 now.st_ino == then.st_ino;
	}
	return whole && eal.files_noted;
}

static const char *eal_remedy(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur != RLIM_INFINITY)
		return "address space is limited, and DPDK reserves much of it: ulimit -v unlimited";
	return eal.page_bytes ? "are there as many free hugepages? lanebench doctor tells" :
				"the endpoint's log has what DPDK said before";
}

static int eal_init(char **argv, int argc, struct error *err)
{
	struct dpdk_log log;

	dpdk_log_forget();
	if (rte_eal_init(argc, argv) >= 0) {
		eal.running = true;
		eal.files_noted = !rte_memseg_list_walk(file_note, NULL);
		return 0;
	}
	dpdk_log_recall(&log);
	error_set(&eal.failure, rte_errno ? rte_errno : EIO, eal_remedy(), "DPDK does not start: %s",
		  *log.error ? log.error : rte_strerror(rte_errno));
	*err = eal.failure;
	return -err->code;
}

static int eal_start(const struct io_config *config, struct error *err)
{
	bool pci = false;
	const char *huge = config->memory->directory;
	char lcores[4 * CPU_SETSIZE], megabytes[16], prefix[32];
	char *argv[ARGUMENTS_MAX];
	int argc = 0, ret;

#define ADD(text) (argv[argc++] = (char *)(uintptr_t)(text))
	ret = memory_check(config->memory, &eal.page_bytes, err);
	if (!ret)
		ret = lcores_write(lcores, sizeof(lcores), err);
	if (!ret)
		ret = log_open(err);
	if (ret)
		return ret;
	snprintf(megabytes, sizeof(megabytes), "%u", config->memory->megabytes);
	snprintf(prefix, sizeof(prefix), "lanebench%d", (int)getpid());
	setenv("RUNTIME_DIRECTORY", NOWHERE, 1);
	ADD("lanebench-endpoint");
	ADD("--lcores"), ADD(lcores);
	ADD("-m"), ADD(megabytes);
	ADD("--file-prefix"), ADD(prefix);
	ADD("--no-shconf"), ADD("--no-telemetry");
	ADD("--single-file-segments"); /* a peer that maps the memory takes few files, a memif but one */
	ADD("--force-max-simd-bitwidth=512"); /* drivers choose from what the processor has */
	ADD("--log-level=pmd.net.virtio.init:debug"); /* says what was negotiated, see log_write */
	if (*huge)
		ADD("--huge-dir"), ADD(huge);
	else
		ADD("--no-huge");
	for (uint32_t i = 0; i < config->port_count; i++) {
		if (config->ports[i]->kind != PORT_PCI)
			continue;
		snprintf(eal.pci[i], sizeof(eal.pci[i]), "%s", config->ports[i]->address);
		ADD("-a"), ADD(eal.pci[i]);
		pci = true;
	}
	if (!pci)
		ADD("--no-pci"), ADD("--iova-mode=va");
	argv[argc] = NULL;
#undef ADD
	eal.memory = *config->memory;
	return eal_init(argv, argc, err);
}

/* EAL runs: for this port, too? */
static int eal_suffices(const struct io_config *config, struct error *err)
{
	if (strcmp(eal.memory.directory, config->memory->directory) ||
	    eal.memory.megabytes < config->memory->megabytes)
		return error_set(err, EBUSY, "start another endpoint for it",
				 "DPDK runs with %u MB from '%s' in this endpoint, not with %u MB from '%s'",
				 eal.memory.megabytes, eal.memory.directory, config->memory->megabytes,
				 config->memory->directory);
	if (config->port->kind == PORT_PCI && strcmp(eal.pci[0], config->port->address) &&
	    strcmp(eal.pci[1], config->port->address))
		return error_set(err, EBUSY, "start another endpoint for it",
				 "DPDK runs without the PCI function %s in this endpoint",
				 config->port->address);
	return 0;
}

int dpdk_eal_start(const struct io_config *config, struct error *err)
{
	if (eal.running)
		return eal_suffices(config, err);
	if (!eal.failure.code)
		return eal_start(config, err);
	if (err)
		*err = eal.failure;
	return -eal.failure.code;
}

void dpdk_eal_effective(json_t *object)
{
	uint64_t page_bytes = eal.page_bytes ? eal.page_bytes : (uint64_t)sysconf(_SC_PAGESIZE);
	char built[32];

	snprintf(built, sizeof(built), "%s %d.%02d.%d", RTE_VER_PREFIX, RTE_VER_YEAR, RTE_VER_MONTH,
		 RTE_VER_MINOR);
	json_object_set_new(object, "dpdk", json_string(rte_version()));
	json_object_set_new(object, "dpdk_built_with", json_string(built));
	json_object_set_new(object, "memory_megabytes", json_integer(eal.memory.megabytes));
	json_object_set_new(object, "hugepages", json_boolean(rte_eal_has_hugepages()));
	json_object_set_new(object, "page_bytes", json_integer((json_int_t)page_bytes));
}
