/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes, against real ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/start_time.h"
#include "system/process.h"
#include "testbed/host/child.h"

static int make_state(void **state)
{
	char *path = strdup("/tmp/lanebench-test-XXXXXX");

	if (!path || !mkdtemp(path) || setenv("LANEBENCH_STATE", path, 1))
		return -1;
	*state = path;
	return 0;
}

static int drop_state(void **state)
{
	/* the ledger removes it when empty */
	int rc = access(*state, F_OK) && errno == ENOENT ? 0 : rmdir(*state);

	free(*state);
	return rc;
}

/* Read what is there within a second. */
static ssize_t read_soon(int fd, char *text, size_t size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if (poll(&ready, 1, 1000) != 1)
		return -1;
	return read(fd, text, size);
}

static bool gone(pid_t pid)
{
	for (int i = 0; i < 1000; i++) {
		if (!process_start_time(pid))
			return true;
		usleep(1000);
	}
	return false;
}

static int echo(void *context)
{
	char text[64];
	ssize_t size;

	while ((size = read(STDIN_FILENO, text, sizeof(text))) > 0)
		if (write(STDOUT_FILENO, text, (size_t)size) != size)
			return 2;
	return *(int *)context;
}

__attribute__((noreturn)) static int sleep_forever(void *context)
{
	for (;;)
		pause();
}

static int ignore_term(void *context)
{
	signal(SIGTERM, SIG_IGN);
	if (write(STDOUT_FILENO, "i", 1) != 1)
		return 1;
	sleep_forever(NULL);
}

static void talks_through_a_socket_and_tells_its_end(void **state)
{
	struct process process;
	char text[64] = "";
	int status = 3;

	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, true, -1, echo, &status, NULL), 0);
	assert_int_equal(read(process.socket, text, sizeof(text)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(process.socket, "hello", 5), 5);
	assert_int_equal(read_soon(process.socket, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	assert_false(process_ended(&process));
	process_describe_end(&process, text, sizeof(text));
	assert_string_equal(text, "is running");
	assert_int_equal(shutdown(process.socket, SHUT_WR), 0);
	while (!process_ended(&process))
		usleep(100);
	process_describe_end(&process, text, sizeof(text));
	assert_string_equal(text, "exited with status 3");
	process_stop(&process, 0);
}

/* Writes into the descriptor that its input brings along. */
static int take_descriptor(void *context)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(STDIN_FILENO, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return 1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return write(fd, "here", 4) == 4 ? 0 : 2;
}

static void its_input_can_carry_descriptors(void **state)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'd', text[8] = "";
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct process process;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, true, -1, take_descriptor, NULL, NULL), 0);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(process.socket, &message, 0), 1);
	assert_int_equal(read_soon(ends[0], text, sizeof(text)), 4);
	assert_string_equal(text, "here");
	assert_true(process_wait(&process, 1000));
	assert_int_equal(process.status, 0);
	process_stop(&process, 0);
	close(ends[0]);
	close(ends[1]);
}

#define MUCH (150 << 10)

static int say_much(void *context)
{
	static const char text[4096];

	for (int said = 0; said < MUCH; said += (int)sizeof(text) / 2)
		if (write(STDOUT_FILENO, text, sizeof(text) / 2) < 0)
			return 1;
	return 0;
}

/* A switch prints what it likes, and waits for nobody who reads it. */
static void may_say_much_before_it_is_read(void **state)
{
	struct process process;
	char text[4096];
	ssize_t size, all = 0;

	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, true, -1, say_much, NULL, NULL), 0);
	assert_true(process_wait(&process, 2000));
	while ((size = read(process.socket, text, sizeof(text))) > 0)
		all += size;
	assert_int_equal(size, 0);
	assert_int_equal(all, MUCH);
	process_stop(&process, 0);
}

static void stops_by_end_of_input_signal_or_force(void **state)
{
	struct process process;
	char text[64];

	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, false, -1, sleep_forever, NULL, NULL), 0);
	process_stop(&process, 1000);
	process_describe_end(&process, text, sizeof(text));
	assert_string_equal(text, "was killed by signal 15 (Terminated)");
	process_stop(&process, 1000); /* twice is fine */

	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, true, -1, ignore_term, NULL, NULL), 0);
	assert_int_equal(read_soon(process.socket, text, sizeof(text)), 1);
	process_stop(&process, 20);
	process_describe_end(&process, text, sizeof(text));
	assert_string_equal(text, "was killed by signal 9 (Killed)");
	assert_int_equal(process.socket, -1);

	process = (struct process)PROCESS_NONE;
	process_stop(&process, 1000);
	assert_true(process_ended(&process));
}

static void handler(int number)
{
}

