/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's file. Its first line names the owner:
 *   {"owner": PID, "start": START TIME, "boot": BOOT ID}
 * then come entries and strikes:
 *   {"add": NUMBER, "kind": KIND, "subject": ..., "detail": ...}
 *   {"strike": NUMBER}
 * A last line without its newline was never completed: what it would announce was never begun.
 *
 * Making a run's directory and looking for dead runs exclude each other by a lock (flock) on the state
 * directory itself; so nobody takes a run for dead between its mkdir and its own lock.
 */
#include "testbed/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "testbed/ledger_undo.h"
#include "testbed/process.h"

/*
 * A lock outlives its owner for a moment where a child of it was just forked: wait so long for it
 * when the owner is dead.
 */
#define ORPHAN_LOCK_MS 2000

static const char *const kind_names[] = {
	[LEDGER_DIRECTORY] = "directory",
	[LEDGER_MOUNT] = "mount",
	[LEDGER_PROCESS] = "process",
	[LEDGER_LINK] = "link",
	[LEDGER_CONTAINER] = "container",
	[LEDGER_CGROUP] = "cgroup",
	[LEDGER_SETTING] = "setting",
};

struct entry {
	int number;
	enum ledger_kind kind;
	char *subject, *detail; /* subject NULL = struck */
};

struct ledger {
	char run_id[9];
	char directory[4096];
	int fd;              /* the file; holds the lock */
	struct entry *entries;
	unsigned count;
	int last_number;
	pid_t owner;         /* as read from the file */
	unsigned long long owner_start;
	bool this_boot;      /* written since the machine was started */
};

const char *ledger_state_directory(void)
{
	static char path[3072];
	const char *override = getenv("LANEBENCH_STATE"), *runtime = getenv("XDG_RUNTIME_DIR");

	if (override && override[0])
		snprintf(path, sizeof(path), "%s", override);
	else if (geteuid() == 0)
		snprintf(path, sizeof(path), "/run/lanebench");
	else if (runtime && runtime[0])
		snprintf(path, sizeof(path), "%s/lanebench", runtime);
	else
		snprintf(path, sizeof(path), "/tmp/lanebench-%u", (unsigned)geteuid());
	return path;
}

const char *ledger_run_id(const struct ledger *ledger)
{
	return ledger->run_id;
}

const char *ledger_directory(const struct ledger *ledger)
{
	return ledger->directory;
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

/* Open and lock the state directory, made if `make`. Returns a descriptor, or -errno (-ENOENT: there is none). */
static int state_lock(bool make, struct error *err)
{
	const char *path = ledger_state_directory();
	struct stat opened, named;
	int fd;

	for (;;) {
		if (make && mkdir(path, 0711) && errno != EEXIST)
			return error_errno(err, errno, "set LANEBENCH_STATE to a directory that can be made",
					   "cannot make the state directory %s", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT && make)
			continue; /* another run has just removed it */
		if (fd < 0)
			return error_errno(err, errno, NULL, "cannot open the state directory %s", path);
		/* In a /tmp that all share, somebody else may have been there first. */
		if (fstat(fd, &opened) || opened.st_uid != geteuid() || (opened.st_mode & (S_IWGRP | S_IWOTH))) {
			close(fd);
			return error_set(err, EPERM, "remove it, or set LANEBENCH_STATE to another directory",
					 "the state directory %s belongs to another user, or others may write in it", path);
		}
		while (flock(fd, LOCK_EX) && errno == EINTR)
			;
		if (!stat(path, &named) && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
			return fd;
		close(fd);
	}
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
		return error_set(err, ENOMEM, NULL, "cannot write the ledger: out of memory, or a text that is not UTF-8");
	text[size++] = '\n'; /* in the place of the terminating 0 */
	written = write(ledger->fd, text, size);
	if (written != (ssize_t)size) {
		rc = written < 0 ? errno : ENOSPC;
		/* Half a line must not swallow the next one. */
		if (before < 0 || (written > 0 && ftruncate(ledger->fd, before)))
			rc = EIO;
		rc = error_errno(err, rc, "make room in the state directory, or set LANEBENCH_STATE to another one",
				 "cannot write the ledger of run %s", ledger->run_id);
	}
	free(text);
	return rc;
}

static void ledger_free(struct ledger *ledger)
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

static struct ledger *ledger_new(const char *run_id)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->fd = -1;
	snprintf(ledger->run_id, sizeof(ledger->run_id), "%s", run_id);
	snprintf(ledger->directory, sizeof(ledger->directory), "%s/%s", ledger_state_directory(), run_id);
	return ledger;
}

/* Make a directory with a name that no other run has. The state directory is locked. */
static int make_run(struct ledger **made, struct error *err)
{
	struct ledger *ledger;
	char run_id[9];
	uint32_t random;

	for (;;) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return error_errno(err, errno, NULL, "cannot draw a run id");
		snprintf(run_id, sizeof(run_id), "%08" PRIx32, random);
		ledger = ledger_new(run_id);
		if (!ledger)
			return error_set(err, ENOMEM, NULL, "out of memory");
		if (!mkdir(ledger->directory, 0711))
			break;
		if (errno != EEXIST) {
			int code = errno;

			error_errno(err, code, NULL, "cannot make the run's directory %s", ledger->directory);
			ledger_free(ledger);
			return -code;
		}
		ledger_free(ledger);
	}
	*made = ledger;
	return chmod(ledger->directory, 0711) ? /* whatever the umask says: containers pass through it */
	       error_errno(err, errno, NULL, "cannot set the mode of %s", ledger->directory) : 0;
}

