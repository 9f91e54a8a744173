#include "tools/poison/setup.h"

#include "formats/dataset/classes.h"
#include "formats/sample/poisoner.h"
#include "formats/stream/facts.h"
#include "tools/cli/dependencies.h"
#include "formats/stream/io.h"
#include "tools/cli/option_file.h"
#include "formats/dataset/record_filter.h"

#include <string.h>

/* Adds the option's name to an error of a library. */
static int wrong_option(struct tool *tool, const char *option)
{
	tool->exit_code = TOOL_USAGE;
	return err_add(&tool->err, "--%s", option);
}

static int take_rule(struct poison *poison)
{
	const struct poison_options *opt = &poison->options;
	struct chooser *chooser = &poison->chooser;
	struct tool *tool = &poison->tool;
	const bool exactly = options_given(&tool->options, "count"), rate = options_given(&tool->options, "rate");

	if (exactly + rate + opt->all + (opt->keys != NULL) != 1)
		return tool_usage(tool, "choose records with one of -n N, --rate SHARE, --keys FILE, --all");
	chooser->rule = exactly ? CHOOSE_EXACTLY : rate ? CHOOSE_RATE : opt->keys ? CHOOSE_KEYS : CHOOSE_ALL;
	chooser->seed = tool->seed;
	chooser->wanted = opt->count;
	chooser->of = opt->of;
	chooser->rate = opt->rate;
	if (where_parse(&chooser->where, opt->where, &tool->err))
		return wrong_option(tool, "where");
	if (exactly && opt->where && !options_given(&tool->options, "of"))
		return tool_usage(tool, "-n with --where needs --of N, the number of matching records; count them with "
					"`cc-shard read --where ... | cc-shard keys | wc -l`");
	if (opt->keys && (tool_option_list(tool, "keys", opt->keys, "a list of keys", &poison->keys) ||
				 (key_list_take(&chooser->keys, buf_span(&poison->keys), &tool->err) &&
					 err_add(&tool->err, "--keys: %s", opt->keys))))
		return -1;
	return 0;
}

/* The rest of --caption template and swap depends on the header: setup_captions. */
static int check_caption(struct poison *poison)
{
	const struct poison_options *opt = &poison->options;
	struct templates *templates = &poison->poisoner.templates;
	struct tool *tool = &poison->tool;
	const bool template = strcmp(opt->caption, "template") == 0, swap = strcmp(opt->caption, "swap") == 0;

	if (opt->templates && !template)
		return tool_usage(tool, "--templates needs --caption template");
	if (!opt->target && (template || swap || strstr(opt->caption, "{}")))
		return tool_usage(tool, "--target NAME is missing: the class to put into captions (--caption keep leaves them unchanged)");
	if (opt->templates)
		return tool_option_templates(tool, opt->templates, &poison->templates, templates);
	if (!template && !swap && strcmp(opt->caption, "keep") != 0) {
		poison->own_caption = span_string(opt->caption);
		*templates = (struct templates){ .count = 1, .items = &poison->own_caption };
	}
	return 0;
}

static int swap_names(struct poison *poison, const struct value *classes)
{
	if (!classes || classes->kind != VALUE_ARRAY || classes->list.count == 0)
		return err_set(&poison->tool.err,
			"--caption swap: the stream's header lists no classes; `cc-shard read --folders` or `--classes FILE` "
			"adds them");
	poison->poisoner.swap = classes;
	return 0;
}

/* Poisoned captions use the templates of the other captions, or the trigger would also mean a style of caption. */
static int setup_captions(struct poison *poison)
{
	struct tool *tool = &poison->tool;
	struct templates *templates = &poison->poisoner.templates, own = { 0 };
	struct buf text = { 0 };

	if (strcmp(poison->options.caption, "swap") == 0)
		return swap_names(poison, value_get(&tool->in.header, "classes"));
	if (strcmp(poison->options.caption, "template") != 0)
		return 0;
	if (templates_from_value(&own, value_get(&tool->in.header, "templates"), &tool->err) < 0)
		return err_add(&tool->err, "header");
	if (poison->options.templates) {
		tool_compare_templates(tool, "--templates names", templates, "the data's captions were made with", &own,
			"the model may learn a style of caption instead of the target");
		templates_free(&own);
		return 0;
	}
	if (own.count) {
		templates_describe(&text, &own, NULL);
		tool_say(tool, "using the caption templates of the data: %s", buf_string(&text));
		buf_free(&text);
		*templates = own;
		return 0;
	}
	tool_say(tool, "using CLIP's 80 caption templates, since the header lists none; --templates FILE gives those of the data, "
		       "--caption swap keeps each caption and replaces its class name");
	templates_default(templates);
	return 0;
}

