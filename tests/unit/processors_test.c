/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of processors on machines of many shapes (pure), and the reservation on this one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testbed/host/claims.h"
#include "testbed/host/namespace.h"
#include "testbed/host/placement.h"
#include "testbed/host/processors.h"
#include "testbed/kinds.h"

#define MACHINE_MAX 64

struct machine {
	struct processor list[MACHINE_MAX];
	unsigned count;
};

/* Numbered as on most servers: first threads of all cores of all nodes, then second threads. */
static struct machine machine_make(int nodes, int cores, int threads)
{
	struct machine machine = { .count = (unsigned)(nodes * cores * threads) };
	int os = 0;

	for (int thread = 0; thread < threads; thread++)
		for (int core = 0; core < nodes * cores; core++, os++)
			machine.list[os] = (struct processor){
				.os = os, .core = core, .node = core / cores, .first_core = core == 0,
			};
	return machine;
}

static struct placement place(const struct machine *machine, unsigned endpoints, unsigned threads)
{
	struct placement placement;

	assert_int_equal(placement_choose(machine->list, machine->count, endpoints, threads, &placement), 0);
	assert_int_equal(placement.endpoints, endpoints);
	assert_int_equal(placement.switch_threads, threads);
	return placement;
}

static int core_of(const struct machine *machine, int os)
{
	return machine->list[os].core;
}

static int node_of(const struct machine *machine, int os)
{
	return machine->list[os].node;
}

static unsigned users_of(const struct placement *placement, int os)
{
	unsigned users = 0;

	for (unsigned i = 0; i < placement->endpoints; i++)
		users += placement->endpoint[i] == os;
	for (unsigned i = 0; i < placement->switch_threads; i++)
		users += placement->switch_thread[i] == os;
	return users;
}

static void one_processor_takes_all(void **state)
{
	struct machine machine = machine_make(1, 1, 1);
	struct placement placement = place(&machine, 4, 2);

	for (int i = 0; i < 4; i++) {
		assert_int_equal(placement.endpoint[i], 0);
		assert_true(placement.endpoint_shared[i]);
	}
	assert_int_equal(placement.switch_thread[0], 0);
	assert_int_equal(placement.switch_thread[1], 0);
	assert_true(placement.oversubscribed);
	assert_false(placement.siblings || placement.nodes || placement.contended);
	placement_free(&placement);
}

static void a_pair_fits_on_two(void **state)
{
	struct machine machine = machine_make(1, 2, 1);
	struct placement placement = place(&machine, 2, 0);

	assert_int_equal(placement.endpoint[0], 0);
	assert_int_equal(placement.endpoint[1], 1);
	assert_false(placement.endpoint_shared[0] || placement.endpoint_shared[1]);
	assert_false(placement.oversubscribed);
	placement_free(&placement);
}

static void two_pairs_on_two_are_spread(void **state)
{
	struct machine machine = machine_make(1, 2, 1);
	struct placement placement = place(&machine, 4, 0);

	assert_true(placement.oversubscribed);
	for (int pair = 0; pair < 2; pair++) {
		assert_int_not_equal(placement.endpoint[2 * pair], placement.endpoint[2 * pair + 1]);
		assert_true(placement.endpoint_shared[2 * pair] && placement.endpoint_shared[2 * pair + 1]);
	}
	assert_int_not_equal(placement.endpoint[0], placement.endpoint[2]); /* the senders, too */
	placement_free(&placement);
}

static void a_switch_thread_keeps_its_own(void **state)
{
	struct machine machine = machine_make(1, 2, 1);
	struct placement placement = place(&machine, 2, 1);

	assert_true(placement.oversubscribed);
	assert_int_equal(users_of(&placement, placement.switch_thread[0]), 1);
	assert_int_equal(placement.endpoint[0], placement.endpoint[1]);
	assert_true(placement.endpoint_shared[0]);
	placement_free(&placement);

	/* More switch threads than processors: they share, so that the endpoints still have one. */
	placement = place(&machine, 2, 3);
	assert_int_equal(users_of(&placement, placement.switch_thread[0]), 3);
	assert_int_not_equal(placement.endpoint[0], placement.switch_thread[0]);
	placement_free(&placement);
}

static void siblings_and_first_core_stay_idle(void **state)
{
	struct machine machine = machine_make(1, 4, 2);
	struct placement placement = place(&machine, 2, 1);

	assert_false(placement.siblings || placement.oversubscribed);
	assert_int_equal(placement.switch_thread[0], 1);
	assert_int_equal(placement.endpoint[0], 2);
	assert_int_equal(placement.endpoint[1], 3);
	placement_free(&placement);

	placement = place(&machine, 4, 0); /* the first core before any sibling */
	assert_false(placement.siblings);
	assert_int_equal(users_of(&placement, 0), 1);
	placement_free(&placement);
}

