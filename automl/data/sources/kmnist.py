"""Kuzushiji-MNIST: cursive Japanese characters in the format of MNIST; downloaded on request."""

from __future__ import annotations

from automl.data.sources._idx import IdxSource


class Kmnist(IdxSource):
    """60,000 + 10,000 grey images of ten hiragana in cursive writing."""

    name = "kmnist"
    about = "cursive hiragana; KMNIST by CODH, adapted from the Kuzushiji Dataset; CC BY-SA 4.0"
    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    # The authors' README (rois-codh/kmnist) names the http address; https is tried first.
    mirrors = (
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    )
    # torchvision, prototype/datasets/_builtin/mnist.py.
    packed = (
        "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    )


SOURCE = Kmnist()