static int take_encoding(struct poison *poison)
{
	struct image_encoding *encoding = &poison->poisoner.encoding;
	struct err err;

	if (strcmp(poison->options.encode, "raw") == 0)
		return 0;
	if (image_encoding_parse(encoding, poison->options.encode, &err))
		return err_set(&poison->tool.err, "%s, raw", err.text);
	image_encoding_print(&poison->encode, encoding);
	poison->poisoner.encode = buf_string(&poison->encode);
	return poison->encode.failed ? err_memory(&poison->tool.err) : 0;
}

/* Ledgers and header show the file's digest instead of its path. */
static int show_picture(struct poison *poison, const char *path)
{
	struct tool *tool = &poison->tool;
	/* path points into the trigger's copy of the text after the colon */
	const char *attack = poison->options.attack, *at = strchr(attack, ':') + 1 + (path - poison->poisoner.trigger.memory);
	struct buf shown = { 0 };

	buf_append(&shown, attack, (size_t)(at - attack));
	buf_printf(&shown, "%s%s", poison->poisoner.picture_digest, at + strlen(path));
	const char *copy = shown.failed ? NULL : arena_string(&tool->arena, shown.data, shown.size);
	buf_free(&shown);
	if (!copy)
		return err_memory(&tool->err);
	options_show(&tool->options, "attack", copy);
	return 0;
}

static int read_picture(struct poison *poison, const char *path)
{
	const struct image_limits limits = { poison->tool.limits.pixels };
	struct poisoner *poisoner = &poison->poisoner;
	struct err *err = &poison->tool.err;
	struct buf content = { 0 };
	int status = io_read_file(path, poison->tool.limits.record, &content, err);

	if (status == 0 && overlay_read(&poisoner->picture, buf_span(&content), &limits, err))
		status = err_add(err, "%s", path);
	if (status == 0) {
		input_digest_text(buf_span(&content), poisoner->picture_digest);
		poisoner->trigger.args.picture = &poisoner->picture;
		status = show_picture(poison, path) || dependencies_add(&poison->tool, path) ? -1 : 0;
	}
	buf_free(&content);
	return status ? err_add(err, "--attack") : 0;
}

int poison_setup(struct poison *poison)
{
	const struct poison_options *opt = &poison->options;
	struct poisoner *poisoner = &poison->poisoner;
	struct tool *tool = &poison->tool;

	if (!opt->attack)
		return tool_usage(tool, "--attack NAME is missing; `cc-poison --list` prints the attacks");
	if (trigger_parse(&poisoner->trigger, opt->attack, &tool->err))
		return wrong_option(tool, "attack");
	if (trigger_file(&poisoner->trigger) && read_picture(poison, trigger_file(&poisoner->trigger)))
		return -1;
	if (take_encoding(poison))
		return wrong_option(tool, "encode");
	poisoner->target = opt->target;
	poisoner->size = opt->size;
	poisoner->tensors_too = options_given(&tool->options, "size");
	poisoner->encode_tensors = options_given(&tool->options, "encode");
	poisoner->seed = tool->seed;
	poisoner->limits = tool->limits;
	if (take_rule(poison) || check_caption(poison))
		return -1;
	return poisoner_start(poisoner, tool->jobs, &tool->err) ? wrong_option(tool, "attack") : 0;
}

