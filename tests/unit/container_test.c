/* SPDX-License-Identifier: Apache-2.0 */
/* The runtimes, against real containers; with root only. container_inmate.c is what runs in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/capability.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host_snapshot.h"
#include "system/identity.h"
#include "testbed/container/container.h"
#include "testbed/host/mount.h"
#include "testbed/host/namespace.h"
#include "testbed/kinds.h"

static char state_directory[] = "/tmp/lanebench-test-XXXXXX";
static int state_fd = -1, inmate = -1;
static struct log_file log_file;
static struct identity identities[2];


static const char *const raw_only[] = { "net_raw", NULL };
static const char *const nothing[] = { NULL };

static void skip_without(const struct container_ops *ops)
{
	struct error err = { 0 };

	if (ops->probe(&err)) {
		print_message("skipped: %s (%s)\n", err.cause, err.remedy);
		skip();
	}
}

static void assert_ok(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s (%s)", err->cause, err->remedy);
}

/* All but its name. */
/* The first processor that we may use. */
static const char *one_processor(void)
{
	static char list[16];
	cpu_set_t set;
	int first = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(first, &set))
		first++;
	snprintf(list, sizeof(list), "%d", first);
	return list;
}

static struct container_spec spec_of(const struct container_ops *ops, unsigned number, const char *const *capabilities)
{
	struct container_spec spec = { .kind = &container_kind, .log = &log_file, .capabilities = capabilities,
				       .user = geteuid(), .group = getegid(), .limits.cpuset = one_processor() };

	if (ops->namespaces & CLONE_NEWUSER) {
		identity_release(&identities[number]);
		assert_int_equal(identity_take(&identities[number], NULL), 0);
		spec.user = spec.group = identities[number].id;
	}
	return spec;
}

static struct container *make(const struct container_ops *ops, struct ledger *ledger, unsigned number,
			      const char *const *capabilities)
{
	struct container_spec spec = spec_of(ops, number, capabilities);
	struct container *container;
	struct error err = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "lb-%s-%u", ledger_run_id(ledger), number);
	spec.name = name;
	assert_ok(ops->create(&container, &spec, ledger, &err), &err);
	return container;
}

/* Read what the inmate tells of itself, up to the empty line. */
static void read_account(int fd, char *text, size_t size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t got;

	text[0] = 0;
	while (!strstr(text, "\n\n") && used < size - 1) {
		assert_int_equal(poll(&ready, 1, 5000), 1);
		got = read(fd, text + used, size - 1 - used);
		assert_true(got > 0);
		used += (size_t)got;
		text[used] = 0;
	}
}

static void value_of(const char *account, const char *key, char value[128])
{
	const char *line = strstr(account, key);

	assert_non_null(line);
	assert_int_equal(sscanf(line + strlen(key), " %127[^\n]", value), 1);
}

static void check_capabilities(const char *account, uint64_t expected)
{
	static const char *const exact[] = { "CapPrm:", "CapEff:", "CapBnd:" };
	static const char *const none[] = { "CapInh:", "CapAmb:" };
	char value[128];

	for (unsigned i = 0; i < 3; i++) {
		value_of(account, exact[i], value);
		assert_int_equal(strtoull(value, NULL, 16), expected);
	}
	for (unsigned i = 0; i < 2; i++) {
		value_of(account, none[i], value);
		assert_int_equal(strtoull(value, NULL, 16), 0);
	}
	value_of(account, "NoNewPrivs:", value);
	assert_string_equal(value, "1");
}

static void check_namespace(const char *account, const char *kind, bool other)
{
	char path[32], key[8], host[128] = "", inside[128];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	assert_true(readlink(path, host, sizeof(host) - 1) > 0);
	snprintf(key, sizeof(key), "\n%s ", kind);
	value_of(account, key, inside);
	if (other)
		assert_string_not_equal(host, inside);
	else
		assert_string_equal(host, inside);
}

static void read_descriptor(const struct process *process, int fd, char text[64])
{
	char path[32];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)process->pid, fd);
	length = readlink(path, text, 63);
	assert_true(length > 0);
	text[length] = 0;
}

