/* The numbers of heads of published architectures, which shapes do not determine, as in open_clip's model_configs. */
#include "clip/published.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void heads_by_shapes(void **state)
{
	(void)state;
	assert_int_equal(published_vit_head_width(768, 12, 32, 3072), 64);
	assert_int_equal(published_vit_head_width(1024, 24, 14, 4096), 64);
	assert_int_equal(published_vit_head_width(1280, 32, 14, 5120), 80);
	assert_int_equal(published_vit_head_width(1408, 40, 14, 6144), 88);
	assert_int_equal(published_vit_head_width(1664, 48, 14, 8192), 104);
	assert_int_equal(published_vit_head_width(1792, 56, 14, 15360), 112);
	assert_int_equal(published_vit_head_width(1280, 31, 14, 5120), 0);
	assert_int_equal(published_vit_head_width(1280, 32, 32, 5120), 0);
	assert_int_equal(published_vit_head_width(1280, 32, 14, 5121), 0);
	assert_int_equal(published_resnet_head_width(64, (size_t[]){ 3, 4, 23, 3 }), 64);
	assert_int_equal(published_resnet_head_width(64, (size_t[]){ 3, 4, 22, 3 }), 0);
	assert_int_equal(published_text_heads(512, 12), 8);
	assert_int_equal(published_text_heads(1024, 24), 16);
	assert_int_equal(published_text_heads(1280, 32), 20);
	assert_int_equal(published_text_heads(1280, 12), 0);
}

static void names(void **state)
{
	bool quick_gelu = false;

	(void)state;
	assert_string_equal(published_find("ViT-B-32", &quick_gelu)->name, "ViT-B-32");
	assert_false(quick_gelu);
	assert_string_equal(published_find("ViT-B-32-quickgelu", &quick_gelu)->name, "ViT-B-32");
	assert_true(quick_gelu);
	assert_null(published_find("ViT-B-3", &quick_gelu));
	assert_null(published_find("-quickgelu", &quick_gelu));
	assert_null(published_find("", &quick_gelu));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_by_shapes),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
