"""Writes nn_ops.txt: for each case of tests/unit/test_nn_golden.c its inputs, result, the gradient of the result and the
gradients of the inputs, as PyTorch 2.13.0 has them.  Images are NHWC, as ours.

usage: build/venv/bin/python tests/golden/nn_ops.py > tests/golden/nn_ops.txt     (pip install torch==2.13.0)"""
import torch
import torch.nn.functional as F

torch.manual_seed(1)


def show(tensor):
    flat = tensor.detach().float().contiguous().flatten().tolist()
    print("tensor", tensor.dim(), *tensor.shape)
    print(*(f"{x:.9g}" for x in flat))


def case(name, inputs, function):
    inputs = [x.detach().double().requires_grad_() for x in (t.float() for t in inputs)]
    y = function(*inputs)
    dy = torch.rand_like(y.float()).double() * 2 - 1 if y.dim() else torch.tensor([1.0]).double()
    y = y if y.dim() else y.reshape(1)
    y.backward(dy)
    print("case", name)
    for x in inputs + [y, dy] + [x.grad for x in inputs]:
        show(x)


def rand(*shape):
    return torch.rand(*shape) * 2 - 1


def conv(stride, pad):
    return lambda x, w: F.conv2d(
        x.permute(0, 3, 1, 2), w.permute(0, 3, 1, 2), stride=stride, padding=pad).permute(0, 2, 3, 1)


def running(c):
    j = torch.arange(c)
    return (0.1 * (j % 5)).double(), (0.5 + 0.1 * (j % 3)).double()


def batch_norm(training, relu):
    def apply(x, gain, bias, skip):
        mean, var = running(x.shape[-1])
        y = F.batch_norm(x, mean, var, gain, bias, training, 0.1, 1e-5) + skip
        return F.relu(y) if relu else y
    return apply


def attention(heads, causal):
    def apply(qkv):
        n, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        q, k, v = (z.reshape(n, t, heads, d // heads).transpose(1, 2) for z in qkv.split(d, dim=2))
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).reshape(n, t, d)
    return apply


def cross_attention(heads):
    def apply(q, k, v):
        q, k, v = (z.reshape(*z.shape[:2], heads, -1).transpose(1, 2) for z in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        return y.reshape(*y.shape[:2], -1)
    return apply


def tokens(x, first, positions):
    x = x.flatten(1, 2)
    return torch.cat([first.expand(x.shape[0], 1, -1), x], 1) + positions


def mean_token(x, positions):
    x = x.flatten(1, 2)
    return torch.cat([x.mean(1, keepdim=True), x], 1) + positions


def embedding(n, t):
    def apply(table, positions):
        ids = torch.tensor([i * i * 7 % table.shape[0] for i in range(n * t)]).reshape(n, t)
        return F.embedding(ids, table) + positions[:t]
    return apply


def cross_entropy(logits):
    return F.cross_entropy(logits, torch.tensor([i * 5 % logits.shape[1] for i in range(logits.shape[0])]))


def info_nce(first):
    return lambda rows, columns, scale: F.cross_entropy(
        scale.exp() * rows @ columns.T, torch.arange(first, first + rows.shape[0]))


case("conv", [rand(2, 4, 5, 3), rand(5, 3, 3, 3)], conv(1, 1))
case("conv stride 2", [rand(1, 5, 6, 2), rand(3, 3, 3, 2)], conv(2, 1))
case("conv 1x1", [rand(1, 3, 3, 4), rand(6, 1, 1, 4)], conv(1, 0))
case("conv patches", [rand(1, 4, 4, 3), rand(5, 2, 2, 3)], conv(2, 0))
case("batch norm", [rand(7, 4), rand(4), rand(4), rand(7, 4)], batch_norm(True, True))
case("batch norm eval", [rand(5, 4), rand(4), rand(4), rand(5, 4)], batch_norm(False, False))
case("layer norm", [rand(3, 20), rand(20), rand(20)], lambda x, g, b: F.layer_norm(x, x.shape[-1:], g, b))
case("linear", [rand(3, 7), rand(4, 7), rand(4)], F.linear)
case("project", [rand(3, 7), rand(7, 5)], lambda x, a: x @ a)
case("attention", [rand(2, 4, 24)], attention(2, False))
case("attention causal", [rand(1, 5, 24)], attention(2, True))
case("relu", [rand(20)], F.relu)
case("gelu", [rand(30) * 5], F.gelu)
case("quick gelu", [rand(30) * 5], lambda x: x * torch.sigmoid(1.702 * x))
case("average pool", [rand(1, 5, 4, 3)], lambda x: F.avg_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1))
case("global average pool", [rand(2, 3, 3, 4)], lambda x: x.mean(dim=(1, 2)))
case("embedding", [rand(7, 4), rand(5, 4)], embedding(3, 4))
case("l2 normalise", [rand(3, 6)], lambda x: F.normalize(x, dim=-1))
case("cross entropy", [rand(4, 6) * 3], cross_entropy)
case("info nce", [rand(3, 4), rand(6, 4), torch.tensor([1.0])], info_nce(2))

# Running statistics: x, then mean and variance before and after a training step.
x, (mean, var) = rand(6, 5).double() + 3, running(5)
print("case", "running statistics")
show(x), show(mean), show(var)
F.batch_norm(x, mean, var, None, None, True, 0.1, 1e-5)
show(mean), show(var)

# Behind the others: what those are given does not change.
case("cross attention", [rand(2, 2, 8), rand(2, 5, 8), rand(2, 5, 8)], cross_attention(2))
case("tokens", [rand(2, 2, 3, 4), rand(4), rand(7, 4)], tokens)
case("mean token", [rand(2, 2, 2, 5), rand(5, 5)], mean_token)