static void check_echo(struct process *process)
{
	struct pollfd ready = { .fd = process->socket, .events = POLLIN };
	char text[16] = "", in[64], out[64];

	assert_int_equal(write(process->socket, "ping", 4), 4);
	read_descriptor(process, STDIN_FILENO, in);
	read_descriptor(process, STDOUT_FILENO, out);
	assert_int_equal(strncmp(in, "socket:", 7), 0);
	assert_string_equal(in, out);
	assert_int_equal(poll(&ready, 1, 5000), 1);
	assert_int_equal(read(process->socket, text, sizeof(text)), 4);
	assert_string_equal(text, "ping");
	assert_int_equal(shutdown(process->socket, SHUT_WR), 0);
	assert_true(process_wait(process, 5000));
	assert_true(WIFEXITED(process->status));
	assert_int_equal(WEXITSTATUS(process->status), 7);
}

/* From creation to the end, and the host as before. */
static void lives(const struct container_ops *ops, const char *const *capabilities, uint64_t mask)
{
	char *argv[] = { (char[]){ "inmate" }, (char[]){ "second argument; $(x)" }, NULL };
	struct host_snapshot before, after;
	struct container *container;
	struct error err = { 0 };
	struct process process;
	struct ledger *ledger;
	char account[4096], value[128];
	FILE *errors = tmpfile();

	skip_without(ops);
	assert_non_null(errors);
	host_snapshot_take(&before);
	assert_ok(ledger_open(&ledger, &err), &err);
	host_snapshot_own_runs();
	container = make(ops, ledger, 0, capabilities);
	assert_ok(container_exec(container, inmate, argv, fileno(errors), &process, ledger, &err), &err);
	read_account(process.socket, account, sizeof(account));
	value_of(account, "argument1", value);
	assert_string_equal(value, argv[1]);
	value_of(account, "descriptors", value);
	assert_string_equal(value, "3");
	check_capabilities(account, mask);
	check_namespace(account, "net", true);
	if (!ops->unprivileged) {
		check_namespace(account, "user", true);
		check_namespace(account, "pid", true);
		check_namespace(account, "mnt", true);
		check_namespace(account, "ipc", true);
		check_namespace(account, "uts", true);
		value_of(account, "writable", value);
		assert_string_equal(value, "no");
	}
	check_echo(&process);
	process_stop(&process, 0);
	rewind(errors);
	assert_non_null(fgets(value, sizeof(value), errors));
	assert_string_equal(value, "inmate on its standard error\n");
	fclose(errors);
	assert_ok(ops->destroy(container, ledger, &err), &err);
	assert_ok(ledger_close(ledger, &err), &err);
	host_snapshot_take(&after);
	assert_host_equal(&before, &after);
	host_snapshot_free(&before);
}

static void netns_lives(void **state)
{
	lives(container_find("netns"), raw_only, 1 << CAP_NET_RAW);
	lives(container_find("netns"), nothing, 0);
}

static void lxc_lives(void **state)
{
	lives(container_find("lxc"), raw_only, 1 << CAP_NET_RAW);
	lives(container_find("lxc"), nothing, 0);
}

/* The descriptor that the container gives is its network namespace: the one that its programs see. */
static void gives_its_network_namespace(void **state)
{
	for (const struct container_ops *const *ops = container_table; *ops; ops++) {
		char *argv[] = { (char[]){ "inmate" }, NULL };
		struct container *container;
		struct error err = { 0 };
		struct process process;
		struct ledger *ledger;
		char account[4096], inside[128], outside[128];
		struct stat netns;

		skip_without(*ops);
		assert_ok(ledger_open(&ledger, &err), &err);
		container = make(*ops, ledger, 0, nothing);
		assert_ok(container_exec(container, inmate, argv, -1, &process, ledger, &err), &err);
		read_account(process.socket, account, sizeof(account));
		value_of(account, "\nnet ", inside);
		assert_int_equal(fstat(container->netns, &netns), 0);
		snprintf(outside, sizeof(outside), "net:[%lu]", (unsigned long)netns.st_ino);
		assert_string_equal(inside, outside);
		/* A container may go before its programs do. */
		assert_ok((*ops)->destroy(container, ledger, &err), &err);
		process_stop(&process, 0);
		assert_ok(ledger_close(ledger, &err), &err);
	}
}

