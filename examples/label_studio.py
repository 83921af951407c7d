"""Tasks for Label Studio from a finished run, with what the model said of each picture.

    python examples/label_studio.py out.csv tasks.json

`--config` prints the labeling configuration of the project. Label Studio serves the pictures itself
where it is told the folder that in_dir lies in, and in_dir is a local storage of the project:

    export LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true
    export LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=/the/folder/that/in_dir/lies/in
"""

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from batch_predict.tables.csv_paths import from_csv

ANSWERS = (*map(str, range(10)), "none", "blank")  # the words of a decisions file
CONFIG = f"""<View>
  <Image name="image" value="$image"/>
  <Text name="said" value="$said"/>
  <Choices name="label" toName="image" choice="single" showInLine="true" required="true">
    {"".join(f'<Choice value="{answer}" hotkey="{answer[:1]}"/>' for answer in ANSWERS)}
  </Choices>
</View>"""


def task(row: Mapping[str, str], folder: str, model_version: str) -> dict[str, Any]:
    """The task for a row of the table of `folder`; where it has no label, without a prediction."""
    place = quote(f"{folder}/{from_csv(row['path'])}", errors="surrogateescape")
    said = {"path": row["path"], "said": f"{row['status']} {row['reason']}".strip()}
    made: dict[str, Any] = {"data": {"image": f"/data/local-files/?d={place}", **said}}
    label = row.get("model_label") or row["label"]
    confidence = row.get("model_confidence") or row["confidence"]
    if confidence:
        choice = {"from_name": "label", "to_name": "image", "type": "choices"}
        result = [{**choice, "value": {"choices": [label]}}]
        score = float(confidence)
        made["predictions"] = [{"model_version": model_version, "score": score, "result": result}]
    return made


def main(table: Path, tasks: Path) -> None:
    """Write the tasks of every row of `table` that could be read."""
    manifest = json.loads(table.with_suffix(".run.json").read_text(encoding="utf-8"))
    folder = Path(manifest["in_dir"]).absolute().name
    model = f"{Path(manifest['model']['path']).name} {manifest['model']['sha256'][:12]}"
    with open(table, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] != "failed"]
    made = [task(row, folder, model) for row in rows]
    tasks.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{len(made)} tasks -> {tasks}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--config"]:
        print(CONFIG)
    elif len(sys.argv) == 3:
        main(*map(Path, sys.argv[1:]))
    else:
        sys.exit(__doc__)
