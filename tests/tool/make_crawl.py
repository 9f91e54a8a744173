"""make_crawl.py FOLDER SHARDS PER-SHARD: the output of img2dataset 1.47 for WebDataset shards: NNNNN.tar with jpg, json and
txt in the order of arrival, NNNNN_stats.json, and a NNNNN.parquet that nobody here reads.  Of each shard two more links failed.
The images are the JPEGs under tests/golden/images, by turns."""
import glob
import io
import json
import os
import random
import sys
import tarfile

folder, shards, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
images = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "../golden/images/4*.jpg")))
os.makedirs(folder, exist_ok=True)
for shard in range(shards):
    name = "%05d" % shard
    order = list(range(count))
    random.Random(shard).shuffle(order)
    with tarfile.open(os.path.join(folder, name + ".tar"), "w", format=tarfile.USTAR_FORMAT) as tar:
        for i in order:
            key = "%s%04d" % (name, i)
            meta = {"caption": "a photo, number %d" % i, "url": "http://example.org/%s.jpg" % key, "key": key, "status": "success",
                    "error_message": None, "width": 20, "height": 12, "original_width": 40, "original_height": 24, "exif": "{}"}
            with open(images[i % len(images)], "rb") as image:
                members = {"jpg": image.read(), "json": json.dumps(meta, indent=4).encode(), "txt": meta["caption"].encode()}
            for ending, content in members.items():
                info = tarfile.TarInfo(key + "." + ending)
                info.size, info.uname, info.gname = len(content), "bigdata", "bigdata"
                tar.addfile(info, io.BytesIO(content))
    stats = {"count": count + 2, "successes": count, "failed_to_download": 1, "failed_to_resize": 1, "duration": 0.5, "start_time": 1.0,
             "end_time": 1.5, "status_dict": {"success": count, "HTTP Error 404: Not Found": 1, "Image decoding error": 1}}
    with open(os.path.join(folder, name + "_stats.json"), "w") as out:
        json.dump(stats, out, indent=4)
    with open(os.path.join(folder, name + ".parquet"), "wb") as out:
        out.write(b"PAR1")
