/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/start_time.h"

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
	while (ledger->count)
		ledger_file_forget(ledger, &ledger->entries[ledger->count - 1]);
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

static void entry_free(struct ledger_entry *entry)
{
	free(entry->kind_name);
	free(entry->subject);
	free(entry->detail);
}

/* Put an entry into memory. */
static int remember(struct ledger *ledger, int number, const char *kind_name, const char *subject,
		    const char *detail)
{
	struct ledger_entry *entries = realloc(ledger->entries, (ledger->count + 1) * sizeof(*entries));
	struct ledger_entry entry = { .number = number };

	if (!entries)
		return -ENOMEM;
	ledger->entries = entries;
	entry.kind_name = strdup(kind_name);
	entry.subject = strdup(subject);
	entry.detail = detail ? strdup(detail) : NULL;
	if (!entry.kind_name || !entry.subject || (detail && !entry.detail)) {
		entry_free(&entry);
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
	entry_free(entry);
	ledger->count--;
	memmove(entry, entry + 1, (size_t)(&ledger->entries[ledger->count] - entry) * sizeof(*entry));
}

int ledger_file_add(struct ledger *ledger, const struct ledger_kind *kind, const char *subject,
		    const char *detail, struct error *err)
{
	int number = ledger->last_number + 1;
	int rc;

	rc = append(ledger, json_pack("{s:i, s:s, s:s, s:s*}", "add", number, "kind", kind->name, "subject",
				      subject, "detail", detail), err);
	if (rc)
		return rc;
	rc = remember(ledger, number, kind->name, subject, detail);
	if (rc)
		return error_set(err, -rc, NULL, "cannot write the ledger: out of memory");
	ledger->entries[ledger->count - 1].kind = kind;
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

/* One complete line of the file. Lines that are no JSON of ours are passed over. */
static int read_line(struct ledger *ledger, const char *text)
{
	const char *kind_name = NULL, *subject = NULL, *detail = NULL, *boot = NULL;
	json_t *line = json_loads(text, 0, NULL);
	int number = 0, owner = 0, rc = 0;
	struct ledger_entry *entry;
	json_int_t start = 0;
	char this_boot[64];

	if (!json_unpack(line, "{s:i, s:I, s:s}", "owner", &owner, "start", &start, "boot", &boot)) {
		boot_id(this_boot);
		ledger->owner = owner;
		ledger->owner_start = (unsigned long long)start;
		/* Where either could not be read, look: undoing finds out what is there. */
		ledger->this_boot = !*boot || !*this_boot || !strcmp(boot, this_boot);
	} else if (!json_unpack(line, "{s:i, s:s, s:s, s?s}", "add", &number, "kind", &kind_name, "subject",
				&subject, "detail", &detail)) {
		rc = remember(ledger, number, kind_name, subject, detail);
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

static void find_kinds(struct ledger *ledger, const struct ledger_kind *const *kinds)
{
	for (unsigned i = 0; i < ledger->count; i++)
		for (const struct ledger_kind *const *kind = kinds; kind && *kind; kind++)
			if (!strcmp((*kind)->name, ledger->entries[i].kind_name))
				ledger->entries[i].kind = *kind;
}

int ledger_file_read(struct ledger *ledger, const struct ledger_kind *const *kinds, off_t *complete,
		     struct error *err)
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
	find_kinds(ledger, kinds);
	return rc ? error_errno(err, -rc, NULL, "cannot read the ledger in %s", ledger->directory) : 0;
}