/* A program of the container's can write into what it was given, and what it makes there is its own. */
static void shares(const struct container_ops *ops)
{
	char source[128], seen[160], script[256], file[160], text[16] = "";
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	const struct container_share share = { source, "/a/port", false };
	struct container_spec spec;
	int shell = open("/bin/sh", O_RDONLY | O_CLOEXEC), fd;
	struct container *container;
	struct process process;
	struct ledger *ledger;
	struct error err = { 0 };
	struct stat made;
	char name[32];

	skip_without(ops);
	spec = spec_of(ops, 0, NULL);
	spec.shares = &share;
	spec.share_count = 1;
	assert_ok(ledger_open(&ledger, &err), &err);
	snprintf(source, sizeof(source), "%s/given \\to it", state_directory);
	assert_int_equal(mkdir(source, 0700), 0);
	assert_int_equal(chown(source, spec.user, spec.group), 0);
	snprintf(name, sizeof(name), "lb-%s-0", ledger_run_id(ledger));
	spec.name = name;
	assert_ok(ops->create(&container, &spec, ledger, &err), &err);
	snprintf(seen, sizeof(seen), "%s", ops->own_files ? share.target : source);
	snprintf(script, sizeof(script), "umask 027; echo hello >'%s/made'", seen);
	assert_ok(container_exec(container, shell, argv, -1, &process, ledger, &err), &err);
	assert_true(process_wait(&process, 5000));
	assert_int_equal(process.status, 0);
	process_stop(&process, 0);
	snprintf(file, sizeof(file), "%s/made", source);
	assert_int_equal(stat(file, &made), 0);
	assert_int_equal(made.st_uid, spec.user);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 6);
	assert_string_equal(text, "hello\n");
	close(fd);
	close(shell);
	assert_ok(ops->destroy(container, ledger, &err), &err);
	assert_ok(ledger_close(ledger, &err), &err);
	/* What was shared is not the container's to remove. */
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(source), 0);
}

static void netns_shares(void **state)
{
	shares(container_find("netns"));
}

static void lxc_shares(void **state)
{
	shares(container_find("lxc"));
}

/* With a /run of its own: a run of lxc, and what it leaves of /run/lxc. */
static int run_beside_lxc(bool hosts_own)
{
	struct container *container;
	struct ledger *ledger;
	const struct container_ops *ops = container_find("lxc");
	struct container_spec spec = spec_of(ops, 0, nothing);

	spec.name = "lb-test-locks";
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=755"))
		return 1;
	if (hosts_own && (mkdir("/run/lxc", 0755) || mkdir("/run/lxc/lock", 0755)))
		return 2;
	if (ledger_open(&ledger, NULL) || ops->create(&container, &spec, ledger, NULL))
		return 3;
	if (access("/run/lxc/lock", F_OK))
		return 4;
	if (ops->destroy(container, ledger, NULL) || ledger_close(ledger, NULL))
		return 5;
	if (!hosts_own)
		return access("/run/lxc", F_OK) ? 0 : 6;
	return rmdir("/run/lxc/lock") || rmdir("/run/lxc") ? 7 : 0;
}

