"""Makes the Parquet files beside it: pip install pyarrow && python make.py"""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
turn = pa.struct([("role", pa.string()), ("content", pa.string()), ("weight", pa.int32())])
messages = pa.table(
    {
        "id": pa.array([7, 8, 9], pa.int64()),
        "messages": pa.array(
            [
                [
                    {"role": "user", "content": "你好", "weight": None},
                    {"role": "assistant", "content": "hi", "weight": 0},
                    {"role": "user", "content": "and?", "weight": None},
                    {"role": "assistant", "content": "bye", "weight": 1},
                ],
                [{"role": "user", "content": "no answer", "weight": None}],
                None,
            ],
            pa.list_(turn),
        ),
    }
)
pq.write_table(messages, here / "messages.parquet", compression="snappy")
flat = pa.table(
    {
        "Question": [f"q{i}" for i in range(2_500)],
        "Answer": [f"a{i}" for i in range(2_500)],
        "score": [i / 2 for i in range(2_500)],
    }
)
for codec in ["zstd", "gzip", "none"]:
    pq.write_table(flat, here / f"flat-{codec}.parquet", compression=codec, row_group_size=1_000)
