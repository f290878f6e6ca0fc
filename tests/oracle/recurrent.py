"""Recurrent language models in torch, written from the papers' and authors' formulas, as references for the zoo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "id": lambda x: x,
}

# (activation, node that it follows), as in rnn/genotypes.py of quark0/darts, scripts/ptb_final.sh of melodyguan/enas,
# and the README of google-research/enas_lm.
TABLES = {
    "darts_v1_rnn": "relu 0 relu 1 tanh 2 relu 3 relu 4 id 1 relu 5 relu 1",
    "darts_v2_rnn": "sigmoid 0 relu 1 relu 1 id 1 tanh 2 sigmoid 5 tanh 3 relu 5",
    "enas_rnn": "tanh 0 relu 1 relu 2 tanh 2 tanh 2 relu 5 tanh 1 relu 6 relu 8 relu 8 relu 8",
    "enas_lm_rnn": "sigmoid 0 tanh 1 relu 2 sigmoid 2 tanh 4 tanh 5 sigmoid 3 sigmoid 6",
}


class SearchedRNN(nn.Module):
    """[c0, h0] = [x, h] W0, s0 = h + sigm(c0) (tanh(h0) - h); [c, h] = s_p W_i, s_i = s_p + sigm(c) (f(h) - s_p)."""

    def __init__(self, table: str, d: int, vocabulary: int, outputs: Sequence[int], bias: bool) -> None:
        super().__init__()
        words = table.split()
        self.nodes = list(zip(words[::2], map(int, words[1::2]), strict=True))
        self.outputs = outputs
        self.embedding = nn.Parameter(torch.randn(vocabulary, d))
        self.w0 = nn.Parameter(torch.randn(2 * d, 2 * d))
        self.w = nn.ParameterList([torch.randn(d, 2 * d) for _ in self.nodes])
        self.bias = nn.Parameter(torch.randn(vocabulary)) if bias else None

    def forward(self, words: Tensor) -> Tensor:
        embedded = self.embedding[words]
        h = torch.zeros_like(embedded[:, 0])
        scores = []
        for t in range(words.shape[1]):
            h = self.cell(embedded[:, t], h)
            scores.append(h @ self.embedding.T)
        made = torch.stack(scores, 1)
        return made if self.bias is None else made + self.bias

    def cell(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state."""
        c0, h0 = torch.cat([x, h], -1).mm(self.w0).chunk(2, -1)
        states = [h + c0.sigmoid() * (h0.tanh() - h)]
        for (name, previous), w in zip(self.nodes, self.w, strict=True):
            s = states[previous]
            gate, candidate = s.mm(w).chunk(2, -1)
            states.append(s + gate.sigmoid() * (ACTIVATIONS[name](candidate) - s))
        return torch.stack([states[i] for i in self.outputs]).mean(0)

    def matrices(self) -> list[nn.Parameter]:
        """W0 and the nodes' matrices, in order."""
        return [self.w0, *self.w]


class LSTMLanguageModel(nn.Module):
    """Embedding, torch.nn.LSTM with dropout on what goes up, scores of each next word."""

    def __init__(self, d: int, drop: float, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, d)
        self.drop = nn.Dropout(drop)
        self.lstm = nn.LSTM(d, d, num_layers=2, dropout=drop, batch_first=True)
        self.softmax = nn.Linear(d, vocabulary)

    def forward(self, words: Tensor) -> Tensor:
        return self.softmax(self.drop(self.lstm(self.drop(self.embedding(words)))[0]))
