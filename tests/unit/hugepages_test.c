/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hugepages, with real ones: the kernel's pools are compared before and after. For root; the pools are the
 * machine's, so nothing else on it may change them meanwhile.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testbed/host/hugepages.h"
#include "testbed/host/hugepages_pool.h"
#include "testbed/host/namespace.h"
#include "system/sysfs.h"
#include "ledger/ledger.h"
#include "testbed/kinds.h"
#include "system/process.h"
#include "testbed/host/child.h"

#define SMALL_KB 2048
#define LARGE_KB 1048576
#define POOL "/sys/kernel/mm/hugepages/hugepages-%ukB/%s"
#define OWNER 1900000000

static char root[] = "/tmp/lanebench-test-XXXXXX";
static char state_path[64];

static uint64_t pool(uint32_t page_kb, const char *name)
{
	uint64_t number;
	char path[128];

	snprintf(path, sizeof(path), POOL, page_kb, name);
	assert_int_equal(sysfs_read_number(path, &number), 0);
	return number;
}

/* As somebody else would: so many pages more, or fewer. */
static void pool_change(int pages)
{
	uint64_t total = pool(SMALL_KB, "nr_hugepages") - pool(SMALL_KB, "surplus_hugepages");
	char path[128], text[32];

	snprintf(path, sizeof(path), POOL, SMALL_KB, "nr_hugepages");
	snprintf(text, sizeof(text), "%" PRIu64, total + (uint64_t)(int64_t)pages);
	assert_int_equal(sysfs_write(path, text), 0);
}

static void skip_unless_possible(void)
{
	char path[128];

	snprintf(path, sizeof(path), POOL, SMALL_KB, "nr_hugepages");
	if (!namespace_is_root() || access(path, W_OK)) {
		print_message("skipped: needs root, and a kernel whose hugepages it can set\n");
		skip();
	}
}

static char *mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re"), *copy;
	char line[1024], *text = NULL;
	size_t size;

	copy = open_memstream(&text, &size);
	assert_non_null(file);
	assert_non_null(copy);
	while (fgets(line, sizeof(line), file))
		fputs(line, copy);
	fclose(file);
	fclose(copy);
	return text;
}

/* What a test finds, and must leave. */
struct before {
	uint64_t total, surplus, reserved;
	uint32_t page_kb;
	char *mounts;
};

static struct before look(uint32_t page_kb)
{
	return (struct before){ .total = pool(page_kb, "nr_hugepages"), .surplus = pool(page_kb, "surplus_hugepages"),
				.reserved = pool(page_kb, "resv_hugepages"), .page_kb = page_kb, .mounts = mounts() };
}

static void assert_as(struct before *before)
{
	struct before after = look(before->page_kb);

	assert_int_equal(after.total, before->total);
	assert_int_equal(after.surplus, before->surplus);
	assert_int_equal(after.reserved, before->reserved);
	assert_string_equal(after.mounts, before->mounts);
	free(after.mounts);
	free(before->mounts);
	before->mounts = NULL;
}

static struct ledger *opened[2];

static struct ledger *open_ledger(void)
{
	struct ledger **ledger = &opened[opened[0] ? 1 : 0];
	struct error err = { 0 };

	if (ledger_open(ledger, &err))
		fail_msg("%s", err.cause);
	return *ledger;
}

static int try_mount(struct hugepages_mount *mounted, uint32_t page_kb, uint32_t megabytes, int node,
		     struct ledger *ledger, struct error *err)
{
	static unsigned number;
	char path[128];

	snprintf(path, sizeof(path), "%s/huge-%u", ledger_directory(ledger), number++);
	return hugepages_mount(mounted, path, page_kb, megabytes, node, OWNER, ledger, err);
}

static struct hugepages_mount make_mount(uint32_t page_kb, uint32_t megabytes, int node, struct ledger *ledger)
{
	struct hugepages_mount mounted;
	struct error err = { 0 };

	if (try_mount(&mounted, page_kb, megabytes, node, ledger, &err))
		fail_msg("%s (%s)", err.cause, err.remedy);
	return mounted;
}

