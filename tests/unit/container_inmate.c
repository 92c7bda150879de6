/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program for container_test to run in a container: first tells what it sees of itself, one "key value" a
 * line, ended by an empty line; then sends back what comes, until its input ends.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

int main(int argc, char **argv)
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