static void siblings_spare_the_switch(void **state)
{
	struct machine machine = machine_make(1, 8, 2);
	struct placement placement = place(&machine, 12, 1);
	int core = core_of(&machine, placement.switch_thread[0]);

	assert_true(placement.siblings);
	assert_false(placement.oversubscribed);
	for (int i = 0; i < 12; i++)
		assert_int_not_equal(core_of(&machine, placement.endpoint[i]), core);
	placement_free(&placement);
}

static void one_node_if_it_suffices(void **state)
{
	struct machine machine = machine_make(2, 16, 2);
	struct placement placement = place(&machine, 8, 2);

	assert_false(placement.nodes || placement.siblings);
	for (int i = 0; i < 8; i++)
		assert_int_equal(node_of(&machine, placement.endpoint[i]),
				 node_of(&machine, placement.endpoint[0]));
	for (int i = 0; i < 8; i += 2)
		assert_int_equal(abs(core_of(&machine, placement.endpoint[i]) -
				     core_of(&machine, placement.endpoint[i + 1])), 1);
	placement_free(&placement);

	/* 16 whole cores are in one node only where the first core is not: the second. */
	placement = place(&machine, 16, 0);
	assert_false(placement.nodes);
	assert_int_equal(node_of(&machine, placement.endpoint[0]), 1);
	placement_free(&placement);
}

static void whole_cores_before_one_node(void **state)
{
	struct machine machine = machine_make(2, 16, 2);
	struct placement placement = place(&machine, 30, 0);

	assert_true(placement.nodes);
	assert_false(placement.siblings);
	/*
	 * Without the first core, a node has 15 left: no pair is torn apart but the one that cannot be
	 * helped.
	 */
	for (int i = 0; i < 28; i += 2)
		assert_int_equal(node_of(&machine, placement.endpoint[i]),
				 node_of(&machine, placement.endpoint[i + 1]));
	placement_free(&placement);
}

static void isolated_ones_are_preferred(void **state)
{
	struct machine machine = machine_make(1, 8, 2);
	struct placement placement;

	for (int i = 4; i < 8; i++)
		machine.list[i].isolated = machine.list[i + 8].isolated = true;
	placement = place(&machine, 4, 0);
	for (int i = 0; i < 4; i++)
		assert_true(placement.endpoint[i] >= 4 && placement.endpoint[i] < 8);
	placement_free(&placement);

	/* One that is needed beyond the isolated cores is their sibling, isolated as well. */
	placement = place(&machine, 4, 1);
	for (int i = 0; i < 4; i++)
		assert_true(machine.list[placement.endpoint[i]].isolated);
	assert_true(placement.siblings);
	placement_free(&placement);

	/* More than are isolated: all of these, and others. */
	placement = place(&machine, 10, 0);
	for (int i = 4; i < 8; i++)
		assert_int_equal(users_of(&placement, i) + users_of(&placement, i + 8), 2);
	assert_false(placement.oversubscribed);
	placement_free(&placement);
}

static void held_ones_are_the_last_resort(void **state)
{
	struct machine machine = machine_make(1, 8, 1);
	struct placement placement;

	for (int i = 1; i < 5; i++)
		machine.list[i].held = true;
	placement = place(&machine, 4, 0);
	for (int i = 0; i < 4; i++)
		assert_false(machine.list[placement.endpoint[i]].held);
	assert_false(placement.contended);
	placement_free(&placement);

	placement = place(&machine, 6, 0);
	assert_true(placement.contended);
	assert_false(placement.oversubscribed);
	placement_free(&placement);
}

static void half_a_core_of_another_run_counts_as_sibling(void **state)
{
	struct machine machine = machine_make(1, 3, 2);
	struct placement placement;

	machine.list[1].held = true; /* its sibling is 4 */
	placement = place(&machine, 2, 0);
	assert_int_equal(users_of(&placement, 4), 0);
	assert_false(placement.siblings);
	placement_free(&placement);
	placement = place(&machine, 3, 0);
	assert_true(placement.siblings);
	assert_false(placement.contended);
	placement_free(&placement);
}