/* What the child sees of our signals, descriptors and session; each wrong thing is a bit of its status. */
static int look_around(void *context)
{
	struct sigaction action;
	sigset_t mask;
	int wrong = 0;

	sigaction(SIGUSR1, NULL, &action);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	if (action.sa_handler != SIG_DFL)
		wrong |= 1;
	if (sigismember(&mask, SIGUSR2))
		wrong |= 2;
	if (fcntl(*(int *)context, F_GETFD) != FD_CLOEXEC)
		wrong |= 4;
	if (getsid(0) != getpid())
		wrong |= 8;
	if (fcntl(STDIN_FILENO, F_GETFD) || fcntl(STDOUT_FILENO, F_GETFD) || fcntl(STDERR_FILENO, F_GETFD))
		wrong |= 16;
	if ((fcntl(STDIN_FILENO, F_GETFL) | fcntl(STDOUT_FILENO, F_GETFL)) & O_NONBLOCK)
		wrong |= 32;
	return wrong;
}

static void gives_the_child_a_clean_start(void **state)
{
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */
	struct process process;
	sigset_t mask, before;

	signal(SIGUSR1, handler);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, &before);
	assert_int_equal(process_spawn(&process, PROCESS_NO_HOOK, true, -1, look_around, &leak, NULL), 0);
	while (!process_ended(&process))
		usleep(100);
	assert_true(WIFEXITED(process.status));
	assert_int_equal(WEXITSTATUS(process.status), 0);
	process_stop(&process, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(leak);
}

static void writes_the_child_down_and_strikes_it(void **state)
{
	struct ledger *ledger;
	struct process process;
	int status = 0;

	assert_int_equal(ledger_open(&ledger, NULL), 0);
	assert_int_equal(process_spawn(&process, child_hook(ledger), true, -1, echo, &status, NULL), 0);
	assert_true(process.entry > 0);
	process_stop(&process, 1000);
	assert_int_equal(process.entry, 0);
	/* One that nobody stops is undone with the ledger; its owner then sees an ended child. */
	assert_int_equal(process_spawn(&process, child_hook(ledger), false, -1, sleep_forever, NULL, NULL), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_true(gone(process.pid));
	assert_true(process_ended(&process));
}

static int mark(void *context)
{
	return write(*(int *)context, "x", 1) == 1 ? 0 : 1;
}

/* A child that the ledger could not take must never run. */
static void does_not_run_what_the_ledger_refuses(void **state)
{
	struct rlimit limit = { 0, 0 }, before;
	struct process process;
	struct ledger *ledger;
	struct error err = { 0 };
	int probe[2], rc;
	char byte;

	assert_int_equal(pipe(probe), 0);
	assert_int_equal(ledger_open(&ledger, NULL), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit.rlim_max = before.rlim_max;
	/* as on a full disk: no write to a file succeeds */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = process_spawn(&process, child_hook(ledger), false, -1, mark, &probe[1], &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.cause, "cannot write the ledger"));
	close(probe[1]);
	assert_int_equal(read(probe[0], &byte, 1), 0);
	close(probe[0]);
	assert_int_equal(ledger_close(ledger, NULL), 0);
}

/* Whoever spawns and is killed takes its child along. */
static void dies_with_its_parent(void **state)
{
	pid_t parent, child = 0;
	int tell[2];

	assert_int_equal(pipe(tell), 0);
	parent = fork();
	if (parent == 0) {
		struct process process;

		if (process_spawn(&process, PROCESS_NO_HOOK, false, -1, sleep_forever, NULL, NULL) ||
		    write(tell[1], &process.pid, sizeof(process.pid)) < 0)
			_exit(1);
		sleep_forever(NULL);
	}
	assert_int_equal(read(tell[0], &child, sizeof(child)), sizeof(child));
	assert_true(process_start_time(child) > 0);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	assert_true(gone(child));
	close(tell[0]);
	close(tell[1]);
}

static int give(void *context)
{
	return *(int *)context;
}

static int die(void *context)
{
	raise(SIGKILL);
	return 0;
}

static void tries_in_a_child(void **state)
{
	struct error err = { 0 };
	int result = 42;

	assert_int_equal(process_try(give, &result, &err), 42);
	assert_int_equal(process_try(die, NULL, &err), -EIO);
	assert_non_null(strstr(err.cause, "was killed by signal 9"));
}

static void tells_start_times(void **state)
{
	assert_true(process_start_time(getpid()) > 0);
	assert_true(process_start_time(getpid()) == process_start_time(getpid()));
	assert_true(process_start_time(0x3fffffff) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(talks_through_a_socket_and_tells_its_end),
		cmocka_unit_test(its_input_can_carry_descriptors),
		cmocka_unit_test(may_say_much_before_it_is_read),
		cmocka_unit_test(stops_by_end_of_input_signal_or_force),
		cmocka_unit_test(gives_the_child_a_clean_start),
		cmocka_unit_test(writes_the_child_down_and_strikes_it),
		cmocka_unit_test(does_not_run_what_the_ledger_refuses),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(tries_in_a_child),
		cmocka_unit_test(tells_start_times),
	};

	return cmocka_run_group_tests(tests, make_state, drop_state);
}
