/* Damaged pickles as PyTorch writes them. */
#include "formats/tensor/torch_pt.h"
#include "tests/fuzz/driver.h"

static const char *const files[] = { "state_dict", "training", "script", "odd" };

static bool seed(unsigned number, struct buf *bytes)
{
	struct torch_pt file;
	struct err err;
	char path[100];

	if (number == sizeof files / sizeof *files)
		return false;
	snprintf(path, sizeof path, "tests/golden/torch_pt/%s.pt", files[number]);
	if (torch_pt_open(&file, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	buf_append_span(bytes, buf_span(&file.pickle));
	torch_pt_close(&file);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct torch_pt file = { 0 };
	struct err err = { "" };
	struct pickle *root = pickle_read(span_of(data, size), &arena, &err);

	reached[0] += root != NULL;
	if ((!root || torch_find_tensors(&file, root, &err)) && !err.text[0])
		abort(); /* an error without a message */
	arena_free(&arena);
	torch_pt_close(&file);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	return drive(argc, argv, "pickles", 800, seed, 1);
}
#endif