static int write_owner(struct ledger *ledger, struct error *err)
{
	char boot[64];

	ledger->owner = getpid();
	ledger->owner_start = process_start_time(ledger->owner);
	ledger->this_boot = true;
	boot_id(boot);
	return append(ledger, json_pack("{s:i, s:I, s:s}", "owner", (int)ledger->owner, "start",
					(json_int_t)ledger->owner_start, "boot", boot), err);
}

static int open_file(struct ledger *ledger, int flags)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/ledger", ledger->directory);
	ledger->fd = open(path, flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return ledger->fd < 0 ? -errno : 0;
}

int ledger_open(struct ledger **opened, struct error *err)
{
	struct ledger *ledger = NULL;
	int state, rc;

	*opened = NULL;
	state = state_lock(true, err);
	if (state < 0)
		return state;
	rc = make_run(&ledger, err);
	if (rc)
		goto out;
	rc = open_file(ledger, O_CREAT | O_EXCL);
	if (!rc && flock(ledger->fd, LOCK_EX | LOCK_NB))
		rc = -errno;
	if (rc) {
		error_errno(err, -rc, NULL, "cannot make the ledger in %s", ledger->directory);
		goto out;
	}
	rc = write_owner(ledger, err);
out:
	if (rc && ledger) {
		undo_directory(ledger->directory, NULL);
		ledger_free(ledger);
		ledger = NULL;
	}
	close(state);
	*opened = ledger;
	return rc;
}

static struct entry *find(struct ledger *ledger, int number)
{
	for (unsigned i = ledger->count; i-- > 0;)
		if (ledger->entries[i].number == number)
			return &ledger->entries[i];
	return NULL;
}