static void the_hosts_lxc_directory_stays(void **state)
{
	int status;
	pid_t pid;

	skip_without(container_find("lxc"));
	for (int i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0)
			_exit(run_beside_lxc(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void says_what_cannot_be_run(void **state)
{
	char path[160];
	int no_program;

	snprintf(path, sizeof(path), "%s/plain", state_directory);
	no_program = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_true(no_program >= 0);
	unlink(path);
	for (const struct container_ops *const *ops = container_table; *ops; ops++) {
		char *argv[] = { (char[]){ "plain" }, NULL };
		struct container *container;
		struct error err = { 0 };
		struct process process;
		struct ledger *ledger;

		skip_without(*ops);
		assert_ok(ledger_open(&ledger, &err), &err);
		container = make(*ops, ledger, 0, nothing);
		assert_int_equal(container_exec(container, no_program, argv, -1, &process, ledger, &err),
				 -EACCES);
		assert_non_null(strstr(err.cause, "cannot run plain"));
		assert_int_equal(process.socket, -1);
		assert_ok((*ops)->destroy(container, ledger, &err), &err);
		assert_ok(ledger_close(ledger, &err), &err);
	}
	close(no_program);
}

static void refuses_unknown_capabilities(void **state)
{
	const char *const wrong[] = { "net_rwa", NULL };

	for (const struct container_ops *const *ops = container_table; *ops; ops++) {
		struct container_spec spec;
		struct container *container;
		struct error err = { 0 };
		struct ledger *ledger;

		skip_without(*ops);
		spec = spec_of(*ops, 0, wrong);
		spec.name = "lb-wrong";
		assert_ok(ledger_open(&ledger, &err), &err);
		assert_int_equal((*ops)->create(&container, &spec, ledger, &err), -EINVAL);
		assert_non_null(strstr(err.cause, "net_rwa"));
		assert_ok(ledger_close(ledger, &err), &err);
	}
}

/* The container's root, nobody to the host, cannot pass a directory of ours: liblxc's own words reach the error. */
static void lxc_says_why_it_does_not_start(void **state)
{
	const struct container_ops *ops = container_find("lxc");
	struct container_spec spec;
	struct host_snapshot before, after;
	struct container *container;
	struct error err = { 0 };
	struct ledger *ledger;

	skip_without(ops);
	host_snapshot_take(&before);
	spec = spec_of(ops, 0, nothing);
	spec.name = "lb-closed";
	assert_int_equal(chmod(state_directory, 0700), 0);
	assert_ok(ledger_open(&ledger, &err), &err);
	assert_true(ops->create(&container, &spec, ledger, &err) < 0);
	assert_null(container);
	assert_non_null(strstr(err.cause, "cannot start a container"));
	assert_non_null(strstr(err.cause, "ermission denied"));
	assert_non_null(strstr(err.remedy, "logs/container.log"));
	assert_ok(ledger_close(ledger, &err), &err);
	assert_int_equal(chmod(state_directory, 0755), 0);
	host_snapshot_take(&after);
	assert_host_equal(&before, &after);
	host_snapshot_free(&before);
}

/* ---- what a container shall not have or do ------------------------------------------------------------- */

/* One container, with a directory that it may write to, and an inmate that tries something. */
struct attempt {
	const struct container_ops *ops;
	struct ledger *ledger;
	struct container *container;
	struct process process;
	struct log_file log;
	char source[128], seen[160];  /* the directory on the host, and in the container */
	int entry;
	char account[4096];
};

static void attempt_open(struct attempt *attempt, const char *runtime)
{
	struct container_share share = { attempt->source, "/port", false };
	struct container_spec spec;
	struct error err = { 0 };
	char name[32];

	*attempt = (struct attempt){ .ops = container_find(runtime), .process = PROCESS_NONE };
	skip_without(attempt->ops);
	spec = spec_of(attempt->ops, 0, nothing);
	spec.shares = &share;
	spec.share_count = 1;
	assert_ok(ledger_open(&attempt->ledger, &err), &err);
	snprintf(name, sizeof(name), "lb-%s-0", ledger_run_id(attempt->ledger));
	spec.name = name;
	snprintf(attempt->source, sizeof(attempt->source), "%s/port", state_directory);
	assert_int_equal(mkdir(attempt->source, 0700), 0);
	attempt->entry = mount_memory(attempt->source, 8, 256, attempt->ledger, &err);
	assert_ok(attempt->entry, &err);
	assert_int_equal(chown(attempt->source, spec.user, spec.group), 0);
	snprintf(attempt->seen, sizeof(attempt->seen), "%s", attempt->ops->own_files ? "/port" : attempt->source);
	assert_ok(log_file_open(&attempt->log, state_fd, "attempt.log", &err), &err);
	assert_ok(attempt->ops->create(&attempt->container, &spec, attempt->ledger, &err), &err);
}

/* What it says of the key in the end. */
static void attempt_make(struct attempt *attempt, const char *what, const char *with, const char *key, char value[128])
{
	char *argv[] = { (char[]){ "inmate" }, strdup(what), strdup(with), NULL };
	struct error err = { 0 };

	assert_ok(container_exec(attempt->container, inmate, argv, attempt->log.fd, &attempt->process, attempt->ledger,
				 &err), &err);
	free(argv[1]);
	free(argv[2]);
	read_account(attempt->process.socket, attempt->account, sizeof(attempt->account));
	assert_true(process_wait(&attempt->process, 10000));
	process_stop(&attempt->process, 0);
	value_of(attempt->account, key, value);
}

static void attempt_close(struct attempt *attempt)
{
	struct error err = { 0 };

	assert_ok(attempt->ops->destroy(attempt->container, attempt->ledger, &err), &err);
	assert_ok(ledger_undo(attempt->ledger, attempt->entry, &err), &err);
	assert_int_equal(rmdir(attempt->source), 0);
	assert_ok(ledger_close(attempt->ledger, &err), &err);
	assert_ok(log_file_close(&attempt->log, &err), &err);
	unlinkat(state_fd, "attempt.log", 0);
}

static long effective_limit(const struct attempt *attempt, const char *name)
{
	json_t *limits = container_group_effective(&attempt->container->programs);
	long value = (long)json_integer_value(json_object_get(limits, name));

	json_decref(limits);
	return value; /* 0 where this machine has no such controller */
}

/* Its cgroup's processors: those of spec_of, whatever affinity its threads ask for. */
static void check_cpuset(const struct attempt *attempt)
{
	json_t *limits = container_group_effective(&attempt->container->programs);
	const char *cpuset = json_string_value(json_object_get(limits, "cpuset"));

	if (cpuset) /* this machine has the controller */
		assert_string_equal(cpuset, one_processor());
	json_decref(limits);
}

static void has_limits(const char *runtime)
{
	struct attempt attempt;
	char value[128];

	attempt_open(&attempt, runtime);
	snprintf(value, sizeof(value), "%s/file", attempt.seen);
	check_cpuset(&attempt);
	attempt_make(&attempt, "write", value, "megabytes", value);
	assert_in_range(atoi(value), 6, 8);
	snprintf(value, sizeof(value), "%s/file", attempt.source);
	unlink(value);
	attempt_make(&attempt, "files", attempt.seen, "files", value);
	assert_in_range(atoi(value), 200, 256);
	if (effective_limit(&attempt, "processes")) {
		assert_int_equal(effective_limit(&attempt, "processes"), CONTAINER_PROCESSES);
		attempt_make(&attempt, "fork", "1000", "children", value);
		assert_in_range(atoi(value), 64, CONTAINER_PROCESSES);
	}
	if (effective_limit(&attempt, "megabytes")) {
		assert_int_equal(effective_limit(&attempt, "megabytes"), CONTAINER_MEGABYTES);
		attempt_make(&attempt, "memory", "100", "memory", value);
		assert_string_equal(value, "all");
		attempt_make(&attempt, "memory", "400", "memory", value);
		assert_string_equal(value, "refused");
	}
	attempt_close(&attempt);
}

static void netns_has_limits(void **state)
{
	has_limits("netns");
}

static void lxc_has_limits(void **state)
{
	has_limits("lxc");
}

/* What a program says on its standard error is kept, up to a limit, and never on the record's disk before. */
static void standard_error_is_limited(void **state)
{
	struct attempt attempt;
	struct stat kept;
	char value[128];

	attempt_open(&attempt, "netns");
	attempt_make(&attempt, "errors", "-", "errors", value);
	assert_true(atoi(value) <= 1);
	assert_int_equal(fstatat(state_fd, "attempt.log", &kept, 0), 0);
	assert_int_equal(kept.st_size, 0);
	assert_int_equal(log_file_close(&attempt.log, NULL), 0);
	assert_int_equal(fstatat(state_fd, "attempt.log", &kept, 0), 0);
	assert_in_range(kept.st_size, LOG_FILE_MAX / 2, LOG_FILE_MAX);
	attempt_close(&attempt);
}

/* Holes take no memory, and would be written out all the same. */
static void a_log_that_is_stretched_is_cut(void **state)
{
	struct error err = { 0 };
	struct log_file log;
	struct stat kept;

	if (geteuid())
		skip(); /* only root may mount */
	assert_ok(log_file_open(&log, state_fd, "stretched.log", &err), &err);
	assert_int_equal(ftruncate(log.fd, (off_t)1 << 30), 0);
	assert_ok(log_file_keep(&log, &err), &err);
	assert_ok(log_file_close(&log, &err), &err);
	assert_int_equal(fstatat(state_fd, "stretched.log", &kept, 0), 0);
	assert_int_equal(kept.st_size, LOG_FILE_MAX);
	unlinkat(state_fd, "stretched.log", 0);
}

/* The record's owner may have put links in the place of logs, before and meanwhile: nothing is made elsewhere. */
static void logs_follow_no_link(void **state)
{
	struct error err = { 0 };
	struct log_file log;
	int other;

	if (geteuid())
		skip(); /* only root may mount, and has anything to lose */
	assert_int_equal(mkdirat(state_fd, "logs", 0755), 0);
	other = openat(state_fd, "logs", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(symlinkat("../elsewhere", other, "one.log"), 0);
	assert_int_equal(log_file_open(&log, other, "one.log", &err), -EPERM);
	assert_non_null(strstr(err.cause, "logs/one.log is a link"));
	assert_ok(log_file_open(&log, other, "two.log", &err), &err);
	assert_int_equal(write(log.fd, "words\n", 6), 6);
	assert_int_equal(unlinkat(other, "two.log", 0), 0);
	assert_int_equal(symlinkat("../elsewhere", other, "two.log"), 0);
	assert_int_equal(log_file_close(&log, &err), -EPERM);
	assert_non_null(strstr(err.cause, "logs/two.log is a link"));
	/* The directory itself: what is said goes where it went. */
	assert_ok(log_file_open(&log, other, "three.log", &err), &err);
	assert_int_equal(write(log.fd, "words\n", 6), 6);
	assert_int_equal(renameat(state_fd, "logs", state_fd, "moved"), 0);
	assert_int_equal(symlinkat("elsewhere", state_fd, "logs"), 0);
	assert_ok(log_file_close(&log, &err), &err);
	assert_int_equal(faccessat(state_fd, "moved/three.log", F_OK, 0), 0);
	assert_int_equal(faccessat(state_fd, "elsewhere", F_OK, 0), -1);
	unlinkat(state_fd, "logs", 0);
	unlinkat(other, "one.log", 0);
	unlinkat(other, "two.log", 0);
	unlinkat(other, "three.log", 0);
	unlinkat(state_fd, "moved", AT_REMOVEDIR);
	close(other);
}

static void makes_no_odd_calls(const char *runtime)
{
	static const struct {
		const char *call, *answer;
	} expected[] = {
		{ "socket1", "allowed" }, { "socket2", "allowed" }, { "socket16", "allowed" },
		{ "socket40", "EAFNOSUPPORT" }, { "socket38", "EAFNOSUPPORT" }, { "socket30", "EAFNOSUPPORT" },
		{ "clone-user", "EPERM" }, { "clone-plain", "allowed" }, { "clone3", "ENOSYS" }, { "unshare", "EPERM" },
		{ "io_uring", "ENOSYS" }, { "userfaultfd", "EPERM" }, { "bpf", "EPERM" }, { "keyctl", "EPERM" },
#ifndef __SANITIZE_ADDRESS__ /* see system/filter.c */
		{ "ptrace", "EPERM" },
#endif
		{ "memfd", "allowed" }, { "memfd-huge", "EPERM" }, { "mmap-huge", "EPERM" },
		{ "shm-huge", "EPERM" },
	};
	struct attempt attempt;
	char value[128];

	attempt_open(&attempt, runtime);
	attempt_make(&attempt, "calls", "-", "clone3", value);
	for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char key[32];

		snprintf(key, sizeof(key), "%s ", expected[i].call);
		value_of(attempt.account, key, value);
		if (strcmp(value, expected[i].answer))
			fail_msg("%s: %s, not %s", expected[i].call, value, expected[i].answer);
	}
	attempt_close(&attempt);
}

static void netns_makes_no_odd_calls(void **state)
{
	makes_no_odd_calls("netns");
}

static void lxc_makes_no_odd_calls(void **state)
{
	makes_no_odd_calls("lxc");
}

/* Its end is not waited for by anybody, and it has let go of all that ties it to us. */
static void what_remains_is_ended(const char *runtime)
{
	struct attempt attempt;
	char path[400], value[128];
	int pid = 0;
	FILE *file;

	attempt_open(&attempt, runtime);
	if (!effective_limit(&attempt, "processes")) {
		attempt_close(&attempt);
		skip();
	}
	snprintf(path, sizeof(path), "%s/cgroup.procs", attempt.container->programs.path[0]);
	attempt_make(&attempt, "remain", "-", "remains", value);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	assert_int_equal(kill(pid, 0), 0);
	attempt_close(&attempt);
	for (int i = 0; i < 1000 && !kill(pid, 0) && waitpid(pid, NULL, WNOHANG) != pid; i++)
		usleep(1000);
	assert_int_equal(kill(pid, 0), -1);
}

static void netns_ends_what_remains(void **state)
{
	what_remains_is_ended("netns");
}

static void lxc_ends_what_remains(void **state)
{
	what_remains_is_ended("lxc");
}

/* With a file system below /usr that all may write to; in a mount namespace that goes with this process. */
static void lxc_writes_below_no_mount(void **state)
{
	static const char below[] = "/usr/games";
	struct attempt attempt;
	char value[128];
	int host;

	skip_without(container_find("lxc"));
	host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (access(below, F_OK) || host < 0)
		skip();
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), 0);
	assert_int_equal(mount("none", below, "tmpfs", 0, "mode=1777"), 0);
	attempt_open(&attempt, "lxc");
	attempt_make(&attempt, "create", "/usr/games/made", "create", value);
	assert_string_equal(value, "Read-only file system");
	attempt_make(&attempt, "create", "/tmp/made", "create", value);
	assert_string_equal(value, "made");
	attempt_close(&attempt);
	assert_int_equal(setns(host, CLONE_NEWNS), 0);
	close(host);
}

/* Two containers have nothing in common, not even with those of another run; and both are nobody to the host. */
static void lxc_gives_each_a_user_of_its_own(void **state)
{
	const struct container_ops *ops = container_find("lxc");
	struct container *containers[2];
	struct error err = { 0 };
	struct ledger *ledger;
	struct stat init[2];
	char path[32];

	skip_without(ops);
	assert_ok(ledger_open(&ledger, &err), &err);
	for (unsigned i = 0; i < 2; i++) {
		containers[i] = make(ops, ledger, i, nothing);
		snprintf(path, sizeof(path), "/proc/%d", (int)containers[i]->pid);
		assert_int_equal(stat(path, &init[i]), 0);
		assert_int_equal(init[i].st_uid, identities[i].id);
		assert_null(getpwuid(init[i].st_uid));
	}
	assert_int_not_equal(init[0].st_uid, init[1].st_uid);
	for (unsigned i = 0; i < 2; i++)
		assert_ok(ops->destroy(containers[i], ledger, &err), &err);
	assert_ok(ledger_close(ledger, &err), &err);
}

/* Stops the first child of its parent's that is called "lb-monitor", as soon as it is there. */
static pid_t stop_monitor(void)
{
	pid_t test = getpid(), pid = fork();

	if (pid)
		return pid;
	for (;;) {
		char path[64], line[64];
		int child;
		FILE *children;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)test, (int)test);
		children = fopen(path, "re");
		while (children && fscanf(children, "%d", &child) == 1) {
			FILE *name;

			snprintf(path, sizeof(path), "/proc/%d/comm", child);
			name = fopen(path, "re");
			if (name && fgets(line, sizeof(line), name) && !strcmp(line, "lb-monitor\n")) {
				kill(child, SIGSTOP);
				_exit(0);
			}
			if (name)
				fclose(name);
		}
		if (children)
			fclose(children);
	}
}