static void close_ledger(struct ledger *ledger)
{
	struct error err = { 0 };

	opened[ledger == opened[1]] = NULL;
	if (ledger_close(ledger, &err))
		fail_msg("%s", err.cause);
}

/* A test that fails leaves its run open; the machine's pages are to be given back all the same. */
static int close_what_is_open(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		ledger_close(opened[i], NULL);
		opened[i] = NULL;
	}
	return 0;
}

/* Have all pages of the pool that are free now promised: what comes next must be added to it. */
static void take_what_is_free(struct ledger *ledger)
{
	uint64_t pages = pool(SMALL_KB, "free_hugepages") - pool(SMALL_KB, "resv_hugepages");

	if (pages)
		make_mount(SMALL_KB, (uint32_t)(pages * SMALL_KB / 1024), -1, ledger);
}

/* Use every page of `megabytes` in a file of the mount. For children: a page that is not there is SIGBUS. */
static int use_megabytes(const char *mount_path, size_t megabytes)
{
	size_t size = megabytes << 20;
	char path[160], *memory;
	int fd;

	snprintf(path, sizeof(path), "%s/file", mount_path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		return errno;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < size; i += 1 << 20)
		memory[i] = 1;
	return 0;
}

static int status_of_use(const char *mount_path, size_t megabytes)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(use_megabytes(mount_path, megabytes));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void knows_the_sizes_and_the_pools(void **state)
{
	uint32_t sizes[16];
	unsigned count = hugepages_sizes(sizes, 16);
	json_t *pools = hugepages_describe();

	for (unsigned i = 1; i < count; i++)
		assert_true(sizes[i - 1] < sizes[i]);
	assert_int_equal(json_array_size(pools), count);
	for (unsigned i = 0; i < count; i++) {
		json_t *described = json_array_get(pools, i);

		assert_int_equal(json_integer_value(json_object_get(described, "page_kb")), sizes[i]);
		assert_int_equal(json_integer_value(json_object_get(described, "total")),
				 pool(sizes[i], "nr_hugepages"));
		assert_int_equal(json_integer_value(json_object_get(described, "free")),
				 pool(sizes[i], "free_hugepages"));
		assert_true(sizes[i] > 65536 || json_integer_value(json_object_get(described, "unbroken")) > 0);
	}
	json_decref(pools);
}

