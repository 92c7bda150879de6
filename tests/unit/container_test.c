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
#include "testbed/container/container.h"
#include "testbed/host/namespace.h"
#include "testbed/kinds.h"

static char state_directory[] = "/tmp/lanebench-test-XXXXXX";
static char log_path[128];
static int inmate = -1;

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

static struct container *make(const struct container_ops *ops, struct ledger *ledger, unsigned number,
			      const char *const *capabilities)
{
	struct container_spec spec = { .log_path = log_path, .capabilities = capabilities };
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
	assert_ok(ops->exec(container, inmate, argv, fileno(errors), &process, ledger, &err), &err);
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
		assert_ok((*ops)->exec(container, inmate, argv, -1, &process, ledger, &err), &err);
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
	const struct container_share share = { source, "/a/port" };
	struct container_spec spec = { .log_path = log_path, .shares = &share, .share_count = 1 };
	int shell = open("/bin/sh", O_RDONLY | O_CLOEXEC), fd;
	struct container *container;
	struct process process;
	struct ledger *ledger;
	struct error err = { 0 };
	struct stat made;
	char name[32];

	skip_without(ops);
	assert_ok(ledger_open(&ledger, &err), &err);
	snprintf(source, sizeof(source), "%s/given \\to it", state_directory);
	assert_int_equal(mkdir(source, 0700), 0);
	assert_int_equal(chown(source, ops->owner, ops->owner), 0);
	snprintf(name, sizeof(name), "lb-%s-0", ledger_run_id(ledger));
	spec.name = name;
	assert_ok(ops->create(&container, &spec, ledger, &err), &err);
	snprintf(seen, sizeof(seen), "%s", ops->own_files ? share.target : source);
	snprintf(script, sizeof(script), "umask 027; echo hello >'%s/made'", seen);
	assert_ok(ops->exec(container, shell, argv, -1, &process, ledger, &err), &err);
	assert_true(process_wait(&process, 5000));
	assert_int_equal(process.status, 0);
	process_stop(&process, 0);
	snprintf(file, sizeof(file), "%s/made", source);
	assert_int_equal(stat(file, &made), 0);
	assert_int_equal(made.st_uid, ops->owner);
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
	struct container_spec spec = { .name = "lb-test-locks", .log_path = log_path };
	const struct container_ops *ops = container_find("lxc");

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
		assert_int_equal((*ops)->exec(container, no_program, argv, -1, &process, ledger, &err),
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
		struct container_spec spec = { .log_path = log_path, .capabilities = wrong,
					       .name = "lb-wrong" };
		struct container *container;
		struct error err = { 0 };
		struct ledger *ledger;

		skip_without(*ops);
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
	struct container_spec spec = { .log_path = log_path, .capabilities = nothing, .name = "lb-closed" };
	struct host_snapshot before, after;
	struct container *container;
	struct error err = { 0 };
	struct ledger *ledger;

	skip_without(ops);
	host_snapshot_take(&before);
	assert_int_equal(chmod(state_directory, 0700), 0);
	assert_ok(ledger_open(&ledger, &err), &err);
	assert_true(ops->create(&container, &spec, ledger, &err) < 0);
	assert_null(container);
	assert_non_null(strstr(err.cause, "cannot start a container"));
	assert_non_null(strstr(err.cause, "ermission denied"));
	assert_non_null(strstr(err.remedy, log_path));
	assert_ok(ledger_close(ledger, &err), &err);
	assert_int_equal(chmod(state_directory, 0755), 0);
	host_snapshot_take(&after);
	assert_host_equal(&before, &after);
	host_snapshot_free(&before);
}

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
			if (ops->exec(containers[i], inmate, argv, -1, &processes[i], ledger, NULL))
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
	snprintf(log_path, sizeof(log_path), "%s/container.log", state_directory);
	snprintf(path, sizeof(path), "%s/state", state_directory);
	return inmate < 0 || setenv("LANEBENCH_STATE", path, 1);
}

static int drop_state(void **state)
{
	unlink(log_path);
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
		cmocka_unit_test(netns_survives_kill),
		cmocka_unit_test(lxc_survives_kill),
	};

	return cmocka_run_group_tests(tests, make_state, drop_state);
}