/* liblxc's monitor is stopped: there is an end, an error that says so, and nothing left. */
static void lxc_does_not_wait_for_ever(void **state)
{
	const struct container_ops *ops = container_find("lxc");
	struct container_spec spec = spec_of(ops, 0, nothing);
	struct host_snapshot before, after;
	struct container *container;
	struct error err = { 0 };
	struct ledger *ledger;
	pid_t stopper;

	skip_without(ops);
#ifdef __SANITIZE_ADDRESS__ /* the test takes as long as lanebench waits, and has been run without */
	skip();
#endif
	host_snapshot_take(&before);
	assert_ok(ledger_open(&ledger, &err), &err);
	host_snapshot_own_runs();
	spec.name = "lb-stopped";
	stopper = stop_monitor();
	assert_int_not_equal(ops->create(&container, &spec, ledger, &err), 0);
	assert_non_null(strstr(err.cause, "not running after 10 s"));
	kill(stopper, SIGKILL);
	waitpid(stopper, NULL, 0);
	assert_ok(ledger_close(ledger, &err), &err);
	host_snapshot_take(&after);
	assert_host_equal(&before, &after);
	host_snapshot_free(&before);
}

/* ---- its end, whatever happens ------------------------------------------------------------------------- */

/* Two containers and a program in each, until somebody kills us. */
__attribute__((noreturn)) static void owner(const struct container_ops *ops)
{
	char *argv[] = { (char[]){ "inmate" }, NULL };

	for (;;) {
		struct container *containers[2];
		struct process processes[2];
		struct ledger *ledger;

		if (ledger_open(&ledger, NULL))
			_exit(1);
		for (unsigned i = 0; i < 2; i++) {
			containers[i] = make(ops, ledger, i, raw_only);
			if (container_exec(containers[i], inmate, argv, -1, &processes[i], ledger, NULL))
				_exit(1);
		}
		for (unsigned i = 0; i < 2; i++) {
			process_stop(&processes[i], 100);
			if (ops->destroy(containers[i], ledger, NULL))
				_exit(1);
		}
		if (ledger_close(ledger, NULL))
			_exit(1);
	}
}

