/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program for container_test to run in a container. Without arguments of its own it tells what it sees of itself,
 * one "key value" a line, ended by an empty line; then sends back what comes, until its input ends. Else it tries
 * what the container shall keep from it, and tells how far it came, in the same form:
 *
 *   fork N            have N children at once
 *   remain            leave a child behind that ignores whatever can be ignored
 *   memory MEGABYTES  touch so much memory (a child does, which may be killed)
 *   write PATH        write into a file until it is refused, at most 512 MB
 *   files PATH        make files in a directory until it is refused, at most 20,000
 *   errors            write 100 MB on standard error
 *   create PATH       make a file
 *   calls             system calls that a packet handler has no use for
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTE (1u << 20)

static void tell_status(const char *key)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			printf("%s", line);
	if (file)
		fclose(file);
}

static void tell_namespaces(void)
{
	static const char *const kinds[] = { "net", "user", "pid", "mnt", "ipc", "uts" };
	char path[32], text[64];

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ssize_t size;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		size = readlink(path, text, sizeof(text) - 1);
		text[size > 0 ? size : 0] = 0;
		printf("%s %s\n", kinds[i], text);
	}
}

static void tell_open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -3; /* "." and ".." and the directory itself */

	while (dir && readdir(dir))
		count++;
	printf("descriptors %d\n", count);
	if (dir)
		closedir(dir);
}

static int tell(int argc, char **argv)
{
	char text[256];
	ssize_t size;

	for (int i = 0; i < argc; i++)
		printf("argument%d %s\n", i, argv[i]);
	tell_status("Cap");
	tell_status("NoNewPrivs");
	tell_status("Uid");
	tell_namespaces();
	tell_open_files();
	printf("writable %s\n", access("/usr", W_OK) ? "no" : "yes");
	printf("\n");
	fflush(stdout);
	fprintf(stderr, "inmate on its standard error\n");
	while ((size = read(STDIN_FILENO, text, sizeof(text))) > 0)
		if (write(STDOUT_FILENO, text, (size_t)size) != size)
			return 1;
	return 7;
}

/* Each waits for its end, which comes with that of its parent's other end of the pipe. */
static void try_fork(int wanted)
{
	int hold[2], made = 0;

	if (pipe(hold))
		return;
	for (; made < wanted; made++) {
		pid_t pid = fork();
		char byte;

		if (pid < 0)
			break;
		if (pid == 0) {
			close(hold[1]);
			_exit((int)read(hold[0], &byte, 1));
		}
	}
	printf("children %d\n", made);
	close(hold[1]);
	while (wait(NULL) > 0)
		;
}

static void try_remain(void)
{
	if (fork() == 0) {
		setsid();
		for (int number = 1; number < NSIG; number++)
			signal(number, SIG_IGN);
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		sleep(60); /* not for ever, should the test fail */
		_exit(0);
	}
	printf("remains yes\n");
}

static void try_memory(size_t megabytes)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		char *memory = mmap(NULL, megabytes * MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		for (size_t at = 0; at < megabytes * MEGABYTE; at += 4096)
			memory[at] = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("memory %s\n", pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "all" : "refused");
}

static void try_write(const char *path)
{
	static char zeros[MEGABYTE];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), written = 0;

	while (written < 512 && write(fd, zeros, sizeof(zeros)) == sizeof(zeros))
		written++;
	printf("megabytes %d\n", written);
}

static void try_files(const char *directory)
{
	char path[256];
	int made = 0, fd = 0;

	while (made < 20000 && fd >= 0) {
		snprintf(path, sizeof(path), "%s/f%d", directory, made);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd >= 0) {
			close(fd);
			made++;
		}
	}
	printf("files %d\n", made);
}

static void try_errors(void)
{
	static char lines[MEGABYTE];
	int written = 0;

	memset(lines, 'e', sizeof(lines));
	for (int i = 0; i < 100; i++)
		written += write(STDERR_FILENO, lines, sizeof(lines)) == sizeof(lines);
	printf("errors %d\n", written);
}

static void try_create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	printf("create %s\n", fd >= 0 ? "made" : strerror(errno));
}

static void tell_call(const char *name, long result)
{
	printf("%s %s\n", name, result >= 0 ? "allowed" : strerrorname_np(errno));
}

static int idle(void *nothing)
{
	return 0;
}

static void try_calls(void)
{
	static char stack[65536];
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK, AF_ALG, AF_TIPC };
	struct clone_args born = { .exit_signal = SIGCHLD };
	char name[32];

	for (unsigned i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		snprintf(name, sizeof(name), "socket%d", families[i]);
		tell_call(name, socket(families[i], SOCK_DGRAM, 0));
	}
	tell_call("clone-user", clone(idle, stack + sizeof(stack), CLONE_NEWUSER | SIGCHLD, NULL));
	tell_call("clone-plain", clone(idle, stack + sizeof(stack), SIGCHLD, NULL));
	tell_call("clone3", syscall(SYS_clone3, &born, sizeof(born)));
	tell_call("unshare", unshare(CLONE_NEWUSER));
	tell_call("io_uring", syscall(SYS_io_uring_setup, 4, &(char[128]){ 0 }));
	tell_call("userfaultfd", syscall(SYS_userfaultfd, 1)); /* UFFD_USER_MODE_ONLY: needs no capability */
	tell_call("bpf", syscall(SYS_bpf, 0, NULL, 0));
	tell_call("keyctl", syscall(SYS_keyctl, 0, -3, 1)); /* its session's, made where there is none */
	tell_call("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	tell_call("memfd", memfd_create("plain", 0));
	tell_call("memfd-huge", memfd_create("huge", MFD_HUGETLB));
	tell_call("mmap-huge", mmap(NULL, 2 * MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
				    MAP_HUGETLB | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0);
	tell_call("shm-huge", shmget(IPC_PRIVATE, 2 * MEGABYTE, IPC_CREAT | SHM_HUGETLB | SHM_NORESERVE | 0600));
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "", *with = argc > 2 ? argv[2] : "";

	if (!strcmp(what, "fork"))
		try_fork(atoi(with));
	else if (!strcmp(what, "remain"))
		try_remain();
	else if (!strcmp(what, "memory"))
		try_memory((size_t)atoi(with));
	else if (!strcmp(what, "write"))
		try_write(with);
	else if (!strcmp(what, "files"))
		try_files(with);
	else if (!strcmp(what, "errors"))
		try_errors();
	else if (!strcmp(what, "create"))
		try_create(with);
	else if (!strcmp(what, "calls"))
		try_calls();
	else
		return tell(argc, argv);
	printf("\n");
	return 0;
}
