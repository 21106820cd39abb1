"""The rule of `rules/twenty_five.yaml` written by hand for other tools: what a good programmer would write without
Firstcall. Each is a program `RECORDS TOUCHPOINTS OUT.parquet`; all give the same figures, which `run` compares."""
