/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/start_time.h"

static const char *const kind_names[] = {
	[LEDGER_DIRECTORY] = "directory",
	[LEDGER_MOUNT] = "mount",
	[LEDGER_PROCESS] = "process",
	[LEDGER_LINK] = "link",
	[LEDGER_CONTAINER] = "container",
	[LEDGER_CGROUP] = "cgroup",
	[LEDGER_SETTING] = "setting",
	[LEDGER_HUGEPAGES] = "hugepages",
};

const char *ledger_state_directory(void)
{
	static char path[3072];
	char here[2048];
	const char *override = getenv("LANEBENCH_STATE"), *runtime = getenv("XDG_RUNTIME_DIR");

	/* Absolute: others start elsewhere, switches, containers, and who cleans up after us. */
	if (override && override[0] && override[0] != '/' && getcwd(here, sizeof(here)))
		snprintf(path, sizeof(path), "%s/%s", here, override);
	else if (override && override[0])
		snprintf(path, sizeof(path), "%s", override);
	else if (geteuid() == 0)
		snprintf(path, sizeof(path), "/run/lanebench");
	else if (runtime && runtime[0])
		snprintf(path, sizeof(path), "%s/lanebench", runtime);
	else
		snprintf(path, sizeof(path), "/tmp/lanebench-%u", (unsigned)geteuid());
	return path;
}

static void boot_id(char text[64])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	text[0] = 0;
	if (!file)
		return;
	if (fscanf(file, "%63s", text) != 1)
		text[0] = 0;
	fclose(file);
}

/* Containers pass through it: whatever the umask says, and atomically, since a kill may come at any time. */
static int make_state(const char *path)
{
	mode_t before = umask(066);
	int rc = mkdir(path, 0711) && errno != EEXIST ? -errno : 0;

	umask(before);
	return rc;
}

int ledger_lock_state(bool make, struct error *err)
{
	const char *path = ledger_state_directory();
	struct stat opened, named;
	int fd, rc;

	for (;;) {
		rc = make ? make_state(path) : 0;
		if (rc)
			return error_errno(err, -rc, "set LANEBENCH_STATE to a directory that can be made",
					   "cannot make the state directory %s", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT && make)
			continue; /* another run has just removed it */
		if (fd < 0)
			return error_errno(err, errno, NULL, "cannot open the state directory %s", path);
		/* In a /tmp that all share, somebody else may have been there first. */
		if (fstat(fd, &opened) || opened.st_uid != geteuid() ||
		    (opened.st_mode & (S_IWGRP | S_IWOTH))) {
			close(fd);
			return error_set(err, EPERM, "remove it, or set LANEBENCH_STATE to another directory",
					 "the state directory %s is another user's, or open to others", path);
		}
		while (flock(fd, LOCK_EX) && errno == EINTR)
			;
		if (!stat(path, &named) && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
			return fd;
		close(fd);
	}
}

void ledger_remove_state(void)
{
	int fd = ledger_lock_state(false, NULL);

	if (fd < 0)
		return;
	rmdir(ledger_state_directory());
	close(fd);
}

struct ledger *ledger_file_new(const char *run_id)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->fd = -1;
	snprintf(ledger->run_id, sizeof(ledger->run_id), "%s", run_id);
	snprintf(ledger->directory, sizeof(ledger->directory), "%s/%s", ledger_state_directory(), run_id);
	return ledger;
}

void ledger_file_free(struct ledger *ledger)
{
	for (unsigned i = 0; i < ledger->count; i++) {
		free(ledger->entries[i].subject);
		free(ledger->entries[i].detail);
	}
	free(ledger->entries);
	if (ledger->fd >= 0)
		close(ledger->fd);
	free(ledger);
}

int ledger_file_open(struct ledger *ledger, int flags)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/" LEDGER_FILE, ledger->directory);
	ledger->fd = open(path, flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return ledger->fd < 0 ? -errno : 0;
}

/* Append one object as one line with one write. Takes over `line`. */
static int append(struct ledger *ledger, json_t *line, struct error *err)
{
	off_t before = lseek(ledger->fd, 0, SEEK_END);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) : 0;
	ssize_t written;
	int rc = 0;

	json_decref(line);
	if (!text)
		return error_set(err, ENOMEM, NULL,
				 "cannot write the ledger: out of memory, or a text that is not UTF-8");
	text[size++] = '\n'; /* in the place of the terminating 0 */
	written = write(ledger->fd, text, size);
	if (written != (ssize_t)size) {
		rc = written < 0 ? errno : ENOSPC;
		/* Half a line must not swallow the next one. */
		if (before < 0 || (written > 0 && ftruncate(ledger->fd, before)))
			rc = EIO;
		rc = error_errno(err, rc,
				 "make room in the state directory, or set LANEBENCH_STATE to another one",
				 "cannot write the ledger of run %s", ledger->run_id);
	}
	free(text);
	return rc;
}

int ledger_file_owner(struct ledger *ledger, struct error *err)
{
	char boot[64];

	ledger->owner = getpid();
	ledger->owner_start = process_start_time(ledger->owner);
	ledger->this_boot = true;
	boot_id(boot);
	return append(ledger, json_pack("{s:i, s:I, s:s}", "owner", (int)ledger->owner, "start",
					(json_int_t)ledger->owner_start, "boot", boot), err);
}