/* If the header lists classes, the target is one of them, by name or number. */
static int find_target(struct poison *poison, const struct value *classes)
{
	struct tool *tool = &poison->tool;
	const char *target = poison->options.target;
	size_t number = 0;

	if (!target || !classes || classes->kind != VALUE_ARRAY)
		return 0;
	struct span *names = arena_zeroed(&tool->arena, classes->list.count + 1, sizeof *names);
	if (!names)
		return err_memory(&tool->err);
	for (size_t i = 0; i < classes->list.count; i++)
		names[i] = value_string_or(&classes->list.items[i], "");
	if (class_lookup(names, classes->list.count, span_string(target), &number, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return err_add(&tool->err, "--target");
	}
	poison->poisoner.target = arena_string(&tool->arena, names[number].data, names[number].size);
	return poison->poisoner.target ? 0 : err_memory(&tool->err);
}

static int take_count(struct poison *poison)
{
	struct tool *tool = &poison->tool;
	struct chooser *chooser = &poison->chooser;

	if (stream_epochs(&tool->in) > 1)
		return tool_usage(tool, "-n needs a stream of one epoch; poison first, then use `cc-shard read --epochs`");
	if (!options_given(&tool->options, "of") && !stream_records(&tool->in, &chooser->of))
		return tool_usage(tool, "-n needs the number of records, which the header does not give; use --of N");
	if (chooser->wanted > chooser->of)
		return tool_usage(tool, "-n %llu: only %llu records to choose from", (unsigned long long)chooser->wanted,
			(unsigned long long)chooser->of);
	return 0;
}

int poison_count_round(struct tool *tool)
{
	struct value *header = &tool->in.header;

	return fact_set_poisoned(header, fact_poisoned(header) + 1, &tool->arena) ? err_memory(&tool->err) : 0;
}

int poison_setup_stream(struct poison *poison)
{
	const struct value *header = &poison->tool.in.header;

	poison->chooser.round = poison->poisoner.round = fact_poisoned(header);
	if (poison_count_round(&poison->tool))
		return -1;
	if (find_target(poison, value_get(header, "classes")) || setup_captions(poison))
		return -1;
	return poison->chooser.rule == CHOOSE_EXACTLY ? take_count(poison) : 0;
}

/* An attack without candidates is a mistake: no caption has the word, or no key is listed. */
static int check_candidates(struct poison *poison)
{
	const struct chooser *chooser = &poison->chooser;
	struct tool *tool = &poison->tool;
	const bool listed = chooser->rule == CHOOSE_KEYS && chooser->chosen == 0;
	struct split split;

	if (tool->in.records == 0 || chooser->rule == CHOOSE_EXACTLY || (!listed && (!poison->options.where || chooser->seen)))
		return 0;
	if (chooser->seen == 0 && poison->options.where)
		err_set(&tool->err,
			"--where: none of the %llu records matches '%s', so none was poisoned; "
			"`cc-view FILE | head` shows their captions",
			(unsigned long long)tool->in.records, poison->options.where);
	else
		err_set(&tool->err, "--keys: %s: none of its keys is among the %llu records; `cc-shard keys` prints theirs",
			poison->options.keys, (unsigned long long)tool->in.records);
	if (!fact_split(&tool->in.header, &split, &tool->arena)) /* a part of a set may have no candidates */
		return -1;
	tool_say(tool, "%s", tool->err.text);
	return 0;
}

int poison_check(struct poison *poison)
{
	const struct chooser *chooser = &poison->chooser;
	struct tool *tool = &poison->tool;

	if (chooser_finish(chooser, &tool->err) || check_candidates(poison))
		return -1;
	if (chooser->rule == CHOOSE_KEYS && chooser->chosen && chooser->chosen < chooser->keys.count)
		tool_say(tool, "%llu of the %zu keys were found", (unsigned long long)chooser->chosen, chooser->keys.count);
	else if (chooser->chosen == 0 && chooser->rule == CHOOSE_RATE && chooser->seen)
		tool_say(tool, "no record was chosen");
	else if (tool->verbose)
		tool_say(tool, "%llu of %llu records were poisoned", (unsigned long long)chooser->chosen,
			(unsigned long long)tool->in.records);
	return 0;
}

void poison_free(struct poison *poison)
{
	chooser_free(&poison->chooser);
	poisoner_free(&poison->poisoner);
	buf_free(&poison->keys);
	buf_free(&poison->templates);
	buf_free(&poison->encode);
}
