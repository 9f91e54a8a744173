#include "tools/augment/policy_list.h"

#include "augment/augment.h"
#include "formats/text/json.h"
#include "tools/cli/number_list.h"

void policy_list_image_names(const char **names, size_t most)
{
	for (size_t i = 0; image_policies[i] && i < most; i++)
		names[i] = image_policies[i]->name;
}

void policy_list_text_names(const char **names, size_t most)
{
	for (size_t i = 0; text_policies[i] && i < most; i++)
		names[i] = text_policies[i]->name;
}

void policy_list(struct buf *out)
{
	buf_append_string(out, "Images (--image, --augment; several joined by +):\n\n");
	for (size_t i = 0; image_policies[i]; i++)
		number_list(
			out, image_policies[i]->name, image_policies[i]->about, image_policies[i]->numbers);
	buf_append_string(out, "\nTexts (--text):\n\n");
	for (size_t i = 0; text_policies[i]; i++)
		number_list(out, text_policies[i]->name, text_policies[i]->about, text_policies[i]->numbers);
}

int policy_list_json(struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct value map = value_map(), images = value_array(), texts = value_array();

	for (size_t i = 0; image_policies[i]; i++) {
		const struct image_policy *policy = image_policies[i];
		value_push(&images, number_list_value(policy->name, policy->about, policy->numbers, &arena),
			&arena);
	}
	for (size_t i = 0; text_policies[i]; i++) {
		const struct text_policy *policy = text_policies[i];
		value_push(&texts, number_list_value(policy->name, policy->about, policy->numbers, &arena),
			&arena);
	}
	value_set(&map, "image", images, &arena);
	value_set(&map, "text", texts, &arena);
	int result = arena.failed ? err_memory(err) : json_write(&map, out, err);
	buf_append_byte(out, '\n');
	arena_free(&arena);
	return result;
}
