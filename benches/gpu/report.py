"""The results of a run as Markdown, to be read and to be put into RESULTS.md."""


def of(lines, what, **more):
    """The lines of one kind."""
    return [line for line in lines if line["what"] == what and all(line.get(key) == value for key, value in more.items())]


def best(lines, what, **more):
    """The line with the highest rate; `None` where there is none."""
    return max(of(lines, what, **more), key=lambda line: line["rate"], default=None)


def percent(share):
    return "not known" if share is None else f"{share:.0f} %"


def row(what, ours, theirs, operations, peak):
    """A row of the table: rates, their ratio, the share of the matrix rate each reaches, how busy the GPU was."""
    shares = [f"{100 * line['rate'] * operations / (peak * 1e12):.1f} %" for line in (ours, theirs)]
    batches = f"{ours['batch']}, {theirs['batch']}"
    return (f"| {what} | {ours['rate']:.1f} | {theirs['rate']:.1f} | {ours['rate'] / theirs['rate']:.2f} × | {batches} "
            f"| {shares[0]}, {shares[1]} | {percent(ours.get('busy'))}, {percent(theirs.get('busy'))} |")


def of_model(found):
    """One model's table, and where the time goes."""
    ours, theirs, operations = found["ours"], found["peer"], found["operations"]
    peak = of(theirs, "matrix")[0]
    opened, peer = of(ours, "open")[-1], of(theirs, "open")[0]
    device = peer["device"] if opened["device"] == "cpu" else f"{peer['device']}, `{opened['device']}`"
    lines = [
        f"### {found['model']}: {opened['name']} beside {peer['name']}, on {device}", "",
        f"Our graph is `{found['graph']}`, PyTorch's mode of compilation `{peer['compiled']}`."
        f" Operations of a picture {operations['image'] / 1e9:.5g} GFLOP, of a caption of 77 ids "
        f"{operations['text'] / 1e9:.5g}. Matrix rate of the chip in this run ({peak['type']}, {peak['side']} a side) "
        f"{peak['tflops']:.4g} TFLOP/s. Least cosine of ours and PyTorch: pictures {found['cosines']['pictures']:.5f}, "
        f"captions {found['cosines']['captions']:.5f}. Shares of the matrix rate count captions at 77 ids for both; ours "
        "may take them at their own length, and then does less for the same.", "",
        "| a second | ours | PyTorch | ours is | batch | share of the matrix rate | GPU busy |",
        "|---|---|---|---|---|---|---|",
    ]
    image, text = ({"kind": kind, "where": "with copies"} for kind in ("image", "text"))
    there = {"kind": "image", "where": "on the chip"}
    image_tower, text_tower = best(ours, "tower", **image), best(ours, "tower", **text)
    whole = operations["image"] + operations["text"]
    lines += [
        row("pictures, from JPEG and caption to scores", best(ours, "whole"), best(theirs, "whole"), whole, peak["tflops"]),
        row("image tower, there and back", image_tower, best(theirs, "tower", **image), operations["image"], peak["tflops"]),
        row("image tower, PyTorch's input on the chip already", image_tower, best(theirs, "tower", **there),
            operations["image"], peak["tflops"]),
        row("text tower, there and back", text_tower, best(theirs, "tower", **text), operations["text"], peak["tflops"]),
    ]
    skipped = [(line["name"], line["why"]) for line in of(theirs, "skipped")]
    if found["busy"]["why"]:
        skipped.append(("how busy the GPU was", found["busy"]["why"]))
    for name, why in skipped:
        lines += ["", f"skipped: {name}: {why}"]
    return lines + ["", *where_time_goes(ours, theirs)]


def where_time_goes(ours, theirs):
    """Each step by itself: the slowest rate is what the whole way ends at."""
    lines = ["Where the time goes, each step by itself:", "", "| step | a second | on |", "|---|---|---|"]
    for line in of(ours, "stage"):
        cores = f"{line['cores']} cores" if line["cores"] > 1 else "one core"
        lines.append(f"| ours: {line['name']} | {line['rate']:.0f} | {cores}, {line['milliseconds']:.3f} ms a core |")
    for line in of(ours, "tower") + of(theirs, "tower"):
        who = "ours" if line in ours else "PyTorch"
        lines.append(f"| {who}: {line['kind']} tower, {line['where']} | {line['rate']:.1f} | batch {line['batch']} |")
    for line in of(theirs, "stage"):
        rate = 1000 / line["milliseconds"]
        lines.append(f"| PyTorch: {line['name']} | {rate:.0f} | one process, {line['milliseconds']:.2f} ms |")
    for line in of(theirs, "copy"):
        lines.append(f"| copy of f32 pictures, {line['memory']} | {line['gigabytes']:.2f} GB | batch {line['batch']} |")
    for line in of(ours, "whole"):
        lines.append(f"| ours: the whole way | {line['rate']:.1f} | batch {line['batch']} |")
    for line in of(theirs, "whole"):
        lines.append(f"| PyTorch: the whole way | {line['rate']:.1f} | batch {line['batch']}, {line['workers']} workers, "
                     f"{100 * line['waited']:.0f} % of the time spent waiting for the DataLoader |")
    return lines


def markdown(results):
    machine = results["machine"]
    gpus = "; ".join(machine["gpus"]) or "no GPU"
    lines = [f"## {results['date']}: {gpus}", "",
             f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}, {machine['system']}.", ""]
    if results["bundle"]:
        lines += [f"Bundle: {', '.join(f'{key} {value}' for key, value in results['bundle'].items())}.", ""]
    lines += [f"`{results['command']}`", ""]
    for found in results["models"]:
        lines += of_model(found) + [""]
    return "\n".join(lines)
