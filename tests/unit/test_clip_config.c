#include "clip/clip.h"
#include "formats/text/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define TEXT                        "\"text_cfg\":{\"context_length\":16,\"vocab_size\":1024,\"width\":128,\"heads\":4,\"layers\":2}"
#define VISION                      "\"vision_cfg\":{\"image_size\":32,\"block\":\"basic\",\"width\":32,\"layers\":[1,2,1],\"widths\":[48,96,192]}"
#define VIT(more)                   "\"vision_cfg\":{\"image_size\":32,\"layers\":2,\"width\":128,\"patch_size\":8" more "}"
#define RESNET(layers, width, size) "\"vision_cfg\":{\"image_size\":" size ",\"layers\":" layers ",\"width\":" width ",\"patch_size\":null}"

static int read_config(const char *text, struct clip_config *config, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct value json;

	if (json_read(span_string(text), &limits, &arena, &json, err))
		fail_msg("%s: %s", text, err->text);
	int status = clip_config_read(config, &json, err);
	arena_free(&arena);
	return status;
}

static void a_config_is_read(void **state)
{
	struct clip_config config;
	struct err err;

	(void)state;
	if (read_config("{\"embed_dim\":64,\"quick_gelu\":true,\"custom_text\":false,\"init_logit_bias\":null," VISION "," TEXT "}",
		    &config, &err))
		fail_msg("%s", err.text);
	assert_true(config.embed_dim == 64 && config.quick_gelu && config.vision.layers[1] == 2);
	assert_true(config.vision.widths[2] == 192 && config.vision.widths[3] == 0 && config.text.vocab_size == 1024);
	assert_true(config.mean[0] > .481f && config.mean[0] < .482f);
	assert_string_equal(config.tower->name, "resnet_basic");
}

static void a_wrapped_config_is_read(void **state)
{
	struct clip_config config;
	struct err err;

	(void)state;
	if (read_config("{\"model_cfg\":{\"embed_dim\":64," VISION "," TEXT "},\"preprocess_cfg\":{\"mean\":[0,0.5,1],"
			"\"std\":[1,1,2],\"interpolation\":\"bicubic\"}}",
		    &config, &err))
		fail_msg("%s", err.text);
	assert_true(!config.quick_gelu && config.mean[1] == .5f && config.std[2] == 2);
}

/* With every value of open_clip's that is accepted and has no effect. */
static void published_configs_are_read(void **state)
{
	struct clip_config config;
	struct err err;

	(void)state;
	if (read_config("{\"embed_dim\":64,\"init_logit_bias\":null," VIT(
				",\"head_width\":32,\"mlp_ratio\":4.3637,\"pool_type\":\"tok\","
				"\"patch_dropout\":0.0,\"attentional_pool\":false,\"attn_pooler_queries\":256,\"timm_model_name\":null,"
				"\"timm_pool\":\"avg\",\"ls_init_value\":null,\"no_ln_pre\":false,\"qk_norm\":false") "," TEXT "}",
		    &config, &err))
		fail_msg("%s", err.text);
	assert_string_equal(config.tower->name, "vit");
	assert_true(config.vision.layers[0] == 2 && config.vision.head_width == 32 && config.vision.mlp_ratio == 4.3637);
	if (read_config("{\"embed_dim\":64," RESNET("[3,4,6,3]", "64", "224") "," TEXT "}", &config, &err))
		fail_msg("%s", err.text);
	assert_string_equal(config.tower->name, "modified_resnet");
	assert_true(config.vision.layers[3] == 3 && config.vision.head_width == 64);
}