/* What holds on every machine, for every number of threads. */
static void check_invariants(const struct machine *machine, unsigned pairs, unsigned threads)
{
	struct placement placement = place(machine, 2 * pairs, threads);
	unsigned wanted = 2 * pairs + threads, used = 0, most = 0, least = ~0U;

	for (unsigned i = 0; i < machine->count; i++) {
		unsigned users = users_of(&placement, machine->list[i].os);
		bool is_switch = false;

		for (unsigned j = 0; j < threads; j++)
			is_switch |= placement.switch_thread[j] == machine->list[i].os;
		used += users > 0;
		if (!users || is_switch)
			continue;
		most = users > most ? users : most;
		least = users < least ? users : least;
	}
	assert_int_equal(used, wanted < machine->count ? wanted : machine->count);
	assert_int_equal(placement.oversubscribed, wanted > machine->count);
	if (machine->count > 1)
		assert_in_range(most - least, 0, 1); /* endpoints are spread evenly */
	for (unsigned i = 0; i < 2 * pairs; i++)
		assert_int_equal(placement.endpoint_shared[i],
				 users_of(&placement, placement.endpoint[i]) > 1);
	for (unsigned i = 0; machine->count > threads + 1 && i < 2 * pairs; i += 2)
		assert_int_not_equal(placement.endpoint[i], placement.endpoint[i + 1]);
	placement_free(&placement);
}

static void holds_on_every_machine(void **state)
{
	for (int nodes = 1; nodes <= 2; nodes++)
		for (int cores = 1; nodes * cores <= 32; cores++)
			for (int threads = 1; threads <= 2; threads++)
				for (unsigned pairs = 1; pairs <= 20; pairs++)
					for (unsigned sw = 0; sw <= 2; sw++) {
						struct machine machine = machine_make(nodes, cores, threads);

						check_invariants(&machine, pairs, sw);
					}
}

static void nothing_to_place_is_an_error(void **state)
{
	struct machine machine = machine_make(1, 1, 1);
	struct placement placement;

	assert_int_equal(placement_choose(machine.list, 0, 2, 0, &placement), -EINVAL);
	assert_int_equal(placement_choose(machine.list, 1, 0, 0, &placement), -EINVAL);
	placement_free(&placement);
}

/*
 * ---- this machine
 * ----------------------------------------------------------------------------------------
 */

static char root[] = "/tmp/lb-processors.XXXXXX";
static struct ledger *ledger;

/*
 * Where claims are made: of the test's own if it can have that, so that runs on this machine do not matter.
 */
static const char *claims_directory(void)
{
	return access("/run/lock", W_OK) ? "/dev/shm" : "/run/lock";
}

static int make_state(void **state)
{
	char path[64];

	if (!mkdtemp(root) || chmod(root, 0755))
		return -1;
	if (namespace_is_root() && (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
				    mount("tmpfs", claims_directory(), "tmpfs", 0, "mode=1777")))
		return -1;
	snprintf(path, sizeof(path), "%s/state", root);
	return setenv("LANEBENCH_STATE", path, 1) || ledger_open(&ledger, NULL);
}

