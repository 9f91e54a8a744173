#include "formats/stream/file_magic.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define DOWNLOAD  "download it again, and check the address and the access rights"
#define TO_IMAGES "convert it to JPEG or PNG (`convert IN OUT.png` of ImageMagick)"
#define ONE_IMAGE "name the folder that the image is in"

static const struct file_magic kinds[] = {
	[MAGIC_EMPTY] = { MAGIC_EMPTY, "an empty file", "copy or download it again", "copy or download it again" },
	[MAGIC_ZEROS] = { MAGIC_ZEROS, "a file of zero bytes", "copy or download it again", "copy or download it again" },
	[MAGIC_LFS] = { MAGIC_LFS, "a Git LFS pointer", "`git lfs pull` in its repository downloads the file itself",
		"`git lfs pull` in its repository downloads the file itself" },
	[MAGIC_XML] = { MAGIC_XML, "an XML document, as servers send for an error", DOWNLOAD, DOWNLOAD },
	[MAGIC_HTML] = { MAGIC_HTML, "a web page (HTML), as servers send for a login or an error", DOWNLOAD, DOWNLOAD },
	[MAGIC_JSON] = { MAGIC_JSON, "JSON text",
		"if a server sent it for an error, " DOWNLOAD "; a list of shards needs a name that ends in .json, records as JSON "
		"lines are read with --jsonl",
		"if a server sent it for an error, " DOWNLOAD },
	[MAGIC_TEXT] = { MAGIC_TEXT, "a text file", NULL, NULL },
	[MAGIC_TAR] = { MAGIC_TAR, "a tar archive", NULL, "unpack it (`tar xf FILE`) and name the file inside" },
	[MAGIC_EXCEL] = { MAGIC_EXCEL, "an Excel workbook",
		"save the sheet as CSV UTF-8, or convert it: `libreoffice --headless --convert-to csv FILE`", NULL },
	[MAGIC_ZIP] = { MAGIC_ZIP, "a ZIP archive", "`unzip FILE -d FOLDER`, then read the folder",
		"`unzip FILE`, then name the file inside" },
	[MAGIC_7Z] = { MAGIC_7Z, "a 7-Zip archive", "`7z x FILE -oFOLDER`, then read the folder",
		"`7z x FILE`, then name the file inside" },
	[MAGIC_RAR] = { MAGIC_RAR, "a RAR archive", "`unrar x FILE FOLDER/`, then read the folder",
		"`unrar x FILE`, then name the file inside" },
	[MAGIC_GZIP] = { MAGIC_GZIP, "a gzip file", "`gunzip FILE`, then read what it holds", "`gunzip FILE`, then name the result" },
	[MAGIC_ZSTD] = { MAGIC_ZSTD, "a zstd file", "`unzstd FILE`, then read what it holds", "`unzstd FILE`, then name the result" },
	[MAGIC_XZ] = { MAGIC_XZ, "an xz file", "`unxz FILE`, then read what it holds", "`unxz FILE`, then name the result" },
	[MAGIC_BZIP2] = { MAGIC_BZIP2, "a bzip2 file", "`bunzip2 FILE`, then read what it holds", "`bunzip2 FILE`, then name the result" },
	[MAGIC_LZ4] = { MAGIC_LZ4, "an LZ4 file", "`lz4 -d FILE`, then read what it holds", "`lz4 -d FILE`, then name the result" },
	[MAGIC_PARQUET] = { MAGIC_PARQUET, "a Parquet file",
		"write it as CSV: `python3 -c 'import pandas, sys; pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2], index=False)' "
		"IN.parquet OUT.csv` (if it holds the images themselves, write them to a folder)",
		NULL },
	[MAGIC_ARROW] = { MAGIC_ARROW, "an Arrow file",
		"load it in Python with `datasets.Dataset.from_file(FILE)` and write its rows as CSV, its images to a folder", NULL },
	[MAGIC_TFRECORD] = { MAGIC_TFRECORD, "a TFRecord file",
		"read it in Python with `tfrecord.tfrecord_loader(FILE, None)` (package tfrecord) or tf.data.TFRecordDataset, and write "
		"its images and captions to a tar (KEY.jpg, KEY.txt)",
		NULL },
	[MAGIC_RECORDIO] = { MAGIC_RECORDIO, "an MXNet RecordIO file", "unpack its images with mxnet.recordio in Python", NULL },
	[MAGIC_LMDB] = { MAGIC_LMDB, "an LMDB database", "unpack its images with the lmdb package in Python", NULL },
	[MAGIC_SQLITE] = { MAGIC_SQLITE, "an SQLite database", "write a table as CSV: `sqlite3 -csv -header FILE 'SELECT ...' > OUT.csv`",
		NULL },
	[MAGIC_STREAM] = { MAGIC_STREAM, "a record stream", "tools take it as it is, on standard input", NULL },
	[MAGIC_SAFETENSORS] = { MAGIC_SAFETENSORS, "a model (safetensors)", "`cc-model info FILE` shows it; -m takes it", NULL },
	[MAGIC_TORCH] = { MAGIC_TORCH, "a PyTorch checkpoint", "`cc-model import FILE` converts it", "`cc-model import FILE` converts it" },
	[MAGIC_PICKLE] = { MAGIC_PICKLE, "a Python pickle", "write its contents to files from Python",
		"load it in Python, and write the model's state_dict() with torch.save or safetensors" },
	[MAGIC_NPY] = { MAGIC_NPY, "a NumPy array (.npy)", "a sample can have it as a field, KEY.npy in a tar",
		"an array has no tensor names: save the model as safetensors" },
	[MAGIC_HDF5] = { MAGIC_HDF5, "an HDF5 file", "write its contents to files with h5py in Python",
		"save the model as safetensors (Keras: load it in Python, and write its weights with safetensors.numpy.save_file)" },
	[MAGIC_GGUF] = { MAGIC_GGUF, "a GGUF model of llama.cpp or clip.cpp", NULL,
		"its weights may be quantised: import the safetensors or PyTorch checkpoint that it was made from" },
	[MAGIC_ONNX] = { MAGIC_ONNX, "an ONNX model", NULL, "import the safetensors or PyTorch checkpoint that it was exported from" },
	[MAGIC_JPEG] = { MAGIC_JPEG, "a JPEG image", ONE_IMAGE, NULL },
	[MAGIC_PNG] = { MAGIC_PNG, "a PNG image", ONE_IMAGE, NULL },
	[MAGIC_WEBP] = { MAGIC_WEBP, "a WebP image", ONE_IMAGE, NULL },
	[MAGIC_GIF] = { MAGIC_GIF, "a GIF image", TO_IMAGES, NULL },
	[MAGIC_BMP] = { MAGIC_BMP, "a BMP image", TO_IMAGES, NULL },
	[MAGIC_TIFF] = { MAGIC_TIFF, "a TIFF image", TO_IMAGES, NULL },
	[MAGIC_AVIF] = { MAGIC_AVIF, "an AVIF image", TO_IMAGES, NULL },
	[MAGIC_HEIC] = { MAGIC_HEIC, "a HEIC image", TO_IMAGES, NULL },
	[MAGIC_JXL] = { MAGIC_JXL, "a JPEG XL image", TO_IMAGES, NULL },
	[MAGIC_JP2] = { MAGIC_JP2, "a JPEG 2000 image", TO_IMAGES, NULL },
	[MAGIC_PSD] = { MAGIC_PSD, "a Photoshop image", TO_IMAGES, NULL },
	[MAGIC_ICO] = { MAGIC_ICO, "an icon (ICO)", TO_IMAGES, NULL },
	[MAGIC_QOI] = { MAGIC_QOI, "a QOI image", TO_IMAGES, NULL },
	[MAGIC_EXR] = { MAGIC_EXR, "an OpenEXR image", TO_IMAGES, NULL },
	[MAGIC_PAM] = { MAGIC_PAM, "a PAM image", TO_IMAGES, NULL },
	[MAGIC_SVG] = { MAGIC_SVG, "an SVG drawing", TO_IMAGES, NULL },
	[MAGIC_PDF] = { MAGIC_PDF, "a PDF document", NULL, NULL },
	[MAGIC_VIDEO] = { MAGIC_VIDEO, "a video", "write its frames to a folder (`ffmpeg -i FILE FOLDER/%06d.png`)", NULL },
};