static void reserves_mounts_limits_and_gives_back(void **state)
{
	struct before before;
	struct ledger *ledger;
	struct hugepages_mount mounted;
	struct statfs system;
	struct stat found;

	skip_unless_possible();
	before = look(SMALL_KB);
	ledger = open_ledger();
	mounted = make_mount(SMALL_KB, 31, -1, ledger);
	assert_int_equal(mounted.page_kb, SMALL_KB);
	assert_int_equal(mounted.megabytes, 32);
	assert_int_equal(pool(SMALL_KB, "resv_hugepages"), before.reserved + 16);
	assert_int_equal(statfs(mounted.path, &system), 0);
	assert_int_equal(system.f_bsize, SMALL_KB * 1024);
	assert_int_equal(system.f_blocks, 16);
	assert_int_equal(stat(mounted.path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0700);
	assert_int_equal(found.st_uid, OWNER);
	assert_int_equal(found.st_gid, OWNER);
	assert_int_equal(status_of_use(mounted.path, 32), 0);
	/* All that it may have, and no page more. */
	assert_int_equal(WEXITSTATUS(status_of_use(mounted.path, 34)), ENOMEM);
	assert_int_equal(hugepages_unmount(&mounted, ledger, NULL), 0);
	assert_int_equal(hugepages_unmount(&mounted, ledger, NULL), 0);
	/* The run's next one finds them: the pool does not grow again. */
	assert_true(pool(SMALL_KB, "nr_hugepages") >= 16);
	{
		uint64_t total = pool(SMALL_KB, "nr_hugepages");

		make_mount(SMALL_KB, 32, -1, ledger);
		assert_int_equal(pool(SMALL_KB, "nr_hugepages"), total);
	}
	close_ledger(ledger);
	assert_as(&before);
}

static void on_a_node(void **state)
{
	static const char node_pool[] = "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages";
	struct before before;
	struct ledger *ledger;
	uint64_t here, now;

	skip_unless_possible();
	if (sysfs_read_number(node_pool, &here)) {
		print_message("skipped: this kernel tells of no NUMA nodes\n");
		skip();
	}
	before = look(SMALL_KB);
	ledger = open_ledger();
	take_what_is_free(ledger);
	make_mount(SMALL_KB, 16, 0, ledger);
	assert_int_equal(sysfs_read_number(node_pool, &now), 0);
	assert_int_equal(now, here + 8);
	make_mount(SMALL_KB, 16, 4711, ledger); /* there is none: any will do */
	assert_int_equal(pool(SMALL_KB, "nr_hugepages"), before.total + 16);
	close_ledger(ledger);
	assert_as(&before);
}

static void pages_of_a_gigabyte(void **state)
{
	struct before before;
	struct ledger *ledger;
	struct hugepages_mount mounted;
	struct error err = { 0 };
	char path[128];

	skip_unless_possible();
	snprintf(path, sizeof(path), POOL, LARGE_KB, "nr_hugepages");
	if (access(path, W_OK)) {
		print_message("skipped: no pages of 1 GB on this machine\n");
		skip();
	}
	before = look(LARGE_KB);
	ledger = open_ledger();
	if (try_mount(&mounted, LARGE_KB, 100, -1, ledger, &err) == -ENOMEM) {
		print_message("skipped: %s\n", err.cause);
		close_ledger(ledger);
		assert_as(&before);
		skip();
	}
	assert_int_equal(mounted.megabytes, 1024);
	assert_int_equal(status_of_use(mounted.path, 1024), 0);
	close_ledger(ledger);
	assert_as(&before);
}

static void refuses_what_cannot_be(void **state)
{
	struct before before;
	struct ledger *ledger;
	struct hugepages_mount mounted;
	struct error err = { 0 };
	char path[256];

	skip_unless_possible();
	before = look(SMALL_KB);
	ledger = open_ledger();
	assert_int_equal(try_mount(&mounted, SMALL_KB, 1U << 30, -1, ledger, &err), -ENOMEM);
	assert_non_null(strstr(err.cause, "536870912 hugepages of 2 MB"));
	assert_non_null(strstr(err.remedy, "hugepages none"));
	assert_int_equal(mounted.entry, 0);
	assert_int_equal(try_mount(&mounted, 4711, 2, -1, ledger, &err), -ENOTSUP);
	assert_non_null(strstr(err.remedy, "2 MB"));
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = 0;
	assert_int_equal(hugepages_mount(&mounted, path, SMALL_KB, 2, -1, 0, ledger, &err), -ENAMETOOLONG);
	/* There is something already: what was added is taken back at once, and what is there is left alone. */
	snprintf(path, sizeof(path), "%s/ledger", ledger_directory(ledger));
	assert_int_equal(hugepages_mount(&mounted, path, SMALL_KB, 64, -1, 0, ledger, &err), -EEXIST);
	assert_int_equal(pool(SMALL_KB, "nr_hugepages"), before.total);
	close_ledger(ledger);
	assert_as(&before);
}

/* The kernel leaves off adding pages when a signal comes; they come all the same. */
static void ignore_signal(int number)
{
}

static void signals_do_not_cut_it_short(void **state)
{
	const struct itimerval often = { .it_interval.tv_usec = 300, .it_value.tv_usec = 300 }, off = { .it_value.tv_sec = 0 };
	struct before before;
	struct ledger *ledger;
	struct error err = { 0 };
	struct hugepages_mount mounted;
	int rc;

	skip_unless_possible();
	before = look(SMALL_KB);
	ledger = open_ledger();
	signal(SIGALRM, ignore_signal);
	setitimer(ITIMER_REAL, &often, NULL);
	rc = try_mount(&mounted, SMALL_KB, 512, -1, ledger, &err);
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_DFL);
	if (rc)
		fail_msg("%s", err.cause);
	assert_int_equal(pool(SMALL_KB, "resv_hugepages"), before.reserved + 256);
	close_ledger(ledger);
	assert_as(&before);
}

