"""Make an int8 ONNX file of a MiniLM encoder: `python -m ingest.quantize MODEL_FOLDER OUT.onnx`.

The file gives a vector a word piece; `ingest.embed` pools them.

Dynamic quantization, weights per channel (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
It runs in a process of its own, so that PyTorch never takes memory where questions are answered.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path


def quantize(model_folder: Path, out: Path) -> None:
    """Write the encoder in `model_folder` as int8 ONNX to `out`, all or nothing."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            tokens: torch.Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return tokens

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        full, small = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        example = torch.ones((2, 8), dtype=torch.int64)
        shape = {0: "batch", 1: "length"}
        torch.onnx.export(
            Encoder(),
            (example, example),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["tokens"],
            dynamic_axes={"input_ids": shape, "attention_mask": shape, "tokens": shape},
            opset_version=17,
            dynamo=False,  # the newer exporter's graph is a fifth slower after quantization
        )
        quantize_dynamic(str(full), str(small), weight_type=QuantType.QInt8, per_channel=True)
        small.replace(out)


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    warnings.filterwarnings("ignore")
    quantize(Path(sys.argv[1]), Path(sys.argv[2]))
