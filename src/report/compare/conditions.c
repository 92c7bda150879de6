/* SPDX-License-Identifier: Apache-2.0 */
/* What differs in the environment of two runs, and whether it bears on their figures. */
#include <string.h>

#include "report/compare/internal.h"
#include "report/figures.h"
#include "util/list.h"

#define TEXT 160
#define PROCESSORS_MAX 4096

static void append(char *text, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used ? separator : "", word);
}

/* As text; false where the record does not have it at all: an older lanebench did not look. */
typedef bool property_read(const json_t *run, const char *path, char text[TEXT]);

static bool read_value(const json_t *run, const char *path, char text[TEXT])
{
	const char *dot = strrchr(path, '.');
	char parent[64];
	const json_t *value;

	if (dot) { /* null, which is an answer, from the absence of one */
		snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
		value = json_object_get(trial_value(run, parent), dot + 1);
	} else {
		value = json_object_get(run, path);
	}
	if (!value)
		return false;
	if (json_is_null(value))
		snprintf(text, TEXT, "none known");
	else if (json_is_boolean(value))
		snprintf(text, TEXT, "%s", json_is_true(value) ? "on" : "off");
	else if (json_is_number(value))
		snprintf(text, TEXT, "%.15g", json_number_value(value));
	else
		snprintf(text, TEXT, "%s", !json_is_string(value) ? "?" : *json_string_value(value) ?
			 json_string_value(value) : "none");
	return true;
}

/* How many there are; which ones does not matter. */
static bool read_processors(const json_t *run, const char *path, char text[TEXT])
{
	static int list[PROCESSORS_MAX];
	const char *usable = json_string_value(trial_value(run, path));
	int count = usable ? list_parse(usable, list, PROCESSORS_MAX, NULL) : 0;

	if (count <= 0)
		return read_value(run, path, text);
	snprintf(text, TEXT, "%d", count);
	return true;
}

/* As it was during the run: what lanebench set, or else what it found. */
static bool read_tuned(const json_t *run, const char *path, char text[TEXT])
{
	char tuned[64];

	snprintf(tuned, sizeof(tuned), "tuning.%s.now", strrchr(path, '.') + 1);
	return read_value(run, trial_value(run, tuned) ? tuned : path, text);
}

static const struct property {
	const char *name, *path;
	bool told_only; /* does not bear on figures by itself */
	property_read *read;
} properties[] = {
	{ "lanebench", "lanebench", false, read_value },
	{ "kernel", "environment.kernel.release", false, read_value },
	{ "kernel", "environment.kernel.version", false, read_value },
	{ "command-line", "environment.kernel.command_line", false, read_value },
	{ "processor", "environment.processor.model", false, read_value },
	{ "processor", "environment.kernel.architecture", false, read_value },
	{ "processors", "environment.processor.usable", false, read_processors },
	{ "processors", "environment.processor.cores", false, read_value },
	{ "processors", "environment.processor.nodes", false, read_value },
	{ "microcode", "environment.processor.microcode", false, read_value },
	{ "governor", "environment.governor", false, read_tuned },
	{ "turbo", "environment.turbo", false, read_tuned },
	{ "smt", "environment.smt", false, read_value },
	{ "isolation", "environment.isolated", false, read_value },
	{ "isolation", "environment.nohz_full", false, read_value },
	{ "interrupts", "environment.irq_affinity", false, read_value },
	{ "tick", "environment.tick_hz", false, read_value },
	{ "watchdog", "environment.nmi_watchdog", false, read_value },
	{ "idle", "environment.idle_driver", false, read_value },
	{ "clock", "environment.clocksource", false, read_value },
	{ "clock", "clock.kind", false, read_value },
	{ "hypervisor", "environment.hypervisor", false, read_value },
	{ "lsm", "environment.lsm", false, read_value },
	{ "buffers", "environment.rmem_max", false, read_value },
	{ "buffers", "environment.wmem_max", false, read_value },
	{ "backlog", "environment.netdev_max_backlog", false, read_value },
	{ "distribution", "environment.distribution", true, read_value },
	{ "memory", "environment.memory_bytes", true, read_value },
	{ "cgroup", "environment.cgroup", true, read_value },
	{ "quota", "environment.limits.processors", false, read_value },
	{ "nice", "environment.limits.nice", false, read_value },
	{ "scheduling", "environment.limits.scheduling", false, read_value },
	{ "libc", "environment.versions.libc", true, read_value },
	{ "compiler", "environment.versions.compiler", true, read_value },
};

#define PROPERTIES (sizeof(properties) / sizeof(*properties))
#define MITIGATIONS "mitigations" /* environment.mitigations: {name: text} */
#define VERSION "version"         /* of a switch or a runtime: bears on its own tests alone */