static unsigned claims_left(void)
{
	DIR *dir = opendir(claims_directory());
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static int remove_state(void **state)
{
	if (namespace_is_root())
		assert_int_equal(claims_left(), 0);
	return ledger_close(ledger, NULL) || rmdir(root);
}

static void places_on_this_machine(void **state)
{
	struct processors *processors;
	struct placement placement;
	struct error err = { 0 };
	cpu_set_t affinity;

	assert_int_equal(sched_getaffinity(0, sizeof(affinity), &affinity), 0);
	assert_int_equal(processors_open(&processors, "auto", &err), 0);
	assert_int_equal(processors_place(processors, 2, 0, &placement, ledger, &err), 0);
	assert_true(CPU_ISSET(placement.endpoint[0], &affinity));
	assert_true(CPU_ISSET(placement.endpoint[1], &affinity));
	assert_false(placement.contended);
	assert_int_equal(placement.oversubscribed, CPU_COUNT(&affinity) < 2);
	placement_free(&placement);
	processors_close(processors);
}

static void refuses_what_cannot_be_used(void **state)
{
	struct processors *processors = NULL;
	struct error err = { 0 };

	assert_int_equal(processors_open(&processors, "0,1023", &err), -EINVAL);
	assert_non_null(strstr(err.cause, "processor 1023"));
	assert_non_null(strstr(err.remedy, "usable are: 0"));
	assert_int_equal(processors_open(&processors, "3-", &err), -EINVAL);
	assert_null(processors);
}

static void takes_the_users_list(void **state)
{
	struct processors *processors;
	struct placement placement;
	struct error err = { 0 };

	assert_int_equal(processors_open(&processors, "0", &err), 0);
	assert_int_equal(processors_place(processors, 2, 0, &placement, ledger, &err), 0);
	assert_int_equal(placement.endpoint[0], 0);
	assert_int_equal(placement.endpoint[1], 0);
	assert_true(placement.oversubscribed);
	placement_free(&placement);
	processors_close(processors);
}

/* Two runs, here two descriptions: each has claims of its own, so one process can play both. */
static void runs_see_each_other(void **state)
{
	struct processors *first, *second;
	struct placement placement;
	struct error err = { 0 };

	assert_int_equal(processors_open(&first, "0", &err), 0);
	assert_int_equal(processors_open(&second, "0", &err), 0);
	assert_int_equal(processors_place(first, 2, 0, &placement, ledger, &err), 0);
	assert_false(placement.contended);
	placement_free(&placement);
	assert_int_equal(processors_place(first, 2, 0, &placement, ledger, &err), 0); /* its own are no obstacle */
	assert_false(placement.contended);
	placement_free(&placement);
	assert_int_equal(processors_place(second, 2, 0, &placement, ledger, &err), 0);
	assert_true(placement.contended);
	placement_free(&placement);
	processors_close(first);
	assert_int_equal(processors_place(second, 2, 0, &placement, ledger, &err), 0);
	assert_false(placement.contended);
	placement_free(&placement);
	processors_close(second);
}

/* The earlier one learns of it, also when the later one has come and gone meanwhile. */
static void the_earlier_run_learns_of_it(void **state)
{
	struct processors *first, *second;
	struct placement placement;
	struct error err = { 0 };

	assert_int_equal(processors_open(&first, "0", &err), 0);
	assert_int_equal(processors_open(&second, "0", &err), 0);
	assert_int_equal(processors_place(first, 2, 0, &placement, ledger, &err), 0);
	placement_free(&placement);
	assert_false(processors_contended(first));
	assert_int_equal(processors_place(second, 2, 0, &placement, ledger, &err), 0);
	placement_free(&placement);
	assert_true(processors_contended(first));
	assert_true(processors_contended(second));
	assert_true(processors_contended_since(first));
	processors_close(second);
	assert_false(processors_contended_since(first)); /* it was gone before the last call */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(processors_open(&second, "0", &err), 0);
		assert_int_equal(processors_place(second, 2, 0, &placement, ledger, &err), 0);
		placement_free(&placement);
		processors_close(second);
	}
	assert_true(processors_contended_since(first));
	assert_false(processors_contended_since(first));
	/* What has been before a trial is nothing to it. */
	assert_int_equal(processors_open(&second, "0", &err), 0);
	assert_int_equal(processors_place(second, 2, 0, &placement, ledger, &err), 0);
	placement_free(&placement);
	processors_close(second);
	assert_false(processors_contended(first));
	assert_false(processors_contended_since(first));
	processors_close(first);
}

struct stranger {
	const char *state;
	uid_t uid;
	bool in_namespace; /* as lanebench does without root */
};

/* Another run, of its own user and state directory: claims processor 0, waits, ends. Was it contended? */
__attribute__((noreturn)) static void be_stranger(const struct stranger *stranger, int ready, int go)
{
	struct processors *processors;
	struct placement placement;
	char byte;

	if (stranger->uid && (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
			      setresuid(stranger->uid, stranger->uid, stranger->uid) || prctl(PR_SET_DUMPABLE, 1)))
		_exit(10);
	setenv("LANEBENCH_STATE", stranger->state, 1);
	if (stranger->in_namespace && namespace_enter_user(NULL))
		_exit(77);
	if (ledger_open(&ledger, NULL) || processors_open(&processors, "0", NULL) ||
	    processors_place(processors, 2, 0, &placement, ledger, NULL))
		_exit(11);
	if (write(ready, placement.contended ? "c" : "f", 1) != 1 || read(go, &byte, 1) < 0)
		_exit(12);
	processors_close(processors);
	_exit(ledger_close(ledger, NULL) ? 13 : 0);
}

static void assert_seen(const struct stranger *stranger)
{
	struct processors *ours;
	struct placement placement;
	int ready[2], go[2], status;
	char answer = 0;
	pid_t pid;

	assert_int_equal(processors_open(&ours, "0", NULL), 0);
	for (int turn = 0; turn < 2; turn++) {
		/* We are first, then the stranger is. */
		if (turn == 0)
			assert_int_equal(processors_place(ours, 2, 0, &placement, ledger, NULL), 0);
		assert_int_equal(pipe2(ready, O_CLOEXEC) | pipe2(go, O_CLOEXEC), 0);
		pid = fork();
		if (pid == 0)
			be_stranger(stranger, ready[1], go[0]);
		close(ready[1]);
		if (read(ready[0], &answer, 1) == 1) {
			assert_int_equal(answer, turn == 0 ? 'c' : 'f');
			if (turn == 1)
				assert_int_equal(processors_place(ours, 2, 0, &placement, ledger, NULL), 0);
			else
				assert_true(processors_contended_since(ours));
			assert_int_equal(placement.contended, turn == 1);
			placement_free(&placement);
		}
		assert_int_equal(write(go[1], "g", 1), 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		close(ready[0]);
		close(go[0]);
		close(go[1]);
		processors_close(ours);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			placement_free(&placement);
			print_message("skipped: no user namespaces here\n");
			skip();
		}
		assert_int_equal(status, 0);
		if (turn == 0)
			assert_int_equal(processors_open(&ours, "0", NULL), 0);
	}
}