/* Put an entry into memory. */
static int remember(struct ledger *ledger, int number, enum ledger_kind kind, const char *subject, const char *detail)
{
	struct entry *entries = realloc(ledger->entries, (ledger->count + 1) * sizeof(*entries));
	struct entry entry = { .number = number, .kind = kind };

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
static void forget(struct ledger *ledger, struct entry *entry)
{
	free(entry->subject);
	free(entry->detail);
	ledger->count--;
	memmove(entry, entry + 1, (size_t)(&ledger->entries[ledger->count] - entry) * sizeof(*entry));
}

int ledger_add(struct ledger *ledger, enum ledger_kind kind, const char *subject, const char *detail,
	       struct error *err)
{
	int number = ledger->last_number + 1;
	json_t *line;
	int rc;

	line = json_pack("{s:i, s:s, s:s, s:s*}", "add", number, "kind", kind_names[kind], "subject", subject, "detail",
			 detail);
	rc = append(ledger, line, err);
	if (rc)
		return rc;
	rc = remember(ledger, number, kind, subject, detail);
	if (rc)
		return error_set(err, -rc, NULL, "cannot write the ledger: out of memory");
	return number;
}

int ledger_add_process(struct ledger *ledger, pid_t pid, struct error *err)
{
	unsigned long long start = process_start_time(pid);
	char subject[16], detail[24];

	if (!start)
		return error_set(err, ESRCH, "mount /proc", "cannot read the start time of process %d", (int)pid);
	snprintf(subject, sizeof(subject), "%d", (int)pid);
	snprintf(detail, sizeof(detail), "%llu", start);
	return ledger_add(ledger, LEDGER_PROCESS, subject, detail, err);
}

int ledger_strike(struct ledger *ledger, int number, struct error *err)
{
	struct entry *entry = find(ledger, number);
	int rc;

	if (!entry)
		return 0;
	rc = append(ledger, json_pack("{s:i}", "strike", number), err);
	if (!rc)
		forget(ledger, entry);
	return rc;
}

int ledger_undo(struct ledger *ledger, int number, struct error *err)
{
	struct entry *entry = find(ledger, number);
	int rc;

	if (!entry)
		return 0;
	rc = undo_entry(entry->kind, entry->subject, entry->detail, ledger->directory, err);
	return rc ? rc : ledger_strike(ledger, number, err);
}

/* Undo all, newest first, and the directory. Returns the first failure; what failed stays in the file. */
static int undo_all(struct ledger *ledger, ledger_report *report, void *context, struct error *err)
{
	char what[4200];
	int first = 0;

	for (unsigned i = ledger->count; i-- > 0;) {
		struct entry *entry = &ledger->entries[i];
		struct error failed = { 0 };
		int rc;

		/* A machine that was started anew since has forgotten all but its files. */
		if (!ledger->this_boot && entry->kind != LEDGER_DIRECTORY)
			continue;
		undo_describe(entry->kind, entry->subject, what, sizeof(what));
		rc = undo_entry(entry->kind, entry->subject, entry->detail, ledger->directory, &failed);
		/* On a full disk the strike fails; then the next try undoes it once more, to no effect. */
		if (!rc && ledger_strike(ledger, entry->number, NULL))
			forget(ledger, entry);
		if (report)
			report(context, ledger->run_id, what, &failed);
		if (rc && !first) {
			first = rc;
			if (err)
				*err = failed;
		}
	}
	if (!first)
		first = undo_directory(ledger->directory, err);
	return first;
}

int ledger_close(struct ledger *ledger, struct error *err)
{
	int rc;

	if (!ledger)
		return 0;
	rc = undo_all(ledger, NULL, NULL, err);
	ledger_free(ledger);
	rmdir(ledger_state_directory()); /* fails while other runs are in it */
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
	enum ledger_kind kind;
	json_int_t start = 0;
	char this_boot[64];

	if (!json_unpack(line, "{s:i, s:I, s:s}", "owner", &owner, "start", &start, "boot", &boot)) {
		boot_id(this_boot);
		ledger->owner = owner;
		ledger->owner_start = (unsigned long long)start;
		ledger->this_boot = !strcmp(boot, this_boot);
	} else if (!json_unpack(line, "{s:i, s:s, s:s, s?s}", "add", &number, "kind", &kind_name, "subject", &subject,
				"detail", &detail)) {
		if (parse_kind(kind_name, &kind))
			rc = remember(ledger, number, kind, subject, detail);
	} else if (!json_unpack(line, "{s:i}", "strike", &number)) {
		struct entry *entry = find(ledger, number);

		if (entry)
			forget(ledger, entry);
	}
	json_decref(line);
	return rc;
}

/* Read the file into memory. *complete: the size of its completed lines. */
static int read_file(struct ledger *ledger, off_t *complete, struct error *err)
{
	FILE *file;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int fd, rc = 0;

	*complete = 0;
	while (ledger->count)
		forget(ledger, &ledger->entries[ledger->count - 1]);
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

/*
 * Lock the ledger of a dead run. 1 = locked and the run is dead; 0 = it lives, or somebody else has just
 * cleaned it; or -errno.
 */
static int lock_dead(struct ledger *ledger, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct stat opened;
	off_t complete;

	for (int waited_ms = 0;; waited_ms += 5) {
		if (!flock(ledger->fd, LOCK_EX | LOCK_NB))
			break;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, NULL, "cannot lock the ledger in %s", ledger->directory);
		if (waited_ms == 0 && read_file(ledger, &complete, err))
			return 0;
		if (waited_ms >= ORPHAN_LOCK_MS || !ledger->owner ||
		    process_start_time(ledger->owner) == ledger->owner_start)
			return 0;
		nanosleep(&pause, NULL);
	}
	return !fstat(ledger->fd, &opened) && opened.st_nlink > 0;
}

/*
 * Take over the run `run_id` if it is dead. 1 with *taken, locked and read (NULL: it died before it had a ledger, and
 * its directory is removed); 0 = it lives; or -errno.
 */
static int take_dead(const char *run_id, struct ledger **taken, struct error *err)
{
	struct ledger *ledger = ledger_new(run_id);
	off_t complete;
	int state, rc;

	*taken = NULL;
	if (!ledger)
		return error_set(err, ENOMEM, NULL, "out of memory");
	state = state_lock(false, err);
	if (state < 0) {
		ledger_free(ledger);
		return state == -ENOENT ? 0 : state;
	}
	rc = open_file(ledger, 0);
	if (rc == -ENOENT) {
		rc = undo_directory(ledger->directory, err);
		rc = rc ? rc : 1;
		goto out;
	}
	if (rc) {
		error_errno(err, -rc, NULL, "cannot open the ledger in %s", ledger->directory);
		goto out;
	}
	rc = lock_dead(ledger, err);
	if (rc <= 0)
		goto out;
	rc = read_file(ledger, &complete, err);
	if (rc)
		goto out;
	rc = 1;
	if (ftruncate(ledger->fd, complete)) /* a line that was not completed: nothing that we append may join it */
		rc = error_errno(err, errno, NULL, "cannot write the ledger in %s", ledger->directory);
	if (rc == 1)
		*taken = ledger;
out:
	close(state);
	if (!*taken)
		ledger_free(ledger);
	return rc;
}

/* Clean one run if it is dead. 1 = cleaned, 0 = it lives, or -errno. */
static int clean_run(const char *run_id, ledger_report *report, void *context, struct error *err)
{
	struct ledger *ledger;
	int rc = take_dead(run_id, &ledger, err);

	if (rc != 1 || !ledger)
		return rc;
	rc = undo_all(ledger, report, context, err);
	ledger_free(ledger);
	return rc ? rc : 1;
}

static int is_run(const struct dirent *entry)
{
	return strlen(entry->d_name) == 8 && strspn(entry->d_name, "0123456789abcdef") == 8;
}

int ledger_clean(ledger_report *report, void *context, struct error *err)
{
	struct dirent **runs;
	int count = scandir(ledger_state_directory(), &runs, is_run, alphasort);
	int cleaned = 0, first = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot read the state directory %s",
							 ledger_state_directory());
	for (int i = 0; i < count; i++) {
		struct error failed = { 0 };
		int rc = clean_run(runs[i]->d_name, report, context, &failed);

		if (rc > 0)
			cleaned++;
		if (rc < 0 && !first) {
			first = rc;
			if (err)
				*err = failed;
		}
		free(runs[i]);
	}
	free(runs);
	rmdir(ledger_state_directory()); /* fails while other runs are in it */
	return first ? first : cleaned;
}