/* Flags of trials that change what is measured: most trials of one side alone must not have one. */
static const struct {
	const char *property, *flag;
} bearing_flags[] = {
	{ "hugepages", "no_hugepages" },
	{ "placement", "oversubscribed" },
	{ "placement", "siblings" },
	{ "placement", "nodes" },
};

#define FLAGS (sizeof(bearing_flags) / sizeof(*bearing_flags))

const char *const *compare_properties(void)
{
	static const char *names[PROPERTIES + FLAGS + 3];
	size_t count = 0;

	for (size_t i = 0; i < PROPERTIES; i++)
		if (!properties[i].told_only && (!count || strcmp(names[count - 1], properties[i].name) != 0))
			names[count++] = properties[i].name;
	names[count++] = MITIGATIONS;
	names[count++] = VERSION;
	for (size_t i = 0; i < FLAGS; i++)
		if (strcmp(names[count - 1], bearing_flags[i].property) != 0)
			names[count++] = bearing_flags[i].property;
	names[count] = NULL;
	return names;
}

static bool is_across(const char *const *across, const char *property)
{
	for (; across && *across; across++)
		if (!strcmp(*across, property))
			return true;
	return false;
}

static struct compare_difference *add_difference(struct compare_set *set, const char *property,
						 const char *base, const char *new, const char *const *across)
{
	struct compare_difference *difference = &set->difference[set->differences];

	if (set->differences == COMPARE_DIFFERENCES_MAX)
		return NULL;
	set->differences++;
	difference->property = property;
	snprintf(difference->base, sizeof(difference->base), "%s", base);
	snprintf(difference->new, sizeof(difference->new), "%s", new);
	difference->bears = true;
	difference->across = is_across(across, property);
	return difference;
}

static const char *text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? text : "none known";
}

static json_t *mitigations_of(const json_t *run)
{
	return json_object_get(json_object_get(run, "environment"), "mitigations");
}

/* All that differ are one difference. */
static void compare_mitigations(struct compare_set *set, json_t *base, const json_t *new,
				const char *const *across)
{
	char base_text[TEXT] = "", new_text[TEXT] = "";
	const char *name;
	json_t *value;

	if (!json_is_object(base) || !json_is_object(new))
		return;
	json_object_foreach(base, name, value) {
		const json_t *other = json_object_get(new, name);
		size_t used = strlen(base_text), more = strlen(new_text);

		if (!other || json_equal(value, other)) /* a kernel without it differs as a kernel */
			continue;
		snprintf(base_text + used, sizeof(base_text) - used, "%s%s: %.60s", used ? "; " : "", name,
			 text_of(value));
		snprintf(new_text + more, sizeof(new_text) - more, "%s%s: %.60s", more ? "; " : "", name,
			 text_of(other));
	}
	if (*base_text)
		add_difference(set, MITIGATIONS, base_text, new_text, across);
}

/* "kernel 6.18.44": of what the kernel itself brings; that is told as the kernel. */
static bool is_of_kernel(const json_t *run, const char *version)
{
	const char *release = json_string_value(trial_value(run, "environment.kernel.release"));

	return release && !strncmp(version, "kernel ", 7) && !strcmp(version + 7, release);
}

static void compare_versions(struct compare_set *set, const json_t *base, const json_t *new,
			     const char *const *across)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(base, "catalogue"), name, value) {
		const json_t *other = json_object_get(json_object_get(new, "catalogue"), name);
		struct compare_difference *difference;

		if (!other || json_equal(value, other) ||
		    (is_of_kernel(base, text_of(value)) && is_of_kernel(new, text_of(other))))
			continue;
		difference = add_difference(set, VERSION, text_of(value), text_of(other), across);
		if (difference)
			snprintf(difference->of, sizeof(difference->of), "%s", name);
	}
}

/* A property that one record alone has: nothing can be said of it, and not that it is the same. */
static void add_unrecorded(struct compare_set *set, const char *property)
{
	if (!strstr(set->unrecorded, property))
		append(set->unrecorded, sizeof(set->unrecorded), ", ", property);
}

static void compare_property(struct compare_set *set, const struct property *property, const json_t *base,
			     const json_t *new, const char *const *across)
{
	char base_text[TEXT], new_text[TEXT];
	const bool of_base = property->read(base, property->path, base_text),
		   of_new = property->read(new, property->path, new_text);
	struct compare_difference *difference;

	if (of_base != of_new && !property->told_only)
		add_unrecorded(set, property->name);
	if (!of_base || !of_new || !strcmp(base_text, new_text))
		return;
	difference = add_difference(set, property->name, base_text, new_text, across);
	if (difference)
		difference->bears = !property->told_only;
}