static void runs_beside_each_other(void **state)
{
	struct before before;
	struct ledger *a, *b;
	uint64_t both;

	skip_unless_possible();
	before = look(SMALL_KB);
	a = open_ledger();
	b = open_ledger();
	make_mount(SMALL_KB, 64, -1, a);
	make_mount(SMALL_KB, 32, -1, b);
	make_mount(SMALL_KB, 16, 0, a);
	assert_int_equal(pool(SMALL_KB, "resv_hugepages"), before.reserved + 56);
	both = pool(SMALL_KB, "nr_hugepages");
	assert_true(both >= 56);
	close_ledger(a);
	/* The other's pages stay promised to it. */
	assert_int_equal(pool(SMALL_KB, "resv_hugepages"), before.reserved + 16);
	close_ledger(b);
	assert_as(&before);
}

/* Somebody else changes the pool meanwhile: the difference that he made stays. */
static void what_others_add_meanwhile_stays(void **state)
{
	struct before before;
	struct ledger *ledger;

	skip_unless_possible();
	before = look(SMALL_KB);
	ledger = open_ledger();
	take_what_is_free(ledger);
	make_mount(SMALL_KB, 32, -1, ledger);
	pool_change(5);
	close_ledger(ledger);
	pool_change(-5);
	assert_as(&before);
}

/* A process that nobody knows of still has the pages: the kernel takes them when it has ended. */
static void pages_in_use_are_left_until_they_are_free(void **state)
{
	struct before before;
	struct ledger *ledger;
	struct hugepages_mount mounted;
	int pipes[2];
	char ready;
	pid_t pid;

	skip_unless_possible();
	before = look(SMALL_KB);
	ledger = open_ledger();
	take_what_is_free(ledger);
	mounted = make_mount(SMALL_KB, 32, -1, ledger);
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		int rc = use_megabytes(mounted.path, 32);

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where the test fails */
		if (write(pipes[1], "x", 1) != 1 || rc)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(pipes[0], &ready, 1), 1);
	close_ledger(ledger);
	/* It still has them, whatever the pool shall have. */
	assert_true(pool(SMALL_KB, "nr_hugepages") - pool(SMALL_KB, "free_hugepages") >= 16);
	assert_int_equal(pool(SMALL_KB, "nr_hugepages") - pool(SMALL_KB, "surplus_hugepages"),
			 before.total - before.surplus);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(pipes[0]);
	close(pipes[1]);
	assert_as(&before);
}

static int hold_pages(void *mount_path)
{
	if (use_megabytes(mount_path, 128))
		return 1;
	for (;;)
		pause();
}

/* A run of several mounts, whose pages a process of its ledger uses. Ends by a kill, or here. */
static void run_until_killed(void)
{
	struct ledger *ledger;
	struct hugepages_mount one, two;

	if (ledger_open(&ledger, NULL))
		_exit(1);
	for (;;) {
		struct process process = PROCESS_NONE;

		if (try_mount(&one, SMALL_KB, 128, -1, ledger, NULL) || try_mount(&two, SMALL_KB, 64, 0, ledger, NULL) ||
		    process_spawn(&process, child_hook(ledger), false, -1, hold_pages, one.path, NULL))
			_exit(1);
		usleep(3000);
		if (ledger_close(ledger, NULL) || ledger_open(&ledger, NULL))
			_exit(1);
	}
}

