/* Damaged model files: safetensors headers, and the configuration as JSON. */
#include "clip/clip.h"
#include "tests/fuzz/driver.h"
#include "formats/text/json.h"
#include "formats/tensor/safetensors.h"

static const char *const seeds[] = {
	"{\"__metadata__\":{\"config\":\"{}\",\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
	"\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}",
	"{\"embed_dim\":64,\"quick_gelu\":true,\"vision_cfg\":{\"image_size\":32,\"block\":\"basic\",\"width\":32,\"layers\":[1,1,1],"
	"\"widths\":[48,96,192]},\"text_cfg\":{\"context_length\":16,\"vocab_size\":99,\"width\":128,\"heads\":4,\"layers\":2},"
	"\"preprocess_cfg\":{\"mean\":[0.48,0.457,0.4],\"std\":[0.26,0.26,0.27]}}",
	"{\"model_cfg\":{\"embed_dim\":8,\"vision_cfg\":{\"layers\":[9],\"widths\":[1],\"block\":\"basic\",\"width\":1,"
	"\"image_size\":2},\"text_cfg\":{\"context_length\":2,\"vocab_size\":3,\"width\":1,\"heads\":1,\"layers\":1}}}",
};

static bool seed(unsigned number, struct buf *bytes)
{
	if (number == sizeof seeds / sizeof *seeds)
		return false;
	buf_append_string(bytes, seeds[number]);
	return true;
}

/* Builds the table of names and shapes, but does not allocate memory for values. */
static void read_config(struct span text)
{
	struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct clip_config config;
	struct value json;
	struct err err;

	if (json_read(text, &limits, &arena, &json, &err) == 0 && clip_config_read(&config, &json, &err) == 0) {
		reached[1]++;
		clip_free(clip_new(&config, &err));
	}
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct safetensors file;
	struct err err;

	if (safetensors_parse(&file, span_of(data, size), 32, &err) == 0) {
		reached[0]++;
		for (size_t i = 0; i < file.count; i++)
			if (file.tensors[i].end > 32 || file.tensors[i].rank > SAFETENSORS_RANK)
				abort();
		safetensors_close(&file);
	}
	read_config(span_of(data, size));
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	return drive(argc, argv, "model headers and configurations", 20000, seed, 2);
}
#endif