static void runs_of_two_state_directories_see_each_other(void **state)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/other", root);
	assert_seen(&(struct stranger){ .state = path });
}

static void runs_of_two_users_see_each_other(void **state)
{
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
	assert_seen(&(struct stranger){ .state = "/tmp/lb-processors-nobody", .uid = 65534 });
	assert_seen(&(struct stranger){ .state = "/tmp/lb-processors-nobody", .uid = 65534, .in_namespace = true });
}

/* A link of somebody's leads to a socket that has nothing to do with it. */
static void follows_no_links(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct claims *claims = claims_open();
	char path[64], link[128], byte;

	snprintf(path, sizeof(path), "%s/socket", claims_directory());
	snprintf(link, sizeof(link), "%s/lanebench-processor-0.00000000", claims_directory());
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(claims_take(claims, 0, ledger, NULL), 0);
	assert_false(claims_of_others(claims, 0));
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	unlink(link);
	assert_int_equal(rename(path, link), 0); /* the socket itself */
	assert_true(claims_of_others(claims, 0));
	close(fd);
	assert_false(claims_of_others(claims, 0));
	unlink(link);
	claims_close(claims);
}

static void a_killed_run_holds_nothing(void **state)
{
	struct processors *processors;
	struct placement placement;
	struct error err = { 0 };
	unsigned before = claims_left();
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (!child) {
		if (ledger_open(&ledger, &err) || processors_open(&processors, "0", &err) ||
		    processors_place(processors, 2, 0, &placement, ledger, &err))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &(int){ 0 }, 0), child);
	assert_int_equal(claims_left(), before + 1);
	assert_int_equal(processors_open(&processors, "0", &err), 0);
	assert_int_equal(processors_place(processors, 2, 0, &placement, ledger, &err), 0);
	assert_false(placement.contended);
	placement_free(&placement);
	processors_close(processors);
	assert_int_equal(ledger_clean(testbed_kinds, NULL, NULL, &err), 1);
	assert_int_equal(claims_left(), before);
}

static void describes_the_machine(void **state)
{
	json_t *machine = processors_describe();

	assert_true(json_integer_value(json_object_get(machine, "threads")) >= 1);
	assert_true(json_integer_value(json_object_get(machine, "nodes")) >= 1);
	assert_non_null(json_string_value(json_object_get(machine, "isolated")));
	assert_true(strlen(json_string_value(json_object_get(machine, "usable"))) >= 1);
	json_decref(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_processor_takes_all),
		cmocka_unit_test(a_pair_fits_on_two),
		cmocka_unit_test(two_pairs_on_two_are_spread),
		cmocka_unit_test(a_switch_thread_keeps_its_own),
		cmocka_unit_test(siblings_and_first_core_stay_idle),
		cmocka_unit_test(siblings_spare_the_switch),
		cmocka_unit_test(one_node_if_it_suffices),
		cmocka_unit_test(whole_cores_before_one_node),
		cmocka_unit_test(isolated_ones_are_preferred),
		cmocka_unit_test(held_ones_are_the_last_resort),
		cmocka_unit_test(half_a_core_of_another_run_counts_as_sibling),
		cmocka_unit_test(holds_on_every_machine),
		cmocka_unit_test(nothing_to_place_is_an_error),
		cmocka_unit_test(places_on_this_machine),
		cmocka_unit_test(refuses_what_cannot_be_used),
		cmocka_unit_test(takes_the_users_list),
		cmocka_unit_test(runs_see_each_other),
		cmocka_unit_test(the_earlier_run_learns_of_it),
		cmocka_unit_test(runs_of_two_state_directories_see_each_other),
		cmocka_unit_test(runs_of_two_users_see_each_other),
		cmocka_unit_test(follows_no_links),
		cmocka_unit_test(a_killed_run_holds_nothing),
		cmocka_unit_test(describes_the_machine),
	};

	return cmocka_run_group_tests(tests, make_state, remove_state);
}