static void killed_at_any_moment(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	struct before before;
	int status;

	skip_unless_possible();
	before = look(SMALL_KB);
	print_message("seed %u\n", seed);
	for (int round = 0; round < 60; round++) {
		struct before start = before;
		struct error err = { 0 };
		pid_t pid = fork();

		if (pid == 0)
			run_until_killed();
		usleep(1000 + (useconds_t)(rand_r(&seed) % 60000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		if (ledger_clean(testbed_kinds, NULL, NULL, &err) < 0)
			fail_msg("%s", err.cause);
		start.mounts = strdup(before.mounts);
		assert_as(&start);
	}
	free(before.mounts);
}

/* Killed between the write to the pool and the strike in the ledger: undone once, not twice. */
static void undone_twice_is_undone_once(void **state)
{
	struct before before;
	struct ledger *ledger;
	char subject[128], detail[] = "4";
	int number;

	skip_unless_possible();
	before = look(SMALL_KB);
	snprintf(subject, sizeof(subject), POOL, SMALL_KB, "nr_hugepages");
	pool_change(10);
	ledger = open_ledger();
	number = ledger_add(ledger, &hugepages_kind, subject, "4", NULL);
	assert_true(number > 0);
	assert_int_equal(hugepages_kind.undo(ledger, &(struct ledger_entry){
		.number = number, .subject = subject, .detail = detail }, NULL), 0);
	/* The entry has become one that says from where to where. */
	close_ledger(ledger);
	pool_change(-6);
	assert_as(&before);
}

/* One of another state directory adds nothing while we look at the pools: they are the machine's. */
static void one_run_at_a_time_changes_the_pools(void **state)
{
	struct before before;
	struct hugepages_mount mounted;
	struct ledger *ledger;
	char other[64];
	int lock, status;
	pid_t pid;

	skip_unless_possible();
	before = look(SMALL_KB);
	lock = pool_lock(NULL);
	assert_true(lock >= 0);
	pid = fork();
	if (pid == 0) {
		close(lock);
		snprintf(other, sizeof(other), "%s-other", getenv("LANEBENCH_STATE"));
		setenv("LANEBENCH_STATE", other, 1);
		_exit(ledger_open(&ledger, NULL) || try_mount(&mounted, SMALL_KB, 2, -1, ledger, NULL) ||
		      hugepages_unmount(&mounted, ledger, NULL) || ledger_close(ledger, NULL));
	}
	usleep(200000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(pool(SMALL_KB, "nr_hugepages"), before.total);
	close(lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_as(&before);
}

static void without_root(void **state)
{
	struct hugepages_mount mounted;
	struct ledger *ledger;
	struct error err = { 0 };
	int status;
	pid_t pid;

	if (namespace_probe_user(NULL)) {
		print_message("skipped: no user namespaces here\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		int rc = namespace_enter_user(NULL);

		rc = rc ? 1 : ledger_open(&ledger, &err) ? 2 : 0;
		if (!rc && (try_mount(&mounted, SMALL_KB, 2, -1, ledger, &err) != -EPERM ||
			    !strstr(err.remedy, "sudo")))
			rc = 3;
		_exit(rc ? rc : ledger_close(ledger, NULL) ? 4 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int set_up(void **state)
{
	if (!mkdtemp(root))
		return -1;
	snprintf(state_path, sizeof(state_path), "%s/s", root);
	return setenv("LANEBENCH_STATE", state_path, 1);
}

static int tear_down(void **state)
{
	ledger_clean(testbed_kinds, NULL, NULL, NULL);
	return rmdir(root);
}

#define PAGES_TEST(name) cmocka_unit_test_teardown(name, close_what_is_open)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGES_TEST(knows_the_sizes_and_the_pools),
		PAGES_TEST(reserves_mounts_limits_and_gives_back),
		PAGES_TEST(on_a_node),
		PAGES_TEST(pages_of_a_gigabyte),
		PAGES_TEST(refuses_what_cannot_be),
		PAGES_TEST(signals_do_not_cut_it_short),
		PAGES_TEST(runs_beside_each_other),
		PAGES_TEST(what_others_add_meanwhile_stays),
		PAGES_TEST(pages_in_use_are_left_until_they_are_free),
		PAGES_TEST(killed_at_any_moment),
		PAGES_TEST(undone_twice_is_undone_once),
		PAGES_TEST(one_run_at_a_time_changes_the_pools),
		PAGES_TEST(without_root),
	};

	return cmocka_run_group_tests_name("hugepages", tests, set_up, tear_down);
}