static void survives_kill(const struct container_ops *ops, unsigned times, unsigned longest_us)
{
	struct host_snapshot before, after;
	struct error err = { 0 };

	skip_without(ops);
	host_snapshot_take(&before);
	for (unsigned i = 0; i < times; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			owner(ops);
		usleep(500 + longest_us / times * i);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		host_snapshot_own_runs();
		assert_true(WIFSIGNALED(status)); /* it did not end by itself, by an error */
		assert_ok(ledger_clean(testbed_kinds, NULL, NULL, &err), &err);
		host_snapshot_take(&after);
		assert_host_equal(&before, &after);
	}
	host_snapshot_free(&before);
}

static void netns_survives_kill(void **state)
{
	survives_kill(container_find("netns"), 20, 10000);
}

static void lxc_survives_kill(void **state)
{
	survives_kill(container_find("lxc"), 24, 240000);
}

static int make_state(void **state)
{
	char path[4096];
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 20);

	if (size < 0 || !mkdtemp(state_directory) || chmod(state_directory, 0755))
		return -1;
	path[size] = 0;
	strcat(dirname(path), "/container_inmate");
	inmate = open(path, O_RDONLY | O_CLOEXEC);
	state_fd = open(state_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < 2; i++)
		identities[i] = (struct identity)IDENTITY_NONE;
	/* Without root, no test comes as far as to need it. */
	log_file_open(&log_file, state_fd, "container.log", NULL);
	snprintf(path, sizeof(path), "%s/state", state_directory);
	return inmate < 0 || setenv("LANEBENCH_STATE", path, 1);
}