void conditions_compare(struct compare_set *set, const struct record_view *base,
			const struct record_view *new, const char *const *across)
{
	compare_versions(set, base->run, new->run, across); /* first: of these there may be many */
	for (size_t i = 0; i < PROPERTIES; i++)
		compare_property(set, &properties[i], base->run, new->run, across);
	if (!mitigations_of(base->run) != !mitigations_of(new->run))
		add_unrecorded(set, MITIGATIONS);
	compare_mitigations(set, mitigations_of(base->run), mitigations_of(new->run), across);
}

/* ---- what it means for a test -------------------------------------------------------------------------- */

static bool difference_concerns(const struct compare_difference *difference, const struct digest_row *row)
{
	return difference->bears && !difference->across &&
	       (!difference->of[0] || !strcmp(difference->of, row->value[PARAMETER_SWITCH].text) ||
		!strcmp(difference->of, row->value[PARAMETER_RUNTIME].text));
}

static void forbid(struct comparison *comparison, const char *what, const char *across)
{
	comparison->verdict = VERDICT_INCOMPARABLE;
	snprintf(comparison->why, sizeof(comparison->why), "%.200s", what);
	snprintf(comparison->remedy, sizeof(comparison->remedy), "%s%.120s", *across ? "--across " : "",
		 *across ? across : "run both for the same time");
}

/* Trials of a row that count and have the flag. */
static size_t count_flag(const struct digest_row *row, const char *flag)
{
	size_t count = 0, f;

	for (size_t i = 0; i < row->count; i++) {
		const json_t *flags = json_object_get(row->trials[i], "flags"), *each;

		if (!trial_is_ok(row->trials[i]))
			continue;
		json_array_foreach(flags, f, each)
			if (json_is_string(each) && !strcmp(json_string_value(each), flag)) {
				count++;
				break;
			}
	}
	return count;
}

static bool mostly(const struct digest_row *row, const char *flag)
{
	return 2 * count_flag(row, flag) > row->ok;
}

void conditions_forbid(const struct compare_set *set, struct comparison *comparison,
		       const char *const *across)
{
	char names[128] = "", what[200] = "", what_of[96];

	for (size_t i = 0; i < set->differences; i++) {
		const struct compare_difference *difference = &set->difference[i];

		if (!difference_concerns(difference, comparison->base))
			continue;
		snprintf(what_of, sizeof(what_of), "%s%s%s", difference->property,
			 *difference->of ? " of " : "", difference->of);
		if (!strstr(what, what_of))
			append(what, sizeof(what), ", ", what_of);
		if (!strstr(names, difference->property))
			append(names, sizeof(names), ",", difference->property);
	}
	for (size_t i = 0; i < FLAGS; i++) {
		const char *flag = bearing_flags[i].flag;

		if (is_across(across, bearing_flags[i].property) ||
		    mostly(comparison->base, flag) == mostly(comparison->new, flag))
			continue;
		append(what, sizeof(what), ", ", flag);
		if (!strstr(names, bearing_flags[i].property))
			append(names, sizeof(names), ",", bearing_flags[i].property);
	}
	if (*what) {
		append(what, sizeof(what), " ", strchr(what, ',') ? "differ" : "differs");
		forbid(comparison, what, names);
	} else if (comparison->figure == FIGURE_MAX &&
		   strcmp(comparison->base->value[PARAMETER_DURATION].text,
			  comparison->new->value[PARAMETER_DURATION].text) != 0) {
		forbid(comparison, "the longer a trial, the higher its maximum: the durations differ", "");
	}
}

/* Each flag that occurs, once: from the trials of a row into `seen`. */
static size_t collect_flags(const struct digest_row *row, const char **seen, size_t count, size_t max)
{
	size_t f, s;

	for (size_t i = 0; i < row->count; i++) {
		const json_t *flags = json_object_get(row->trials[i], "flags"), *each;

		json_array_foreach(flags, f, each) {
			if (!json_is_string(each))
				continue;
			for (s = 0; s < count && strcmp(seen[s], json_string_value(each)) != 0;)
				s++;
			if (s == count && count < max)
				seen[count++] = json_string_value(each);
		}
	}
	return count;
}

void conditions_flags(struct comparison *comparison)
{
	const struct digest_row *base = comparison->base, *new = comparison->new;
	const char *seen[16];
	size_t count = collect_flags(base, seen, 0, 16);

	count = collect_flags(new, seen, count, 16);
	for (size_t i = 0; i < count; i++) {
		const size_t of_base = count_flag(base, seen[i]), of_new = count_flag(new, seen[i]);
		char text[96];

		if (of_base * new->ok == of_new * base->ok) /* the same share of both: it explains nothing */
			continue;
		snprintf(text, sizeof(text), "%.40s (%zu/%zu, %zu/%zu)", seen[i], of_base, base->ok, of_new,
			 new->ok);
		append(comparison->flags, sizeof(comparison->flags), ", ", text);
	}
}
