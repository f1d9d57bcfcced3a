"""MNIST: handwritten digits; shipped with the repository."""

from __future__ import annotations

from automl.data.sources._idx import IdxSource


class Mnist(IdxSource):
    """60,000 + 10,000 grey images of the digits 0 to 9."""

    name = "mnist"
    about = "handwritten digits; LeCun, Cortes and Burges; CC BY-SA 3.0, as commonly stated"
    classes = tuple(range(10))
    # The original page (yann.lecun.com) no longer serves the files; these are the mirrors of
    # PyTorch and of the Common Visual Data Foundation.
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    # Of the files as published: torchvision, prototype/datasets/_builtin/mnist.py.
    packed = (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    )
    # Of the content: the shipped copies were packed again, so only this tells that they are it.
    unpacked = (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    )


SOURCE = Mnist()