static int drop_state(void **state)
{
	for (unsigned i = 0; i < 2; i++)
		identity_release(&identities[i]);
	log_file_close(&log_file, NULL);
	unlinkat(state_fd, "container.log", 0);
	close(state_fd);
	return rmdir(state_directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(netns_lives),
		cmocka_unit_test(lxc_lives),
		cmocka_unit_test(gives_its_network_namespace),
		cmocka_unit_test(netns_shares),
		cmocka_unit_test(lxc_shares),
		cmocka_unit_test(the_hosts_lxc_directory_stays),
		cmocka_unit_test(says_what_cannot_be_run),
		cmocka_unit_test(refuses_unknown_capabilities),
		cmocka_unit_test(lxc_says_why_it_does_not_start),
		cmocka_unit_test(netns_has_limits),
		cmocka_unit_test(lxc_has_limits),
		cmocka_unit_test(standard_error_is_limited),
		cmocka_unit_test(a_log_that_is_stretched_is_cut),
		cmocka_unit_test(logs_follow_no_link),
		cmocka_unit_test(netns_makes_no_odd_calls),
		cmocka_unit_test(lxc_makes_no_odd_calls),
		cmocka_unit_test(netns_ends_what_remains),
		cmocka_unit_test(lxc_ends_what_remains),
		cmocka_unit_test(lxc_writes_below_no_mount),
		cmocka_unit_test(lxc_gives_each_a_user_of_its_own),
		cmocka_unit_test(lxc_does_not_wait_for_ever),
		cmocka_unit_test(netns_survives_kill),
		cmocka_unit_test(lxc_survives_kill),
	};

	return cmocka_run_group_tests(tests, make_state, drop_state);
}