static void every_parameter_has_its_name_shape_and_initial_value(void **state)
{
	static const struct {
		const char *name;
		size_t shape[TENSOR_RANK];
		double std; /* of the initial values */
	} expected[] = {
		{ "logit_scale", { 1, 1, 1, 1 }, 0 },
		{ "visual.conv1.weight", { 32, 3, 3, 3 }, .111111 },
		{ "visual.layer1.0.downsample.0.weight", { 48, 32, 1, 1 }, .102062 },
		{ "visual.layer1.0.downsample.1.running_var", { 48, 1, 1, 1 }, 0 },
		{ "visual.layer2.1.conv2.weight", { 96, 96, 3, 3 }, .019642 },
		{ "visual.proj", { 192, 64, 1, 1 }, .072169 },
		{ "positional_embedding", { 16, 128, 1, 1 }, .01 },
		{ "token_embedding.weight", { 1024, 128, 1, 1 }, .02 },
		{ "transformer.resblocks.1.attn.in_proj_weight", { 384, 128, 1, 1 }, .088388 },
		{ "transformer.resblocks.0.mlp.c_proj.weight", { 128, 512, 1, 1 }, .044194 },
		{ "transformer.resblocks.0.attn.out_proj.weight", { 128, 128, 1, 1 }, .044194 },
		{ "transformer.resblocks.1.mlp.c_fc.weight", { 512, 128, 1, 1 }, .0625 },
		{ "ln_final.bias", { 128, 1, 1, 1 }, 0 },
		{ "text_projection", { 128, 64, 1, 1 }, .088388 },
	};
	struct clip_config config;
	struct err err;
	size_t shape[TENSOR_RANK];

	(void)state;
	assert_int_equal(read_config("{\"embed_dim\":64," VISION "," TEXT "}", &config, &err), 0);
	struct clip *clip = clip_new(&config, &err);
	assert_non_null(clip);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const struct parameter *parameter = parameters_find(&clip->parameters, expected[i].name);
		if (!parameter)
			fail_msg("no %s", expected[i].name);
		parameter_shape(parameter, shape);
		assert_memory_equal(shape, expected[i].shape, sizeof shape);
		if (!(fabs((double)parameter->std - expected[i].std) < 1e-6))
			fail_msg("%s begins with %g, not %g", expected[i].name, (double)parameter->std, expected[i].std);
	}
	assert_null(parameters_find(&clip->parameters, "visual.layer2.1.downsample.0.weight"));
	clip_free(clip);
}

