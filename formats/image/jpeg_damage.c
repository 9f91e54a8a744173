#include "formats/image/jpeg_parts.h"

#include <jerror.h>

static void fail(j_common_ptr jpeg)
{
	struct jpeg_run *run = jpeg->client_data;
	char message[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, message);
	if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY)
		err_memory(run->err);
	else
		err_set(run->err, "%s", run->ended ? "premature end of data" : message);
	longjmp(run->failed, 1);
}

static void ignore(j_common_ptr jpeg, int level)
{
	(void)jpeg, (void)level;
}

struct jpeg_error_mgr *jpeg_run_errors(struct jpeg_run *run)
{
	struct jpeg_error_mgr *errors = jpeg_std_error(&run->errors);

	errors->error_exit = fail;
	errors->emit_message = ignore;
	return errors;
}

/* The bytes that libjpeg skipped before the marker it has just found. */
static struct span skipped_bytes(const struct jpeg_decompress_struct *jpeg, struct span bytes)
{
	const unsigned char *next = jpeg->src->next_input_byte, *end = bytes.data + bytes.size;
	const size_t count = (size_t)jpeg->err->msg_parm.i[0];

	if (next < bytes.data || next > end) /* in the end marker that the source added */
		next = end;
	const size_t before = (size_t)(next - bytes.data);
	return count < before ? span_of(next - count, count) : span_of(bytes.data, before);
}

static bool is_padding(struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		if (bytes.data[i] != 0x00 && bytes.data[i] != 0xFF)
			return false;
	return true;
}

const char *jpeg_warning_damage(const struct jpeg_decompress_struct *jpeg, struct span bytes)
{
	switch (jpeg->err->msg_code) {
	case JWRN_ADOBE_XFORM:
	case JWRN_JFIF_MAJOR:
	case JWRN_NOT_SEQUENTIAL:
	case JWRN_TOO_MUCH_DATA:
	case JWRN_BOGUS_ICC: return NULL;
	case JWRN_EXTRANEOUS_DATA:
		return jpeg->input_scan_number == 0 || is_padding(skipped_bytes(jpeg, bytes))
			       ? NULL
			       : "damaged data: extraneous bytes after a scan";
	case JWRN_HIT_MARKER:
	case JWRN_JPEG_EOF: return "premature end of data";
	case JWRN_HUFF_BAD_CODE: return "damaged data: bad Huffman code";
	case JWRN_ARITH_BAD_CODE: return "damaged data: bad arithmetic code";
	case JWRN_BOGUS_PROGRESSION: return "damaged data: inconsistent progression of scans";
	case JWRN_MUST_RESYNC: return "damaged data: restart markers out of order";
	default: return "damaged data";
	}
}

bool jpeg_lacks_scans(struct jpeg_decompress_struct *jpeg, unsigned seen)
{
	if (!jpeg_has_multiple_scans(jpeg))
		return false;
	if (seen != (1u << jpeg->num_components) - 1)
		return true;
	for (int i = 0; jpeg->coef_bits && i < jpeg->num_components; i++)
		for (size_t k = 0; k < DCTSIZE2; k++)
			if (jpeg->coef_bits[i][k] != 0)
				return true;
	return false;
}

static size_t round_up(size_t size, int block)
{
	return (size + (size_t)block - 1) / (size_t)block * (size_t)block;
}

size_t jpeg_coefficient_bytes(struct jpeg_decompress_struct *jpeg)
{
	size_t blocks = 0;

	for (int i = 0; jpeg_has_multiple_scans(jpeg) && i < jpeg->num_components; i++) {
		const jpeg_component_info *component = &jpeg->comp_info[i];
		blocks += round_up(component->width_in_blocks, component->h_samp_factor) *
			  round_up(component->height_in_blocks, component->v_samp_factor);
	}
	return blocks * DCTSIZE2 * sizeof(JCOEF);
}
