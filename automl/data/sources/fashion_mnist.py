"""Fashion-MNIST: clothing in the format of MNIST, and harder; downloaded on request."""

from __future__ import annotations

from automl.data.sources._idx import IdxSource


class FashionMnist(IdxSource):
    """60,000 + 10,000 grey images of ten kinds of clothing."""

    name = "fashion-mnist"
    about = "pictures of clothing; Xiao, Rasul and Vollgraf, Zalando Research; MIT"
    classes = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    # Both from the authors: their repository (zalandoresearch/fashion-mnist), and the address
    # that its README names, which has no https.
    mirrors = (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    )
    # torchvision, prototype/datasets/_builtin/mnist.py; the README itself names only MD5s.
    packed = (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    )


SOURCE = FashionMnist()