static const struct {
	const char *text, *reason;
} refused[] = {
	{ "[]", "missing, or not a map" },
	{ "{}", "embed_dim: missing" },
	{ "{\"embed_dim\":0," VISION "," TEXT "}", "embed_dim: must be a whole number from 1" },
	{ "{\"embed_dim\":1.5," VISION "," TEXT "}", "embed_dim" },
	{ "{\"embed_dim\":1e30," VISION "," TEXT "}", "embed_dim" },
	{ "{\"embed_dim\":\"64\"," VISION "," TEXT "}", "embed_dim" },
	{ "{\"embed_dim\":64,\"multimodal_cfg\":{}," VISION "," TEXT "}", "multimodal_cfg: unknown" },
	{ "{\"embed_dim\":64,\"quick_gelu\":1," VISION "," TEXT "}", "quick_gelu" },
	{ "{\"embed_dim\":64," TEXT "}", "vision_cfg: missing" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"layers\":\"deep\"}," TEXT "}",
		"unknown image tower (supported: resnet_basic, modified_resnet, vit)" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"block\":\"basic\",\"layers\":[]}," TEXT "}", "layers: must be a list" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"block\":\"basic\",\"layers\":[1,0]}," TEXT "}", "layers: must be a whole" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"block\":\"basic\",\"layers\":[1],\"act\":\"silu\"}," TEXT "}",
		"vision_cfg: act: unknown (known: image_size" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"image_size\":32,\"block\":\"basic\",\"width\":8,\"layers\":[1,1],\"widths\":[8]}," TEXT "}",
		"widths: must have as many numbers as layers, 2" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"image_size\":30,\"block\":\"basic\",\"width\":8,\"layers\":[1,1],"
	  "\"widths\":[8,8]}," TEXT "}",
		"image_size: 30 is not a multiple of 4" },
	{ "{\"embed_dim\":64," VISION ",\"text_cfg\":{\"context_length\":16,\"vocab_size\":1024,\"width\":128,\"heads\":3,"
	  "\"layers\":2}}",
		"heads: the width, 128, is not a multiple of 3" },
	{ "{\"embed_dim\":64," VISION ",\"text_cfg\":{\"context_length\":16,\"vocab_size\":1024,\"width\":128,\"heads\":4,"
	  "\"layers\":2,\"no_causal_mask\":true}}",
		"no_causal_mask: unknown" },
	{ "{\"embed_dim\":64,\"custom_text\":true," VISION "," TEXT "}", "custom_text: unknown" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"timm_model_name\":\"convnext\"}," TEXT "}",
		"timm_model_name: timm towers are not supported" },
	{ "{\"embed_dim\":64," VIT(",\"pool_type\":\"avg\"") "," TEXT "}", "vision_cfg: pool_type: only tok" },
	{ "{\"embed_dim\":64," VIT(",\"attentional_pool\":true") "," TEXT "}", "vision_cfg: attentional_pool: unknown" },
	{ "{\"embed_dim\":64," VIT(",\"patch_dropout\":0.5") "," TEXT "}", "vision_cfg: patch_dropout: only 0" },
	{ "{\"embed_dim\":64," VIT(",\"ls_init_value\":1e-5") "," TEXT "}", "vision_cfg: ls_init_value: unknown" },
	{ "{\"embed_dim\":64," VIT(",\"norm_kwargs\":{\"eps\":1e-6}") "," TEXT "}", "vision_cfg: norm_kwargs: unknown" },
	{ "{\"embed_dim\":64," VIT(",\"mlp_ratio\":\"wide\"") "," TEXT "}", "vision_cfg: mlp_ratio: must be a number from 1 to" },
	{ "{\"embed_dim\":64," VIT(",\"head_width\":48") "," TEXT "}", "vision_cfg: head_width: 48 does not divide the width, 128" },
	{ "{\"embed_dim\":64," VIT(",\"no_ln_pre\":1") "," TEXT "}", "vision_cfg: no_ln_pre: must be true or false" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"image_size\":32,\"layers\":2,\"width\":128,\"patch_size\":33}," TEXT "}",
		"patch_size: 33 exceeds image_size, 32" },
	{ "{\"embed_dim\":64,\"vision_cfg\":{\"image_size\":32,\"layers\":2,\"width\":128,\"patch_size\":null}," TEXT "}",
		"patch_size: missing" },
	{ "{\"embed_dim\":64," RESNET("[3,4,6]", "64", "224") "," TEXT "}", "layers: CLIP's ResNets have 4 stages" },
	{ "{\"embed_dim\":64," RESNET("[3,4,6,3,1]", "64", "224") "," TEXT "}", "layers: CLIP's ResNets have 4 stages" },
	{ "{\"embed_dim\":64," RESNET("[3,4,6,3]", "63", "224") "," TEXT "}", "width: 63 is odd" },
	{ "{\"embed_dim\":64," RESNET("[3,4,6,3]", "64", "225") "," TEXT "}", "image_size: 225 is not a multiple of 32" },
	{ "{\"embed_dim\":64," RESNET("[3,4,6,3]", "64,\"head_width\":60", "224") "," TEXT "}",
		"head_width: 60 does not divide the last stage" },
	{ "{\"embed_dim\":64," VISION ",\"text_cfg\":{\"context_length\":16,\"vocab_size\":1024,\"width\":128,\"heads\":4,"
	  "\"layers\":2,\"pool_type\":\"last\"}}",
		"text_cfg: pool_type: only argmax" },
	{ "{\"embed_dim\":64," VISION ",\"text_cfg\":{\"context_length\":16,\"vocab_size\":1024,\"width\":128,\"heads\":4,"
	  "\"layers\":2,\"hf_model_name\":\"roberta-base\"}}",
		"text_cfg: hf_model_name: unknown" },
	{ "{\"embed_dim\":64," VISION "," TEXT ",\"preprocess_cfg\":{\"std\":[1,0,1]}}", "preprocess_cfg: std" },
	{ "{\"embed_dim\":64," VISION "," TEXT ",\"preprocess_cfg\":{\"mean\":[1,1]}}", "preprocess_cfg: mean" },
};

static void unsupported_configs_are_refused(void **state)
{
	struct clip_config config;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(read_config(refused[i].text, &config, &err), -1);
		if (!strstr(err.text, refused[i].reason))
			fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].text, err.text, refused[i].reason);
	}
}

/* Sizes that are each valid but together too large. */
static void a_huge_model_is_an_error(void **state)
{
	struct clip_config config;
	struct err err;

	(void)state;
	assert_int_equal(read_config("{\"embed_dim\":65536," VISION ",\"text_cfg\":{\"context_length\":65536,"
				     "\"vocab_size\":16777216,\"width\":65536,\"heads\":1,\"layers\":1000}}",
				 &config, &err),
		0);
	struct clip *clip = clip_new(&config, &err);
	assert_non_null(clip);
	assert_true(clip->parameters.floats > (size_t)1 << 40);
	assert_int_equal(clip_allocate(clip, &err), -1);
	clip_free(clip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_is_read),
		cmocka_unit_test(a_wrapped_config_is_read),
		cmocka_unit_test(published_configs_are_read),
		cmocka_unit_test(every_parameter_has_its_name_shape_and_initial_value),
		cmocka_unit_test(unsupported_configs_are_refused),
		cmocka_unit_test(a_huge_model_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
