"""Where things lie: in the bundle that `prepare.py` packs, all beside this file; in a checkout, where the project keeps it."""

import ast
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
IS_BUNDLE = (HERE / "BUNDLE.json").is_file()
ROOT = HERE if IS_BUNDLE else HERE.parent.parent
TOOLS = HERE if IS_BUNDLE else ROOT / "tools"
TOKENIZER = HERE / "tokenizer.json" if IS_BUNDLE else ROOT / "models/demo/tokenizer.json"


def use_packages():
    """Python packages that came along, behind those the machine has: its own are taken first."""
    site = HERE / "site"
    if site.is_dir() and str(site) not in sys.path:
        sys.path.append(str(site))


def export_clip():
    """tools/export_clip.py as a module: it loads PyTorch."""
    use_packages()
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
    import export_clip
    return export_clip


def architectures():
    """The table of architectures out of tools/export_clip.py, read without running it."""
    tree = ast.parse((TOOLS / "export_clip.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARCHITECTURES":
            return ast.literal_eval(node.value)
    sys.exit("beside: tools/export_clip.py has no table ARCHITECTURES")


def onnxruntime():
    """The library that ours is to load: the one named, else the one that came along."""
    named = os.environ.get("ORT_DYLIB_PATH")
    if named:
        return Path(named)
    found = sorted((HERE / "lib").glob("libonnxruntime.so*"))
    return found[-1] if found else None


def cuda_folders(paths=None):
    """Folders with CUDA's libraries, for the loader: those of pip's packages, then the toolkit's."""
    found = []
    for path in map(Path, sys.path if paths is None else paths):
        found += sorted(path.glob("nvidia/*/lib")) + sorted(path.glob("tensorrt_libs"))
    if paths is None:
        found += sorted(Path("/usr/local").glob("cuda*/lib64"))
    return [str(folder) for folder in dict.fromkeys(found) if folder.is_dir()]


def environment():
    """Of a process that is to find ONNX Runtime, and with it CUDA."""
    folders = cuda_folders() + [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    library = onnxruntime()
    more = {"LD_LIBRARY_PATH": ":".join(folders)} | ({"ORT_DYLIB_PATH": str(library)} if library else {})
    return os.environ | more