/* Tried in this order; of signatures with a common prefix the longer one comes first. */
static const struct {
	enum magic magic;
	size_t offset, size;
	const char *bytes;
} signatures[] = {
	{ MAGIC_TAR, 257, 5, "ustar" },
	{ MAGIC_LFS, 0, 24, "version https://git-lfs." },
	{ MAGIC_LFS, 0, 26, "version https://hawser.git" },
	{ MAGIC_TORCH, 0, 8, "PK\3\4\0\0\x08\x08" }, /* torch.save: no date and its own flags */
	{ MAGIC_EXCEL, 30, 19, "[Content_Types].xml" }, /* the first name in the ZIP */
	{ MAGIC_EXCEL, 30, 9, "docProps/" },
	{ MAGIC_EXCEL, 30, 3, "xl/" },
	{ MAGIC_EXCEL, 30, 11, "_rels/.rels" },
	{ MAGIC_EXCEL, 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
	{ MAGIC_ZIP, 0, 4, "PK\3\4" },
	{ MAGIC_ZIP, 0, 4, "PK\5\6" },
	{ MAGIC_7Z, 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ MAGIC_RAR, 0, 6, "Rar!\x1a\x07" },
	{ MAGIC_GZIP, 0, 3, "\x1f\x8b\x08" },
	{ MAGIC_ZSTD, 0, 4, "\x28\xb5\x2f\xfd" },
	{ MAGIC_XZ, 0, 6,
		"\xfd"
		"7zXZ" },
	{ MAGIC_BZIP2, 4, 6, "1AY&SY" },
	{ MAGIC_LZ4, 0, 4, "\x04\x22\x4d\x18" },
	{ MAGIC_PARQUET, 0, 4, "PAR1" },
	{ MAGIC_ARROW, 0, 6, "ARROW1" },
	{ MAGIC_ARROW, 0, 4, "\xff\xff\xff\xff" },
	{ MAGIC_RECORDIO, 0, 4, "\x0a\x23\xd7\xce" },
	{ MAGIC_LMDB, 16, 4, "\xde\xc0\xef\xbe" },
	{ MAGIC_SQLITE, 0, 16, "SQLite format 3" },
	{ MAGIC_SAFETENSORS, 4, 5, "\0\0\0\0{" },
	{ MAGIC_NPY, 0, 6, "\x93NUMPY" },
	{ MAGIC_HDF5, 0, 8, "\x89HDF\r\n\x1a\n" },
	{ MAGIC_GGUF, 0, 4, "GGUF" },
	{ MAGIC_GGUF, 0, 4, "lmgg" },
	{ MAGIC_GGUF, 0, 4, "fmgg" },
	{ MAGIC_GGUF, 0, 4, "tjgg" },
	{ MAGIC_JPEG, 0, 3, "\xff\xd8\xff" },
	{ MAGIC_PNG, 0, 8, "\x89PNG\r\n\x1a\n" },
	{ MAGIC_WEBP, 8, 4, "WEBP" },
	{ MAGIC_GIF, 0, 4, "GIF8" },
	{ MAGIC_TIFF, 0, 4, "II*\0" },
	{ MAGIC_TIFF, 0, 4, "MM\0*" },
	{ MAGIC_TIFF, 0, 4, "II+\0" },
	{ MAGIC_AVIF, 4, 7, "ftypavi" },
	{ MAGIC_HEIC, 4, 7, "ftyphei" },
	{ MAGIC_HEIC, 4, 7, "ftyphev" },
	{ MAGIC_HEIC, 4, 8, "ftypmif1" },
	{ MAGIC_HEIC, 4, 8, "ftypmsf1" },
	{ MAGIC_VIDEO, 4, 4, "ftyp" },
	{ MAGIC_VIDEO, 8, 4, "AVI " },
	{ MAGIC_VIDEO, 0, 4, "\x1a\x45\xdf\xa3" }, /* Matroska, WebM */
	{ MAGIC_JXL, 0, 2, "\xff\x0a" },
	{ MAGIC_JXL, 4, 8, "JXL \r\n\x87\n" },
	{ MAGIC_JP2, 4, 8, "jP  \r\n\x87\n" },
	{ MAGIC_JP2, 0, 4, "\xff\x4f\xff\x51" }, /* without a container */
	{ MAGIC_PSD, 0, 4, "8BPS" },
	{ MAGIC_ICO, 0, 4, "\0\0\1\0" },
	{ MAGIC_QOI, 0, 4, "qoif" },
	{ MAGIC_EXR, 0, 4, "\x76\x2f\x31\x01" },
	{ MAGIC_PAM, 0, 3, "P7\n" },
	{ MAGIC_PDF, 0, 5, "%PDF-" },
};

static bool has(struct span head, size_t offset, const char *bytes, size_t size)
{
	return head.size >= offset + size && memcmp(head.data + offset, bytes, size) == 0;
}

static bool begins_with(struct span text, const char *word)
{
	const size_t size = strlen(word);

	return text.size >= size && strncasecmp((const char *)text.data, word, size) == 0;
}

static bool mentions(struct span text, const char *word)
{
	for (; text.size; text = span_of(text.data + 1, text.size - 1))
		if (begins_with(text, word))
			return true;
	return false;
}

static bool all_zero(struct span head)
{
	for (size_t i = 0; i < head.size; i++)
		if (head.data[i])
			return false;
	return true;
}

/* TFRecord stores a checksum of each length: CRC-32C, rotated, plus a constant. */
static bool begins_tfrecord(struct span head)
{
	uint32_t crc = UINT32_MAX, stored = 0;

	if (head.size < 16)
		return false;
	for (int i = 0; i < 8; i++) {
		crc ^= head.data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	crc = ~crc;
	for (int i = 3; i >= 0; i--)
		stored = stored << 8 | head.data[8 + i];
	return stored == (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* A small map whose first key is a short string. */
static bool begins_stream(struct span head)
{
	return head.size > 2 && head.data[0] > 0x80 && head.data[0] <= 0x8f && head.data[1] > 0xa0 && head.data[1] <= 0xbf &&
	       head.data[2] >= ' ';
}

/* Four reserved bytes are zero. */
static bool begins_bmp(struct span head)
{
	return has(head, 0, "BM", 2) && has(head, 6, "\0\0\0\0", 4);
}

/* Protocol 2 to 5. */
static bool begins_pickle(struct span head)
{
	return head.size > 2 && head.data[0] == 0x80 && head.data[1] >= 2 && head.data[1] <= 5;
}

/* ModelProto: ir_version, then the producer's name. */
static bool begins_onnx(struct span head)
{
	return head.size > 8 && head.data[0] == 0x08 && head.data[1] < 0x20 && head.data[2] == 0x12 && head.data[3] > 2 &&
	       head.data[3] < 64 && head.data[4] > ' ' && head.data[4] < 0x7f && head.data[5] > ' ' && head.data[5] < 0x7f;
}

/* A ZIP archive repacked by another program: torch.save puts this member first. */
static bool has_torch_member(struct span head)
{
	static const char member[] = "/data.pkl";

	for (size_t i = 30; i + sizeof member - 1 <= head.size; i++)
		if (memcmp(head.data + i, member, sizeof member - 1) == 0)
			return true;
	return false;
}

static bool is_text(struct span head)
{
	for (size_t i = 0; i < head.size; i++)
		if ((head.data[i] < ' ' && !strchr("\t\n\r\f", head.data[i])) || head.data[i] == 0x7f || !head.data[i])
			return false;
	return true;
}

static const struct file_magic *of_text(struct span head)
{
	struct span text = has(head, 0, "\xef\xbb\xbf", 3) ? span_of(head.data + 3, head.size - 3) : head;

	while (text.size && strchr(" \t\r\n", *text.data))
		text = span_of(text.data + 1, text.size - 1);
	if (begins_with(text, "<!doctype html") || begins_with(text, "<html") || begins_with(text, "<head"))
		return &kinds[MAGIC_HTML];
	if (begins_with(text, "<svg") || ((begins_with(text, "<?xml") || begins_with(text, "<!--")) && mentions(text, "<svg")))
		return &kinds[MAGIC_SVG];
	if (begins_with(text, "<?xml") || begins_with(text, "<error"))
		return &kinds[MAGIC_XML];
	return &kinds[text.size && (*text.data == '{' || *text.data == '[') ? MAGIC_JSON : MAGIC_TEXT];
}

const struct file_magic *file_magic(struct span head)
{
	if (head.size > FILE_MAGIC_BYTES)
		head.size = FILE_MAGIC_BYTES;
	if (head.size == 0 || all_zero(head))
		return &kinds[head.size ? MAGIC_ZEROS : MAGIC_EMPTY];
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
		if (has(head, signatures[i].offset, signatures[i].bytes, signatures[i].size))
			return &kinds[signatures[i].magic == MAGIC_ZIP && has_torch_member(head) ? MAGIC_TORCH : signatures[i].magic];
	if (begins_tfrecord(head))
		return &kinds[MAGIC_TFRECORD];
	if (begins_bmp(head))
		return &kinds[MAGIC_BMP];
	if (begins_pickle(head))
		return &kinds[MAGIC_PICKLE];
	if (begins_onnx(head))
		return &kinds[MAGIC_ONNX];
	if (begins_stream(head))
		return &kinds[MAGIC_STREAM];
	return is_text(head) ? of_text(head) : NULL;
}

static int refuse(const struct file_magic *magic, const char *advice, const char *expected, struct err *err)
{
	if (!magic)
		return err_set(err, "not %s", expected);
	return err_set(err, "%s, not %s%s%s", magic->what, expected, advice ? ": " : "", advice ? advice : "");
}

int file_magic_refuse_data(struct span head, const char *expected, struct err *err)
{
	const struct file_magic *magic = file_magic(head);

	return refuse(magic, magic ? magic->data : NULL, expected, err);
}

int file_magic_refuse_model(struct span head, const char *expected, struct err *err)
{
	const struct file_magic *magic = file_magic(head);

	return refuse(magic, magic ? magic->model : NULL, expected, err);
}

int file_magic_refuse_image(struct span bytes, const char *expected, struct err *err)
{
	const struct file_magic *magic = file_magic(bytes);
	const bool alone = magic && (magic->magic <= MAGIC_HTML || (magic->magic >= MAGIC_GIF && magic->magic <= MAGIC_SVG));

	return refuse(magic, alone ? magic->data : NULL, expected, err);
}

int file_magic_expect_text(struct span head, const char *expected, struct err *err)
{
	const struct file_magic *magic = file_magic(head);

	if (!magic)
		return 0;
	switch (magic->magic) {
	case MAGIC_EMPTY:
	case MAGIC_ZEROS:
	case MAGIC_TEXT:
	case MAGIC_JSON:
	case MAGIC_GZIP:
	case MAGIC_ZSTD:
	case MAGIC_XZ:
	case MAGIC_BZIP2:
	case MAGIC_LZ4: return 0;
	default: return file_magic_refuse_data(head, expected, err);
	}
}

int file_magic_expect_list(struct span head, const char *expected, struct err *err)
{
	const struct file_magic *magic = file_magic(head);

	if (!magic || magic->magic == MAGIC_EMPTY)
		return 0;
	return !is_text(head) || magic->magic == MAGIC_LFS || magic->magic == MAGIC_XML || magic->magic == MAGIC_HTML ||
			       magic->magic == MAGIC_SVG
		       ? refuse(magic, magic->magic < MAGIC_PARQUET ? magic->model : NULL, expected, err)
		       : 0;
}

/* The command that fetches a URL to standard output, as the words before and after it. */
static const struct {
	const char *scheme, *before, *after;
} fetchers[] = {
	{ "https://", "curl -sfL ", "" },
	{ "http://", "curl -sfL ", "" },
	{ "ftp://", "curl -sf ", "" },
	{ "ftps://", "curl -sf ", "" },
	{ "s3://", "aws s3 cp ", " -" },
	{ "gs://", "gcloud storage cat ", "" },
	{ "gcs://", "gcloud storage cat ", "" },
	{ "hdfs://", "hdfs dfs -cat ", "" },
	{ "abfs://", "hdfs dfs -cat ", "" },
	{ "sftp://", "curl -sf ", "" },
};

static bool is_letter(unsigned char byte)
{
	return (byte | 32) >= 'a' && (byte | 32) <= 'z';
}

static bool has_scheme(struct span path)
{
	size_t at = 0;

	while (at < path.size && (is_letter(path.data[at]) || (path.data[at] && strchr("0123456789+.-", path.data[at]))))
		at++;
	return at > 1 && has(path, at, "://", 3);
}

/* Can it be pasted into a shell without quotes? */
static bool is_plain(struct span url)
{
	for (size_t i = 0; i < url.size; i++)
		if (!is_letter(url.data[i]) && (!url.data[i] || !strchr("0123456789:/._-+%@=,~{}", url.data[i])))
			return false;
	return true;
}

int file_magic_refuse_url(struct span path, struct err *err)
{
	if (!has_scheme(path))
		return 0;
	const bool plain = is_plain(path);
	const int size = plain ? span_shown(path, 512) : 3;
	const char *url = plain ? (const char *)path.data : "URL";

	for (size_t i = 0; i < sizeof fetchers / sizeof *fetchers; i++)
		if (begins_with(path, fetchers[i].scheme))
			return err_set(err, "not a local file: a command can fetch it, as in 'pipe:%s%.*s%s'", fetchers[i].before, size,
				url, fetchers[i].after);
	return err_set(err, "not a local file: 'pipe:COMMAND' reads what a command writes to its standard output");
}
