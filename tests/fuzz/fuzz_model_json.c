/* Damaged JSON of other programs' models: Hugging Face's configuration, an index of shards, a tokenizer. */
#include "clip/hf_config.h"
#include "formats/text/json.h"
#include "formats/tensor/weight_index.h"
#include "tests/fuzz/driver.h"
#include "text/bpe.h"

static const char *const seeds[] = {
	"{\"model_type\": \"clip\", \"projection_dim\": 4, \"text_config\": {\"hidden_size\": 8, \"num_attention_heads\": 2, \"hidden_act\": \"gelu\","
	"\"eos_token_id\": [2], \"layer_norm_eps\": 1e-5, \"odd\": 1}, \"vision_config_dict\": {\"image_size\": [8, 8], \"hidden_act\": \"gelu\"}}",
	"{\"metadata\": {\"total_size\": 12}, \"weight_map\": {\"a\": \"m-00001-of-00002.safetensors\", \"b\": \"folder/m-00002-of-00002.safetensors\"}}",
	"{\"added_tokens\": [{\"id\": 513, \"content\": \"<|endoftext|>\"}], \"normalizer\": {\"type\": \"Lowercase\"}, \"model\": {\"type\": \"BPE\","
	"\"end_of_word_suffix\": \"</w>\", \"vocab\": {\"!\": 0, \"a\": 64, \"a</w>\": 320, \"ab\": 512}, \"merges\": [\"a b\", [\"ab\", \"c</w>\"]]}}",
};

static bool seed(unsigned number, struct buf *bytes)
{
	if (number == sizeof seeds / sizeof *seeds)
		return false;
	buf_append_string(bytes, seeds[number]);
	return true;
}

static void check(int status, const struct err *err)
{
	if (status && !err->text[0])
		abort(); /* an error without a message */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct stated stated;
	struct weight_index index;
	struct value json;
	struct err err = { "" };

	const int indexed = weight_index_read(&index, span_of(data, size), &err);
	check(indexed, &err);
	reached[0] += indexed == 0;
	weight_index_free(&index);
	err.text[0] = 0;
	if (json_read(span_of(data, size), &limits, &arena, &json, &err) == 0) {
		err.text[0] = 0;
		const int read = hf_config_read(&stated, &json, &text, &err);
		check(read, &err);
		reached[1] += read == 0 && hf_config_is(&json);
		buf_clear(&text);
		err.text[0] = 0;
		check(vocabulary_of_tokenizer(&json, &text, &err), &err);
	}
	buf_free(&text);
	arena_free(&arena);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	return drive(argc, argv, "JSON of foreign models", 800, seed, 2);
}
#endif
