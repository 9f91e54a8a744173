"""Full-size CLIP models with random parameters (gains, biases and running statistics too): made by open_clip or transformers, written in
every form in which such weights are published, brought in by `cc-model import`, and given back.
    build/venv/bin/python tests/parity_embeddings.py [NAME...]        (NAME as open_clip's; PHOTOS=N: images of each)
Compared: pixels, image and caption embeddings as they are and of length 1, class vectors of 80 templates.  One line each; exits 1 if
any difference is above its tolerance."""
import json
import os
import sys
import tempfile

from parity_peer import *
import parity_peer as peer
from safetensors.torch import load_file, save_file

MODELS = ["RN50", "RN50-quickgelu", "RN101", "ViT-B-32", "ViT-B-32-quickgelu", "ViT-B-16", "ViT-L-14"]
IN_EVERY_FORM = ["RN50", "ViT-B-32-quickgelu"]
PHOTOS = int(os.environ.get("PHOTOS", 0))
TOLERANCE = 1e-4
CLASSES = ["tench", "great white shark", "kite (bird of prey)"]


def config_file(folder, name, whole):
    """open_clip's own configuration; whole: as open_clip_config.json has it."""
    config = open_clip_model.published(name)
    if whole:
        config = {"model_cfg": config, "preprocess_cfg": {"mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}}
    path = os.path.join(folder, "config.json")
    with open(path, "w") as file:
        json.dump(config, file)
    return path


def activation(name):
    return "quick_gelu" if "quickgelu" in name else "gelu"


def scripted(state):
    """A module with these parameters and nothing else, as TorchScript.  OpenAI's archives have other code, which is not read."""

    class Holder(torch.nn.Module):
        def forward(self, x: torch.Tensor):
            return x

    top = Holder()
    for key, value in state.items():
        *folders, last = key.split(".")
        module = top
        for folder in folders:
            if not hasattr(module, folder):
                module.add_module(folder, Holder())
            module = getattr(module, folder)
        if value.is_floating_point() and "running" not in last:
            module.register_parameter(last, torch.nn.Parameter(value, requires_grad=False))
        else:
            module.register_buffer(last, value)
    return torch.jit.script(top)


def forms(state, folder, size):
    """(form, path, expected state dict) for each form in which state dicts are published."""
    def path(name):
        return os.path.join(folder, name)

    def rounded(dtype):
        return {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}

    torch.save(state, path("state.pt"))
    yield "a state dict by torch.save", path("state.pt"), state
    checkpoint = {"epoch": 3, "name": "run", "state_dict": {"module." + k: v for k, v in state.items()},
                  "optimizer": {"state": {0: {"step": torch.tensor(5.0), "exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 1e-5, "betas": (0.9, 0.999)}]}}
    torch.save(checkpoint, path("epoch_3.pt"))
    yield "a training checkpoint of module.*", path("epoch_3.pt"), state
    for dtype in (torch.float16, torch.bfloat16):
        save_file(rounded(dtype), path("half.safetensors"))
        yield f"safetensors in {dtype}", path("half.safetensors"), rounded(dtype)
    torch.save(rounded(torch.float16), path("half.pt"))
    yield "a state dict in torch.float16", path("half.pt"), rounded(torch.float16)
    numbers = {"input_resolution": size, "context_length": 77, "vocab_size": 49408}
    archive = rounded(torch.float16) | {k: torch.tensor(v) for k, v in numbers.items()}
    scripted(archive).save(path("openai.pt"))
    yield "a TorchScript archive in torch.float16", path("openai.pt"), rounded(torch.float16)


def same_state(path, wanted):
    """Checks that the written file has exactly these tensors, bit for bit."""
    found = load_file(path)
    return found.keys() == wanted.keys() and all(torch.equal(v.float(), found[k].float()) for k, v in wanted.items())


class Peer:
    """open_clip's embeddings of a shard."""

    def __init__(self, photos, stream):
        self.photos, self.captions = photos, captions_of(stream)
        self.pixels = tensors(stream, "rgb.npy")

    @torch.no_grad()
    def images(self, model):
        preprocess = open_clip.transform.image_transform_v2(open_clip.transform.PreprocessCfg(**open_clip.get_model_preprocess_cfg(model)), is_train=False)
        x = torch.stack([preprocess(image) for _, image in self.photos])
        mean, std = (torch.tensor(getattr(model.visual, "image_" + k)).view(3, 1, 1) for k in ("mean", "std"))
        self.preprocessed = (((x * std + mean) * 255).round()).to(torch.uint8).permute(0, 2, 3, 1).numpy()
        return torch.cat([model.encode_image(piece) for piece in x.split(8)]).numpy()

    @torch.no_grad()
    def texts(self, model):
        return torch.cat([model.encode_text(piece) for piece in tokens(self.captions).split(16)]).numpy()


def of_length_1(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def apart(rows):
    """The smallest distance between two rows: errors must be small compared with it."""
    return min(float((np.linalg.norm(np.delete(rows, i, 0) - row, axis=1) / np.linalg.norm(row)).min()) for i, row in enumerate(rows))


def embed(model_path, stream, *options):
    return run("cc-embed", "-m", model_path, *options, stdin=stream)


def compare_records(what, model_path, stream, images, texts):
    raw, unit = (embed(model_path, stream, "--image", "--text", *more) for more in (["--raw"], []))
    for field, name, theirs in (("image.npy", "images", images), ("text.npy", "captions", texts)):
        away, most = apart(of_length_1(theirs)), min(TOLERANCE, apart(of_length_1(theirs)) / 10)
        report(f"{what}: {name}, as they are", distance(tensors(raw, field), theirs), most)
        report(f"{what}: {name}, of length 1", distance(tensors(unit, field), of_length_1(theirs)), most, f"; they are {away:.2g} apart")


def compare_classes(what, model, model_path, folder):
    path = os.path.join(folder, "classes.txt")
    with open(path, "w") as file:
        file.writelines(c + "\n" for c in CLASSES)
    theirs = open_clip.build_zero_shot_classifier(model, open_clip.tokenize, CLASSES, open_clip.OPENAI_IMAGENET_TEMPLATES, 1).T.numpy()
    report(f"{what}: class vectors of {len(open_clip.OPENAI_IMAGENET_TEMPLATES)} templates",
           distance(tensors(run("cc-embed", "-m", model_path, "--prompts", path), "text.npy"), theirs), TOLERANCE)


def one_model(name, folder, merges):
    model = random_model(name)
    photos = photographs(PHOTOS or (6 if "L-14" in name else 16))
    shard, weights, ours = (os.path.join(folder, f) for f in ("photos.tar", "weights.safetensors", "ours.safetensors"))
    write_shard(shard, photos)
    stream = run("cc-augment", "--size", 224, stdin=run("cc-shard", "read", shard))
    them = Peer(photos, stream)
    images, texts = them.images(model), them.texts(model)
    report_same(f"{name}: pixels of {len(photos)} images", np.array_equal(them.pixels, them.preprocessed))

    state = {k: v.clone() for k, v in model.state_dict().items()}
    save_file(state, weights)
    run("cc-model", "import", weights, "--config", config_file(folder, name, "ViT" in name), "--vocab", merges, "-o", ours)
    compare_records(name, ours, stream, images, texts)
    compare_classes(name, model, ours, folder)
    back = open_clip.create_model(name, pretrained=ours)
    back = {k: torch.equal(v, state[k]) for k, v in back.state_dict().items()}
    report_same(f"{name}: open_clip.create_model({name!r}, pretrained='ours.safetensors') has the same parameters", all(back.values()) and back.keys() == state.keys())
    if name in IN_EVERY_FORM:
        every_form(name, model, state, folder, merges, stream)


def every_form(name, model, state, folder, merges, stream):
    them = Peer(photographs(len(records(stream))), stream)
    for what, path, wanted in forms(state, folder, 224):
        ours = os.path.join(folder, "form.safetensors")
        activations = [] if "TorchScript" in what else ["--activation", activation(name)]
        run("cc-model", "import", path, *activations, "--vocab", merges, "-o", ours)
        report_same(f"{name} from {what}: every tensor, bit for bit", same_state(ours, wanted))
        os.unlink(path)
        if "bfloat16" in what:
            model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in wanted.items()})
            compare_records(f"{name} from {what}", ours, stream, them.images(model), them.texts(model))


@torch.no_grad()
def hugging_face(folder, merges):
    """transformers' CLIPModel, written by its own save_pretrained."""
    sys.path.append(os.path.join(TOP, "build/transformers"))
    from transformers import CLIPConfig, CLIPModel

    for act in ("quick_gelu", "gelu"):
        config = CLIPConfig(text_config={"hidden_act": act, "eos_token_id": 49407}, vision_config={"hidden_act": act})
        model = CLIPModel(config).eval()
        open_clip_model.fill(model, torch.Generator().manual_seed(5))
        model.save_pretrained(os.path.join(folder, "hf"))
        ours, name = os.path.join(folder, "ours.safetensors"), f"transformers' CLIPModel, {act}"
        run("cc-model", "import", os.path.join(folder, "hf/model.safetensors"), "--config", os.path.join(folder, "hf/config.json"), "--vocab", merges, "-o", ours)
        stream = run("cc-augment", "--size", 224, stdin=run("cc-shard", "read", os.path.join(folder, "photos.tar")))
        x = open_clip_model.normalised(torch.from_numpy(tensors(stream, "rgb.npy")))
        ids = tokens(captions_of(stream))
        seen = (torch.arange(77) <= ids.argmax(1, keepdim=True)).long()
        images, texts = model.get_image_features(pixel_values=x), model.get_text_features(input_ids=ids, attention_mask=seen)
        images, texts = (t if torch.is_tensor(t) else t.pooler_output for t in (images, texts))
        compare_records(name, ours, stream, images.numpy(), texts.numpy())
        lists = {k: torch.arange(v).view(1, -1) for k, v in (("text_model.embeddings.position_ids", 77), ("vision_model.embeddings.position_ids", 50))}
        torch.save(model.state_dict() | lists, os.path.join(folder, "pytorch_model.bin"))
        again = os.path.join(folder, "again.safetensors")
        run("cc-model", "import", os.path.join(folder, "pytorch_model.bin"), "--activation", act, "--vocab", merges, "-o", again)
        report_same(f"{name}: the same from pytorch_model.bin with its position_ids", same_state(again, load_file(ours)))


def main():
    names = sys.argv[1:] or MODELS + ["transformers"]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        merges = vocabulary(folder)
        write_shard(os.path.join(folder, "photos.tar"), photographs(PHOTOS or 16))
        for name in names:
            if name == "transformers":
                hugging_face(folder, merges)
            else:
                one_model(name, folder, merges)
    sys.exit(peer.failed)


main()