struct ledger_entry *ledger_file_find(struct ledger *ledger, int number)
{
	for (unsigned i = ledger->count; i-- > 0;)
		if (ledger->entries[i].number == number)
			return &ledger->entries[i];
	return NULL;
}

/* Put an entry into memory. */
static int remember(struct ledger *ledger, int number, enum ledger_kind kind, const char *subject,
		    const char *detail)
{
	struct ledger_entry *entries = realloc(ledger->entries, (ledger->count + 1) * sizeof(*entries));
	struct ledger_entry entry = { .number = number, .kind = kind };

	if (!entries)
		return -ENOMEM;
	ledger->entries = entries;
	entry.subject = strdup(subject);
	entry.detail = detail ? strdup(detail) : NULL;
	if (!entry.subject || (detail && !entry.detail)) {
		free(entry.subject);
		free(entry.detail);
		return -ENOMEM;
	}
	entries[ledger->count++] = entry;
	if (number > ledger->last_number)
		ledger->last_number = number;
	return 0;
}

/* Struck entries go: a long run makes and removes thousands of things. */
void ledger_file_forget(struct ledger *ledger, struct ledger_entry *entry)
{
	free(entry->subject);
	free(entry->detail);
	ledger->count--;
	memmove(entry, entry + 1, (size_t)(&ledger->entries[ledger->count] - entry) * sizeof(*entry));
}

int ledger_file_add(struct ledger *ledger, enum ledger_kind kind, const char *subject, const char *detail,
		    struct error *err)
{
	int number = ledger->last_number + 1;
	json_t *line;
	int rc;

	line = json_pack("{s:i, s:s, s:s, s:s*}", "add", number, "kind", kind_names[kind], "subject", subject,
			 "detail",
			 detail);
	rc = append(ledger, line, err);
	if (rc)
		return rc;
	rc = remember(ledger, number, kind, subject, detail);
	if (rc)
		return error_set(err, -rc, NULL, "cannot write the ledger: out of memory");
	return number;
}

/* In memory. */
static int change_detail(struct ledger_entry *entry, const char *detail)
{
	char *copy = strdup(detail);

	if (!copy)
		return -ENOMEM;
	free(entry->detail);
	entry->detail = copy;
	return 0;
}

int ledger_file_amend(struct ledger *ledger, struct ledger_entry *entry, const char *detail, struct error *err)
{
	int rc = append(ledger, json_pack("{s:i, s:s}", "amend", entry->number, "detail", detail), err);

	if (!rc && change_detail(entry, detail))
		rc = error_set(err, ENOMEM, NULL, "cannot write the ledger: out of memory");
	return rc;
}

int ledger_file_strike(struct ledger *ledger, struct ledger_entry *entry, struct error *err)
{
	int rc = append(ledger, json_pack("{s:i}", "strike", entry->number), err);

	if (!rc)
		ledger_file_forget(ledger, entry);
	return rc;
}

static bool parse_kind(const char *name, enum ledger_kind *kind)
{
	for (unsigned i = 0; name && i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
		if (!strcmp(name, kind_names[i])) {
			*kind = (enum ledger_kind)i;
			return true;
		}
	return false;
}

/* One complete line of the file. Lines that are no JSON of ours are passed over. */
static int read_line(struct ledger *ledger, const char *text)
{
	const char *kind_name = NULL, *subject = NULL, *detail = NULL, *boot = NULL;
	json_t *line = json_loads(text, 0, NULL);
	int number = 0, owner = 0, rc = 0;
	struct ledger_entry *entry;
	enum ledger_kind kind;
	json_int_t start = 0;
	char this_boot[64];

	if (!json_unpack(line, "{s:i, s:I, s:s}", "owner", &owner, "start", &start, "boot", &boot)) {
		boot_id(this_boot);
		ledger->owner = owner;
		ledger->owner_start = (unsigned long long)start;
		/* Where either could not be read, look: undoing finds out what is there. */
		ledger->this_boot = !*boot || !*this_boot || !strcmp(boot, this_boot);
	} else if (!json_unpack(line, "{s:i, s:s, s:s, s?s}", "add", &number, "kind", &kind_name, "subject",
				&subject,
				"detail", &detail)) {
		if (parse_kind(kind_name, &kind))
			rc = remember(ledger, number, kind, subject, detail);
	} else if (!json_unpack(line, "{s:i, s:s}", "amend", &number, "detail", &detail)) {
		entry = ledger_file_find(ledger, number);
		if (entry)
			rc = change_detail(entry, detail);
	} else if (!json_unpack(line, "{s:i}", "strike", &number)) {
		entry = ledger_file_find(ledger, number);
		if (entry)
			ledger_file_forget(ledger, entry);
	}
	json_decref(line);
	return rc;
}

int ledger_file_read(struct ledger *ledger, off_t *complete, struct error *err)
{
	FILE *file;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int fd, rc = 0;

	*complete = 0;
	while (ledger->count)
		ledger_file_forget(ledger, &ledger->entries[ledger->count - 1]);
	fd = fcntl(ledger->fd, F_DUPFD_CLOEXEC, 3);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		rc = error_errno(err, errno, NULL, "cannot read the ledger in %s", ledger->directory);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rewind(file);
	while (!rc && (length = getline(&line, &size, file)) > 0 && line[length - 1] == '\n') {
		*complete += length;
		rc = read_line(ledger, line);
	}
	free(line);
	fclose(file);
	return rc ? error_errno(err, -rc, NULL, "cannot read the ledger in %s", ledger->directory) : 0;
}

