# A job that reads a CSV file of inputs and writes one of outputs: each batch of queries is one run of the job.
#   npx eac recover --exec "python3 examples/targets/batch_job.py ./score.sh" --batch 100000 --input-dimension 4
# The job is called with two more words, the file to read (no header) and the file to write (the same rows, in order).
import pathlib
import subprocess
import sys
import tempfile

rest = b""
with tempfile.TemporaryDirectory() as folder:
    source, target = pathlib.Path(folder, "queries.csv"), pathlib.Path(folder, "answers.csv")
    while chunk := sys.stdin.buffer.read1(1 << 20):
        *lines, rest = (rest + chunk).split(b"\n")
        if not lines:
            continue
        source.write_bytes(b"\n".join(lines) + b"\n")
        subprocess.run([*sys.argv[1:], source, target], check=True, stdout=sys.stderr)
        answers = target.read_text().split()
        if len(answers) != len(lines):
            sys.exit(f"the job wrote {len(answers)} rows, expected {len(lines)}")
        print(*answers, sep="\n", flush=True)
