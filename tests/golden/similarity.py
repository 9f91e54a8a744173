"""Writes tests/golden/similarity.def: structural similarity and mean squared error as scikit-image has them.
    build/venv/bin/pip install scikit-image && build/venv/bin/python tests/golden/similarity.py"""
import os

import numpy
from skimage.metrics import mean_squared_error, structural_similarity


def plane(width, height, p, q):
    """The picture test_metric.c makes: [height, width, 3]."""
    i = numpy.arange(width * height * 3, dtype=numpy.uint32)
    return ((i * p + (i // (3 * width)) * q + i * i // 97) % 256).astype(numpy.uint8).reshape(height, width, 3)


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "similarity.def"), "w") as out:
    out.write("/* Made by tests/golden/similarity.py.  SIMILAR(width, height, p and q of the one, of the other, SSIM, mean squared error) */\n")
    for width, height, a, b in [(11, 11, (1, 2), (1, 3)), (32, 32, (3, 5), (3, 5)), (32, 17, (3, 5), (4, 5)), (13, 40, (1, 7), (1, 8)), (64, 48, (0, 3), (0, 4))]:
        one, other = plane(width, height, *a), plane(width, height, *b)
        ssim = structural_similarity(one, other, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
        out.write("SIMILAR(%d, %d, %d, %d, %d, %d, %.15g, %.15g)\n" % (width, height, *a, *b, ssim, mean_squared_error(one, other)))
